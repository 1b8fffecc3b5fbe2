//! The main way on real input: the charters that come with the registry and the organisations they name.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::{
    canonical::{Digest, to_jcs},
    entry::{Event, Kind, MemberEventKind},
    keys::{SecretKey, claim_hash},
    verify::RecordSummary,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::{Applicant, application, founders_and_joiners, school, school_number},
    pdf,
    proof::{authentic, breaks_at_every_byte},
    steps::{application_path, member_path, members_of, violation, with_query},
};

on_both_databases!(
    an_organisation_that_applies_and_signs_is_admitted_by_two_registrars_and_its_record_verifies,
    a_charter_is_shown_as_it_was_published_and_publishing_it_again_changes_nothing,
    every_founder_and_joiner_is_found_by_its_names_in_either_script_and_by_every_filter,
    every_page_of_every_order_together_shows_each_item_once,
    a_school_joins_is_amended_and_excluded_and_each_step_is_a_record_that_breaks_at_every_byte,
    neither_a_member_nor_a_former_member_is_taken_for_a_newcomer,
    of_two_applications_of_one_organisation_only_one_is_admitted,
    the_log_tells_every_event_in_order_with_the_keys_that_were_proven,
    a_domain_that_nobody_attested_stands_in_no_record_and_is_no_key,
    a_memorandum_signed_with_a_key_admits_like_one_signed_by_hand,
    a_member_that_asks_to_leave_has_left_with_its_statement,
    the_longest_record_is_verified_like_any_other,
);

fn an_organisation_that_applies_and_signs_is_admitted_by_two_registrars_and_its_record_verifies(
    app: &TestApp,
) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let record = app.newest_record(&member);
    let said = authentic(&record, &app.trusted_keys());
    assert_eq!(said.member.to_string(), member);
    assert_eq!(text(&app.verdict(&record), "/verdict"), "authentic");
}

fn a_charter_is_shown_as_it_was_published_and_publishing_it_again_changes_nothing(app: &TestApp) {
    for slug in charters::SHIPPED {
        let definition = charters::definition(slug);
        let published = app.publish(&definition);
        let path = format!("/v1/charters/{slug}");
        assert_eq!(published.header("location"), format!("{path}/versions/1"));
        let shown = app.send(Call::get(&path)).must_be(200).json();
        let document = &shown["definition"];
        let digest = Digest::of(&to_jcs(document).unwrap());
        assert_eq!(text(&shown, "/digest"), digest.prefixed());
        assert_eq!(published.text("/digest"), digest.prefixed());
        for field in ["title", "text", "clauses", "eligibility", "founders"] {
            assert_eq!(document[field], definition[field], "{slug}: {field}");
        }

        let version = app.send(Call::get(format!("{path}/versions/1")));
        assert_eq!(version.must_be(200).json(), shown);
        let versions = app.send(Call::get(format!("{path}/versions"))).must_be(200);
        assert_eq!(versions.items().len(), 1);
        let template = app
            .send(Call::get(format!("{path}/memorandum")))
            .must_be(200);
        for language in ["ru", "en"] {
            let text = template.text(&format!("/template/{language}"));
            assert!(text.contains("{{organisation}}"), "{slug}: {text}");
        }
        let found = app
            .send(Call::get(format!("/charters/{slug}")))
            .must_be(303);
        assert_eq!(found.header("location"), path);
    }
    let listed = app.send(Call::get("/v1/charters")).must_be(200).items();
    let slugs: Vec<_> = listed.iter().map(|item| text(item, "/slug")).collect();
    assert_eq!(slugs, charters::SHIPPED);

    let before = app.footprint();
    let call = Call::post("/v1/charters").token(&app.staff.administrator);
    app.send(call.json(&charters::definition(CHILDHOOD)))
        .must_be(200);
    assert_eq!(app.footprint(), before);
}

/// Admits the founders, and a day later the joiners; returns the members' identifiers in that order.
fn admit_all(app: &TestApp) -> Vec<(Applicant, String)> {
    app.publish(&charters::definition(CHILDHOOD));
    let mut members = Vec::new();
    for applicant in founders_and_joiners() {
        if !applicant.founder && members.len() == 9 {
            app.time_passes(TimeDelta::days(1));
        }
        let member = app.admit(CHILDHOOD, &applicant.organisation, applicant.founder);
        members.push((applicant, member));
    }
    assert_eq!(members.len(), 22);
    members
}

