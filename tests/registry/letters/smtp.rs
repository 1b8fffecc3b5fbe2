//! What a mail server answers, and what becomes of the letter: the server is real as far as its protocol goes, and
//! says what the test tells it to.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use charter_registry::{
    config::settings::{LETTERS, SECRETARIAT},
    storage::letters::Letter,
};
use chrono::TimeDelta;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    organisations::school,
};

/// A mail server on a port of its own. Each message is answered with the next of its answers, and `250` after them.
struct MailServer {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What is said to a command that begins so, instead of `250`.
    answers: VecDeque<(&'static str, &'static str)>,
    taken: Vec<String>,
    commands: Vec<String>,
}

impl MailServer {
    fn start(answers: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(Mutex::new(State {
            answers: answers.iter().copied().collect(),
            ..State::default()
        }));
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that goes away in the middle is none of the server's business.
                let _ = serve(&stream.unwrap(), &shared);
            }
        });
        Self { address, state }
    }

    fn app(&self) -> TestApp {
        let place = format!("smtp+plain://{}", self.address);
        let app = TestApp::set(&[
            (&LETTERS, &place),
            (&SECRETARIAT, "office@registry.example"),
        ]);
        app.publish(&charters::definition(CHILDHOOD));
        app
    }

    fn taken(&self) -> Vec<String> {
        self.state.lock().unwrap().taken.clone()
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut say = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    say.write_all(b"220 mail.example ESMTP\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        state.lock().unwrap().commands.push(line.clone());
        let refused = {
            let mut state = state.lock().unwrap();
            let next = state.answers.front().copied();
            next.filter(|(command, _)| line.starts_with(command))
                .map(|(_, answer)| {
                    state.answers.pop_front();
                    answer
                })
        };
        if let Some(answer) = refused {
            say.write_all(format!("{answer}\r\n").as_bytes())?;
        } else if line == "DATA" {
            say.write_all(b"354 go on\r\n")?;
            let mut message = String::new();
            while let Some(line) = lines.next().transpose()? {
                if line == "." {
                    break;
                }
                message.push_str(&line);
                message.push('\n');
            }
            state.lock().unwrap().taken.push(message);
            say.write_all(b"250 2.0.0 taken\r\n")?;
        } else if line == "QUIT" {
            say.write_all(b"221 2.0.0 bye\r\n")?;
            return Ok(());
        } else {
            say.write_all(b"250 2.0.0 fine\r\n")?;
        }
    }
    Ok(())
}

/// The only letter, once nothing is under way.
fn only_letter(app: &TestApp) -> Letter {
    app.send_letters();
    let [letter] = app.outbox().try_into().unwrap();
    letter
}

fn shown(letter: &Letter) -> (String, i32, Option<&str>) {
    (
        letter.state.to_string(),
        letter.attempts,
        letter.last_error.as_deref(),
    )
}

#[test]
fn a_letter_that_the_server_puts_off_is_tried_again_with_the_same_message_id() {
    let server = MailServer::start(&[
        ("RCPT", "450 4.2.1 office@school.example is busy, canary"),
        ("MAIL", "451 4.3.0 later"),
    ]);
    let app = server.app();
    app.apply(CHILDHOOD, &school());
    let letter = only_letter(&app);
    assert_eq!(shown(&letter), ("queued".to_owned(), 1, Some("450 4.2.1")));
    assert_eq!(app.letters_waiting(), 1);
    app.time_passes(TimeDelta::minutes(6));
    let letter = only_letter(&app);
    assert_eq!(
        shown(&letter),
        ("queued".to_owned(), 2, Some("sender 451 4.3.0"))
    );
    app.time_passes(TimeDelta::minutes(6));
    assert_eq!(
        only_letter(&app).attempts,
        2,
        "it is not tried before its time"
    );
    app.time_passes(TimeDelta::minutes(30));
    let letter = only_letter(&app);
    assert_eq!(shown(&letter), ("sent".to_owned(), 3, None));
    let [taken] = server.taken().try_into().unwrap();
    let message_id = format!("Message-ID: <{}@registry.example>", letter.id);
    assert!(taken.contains(&message_id), "{taken}");
}

#[test]
fn a_recipient_that_the_server_does_not_know_bounces_at_once() {
    let server = MailServer::start(&[("RCPT", "550 5.1.1 no office@school.example here, canary")]);
    let app = server.app();
    let applied = app.apply(CHILDHOOD, &school());
    let letter = only_letter(&app);
    assert_eq!(shown(&letter), ("bounced".to_owned(), 1, Some("550 5.1.1")));
    assert!(letter.bounced_at.is_some());
    let call = Call::get(format!("/v1/letters?application={}", applied.id));
    let answer = app.send(call.token(&app.staff.clerk)).must_be(200);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(!text.contains("canary") && !text.contains('@'), "{text}");
}

#[test]
fn a_server_that_does_not_take_the_sender_bounces_no_letter() {
    let server = MailServer::start(&[("MAIL", "550 5.7.1 who are you")]);
    let app = server.app();
    app.apply(CHILDHOOD, &school());
    let letter = only_letter(&app);
    assert_eq!(
        shown(&letter),
        ("queued".to_owned(), 1, Some("sender 550 5.7.1"))
    );
}

#[test]
fn a_letter_is_given_up_after_six_attempts_within_two_days() {
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let place = format!("smtp+plain://{gone}");
    let app = TestApp::set(&[(&LETTERS, &place)]);
    app.publish(&charters::definition(CHILDHOOD));
    app.apply(CHILDHOOD, &school());
    for attempt in 1..=5 {
        let letter = only_letter(&app);
        assert_eq!(
            shown(&letter),
            ("queued".to_owned(), attempt, Some("connection"))
        );
        app.time_passes(letter.next_attempt_at.unwrap() - letter.created_at);
    }
    let letter = only_letter(&app);
    assert_eq!(shown(&letter), ("failed".to_owned(), 6, Some("connection")));
}

#[test]
fn starttls_is_not_left_out_because_the_server_does_not_offer_it() {
    let server = MailServer::start(&[]);
    let place = format!("smtp://{}", server.address);
    let app = TestApp::set(&[(&LETTERS, &place)]);
    app.publish(&charters::definition(CHILDHOOD));
    app.apply(CHILDHOOD, &school());
    let letter = only_letter(&app);
    assert_eq!(shown(&letter), ("queued".to_owned(), 1, Some("tls")));
    let commands = server.state.lock().unwrap().commands.clone();
    assert!(
        !commands.iter().any(|line| line.starts_with("MAIL")),
        "{commands:?}"
    );
    assert!(server.taken().is_empty());
}
