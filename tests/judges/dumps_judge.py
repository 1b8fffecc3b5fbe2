"""Dumps before Python's csv module and pyld: every member is there in every form, and linked data needs no network.

    dumps_judge.py BINARY [MEMBERS]
"""

import csv
import gzip
import io
import json
import pathlib
import sys
import tempfile

from history import make_history
from pyld import jsonld
from registry import CHARTER, Registry

MEMBERS = int(sys.argv[2]) if len(sys.argv) > 2 else 600
SCHEMA = "http://schema.org/"


def lines():
    """Organisations of before the registry was there; some are called what a spreadsheet would work out."""
    for number in range(5_000, 5_000 + MEMBERS):
        stem = 102_280_000_000 + number
        name = f"=HYPERLINK(\"{number}\")" if number % 100 == 0 else f"Школа № {number}, \"Ёж\""
        yield {
            "organisation": {
                "name": {"ru": name},
                "category": "educational_institution",
                "region": "RU-AMU",
                "identifiers": [{"scheme": "RU-OGRN", "value": f"{stem}{stem % 11 % 10}"}],
            },
            "memorandum": {"digest": f"sha-256:{number:064x}", "form": "handwritten_scan", "signedOn": "2022-03-14"},
        }


def no_network(url, _options):
    sys.exit(f"FAILED pyld: wants to fetch {url}")


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    registry = Registry(sys.argv[1], folder)
    members = folder / "members.jsonl"
    members.write_text("".join(f"{json.dumps(line)}\n" for line in lines()))
    registry.command("import", str(members), "--charter", CHARTER)
    with registry:
        make_history(registry)
        dumps = {
            form: registry.ask("GET", f"/v1/charters/{CHARTER}/members.{form}")[0]
            for form in ("ndjson", "csv", "jsonld")
        }
        packed, _ = registry.ask("GET", f"/v1/charters/{CHARTER}/members.ndjson", Accept_Encoding="gzip")
    known = [json.loads(line) for line in dumps["ndjson"].splitlines()]
    if gzip.decompress(packed) != dumps["ndjson"] or len(known) != MEMBERS + 2:
        sys.exit(f"FAILED ndjson: {len(known)} members")

    rows = list(csv.DictReader(io.StringIO(dumps["csv"].decode(), newline=""), strict=True))
    if len(rows) != len(known):
        sys.exit(f"FAILED csv: {len(rows)} rows")
    for row, member in zip(rows, known):
        if None in row or None in row.values():
            sys.exit(f"FAILED csv: fields of {row}")
        if any(field.startswith(tuple("=+-@\t\r")) for field in row.values()):
            sys.exit(f"FAILED csv: a formula in {row}")
        name = member["name"].get("ru", "")
        if (row["id"], row["status"], row["name_ru"].removeprefix("'")) != (member["id"], member["status"], name):
            sys.exit(f"FAILED csv: {row} is not {member}")

    jsonld.set_document_loader(no_network)
    expanded = jsonld.expand(json.loads(dumps["jsonld"]))
    organisations = [node for node in expanded if f"{SCHEMA}Organization" in node["@type"]]
    present = [node for node in organisations if f"{SCHEMA}memberOf" in node]
    living = [member for member in known if member["status"] in ("active", "suspended")]
    if (len(organisations), len(present)) != (len(known), len(living)):
        sys.exit(f"FAILED pyld: {len(organisations)} organisations, {len(present)} of them members")
    triples = jsonld.to_rdf(json.loads(dumps["jsonld"]), {"format": "application/n-quads"})
    if f"<{SCHEMA}license> <https://spdx.org/licenses/CC0-1.0>" not in triples:
        sys.exit("FAILED pyld: no licence")
    print(f"csv and pyld took the dumps of {len(known)} members; gzip: {len(packed) // len(known)} bytes a member")
