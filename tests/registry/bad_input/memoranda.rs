//! Memoranda that cannot be made out, and signatures that are none.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::keys::SecretKey;
use serde_json::{Value, json};

use super::{NOBODY, invalid_body, malformed, refused, refuses};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD, CLOSED},
    client::Call,
    files, on_both_databases,
    organisations::{application, school, school_number},
    pdf,
    steps::{Applied, application_path},
};

on_both_databases!(
    a_memorandum_that_cannot_be_made_out_is_refused,
    a_scan_that_is_not_what_it_says_is_refused,
    an_enclosed_signature_that_is_none_is_refused,
    paper_that_cannot_be_attested_is_refused,
    a_key_under_which_anything_is_signed_is_refused,
    a_signature_that_is_not_the_keys_over_the_exact_bytes_is_refused,
);

/// The Multikey of the group's neutral element: under it every message has a signature.
const WEAK_KEY: &str = "z6MkeXATEjyXENzBXBxgC5EHk2JE5aqd7qMGGtDpLUH1e2Sj";

fn a_memorandum_that_cannot_be_made_out_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    let to = |id: &str| {
        Call::post(format!("{}/memorandum", application_path(id))).token(&app.staff.clerk)
    };
    let with = |body: Value| to(&applied.id).json(&body);
    let mut cases: Vec<_> = malformed()
        .into_iter()
        .map(|(what, body, pointer, code)| {
            let call = to(&applied.id).body("application/json", body);
            refused(what, call, 400, "malformed-json").at(&pointer, code)
        })
        .collect();
    for (field, value, code) in [
        ("date", json!(20_261_122), "wrong_type"),
        ("date", json!("22.11.2026"), "invalid_value"),
        ("date", json!("2026-02-30"), "invalid_value"),
        ("date", json!("-0044-03-15"), "invalid_value"),
        ("date", json!("+12026-11-22"), "invalid_value"),
        ("language", json!("?"), "invalid_language"),
        ("fullName", json!("\u{202E}"), "forbidden_character"),
        ("position", json!("я".repeat(301)), "too_long"),
        ("signatory", json!("Фамилия"), "unknown_field"),
    ] {
        let pointer = format!("/{field}");
        cases.push(invalid_body(
            field,
            with(json!({field: value})),
            &pointer,
            code,
        ));
    }
    #[rustfmt::skip]
    let others = [
        refused("in French", with(json!({"language": "fr"})), 422, "language-not-offered"),
        refused("of nobody", to(NOBODY).json(&json!({})), 404, "application-unknown"),
        refused("of no identifier", to("1").json(&json!({})), 404, "not-found"),
        refused("as it no longer is", with(json!({})).header("if-match", "\"7\""), 412, "changed"),
        refused("as it never was", with(json!({})).header("if-match", "\"x\""), 412, "changed"),
        refused("as it weakly is", with(json!({})).header("if-match", "W/\"1\""), 412, "changed"),
    ];
    cases.extend(others);
    let read = |path: &str| Call::get(path).token(&applied.token);
    let path = format!("{}/memorandum", application_path(&applied.id));
    cases.push(refused(
        "read too early",
        read(&path),
        404,
        "memorandum-not-issued",
    ));
    let scan = format!("{path}/scan");
    cases.push(refused(
        "a scan of none",
        read(&scan),
        404,
        "memorandum-not-issued",
    ));
    refuses(app, cases);

    app.issue_memorandum(&applied.id);
    #[rustfmt::skip]
    let cases = [
        refused("as a picture", read(&path).header("accept", "image/png"), 406, "not-acceptable"),
        refused("its scan too early", read(&scan), 404, "memorandum-not-issued"),
    ];
    refuses(app, cases);
}

