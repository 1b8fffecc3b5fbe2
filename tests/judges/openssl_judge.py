"""OpenSSL over hashData that rfc8785 canonicalises, with the JsonWebKey form of the key: `openssl_judge.py FOLDER`."""

import base64
import hashlib
import pathlib
import subprocess
import tempfile

import base58
import rfc8785

from bench import SPKI, Refused, judge


def verify(case, document):
    document = dict(document)
    proof = document.pop("proof", None)
    if not isinstance(proof, dict) or not isinstance(proof.get("proofValue"), str):
        raise Refused("it has no proof")
    options = dict(proof)
    signature = decoded(options.pop("proofValue"))
    hash_data = hashlib.sha256(rfc8785.dumps(options)).digest() + hashlib.sha256(rfc8785.dumps(document)).digest()
    with tempfile.TemporaryDirectory() as folder:
        key, data, signed = (pathlib.Path(folder) / name for name in ("key", "data", "signature"))
        key.write_bytes(SPKI + json_web_key(case, proof))
        data.write_bytes(hash_data)
        signed.write_bytes(signature)
        command = "openssl pkeyutl -verify -pubin -keyform DER -rawin".split()
        command += ["-inkey", key, "-in", data, "-sigfile", signed]
        ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode != 0 or "Signature Verified Successfully" not in ended.stdout:
        raise Refused(ended.stdout + ended.stderr)


def decoded(multibase):
    """The bytes of a base58btc multibase text."""
    if not multibase.startswith("z"):
        raise Refused("the proof value is not base58btc")
    try:
        return base58.b58decode(multibase[1:])
    except ValueError as error:
        raise Refused(str(error)) from error


def json_web_key(case, proof):
    """The named key's bytes, taken from the DID document's JsonWebKey that is the same key."""
    multikey = decoded(case.key_of(proof)["publicKeyMultibase"])
    for method in case.did_document["verificationMethod"]:
        if method["type"] == "JsonWebKey" and method["id"] in case.did_document["assertionMethod"]:
            key = base64.urlsafe_b64decode(method["publicKeyJwk"]["x"] + "=")
            if multikey == b"\xed\x01" + key:
                return key
    raise Refused("the DID document does not have the key as a JsonWebKey, too")


version = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout.split()[1]
judge(f"OpenSSL {version}", verify)
