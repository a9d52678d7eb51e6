"""An independent verifier of audit proofs: ``python -m tigertally_client.proof proof.json``.

For the auditor who needn't trust the server: this one file uses nothing of the server or of the
protocol, only the standard library and Ed25519 from ``cryptography``; it may be read and copied
alone (for checkpoints signed with SM2, `verification/sm2.py` with it). It decodes the entry, hashes
it up to the root, and verifies the checkpoint that states the root (RFC 9162 §2.1; C2SP signed-note
and tlog-checkpoint).

It is strict: every member of the document is either proven or compared with what is proven, and
base64 and hex are taken in one spelling only, so that no altered document passes. It doesn't open
the sealed parts of an entry (what was answered, personal data): it proves that they are the
recorded ciphertext.

Exit status: 0 proven, 1 not proven.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT: Final = "tigertally-proof-1"
MAX_BYTES: Final = 1 << 20
_MEMBERS: Final = frozenset(
    ("format", "fields", "entry", "leaf_index", "tree_size", "path", "checkpoint", "public_key")
)
_ENTRY: Final = struct.Struct(">3sBHqHIqBHIqqqhqII")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEY: Final = re.compile(r"[0-9a-f]{64}|04[0-9a-f]{128}", re.ASCII)
_ED25519: Final = b"\x01"
_SM2: Final = b"\xffsm2-with-sm3"
_SM2_POINT: Final = 65
_NOTE: Final = re.compile(
    r"(?P<text>(?P<origin>tigertally/[^\s+/]+/(?P<shard>0|[1-9]\d{0,4}))\n(?P<size>[1-9]\d{0,18})\n"
    r"(?P<root>[A-Za-z0-9+/=]{44})\ntime (?P<time>0|[1-9]\d{0,18})\n"
    r"previous (?P<previous>[A-Za-z0-9+/=]{44})\n)\n(?P<signatures>(?:— \S+ \S+\n)+)",
    re.ASCII,
)

TRANSACTIONS: Final = {
    0x0101: "register user", 0x0102: "query user", 0x0103: "close user",
    0x0201: "bind token", 0x0202: "unbind token", 0x0203: "enable token",
    0x0204: "disable token", 0x0205: "unlock token", 0x0206: "resynchronise token",
    0x0207: "report loss", 0x0208: "withdraw loss", 0x0209: "replace token",
    0x020A: "void token", 0x020B: "restore token", 0x020C: "activate token",
    0x020D: "assign token", 0x020E: "issue emergency code", 0x020F: "query token",
    0x0210: "start activation", 0x0211: "verify emergency code",
    0x0212: "issue activation code", 0x0310: "ask card", 0x0311: "verify card",
    0x0301: "verify one-time password", 0x0302: "verify PIN and one-time password",
    0x0303: "set token PIN", 0x0304: "verify by MS-CHAPv2", 0x0305: "verify by CHAP",
    0x0306: "issue OCRA challenge", 0x0307: "verify OCRA answer", 0x0308: "host code",
    0x0401: "query by serial", 0x0402: "query by reference", 0x0403: "cancel serial",
    0x0501: "bind phone", 0x0502: "change phone", 0x0503: "cancel phone change",
    0x0504: "unbind phone", 0x0505: "query phone", 0x0506: "unlock codes by SMS",
    0x0507: "send code by SMS", 0x0508: "verify code by SMS",
    0x0509: "verify code by SMS, MS-CHAPv2", 0x050A: "query message",
    0x050B: "register app key", 0x050C: "remove app key", 0x050D: "send warning by SMS",
    0x0601: "set password", 0x0602: "change password", 0x0603: "reset password",
    0x0604: "verify password", 0x0605: "query password", 0x0606: "unlock password",
    0x0607: "disable password", 0x0608: "enable password",
    0x0701: "begin flow", 0x0702: "begin own flow", 0x0703: "flow step", 0x0704: "query flow",
    0x0705: "cancel flow",
    0x0801: "begin transaction verification", 0x0802: "confirm by service",
    0x0803: "complete transaction verification", 0x0804: "query transaction verification",
    0x0901: "set greeting", 0x0902: "get greeting",
    0x0B01: "generate MAC", 0x0B02: "verify MAC", 0x0B03: "encipher field",
    0x0B04: "decipher field", 0x0B05: "translate PIN block", 0x0B06: "verify PIN",
    0x0B07: "make PIN value", 0x0B08: "draw random", 0x0B09: "digest", 0x0B0A: "query key",
    0x0B0B: "issue key", 0x0B0C: "import key", 0x0B0D: "retire key",
}  # fmt: skip

RESULTS: Final = {
    1: "approved", 2: "changed", 3: "answered", 6: "computed", 100: "denied", 101: "wrong code",
    102: "replayed code", 103: "token locked", 104: "token throttled", 105: "token disabled",
    106: "token expired", 107: "token not yet valid", 108: "token unknown",
    109: "token not bound", 110: "token bound elsewhere", 111: "ambiguous token",
    112: "no token", 113: "user unknown", 114: "user closed", 115: "user exists",
    116: "illegal transition", 117: "resynchronisation failed", 118: "serial cancelled",
    119: "serial already executed",
    122: "flow failed", 123: "flow ended", 124: "flow expired", 125: "flow unknown",
    126: "factor not wanted", 127: "flow policy unknown",
    150: "SMS not configured", 151: "no phone", 152: "phone cooling off", 153: "SMS locked",
    154: "SMS throttled", 155: "SMS too soon", 156: "SMS limit reached", 157: "SMS code unknown",
    158: "SMS code expired", 159: "SMS code cancelled", 160: "transaction differs",
    161: "phone already bound", 162: "app unknown", 163: "SMS destination refused",
    164: "no phone change",
    165: "wrong password", 166: "password locked", 167: "password throttled",
    168: "password disabled", 169: "password not set", 170: "password expired",
    171: "password must change", 172: "initial password expired", 173: "password too weak",
    174: "password reused", 175: "password too young", 176: "password exists",
    177: "password not disabled", 178: "greeting unsuitable",
    130: "method not of token", 131: "challenge unknown", 132: "challenge used",
    133: "challenge expired", 134: "challenge spent", 135: "question not permitted",
    136: "token PIN not set", 137: "token PIN too weak",
    140: "token not activated", 141: "token lost", 142: "token replaced", 143: "token void",
    144: "nothing to withdraw", 145: "nothing to restore", 146: "nothing to activate",
    147: "activation ended", 148: "card exhausted", 149: "no emergency code",
    180: "verification unknown", 181: "verification ended", 182: "verification expired",
    183: "text differs", 184: "not confirmed yet", 185: "confirmation refused",
    186: "confirmation not wanted", 187: "same operator", 188: "MAC wrong",
    189: "not deciphered", 190: "PIN block refused", 191: "PIN wrong",
    192: "PIN tries exceeded", 193: "key block refused", 194: "check value differs",
    500: "outcome unknown",
}  # fmt: skip


class NotProven(ValueError):
    """Why the document proves nothing, in a sentence."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof proves: this entry, in this log, at this size, under this key."""

    fields: dict[str, int | str]
    origin: str
    tree_size: int
    root: str
    checkpoint_ms: int
    public_key: str
    """The checkpoint key, 32 bytes in base64."""
    key_given: bool
    """Whether the key was given by the one who verifies, or only comes with the document."""


