//! The four forms of signing, from what is handed in to what the secretariat and the public record say of it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::keys::SecretKey;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    files, on_both_databases,
    organisations::{school, school_number},
    pdf,
    steps::{Applied, application_path},
};

on_both_databases!(
    each_form_of_signing_says_whether_the_registry_verified_it,
    a_signature_takes_the_place_of_an_earlier_one_of_another_form,
    an_enclosed_signature_comes_back_as_it_was_sent_and_never_as_a_page,
    a_file_goes_to_the_parties_and_to_nobody_else,
    a_file_that_is_sent_again_with_its_key_is_taken_once,
);

/// What the application says of its memorandum's signature.
fn signature(app: &TestApp, applied: &Applied) -> Value {
    let call = Call::get(application_path(&applied.id)).token(&app.staff.clerk);
    app.send(call).must_be(200).json()["memorandum"]["signature"].clone()
}

fn part(applied: &Applied, part: &str) -> String {
    format!("{}/memorandum/{part}", application_path(&applied.id))
}

fn with_memorandum(app: &TestApp, number: u32) -> Applied {
    let applied = app.apply(CHILDHOOD, &school_number(number));
    app.issue_memorandum(&applied.id);
    applied
}

fn sign_with_file(app: &TestApp, applied: &Applied) {
    let call = Call::put(part(applied, "enclosed-signature?signedOn=2026-11-20"));
    let call = call.token(&applied.token);
    app.send(call.body("application/pkcs7-signature", files::DETACHED))
        .must_be(200);
}

fn sign_with_key(app: &TestApp, applied: &Applied) -> String {
    let key = SecretKey::from_seed([7; 32]);
    let body = json!({
        "publicKeyMultibase": key.public().to_multibase(),
        "signature": STANDARD.encode(key.sign(&app.memorandum(applied))),
        "signedOn": "2026-11-20",
    });
    let call = Call::put(part(applied, "signature")).token(&applied.token);
    app.send(call.json(&body)).must_be(200);
    key.public().to_multibase()
}

fn attest_paper(app: &TestApp, applied: &Applied) {
    let body = json!({"signedOn": "2026-11-20", "receivedOn": "2026-11-21", "receivedBy": "post"});
    let call = Call::post(part(applied, "paper")).token(&app.staff.clerk);
    app.send(call.json(&body)).must_be(200);
}

fn each_form_of_signing_says_whether_the_registry_verified_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let clerk = app.operator_named("clerk");
    let forms: [(&str, bool, Value); 4] = {
        let by_hand = with_memorandum(app, 0);
        let call = Call::put(part(&by_hand, "scan?signedOn=2026-11-20")).token(&by_hand.token);
        app.send(call.body("image/png", files::PNG)).must_be(200);
        let by_key = with_memorandum(app, 1);
        let key = sign_with_key(app, &by_key);
        let by_file = with_memorandum(app, 2);
        sign_with_file(app, &by_file);
        let on_paper = with_memorandum(app, 3);
        attest_paper(app, &on_paper);
        let of = |applied| signature(app, applied);
        assert_eq!(of(&by_hand)["fileType"], "image/png");
        assert_eq!(of(&by_key)["publicKeyMultibase"], json!(key));
        assert_eq!(of(&by_file)["fileType"], "application/pkcs7-signature");
        let paper = of(&on_paper);
        assert_eq!(paper["attestedBy"], json!(clerk));
        assert_eq!(
            (&paper["receivedOn"], &paper["receivedBy"]),
            (&json!("2026-11-21"), &json!("post"))
        );
        [
            ("handwritten_scan", false, of(&by_hand)),
            ("ed25519", true, of(&by_key)),
            ("enclosed_signature", false, of(&by_file)),
            ("paper", false, paper),
        ]
    };
    for (form, verified, signature) in forms {
        assert_eq!(signature["form"], form);
        assert_eq!(signature["verified"], json!(verified), "{form}");
        assert_eq!(signature["signedOn"], "2026-11-20", "{form}");
    }
}

fn a_signature_takes_the_place_of_an_earlier_one_of_another_form(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let form = || signature(app, &applied)["form"].clone();
    app.upload_scan(&applied, pdf::scan(0));
    assert_eq!(form(), "handwritten_scan");
    attest_paper(app, &applied);
    assert_eq!(form(), "paper");
    sign_with_file(app, &applied);
    assert_eq!(form(), "enclosed_signature");
    sign_with_key(app, &applied);
    assert_eq!(form(), "ed25519");
    for file in ["scan", "enclosed-signature"] {
        let call = Call::get(part(&applied, file)).token(&applied.token);
        app.send(call).must_be_refused(404, "memorandum-not-issued");
    }
    app.upload_scan(&applied, pdf::scan(1));
    assert_eq!(signature(app, &applied).get("publicKeyMultibase"), None);
}

fn an_enclosed_signature_comes_back_as_it_was_sent_and_never_as_a_page(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = with_memorandum(app, 0);
    let pem = format!(
        "-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n",
        STANDARD.encode(files::DETACHED)
    );
    for content in [files::DETACHED, pem.as_bytes()] {
        let call = Call::put(part(&applied, "enclosed-signature")).token(&applied.token);
        app.send(call.body("application/pkcs7-signature", content))
            .must_be(200);
        let call = Call::get(part(&applied, "enclosed-signature")).token(&app.staff.auditor);
        let served = app.send(call).must_be(200);
        assert_eq!(served.body, content);
        assert_eq!(served.header("content-type"), "application/pkcs7-signature");
        let name = format!("attachment; filename=\"memorandum-{}.p7s\"", applied.id);
        assert_eq!(served.header("content-disposition"), name);
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        assert_eq!(
            served.header("content-security-policy"),
            "sandbox; default-src 'none'"
        );
        assert_eq!(served.header("cache-control"), "private, no-store");
    }
}

fn a_file_goes_to_the_parties_and_to_nobody_else(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let (applied, signed) = (with_memorandum(app, 0), with_memorandum(app, 1));
    app.upload_scan(&applied, pdf::scan(0));
    sign_with_file(app, &signed);
    for (of, file) in [(&applied, "scan"), (&signed, "enclosed-signature")] {
        let read = |token: &str| app.send(Call::get(part(of, file)).token(token));
        let staff = &app.staff;
        for party in [
            &of.token,
            &staff.partner,
            &staff.clerk,
            &staff.registrars[0],
        ] {
            read(party).must_be(200);
        }
        let other = if of.id == applied.id {
            &signed
        } else {
            &applied
        };
        for stranger in [&other.token, &staff.other_partner] {
            read(stranger).must_be_refused(404, "application-unknown");
        }
        read(&staff.administrator).must_be_refused(403, "forbidden");
        read("").must_be_refused(401, "unauthenticated");
    }
}

fn a_file_that_is_sent_again_with_its_key_is_taken_once(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = with_memorandum(app, 0);
    let send = |content: Vec<u8>| {
        let call = Call::put(part(&applied, "scan")).token(&applied.token);
        let call = call
            .header("idempotency-key", "1")
            .header("if-match", "\"2\"");
        app.send(call.body("application/pdf", content))
    };
    let first = send(pdf::scan(0)).must_be(200);
    // The revision that it insists on has gone by; what it asked for was done.
    assert_eq!(send(pdf::scan(0)).must_be(200).json(), first.json());
    send(pdf::scan(1)).must_be_refused(422, "idempotency-key-reused");
    assert_eq!(app.files().len(), 1);
}
