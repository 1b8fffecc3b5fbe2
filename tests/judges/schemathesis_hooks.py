"""How schemathesis writes bodies of types that it does not know itself."""

import json

import schemathesis


@schemathesis.serializer("application/vc", "application/merge-patch+json")
def as_json(_, value):
    """A record, and a patch: JSON under another name."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.serializer("application/pkcs7-signature")
def as_bytes(_, value):
    """A signature file: whatever bytes it likes."""
    return value if isinstance(value, bytes) else str(value).encode()