def verify(document: bytes, key: str | None = None) -> Proven:
    """Verify a proof document.

    Args:
        document: the JSON as it was handed out.
        key: the checkpoint key as the operator published it: a verifier key
            (``name+id+base64``), or the 32 bytes in base64 or hex. None: the document's own.

    Raises:
        NotProven: the document is damaged or altered, or signed by another key.
    """
    proof = _read(document)
    canonical = _hex(proof["entry"], "entry")
    entry = decode_entry(canonical)
    _compare_fields(proof["fields"], entry)
    note = _match_note(proof["checkpoint"])
    name, public_key = _verifier_key(proof["public_key"])
    if key is not None and public_key != _given_key(key):
        raise NotProven("the proof is signed by another key than the one given")
    if name != note["origin"]:
        raise NotProven("the public key is named for another log than the checkpoint's")
    _verify_signature(note["text"], note["signatures"], name, public_key)
    index, size = proof["leaf_index"], proof["tree_size"]
    if size != int(note["size"]):
        raise NotProven("the tree size is not the checkpoint's")
    if index != entry["seq"] or int(note["shard"]) != entry["shard"]:
        raise NotProven("the entry's place is not the one that is proven")
    if not 0 <= index < size:
        raise NotProven("the checkpoint is older than the entry")
    root = _climb(hashlib.sha256(b"\x00" + canonical).digest(), index, size, _path(proof["path"]))
    if root != _base64(note["root"], "root"):
        raise NotProven("the entry and its path don't lead to the checkpoint's root")
    _base64(note["previous"], "previous")
    return Proven(
        fields=readable(entry),
        origin=name,
        tree_size=size,
        root=root.hex(),
        checkpoint_ms=int(note["time"]),
        public_key=base64.b64encode(public_key).decode("ascii"),
        key_given=key is not None,
    )


