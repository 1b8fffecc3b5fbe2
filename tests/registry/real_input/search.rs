//! The founders and joiners as people look for them: in either script, by numbers, with typing errors.

use super::admit_all;
use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::{Call, text},
    on_both_databases,
    steps::{members_of, with_query},
};

on_both_databases!(
    a_member_is_found_however_its_name_is_typed,
    what_is_typed_right_comes_before_what_resembles_it,
);

/// The English names of the members that a query finds, in its order.
fn found(app: &TestApp, query: &[(&str, &str)]) -> Vec<String> {
    let found = app.find(query);
    found
        .iter()
        .map(|member| text(member, "/name/en"))
        .collect()
}

fn a_member_is_found_however_its_name_is_typed(app: &TestApp) {
    admit_all(app);
    for (typed, name) in [
        ("kaspersky", "Kaspersky Lab"),
        ("Касперский", "Kaspersky Lab"),
        ("Касперксий", "Kaspersky Lab"),
        ("Каспреский", "Kaspersky Lab"),
        ("касперкий", "Kaspersky Lab"),
        ("Касаерский", "Kaspersky Lab"),
        ("kaspresky", "Kaspersky Lab"),
        ("casperski", "Kaspersky Lab"),
        ("yandex", "Yandex"),
        ("Яндэкс", "Yandex"),
        ("Янекс", "Yandex"),
        ("Янедкс", "Yandex"),
        ("yadnex", "Yandex"),
        ("мегофон", "MegaFon"),
        ("megaphone", "MegaFon"),
        ("Ростеликом", "Rostelecom"),
        ("ростелекмо", "Rostelecom"),
        ("билаин", "Beeline"),
        ("сбербанкк", "Sber"),
        ("Союзмультфилм", "Soyuzmultfilm"),
        ("журавилк", "Zhuravlik Charitable Organisation"),
        ("skilbox", "Skillbox"),
        ("скиллбокс", "Skillbox"),
        ("Газпорм", "Gazprom-Media Holding"),
        // Numbers by their beginnings.
        ("102770022", "Yandex"),
        ("1027700229193", "Yandex"),
        ("77361540", ""),
        ("7713140", "Kaspersky Lab"),
        ("1187700009", "Zhuravlik Charitable Organisation"),
        // A number with an error in it is another number.
        ("1027700229194", ""),
        ("7736207534", ""),
        // Short words have too many neighbours to guess among.
        ("мтц", ""),
        ("сбур", ""),
    ] {
        let first = found(app, &[("q", typed)]).into_iter().next();
        assert_eq!(first.unwrap_or_default(), name, "{typed}");
    }
    let number = "10277001";
    let mut names = found(app, &[("q", number)]);
    names.sort();
    assert_eq!(names, ["Beeline", "MTS", "Rostelecom", "Sber"], "{number}");
}

fn what_is_typed_right_comes_before_what_resembles_it(app: &TestApp) {
    admit_all(app);
    let school = |name: &str, alias: &str, number: u32| {
        let mut school = crate::support::organisations::school_number(number);
        school["name"]["en"] = name.into();
        school["aliases"] = serde_json::json!([alias]);
        app.admit(CHILDHOOD, &school, false);
    };
    school("First", "Касперово", 1);
    school("Second", "Касперского", 2);
    school("Third", "Kasperskaya", 3);
    school("Fourth", "Лаборатория Касперскый", 4);
    // Whole words, then beginnings, then typing errors; by number among equals.
    let names = found(app, &[("q", "касперский")]);
    assert_eq!(names, ["Kaspersky Lab", "Fourth", "Second", "Third"]);
    let names = found(app, &[("q", "касперск")]);
    assert_eq!(names, ["Kaspersky Lab", "Second", "Third", "Fourth"]);
    let names = found(app, &[("q", "касперский")]);
    let by_number = found(app, &[("q", "касперский"), ("sort", "number")]);
    assert_eq!(by_number[0], "Kaspersky Lab");
    let filtered = [("q", "касперский"), ("founder", "false")];
    assert_eq!(found(app, &filtered)[0], "Fourth");

    // Pages of the ranked list together are the list.
    let query = [("q", "касперский"), ("sort", "relevance"), ("limit", "1")];
    let paged: Vec<_> = app
        .pages(&with_query(&members_of(CHILDHOOD), &query), "")
        .concat()
        .iter()
        .map(|member| text(member, "/name/en"))
        .collect();
    assert_eq!(paged, names);

    // Without words there is nothing to be relevant to.
    for sort in ["sort=relevance", "sort=-relevance&q=yandex"] {
        let path = format!("{}?{sort}", members_of(CHILDHOOD));
        app.send(Call::get(path))
            .must_be_refused(400, "invalid-query");
    }
}
