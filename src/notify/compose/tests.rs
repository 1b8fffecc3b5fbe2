//! Every letter in every language: whole, without a place left open, and readable.

use charter_proof::identity::Base;
use chrono::{DateTime, Utc};
use lettre::{Message, message::Mailbox};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Content, content, mailbox, message};
use crate::{
    notify::{Mail, Secretariat, transport::Transport},
    rules::{
        decision::Ground,
        id::LetterId,
        letter::{Recipient, State, Template},
        text::{Email, Lang, Name},
        word::Word as _,
    },
    storage::letters::{Arguments, Letter},
    texts::{Places, Written},
};

fn letter(template: Template, written: Written) -> Letter {
    let is_internal = matches!(
        template,
        Template::ApplicationWaiting | Template::DecisionWaiting | Template::OverdueDigest
    );
    let at: DateTime<Utc> = "2026-11-22T09:00:00Z".parse().unwrap();
    Letter {
        id: LetterId(Uuid::from_u128(7)),
        template,
        language: Lang::parse(written.tag()).unwrap(),
        recipient: if is_internal {
            Recipient::Secretariat
        } else {
            Recipient::Contact
        },
        application: None,
        membership: None,
        decision: None,
        arguments: Arguments::new(),
        state: State::Sending,
        attempts: 1,
        next_attempt_at: Some(at),
        last_error: None,
        created_at: at,
        sent_at: None,
        bounced_at: None,
    }
}

fn every_place(ground: &str, until: &str, count: u32) -> Places {
    Places::default()
        .with("registry", "Реестр участников")
        .with("base", "https://registry.example")
        .with("overdue-url", "https://registry.example/v1/applications?overdue=true")
        .with("charter", "Хартия «Цифровая этика детства»")
        .with("organisation", "Средняя школа № 1")
        .with("application", "0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10")
        .with("application-url", "https://registry.example/v1/applications/0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10")
        .with("member-url", "https://registry.example/members/0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10")
        .with("decision-url", "https://registry.example/v1/decisions/0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10")
        .with("confirm-url", "https://registry.example/applications/0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10/confirm?lang=ru&token=…")
        .with("reason", "Не указан ОГРН.\n\nДополните, пожалуйста, заявление.")
        .with("ground", ground)
        .with("clauses", "A.1, A.3")
        .with("law", "Закон об образовании")
        .with("until", until)
        .with("until-date", "6 декабря 2026 года")
        .with_number("count", count)
}

fn contents() -> Vec<(Template, Written, Content)> {
    let mut contents = Vec::new();
    for &template in Template::all() {
        for written in Written::ALL {
            for ground in Ground::all() {
                for (until, count) in [("none", 1), ("2026-12-06", 3), ("2026-12-06", 5)] {
                    let places = every_place(ground.as_str(), until, count);
                    let made = content(&letter(template, written), written, &places);
                    contents.push((template, written, made.unwrap()));
                }
            }
        }
    }
    contents
}

#[test]
fn every_letter_is_whole_in_every_language_and_leaves_no_place_open() {
    for (template, written, Content { subject, body }) in contents() {
        let what = format!("{template} in {}: {subject}\n{body}", written.tag());
        assert!(!subject.is_empty() && !subject.contains('\n'), "{what}");
        for mark in ["{", "}", "$", "???", "\u{2068}", "_"] {
            assert!(
                !subject.contains(mark) && !body.contains(mark),
                "{mark}: {what}"
            );
        }
        let is_cyrillic = subject.chars().any(|c| ('а'..='я').contains(&c));
        assert_eq!(is_cyrillic, written == Written::Russian, "{what}");
        for line in body.lines() {
            assert!(line.chars().count() <= 72 || !line.contains(' '), "{what}");
        }
    }
}