fn a_scan_that_is_not_what_it_says_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let path = format!("{}/memorandum/scan", application_path(&applied.id));
    let put = |query: &str, media_type: &str, content: &[u8]| {
        let call = Call::put(format!("{path}{query}")).token(&applied.token);
        call.body(media_type, content)
    };
    let whole = pdf::scan(0);
    let pdf = |content: &[u8]| put("", "application/pdf", content);
    let dated = |query: &str| put(query, "application/pdf", &whole);
    let others = app.apply_as(
        &app.staff.other_partner,
        CHILDHOOD,
        &application(&school_number(1)),
    );
    let of_another = Call::put(format!("{}/memorandum/scan", application_path(&others.id)));
    let of_another = of_another
        .token(&app.staff.partner)
        .body("application/pdf", whole.clone());
    let (unsupported, wrong_type) = ("unsupported-media-type", "scan-wrong-type");
    #[rustfmt::skip]
    let cases = [
        invalid_body("empty", pdf(b""), "", "empty"),
        refused("text that is called a PDF", pdf(b"I sign."), 422, wrong_type),
        refused("a program", pdf(b"MZ\x90\x00%PDF-1.4 %%EOF"), 422, wrong_type),
        refused("a page of HTML", pdf(b"<html>%PDF-1.4 %%EOF"), 422, wrong_type),
        refused("a PNG that is called a PDF", pdf(files::PNG), 422, wrong_type),
        refused("a PDF that is called a JPEG", put("", "image/jpeg", &whole), 422, wrong_type),
        refused("a JPEG that is called a PNG", put("", "image/png", files::JPEG), 422, wrong_type),
        refused("half a PDF", pdf(&whole[..whole.len() / 2]), 422, "scan-truncated"),
        refused("half a PNG", put("", "image/png", &files::PNG[..99]), 422, "scan-truncated"),
        refused("half a JPEG", put("", "image/jpeg", &files::JPEG[..999]), 422, "scan-truncated"),
        refused("a PDF with an archive behind it", pdf(&zipped(&whole)), 422, "scan-polyglot"),
        refused("a JPEG with an archive behind it", put("", "image/jpeg", &zipped(files::JPEG)), 422, "scan-polyglot"),
        refused("a PNG with a byte behind it", put("", "image/png", &[files::PNG, b"\n"].concat()), 422, "scan-polyglot"),
        refused("a JPEG that is a page, too", put("", "image/jpeg", b"\xFF\xD8\xFF\xE0<script>alert(1)</script>\xFF\xD9"), 422, "scan-polyglot"),
        refused("a PNG with a wrong checksum", put("", "image/png", &flipped(files::PNG)), 422, "scan-malformed"),
        refused("several pictures in one", put("", "image/png", files::ANIMATED_PNG), 422, "scan-malformed"),
        refused("a PDF of fifty-one pages", pdf(files::FIFTY_ONE_PAGES), 422, "scan-too-many-pages"),
        refused("a JPEG of four gigapixels", put("", "image/jpeg", &vast_jpeg()), 422, "scan-too-many-pixels"),
        refused("an encrypted PDF", pdf(files::ENCRYPTED_PDF), 422, "scan-encrypted"),
        refused("a PDF with a file inside", pdf(files::ATTACHMENT_PDF), 422, "scan-active-content"),
        refused("a PDF with a hidden file inside", pdf(files::PACKED_ATTACHMENT_PDF), 422, "scan-active-content"),
        refused("a type that none takes", put("", "image/svg+xml", b"<svg/>"), 415, unsupported),
        refused("a form", put("", "multipart/form-data; boundary=x", &whole), 415, unsupported),
        refused("no type", Call::put(&path).token(&applied.token).bytes(whole.clone()), 415, unsupported),
        invalid_body("signed the day after tomorrow", dated("?signedOn=2026-11-24"), "/signedOn", "in_the_future"),
        refused("signed on no day", dated("?signedOn=2026-02-30"), 400, "invalid-query").at("/signedOn", "invalid_value"),
        refused("signed before years were counted", dated("?signedOn=-0044-03-15"), 400, "invalid-query").at("/signedOn", "invalid_value"),
        refused("signed when no calendar reaches", dated("?signedOn=-99999-01-01"), 400, "invalid-query").at("/signedOn", "invalid_value"),
        refused("an unknown parameter", dated("?signed=2026-11-20"), 400, "invalid-query").at("/signed", "unknown_parameter"),
        refused("a parameter twice", dated("?signedOn=2026-11-20&signedOn=2026-11-21"), 400, "invalid-query").at("/signedOn", "duplicate"),
        refused("of another partner", of_another, 404, "application-unknown"),
        refused("as it no longer is", pdf(&whole).header("if-match", "\"1\""), 412, "changed"),
    ];
    refuses(app, cases);
    assert_too_large(app, &path, &applied);
    assert_eq!(app.files(), [], "a file was left");
}

/// The file with the end of an empty ZIP archive behind it.
fn zipped(file: &[u8]) -> Vec<u8> {
    [file, b"PK\x05\x06", [0; 18].as_slice()].concat()
}

/// The file with one bit changed in the middle.
fn flipped(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let middle = file.len() / 2;
    file[middle] ^= 1;
    file
}

/// A JPEG that says to have 65,535 × 65,535 pixels.
fn vast_jpeg() -> Vec<u8> {
    let mut file = files::JPEG.to_vec();
    let size = file.windows(4).position(|four| four == b"\x00\x54\x00\x3C");
    let size = size.unwrap();
    file[size..size + 4].fill(0xFF);
    file
}

