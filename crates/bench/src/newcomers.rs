//! Organisations that there are not, but could be: the same ones each time.

use serde_json::{Value, json};

/// What the members of a charter have for a name: Russian, in the form that a list of schools has, and English.
const KINDS: [(&str, &str, &str); 12] = [
    (
        "educational_institution",
        "Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № {n}» города {city}",
        "School No. {n} of {City}",
    ),
    (
        "educational_institution",
        "Гимназия № {n} имени {a}",
        "Gymnasium No. {n} of {City}",
    ),
    (
        "educational_institution",
        "Лицей «{a}» города {city}",
        "{A} Lyceum, {City}",
    ),
    (
        "educational_institution",
        "Детский сад комбинированного вида № {n} «{b}»",
        "Kindergarten No. {n} {B}",
    ),
    (
        "educational_institution",
        "Центр детского творчества «{a} {b}»",
        "{A} {B} Centre for Children's Creativity",
    ),
    ("commercial_organisation", "{a}{b}", "{A}{B}"),
    (
        "commercial_organisation",
        "Издательский дом «{a}»",
        "{A} Publishing House",
    ),
    ("commercial_organisation", "{a}-Телеком", "{A} Telecom"),
    (
        "non_commercial_organisation",
        "Региональный фонд поддержки семьи и детства «{a} {b}»",
        "{A} {B} Regional Foundation for Families",
    ),
    (
        "state_organisation",
        "Библиотека № {n} города {city}",
        "Library No. {n} of {City}",
    ),
    (
        "public_association",
        "Общественное движение «{a} без {b}»",
        "{A} without {B}",
    ),
    (
        "parents_association",
        "Родительский совет «{b}», {city}",
        "Parents' Council {B}, {City}",
    ),
];

const CITIES: [(&str, &str, &str); 24] = [
    ("Казани", "Kazan", "RU-TA"),
    ("Благовещенска", "Blagoveshchensk", "RU-AMU"),
    ("Новосибирска", "Novosibirsk", "RU-NVS"),
    ("Екатеринбурга", "Yekaterinburg", "RU-SVE"),
    ("Самары", "Samara", "RU-SAM"),
    ("Омска", "Omsk", "RU-OMS"),
    ("Челябинска", "Chelyabinsk", "RU-CHE"),
    ("Уфы", "Ufa", "RU-BA"),
    ("Перми", "Perm", "RU-PER"),
    ("Воронежа", "Voronezh", "RU-VOR"),
    ("Волгограда", "Volgograd", "RU-VGG"),
    ("Саратова", "Saratov", "RU-SAR"),
    ("Тюмени", "Tyumen", "RU-TYU"),
    ("Ижевска", "Izhevsk", "RU-UD"),
    ("Иркутска", "Irkutsk", "RU-IRK"),
    ("Хабаровска", "Khabarovsk", "RU-KHA"),
    ("Ярославля", "Yaroslavl", "RU-YAR"),
    ("Владивостока", "Vladivostok", "RU-PRI"),
    ("Томска", "Tomsk", "RU-TOM"),
    ("Оренбурга", "Orenburg", "RU-ORE"),
    ("Кемерова", "Kemerovo", "RU-KEM"),
    ("Рязани", "Ryazan", "RU-RYA"),
    ("Астрахани", "Astrakhan", "RU-AST"),
    ("Пензы", "Penza", "RU-PNZ"),
];

/// Beginnings and ends of words: 40 × 30 of either make names that are read, and mistyped, as names are.
const BEGINNINGS: [(&str, &str); 40] = [
    ("Свето", "Sveto"),
    ("Сол", "Sol"),
    ("Звезд", "Zvezd"),
    ("Рад", "Rad"),
    ("Мор", "Mor"),
    ("Лес", "Les"),
    ("Гор", "Gor"),
    ("Вет", "Vet"),
    ("Рос", "Ros"),
    ("Бере", "Bere"),
    ("Клён", "Klyon"),
    ("Дуб", "Dub"),
    ("Сокол", "Sokol"),
    ("Ястреб", "Yastreb"),
    ("Жура", "Zhura"),
    ("Медиа", "Media"),
    ("Теле", "Tele"),
    ("Инфо", "Info"),
    ("Кибер", "Kiber"),
    ("Нейро", "Neyro"),
    ("Школ", "Shkol"),
    ("Знай", "Znay"),
    ("Пере", "Pere"),
    ("Юн", "Yun"),
    ("Чист", "Chist"),
    ("Добр", "Dobr"),
    ("Верн", "Vern"),
    ("Друж", "Druzh"),
    ("Семи", "Semi"),
    ("Цвет", "Tsvet"),
    ("Щедр", "Shchedr"),
    ("Эхо", "Ekho"),
    ("Амур", "Amur"),
    ("Байка", "Bayka"),
    ("Урал", "Ural"),
    ("Волж", "Volzh"),
    ("Север", "Sever"),
    ("Полюс", "Polyus"),
    ("Альфа", "Alfa"),
    ("Омега", "Omega"),
];

