"""Every parser that reads what somebody else wrote, as a target for a fuzzer.

A target is given any octets and may raise only what its documentation says; some check a law as
well. `seeds` are whole, good inputs to start from. Nothing here knows how inputs are made.
"""

from __future__ import annotations

import io
import json
import tempfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from tigertally_client.verification import der, notes, stamps
from tigertally_drivers.errors import DriverError, Rejected
from tigertally_drivers.gm import forms
from tigertally_drivers.hsm.hostcmd import wire
from tigertally_drivers.sms.smpp.framing import FramingError, PduReader
from tigertally_drivers.sms.smpp.pdu import Pdu, encode
from tigertally_drivers.sms.smpp.receipt import read_receipt
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_drivers.tokenfile.jwe import SealedFileError, open_sealed, seal
from tigertally_drivers.tokenfile.oath_csv import read_oath_csv
from tigertally_drivers.tokenfile.pskc import read_pskc
from tigertally_drivers.tokenfile.records import TokenFileError
from tigertally_drivers.tokenfile.vendor_csv import read_vendor_csv
from tigertally_drivers.tokenfile.vendor_layout import LayoutError, parse_layout
from tigertally_engines.crypto.key_blocks import BlockDoesNotOpen, disclose
from tigertally_engines.flow.expression import ExpressionError, parse, render
from tigertally_engines.otp.ocra_suite import SuiteError, parse_suite
from tigertally_protocol.connection import ClientConnection, ServerConnection
from tigertally_protocol.errors import BadField, FrameError
from tigertally_protocol.frame import FrameReader
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.transactions import Kind
from tigertally_server import config as configuration
from tigertally_server.audit import archive_file, checkpoint, cosignature, leaf, merkle, note
from tigertally_server.config import ConfigError
from tigertally_testing.token_files import oath_csv, pskc

VECTORS = Path(__file__).parents[2] / "vectors"
ROWS = [MESSAGES[key] for key in sorted(MESSAGES)]
CHARSETS = ("utf-8", "gb18030")


@dataclass(frozen=True)
class Target:
    """`run` returns whatever the input is, or raises what is in `expected`."""

    name: str
    run: Callable[[bytes], object]
    expected: tuple[type[Exception], ...] = ()
    seeds: tuple[bytes, ...] = ()

    def __call__(self, data: bytes) -> None:
        try:
            self.run(data)
        except self.expected:
            return


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def pieces(data: bytes) -> Iterable[bytes]:
    """Cut in places that the data themselves say."""
    step = 1 + (data[0] if data else 0)
    return [data[at : at + step] for at in range(0, len(data), step)]


# ---------------------------------------------------------------- the wire


def cut_frames(data: bytes) -> list[bytes]:
    """The same frames, however the stream is cut."""
    results = []
    for parts in ([data], pieces(data)):
        reader, frames = FrameReader(list(Kind)), []
        try:
            for part in parts:
                reader.feed(part)
                while (frame := reader.next_frame()) is not None:
                    frames.append(frame.raw)
        except FrameError as error:
            frames.append(error.code.name.encode())
        results.append(frames)
    assert results[0] == results[1]
    return results[0]


def message_codec(data: bytes) -> None:
    """Octet 0 and 1: which; what decodes encodes to something that decodes to the same."""
    if len(data) < 2:
        return
    row, charset = ROWS[data[0] % len(ROWS)], CHARSETS[data[1] % 2]
    body = data[2:].ljust(row.body_size, b"\0")[: row.body_size]
    codec = row.codecs[charset]
    message = codec.decode(body)
    assert codec.decode(codec.encode(message)) == message


def server_end(data: bytes) -> None:
    """Raises nothing, whatever a peer sends before it has proven itself."""
    conn = ServerConnection(1, bytes(16), "node-1")
    conn.greeting(1)
    for part in pieces(data):
        conn.feed(part, 1)
        while conn.next_event() is not None:
            if conn.state.name not in ("GREETED", "OPEN"):
                return


