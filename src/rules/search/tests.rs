use proptest::prelude::*;

use super::*;
use crate::rules::organisation::{IdentifierInput, OrganisationInput};

fn organisation(name: &str, aliases: &[&str]) -> Organisation {
    Organisation::parse(OrganisationInput {
        name: [("ru".to_owned(), name.to_owned())].into(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        category: "company".to_owned(),
        domain: Some("домен.example".to_owned()),
        identifiers: vec![IdentifierInput {
            scheme: "RU-INN".to_owned(),
            value: "7707083893".to_owned(),
        }],
        ..OrganisationInput::default()
    })
    .unwrap()
}

fn is_found(terms: &BTreeSet<String>, query: &str) -> bool {
    let words = query_terms(query);
    let has = |word: &String| terms.iter().any(|term| term.starts_with(word));
    !words.is_empty() && words.iter().all(has)
}

fn finds(query: &str, name: &str) -> bool {
    is_found(&terms(&organisation(name, &[]), None), query)
}

#[test]
fn latin_and_cyrillic_names_find_each_other() {
    for (latin, cyrillic) in [
        ("yandex", "Яндекс"),
        ("Yandeks", "Яндекс"),
        ("Jandex", "ЯНДЕКС"),
        ("megafon", "МегаФон"),
        ("Rostelecom", "Ростелеком"),
        ("Rostelekom", "Ростелеком"),
        ("Gazprom-Media", "Газпром-Медиа"),
        ("Soyuzmultfilm", "Союзмультфильм"),
        ("Soiuzmultfilm", "Союзмультфильм"),
        ("Sojuzmul'tfil'm", "Союзмультфильм"),
        ("vk", "ВК"),
        ("sber", "Сбер"),
        ("znanie", "Знание"),
        ("Znaniye", "Знание"),
        ("zhuravlik", "Журавлик"),
        ("Žuravlik", "Журавлик"),
        ("Kaspersky", "Касперский"),
        ("Kasperskij", "Касперский"),
        ("Shchyolkovo", "Щёлково"),
        ("Schelkovo", "Щёлково"),
        ("Korolev", "Королёв"),
        ("Korolyov", "Королёв"),
        ("Artyom", "Артём"),
        ("Khabarovsk", "Хабаровск"),
        ("Habarovsk", "Хабаровск"),
        ("Chelyabinsk", "Челябинск"),
        ("Čeljabinsk", "Челябинск"),
        ("Tchaika", "Чайка"),
        ("Yekaterinburg", "Екатеринбург"),
        ("Ekaterinburg", "Екатеринбург"),
        ("Tsian", "Циан"),
        ("Cian", "Циан"),
        ("Citilink", "Ситилинк"),
        ("Technonikol", "Технониколь"),
        ("Tekhnonikol", "Технониколь"),
        ("Vasiliev", "Васильев"),
        ("Vasilyev", "Васильев"),
        ("Rossiya", "Россия"),
        ("Rosia", "Россия"),
        ("Aeroflot", "Аэрофлот"),
        ("Alexey", "Алексей"),
        ("Dmitry", "Дмитрий"),
        ("Amurskaja oblast'", "Амурская область"),
        ("Wikimedia", "Викимедиа"),
        ("Photo", "Фото"),
        ("Kyiv", "Київ"),
        ("Obyedinenie", "Объединение"),
    ] {
        assert!(finds(latin, cyrillic), "{latin} should find {cyrillic}");
        assert!(finds(cyrillic, latin), "{cyrillic} should find {latin}");
    }
}

#[test]
fn a_query_finds_names_whose_words_begin_so() {
    for (query, name) in [
        ("Каспер", "Лаборатория Касперского"),
        ("kasper", "Лаборатория Касперского"),
        ("каспер", "Kaspersky Lab"),
        ("касперского лаб", "Лаборатория Касперского"),
        ("kasper lab", "АО «Лаборатория Касперского»"),
        ("совет", "Советский спорт"),
        ("sovets", "Советский спорт"),
        ("school", "School of Design"),
        ("sc", "School of Design"),
        ("щ", "Щит"),
        ("Shc", "Щит"),
        ("школа 1535", "Школа №1535"),
        ("газпроммедиа", "Газпром-Медиа"),
        ("елка", "Ёлка"),
        ("ёлка", "Елка"),
        ("андрей", "Андреи"),
        ("O'Neil", "O’Neil"),
        ("ｋａｓｐｅｒ", "Kaspersky"),
        ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
        ("हिन्दी", "हिन्दी साहित्य"),
    ] {
        assert!(finds(query, name), "{query} should find {name}");
    }
}

#[test]
fn a_query_does_not_find_what_begins_otherwise() {
    for (query, name) in [
        ("сбер", "Серебро"),
        ("спер", "Лаборатория Касперского"),
        ("каспер медиа", "Лаборатория Касперского"),
        ("яндекс", "Индекс"),
        ("1535", "Школа №153"),
        ("", "Школа"),
        ("«»", "Школа"),
        ("ь", "Школа"),
    ] {
        assert!(!finds(query, name), "{query} should not find {name}");
    }
}

#[test]
fn aliases_identifiers_the_domain_and_the_number_find_too() {
    let terms = terms(
        &organisation("ВымпелКом", &["Билайн", "Beeline"]),
        Some(123),
    );
    for query in [
        "beeline",
        "билайн vimpelcom",
        "7707083893",
        "77070",
        "домен.example",
        "https://www.домен.example/about?x=1",
        "www.домен.example",
        "xn--d1acufc.example",
        "domen",
        "123",
        "000123",
    ] {
        assert!(is_found(&terms, query), "{query}");
    }
    assert!(!is_found(&terms, "7707083894"));
    assert!(!is_found(&terms, "124"));
}

#[test]
fn a_query_has_eight_words_at_most_and_none_twice() {
    assert_eq!(query_terms("a b c d e f g h i j").len(), MAX_QUERY_WORDS);
    assert_eq!(query_terms("Школа школа shkola"), ["shkola"]);
    assert_eq!(query_terms(" % _ «» "), Vec::<String>::new());
}

/// Each letter of a word in one of its customary romanisations, chosen by `choices`.
fn any_romanisation(word: &str, choices: &[usize]) -> String {
    let mut latin = String::new();
    let mut letters = word.chars().peekable();
    let mut choices = choices.iter().cycle();
    while let Some(letter) = letters.next() {
        let is_soft = letters.peek().is_some_and(|next| "еиыэ".contains(*next));
        let spellings: &[&str] = match letter {
            'а' => &["a"],
            'в' => &["v", "w"],
            'г' => &["g"],
            'е' => &["e", "ye", "je"],
            'ж' => &["zh", "ž"],
            'и' => &["i"],
            'й' | 'ы' => &["y", "j", "i"],
            'к' if letters.next_if_eq(&'с').is_some() => &["ks", "x"],
            'к' => &["k"],
            'л' => &["l", "ll"],
            'н' => &["n"],
            'о' => &["o"],
            'с' => &["s", "ss"],
            'т' => &["t"],
            'у' => &["u"],
            'ф' => &["f", "ph"],
            'х' => &["kh", "h"],
            'ц' if is_soft => &["ts", "c"],
            'ц' => &["ts"],
            'ч' => &["ch", "č"],
            'ш' => &["sh", "š"],
            'щ' => &["shch", "sch", "šč"],
            'ъ' | 'ь' => &["", "'", "ʹ"],
            'э' => &["e"],
            'ю' => &["yu", "ju", "iu"],
            'я' => &["ya", "ja", "ia"],
            other => panic!("no romanisation of {other}"),
        };
        latin.push_str(spellings[choices.next().unwrap() % spellings.len()]);
    }
    latin
}

proptest! {
    #[test]
    fn every_romanisation_finds_the_word(
        word in "а[авгежийыклностуфхцчшщъьэюя]{0,10}",
        choices in proptest::collection::vec(0..6_usize, 12),
    ) {
        // Where two letters are spelled like one ("kh" for кх and х) a reader cannot tell either.
        let spoken = word.replace(['ъ', 'ь'], "");
        prop_assume!(!["кх", "тх", "сс", "тсч"].iter().any(|cluster| spoken.contains(cluster)));
        let latin = any_romanisation(&word, &choices);
        prop_assert!(finds(&latin, &word), "{} {:?} {:?}", latin, query_terms(&latin), query_terms(&word));
        prop_assert!(finds(&word, &latin), "{}", latin);
    }

    #[test]
    fn every_beginning_of_a_word_finds_it(word in "[а-яёa-zčšž]{1,20}|[\\p{L}\\p{N}]{1,20}") {
        let mut terms = BTreeSet::new();
        add_text(&mut terms, &word);
        for length in 1..=word.chars().count() {
            let beginning: String = word.chars().take(length).collect();
            let words = query_terms(&beginning);
            prop_assert!(words.is_empty() || is_found(&terms, &beginning), "{}", beginning);
        }
    }

    #[test]
    fn terms_and_query_words_have_no_punctuation(text in any::<String>()) {
        let mut terms = BTreeSet::new();
        add_text(&mut terms, &text);
        terms.extend(query_terms(&text));
        for term in &terms {
            prop_assert!(!term.is_empty());
            prop_assert!(!term.contains(['%', '_', '\\', '\'', ' ', '\0']), "{}", term);
        }
    }

    #[test]
    fn a_text_finds_itself(text in "[ а-яё.,«»a-z0-9-]{1,60}") {
        let mut terms = BTreeSet::new();
        add_text(&mut terms, &text);
        prop_assert!(query_terms(&text).is_empty() || is_found(&terms, &text));
    }
}
