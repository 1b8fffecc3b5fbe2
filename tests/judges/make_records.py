"""Brings a registry through real changes over its API, and lays out in a folder what the judges judge.

    make_records.py BINARY FOLDER

FOLDER/did.json             the DID document, as served
FOLDER/records/NAME         every record, as served
FOLDER/entries/NNN          every entry of the log, as stored
FOLDER/tampered/NAME-NNN    copies of a record, each with one thing changed
"""

import copy
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHARTER = "digital-ethics-of-childhood"
# With a port, so that the DID has the %3A that verifiers stumble over.
PUBLIC_URL = "https://registry.example:8443"
SCAN = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"

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


class Registry:
    """A server on SQLite in a folder of its own, and the accounts of those who call it."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.environment = {
            "CHARTER_DATA": str(folder / "data"),
            "CHARTER_PUBLIC_URL": PUBLIC_URL,
            "CHARTER_LISTEN": "127.0.0.1:0",
            "CHARTER_LOG_FORMAT": "json",
            # Its first lines tell its address; nobody empties the pipe later.
            "CHARTER_LOG": "error,charter_registry::startup=info",
        }
        self.command("charter", "publish", str(ROOT / "charters" / f"{CHARTER}.toml"))
        self.tokens = {
            name: self.command("operator", "add", name, "--role", role)
            for name, role in [("clerk", "clerk"), ("first", "registrar"), ("second", "registrar")]
        }
        self.tokens["partner"] = self.command("partner", "add", "partner")

    def command(self, *arguments):
        """Runs a command on the host and returns what it prints."""
        ended = subprocess.run(
            [self.binary, *arguments], env=self.environment, cwd=self.folder, capture_output=True, text=True
        )
        if ended.returncode != 0:
            sys.exit(f"charter-registry {' '.join(arguments)}: {ended.stderr}")
        return ended.stdout.strip()

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.binary, "serve"], env=self.environment, cwd=self.folder, stderr=subprocess.PIPE, text=True
        )
        for line in self.process.stderr:
            if address := json.loads(line).get("address"):
                self.address = f"http://{address}"
                return self
        sys.exit("the server ended before it listened")

    def __exit__(self, failed, *_):
        self.process.terminate()
        _, log = self.process.communicate()
        if failed:
            sys.stderr.write(log)

    def ask(self, method, path, caller=None, body=None, **headers):
        """Sends a request that must succeed; returns the answer's bytes and its ETag."""
        request = urllib.request.Request(self.address + path, method=method)
        if body is not None:
            request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
            request.add_header("Content-Type", "application/pdf" if body is SCAN else "application/json")
        if caller:
            request.add_header("Authorization", f"Bearer {self.tokens[caller]}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read(), answer.headers.get("ETag")
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")

    def change(self, method, path, caller, body, **headers):
        """Sends a request that must succeed, and returns the answer's JSON."""
        return json.loads(self.ask(method, path, caller, body, **headers)[0])

    def decide(self, path, proposal):
        """Has one registrar propose and another approve; returns the member."""
        decision = self.change("POST", path, "first", proposal)
        approval = f"/v1/decisions/{decision['id']}/approval"
        return self.change("POST", approval, "second", {"digest": decision["digest"]})["member"]

    def admit(self, organisation):
        """Brings an organisation from its application to its membership; returns the member's path."""
        contact = {"name": "Фамилия Имя", "position": "Директор", "email": "office@school.example"}
        body = {"organisation": organisation, "contact": contact}
        applied = self.change("POST", f"/v1/charters/{CHARTER}/applications", "partner", body)
        application = f"/v1/applications/{applied['id']}"
        self.change("POST", f"{application}/memorandum", "clerk", {})
        self.change("PUT", f"{application}/memorandum/scan", "partner", SCAN)
        member = self.decide(f"{application}/admission", {"domainAttested": "domain" in organisation})
        return f"/v1/charters/{CHARTER}/members/{member['id']}"


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
        database = sqlite3.connect(pathlib.Path(host) / "data" / "registry.db")
        for index, body in database.execute("SELECT leaf_index, body FROM log_entries"):
            write(folder / "entries" / f"{index:03}", body)
        database.close()


main()