fn every_founder_and_joiner_is_found_by_its_names_in_either_script_and_by_every_filter(
    app: &TestApp,
) {
    let members = admit_all(app);
    for (place, (applicant, id)) in members.iter().enumerate() {
        let member = app.member(id).json();
        assert_eq!(text(&member, "/number"), format!("{:06}", place + 1));
        for field in ["name", "aliases", "category", "country", "region"] {
            let (shown, sent) = (&member[field], &applicant.organisation[field]);
            let is_empty_list = sent.as_array().is_some_and(Vec::is_empty);
            assert!(shown == sent || is_empty_list, "{field}: {shown}, {sent}");
        }
        for name in [&member["name"]["ru"], &member["name"]["en"]] {
            let found = app.find(&[("q", name.as_str().unwrap())]);
            assert!(found.contains(&member), "{name} does not find its own");
        }
    }
    let found = |query: &[(&str, &str)]| -> Vec<String> {
        let found = app.find(query);
        found
            .iter()
            .map(|member| text(member, "/name/en"))
            .collect()
    };
    for (asked, name) in [
        ("Яндекс", "Yandex"),
        ("яндекс", "Yandex"),
        ("yandex", "Yandex"),
        ("YANDEX.RU", "Yandex"),
        ("7736207543", "Yandex"),
        ("Каспер", "Kaspersky Lab"),
        ("kasper", "Kaspersky Lab"),
        ("https://www.kaspersky.ru/about", "Kaspersky Lab"),
        ("megafon", "MegaFon"),
        ("Мегафон", "MegaFon"),
        ("сбер", "Sber"),
        ("sberbank", "Sber"),
        ("mail.ru group", "VK"),
        ("вымпелком", "Beeline"),
        ("билайн", "Beeline"),
        ("газпром медиа", "Gazprom-Media Holding"),
        ("НМГ", "National Media Group"),
        ("рдш.рф", "Russian Movement of Schoolchildren"),
        ("zhuravlik", "Zhuravlik Charitable Organisation"),
        ("знание", "Russian Society “Znanie”"),
        ("000022", "Skillbox"),
    ] {
        assert_eq!(found(&[("q", asked)]), [name], "{asked}");
    }
    assert!(found(&[("q", "Одноклассники")]).is_empty());

    let counted = |holds: &dyn Fn(&Applicant) -> bool| {
        members
            .iter()
            .filter(|(applicant, _)| holds(applicant))
            .count()
    };
    let has = |field: &'static str, value: &'static str| {
        counted(&|applicant| applicant.organisation[field] == value)
    };
    for (query, count) in [
        (vec![], 22),
        (vec![("status", "active")], 22),
        (vec![("status", "active,suspended")], 22),
        (vec![("status", "excluded")], 0),
        (
            vec![("category", "commercial_organisation")],
            has("category", "commercial_organisation"),
        ),
        (
            vec![("category", "public_association")],
            has("category", "public_association"),
        ),
        (vec![("country", "RU")], 22),
        (vec![("country", "ru")], 22),
        (vec![("country", "DE")], 0),
        (vec![("region", "RU-MOW")], has("region", "RU-MOW")),
        (vec![("region", "RU-SPE")], 1),
        (vec![("founder", "true")], 9),
        (vec![("founder", "false")], 13),
        (vec![("since", "2026-11-22")], 22),
        (vec![("since", "2026-11-23")], 13),
        (vec![("since", "2026-11-24")], 0),
        (vec![("q", "media"), ("founder", "true")], 2),
        (vec![("q", "media"), ("founder", "false")], 1),
    ] {
        assert_eq!(found(&query).len(), count, "{query:?}");
    }

    let by_name = [
        "Beeline",
        "Center for Global IT-Cooperation",
        "Centre for the Study and Network Monitoring of the Youth Environment",
        "Gazprom-Media Holding",
        "Institute for the Study of Childhood, Family and Upbringing of the Russian Academy of Education",
        "Kaspersky Lab",
        "MegaFon",
        "MTS",
        "National Media Group",
        "Rostelecom",
        "Russian Movement of Schoolchildren",
        "Russian Society “Znanie”",
        "Russian State Children’s Library",
        "Sber",
        "Sirius School",
        "Skillbox",
        "Soyuzmultfilm",
        "VK",
        "Yandex",
        "Yappy",
        "Youth Digital Ombudsman",
        "Zhuravlik Charitable Organisation",
    ];
    let by_number: Vec<String> = members
        .iter()
        .map(|(applicant, _)| text(&applicant.organisation, "/name/en"))
        .collect();
    let reversed = |mut names: Vec<String>| {
        names.reverse();
        names
    };
    assert_eq!(found(&[("sort", "name")]), by_name);
    assert_eq!(
        found(&[("sort", "-name")]),
        reversed(by_name.map(str::to_owned).to_vec())
    );
    for order in ["number", "since"] {
        assert_eq!(found(&[("sort", order)]), by_number, "{order}");
        let descending = format!("-{order}");
        assert_eq!(found(&[("sort", &descending)]), reversed(by_number.clone()));
    }
}