# --------------------------------------------------------------------------------- the document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotProven("the document says something twice")
    return result


def _read(document: bytes) -> dict[str, Any]:
    if len(document) > MAX_BYTES:
        raise NotProven("the document is too long for a proof")
    try:
        proof = json.loads(document.decode("utf-8"), object_pairs_hook=_unique)
    except NotProven:
        raise
    except (ValueError, RecursionError):
        raise NotProven("the document is not JSON") from None
    if not isinstance(proof, dict) or proof.get("format") != FORMAT:
        raise NotProven(f"the document is not a proof of the format {FORMAT}")
    if set(proof) != _MEMBERS:
        raise NotProven("the document lacks a member of a proof, or has one too many")
    for name in ("leaf_index", "tree_size"):
        if type(proof[name]) is not int:
            raise NotProven(f"{name} is not a whole number")
    return proof


def _hex(value: object, name: str) -> bytes:
    if not isinstance(value, str) or re.fullmatch(r"(?:[0-9a-f]{2})+", value, re.ASCII) is None:
        raise NotProven(f"{name} is not lower-case hex")
    return bytes.fromhex(value)


def _base64(value: str, name: str) -> bytes:
    try:
        data = base64.b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NotProven(f"{name} is not base64") from None
    if base64.b64encode(data).decode("ascii") != value:
        raise NotProven(f"{name} is not canonical base64")
    return data


def _path(value: object) -> list[bytes]:
    if not isinstance(value, list):
        raise NotProven("the path is not a list")
    if not all(isinstance(node, str) and _HASH.fullmatch(node) for node in value):
        raise NotProven("a node of the path is not a hash in lower-case hex")
    return [bytes.fromhex(node) for node in value]


# ------------------------------------------------------------------------------------- the entry


def decode_entry(data: bytes) -> dict[str, Any]:
    """Read the canonical bytes: magic, version, fixed numbers, then four parts with lengths."""
    names = (
        "version", "shard", "seq", "business_day", "channel_id", "serial", "phase", "transaction",
        "result", "at_ms", "user_id", "token_id", "previous_shard", "previous_seq",
        "outcome_key_id", "personal_key_id",
    )  # fmt: skip
    if len(data) < _ENTRY.size:
        raise NotProven("the entry is cut")
    magic, *numbers = _ENTRY.unpack_from(data)
    if magic != b"TTE" or numbers[0] != 1:
        raise NotProven("the entry is not of a version that this verifier knows")
    entry: dict[str, Any] = dict(zip(names, numbers, strict=True))
    rest = data[_ENTRY.size :]
    for name in ("reference", "digest", "outcome", "personal"):
        length = int.from_bytes(rest[:2], "big")
        if len(rest) < 2 + length:
            raise NotProven("the entry is cut")
        entry[name], rest = rest[2 : 2 + length], rest[2 + length :]
    if rest:
        raise NotProven("the entry has bytes after its end")
    try:
        entry["reference"] = entry["reference"].decode("utf-8")
    except UnicodeDecodeError:
        raise NotProven("the entry's reference is not UTF-8") from None
    return entry


