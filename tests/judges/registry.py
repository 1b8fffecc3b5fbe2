"""A registry that is served, and those who work with it: what judges that are clients stand on."""

import json
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHARTER = "digital-ethics-of-childhood"
OPERATORS = {
    "administrator": "administrator",
    "auditor": "auditor",
    "clerk": "clerk",
    "first": "registrar",
    "second": "registrar",
}
# With a port, so that the DID has the %3A that verifiers stumble over.
PUBLIC_URL = "https://registry.example:8443"
SCAN = (ROOT / "tests/files/scans/img2pdf.pdf").read_bytes()


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
            "CHARTER_RATE_LIMITS": "off",
            # Its first lines tell its address; nobody empties the pipe later.
            "CHARTER_LOG": "error,charter_registry::startup=info",
        }
        self.command("charter", "publish", str(ROOT / "charters" / f"{CHARTER}.toml"))
        self.tokens = {
            name: self.command("operator", "add", name, "--role", role)
            for name, role in OPERATORS.items()
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
            request.add_header("Content-Type", "application/pdf" if isinstance(body, bytes) else "application/json")
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
