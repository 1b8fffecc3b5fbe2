"""Checks every vector with a second implementation: `python3 check.py`, with `cryptography` and `jsonschema` from PyPI.

Nothing here is taken from the crate: canonical JSON, base58, trees, the membership map, the log's rules, notes, records,
credentials and the verdict on a proof are written again from README.md, as somebody in another language would.
"""

import base64
import datetime
import gzip
import hashlib
import json
import pathlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

HERE = pathlib.Path(__file__).parent
CHECKED = 0


def check(holds, what):
    global CHECKED
    CHECKED += 1
    if not holds:
        raise SystemExit(f"vectors: {what} is not as it should be")


class Refused(Exception):
    """Why something shows nothing: its code, and for a record the reason's."""

    def __init__(self, code, reason=None):
        super().__init__(code)
        self.code, self.reason = code, reason


# --- Bytes and texts ---------------------------------------------------------------------------------------------


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def jcs(value):
    """RFC 8785, for values without fractions."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{jcs(name)}:{jcs(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def parse(text):
    """JSON that every reader reads alike."""

    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name stands twice")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=members)


def file(name):
    return json.loads((HERE / name).read_text())


def unbase64(text):
    found = base64.b64decode(text, validate=True)
    if base64.b64encode(found).decode() != text:
        raise ValueError("base64 in another spelling")
    return found


def unbase58(text):
    letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number = 0
    for letter in text:
        number = number * 58 + letters.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def key_of(multikey):
    found = unbase58(multikey.removeprefix("z"))
    check(multikey.startswith("z") and found[:2] == b"\xed\x01" and len(found) == 34, multikey)
    return found[2:]


def signs(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def seconds(instant):
    return int(datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp())


def instant(at):
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- Schemas -----------------------------------------------------------------------------------------------------

SCHEMAS = {path.name.removesuffix(".schema.json"): json.loads(path.read_text()) for path in (HERE / "schemas").iterdir()}
for schema in SCHEMAS.values():
    Draft202012Validator.check_schema(schema)
REGISTRY = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values())
VALIDATORS = {name: Draft202012Validator(schema, registry=REGISTRY) for name, schema in SCHEMAS.items()}


def fits(name, value):
    return VALIDATORS[name].is_valid(value)


# --- Keys, trees, the map ----------------------------------------------------------------------------------------


def key_id(name, kind, key):
    return sha(name.encode(), b"\n", bytes([kind]), key)[:4]


def key_hash(charter, key):
    return sha(charter.encode(), b"\n", key.encode())


def leaf_hash(entry):
    return sha(b"\0", entry)


def root_of(leaves):
    """RFC 6962 §2.1."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha()
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1", root_of(leaves[:left]), root_of(leaves[left:]))


def is_included(leaf, index, size, path, root):
    """RFC 9162 §2.1.3.2."""
    if index >= size:
        return False
    node, last, found = index, size - 1, leaf
    for hash_ in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = sha(b"\1", hash_, found)
            while node & 1 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            found = sha(b"\1", found, hash_)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old, size, path, old_root, root):
    """RFC 9162 §2.1.4.2."""
    if old == size:
        return not path and old_root == root
    path = ([old_root] if old & (old - 1) == 0 else []) + path
    if not path:
        return False
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = sha(b"\1", hash_, first), sha(b"\1", hash_, second)
            while node & 1 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            second = sha(b"\1", second, hash_)
        node, last = node >> 1, last >> 1
    return first == old_root and second == root and last == 0


