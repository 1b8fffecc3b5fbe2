"""aiosmtpd and Python's email package judge the letters: the registry sends them by STARTTLS, logged in, and each
must reach the server whole, be read without a defect, and say in Russian what it is about.

    letters_judge.py BINARY FOLDER
"""

import email
import email.policy
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from history import SCHOOL, make_history
from registry import CHARTER, Registry

USER, PASSWORD = "registry", "password-canary"
UNKNOWN = "nobody@school.example"
PATIENCE = 60


class Mailbox:
    """What the mail server took."""

    def __init__(self):
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == UNKNOWN:
            return "550 5.1.1 There is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        assert session.ssl is not None and session.authenticated
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 OK"


def authenticator(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known)


def certificate(folder):
    """A certificate for localhost that signs itself; returns the server's context and the file to trust."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-addext", "basicConstraints=critical,CA:FALSE"],
        check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


class MailServer(Controller):
    """A mail server on a port of the system's choice."""

    @property
    def bound(self):
        return self.server.sockets[0].getsockname()[1]

    def _trigger_server(self):
        # As the base class does, with the port that there is.
        with socket.create_connection((self.hostname, self.bound), 5) as connection:
            assert connection.recv(1024)


class Watched(Registry):
    """A registry whose log lines are all kept."""

    def __enter__(self):
        super().__enter__()
        self.log = []
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()
        return self

    def __exit__(self, failed, *_):
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        if failed:
            sys.stderr.writelines(self.log)


def letters(registry):
    return json.loads(registry.ask("GET", "/v1/letters?limit=100", "clerk")[0])["items"]


def settled(registry):
    """The letters, once none waits."""
    end = time.monotonic() + PATIENCE
    while any(letter["state"] in ("queued", "sending") for letter in letters(registry)):
        if time.monotonic() > end:
            sys.exit(f"letters still wait: {letters(registry)}")
        time.sleep(0.1)
    return letters(registry)


def judge(letter, taken):
    """Reads one letter as a mail program does."""
    sender, recipients, content = taken
    message = email.message_from_bytes(content, policy=email.policy.default)
    faults = [*message.defects, *(fault for _, value in message.items() for fault in value.defects)]
    assert not faults, faults
    assert sender == "letters@registry.example", sender
    internal = letter["recipient"] == "secretariat"
    address = "secretariat@registry.example" if internal else "office@school.example"
    assert recipients == [address], recipients
    assert [to.addr_spec for to in message["To"].addresses] == [address]
    assert message["From"].addresses[0].display_name == "Реестр участников"
    if not internal:
        assert message["To"].addresses[0].display_name == "Фамилия Имя"
        assert message["Reply-To"].addresses[0].addr_spec == "secretariat@registry.example"
    assert message["Auto-Submitted"] == "auto-generated" and message["Content-Language"] == "ru"
    assert message.get_content_type() == "text/plain" and message.get_content_charset() == "utf-8"
    text = message.get_content()
    assert "Реестр участников" in text and "{" not in text, text
    assert any("а" <= c <= "я" for c in message["Subject"]), message["Subject"]
    return message["Subject"], text


def main(binary, folder):
    binary, folder = os.path.abspath(binary), pathlib.Path(folder).resolve()
    folder.mkdir(parents=True)
    context, cert = certificate(folder)
    mailbox = Mailbox()
    server = MailServer(
        mailbox, hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True,
        auth_required=True, auth_require_tls=True, authenticator=authenticator,
    )
    server.start()
    registry = Watched(binary, folder)
    registry.environment |= {
        "CHARTER_LETTERS": f"smtp://localhost:{server.bound}",
        "CHARTER_LETTERS_FROM": "letters@registry.example",
        "CHARTER_SMTP_USER": USER,
        "CHARTER_SMTP_PASSWORD": PASSWORD,
        "CHARTER_SECRETARIAT": "secretariat@registry.example",
        "CHARTER_SECRETARIAT_LANGUAGE": "ru",
        "CHARTER_REGISTRY_NAME": "Реестр участников",
        "CHARTER_LOG": "debug",
        "SSL_CERT_FILE": str(cert),
    }
    with registry:
        make_history(registry)
        sent = settled(registry)
        contact = {"name": "Фамилия Имя", "position": "Директор", "email": UNKNOWN}
        body = {"organisation": {**SCHOOL, "domain": "other.example", "identifiers": []}, "contact": contact}
        registry.change("POST", f"/v1/charters/{CHARTER}/applications", "partner", body)
        bounced = settled(registry)[-1]
    server.stop()
    assert (bounced["state"], bounced["lastError"]) == ("bounced", "550 5.1.1"), bounced
    by_id = {}
    for taken in mailbox.taken:
        found = email.message_from_bytes(taken[2], policy=email.policy.default)["Message-ID"]
        assert found not in by_id, f"{found} came twice"
        by_id[found] = taken
    assert len(by_id) == len(sent) and all(letter["state"] == "sent" for letter in sent), sent
    for letter in sent:
        subject, text = judge(letter, by_id[f"<{letter['id']}@registry.example>"])
        if letter["template"] == "application_received":
            assert subject == "Подтвердите адрес: получено заявление о присоединении", subject
            assert "/confirm?lang=ru&token=chr_cf_" in text, text
        if letter["template"] == "member_excluded":
            assert "B.5" in text, text
    log = "".join(registry.log)
    for secret in [PASSWORD, "school.example", "Фамилия", "chr_cf_", "chr_ap_", UNKNOWN]:
        assert secret not in log, f"{secret} stands in the log"
    assert all(letter["id"] in log for letter in sent), "the log does not tell what became of the letters"
    templates = sorted({letter["template"] for letter in sent})
    print(f"passed aiosmtpd: {len(sent)} letters taken by STARTTLS and login and read without a defect, 1 bounced: "
          f"{', '.join(templates)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
