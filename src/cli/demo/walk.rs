//! The story: five charters, nine founders, and a school that joins and is excluded.

use std::{fs, fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use serde_json::{Value, json};

use crate::cli::{answer::Failed, verify::Verify};

use super::{
    Cast,
    client::{Call, Client, Content},
    content::{self, CHARTER},
    pdf,
};

/// The key by which the story asks for the school.
const SCHOOL: &str = "domain:school.example";

/// Tells the story to a server at `address`; the files that it speaks of go to `folder`.
pub(super) fn walk(address: &str, cast: &Cast, folder: &Path) -> Result<(), Failed> {
    let client = Client::new(address);
    say!(
        "Charter registry: a demo. Data: {}; server: {address}\n",
        folder.display()
    );
    charters(&client, cast)?;
    founders(&client, cast)?;
    let application = applies(&client, cast)?;
    signs(&client, cast, folder, &application)?;
    let member = is_admitted(&client, cast, &application)?;
    let record = proves_it(&client, folder, &member)?;
    proves_today(
        &client,
        folder,
        "   A proof says what holds now, for three hours, offline:\n",
    )?;
    is_amended(&client, cast, &member)?;
    is_excluded(&client, cast, &member)?;
    and_now(&client, folder, &member, &record)?;
    Ok(())
}

/// Tells how to go on with the registry that serves at `address`; the tokens go to a file, for a shell.
pub(super) fn epilogue(address: &str, cast: &Cast, folder: &Path) -> Result<(), Failed> {
    let tokens = folder.join("tokens.env");
    let [first, second] = &cast.registrars;
    let lines = format!(
        "REGISTRY={address}\nREGISTRAR_1={first}\nREGISTRAR_2={second}\nCLERK={}\nADMINISTRATOR={}\nPARTNER={}\n",
        cast.clerk, cast.administrator, cast.partner,
    );
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&tokens)?;
    file.write_all(lines.as_bytes())?;
    say!("The registry serves on at {address} until Ctrl-C. Its API: {address}/docs/");
    say!(
        "The tokens of this demo, valid for a day, as shell variables: . '{}'",
        tokens.display()
    );
    Ok(())
}

fn title(text: &str) {
    say!("{text}\n");
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Failed> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| Failed::because(format!("the answer has no {pointer}: {value}")))
}

fn charters(client: &Client, cast: &Cast) -> Result<(), Failed> {
    title(
        "1. The administrator publishes five charters (`charter publish charters/*.toml` does the same).",
    );
    for definition in content::charters()? {
        let body = serde_json::to_value(&definition)?;
        client.make(&Call::json(
            "POST",
            "/v1/charters",
            &cast.administrator,
            &body,
        ))?;
    }
    client.show(&Call::get("/v1/charters"))?;
    Ok(())
}

fn founders(client: &Client, cast: &Cast) -> Result<(), Failed> {
    title("2. The nine founders of the charter “Digital Ethics of Childhood” are admitted.");
    for organisation in content::founders()? {
        let body = json!({
            "organisation": organisation,
            // Contact persons are nobody's business in a demo.
            "contact": {"name": "Секретариат", "position": "Секретариат", "email": "contact@founder.example"},
            "channel": "letter",
            "entered": {"receivedOn": "2021-11-29", "how": "Учредители Хартии"},
        });
        let path = format!("/v1/charters/{CHARTER}/applications");
        let applied = client
            .make(&Call::json("POST", &path, &cast.clerk, &body))?
            .json;
        let application = format!("/v1/applications/{}", text(&applied, "/id")?);
        issue(client, cast, &application, false)?;
        let scan = pdf::page(&["Memorandum of accession", "(signed)"]);
        client.make(&hand_in(
            &format!("{application}/memorandum/scan"),
            &cast.clerk,
            "memorandum.pdf",
            &scan,
        ))?;
        admit(
            client,
            cast,
            &application,
            &json!({"founder": true, "domainAttested": true}),
            false,
        )?;
    }
    client.show(&Call::get(&format!(
        "/v1/charters/{CHARTER}/members?founder=true&sort=name&limit=3"
    )))?;
    client.show(&Call::get(&format!(
        "/v1/charters/{CHARTER}/members?q=yandex"
    )))?;
    Ok(())
}