def client_end(data: bytes) -> None:
    """Raises nothing, whatever a server sends."""
    conn = ClientConnection(
        channel_id=1,
        master_key=bytes(range(32)),
        master_key_version=1,
        suite=1,
        field_cipher=0,
        charset="utf-8",
        client_name="fuzz",
        client_nonce=bytes(16),
    )
    for part in pieces(data):
        conn.feed(part)
        while conn.next_event() is not None:
            pass


def golden_frames() -> tuple[bytes, ...]:
    held = json.loads((VECTORS / "golden_frames.json").read_text(encoding="utf-8"))
    return tuple(_hex_strings(held))[:80]


def _hex_strings(value: Any, least: int = 128) -> Iterable[bytes]:
    """Whatever in a file of vectors is the hex of a frame."""
    match value:
        case dict():
            for each in value.values():
                yield from _hex_strings(each, least)
        case list():
            for each in value:
                yield from _hex_strings(each, least)
        case str() if len(value) >= least and set(value) <= set("0123456789abcdef"):
            yield bytes.fromhex(value)
        case _:
            return


# ---------------------------------------------------------------- files and devices


def smpp(data: bytes) -> None:
    """Whatever is a PDU is written as it was read, unless it was malformed."""
    reader = PduReader()
    for part in pieces(data):
        reader.feed(part)
        while (found := reader.next_pdu()) is not None:
            assert isinstance(found, Pdu)
            read_receipt(found)
            encode(found) if type(found.body).__name__ not in ("Malformed", "Unknown") else None


def host_command(data: bytes) -> None:
    answers = wire.Answers()
    for part in pieces(data):
        for answer in answers.feed(part):
            for command in wire.Command:
                try:
                    wire.fields(wire.checked_body(command, answer), 1 + len(data) % 3)
                except DriverError:
                    continue


LAYOUT = '[columns]\nserial = "sn"\nseed = "key"\n[defaults]\nalgorithm = "totp"\n'


def vendor_rows(data: bytes) -> None:
    list(read_vendor_csv(pieces(data), parse_layout(LAYOUT)))


def archive(data: bytes) -> None:
    for _, member in archive_file.members(io.BytesIO(data)):
        for kind, record in archive_file.records(member):
            match kind:
                case b"H":
                    archive_file.decode_header(record)
                case b"S":
                    archive_file.decode_shard(record)
                case b"M":
                    archive_file.parse_manifest(text_of(record))
                case _:
                    continue


def good_archive() -> bytes:
    header = archive_file.Header(archive_file.FORMAT, "bank-1", "2026-01", 20454, 20484, 1)
    record = archive_file.encode_header(header)
    raw = b"H" + len(record).to_bytes(4, "big") + record
    raw += b"S" + (10).to_bytes(4, "big") + archive_file.encode_shard(3, bytes(8))
    deflate = zlib.compressobj(6, wbits=31)
    return deflate.compress(raw) + deflate.flush()


def entry_round(data: bytes) -> None:
    """Canonical: what is read is written as it was."""
    assert leaf.encode_entry(leaf.decode_entry(data)) == data


def frontier_round(data: bytes) -> None:
    assert merkle.encode_frontier(merkle.decode_frontier(data)) == data


def signed_notes(data: bytes) -> None:
    text = text_of(data)
    for read in (note.split_note, note.parse_verifier_key, checkpoint.parse_checkpoint):
        try:
            read(text)
        except note.NoteError:
            continue
    try:
        cosignature.parse_witness_key(text)
        cosignature.is_cosigned(text)
    except note.NoteError:
        return


def notes_of_client(data: bytes) -> None:
    """The verifier of strangers, which shares no line with the server's."""
    text = text_of(data)
    for read in (notes.split, notes.parse_key, notes.checkpoint_of, notes.parse_checkpoint):
        try:
            read(text)
        except notes.NotGenuine:
            continue


KEY = "tigertally/bank-1/0+12345678+" + "A" * 44
NOTE = (
    "tigertally/bank-1/0\n17\n" + "A" * 43 + "=\n\n— tigertally/bank-1/0 " + "A" * 88 + "=\n"
).encode()


GRANTED = der.item(der.SEQUENCE, der.item(der.SEQUENCE, der.integer(0)))


