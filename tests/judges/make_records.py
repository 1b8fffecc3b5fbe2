"""Brings a registry through real changes over its API, and lays out in a folder what the judges judge.

    make_records.py BINARY FOLDER

FOLDER/did.json             the DID document, as served
FOLDER/records/NAME         every record, as served
FOLDER/entries/NNN          every entry of the log, as stored
FOLDER/tampered/NAME-NNN    copies of a record, each with one thing changed
FOLDER/paper/NAME.txt       the exact text of a memorandum or of a charter's form, as served
FOLDER/paper/NAME.pdf       the same to print, as served
"""

import copy
import json
import os
import pathlib
import signal
import sqlite3
import sys
import tempfile

from history import make_history
from registry import CHARTER, PUBLIC_URL, Registry


def print_memoranda(registry):
    """Yields the names of memoranda and forms with their exact text and their PDF."""
    organisation = {
        "name": {
            "ru": "Муниципальное автономное общеобразовательное учреждение «Школа № 2 «Ёжики»» — " + "Благовещенск " * 9,
            "en": "School No. 2 “Hedgehogs” – Blagoveshchensk",
        },
        "category": "educational_institution",
        "region": "RU-AMU",
        "domain": "school-2.example",
    }
    contact = {"name": "Фамилия Имя Отчество", "position": "Директор", "email": "office@school-2.example"}
    body = {"organisation": organisation, "contact": contact}
    applied = registry.change("POST", f"/v1/charters/{CHARTER}/applications", "partner", body)
    memorandum = f"/v1/applications/{applied['id']}/memorandum"
    form = f"/v1/charters/{CHARTER}/memorandum?language="
    for language in ["ru", "en"]:
        registry.change("POST", memorandum, "clerk", {"language": language})
        for name, path in [("memorandum", memorandum), ("form", form + language)]:
            text, pdf = (registry.ask("GET", path, "clerk", Accept=of)[0] for of in ["text/plain", "application/pdf"])
            yield f"{name}-{language}", text, pdf


def tampered_copies(record):
    """Yields copies of a record, each with one thing changed.

    None has a context more than the original, which the standard takes (vc-di-eddsa §3.3.2: the document's contexts
    must *begin* with the proof's); only the registry's own verifier refuses that.
    """
    return (changed for changed in variants(record) if changed != record)


def variants(value):
    """Yields copies of a JSON value with one thing in it changed, or, where there was nothing, the value itself."""
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
        case str():
            # The last character but one: for a signature's bytes it makes a difference, for every text, too.
            place = max(len(value) - 2, 0)
            other = "2" if value[place : place + 1] != "2" else "3"
            yield value[:place] + other + value[place + 1 :]
        case list():
            yield from with_changed_items(value, range(len(value)))
            yield value[1:]
            yield value[::-1]
        case dict():
            yield from with_changed_items(value, value)
            for key in value:
                yield {other: value[other] for other in value if other != key}
            yield {**value, "added": "x"}


def with_changed_items(container, places):
    for place in places:
        for changed in variants(container[place]):
            copied = copy.copy(container)
            copied[place] = changed
            yield copied


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def main():
    binary, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    with tempfile.TemporaryDirectory() as host:
        registry = Registry(binary, pathlib.Path(host))
        with registry:
            write(folder / "did.json", registry.ask("GET", "/.well-known/did.json")[0])
            for member in make_history(registry):
                history = json.loads(registry.ask("GET", f"{member}/history")[0])["items"]
                for event in history:
                    record, _ = registry.ask("GET", event["record"].removeprefix(PUBLIC_URL))
                    name = f"{event['logIndex']:03}-{event['event']}"
                    write(folder / "records" / name, record)
                    for number, tampered in enumerate(tampered_copies(json.loads(record))):
                        content = json.dumps(tampered, ensure_ascii=False).encode()
                        write(folder / "tampered" / f"{name}-{number:03}", content)
            for name, text, pdf in print_memoranda(registry):
                write(folder / "paper" / f"{name}.txt", text)
                write(folder / "paper" / f"{name}.pdf", pdf)
        database = sqlite3.connect(pathlib.Path(host) / "data" / "registry.db")
        for index, body in database.execute("SELECT leaf_index, body FROM log_entries"):
            write(folder / "entries" / f"{index:03}", body)
        database.close()


if __name__ == "__main__":
    main()