fn every_page_of_every_order_together_shows_each_item_once(app: &TestApp) {
    admit_all(app);
    let paged = |path: &str, query: &[(&str, &str)], token: &str| {
        let whole = app.send(Call::get(with_query(path, query)).token(token));
        let whole = whole.must_be(200).items();
        for limit in ["1", "5", "11", "100"] {
            let query: Vec<_> = query.iter().copied().chain([("limit", limit)]).collect();
            let pages = app.pages(&with_query(path, &query), token);
            let (last, full) = pages.split_last().unwrap();
            let limit: usize = limit.parse().unwrap();
            assert!(
                full.iter().all(|page| page.len() == limit),
                "{path} {query:?}"
            );
            assert!(!last.is_empty() && last.len() <= limit, "{path} {query:?}");
            assert_eq!(pages.concat(), whole, "{path} {query:?}");
        }
        whole.len()
    };
    let members = members_of(CHILDHOOD);
    for order in ["number", "-number", "name", "-name", "since", "-since"] {
        assert_eq!(paged(&members, &[("sort", order)], ""), 22);
        let query = [("sort", order), ("founder", "false"), ("region", "RU-MOW")];
        assert_eq!(paged(&members, &query, ""), 11);
    }
    let (auditor, partner) = (&app.staff.auditor, &app.staff.partner);
    assert_eq!(paged("/v1/applications", &[], auditor), 22);
    assert_eq!(
        paged("/v1/applications", &[("state", "accepted")], partner),
        22
    );
    assert_eq!(
        paged("/v1/decisions", &[("kind", "admission")], auditor),
        22
    );
    assert_eq!(paged("/v1/operators", &[], auditor), 5);
    assert_eq!(paged("/v1/partners", &[], auditor), 2);
    assert_eq!(paged("/v1/charters", &[], ""), 1);
}