def sm2_forms(data: bytes) -> None:
    for read in (forms.signature_from_der, forms.ciphertext_from_der, forms.point_of_spki):
        try:
            read(data)
        except Rejected:
            continue


def any_configuration(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(data)
        file.flush()
        configuration.load(Path(file.name))


def expression(data: bytes) -> None:
    """What is shown of a tree is read as the same tree."""
    known = {"otp": "has", "sms": "has", "password": "knows", "card": "has", "pin": "knows"}
    tree = parse(text_of(data), known)
    assert parse(render(tree), known) == tree


def carried_key(data: bytes) -> None:
    for algorithm, size in (("aes-128", 16), ("aes-256", 32), ("3des-112", 16)):
        try:
            disclose(algorithm, bytes(range(size)), text_of(data))
        except BlockDoesNotOpen:
            continue


SMPP = json.loads((VECTORS / "smpp.json").read_text(encoding="utf-8"))
PRIVATE = ec.derive_private_key(7, ec.SECP256R1())
SEALED = seal(b"seeds", PRIVATE.public_key(), SystemEntropy(), cty="x").encode()
CONFIG = (Path(__file__).parents[3] / "conf/tigertally.toml").read_bytes()
PSKC = tuple(path.read_bytes() for path in sorted((VECTORS / "pskc").glob("*.xml")))

TARGETS: tuple[Target, ...] = (
    Target("frames", cut_frames, (), golden_frames()),
    Target("messages", message_codec, (BadField,), tuple(bytes([n, 0]) for n in range(len(ROWS)))),
    Target("server", server_end, (), golden_frames()),
    Target("client", client_end, (), golden_frames()),
    Target(
        "pskc",
        lambda data: list(read_pskc(pieces(data))),
        (TokenFileError,),
        (*PSKC, pskc(range(2))),
    ),
    Target(
        "oath-csv",
        lambda data: list(read_oath_csv(pieces(data))),
        (TokenFileError,),
        (oath_csv(range(3)),),
    ),
    Target("vendor-csv", vendor_rows, (TokenFileError,), (b"sn,key\nA1," + b"31" * 20 + b"\n",)),
    Target("layout", lambda data: parse_layout(text_of(data)), (LayoutError,), (LAYOUT.encode(),)),
    Target("jwe", lambda data: open_sealed(text_of(data), PRIVATE), (SealedFileError,), (SEALED,)),
    Target("smpp", smpp, (FramingError,), tuple(_hex_strings(SMPP, 32))),
    Target("host-command", host_command, (DriverError,), (b"\0\x120001NG000004ABCD0000",)),
    Target("archive", archive, (archive_file.ArchiveError,), (good_archive(),)),
    Target("entry", entry_round, (leaf.EncodingError,), (leaf.MAGIC + bytes(200),)),
    Target(
        "frontier", frontier_round, (merkle.MerkleError,), (bytes(8), b"\0" * 7 + b"\5" + bytes(64))
    ),
    Target("notes", signed_notes, (), (NOTE, KEY.encode())),
    Target("notes-of-client", notes_of_client, (), (NOTE, KEY.encode())),
    Target("der", der.read, (notes.NotGenuine,), (stamps.request(b"x", 5),)),
    Target(
        "time-stamp", lambda data: stamps.verify(data, b"x", []), (notes.NotGenuine,), (GRANTED,)
    ),
    Target("sm2-forms", sm2_forms, (), (forms.signature_to_der(bytes(range(64))),)),
    Target("configuration", any_configuration, (ConfigError,), (CONFIG,)),
    Target(
        "flow",
        expression,
        (ExpressionError,),
        (b"all(otp, any(password, card))", b"order(password, otp)", b"2 of(otp, pin, card)"),
    ),
    Target(
        "ocra-suite",
        lambda data: parse_suite(text_of(data)),
        (SuiteError,),
        (b"OCRA-1:HOTP-SHA512-8:C-QN08-PSHA1-S064-T1M",),
    ),
    Target("key-block", carried_key, (), (b"D0112P0AE00E0000" + b"A" * 96,)),
)
