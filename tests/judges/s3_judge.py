"""A registry whose uploaded files lie in an S3 bucket, of a server that is not ours: `s3_judge.py BINARY`.

The server is moto's. A scan that is handed in must lie in the bucket under its SHA-256, be served from there byte for
byte, and stay when the files that nothing names are swept; one that another replaced must go once its time has come.
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from bench import end

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHARTER = "digital-ethics-of-childhood"
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


def ask(method, url, token=None, body=None, kind="application/json"):
    request = urllib.request.Request(url, method=method, data=body)
    if body is not None:
        request.add_header("Content-Type", kind)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def lying(endpoint):
    """The names of what lies in the bucket."""
    listing = ask("GET", f"{endpoint}/charter-files?list-type=2").decode()
    return sorted(re.findall(r"<Key>([^<]*)</Key>", listing))


def name_of(scan):
    digest = hashlib.sha256(scan).hexdigest()
    return f"registry/{digest[:2]}/{digest}"


def judge(binary, folder, endpoint):
    environment = {
        "PATH": os.environ["PATH"],
        "CHARTER_DATA": str(folder / "data"),
        "CHARTER_PUBLIC_URL": "https://registry.example",
        "CHARTER_LISTEN": "127.0.0.1:0",
        "CHARTER_LOG_FORMAT": "json",
        "CHARTER_LOG": "error,charter_registry::startup=info",
        "CHARTER_FILES": "s3://charter-files/registry",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "registry",
        "AWS_SECRET_ACCESS_KEY": "registry",
    }

    def command(*arguments):
        ended = subprocess.run([binary, *arguments], env=environment, cwd=folder, capture_output=True, text=True)
        if ended.returncode != 0:
            sys.exit(f"FAILED {JUDGE}: charter-registry {' '.join(arguments)}: {ended.stderr}")
        return ended.stdout.strip()

    ask("PUT", f"{endpoint}/charter-files")
    command("charter", "publish", str(ROOT / "charters" / f"{CHARTER}.toml"))
    clerk = command("operator", "add", "clerk", "--role", "clerk")
    server = subprocess.Popen([binary, "serve"], env=environment, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        lines = (json.loads(line).get("address") for line in server.stderr)
        address = next((f"http://{found}" for found in lines if found), None)
        if address is None:
            sys.exit(f"FAILED {JUDGE}: the registry ended before it listened")
        organisation = {"name": {"ru": "Школа"}, "category": "educational_institution", "domain": "school.example"}
        contact = {"name": "Фамилия Имя", "position": "Директор", "email": "office@school.example"}
        application = json.dumps(
            {"organisation": organisation, "contact": contact, "channel": "website"}
        ).encode()
        applied = json.loads(ask("POST", f"{address}/v1/charters/{CHARTER}/applications", None, application))
        memorandum = f"{address}/v1/applications/{applied['id']}/memorandum"
        ask("POST", memorandum, clerk, b"{}")
        for scan in SCANS:
            ask("PUT", f"{memorandum}/scan", applied["token"], scan, "application/pdf")
            if ask("GET", f"{memorandum}/scan", clerk) != scan:
                sys.exit(f"FAILED {JUDGE}: the scan that is served is not the one that was handed in")
    finally:
        server.terminate()
        _, log = server.communicate()
        if server.returncode != 0:
            sys.stderr.write(log)
    command("timetable", "run", "orphaned-files")
    if lying(endpoint) != sorted(map(name_of, SCANS)):
        sys.exit(f"FAILED {JUDGE}: the bucket holds {lying(endpoint)}")
    # An object that no row knows of, as a bucket of an older state may hold it.
    stranger = name_of(b"stranger")
    ask("PUT", f"{endpoint}/charter-files/{stranger}", None, b"stranger", "application/octet-stream")
    command("timetable", "run", "orphaned-files")
    if lying(endpoint) != sorted(map(name_of, SCANS)):
        sys.exit(f"FAILED {JUDGE}: after the sweep the bucket holds {lying(endpoint)}")
    end(JUDGE, f"{len(SCANS)} scans kept and served, one stray object swept", [])


def main():
    moto, endpoint = bucket_of_moto()
    try:
        with tempfile.TemporaryDirectory() as folder:
            judge(os.path.abspath(sys.argv[1]), pathlib.Path(folder), endpoint)
    finally:
        moto.terminate()
        moto.wait()


main()
