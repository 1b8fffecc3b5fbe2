//! Ending: what is under way when a process is asked to end is finished.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    thread,
};

use charter_proof::entry::MemberEventKind;
use serde_json::json;

use crate::{
    audit,
    client::{CHARTER, Client, Tokens},
    host::Host,
    locks::Held,
    postgres::TestDatabase,
};

#[test]
fn a_request_half_sent_is_answered_before_the_process_ends() {
    let host = Host::on_sqlite();
    host.publish(CHARTER);
    let instance = host.serve();
    let body = json!({
        "organisation": {
            "name": {"ru": "Школа"}, "category": "educational_institution",
            "identifiers": [{"scheme": "RU-OGRN", "value": "1022800000002"}],
        },
        "contact": {"name": "Фамилия Имя", "position": "Директор", "email": "office@school.example"},
    })
    .to_string();
    let (first_half, second_half) = body.split_at(body.len() / 3);
    let mut stream = TcpStream::connect(&instance.address).unwrap();
    write!(
        stream,
        "POST /v1/charters/{CHARTER}/applications HTTP/1.1\r\nHost: registry.example\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    )
    .unwrap();
    let mut answer = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    answer.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");
    stream.write_all(first_half.as_bytes()).unwrap();

    instance.ask_to_end();
    stream.write_all(second_half.as_bytes()).unwrap();
    let mut rest = String::new();
    answer.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("HTTP/1.1 201 Created"), "{rest}");
    let (status, log) = instance.ended();
    assert_eq!(status, Some(0), "{log:?}");

    let tokens = Tokens::issue(&host);
    let instance = host.serve();
    let queue = Client::new(&instance.address, &tokens).get("/v1/applications");
    assert_eq!(queue.done()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_change_that_waits_for_the_log_is_made_before_the_process_ends() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    let host = Host::on(database.url());
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let member = client.admit(&json!([{"scheme": "RU-OGRN", "value": "1022800000002"}]));

    let head = Held::by(database.url(), "UPDATE log_head SET size = size");
    let withdrawn = thread::scope(|scope| {
        let request = scope.spawn(|| client.withdraw(&member).done());
        head.wait_for_waiting(1);
        instance.ask_to_end();
        head.release();
        request.join().unwrap()
    });
    assert_eq!(withdrawn["status"], "withdrawn");
    let (status, log) = instance.ended();
    assert_eq!(status, Some(0), "{log:?}");
    let found = audit::history(database.url());
    assert_eq!(found.events[&MemberEventKind::Withdrew], 1);
}
