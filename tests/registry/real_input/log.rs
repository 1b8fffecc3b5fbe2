//! The log of the founders and joiners.

use charter_proof::{
    canonical::Digest,
    entry::{Event, Kind, MemberEventKind},
    keys::claim_hash,
};

use super::admit_all;
use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::{Call, text},
    on_both_databases,
};

on_both_databases!(the_log_tells_every_event_in_order_with_the_keys_that_were_proven,);

fn the_log_tells_every_event_in_order_with_the_keys_that_were_proven(app: &TestApp) {
    let members = admit_all(app);
    let sber = &members[9].1;
    app.exclude(sber);
    let log = app.logged();
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
    assert_eq!(ready["logSize"], app.log().len());
}