def bit(key, place):
    return key[place // 8] >> (7 - place % 8) & 1


def map_leaf(value):
    return sha(b"\0", bytes.fromhex(value["keyHash"]), sha(jcs(value).encode()))


def map_root(values):
    """Of the whole map, from all its values."""
    leaves = sorted((bytes.fromhex(value["keyHash"]), map_leaf(value)) for value in values)

    def below(leaves):
        if len(leaves) == 1:
            return leaves[0][1]
        first, last = leaves[0][0], leaves[-1][0]
        place = next(place for place in range(256) if bit(first, place) != bit(last, place))
        split = next(at for at, leaf in enumerate(leaves) if bit(leaf[0], place))
        return sha(b"\1", bytes([place]), below(leaves[:split]), below(leaves[split:]))

    return below(leaves) if leaves else bytes(32)


def root_of_way(asked, leaf, steps):
    """From a leaf up to the root; none where the way is not that of the key that is asked for."""
    places = [place for place, _ in steps]
    if places != sorted(set(places)):
        raise Refused("malformed-map-path")
    key, found = bytes.fromhex(leaf["keyHash"]), map_leaf(leaf)
    for place, sibling in reversed(steps):
        if bit(asked, place) != bit(key, place):
            raise Refused("malformed-map-path")
        pair = (sibling, found) if bit(asked, place) else (found, sibling)
        found = sha(b"\1", bytes([place]), *pair)
    return found


# --- What is signed ----------------------------------------------------------------------------------------------


def is_proven(document, key):
    """W3C vc-di-eddsa §3.3."""
    options = {name: value for name, value in document["proof"].items() if name != "proofValue"}
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    if options["@context"] != document["@context"]:
        return False
    message = sha(jcs(options).encode()) + sha(jcs(unsecured).encode())
    return signs(key, message, unbase58(document["proof"]["proofValue"][1:]))


def holds(range_, index):
    return range_["from"] <= index and (range_["to"] is None or index < range_["to"])


def judge_record(text, keys, did, index):
    """What a record is worth: authentic, position-unknown, or refused. Which reasons there are is not asked."""
    try:
        record = parse(text)
    except ValueError:
        return "refused"
    if not fits("record", record) or record["issuer"]["id"] != did:
        return "refused"
    host, subject = did.removeprefix("did:web:").replace("%3A", ":"), record["credentialSubject"]
    urls = [record["id"], subject["id"], subject["charter"]["id"]] + [subject[name] for name in ["previous"] if name in subject]
    if not all(url.startswith(f"https://{host}/") for url in urls):
        return "refused"
    issuer, _, method = record["proof"]["verificationMethod"].partition("#")
    ranges = [range_ for range_ in keys if range_["purpose"] == "record" and range_["publicKeyMultibase"] == method]
    if issuer != did or not ranges or not is_proven(record, key_of(method)):
        return "refused"
    if index is None:
        return "authentic" if any(range_["to"] is None for range_ in ranges) else "position-unknown"
    return "authentic" if any(holds(range_, index) for range_ in ranges) else "refused"


class Note:
    """C2SP signed-note."""

    def __init__(self, text):
        if any((character < " " and character != "\n") or character == "\x7f" for character in text):
            raise ValueError("control characters")
        if not text.endswith("\n") or "\n\n" not in text:
            raise ValueError("no signed note")
        end = text.rindex("\n\n")
        self.text, self.lines = text[: end + 1], []
        for line in text[end + 2 : -1].split("\n"):
            mark, name, encoded = line.split(" ")
            signature = unbase64(encoded)
            if mark != "—" or not name or "+" in name or len(signature) < 5:
                raise ValueError("no signature line")
            self.lines.append((name, signature[:4], signature[4:]))

    def says(self, vkey):
        name, id_, material = vkey.split("+", 2)
        kind, key = unbase64(material)[0], unbase64(material)[1:]
        check(key_id(name, kind, key).hex() == id_, vkey)
        lines = [line for line in self.lines if line[0] == name and line[1].hex() == id_]
        if len(lines) != 1:
            return {"signed": "twice" if lines else "missing"}
        signature, message = lines[0][2], self.text
        if kind == 4:
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = f"cosignature/v1\ntime {time}\n{message}"
        if len(signature) != 64 or not signs(key, message.encode(), signature):
            return {"signed": "bad"}
        return {"signed": "at", "time": time} if kind == 4 else {"signed": "text"}

    def checkpoint(self):
        """C2SP tlog-checkpoint, without extension lines."""
        found = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n", self.text)
        if not found:
            raise Refused("malformed-checkpoint")
        return found[1], int(found[2]), unbase64(found[3])


def rotation_message(entry):
    return b"charter-key-rotation/v1\n" + jcs({name: value for name, value in entry.items() if name != "proofs"}).encode()


def is_rotation_signed(entry):
    old, new = map(unbase64, entry["proofs"])
    message = rotation_message(entry)
    return signs(key_of(entry["replaces"]), message, old) and signs(key_of(entry["publicKeyMultibase"]), message, new)


# --- Formats -----------------------------------------------------------------------------------------------------


def check_keys():
    found = file("formats/keys.json")
    for key in found["keys"]:
        raw = key_of(key["publicKeyMultibase"])
        check(raw.hex() == key["publicKeyHex"], "a multikey")
        x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        thumbprint = sha(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode())
        check(x == key["jwkX"], "a JSON Web Key")
        check(base64.urlsafe_b64encode(thumbprint).decode().rstrip("=") == key["jwkThumbprint"], "a thumbprint")
        for note in key["note"]:
            id_ = key_id(note["name"], note["type"], raw).hex()
            material = base64.b64encode(bytes([note["type"]]) + raw).decode()
            check(id_ == note["id"] and f"{note['name']}+{id_}+{material}" == note["vkey"], "a vkey")
    check(fits("key-list", found["keyList"]), "the key list")
    check(jcs(found["keyList"]) == found["keyListJcs"], "the key list's canonical form")
    check(sha(found["keyListJcs"].encode()).hex() == found["keyListDigest"], "the key list's digest")
    for question in file("formats/questions.json"):
        if question["canonical"]:
            check(key_hash(question["charter"], question["canonical"]).hex() == question["keyHash"], question["written"])
    return found


def check_records(keys):
    for case in file("formats/records.json"):
        found = judge_record(case["record"], keys["keyList"], keys["did"], case["position"])
        check(found == case["verdict"] and bool(case["reasons"]) == (found == "refused"), f"record, {case['name']}")
        check(sha(case["record"].encode()).hex() == case["digest"], "a record's digest")
        if found != "refused":
            check(jcs(parse(case["record"])) == case["record"], "a record's canonical form")


def check_map():
    found = file("formats/map.json")
    for value in found["values"]:
        parsed = parse(value["jcs"])
        check(fits("map-value", parsed) and jcs(parsed) == value["jcs"], "a value of the map")
        check(sha(value["jcs"].encode()).hex() == value["digest"], "a value's digest")
        check(map_leaf(parsed).hex() == value["leafHash"], "a leaf of the map")
    claim = lambda n: {"charter": "c", "event": n, "keyHash": key_hash("c", f"domain:{n}.example").hex(), "member": None}
    for case in found["roots"]:
        check(map_root(map(claim, case["numbers"])).hex() == case["root"], f"the map of {len(case['numbers'])}")
    for way in found["ways"]:
        asked = bytes.fromhex(way["asked"])
        check(key_hash("c", way["key"]) == asked, "a key's hash")
        steps = [(place, bytes.fromhex(sibling)) for place, sibling in way["path"]]
        check(root_of_way(asked, way["leaf"], steps).hex() == way["root"], f"the way to {way['key']}")
        check((way["leaf"]["keyHash"] == way["asked"]) == way["isPresent"], "whether a key is there")


def check_entries():
    found = file("formats/entries.json")
    for case in found["good"]:
        entry = parse(case["entry"])
        check(fits("entry", entry) and jcs(entry) == case["entry"], f"entry, {case['kind']}")
        check(entry["kind"] == case["kind"] and leaf_hash(case["entry"].encode()).hex() == case["leafHash"], case["kind"])
        if case["record"]:
            check(sha(case["record"].encode()).hex() == entry["record"], "an entry's record")
    for case in found["refused"]:
        try:
            entry = parse(case["entry"])
            claims = entry.get("claims", []) if isinstance(entry, dict) else []
            is_one = fits("entry", entry) and jcs(entry) == case["entry"] and claims == sorted(set(claims))
        except ValueError:
            is_one = False
        check(not is_one, f"entry, {case['name']}")
    for case in file("formats/rotations.json"):
        entry = parse(case["entry"])
        check(fits("entry", entry) and jcs(entry) == case["entry"], "a rotation")
        check(rotation_message(entry).decode() == case["message"], "what a rotation signs")
        check(is_rotation_signed(entry) == case["isSigned"], f"rotation, {case['name']}")


def check_notes():
    for case in file("formats/notes.json"):
        note = Note(case["note"])
        note.checkpoint()
        for key in case["keys"]:
            check(note.says(key["vkey"]) == key["says"], f"note, {case['name']}")


# --- The log -----------------------------------------------------------------------------------------------------


def replay(entries):
    """The map and the key list after all entries; each state entry is compared on the way."""
    values, held, keys = {}, {}, []
    for index, line in enumerate(entries):
        entry = parse(line)
        kind = entry["kind"]
        if kind == "log.created":
            keys = entry["keys"]
        elif kind.startswith("member."):
            charter, member = entry["charter"], entry["member"]
            leaf = lambda claim, holder: {"charter": charter, "event": index, "keyHash": claim, "member": holder}
            own = key_hash(charter, f"member:{member}").hex()
            named = {name: entry[name] for name in ["charter", "record", "status"]}
            values[own] = {**named, "event": index, "keyHash": own}
            for claim in entry["claims"]:
                holder = values.get(claim, {}).get("member")
                check(holder in (None, member), f"the holder of a claim at entry {index}")
                if holder is None:
                    values[claim] = leaf(claim, member)
            for claim in held.get(member, set()) - set(entry["claims"]):
                if values[claim]["member"] == member:
                    values[claim] = leaf(claim, None)
            held[member] = set(entry["claims"])
        elif kind == "claim.reassigned":
            claim = entry["claim"]
            check(values[claim]["member"] == entry["from"], f"the holder at entry {index}")
            values[claim] = {"charter": entry["charter"], "event": index, "keyHash": claim, "member": entry["to"]}
        elif kind == "key.rotated":
            check(is_rotation_signed(entry), f"the rotation at entry {index}")
            keys = end(keys, entry["purpose"], entry["replaces"], index, entry["publicKeyMultibase"])
        elif kind == "key.compromised":
            keys = end(keys, entry["purpose"], entry["publicKeyMultibase"], index, entry["replacedBy"])
        elif kind == "state":
            now = {"keys": sha(jcs(keys).encode()).hex(), "map": map_root(values.values()).hex(), "size": index}
            check({name: entry[name] for name in now} == now, f"the state at entry {index}")
    return values, keys


def end(keys, purpose, old, index, new):
    """The key list once a key signs no longer, and another does from here on."""
    of_old = lambda range_: (range_["purpose"], range_["publicKeyMultibase"]) == (purpose, old)
    until = lambda range_: index if range_["to"] is None else min(range_["to"], index)
    keys = [{**range_, "to": until(range_)} if of_old(range_) else range_ for range_ in keys]
    if new:
        keys.append({"from": index, "publicKeyMultibase": new, "purpose": purpose, "to": None})
    return sorted(keys, key=lambda range_: (range_["purpose"], range_["from"], key_of(range_["publicKeyMultibase"])))


def check_log(did, log_vkey):
    entries = (HERE / "log/entries.ndjson").read_bytes().splitlines()
    records = (HERE / "log/records.ndjson").read_bytes().splitlines()
    tree = file("log/tree.json")
    leaves = [leaf_hash(entry) for entry in entries]
    check([leaf.hex() for leaf in leaves] == tree["leafHashes"] and len(leaves) == tree["size"], "the leaves")
    roots = [root_of(leaves[:size]) for size in range(len(leaves) + 1)]
    check([root.hex() for root in roots] == tree["roots"], "the roots")
    unhex = lambda path: [bytes.fromhex(hash_) for hash_ in path]
    for case in tree["inclusions"]:
        index = case["index"]
        check(is_included(leaves[index], index, len(leaves), unhex(case["path"]), roots[-1]), f"entry {index}'s inclusion")
    for case in tree["consistencies"]:
        old = case["old"]
        check(is_consistent(old, len(leaves), unhex(case["path"]), roots[old], roots[-1]), f"consistency with {old}")
    note = Note((HERE / "log/checkpoint").read_text())
    check(note.checkpoint()[1:] == (len(entries), roots[-1]), "the checkpoint")
    check(note.says(log_vkey) == {"signed": "text"}, "the checkpoint's signature")
    bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    check((HERE / f"log/bundle.p.{len(entries)}").read_bytes() == bundle, "the bundle")
    _, keys = replay(entries)
    last = ""
    for index, (line, record) in enumerate(zip(entries, records, strict=True)):
        entry, record_of = parse(line), parse(record)
        check(fits("entry", entry) and jcs(entry).encode() == line and entry["at"] >= last, f"entry {index}")
        last = entry["at"]
        if not entry["kind"].startswith("member."):
            check(record_of is None, f"the record of entry {index}")
        elif "redacted" in record_of:
            check(fits("redacted", record_of) and record_of["redacted"] == entry["record"], f"what entry {index} lost")
        else:
            check(sha(record).hex() == entry["record"], f"the digest of record {index}")
            check(judge_record(record, keys, did, index) == "authentic", f"record {index}")
            check(record_of["credentialSubject"]["event"]["resultingStatus"] == entry["status"], f"status {index}")


# --- Credentials -------------------------------------------------------------------------------------------------

LEEWAY, WEEK, TWO_DAYS = 30, 7 * 86400, 2 * 86400


def in_force(document, now, longest):
    start, until = seconds(document["validFrom"]), seconds(document["validUntil"])
    if until < start or until - start > longest:
        return "validity_too_long"
    if now + LEEWAY < start:
        return "not_yet_valid"
    return "expired" if until + LEEWAY < now else None


def judge_secured(name, text, keys, now, longest):
    """The document, or the code of a refusal. Of several faults the first is named."""
    document = parse(text)
    if document["credentialSubject"].get("status") in ("excluded", "withdrawn"):
        return "no_member"
    if not fits(name, document):
        return "foreign_id"
    if document["issuer"]["id"] != keys["did"]:
        return "issuer_not_trusted"
    subject = document["credentialSubject"]
    if not all(place.startswith(keys["base"] + "/") for place in (document["id"], subject["id"])):
        return "foreign_id"
    if name == "status-list" and f"/status/{subject['statusPurpose']}/" not in document["id"]:
        return "foreign_id"
    methods = {method["id"]: method for method in keys["didDocument"]["verificationMethod"]}
    method = document["proof"]["verificationMethod"]
    if method not in methods:
        return "unknown_key"
    if not is_proven(document, key_of(methods[method]["publicKeyMultibase"])):
        return "signature_invalid"
    if method not in keys["didDocument"]["assertionMethod"]:
        return "retired_key"
    return in_force(document, now, longest) or document


def check_says(says, found, what):
    if isinstance(found, str):
        check(says == {"refusal": found}, what)
        return
    subject, entry = found["credentialSubject"], found["credentialStatus"][0]
    check(says.get("status") == subject["status"] and subject["id"].endswith(says["member"]), what)
    check(says["validUntil"] == found["validUntil"], what)
    check(entry["statusListCredential"].endswith(f"/{says['list']}"), what)
    check(entry["statusListIndex"] == str(says["listIndex"]), what)


def check_credentials(keys):
    for case in file("formats/credentials.json"):
        found = judge_secured("credential", case["credential"], keys, seconds(case["now"]), WEEK)
        check_says(case["says"], found, f"credential, {case['name']}")
    for case in file("formats/tokens.json"):
        check_says(case["says"], judge_token(case["token"], keys, seconds(case["now"])), f"token, {case['name']}")
    active = parse(file("formats/credentials.json")[1]["credential"])["credentialStatus"][0]
    suspended = parse(file("formats/credentials.json")[0]["credential"])["credentialStatus"][0]
    for case in file("formats/status-lists.json"):
        found = judge_secured("status-list", case["list"], keys, seconds(case["now"]), TWO_DAYS)
        if isinstance(found, str):
            check(case["says"] == {"refusal": found}, f"status list, {case['name']}")
            continue
        encoded = found["credentialSubject"]["encodedList"]
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-(len(encoded) - 1) % 4)))
        number = int(found["id"].rsplit("/", 1)[1])
        is_set = lambda index: bool(bits[index // 8] >> (7 - index % 8) & 1)
        listed = lambda entry: is_set(int(entry["statusListIndex"])) if entry["statusListCredential"].endswith(f"/{number}") else None
        check(len(bits) * 8 >= 131072 and case["says"] == {
            "count": sum(byte.bit_count() for byte in bits),
            "listsTheActive": listed(active),
            "listsTheSuspended": listed(suspended),
            "number": number,
            "purpose": found["credentialSubject"]["statusPurpose"],
        }, f"status list, {case['name']}")


def judge_token(token, keys, now):
    parts = token.split(".")
    if len(parts) != 3 or "=" in token:
        return "not_compact_jws"
    header, payload, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts)
    header = parse(header)
    check(set(header) == {"alg", "typ", "kid"} and (header["alg"], header["typ"]) == ("EdDSA", "vc+jwt"), "a token's header")
    methods = {method["id"]: method for method in keys["didDocument"]["verificationMethod"]}
    if header["kid"] not in methods:
        return "unknown_key"
    x = methods[header["kid"]]["publicKeyJwk"]["x"]
    if not signs(base64.urlsafe_b64decode(x + "="), token.rsplit(".", 1)[0].encode(), signature):
        return "signature_invalid"
    found = parse(payload)
    check(fits("token-payload", found) and jcs(found).encode() == payload, "a token's payload")
    check((found["iat"], found["exp"]) == (seconds(found["validFrom"]), seconds(found["validUntil"])), "a token's claims")
    check(found["iss"] == found["issuer"]["id"], "a token's issuer")
    if header["kid"] not in keys["didDocument"]["assertionMethod"]:
        return "retired_key"
    return in_force(found, now, WEEK) or found


# --- Proofs ------------------------------------------------------------------------------------------------------


def read_policy(name):
    text = (HERE / name).read_text()
    if text.startswith("{"):
        policy = parse(text)
        check(fits("policy", policy), name)
        keys = [(witness.get("log"), witness.get("map")) for witness in policy["witnesses"]]
        return {**policy, "witnesses": keys}
    policy = {"log": [], "clock": [], "witnesses": [], "maxAge": 10800, "quorum": 0, "witnessesAlone": False}
    groups = {}
    for line in text.splitlines():
        match line.split("#")[0].split():
            case ["log", key, *_]:
                policy["log"].append(key)
                policy["origin"] = key.split("+")[0]
            case ["witness", _, key, *_] if key.split("+")[0].endswith("/clock"):
                policy["clock"].append(key)
            case ["witness", _, key, *_]:
                is_map = key.split("+")[0].endswith("/map")
                policy["witnesses"].append((None, key) if is_map else (key, None))
            case ["group", group, "all", *of]:
                groups[group] = len(of)
            case ["quorum", group]:
                policy["quorum"] = groups.get(group, 0)
    return policy


def read_proof(data):
    try:
        lines = data.decode()
        head, extra, index, rest = lines.split("\n", 3)
        if head != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra ") or not re.fullmatch("index (0|[1-9][0-9]*)", index):
            raise ValueError("no proof")
        path = []
        while not rest.startswith("\n"):
            line, rest = rest.split("\n", 1)
            path.append(unbase64(line))
            if len(path[-1]) != 32:
                raise ValueError("no hash")
        extra = unbase64(extra[6:])
        found = parse(extra)
        names = {"claim", "keys", "membership", "record", "state", "v"}
        if found.get("v") != 1 or jcs(found).encode() != extra or not set(found) <= names:
            raise ValueError("no extra")
        ways = [found[name] for name in ("claim", "membership") if found.get(name)]
        if not fits("key-list", found["keys"]) or not all(set(way) == {"leaf", "path"} for way in ways):
            raise ValueError("no extra")
        if not all(way["leaf"] is None or fits("map-value", way["leaf"]) for way in ways):
            raise ValueError("no leaf")
        return found, int(index[6:]), path, Note(rest[1:])
    except ValueError:
        raise Refused("malformed-proof") from None


def judge_checkpoint(note, policy, now):
    origin, size, root = note.checkpoint()
    if origin != policy["origin"]:
        raise Refused("wrong-origin")

    def said(key):
        found = note.says(key) if key else {"signed": "missing"}
        if found["signed"] in ("twice", "bad"):
            raise Refused({"twice": "signed-twice", "bad": "bad-signature"}[found["signed"]])
        return None if found["signed"] == "missing" else found.get("time", 0)

    if all(said(key) is None for key in policy["log"]):
        raise Refused("log-signature-missing")
    times = [time for time in map(said, policy["clock"]) if time is not None]
    clock, earliest = max(times, default=None), now - policy["maxAge"]
    recent = lambda key: (time := said(key)) is not None and earliest <= time <= now + 30
    by_witness = [(recent(log), recent(map_)) for log, map_ in policy["witnesses"]]
    cosigned = sum(log or map_ for log, map_ in by_witness) >= policy["quorum"]
    recomputed = policy["quorum"] > 0 and sum(map_ for _, map_ in by_witness) >= policy["quorum"]
    if clock is not None and earliest <= clock <= now + 30:
        as_of, word = clock, "witnessed" if recomputed else "registry"
    elif policy["witnessesAlone"] and cosigned:
        as_of = min(time for pair in policy["witnesses"] for key in pair if recent(key) and (time := said(key)) is not None)
        word = "mirrors"
    else:
        raise Refused("clock-missing" if clock is None else "future" if clock > now else "stale")
    if not cosigned:
        raise Refused("too-few-witnesses")
    return size, root, as_of, word


def follow(way, asked, state, charter, kind):
    """The leaf of the key that is asked for; none where the way shows that there is none."""
    if way["leaf"] is None:
        if way["path"] or state["map"] != "0" * 64:
            raise Refused("wrong-map-root")
        return None
    steps = [(place, unbase64(sibling)) for place, sibling in way["path"]]
    if root_of_way(asked, way["leaf"], steps).hex() != state["map"]:
        raise Refused("wrong-map-root")
    if way["leaf"]["event"] >= state["size"]:
        raise Refused("wrong-leaf")
    if way["leaf"]["keyHash"] != asked.hex():
        return None
    if kind not in way["leaf"] or way["leaf"]["charter"] != charter:
        raise Refused("wrong-leaf")
    return way["leaf"]


def verdict_on(data, question, policy, now):
    if policy["origin"] != question["origin"]:
        raise Refused("other-policy")
    extra, index, path, note = read_proof(data)
    size, root, as_of, word = judge_checkpoint(note, policy, now)
    if index + 1 != size:
        raise Refused("not-the-last-entry")
    state = extra["state"]
    if not fits("entry", state):
        raise Refused("malformed-state")
    if state["kind"] != "state":
        raise Refused("not-a-state")
    if state["size"] != index:
        raise Refused("state-misplaced")
    if not is_included(leaf_hash(jcs(state).encode()), index, size, path, root):
        raise Refused("not-included")
    if sha(jcs(extra["keys"]).encode()).hex() != state["keys"]:
        raise Refused("wrong-key-list")
    if seconds(state["at"]) > as_of + 30:
        raise Refused("state-after-cosignature")
    verdict = {"asOf": instant(as_of), "word": word, "size": size, "member": None, "names": [], "recordWithheld": False}
    charter, key = question["charter"], question["key"]
    if key.startswith("member:") == ("claim" in extra):
        raise Refused("other-question")
    if "claim" in extra:
        leaf = follow(extra["claim"], key_hash(charter, key), state, charter, "member")
        member = leaf and leaf["member"]
        if bool(member) != bool(extra["membership"]):
            raise Refused("wrong-membership")
        if not member:
            if extra["record"]:
                raise Refused("record-unexpected")
            event = leaf and leaf["event"]
            return {**verdict, "standing": "released" if leaf else "never", "event": event}
    else:
        member = key.removeprefix("member:")
    own = key_hash(charter, f"member:{member}")
    leaf = follow(extra["membership"], own, state, charter, "status")
    if leaf is None:
        if "claim" in extra:
            raise Refused("map-inconsistent")
        if extra["record"]:
            raise Refused("record-unexpected")
        return {**verdict, "standing": "never", "event": None}
    verdict |= {"standing": leaf["status"], "member": member, "event": leaf["event"]}
    record = extra["record"]
    if record is None:
        if leaf["status"] in ("active", "suspended"):
            raise Refused("record-missing")
        return {**verdict, "recordWithheld": True}
    if sha(jcs(record).encode()).hex() != leaf["record"]:
        raise Refused("wrong-record")
    did = "did:web:" + question["origin"].removesuffix("/log").replace(":", "%3A")
    if judge_record(jcs(record), extra["keys"], did, leaf["event"]) != "authentic":
        raise Refused("record-not-authentic")
    subject = record["credentialSubject"]
    named = [f"{number['scheme']}:{number['value']}" for number in subject.get("identifiers", [])]
    named += [f"domain:{subject['domain']}"] if "domain" in subject else []
    is_so = subject["id"].endswith(f"/{member}") and subject["charter"]["id"].endswith(f"/charters/{charter}")
    if not is_so or subject["event"]["resultingStatus"] != leaf["status"] or ("claim" in extra and key not in named):
        raise Refused("record-mismatch")
    return {**verdict, "names": subject["name"]}


def check_proofs():
    for case in file("proofs/cases.json"):
        data = (HERE / case["file"]).read_bytes()
        policy = read_policy(case["policy"])
        try:
            found = verdict_on(data, case["question"], policy, seconds(case["now"]))
        except Refused as refused:
            check(case.get("refusal") == refused.code, f"proof, {case['name']}: {refused.code}")
        else:
            check(case.get("verdict") == found, f"proof, {case['name']}: {found}")
            check(fits("proof-extra", read_proof(data)[0]), f"the extra of {case['name']}")


def main():
    keys = check_keys()
    check_records(keys)
    check_map()
    check_entries()
    check_notes()
    log_vkey = next(key["note"][0]["vkey"] for key in keys["keys"] if key["seedHex"] == "02" * 32)
    check_log(keys["did"], log_vkey)
    check_credentials(keys)
    check_proofs()
    print(f"vectors: a second implementation agrees with all of them, in {CHECKED} comparisons")


main()