fn an_enclosed_signature_that_is_none_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.publish(&charters::closed_circle());
    let applied = app.apply(CHILDHOOD, &school());
    let closed = app.apply(CLOSED, &school());
    let path = |applied: &Applied| {
        format!(
            "{}/memorandum/enclosed-signature",
            application_path(&applied.id)
        )
    };
    let put = |applied: &Applied, content: &[u8]| {
        let call = Call::put(path(applied)).token(&applied.token);
        call.body("application/pkcs7-signature", content)
    };
    let early = put(&applied, files::DETACHED);
    refuses(app, [refused("too early", early, 409, "application-state")]);
    app.issue_memorandum(&applied.id);
    app.issue_memorandum(&closed.id);
    let invalid = "signature-file-invalid";
    let long = vec![b' '; 1024 * 1024 + 1];
    let read = Call::get(path(&applied)).token(&applied.token);
    let other_type = Call::put(path(&applied)).token(&applied.token);
    let dated = Call::put(format!("{}?signedOn=2026-11-24", path(&applied))).token(&applied.token);
    let dated = dated.body("application/pkcs7-signature", files::DETACHED);
    #[rustfmt::skip]
    let cases = [
        invalid_body("empty", put(&applied, b""), "", "empty"),
        refused("text", put(&applied, b"I sign."), 422, invalid),
        refused("a scan", put(&applied, &pdf::scan(0)), 422, invalid),
        refused("half a signature", put(&applied, &files::DETACHED[..400]), 422, invalid),
        refused("a signature and a byte", put(&applied, &[files::DETACHED, b"\0"].concat()), 422, invalid),
        refused("an attached signature", put(&applied, files::ATTACHED), 422, invalid),
        refused("certificates alone", put(&applied, files::CERTIFICATES), 422, invalid),
        refused("more than a mebibyte", put(&applied, &long), 413, "too-large"),
        refused("of another type", other_type.body("application/pdf", files::DETACHED), 415, "unsupported-media-type"),
        refused("where none is taken", put(&closed, files::DETACHED), 422, "signing-form-not-accepted"),
        refused("as it no longer is", put(&applied, files::DETACHED).header("if-match", "\"1\""), 412, "changed"),
        refused("none is there", read, 404, "memorandum-not-issued"),
        invalid_body("signed the day after tomorrow", dated, "/signedOn", "in_the_future"),
    ];
    refuses(app, cases);
    assert_eq!(app.files(), [], "a file was left");
}

fn paper_that_cannot_be_attested_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.publish(&charters::closed_circle());
    let applied = app.apply(CHILDHOOD, &school());
    let closed = app.apply(CLOSED, &school());
    let post = |id: &str| {
        Call::post(format!("{}/memorandum/paper", application_path(id))).token(&app.staff.clerk)
    };
    let right = json!({"signedOn": "2026-11-18", "receivedOn": "2026-11-20", "receivedBy": "post"});
    let with = |field: &str, value: Value| {
        post(&applied.id).json(&super::with(&right, &format!("/{field}"), value))
    };
    let early = post(&applied.id).json(&right);
    refuses(app, [refused("too early", early, 409, "application-state")]);
    app.issue_memorandum(&applied.id);
    app.issue_memorandum(&closed.id);
    let (signed, received, by) = ("/signedOn", "/receivedOn", "/receivedBy");
    let without = |pointer: &str| post(&applied.id).json(&super::without(&right, pointer));
    #[rustfmt::skip]
    let cases = [
        invalid_body("signed in future", with("signedOn", json!("2026-11-24")), signed, "in_the_future"),
        invalid_body("signed on no day", with("signedOn", json!("2026-02-30")), signed, "invalid_value"),
        invalid_body("signed before years were counted", with("signedOn", json!("-0044-03-15")), signed, "invalid_value"),
        invalid_body("no date of signing", without(signed), signed, "missing_field"),
        invalid_body("received in future", with("receivedOn", json!("2026-11-24")), received, "invalid_value"),
        invalid_body("received before it was signed", with("receivedOn", json!("2026-11-17")), received, "invalid_value"),
        invalid_body("received on no day", with("receivedOn", json!("tomorrow")), received, "invalid_value"),
        invalid_body("brought by nobody", with("receivedBy", json!("pigeon")), by, "unknown_value"),
        invalid_body("no way of delivery", without(by), by, "missing_field"),
        invalid_body("an unknown field", with("clerk", json!("clerk")), "/clerk", "unknown_field"),
        refused("where no paper is taken", post(&closed.id).json(&right), 422, "signing-form-not-accepted"),
        refused("of nobody", post(NOBODY).json(&right), 404, "application-unknown"),
    ];
    refuses(app, cases);
}

/// Every encoding of the eight points of small order, the non-canonical ones included (as in "Taming the many
/// `EdDSAs`", table 6, and `ed25519-dalek`'s own list), as the 32 bytes of a public key.
const SMALL_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