def readable(entry: dict[str, Any]) -> dict[str, int | str]:
    """Return the public fields as people read them."""
    hidden = {"outcome_key_id", "personal_key_id", "outcome", "personal", "at_ms"}
    fields = {name: value for name, value in entry.items() if name not in hidden}
    fields["business_day"] = (_EPOCH + timedelta(days=entry["business_day"])).date().isoformat()
    fields["at"] = _moment(entry["at_ms"])
    fields["digest"] = entry["digest"].hex()
    return fields


def _moment(ms: int) -> str:
    try:
        moment = _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return f"{ms} ms"
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _compare_fields(stated: object, entry: dict[str, Any]) -> None:
    actual = readable(entry)
    if not isinstance(stated, dict) or set(stated) != set(actual):
        raise NotProven("the readable fields are not those of an entry")
    for name, value in actual.items():
        if type(stated[name]) is not type(value) or stated[name] != value:
            raise NotProven(f"the readable field {name} is not what the entry says")


# ------------------------------------------------------------------------ signature and the tree


def _match_note(note: object) -> re.Match[str]:
    match = _NOTE.fullmatch(note) if isinstance(note, str) else None
    if match is None:
        raise NotProven("the checkpoint is not a signed checkpoint of a Tigertally log")
    return match


def _key_id(name: str, public_key: bytes) -> bytes:
    kind = _SM2 if len(public_key) == _SM2_POINT else _ED25519
    return hashlib.sha256(name.encode() + b"\n" + kind + public_key).digest()[:4]


def _verifier_key(text: object) -> tuple[str, bytes]:
    """Read ``<name>+<key id>+<base64(type ‖ public key)>``."""
    parts = text.split("+", 2) if isinstance(text, str) else []
    if len(parts) != 3:
        raise NotProven("the public key is not a verifier key")
    name, key_id, encoded = parts
    material = _base64(encoded, "the public key")
    for kind, size in ((_ED25519, 32), (_SM2, _SM2_POINT)):
        key = material.removeprefix(kind)
        if material.startswith(kind) and len(key) == size and _key_id(name, key).hex() == key_id:
            return name, key
    raise NotProven("the public key is not an Ed25519 or SM2 verifier key")


def _given_key(text: str) -> bytes:
    if text.count("+") >= 2 and "/" in text.partition("+")[0]:
        try:
            return _verifier_key(text)[1]
        except NotProven:
            pass  # base64 of 32 bytes may look alike
    if _KEY.fullmatch(text):
        return bytes.fromhex(text)
    key = _base64(text, "the given key")
    if len(key) not in {32, _SM2_POINT}:
        raise NotProven("the given key is neither a verifier key nor a key in base64 or hex")
    return key


def _verify_signature(text: str, signatures: str, name: str, public_key: bytes) -> None:
    """Demand that every signature line is ours and good: a proof holds the log's alone."""
    lines = signatures.removesuffix("\n").split("\n")
    if len(lines) != 1:
        raise NotProven("the checkpoint of a proof has one signature, the log's")
    _, signer, encoded = lines[0].split(" ")
    signature = _base64(encoded, "the signature")
    if signer != name or signature[:4] != _key_id(name, public_key):
        raise NotProven("the checkpoint is not signed by the proof's key")
    if not _verifies(public_key, text.encode(), signature[4:]):
        raise NotProven("the checkpoint's signature doesn't fit")