fn a_school_joins_is_amended_and_excluded_and_each_step_is_a_record_that_breaks_at_every_byte(
    app: &TestApp,
) {
    app.publish(&charters::definition(CHILDHOOD));
    let keys = app.trusted_keys();
    let state = |id: &str| {
        let call = Call::get(application_path(id)).token(&app.staff.partner);
        app.send(call).must_be(200).text("/state")
    };

    let applied = app.apply(CHILDHOOD, &school());
    assert_eq!(state(&applied.id), "received");
    let listed = |token: &str| {
        let call = Call::get("/v1/applications?state=received&channel=partner").token(token);
        app.send(call).must_be(200).items().len()
    };
    assert_eq!(
        (listed(&app.staff.partner), listed(&app.staff.other_partner)),
        (1, 0)
    );
    app.issue_memorandum(&applied.id);
    assert_eq!(state(&applied.id), "memorandum_issued");
    let memorandum = String::from_utf8(app.memorandum(&applied)).unwrap();
    for part in [
        "2026-11-22",
        "Средняя школа № 1",
        "Иванова Мария Петровна",
        "Директор",
    ] {
        assert!(memorandum.contains(part), "no {part} in {memorandum}");
    }
    let scan = pdf::scan(0);
    app.upload_scan(&applied, scan.clone());
    assert_eq!(state(&applied.id), "memorandum_signed");
    let kept = Call::get(format!("{}/memorandum/scan", application_path(&applied.id)));
    let kept = app.send(kept.token(&app.staff.auditor)).must_be(200);
    assert_eq!(kept.body, scan);
    let decision = app.propose_admission(&applied.id, &json!({"domainAttested": true}));
    assert_eq!(state(&applied.id), "memorandum_signed");
    let member = text(&app.approve(&decision), "/id");
    assert_eq!(state(&applied.id), "accepted");
    let included = app.newest_record(&member);

    app.time_passes(TimeDelta::days(30));
    let patch = json!({
        "aliases": ["Первая школа"],
        "name": {"en": "First School"},
        "website": null,
        "domain": "first-school.example",
        "domainAttested": true,
    });
    let amended = app.amend(&member, &patch).json();
    assert_eq!(text(&amended, "/name/ru"), "Средняя школа № 1");
    assert_eq!(text(&amended, "/name/en"), "First School");
    assert_eq!(amended.get("website"), None);
    assert_eq!(app.find(&[("q", "первая")]).len(), 1);
    let amended = app.newest_record(&member);

    app.time_passes(TimeDelta::days(30));
    let excluded = app.exclude(&member);
    assert_eq!(text(&excluded, "/status"), "excluded");
    let excluded = app.newest_record(&member);

    let records = [included, amended, excluded];
    assert_tells_the_story(app, &member, &records);
    for (place, record) in records.iter().enumerate() {
        breaks_at_every_byte(record, &keys);
        let verdict = app.verdict(record);
        assert_eq!(text(&verdict, "/verdict"), "authentic");
        assert_eq!(verdict["record"]["superseded"], place < 2);
        for place in (0..record.len()).step_by(record.len() / 12) {
            let mut changed = record.clone();
            changed[place] ^= 1;
            let verdict = app.verdict(&changed);
            assert_eq!(text(&verdict, "/verdict"), "refused", "byte {place}");
            assert_ne!(text(&verdict, "/reasons/0/code"), "");
            assert_eq!(verdict.get("record"), None);
        }
    }
    assert_eq!(
        app.find(&[("q", "shkola"), ("status", "excluded")]).len(),
        1
    );
    assert_eq!(app.find(&[("status", "active")]).len(), 0);
    let at_home = app
        .send(Call::get(format!("/members/{member}")))
        .must_be(303);
    assert_eq!(at_home.header("location"), member_path(&member));
    assert_holds_no_personal_data(app, &member, &records);
}

/// The history, the records and the log tell one and the same of a member that joined, changed and was excluded.
fn assert_tells_the_story(app: &TestApp, member: &str, records: &[Vec<u8>; 3]) {
    let keys = app.trusted_keys();
    let said: Vec<RecordSummary> = records
        .iter()
        .map(|record| authentic(record, &keys))
        .collect();
    let history = app.history(member);
    let told = [
        ("included", "active", "2026-11-22T09:00:00Z"),
        ("amended", "active", "2026-12-22T09:00:00Z"),
        ("excluded", "excluded", "2027-01-21T09:00:00Z"),
    ];
    assert_eq!(history.len(), told.len());
    let log = app.log_entries();
    let mut previous = Value::Null;
    for (((event, told), record), said) in history.iter().zip(told).zip(records).zip(&said) {
        let (kind, status, at) = told;
        assert_eq!(text(event, "/event"), kind);
        assert_eq!(text(event, "/status"), status);
        assert_eq!(text(event, "/at"), at);
        assert_eq!(
            (said.event.as_str(), said.resulting_status.as_str()),
            (kind, status)
        );
        let digest = Digest::of(record);
        assert_eq!(text(event, "/digest"), digest.to_string());
        assert_eq!(&app.record(&text(event, "/record")), record);
        let document: Value = serde_json::from_slice(record).unwrap();
        assert_eq!(document["id"], event["record"]);
        assert_eq!(document["credentialSubject"]["previous"], previous);
        previous = document["id"].clone();
        let index = usize::try_from(event["logIndex"].as_u64().unwrap()).unwrap();
        let Event::Member { record, kind, .. } = &log[index].event else {
            panic!("entry {index} is of no member");
        };
        assert_eq!((*record, *kind), (digest, said.event));
    }
    let last: Value = serde_json::from_slice(&records[2]).unwrap();
    let subject = &last["credentialSubject"];
    assert_eq!(subject["decision"]["ground"], "charter_violation");
    assert_eq!(subject["decision"]["clauses"], json!(["B.5"]));
    assert_eq!(
        subject["decision"]["statement"][1]["@value"],
        violation()["statement"]["ru"]
    );
    assert_eq!(subject["domain"], "first-school.example");
    assert_eq!(
        subject["name"][0],
        json!({"@language": "en", "@value": "First School"})
    );
    assert_eq!(
        app.member(member).text("/record"),
        previous.as_str().unwrap()
    );
}

