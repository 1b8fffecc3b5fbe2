"""The schemas of TRQP 2.0 before our queries and answers: each is one, as the specification says.

    trqp_judge.py BINARY
"""

import datetime
import json
import pathlib
import sys
import tempfile

from history import SCHOOL
from jsonschema import Draft202012Validator
from registry import CHARTER, PUBLIC_URL, ROOT, Registry

SCHEMAS = ROOT / "tests/files/trqp"


def schema(name):
    known = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(known)
    return Draft202012Validator(known, format_checker=Draft202012Validator.FORMAT_CHECKER)


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


with tempfile.TemporaryDirectory() as folder:
    registry = Registry(sys.argv[1], pathlib.Path(folder))
    checked = 0
    with registry:
        member = registry.admit(SCHOOL)
        admitted = now()
        did = "did:web:" + PUBLIC_URL.removeprefix("https://").replace(":", "%3A")
        entities = {
            "RU-OGRN:1022800000002": True,
            f"domain:{SCHOOL['domain']}": True,
            f"{PUBLIC_URL}/members/{member.rsplit('/', 1)[1]}": True,
            SCHOOL["website"]: True,
            "RU-OGRN:1022800000013": False,
        }
        for kind, verdict in (("authorization", "authorized"), ("recognition", "recognized")):
            of_request, of_response = schema(f"{kind}_request"), schema(f"{kind}_response")
            for entity, expected in entities.items():
                for context in (None, {"time": admitted}, {"time": admitted, "locator": "x", "purpose": "hiring"}):
                    query = {
                        "entity_id": entity,
                        "authority_id": did,
                        "action": "member-of",
                        "resource": f"{PUBLIC_URL}/charters/{CHARTER}",
                    }
                    if context:
                        query["context"] = context
                    of_request.validate(query)
                    answer = registry.change("POST", f"/{kind}", None, query)
                    of_response.validate(answer)
                    if answer[verdict] is not expected or any(answer[name] != query[name] for name in query):
                        sys.exit(f"FAILED TRQP: {query} is answered {answer}")
                    checked += 1
            for less in of_response.schema["required"]:
                if of_response.is_valid({name: value for name, value in answer.items() if name != less}):
                    sys.exit(f"FAILED TRQP: the schema does not want {less}")
    print(f"the schemas of TRQP 2.0 took {checked} queries and answers")
