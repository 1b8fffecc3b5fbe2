"""What happens to two organisations: a history with an admission, a change, an exclusion and a withdrawal."""

SCHOOL = {
    "name": {"ru": "Средняя школа № 1 «Алые паруса»", "en": "School No. 1"},
    "category": "educational_institution",
    "region": "RU-AMU",
    "website": "https://school.example",
    "domain": "школа.example",
    "identifiers": [{"scheme": "RU-OGRN", "value": "1022800000002"}],
}
# Quotes, a backslash, an astral character, letters that sort differently in UTF-8 and in UTF-16.
CLUB = {
    "name": {"ru": "Клуб \"Ёж \\ Щука\" 🦔 ﬀ", "zh": "网络儿童俱乐部"},
    "category": "public_association",
    "country": "RU",
    "identifiers": [{"scheme": "RU-INN", "value": "7707083893"}],
}


def make_history(registry):
    """Admits two organisations, amends and excludes the first, lets the second go; returns their paths."""
    school, club = registry.admit(SCHOOL), registry.admit(CLUB)
    _, etag = registry.ask("GET", school)
    registry.change("PATCH", school, "first", {"aliases": ["Первая школа", "Школа\u00a0№\u00a01"]}, If_Match=etag)
    reasons = {
        "ground": "charter_violation",
        "clauses": ["B.5"],
        "statement": {"ru": "Доступ детей к вредному контенту не был ограничен.", "en": "Access was not restricted."},
    }
    registry.decide(f"{school}/exclusion", reasons)
    registry.change("POST", f"{club}/withdrawal", "first", {"statement": {"ru": "По просьбе клуба."}})
    return school, club