def _verifies(public_key: bytes, data: bytes, signature: bytes) -> bool:
    if len(public_key) == _SM2_POINT:
        # Only here is this file not alone: SM2 in whole numbers is a page of its own.
        from tigertally_client.verification import sm2

        return sm2.verify(public_key, data, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root of the tree of ``size`` that has ``leaf`` at ``index``, by its definition.

    A tree of more than one leaf is cut at the largest power of two below its size (RFC 9162
    §2.1.1); the path's last node is the other half, the rest leads to the root of this half.
    """
    if size == 1:
        if path:
            raise NotProven("the path is too long")
        return leaf
    if not path:
        raise NotProven("the path is too short")
    half = 1 << ((size - 1).bit_length() - 1)
    *inner, other = path
    if index < half:
        left, right = _climb(leaf, index, half, inner), other
    else:
        left, right = other, _climb(leaf, index - half, size - half, inner)
    return hashlib.sha256(b"\x01" + left + right).digest()


# ---------------------------------------------------------------------------------- command line


def describe(proven: Proven) -> str:
    """Say in plain words what is proven."""
    entry = proven.fields
    reference = "".join(c if c.isprintable() else "?" for c in str(entry["reference"]))
    transaction = TRANSACTIONS.get(int(entry["transaction"]), "a transaction unknown here")
    result = RESULTS.get(int(entry["result"]), "a result unknown here")
    lines = [
        "PROVEN: this entry stands in the log, exactly as the log committed to it.",
        "",
        f"  transaction   {transaction} (0x{int(entry['transaction']):04x})",
        f"  result        {result} ({entry['result']})",
        f"  at            {entry['at']}",
        f"  business day  {entry['business_day']}",
        f"  channel       {entry['channel_id']}, serial {entry['serial']}, phase {entry['phase']}",
        f"  reference     {reference or '(none)'}",
        f"  user, token   {entry['user_id']}, {entry['token_id']}",
        "",
        f"  log           {proven.origin}",
        f"  place         entry {entry['seq']}; the checkpoint covers {proven.tree_size} entries",
        f"  checkpoint    signed {_moment(proven.checkpoint_ms)}, root {proven.root}",
        f"  key           {proven.public_key}",
        "",
        "The answer's contents and personal data are sealed; the proof covers their ciphertext.",
    ]
    if not proven.key_given:
        lines.append(
            "The key came with the proof. Compare it with the one that the operator published, "
            "or give that one with --key."
        )
    return "\n".join(lines)


def as_json(proven: Proven) -> str:
    """Return what is proven as JSON."""
    return json.dumps(
        {
            "proven": True,
            "entry": proven.fields,
            "log": proven.origin,
            "tree_size": proven.tree_size,
            "root": proven.root,
            "checkpoint_at": _moment(proven.checkpoint_ms),
            "public_key": proven.public_key,
            "key_given": proven.key_given,
        },
        indent=2,
        ensure_ascii=False,
    )


def main(arguments: list[str] | None = None) -> int:
    """Verify the proof named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tigertally_client.proof",
        description="Verify that an audit entry stands in a Tigertally log.",
    )
    parser.add_argument("proof", help="the proof document (JSON); - reads standard input")
    parser.add_argument("--key", help="the checkpoint key that the operator published")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    try:
        if options.proof == "-":
            document = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(options.proof).open("rb") as file:
                document = file.read(MAX_BYTES + 1)
        proven = verify(document, options.key)
    except (NotProven, OSError) as error:
        reason = error.strerror or "can't be read" if isinstance(error, OSError) else str(error)
        if options.json:
            sys.stdout.write(json.dumps({"proven": False, "reason": reason}, indent=2) + "\n")
        else:
            sys.stderr.write(f"NOT PROVEN: {reason}.\n")
        return 1
    sys.stdout.write((as_json(proven) if options.json else describe(proven)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
