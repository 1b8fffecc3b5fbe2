"""A witness that is not ours cosigns our log, and the client of a log that is not ours asks our witness.

    witness_judge.py BINARY
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from aics_tlog import MerkleTree, parse_checkpoint, parse_note, parse_vkey, verify_cosignature, vkey_from_ed25519
from aics_tlog.checkpoint import Checkpoint, sign_checkpoint
from aics_tlog.note import format_vkey
from aics_witness.feeder import WitnessAhead, WitnessClient, WitnessRejected
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from registry import ROOT, Registry

CHARTER = ROOT / "charters" / "open-government.toml"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(address, process):
    """Waits until somebody answers there."""
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"FAILED aics-witness: nobody answers at {address}")


def cosigned(note, key):
    """Whether the note has one line of this key, and aics-tlog takes it for a cosignature of its checkpoint."""
    checkpoint = parse_checkpoint(note.text)
    lines = [line for line in note.signatures if line.name == key.name and line.key_id == key.key_id]
    blobs = [line.signature for line in lines]
    here = (checkpoint.origin, checkpoint.size, checkpoint.root)
    return len(blobs) == 1 and verify_cosignature(blobs[0], key.name, key.public_key, *here, max_age_seconds=600)


def judge_registry(binary, folder):
    """Our registry asks aics-witness about two sizes of its log; the answer stands in its checkpoint."""
    registry = Registry(binary, folder)
    words = registry.command("keys", "list").split()
    log = next(word for word in words if word.split("+")[0].endswith("/log") and "+" in word)
    config = ["--config", str(folder / "witness.json")]
    program = [sys.executable, "-m", "aics_witness"]
    init = [*program, "init", *config, "--name", "witness.example/aics"]
    printed = subprocess.run(init, check=True, capture_output=True, text=True).stdout
    vkey = next(word for word in printed.split() if word.startswith("witness.example/aics+"))
    add = [*program, "add-log", *config, "--origin", log.split("+")[0], "--vkey", log]
    subprocess.run(add, check=True, capture_output=True)
    address = f"http://127.0.0.1:{free_port()}"
    serve = [*program, "serve", *config, "--listen", address.removeprefix("http://"), "--log-level", "ERROR"]
    witness = subprocess.Popen(serve)
    try:
        wait_for(address, witness)
        policy = folder / "witnesses.policy"
        policy.write_text(f"log {log}\nwitness aics {vkey} {address}\nquorum aics\n")
        registry.environment["CHARTER_WITNESS_POLICY"] = str(policy)
        sizes = []
        for _ in range(2):
            with registry:
                note = parse_note(registry.ask("GET", "/log/checkpoint")[0])
            sizes.append(parse_checkpoint(note.text).size)
            if not cosigned(note, parse_vkey(vkey)):
                sys.exit(f"FAILED aics-witness: no cosignature that aics-tlog takes:\n{note}")
            if len(sizes) == 1:
                registry.command("charter", "publish", str(CHARTER))
        if not sizes[0] < sizes[1]:
            sys.exit(f"FAILED aics-witness: {sizes}")
    finally:
        witness.terminate()
        witness.wait()
    return sizes


def judge_witness(binary, folder):
    """The client of aics-witness has our witness cosign a log of its own, and is refused what contradicts it."""
    origin, key = "log.example/aics", Ed25519PrivateKey.generate()
    log = format_vkey(vkey_from_ed25519(origin, key.public_key()))
    (folder / "logs.txt").write_text(log + "\n")
    environment = {"CHARTER_DATA": str(folder / "data"), "CHARTER_LOG": "error"}
    name = ["--name", "witness.example/ours"]
    show = [binary, "witness", "key", *name]
    vkey = subprocess.run(show, check=True, capture_output=True, text=True, env=environment).stdout.strip()
    address = f"http://127.0.0.1:{free_port()}"
    listen = ["--logs", str(folder / "logs.txt"), "--listen", address.removeprefix("http://")]
    witness = subprocess.Popen([binary, "witness", "serve", *name, *listen], env=environment)

    def note(tree, size):
        return sign_checkpoint(Checkpoint(origin, size, tree.root(size)), key, origin).serialise()

    def refused(client, tree, size):
        try:
            client.submit(note(tree, size), tree.consistency_proof)
        except (WitnessRejected, WitnessAhead) as error:
            return error
        sys.exit(f"FAILED witness: {size} entries were cosigned that contradict what was")

    try:
        wait_for(address, witness)
        tree = MerkleTree(f"entry {number}".encode() for number in range(300))
        client = WitnessClient(address, vkey)
        for size in (1, 2, 7, 8, 200, 200, 257, 300):
            # The client verifies the line itself, by the key.
            client.submit(note(tree, size), tree.consistency_proof)
        other = MerkleTree(f"other {number}".encode() for number in range(301))
        for anew, size in ((other, 300), (other, 301), (tree, 299)):
            error = refused(WitnessClient(address, vkey), anew, size)
            expected = WitnessAhead if size < 300 else WitnessRejected
            if not isinstance(error, expected) or getattr(error, "status", 422) != 422:
                sys.exit(f"FAILED witness: {size} entries: {error!r}")
    finally:
        witness.terminate()
        witness.wait()


binary = str(pathlib.Path(sys.argv[1]).resolve())
with tempfile.TemporaryDirectory() as registry_folder, tempfile.TemporaryDirectory() as witness_folder:
    sizes = judge_registry(binary, pathlib.Path(registry_folder))
    judge_witness(binary, pathlib.Path(witness_folder))
print(f"aics-witness: it cosigned our log at {sizes[0]} and {sizes[1]} entries; its client had 8 checkpoints cosigned by our witness and 3 refused")
