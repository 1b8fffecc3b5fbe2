//! `verify` with addresses: what lies there is fetched and judged as a file is.

use std::{
    fs,
    io::Read as _,
    net::TcpListener,
    process::{Command, Stdio},
    thread,
};

use chrono::SecondsFormat;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::school,
    steps::{member_path, members_of, path_of},
};

on_both_databases!(
    what_lies_at_an_address_is_judged_as_a_file_is,
    an_address_that_answers_with_something_else_proves_nothing,
);

/// A verifier's folder, with what it took from the registry when it began to trust it.
struct Verifier {
    folder: tempfile::TempDir,
    address: String,
    now: String,
}

impl Verifier {
    fn of(app: &TestApp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, file) in [("/v1/policy", "policy"), ("/.well-known/did.json", "did")] {
            let body = app.send(Call::get(path)).must_be(200).body;
            fs::write(folder.path().join(file), body).unwrap();
        }
        let now = app.in_storage(async |desk| desk.now());
        Self {
            folder,
            address: format!("http://{}", app.address),
            now: now.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }

    /// Judges what lies at a path of the registry, or elsewhere.
    fn judges(&self, path: &str, with: &[&str]) -> (i32, String) {
        let address = if path.starts_with('/') {
            format!("{}{path}", self.address)
        } else {
            path.to_owned()
        };
        let ended = Command::new(env!("CARGO_BIN_EXE_charter-registry"))
            .args(["verify", &address])
            .args(with)
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = [ended.stdout, ended.stderr].concat();
        (
            ended.status.code().unwrap(),
            String::from_utf8(told).unwrap(),
        )
    }

    #[track_caller]
    fn says(&self, path: &str, with: &[&str], code: i32, said: &str) {
        let (ended, told) = self.judges(path, with);
        assert!(
            ended == code && told.starts_with(said),
            "{path} {with:?}: {ended}: {told}"
        );
    }
}

fn what_lies_at_an_address_is_judged_as_a_file_is(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let verifier = Verifier::of(app);
    let shown = app.member(&member).json();
    let (page, record) = (member_path(&member), text(&shown, "/record"));
    let domain = text(&shown, "/domain");
    let at = ["--as-of", &verifier.now];
    let by_policy = [&at[..], &["--policy", "policy"]].concat();
    let by_did = [&at[..], &["--did", "did"]].concat();

    // Who gives the address of a member asks about that member, by whichever of its addresses.
    let asked = format!("active: member:{member} in the charter {CHILDHOOD}");
    for path in [
        &page,
        &format!("{page}/proof"),
        &format!("/members/{member}"),
    ] {
        verifier.says(path, &by_policy, 0, &asked);
    }
    let by_key = format!("/v1/charters/{CHILDHOOD}/proof?key=domain:{domain}");
    let asked = format!("active: domain:{domain} in the charter");
    verifier.says(&by_key, &by_policy, 0, &asked);
    // What is asked besides goes before the address: the same proof answers no other question.
    let other = [&by_policy[..], &["--ask", "domain:other.example"]].concat();
    verifier.says(&by_key, &other, 1, "refused: domain:other.example");

    verifier.says(path_of(&record), &by_did, 0, "authentic: ");
    verifier.says(&page, &by_did, 0, "authentic: ");
    let credential = format!("{page}/credential");
    verifier.says(&credential, &by_did, 0, "active: ");
    let list = format!("{}/status/revocation/1", verifier.address);
    let listed = [&by_did[..], &["--status", &list]].concat();
    let (code, told) = verifier.judges(&credential, &listed);
    assert!(
        code == 0 && told.contains("revocation not set"),
        "{code}: {told}"
    );
    let kept = app.send(Call::get(&credential)).must_be(200).body;
    fs::write(verifier.folder.path().join("credential"), kept).unwrap();
    app.exclude(&member);
    verifier.says("credential", &listed, 1, "revoked: ");
    verifier.says(&page, &by_policy, 1, "excluded: member:");
    // The registry gives no credential any more, and says why.
    verifier.says(&credential, &by_did, 2, "error: cannot fetch");
}

/// Whoever connects is answered with this, and then with nothing more.
fn answering(answer: impl Fn(&mut dyn std::io::Write) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            answer(&mut connection);
        }
    });
    address
}

fn an_address_that_answers_with_something_else_proves_nothing(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let verifier = Verifier::of(app);
    let by_did = ["--did", "did"];
    let endless = answering(|out| {
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        while out.write_all(&[b' '; 4096]).is_ok() {}
    });
    let (code, told) = verifier.judges(&endless, &by_did);
    assert!(
        code == 2 && told.contains("longer than 4194304 bytes"),
        "{told}"
    );
    let round = answering(|out| {
        let answer = "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n";
        let _ = out.write_all(answer.as_bytes());
    });
    let (code, told) = verifier.judges(&round, &by_did);
    assert!(code == 2 && told.contains("redirect"), "{told}");
    let colourful = answering(|out| {
        let answer = "HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n\x1b[2Jwiped";
        let _ = out.write_all(answer.as_bytes());
    });
    let (code, told) = verifier.judges(&colourful, &by_did);
    assert!(code == 2 && !told.contains('\x1b'), "{told:?}");
    let nobody = "http://127.0.0.1:1/record";
    verifier.says(nobody, &by_did, 2, "error: cannot fetch");
    verifier.says("https://", &by_did, 2, "error: ");
    let absent = format!("{}/{}", members_of(CHILDHOOD), uuid::Uuid::nil());
    verifier.says(&absent, &by_did, 2, "error: cannot fetch");
    // A page is no record, and the policy itself no proof of anything.
    verifier.says("/v1/charters", &by_did, 1, "refused: ");
    let (code, told) = verifier.judges("/v1/policy", &["--policy", "policy"]);
    assert!(
        code == 2 && told.contains("give --charter and --ask"),
        "{told}"
    );
}
