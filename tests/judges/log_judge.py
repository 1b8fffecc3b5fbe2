"""The public log before the code of the Go checksum database, and its checkpoint before OpenSSL.

    log_judge.py BINARY GO [MEMBERS]
"""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from bench import SPKI
from history import make_history
from registry import CHARTER, Registry

# Where Debian puts the source of golang.org/x/mod.
DEBIAN = "/usr/share/gocode"
MEMBERS = int(sys.argv[3]) if len(sys.argv) > 3 else 600


def lines():
    """Organisations of before the registry was there."""
    for number in range(5_000, 5_000 + MEMBERS):
        stem = 102_280_000_000 + number
        yield {
            "organisation": {
                "name": {"ru": f"Школа № {number}"},
                "category": "educational_institution",
                "region": "RU-AMU",
                "identifiers": [{"scheme": "RU-OGRN", "value": f"{stem}{stem % 11 % 10}"}],
            },
            "memorandum": {"digest": f"sha-256:{number:064x}", "form": "handwritten_scan", "signedOn": "2022-03-14"},
        }


def judge_signature(checkpoint, key):
    """OpenSSL must take the log key's signature of the checkpoint, and refuse it of another."""
    text, _, signatures = checkpoint.decode().partition("\n\n")
    line = next(line for line in signatures.splitlines() if line.split(" ")[1].endswith("/log"))
    signature = base64.b64decode(line.split(" ")[2])[4:]
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / name for name in ("key", "data", "signature")]
        paths[0].write_bytes(SPKI + base64.b64decode(key.split("+", 2)[2])[1:])
        paths[2].write_bytes(signature)
        command = "openssl pkeyutl -verify -pubin -keyform DER -rawin".split()
        command += ["-inkey", paths[0], "-in", paths[1], "-sigfile", paths[2]]
        for data, is_signed in ((text + "\n", True), (text + "\n\n", False)):
            paths[1].write_text(data)
            ended = subprocess.run(command, capture_output=True, text=True)
            if (ended.returncode == 0) != is_signed:
                sys.exit(f"FAILED OpenSSL: {data!r}: {ended.stdout}{ended.stderr}")


binary, go = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    registry = Registry(binary, folder)
    members = folder / "members.jsonl"
    members.write_text("".join(f"{json.dumps(line)}\n" for line in lines()))
    registry.command("import", str(members), "--charter", CHARTER)
    with registry:
        older, _ = registry.ask("GET", "/log/checkpoint")
        make_history(registry)
        (folder / "older").write_bytes(older)
        policy, _ = registry.ask("GET", "/v1/policy")
        key = re.search(r"^log (\S+)", policy.decode(), re.MULTILINE)[1]
        judge_signature(registry.ask("GET", "/log/checkpoint")[0], key)
        environment = {
            **os.environ,
            "GO111MODULE": "off",
            "GOPATH": f"{folder}/go:{DEBIAN}",
            "GOCACHE": f"{folder}/cache",
            "GOFLAGS": "",
            "GOTOOLCHAIN": "local",
        }
        program = folder / "judge"
        source = pathlib.Path(__file__).with_name("sumdb")
        subprocess.run([go, "build", "-o", program, "main.go"], cwd=source, env=environment, check=True)
        ended = subprocess.run([program, registry.address, key, folder / "older"])
        sys.exit(ended.returncode)