fn assert_holds_no_personal_data(app: &TestApp, member: &str, records: &[Vec<u8>; 3]) {
    let mut public = records.to_vec();
    public.extend(app.log());
    for path in [
        member_path(member),
        format!("{}/history", member_path(member)),
        members_of(CHILDHOOD),
        "/metrics".to_owned(),
    ] {
        public.push(app.send(Call::get(path)).must_be(200).body);
    }
    for bytes in public {
        let text = String::from_utf8(bytes).unwrap();
        for personal in ["Иванова", "office@school.example", "222-33-44"] {
            assert!(!text.contains(personal), "{personal} in {text}");
        }
    }
}

fn neither_a_member_nor_a_former_member_is_taken_for_a_newcomer(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let with = |field: &str, value: Value| {
        let mut organisation = school_number(7);
        organisation[field] = value;
        organisation
    };
    let again = [
        school(),
        with("identifiers", school()["identifiers"].clone()),
        with("domain", json!("WWW.School.Example.")),
    ];
    let path = format!("/v1/charters/{CHILDHOOD}/applications");
    let refused_with = |slug: &str| {
        for organisation in &again {
            let before = app.footprint();
            let call = Call::post(&path).token(&app.staff.partner);
            let answer = app.send(call.json(&application(organisation)));
            answer.must_be_refused(409, slug);
            assert_eq!(app.footprint(), before);
        }
    };
    refused_with("already-a-member");
    app.exclude(&member);
    refused_with("former-member");
    app.apply(CHILDHOOD, &school_number(8));
}

fn of_two_applications_of_one_organisation_only_one_is_admitted(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let decisions = [0, 1].map(|_| {
        let applied = app.apply_and_sign(CHILDHOOD, &school());
        app.propose_admission(&applied.id, &json!({"domainAttested": true}))
    });
    app.approve(&decisions[0]);
    let before = app.footprint();
    let call = Call::post(format!("/v1/decisions/{}/approval", decisions[1].id));
    let call = call.token(&app.staff.registrars[1]);
    let answer = app.send(call.json(&json!({"digest": decisions[1].digest})));
    answer.must_be_refused(409, "already-a-member");
    assert_eq!(app.footprint(), before);
    assert_eq!(app.find(&[]).len(), 1);
}

fn the_log_tells_every_event_in_order_with_the_keys_that_were_proven(app: &TestApp) {
    let members = admit_all(app);
    let sber = &members[9].1;
    app.exclude(sber);
    let log = app.log_entries();
    assert_eq!(log.len(), 2 + 22 + 1);
    assert!(log.is_sorted_by_key(|entry| entry.at));
    assert_eq!(log[0].event.kind(), Kind::LogCreated);
    let Event::CharterPublished {
        charter,
        version,
        digest,
    } = &log[1].event
    else {
        panic!("{:?}", log[1]);
    };
    let shown = app
        .send(Call::get(format!("/v1/charters/{CHILDHOOD}")))
        .must_be(200);
    assert_eq!((charter.as_str(), *version), (CHILDHOOD, 1));
    assert_eq!(digest.prefixed(), shown.text("/digest"));

    let included = members
        .iter()
        .map(|(_, id)| (id, MemberEventKind::Included));
    let told = included.chain([(sber, MemberEventKind::Excluded)]);
    for (entry, (id, happened)) in log[2..].iter().zip(told) {
        let Event::Member {
            kind,
            charter,
            member,
            claims,
            record,
            ..
        } = &entry.event
        else {
            panic!("{entry:?}");
        };
        assert_eq!(
            (charter.as_str(), &member.to_string(), *kind),
            (CHILDHOOD, id, happened)
        );
        let shown = app.member(id).json();
        let mut keys: Vec<String> = shown["identifiers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| format!("{}:{}", text(one, "/scheme"), text(one, "/value")))
            .collect();
        keys.extend(
            shown
                .get("domain")
                .map(|_| format!("domain:{}", text(&shown, "/domain"))),
        );
        let mut expected: Vec<Digest> = keys.iter().map(|key| claim_hash(CHILDHOOD, key)).collect();
        expected.sort();
        assert_eq!(claims, &expected, "{keys:?}");
        if happened == MemberEventKind::Excluded || id != sber {
            assert_eq!(*record, Digest::of(&app.newest_record(id)));
        }
    }
    let Event::Member { claims, .. } = &log[11].event else {
        panic!("{:?}", log[11]);
    };
    let key = b"digital-ethics-of-childhood\ndomain:sber.ru";
    assert!(claims.contains(&Digest::of(key)) && claims.len() == 3);
    let ready = app.send(Call::get("/readyz")).must_be(200).json();
    assert_eq!(ready["logSize"], log.len());
}

fn a_domain_that_nobody_attested_stands_in_no_record_and_is_no_key(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school());
    let decision = app.propose_admission(&applied.id, &json!({}));
    let member = app.approve(&decision);
    assert_eq!(member.get("domain"), None);
    let id = text(&member, "/id");
    let record: Value = serde_json::from_slice(&app.newest_record(&id)).unwrap();
    assert_eq!(record["credentialSubject"].get("domain"), None);
    let log = app.log_entries();
    let Event::Member { claims, .. } = &log.last().unwrap().event else {
        panic!("{log:?}");
    };
    assert_eq!(claims, &[claim_hash(CHILDHOOD, "RU-OGRN:1022800000002")]);
    // Another organisation may prove that the domain is its own.
    let mut other = school_number(1);
    other["domain"] = json!("school.example");
    app.admit(CHILDHOOD, &other, false);
}

