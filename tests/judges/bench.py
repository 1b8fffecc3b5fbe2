"""What the judges from PyPI have in common: the documents they judge, and their verdict."""

import json
import pathlib
import sys

# SubjectPublicKeyInfo of an ed25519 key, all but the key (RFC 8410 §4).
SPKI = bytes.fromhex("302a300506032b6570032100")


class Refused(Exception):
    """A judge does not take a document, for a reason it names."""


class Case:
    """The documents that `make_records.py` laid out in a folder."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.did_document = read(folder / "did.json")
        self.records = documents(folder / "records")
        self.tampered = documents(folder / "tampered")
        self.entries = documents(folder / "entries")

    def key_of(self, proof):
        """The verification method that a proof names, as the DID document has it for assertions."""
        named = proof.get("verificationMethod")
        if named not in self.did_document["assertionMethod"]:
            raise Refused(f"{named} is not for assertions")
        return next(method for method in self.did_document["verificationMethod"] if method["id"] == named)


def documents(folder):
    """The files of a folder; it has some, or there was nothing to judge."""
    found = sorted(folder.iterdir())
    if not found:
        raise SystemExit(f"{folder} is empty: nothing to judge")
    return found


def read(path):
    """The JSON of a file, without duplicate keys."""
    return json.loads(path.read_bytes(), object_pairs_hook=without_duplicates)


def without_duplicates(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def judge(name, verify):
    """Has `verify(case, document)` take every record and refuse every tampered copy; prints the verdict."""
    case = Case(sys.argv[1])
    faults = []
    for path in case.records:
        try:
            verify(case, read(path))
        except Refused as refusal:
            faults.append(f"{path.name} was refused: {refusal}")
    for path in case.tampered:
        try:
            verify(case, read(path))
        except Refused:
            continue
        faults.append(f"{path.name}, which was tampered with, was taken")
    end(name, f"{len(case.records)} records taken, {len(case.tampered)} tampered copies refused", faults)


def end(name, finding, faults):
    """Prints a judge's verdict and, if it found faults, ends with status 1."""
    for fault in faults:
        print(f"  {name}: {fault}")
    if faults:
        sys.exit(f"FAILED {name}: {len(faults)} faults")
    print(f"passed {name}: {finding}")
