"""The tokens before PyJWT, with the JsonWebKey of the DID document: `pyjwt_judge.py FOLDER`."""

import datetime
import importlib.metadata
import json
import pathlib
import sys

import jwt

folder = pathlib.Path(sys.argv[1])
name = f"PyJWT {importlib.metadata.version('PyJWT')}"
did_document = json.loads((folder / "did.json").read_bytes())
KEYS = {
    method["id"]: jwt.PyJWK(method["publicKeyJwk"], algorithm="EdDSA")
    for method in did_document["verificationMethod"]
    if method["type"] == "JsonWebKey" and method["id"] in did_document["assertionMethod"]
}


def refusal(token, leeway=0):
    """Why PyJWT refuses a token; None where it takes it."""
    try:
        key = KEYS[jwt.get_unverified_header(token)["kid"]]
        options = {"require": ["iss", "iat", "exp"]}
        jwt.decode(token, key, algorithms=["EdDSA"], issuer=did_document["id"], options=options, leeway=leeway)
    except (jwt.InvalidTokenError, KeyError, UnicodeDecodeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


faults, tampered = [], 0
tokens = sorted((folder / "credentials").glob("*.jwt"))
if not tokens:
    sys.exit("there are no tokens: nothing to judge")
for path in tokens:
    token = path.read_text()
    if why := refusal(token):
        faults.append(f"{path.name} was refused: {why}")
    # A leeway of less than nothing is a clock that is ahead.
    if refusal(token, -datetime.timedelta(days=8).total_seconds()) is None:
        faults.append(f"{path.name} was taken a week after its end")
    for place in range(0, len(token), 17):
        if token[place] == ".":
            continue
        changed = token[:place] + ("Q" if token[place] == "A" else "A") + token[place + 1 :]
        tampered += 1
        if refusal(changed) is None:
            faults.append(f"{path.name} was taken with another letter at {place}")

for fault in faults:
    print(f"  {name}: {fault}")
if faults:
    sys.exit(f"FAILED {name}: {len(faults)} faults")
print(f"passed {name}: {len(tokens)} tokens taken and refused after their end, {tampered} tampered ones refused")