fn a_key_under_which_anything_is_signed_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let cases = SMALL_ORDER.map(|hex| {
        let byte = |place: usize| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
        let key: Vec<u8> = (0..64).step_by(2).map(byte).collect();
        let multibase = bs58::encode([b"\xED\x01".as_slice(), &key].concat()).into_string();
        // R is the point itself and s is nought: what plain verification takes for a signature of every text.
        let signature = STANDARD.encode([key.as_slice(), &[0; 32]].concat());
        let path = format!("{}/memorandum/signature", application_path(&applied.id));
        let body = json!({"publicKeyMultibase": format!("z{multibase}"), "signature": signature});
        let call = Call::put(path).token(&applied.token).json(&body);
        invalid_body(hex, call, "/publicKeyMultibase", "invalid_key")
    });
    refuses(app, cases);
}

/// More than 10 MiB are refused before they are read: the body never comes.
fn assert_too_large(app: &TestApp, path: &str, applied: &Applied) {
    let before = app.footprint();
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer {}\r\nContent-Type: application/pdf\r\n",
        applied.token
    );
    let announced = format!("{head}Content-Length: 10485761\r\n\r\n%PDF-1.4");
    app.send_raw(announced.as_bytes())
        .must_be_refused(413, "too-large");
    assert_eq!(app.footprint(), before);
}

fn a_signature_that_is_not_the_keys_over_the_exact_bytes_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.publish(&charters::closed_circle());
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let memorandum = app.memorandum(&applied);
    let key = SecretKey::from_seed([7; 32]);
    let put = |applied: &Applied, body: &Value| {
        let path = format!("{}/memorandum/signature", application_path(&applied.id));
        Call::put(path).token(&applied.token).json(body)
    };
    let body = |multibase: &str, signature: &[u8]| json!({"publicKeyMultibase": multibase, "signature": STANDARD.encode(signature)});
    let multibase = key.public().to_multibase();
    let right = key.sign(&memorandum);
    let signed = |signature: &[u8]| put(&applied, &body(&multibase, signature));
    let by = |multibase: &str| put(&applied, &body(multibase, &right));
    let with = |field: &str, value: Value| {
        put(
            &applied,
            &super::with(&body(&multibase, &right), &format!("/{field}"), value),
        )
    };
    let of_another_text = key.sign(&[memorandum.as_slice(), b"\n"].concat());
    let mut flipped = right;
    flipped[0] ^= 1;
    let closed = app.apply(CLOSED, &school());
    app.issue_memorandum(&closed.id);
    let at_closed = body(&multibase, &key.sign(&app.memorandum(&closed)));
    let (no_key, no_signature) = ("/publicKeyMultibase", "/signature");
    #[rustfmt::skip]
    let cases = [
        refused("a byte changed", signed(&flipped), 422, "signature-invalid"),
        refused("over another text", signed(&of_another_text), 422, "signature-invalid"),
        refused("by another key", signed(&SecretKey::from_seed([8; 32]).sign(&memorandum)), 422, "signature-invalid"),
        refused("zeros", signed(&[0; 64]), 422, "signature-invalid"),
        refused("a scalar past the group's order", signed(&malleated(right)), 422, "signature-invalid"),
        invalid_body("63 bytes", signed(&right[..63]), no_signature, "invalid_signature"),
        invalid_body("65 bytes", signed(&[&right[..], &[0]].concat()), no_signature, "invalid_signature"),
        invalid_body("no base64", with("signature", json!("!")), no_signature, "invalid_signature"),
        invalid_body("no text", with("signature", json!(1)), no_signature, "wrong_type"),
        invalid_body("a weak key", by(WEAK_KEY), no_key, "invalid_key"),
        invalid_body("no Multikey", by("z123"), no_key, "invalid_key"),
        invalid_body("a key of another kind", by("zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"), no_key, "invalid_key"),
        invalid_body("a missing key", put(&applied, &super::without(&body("", &right), no_key)), no_key, "missing_field"),
        invalid_body("an unknown field", with("algorithm", json!("none")), "/algorithm", "unknown_field"),
        invalid_body("signed in future", with("signedOn", json!("2026-11-24")), "/signedOn", "in_the_future"),
        invalid_body("signed on no day", with("signedOn", json!("2026-13-01")), "/signedOn", "invalid_value"),
        invalid_body("signed before years were counted", with("signedOn", json!("-0044-03-15")), "/signedOn", "invalid_value"),
        refused("where no keys are taken", put(&closed, &at_closed), 422, "signing-form-not-accepted"),
    ];
    refuses(app, cases);
    app.send(signed(&right)).must_be(200);
}

/// The same signature with the group's order added to its scalar (RFC 8032 §5.1.7 refuses it).
fn malleated(mut signature: [u8; 64]) -> [u8; 64] {
    const ORDER: [u8; 32] = [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0_u16;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    signature
}
