"""A registry whose uploaded files lie in an S3 bucket, of a server that is not ours: `s3_judge.py BINARY`.

The server is moto's. A scan that is handed in must lie in the bucket under its SHA-256, be served from there byte for
byte, and stay when the files that nothing names are swept; an object that no row knows of must go.
"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from bench import end
from history import SCHOOL
from registry import CHARTER, ROOT, Registry

SCANS = [(ROOT / "tests/files/scans" / name).read_bytes() for name in ["img2pdf.pdf", "cairo.pdf"]]
JUDGE = "moto's S3 server"


def bucket_of_moto():
    """Starts the server on a port of its choice; returns the process and its address."""
    command = [sys.executable, "-c", "from moto.server import main; main(['-H', '127.0.0.1', '-p', '0'])"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return server, found.group()
    sys.exit(f"FAILED {JUDGE}: it ended before it listened")


def ask_bucket(method, url, body=None):
    """Sends a request to the bucket itself, past the registry."""
    with urllib.request.urlopen(urllib.request.Request(url, method=method, data=body), timeout=60) as answer:
        return answer.read()


def lying(endpoint):
    """The names of what lies in the bucket."""
    listing = ask_bucket("GET", f"{endpoint}/charter-files?list-type=2").decode()
    return sorted(re.findall(r"<Key>([^<]*)</Key>", listing))


def name_of(scan):
    digest = hashlib.sha256(scan).hexdigest()
    return f"registry/{digest[:2]}/{digest}"


def expect_scans_alone(endpoint, when):
    if lying(endpoint) != sorted(map(name_of, SCANS)):
        sys.exit(f"FAILED {JUDGE}: {when} the bucket holds {lying(endpoint)}")


def judge(binary, folder, endpoint):
    ask_bucket("PUT", f"{endpoint}/charter-files")
    registry = Registry(binary, folder)
    registry.environment |= {
        "CHARTER_FILES": "s3://charter-files/registry",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "registry",
        "AWS_SECRET_ACCESS_KEY": "registry",
    }
    with registry:
        contact = {"name": "Фамилия Имя", "position": "Директор", "email": "office@school.example"}
        body = {"organisation": SCHOOL, "contact": contact}
        applied = registry.change("POST", f"/v1/charters/{CHARTER}/applications", "partner", body)
        memorandum = f"/v1/applications/{applied['id']}/memorandum"
        registry.change("POST", memorandum, "clerk", {})
        for scan in SCANS:
            registry.change("PUT", f"{memorandum}/scan", "partner", scan)
            if registry.ask("GET", f"{memorandum}/scan", "clerk")[0] != scan:
                sys.exit(f"FAILED {JUDGE}: the scan that is served is not the one that was handed in")
    registry.command("timetable", "run", "orphaned-files")
    expect_scans_alone(endpoint, "after a sweep with nothing to sweep")
    # An object that no row knows of, as a bucket of an older state may hold it.
    ask_bucket("PUT", f"{endpoint}/charter-files/{name_of(b'stranger')}", b"stranger")
    registry.command("timetable", "run", "orphaned-files")
    expect_scans_alone(endpoint, "after the sweep")
    end(JUDGE, f"{len(SCANS)} scans kept and served, one stray object swept", [])


def main():
    moto, endpoint = bucket_of_moto()
    try:
        with tempfile.TemporaryDirectory() as folder:
            judge(os.path.abspath(sys.argv[1]), pathlib.Path(folder), endpoint)
    finally:
        moto.terminate()
        moto.wait()


if __name__ == "__main__":
    main()