fn applies(client: &Client, cast: &Cast) -> Result<String, Failed> {
    title("3. A partner site brings a school in the Amur region.");
    let body = json!({
        "organisation": {
            "name": {"ru": "Средняя школа № 1 (пример)", "en": "School No. 1 (an example)"},
            "category": "educational_institution",
            "region": "RU-AMU",
            "website": "https://school.example",
            "domain": "school.example",
        },
        "contact": {"name": "Директор школы", "position": "Директор", "email": "office@school.example"},
        "language": "ru",
        "origin": "regional_campaign",
    });
    let path = format!("/v1/charters/{CHARTER}/applications");
    let applied = client
        .show(&Call::json("POST", &path, &cast.partner, &body))?
        .json;
    Ok(format!("/v1/applications/{}", text(&applied, "/id")?))
}

fn signs(client: &Client, cast: &Cast, folder: &Path, application: &str) -> Result<(), Failed> {
    title(
        "4. A clerk makes out the memorandum; the school signs it by hand and the partner uploads the scan.",
    );
    issue(client, cast, application, true)?;
    let memorandum = format!("{application}/memorandum");
    client.show(&Call {
        token: Some(&cast.partner),
        ..Call::get(&memorandum)
    })?;
    let scan = pdf::page(&[
        "Memorandum of accession",
        "Charter \"Digital Ethics of Childhood\"",
        "(signed by hand)",
    ]);
    let file = folder.join("memorandum.pdf");
    fs::write(&file, &scan)?;
    let name = file.display().to_string();
    client.show(&hand_in(
        &format!("{memorandum}/scan"),
        &cast.partner,
        &name,
        &scan,
    ))?;
    Ok(())
}

fn hand_in<'a>(path: &'a str, token: &'a str, name: &'a str, bytes: &'a [u8]) -> Call<'a> {
    let body = Content::File {
        name,
        media_type: "application/pdf",
        bytes,
    };
    Call {
        method: "PUT",
        path,
        token: Some(token),
        body,
        if_match: None,
    }
}

fn is_admitted(client: &Client, cast: &Cast, application: &str) -> Result<String, Failed> {
    title(
        "5. One registrar proposes to admit the school, another approves: the record is signed and logged.",
    );
    let approved = admit(
        client,
        cast,
        application,
        &json!({"domainAttested": true}),
        true,
    )?;
    Ok(format!(
        "/v1/charters/{CHARTER}/members/{}",
        text(&approved, "/member/id")?
    ))
}

fn proves_it(client: &Client, folder: &Path, member: &str) -> Result<String, Failed> {
    title("6. The signed record is a file that proves the admission, to anybody, offline.");
    let record = client.show(&Call::get(&format!("{member}/record")))?.text;
    let did = client.make(&Call::get("/.well-known/did.json"))?.text;
    let did_file = folder.join("did.json");
    fs::write(&did_file, &did)?;
    verify(client, &folder.join("record.json"), &record)?;
    say!(
        "   charter-registry verify '{}' --did '{}'\n",
        folder.join("record.json").display(),
        did_file.display()
    );
    say!("   With one letter changed it proves nothing:\n");
    verify(
        client,
        &folder.join("record-altered.json"),
        &record.replacen("RU-AMU", "RU-AMR", 1),
    )?;
    Ok(record)
}

fn is_amended(client: &Client, cast: &Cast, member: &str) -> Result<(), Failed> {
    title("7. A registrar adds a name by which the school is known.");
    let etag = client.make(&Call::get(member))?.etag;
    let body = json!({"aliases": ["Первая школа (пример)"]});
    let call = Call::json("PATCH", member, &cast.registrars[0], &body);
    client.show(&Call {
        if_match: Some(&etag),
        ..call
    })?;
    Ok(())
}