fn a_memorandum_signed_with_a_key_admits_like_one_signed_by_hand(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let key = SecretKey::from_seed([7; 32]);
    let signature = key.sign(&app.memorandum(&applied));
    let path = format!("{}/memorandum/signature", application_path(&applied.id));
    let call = Call::put(path).token(&applied.token).json(&json!({
        "publicKeyMultibase": key.public().to_multibase(),
        "signature": STANDARD.encode(signature),
        "signedOn": "2026-11-20",
    }));
    assert_eq!(
        app.send(call).must_be(200).text("/state"),
        "memorandum_signed"
    );
    let decision = app.propose_admission(&applied.id, &json!({"domainAttested": true}));
    let member = app.approve(&decision);
    assert_eq!(text(&member, "/memorandum/form"), "ed25519");
    assert_eq!(text(&member, "/memorandum/signedOn"), "2026-11-20");
    authentic(
        &app.newest_record(&text(&member, "/id")),
        &app.trusted_keys(),
    );
}

fn a_member_that_asks_to_leave_has_left_with_its_statement(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let left = app.withdraw_member(&member);
    assert_eq!(left.text("/status"), "withdrawn");
    let record = app.newest_record(&member);
    let said = authentic(&record, &app.trusted_keys());
    assert_eq!(said.event, MemberEventKind::Withdrew);
    let record: Value = serde_json::from_slice(&record).unwrap();
    let decision = &record["credentialSubject"]["decision"];
    assert_eq!(decision["ground"], "own_request");
    assert_eq!(decision["statement"][0]["@value"], "По письму участника.");
}

fn the_longest_record_is_verified_like_any_other(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let languages = || (b'a'..=b'z').flat_map(|one| [b'a', b'b'].map(|two| [one, two]));
    let localized = |length: usize| -> Value {
        languages()
            .take(50)
            .map(|tag| {
                let tag = String::from_utf8(tag.to_vec()).unwrap();
                (tag, Value::from("я".repeat(length)))
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let aliases: Vec<String> = (10..30)
        .map(|number| format!("{number}{}", "я".repeat(298)))
        .collect();
    let mut names = localized(300);
    for dropped in ["ru", "en"] {
        names[dropped] = Value::Null;
    }
    app.amend(&member, &json!({"name": names, "aliases": aliases}));
    let mut reasons = violation();
    reasons["statement"] = localized(600);
    app.approve(&app.propose_exclusion(&member, &reasons));
    let record = app.newest_record(&member);
    assert!(record.len() > 64 * 1024, "only {} bytes", record.len());
    authentic(&record, &app.trusted_keys());
    assert_eq!(text(&app.verdict(&record), "/verdict"), "authentic");
}
