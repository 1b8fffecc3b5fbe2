//! Ending: what is under way when a process is asked to end is finished.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    sync::Mutex,
    thread,
};

use charter_proof::entry::MemberEventKind;
use serde_json::{Value, json};

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

/// Sends a request on a connection of its own, and returns whatever came back before the connection ended.
fn answer_to(address: &str, request: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        // A server that has ended does not take it, or not all of it.
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}

/// The body of an answer, which must be whole.
fn whole(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 201"), "{answer}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert_eq!(length.parse::<usize>().unwrap(), body.len(), "{answer}");
    serde_json::from_str(body).unwrap()
}

fn many_clients_apply_until_the_process_ends(host: &Host) {
    host.publish(CHARTER);
    let tokens = Tokens::issue(host);
    let instance = host.serve();
    let body = json!({
        "organisation": {
            "name": {"ru": "Школа"}, "category": "educational_institution", "domain": "school.example",
        },
        "contact": {"name": "Фамилия Имя", "position": "Директор", "email": "office@school.example"},
    })
    .to_string();
    let request = format!(
        "POST /v1/charters/{CHARTER}/applications HTTP/1.1\r\nHost: registry.example\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let acknowledged = Mutex::new(Vec::new());
    let address = instance.address.clone();
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                loop {
                    let answer = answer_to(&address, &request);
                    if answer.is_empty() {
                        break;
                    }
                    let id = whole(&answer)["id"].as_str().unwrap().to_owned();
                    acknowledged.lock().unwrap().push(id);
                }
            });
        }
        while acknowledged.lock().unwrap().len() < 40 {
            thread::yield_now();
        }
        instance.ask_to_end();
    });
    let (status, log) = instance.ended();
    assert_eq!(status, Some(0), "{log:?}");

    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    for id in acknowledged.into_inner().unwrap() {
        client.get(&format!("/v1/applications/{id}")).done();
    }
}

#[test]
fn every_answer_given_while_a_process_on_sqlite_ends_is_whole_and_true() {
    many_clients_apply_until_the_process_ends(&Host::on_sqlite());
}

#[test]
fn every_answer_given_while_a_process_on_postgresql_ends_is_whole_and_true() {
    if let Some(database) = TestDatabase::create() {
        many_clients_apply_until_the_process_ends(&Host::on(database.url()));
    }
}

#[test]
fn a_process_that_ends_is_not_ready_first_and_serves_on_meanwhile() {
    let host = Host::on_sqlite().with("CHARTER_DRAIN_DELAY", "5");
    let instance = host.serve();
    let ready = ["health", "--ready", "--listen", &instance.address];
    assert_eq!(host.answer(&ready), "ok");
    instance.ask_to_end();
    let refused = host.refusal(&ready);
    assert!(refused.contains("/readyz answers 503"), "{refused}");
    host.answer(&["health", "--listen", &instance.address]);
    let address = instance.address.clone();
    let (status, log) = instance.ended();
    assert_eq!(status, Some(0), "{log:?}");
    host.refusal(&["health", "--listen", &address]);
}

#[test]
fn a_client_that_waits_too_long_is_told_so_and_its_change_is_made() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    let host = Host::on(database.url()).with("CHARTER_REQUEST_TIMEOUT", "1");
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let member = client.admit(&json!([{"scheme": "RU-OGRN", "value": "1022800000002"}]));

    let head = Held::by(database.url(), "UPDATE log_head SET size = size");
    let told = client.withdraw(&member).or_refused(&["timed-out"]);
    assert_eq!(told.unwrap_err(), "timed-out");
    instance.ask_to_end();
    head.release();
    let (status, log) = instance.ended();
    assert_eq!(status, Some(0), "{log:?}");
    let found = audit::history(database.url());
    assert_eq!(found.events[&MemberEventKind::Withdrew], 1);
}
