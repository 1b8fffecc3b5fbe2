//! The founders and joiners in lists: found, filtered, sorted, page by page.

use super::admit_all;
use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::{Call, text},
    on_both_databases,
    organisations::Applicant,
    steps::{members_of, with_query},
};

on_both_databases!(
    every_founder_and_joiner_is_found_by_its_names_in_either_script_and_by_every_filter,
    every_page_of_every_order_together_shows_each_item_once,
);

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
    finds_by_what_people_type(app);
    filters(app, &members);
    sorts(app, &members);
}

/// The English names of the members that a query finds, in its order.
fn found(app: &TestApp, query: &[(&str, &str)]) -> Vec<String> {
    let found = app.find(query);
    found
        .iter()
        .map(|member| text(member, "/name/en"))
        .collect()
}

fn finds_by_what_people_type(app: &TestApp) {
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
        assert_eq!(found(app, &[("q", asked)]), [name], "{asked}");
    }
    assert!(found(app, &[("q", "Одноклассники")]).is_empty());
}

fn filters(app: &TestApp, members: &[(Applicant, String)]) {
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
        assert_eq!(found(app, &query).len(), count, "{query:?}");
    }
}

fn sorts(app: &TestApp, members: &[(Applicant, String)]) {
    #[rustfmt::skip]
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
    assert_eq!(found(app, &[("sort", "name")]), by_name);
    assert_eq!(
        found(app, &[("sort", "-name")]),
        reversed(by_name.map(str::to_owned).to_vec())
    );
    for order in ["number", "since"] {
        assert_eq!(found(app, &[("sort", order)]), by_number, "{order}");
        let descending = format!("-{order}");
        assert_eq!(
            found(app, &[("sort", &descending)]),
            reversed(by_number.clone())
        );
    }
}

fn every_page_of_every_order_together_shows_each_item_once(app: &TestApp) {
    admit_all(app);
    let paged = |path: &str, query: &[(&str, &str)], token: &str| {
        let whole = app.send(Call::get(with_query(path, query)).token(token));
        let whole = whole.must_be(200).items();
        for limit in ["1", "7", "100"] {
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
