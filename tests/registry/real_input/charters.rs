//! The charters that come with the registry, published and shown.

use charter_proof::canonical::{Digest, to_jcs};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
};

on_both_databases!(a_charter_is_shown_as_it_was_published_and_publishing_it_again_changes_nothing,);

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
