//! Key files pass between this crate and the `openssl` command; skipped where there is none.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::keys::SecretKey;

/// What `openssl` prints, given some input; none where there is no `openssl`.
fn openssl(arguments: &[&str], input: &str) -> Option<Vec<u8>> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    Some(output.stdout)
}

#[test]
fn openssl_reads_the_key_files_written_here() {
    let key = SecretKey::from_seed([7; 32]);
    let pem = key.to_pkcs8_pem().unwrap();
    if let Some(spki) = openssl(&["pkey", "-pubout", "-outform", "DER"], &pem) {
        // The key closes the SubjectPublicKeyInfo (RFC 8410 §4).
        assert_eq!(spki.last_chunk::<32>(), Some(key.public().as_bytes()));
    }
}

#[test]
fn key_files_made_by_openssl_are_read_here() {
    if let Some(pem) = openssl(&["genpkey", "-algorithm", "ed25519"], "") {
        let pem = String::from_utf8(pem).unwrap();
        let key = SecretKey::from_pkcs8_pem(&pem).unwrap();
        assert_eq!(key.to_pkcs8_pem().unwrap().as_str(), pem);
    }
}
