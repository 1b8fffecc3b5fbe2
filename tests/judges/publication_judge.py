"""What is published behind nginx and in an S3 bucket, of servers that are not ours: `publication_judge.py BINARY`.

nginx serves the folder by deploy/nginx-static.conf, moto the bucket; both must give what the registry gives, byte for
byte, and a proof that is fetched from either must verify.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
from history import SCHOOL, make_history
from registry import CHARTER, ROOT, Registry
from s3_judge import bucket_of_moto

NGINX = "nginx"


def fetched(url):
    """The answer's bytes and its media type."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read(), answer.headers.get_content_type()


def of_bucket(endpoint):
    """What gives a published object's bytes and its media type."""
    keys = {"aws_access_key_id": "registry", "aws_secret_access_key": "registry"}
    bucket = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)

    def get(path):
        found = bucket.get_object(Bucket="published", Key=path.lstrip("/"))
        return found["Body"].read(), found["ContentType"].split(";")[0]

    return get


def nginx_of(folder, site):
    """Starts nginx on a free port with our configuration; returns the process and its address."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conf = (ROOT / "deploy/nginx-static.conf").read_text()
    conf = conf.replace("listen 8081;", f"listen 127.0.0.1:{port};").replace("/srv/registry", str(site))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}\n"
        + ("user root;\n" if os.getuid() == 0 else "")
        + f"http {{ access_log off; {temporary}\n{conf}\n}}\n"
    )
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            fetched(f"{address}/log/checkpoint")
            return process, address
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    sys.exit(f"FAILED {NGINX}: {(folder / 'nginx.log').read_text()}")


def compare(registry, get, of, member):
    """Holds what is served statically against what the registry serves."""
    pages = {
        "/log/checkpoint": "text/plain",
        "/v1/policy": "text/plain",
        "/v1/keys": "application/json",
        "/.well-known/did.json": "application/did+json",
        "/status/revocation/1": "application/vc",
        f"/v1/charters/{CHARTER}/members.csv": "text/csv",
        f"/v1/charters/{CHARTER}/members.ndjson": "application/x-ndjson",
        f"/v1/charters/{CHARTER}/members.jsonld": "application/ld+json",
        f"/v1/charters/{CHARTER}/events.atom": "application/atom+xml",
        f"{member}/proof": "text/plain",
    }
    size = int(registry.ask("GET", "/log/checkpoint")[0].split(b"\n")[1])
    pages |= {
        f"/log/tile/0/000.p/{size}": "application/octet-stream",
        f"/log/tile/entries/000.p/{size}": "application/octet-stream",
        f"/log/records/000.p/{size}": "application/x-ndjson",
    }
    for path, media_type in pages.items():
        body, found = get(path)
        if (body, found) != (registry.ask("GET", path)[0], media_type):
            sys.exit(f"FAILED {of}: {path} is {found} of {len(body)} bytes")
    return len(pages)


def main():
    binary = os.path.abspath(sys.argv[1])
    moto, endpoint = bucket_of_moto()
    nginx = None
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            os.chmod(folder, 0o755)
            urllib.request.urlopen(urllib.request.Request(f"{endpoint}/published", method="PUT"), timeout=60)
            registry = Registry(binary, folder)
            registry.environment |= {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ALLOW_HTTP": "true",
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "registry",
                "AWS_SECRET_ACCESS_KEY": "registry",
            }
            with registry:
                school, _ = make_history(registry)
                site = folder / "site"
                for to in (f"file://{site}", "s3://published"):
                    told = registry.command("publish", "--from", registry.address, "--to", to)
                    if not re.search(r"\d+ log entries are published", told):
                        sys.exit(f"FAILED publish: {told}")
                nginx, address = nginx_of(folder, site)
                count = compare(registry, lambda path: fetched(address + path), NGINX, school)
                compare(registry, of_bucket(endpoint), "moto's S3 server", school)
                for page in (school, f"/v1/charters/{CHARTER}"):
                    if fetched(address + page)[0] != registry.ask("GET", page)[0]:
                        sys.exit(f"FAILED {NGINX}: {page}")
                policy = folder / "policy"
                policy.write_bytes(fetched(f"{address}/v1/policy")[0])
                number = SCHOOL["identifiers"][0]
                proof = f"{address}/v1/charters/{CHARTER}/proofs/{number['scheme']}/{number['value']}"
                asked = ["--charter", CHARTER, "--ask", f"{number['scheme']}:{number['value']}"]
                judged = subprocess.run(
                    [binary, "verify", proof, "--policy", str(policy), *asked], capture_output=True, text=True
                )
                if not judged.stdout.startswith("excluded: "):
                    sys.exit(f"FAILED {NGINX}: the proof is judged {judged.stdout}{judged.stderr}")
            print(f"nginx and moto's S3 server gave {count} published files as the registry does")
    finally:
        for process in filter(None, (nginx, moto)):
            process.terminate()
            process.wait()


main()
