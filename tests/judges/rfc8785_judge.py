"""rfc8785 writes every served record and every log entry to the same bytes, and the digests agree: `rfc8785_judge.py FOLDER`."""

import hashlib
import importlib.metadata
import sys

import rfc8785

from bench import Case, end, read


def main():
    case = Case(sys.argv[1])
    faults = [
        f"{path.name} is not in canonical form"
        for path in case.records + case.entries
        if rfc8785.dumps(read(path)) != path.read_bytes()
    ]
    named = [entry["record"] for entry in map(read, case.entries) if "record" in entry]
    served = [hashlib.sha256(path.read_bytes()).hexdigest() for path in case.records]
    if named != served:
        faults.append("the log's entries do not name the records that are served, in order")
    finding = f"{len(case.records)} records and {len(case.entries)} log entries canonical to the byte, digests as logged"
    end(f"rfc8785 {importlib.metadata.version('rfc8785')}", finding, faults)


main()