#[test]
fn a_place_that_is_not_filled_is_an_error_and_no_letter() {
    for written in Written::ALL {
        let letter = letter(Template::ApplicationRejected, written);
        let error = content(&letter, written, &Places::default()).unwrap_err();
        assert!(
            error.to_string().contains("application_rejected"),
            "{error}"
        );
    }
}

#[test]
fn some_letters_read_so() {
    for written in Written::ALL {
        for template in [
            Template::ApplicationReceived,
            Template::MemberExcluded,
            Template::OverdueDigest,
        ] {
            let places = every_place("charter_violation", "2026-12-06", 3);
            let made = content(&letter(template, written), written, &places).unwrap();
            let shown = format!("Subject: {}\n\n{}", made.subject, made.body);
            insta::assert_snapshot!(format!("{template}.{}", written.tag()), shown);
        }
    }
}

fn mail() -> Mail {
    let address = |text| Email::parse(text).unwrap();
    Mail {
        transport: Transport::Folder("nowhere".into()),
        from: address("registry@registry.example"),
        name: Name::parse("Реестр участников").unwrap(),
        base: Base::parse("https://registry.example").unwrap(),
        secretariat: Some(Secretariat {
            address: address("secretariat@registry.example"),
            language: Lang::parse("ru").unwrap(),
        }),
    }
}

#[test]
fn a_name_can_add_no_header_and_no_recipient() {
    // What would break the header does not become a name at all.
    for text in [
        "Имя\r\nBcc: other@school.example",
        "Имя\nx",
        "Имя\u{85}x",
        "Имя\u{2028}x",
    ] {
        assert!(Name::parse(text).is_err(), "{text:?}");
    }
    let name = "Bcc: other@school.example, <third@school.example>, \"x\\\" =?utf-8?q?y?= Имя (z);";
    let name = Name::parse(&name.repeat(3)).unwrap();
    let to = mailbox(Some(&name), &Email::parse("office@school.example").unwrap());
    let content = Content {
        subject: "Тема".to_owned(),
        body: "Текст.\n".to_owned(),
    };
    let letter = letter(Template::ApplicationConfirmed, Written::Russian);
    let at = letter.created_at;
    let made = message(&mail(), &letter, Written::Russian, to.unwrap(), content, at).unwrap();
    let recipients: Vec<String> = made
        .envelope()
        .to()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(recipients, ["office@school.example"]);
    let written = String::from_utf8(made.formatted()).unwrap();
    let (headers, _) = written.split_once("\r\n\r\n").unwrap();
    let names: Vec<&str> = headers
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .filter_map(|line| line.split_once(':').map(|(name, _)| name))
        .collect();
    assert_eq!(
        names,
        [
            "From",
            "To",
            "Subject",
            "Message-ID",
            "Date",
            "Auto-Submitted",
            "Content-Language",
            "Content-Type",
            "Reply-To",
            "MIME-Version",
            "Content-Transfer-Encoding",
        ],
        "{headers}"
    );
    assert!(headers.contains("<00000000-0000-0000-0000-000000000007@registry.example>"));
    assert!(written.is_ascii());
}

proptest! {
    #[test]
    fn every_name_that_is_accepted_can_be_written_to(raw in "\\PC{1,60}") {
        if let Ok(name) = Name::parse(&raw) {
            let office = Email::parse("office@school.example").unwrap();
            let to = mailbox(Some(&name), &office).unwrap();
            let made = Message::builder().from(to.clone()).to(to).body(String::new()).unwrap();
            prop_assert!(made.formatted().is_ascii());
        }
    }
}

#[test]
fn every_address_that_is_accepted_can_be_written_to() {
    for text in [
        "office@school.example",
        "a.b+c@www.school.example",
        "o'neil@x.example",
        "директор@школа.рф",
        "!#$%&'*+-/=?^_`{|}~@school.example",
    ] {
        let address = Email::parse(text).unwrap();
        let mailbox: Mailbox = mailbox(None, &address).unwrap();
        assert_eq!(mailbox.email.to_string(), address.as_str());
    }
}
