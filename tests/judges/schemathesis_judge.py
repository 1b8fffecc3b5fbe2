"""Schemathesis makes requests of the OpenAPI document, good ones and bad ones, and goes on from what was answered.

    schemathesis_judge.py BINARY REQUESTS SEED

At least REQUESTS of them: as nobody, as a partner and as each role of the secretariat. No answer may be a server
error, and none may have a status, a type of content, a header or a body that the document does not name.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from history import make_history
from registry import ROOT, Registry

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
# The administrator last: it can take the others' accounts away.
CALLERS = [None, "partner", "auditor", "clerk", "first", "administrator"]
# Below this, the cases that schemathesis works out one by one for every part of every request are left out.
MANY = 1000


def judge(registry, caller, requests, seed, folder):
    """Has one caller's requests made; returns how many there were, and what was wrong."""
    report = folder / "report.json"
    phases = "examples,coverage,fuzzing,stateful" if requests >= MANY else "fuzzing,stateful"
    command = [
        pathlib.Path(sys.executable).parent / "schemathesis",
        "run",
        f"{registry.address}/openapi.json",
        f"--url={registry.address}",
        f"--phases={phases}",
        f"--checks={','.join(CHECKS)}",
        f"--max-examples={max(requests // 500, 1)}",
        f"--seed={seed}",
        "--continue-on-failure",
        "--no-shrink",
        "--warnings=off",
        "--suppress-health-check=all",
        "--generation-database=none",
        f"--report-json-path={report}",
        "--no-color",
    ]
    if caller:
        command.append(f"--header=Authorization: Bearer {registry.tokens[caller]}")
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(ROOT / "tests/judges")}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if not report.exists():
        sys.exit(ended.stdout + ended.stderr)
    told = json.loads(report.read_text())
    report.unlink()
    wrong = [f"{failure['title']}: {', '.join(failure['operations'])}" for failure in told["failures"]]
    wrong += [f"{error['title']} ({error['count']})" for error in told["errors"]]
    if wrong:
        print(ended.stdout)
    return told["test_cases"]["generated"], wrong


def main():
    binary, requests, seed = os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    made, failed = 0, False
    while made < requests and not failed:
        with tempfile.TemporaryDirectory() as host, tempfile.TemporaryDirectory() as folder:
            with Registry(binary, pathlib.Path(host)) as registry:
                make_history(registry)
                for caller in CALLERS:
                    count, wrong = judge(registry, caller, requests, seed, pathlib.Path(folder))
                    made += count
                    failed |= bool(wrong)
                    print(f"schemathesis as {caller or 'nobody'}: {count} requests; {'; '.join(wrong) or 'as documented'}")
        seed += 1
    print(f"schemathesis: {made} requests, {'WRONG' if failed else 'no server error, no undocumented answer'}")
    sys.exit(failed)


main()
