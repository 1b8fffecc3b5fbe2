"""How schemathesis writes bodies of types that are the registry's own."""

import json

import schemathesis


@schemathesis.serializer("application/vc", "application/merge-patch+json")
def as_json(_, value):
    """A record, and a patch: JSON under another name."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()