fn is_excluded(client: &Client, cast: &Cast, member: &str) -> Result<(), Failed> {
    title(
        "8. The school violates the charter: one registrar proposes to exclude it, another approves.",
    );
    let body = json!({
        "ground": "charter_violation",
        "clauses": ["B.5"],
        "statement": {
            "ru": "Пример: доступ детей к вредному контенту не был ограничен.",
            "en": "An example: children's access to harmful content was not restricted.",
        },
    });
    let path = format!("{member}/exclusion");
    let decision = client
        .show(&Call::json("POST", &path, &cast.registrars[0], &body))?
        .json;
    approve(client, cast, &decision, true)?;
    Ok(())
}

fn and_now(client: &Client, folder: &Path, member: &str, record: &str) -> Result<(), Failed> {
    title("9. The proof turns: the registry says excluded, and the old record is history.");
    client.show(&Call::get(member))?;
    client.show(&Call::get(&format!("{member}/history")))?;
    let newest = client.make(&Call::get(&format!("{member}/record")))?.text;
    verify(client, &folder.join("record.json"), record)?;
    verify(client, &folder.join("record-of-exclusion.json"), &newest)?;
    proves_today(client, folder, "   And the proof, fetched again:\n")
}

/// Fetches the proof of what the school's domain stands for now, and judges it as its holder would.
fn proves_today(client: &Client, folder: &Path, title: &str) -> Result<(), Failed> {
    say!("{title}");
    let path = format!("/v1/charters/{CHARTER}/proof?key={SCHOOL}");
    let proof = client.make(&Call::get(&path))?.text;
    let policy = client.make(&Call::get("/v1/policy"))?.text;
    let [proof_file, policy_file] = ["school.tlog-proof", "policy"].map(|name| folder.join(name));
    fs::write(&proof_file, &proof)?;
    fs::write(&policy_file, &policy)?;
    say!(
        "   charter-registry verify '{}' --policy '{}' --charter {CHARTER} --ask {SCHOOL}",
        proof_file.display(),
        policy_file.display()
    );
    let key = SCHOOL.parse().map_err(Failed::unusable)?;
    say!("   {}\n", Verify::told(&proof, &policy, CHARTER, key)?);
    Ok(())
}

/// Writes the record to a file and asks the registry about it.
fn verify(client: &Client, file: &Path, record: &str) -> Result<(), Failed> {
    fs::write(file, record)?;
    let body = Content::File {
        name: &file.display().to_string(),
        media_type: "application/vc",
        bytes: record.as_bytes(),
    };
    client.show(&Call {
        method: "POST",
        path: "/v1/verify",
        token: None,
        body,
        if_match: None,
    })?;
    Ok(())
}

fn issue(client: &Client, cast: &Cast, application: &str, shown: bool) -> Result<(), Failed> {
    let (path, body) = (format!("{application}/memorandum"), json!({}));
    let call = Call::json("POST", &path, &cast.clerk, &body);
    if shown {
        client.show(&call)?
    } else {
        client.make(&call)?
    };
    Ok(())
}

/// One registrar proposes to admit, another approves.
fn admit(
    client: &Client,
    cast: &Cast,
    application: &str,
    body: &Value,
    shown: bool,
) -> Result<Value, Failed> {
    let path = format!("{application}/admission");
    let call = Call::json("POST", &path, &cast.registrars[0], body);
    let decision = if shown {
        client.show(&call)?
    } else {
        client.make(&call)?
    }
    .json;
    approve(client, cast, &decision, shown)
}

fn approve(client: &Client, cast: &Cast, decision: &Value, shown: bool) -> Result<Value, Failed> {
    let path = format!("/v1/decisions/{}/approval", text(decision, "/id")?);
    let body = json!({"digest": text(decision, "/digest")?});
    let call = Call::json("POST", &path, &cast.registrars[1], &body);
    Ok(if shown {
        client.show(&call)?
    } else {
        client.make(&call)?
    }
    .json)
}