const ENDS: [(&str, &str); 30] = [
    ("град", "grad"),
    ("лад", "lad"),
    ("ник", "nik"),
    ("ность", "nost"),
    ("ский", "sky"),
    ("вый", "vy"),
    ("нет", "net"),
    ("софт", "soft"),
    ("дом", "dom"),
    ("мир", "mir"),
    ("лист", "list"),
    ("тех", "tekh"),
    ("связь", "svyaz"),
    ("лайн", "layn"),
    ("пульс", "puls"),
    ("очка", "ochka"),
    ("ёнок", "yonok"),
    ("арт", "art"),
    ("бук", "buk"),
    ("игра", "igra"),
    ("слово", "slovo"),
    ("путь", "put"),
    ("круг", "krug"),
    ("мост", "most"),
    ("ключ", "klyuch"),
    ("цех", "tsekh"),
    ("щит", "shchit"),
    ("явь", "yav"),
    ("луч", "luch"),
    ("речье", "rechye"),
];

/// Numbers that look like chance, and are the same each time (Steele, Lea and Flood's `SplitMix64`).
pub struct Chance(u64);

impl Chance {
    /// The numbers that belong to this one.
    pub const fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The next number below this one.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 16).unwrap() % bound
    }

    /// One of these.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A word that could be a name, in Russian and in English letters.
fn word(chance: &mut Chance) -> (String, String) {
    let (begins, ends) = (chance.one(&BEGINNINGS), chance.one(&ENDS));
    (
        format!("{}{}", begins.0, ends.0),
        format!("{}{}", begins.1, ends.1),
    )
}

/// What a search may look for in an organisation.
pub struct Known {
    /// Its Russian name.
    pub russian: String,
    /// The same or something like it in English letters.
    pub english: String,
    /// Its number in the register.
    pub ogrn: String,
    /// Its domain, if it has one.
    pub domain: Option<String>,
    category: &'static str,
    region: &'static str,
    has_english: bool,
    inn: String,
}

/// The organisation of this number.
pub fn organisation(number: u64) -> Known {
    let mut chance = Chance::of(number);
    let (category, russian, english) = *chance.one(&KINDS);
    let (city, in_english, region) = *chance.one(&CITIES);
    let (first, second) = (word(&mut chance), word(&mut chance));
    let school = (chance.below(280) + 1).to_string();
    let fill = |pattern: &str| {
        pattern
            .replace("{n}", &school)
            .replace("{city}", city)
            .replace("{City}", in_english)
            .replace("{a}", &first.0)
            .replace("{A}", &first.1)
            .replace("{b}", &second.0)
            .replace("{B}", &second.1)
    };
    let has_domain = chance.below(10) < 6;
    let host = format!("{}-{number}.{}.example", first.1, in_english).to_lowercase();
    Known {
        russian: fill(russian),
        english: fill(english),
        ogrn: ogrn(number),
        domain: has_domain.then_some(host),
        category,
        region,
        has_english: chance.below(10) < 4,
        inn: inn(number),
    }
}

impl Known {
    /// The line by which it is imported.
    pub fn line(&self) -> Value {
        let mut organisation = json!({
            "name": {"ru": self.russian},
            "category": self.category,
            "region": self.region,
            "identifiers": [
                {"scheme": "RU-OGRN", "value": self.ogrn},
                {"scheme": "RU-INN", "value": self.inn},
            ],
        });
        if self.has_english {
            organisation["name"]["en"] = self.english.clone().into();
        }
        if let Some(domain) = &self.domain {
            organisation["domain"] = domain.clone().into();
            organisation["website"] = format!("https://{domain}/").into();
        }
        json!({
            "organisation": organisation,
            "memorandum": {
                "digest": format!("sha-256:{:0>64}", self.ogrn),
                "form": "handwritten_scan",
                "signedOn": "2022-03-14",
            },
        })
    }
}

/// An OGRN with its check digit right.
fn ogrn(number: u64) -> String {
    let stem = 102_280_000_000 + number;
    format!("{stem}{}", stem % 11 % 10)
}

/// An INN of an organisation with its check digit right.
fn inn(number: u64) -> String {
    let stem = format!("{:09}", 280_000_000 + number);
    let weights = [2, 4, 10, 3, 5, 9, 4, 6, 8];
    let digits = stem.chars().map(|digit| digit.to_digit(10).unwrap());
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{stem}{}", sum % 11 % 10)
}
