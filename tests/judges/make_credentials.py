"""Has a registry give credentials before and after an exclusion and a suspension, for the judges of credentials.

    make_credentials.py BINARY FOLDER

FOLDER/did.json                 the DID document, as served
FOLDER/credentials/NAME.json    the credential of the member that stayed, was excluded, was suspended; given before
FOLDER/credentials/NAME.jwt     the same as a JSON Web Token
FOLDER/tampered/NNN.json        copies of the first, each with one thing changed
FOLDER/before/PURPOSE.json      the status lists as they were when the credentials were given
FOLDER/after/PURPOSE.json       and after the exclusion and the suspension
"""

import json
import os
import pathlib
import signal
import sys
import tempfile

from history import CLUB, SCHOOL
from make_records import tampered_copies, write
from registry import Registry

REASONS = {
    "ground": "charter_violation",
    "clauses": ["B.5"],
    "statement": {"ru": "Доступ детей к вредному контенту не был ограничен."},
}
LIBRARY = {
    "name": {"ru": "Библиотека № 3"},
    "category": "educational_institution",
    "identifiers": [{"scheme": "RU-OGRN", "value": "1022800000101"}],
}


def keep_lists(registry, folder):
    for purpose in ("revocation", "suspension"):
        write(folder / f"{purpose}.json", registry.ask("GET", f"/status/{purpose}/1")[0])


def main():
    binary, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    with tempfile.TemporaryDirectory() as host:
        registry = Registry(binary, pathlib.Path(host))
        with registry:
            write(folder / "did.json", registry.ask("GET", "/.well-known/did.json")[0])
            members = {
                "stayed": registry.admit(SCHOOL),
                "excluded": registry.admit(CLUB),
                "suspended": registry.admit(LIBRARY),
            }
            for name, member in members.items():
                for end, media_type in (("json", "application/vc"), ("jwt", "application/vc+jwt")):
                    given, _ = registry.ask("GET", f"{member}/credential", Accept=media_type)
                    write(folder / "credentials" / f"{name}.{end}", given)
            stayed = json.loads((folder / "credentials" / "stayed.json").read_bytes())
            for number, tampered in enumerate(tampered_copies(stayed)):
                content = json.dumps(tampered, ensure_ascii=False).encode()
                write(folder / "tampered" / f"{number:03}.json", content)
            keep_lists(registry, folder / "before")
            registry.decide(f"{members['excluded']}/exclusion", REASONS)
            registry.decide(f"{members['suspended']}/suspension", REASONS)
            keep_lists(registry, folder / "after")


if __name__ == "__main__":
    main()
