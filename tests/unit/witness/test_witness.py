"""The witness: co-signs what it can prove to be one growing log, refuses everything else loudly,
and never forgets.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import threading
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tigertally_client.verification.notes import (
    COSIGNATURE,
    ED25519,
    Key,
    NotGenuine,
    checkpoint_of,
    cosigned_at,
    verify,
)
from tigertally_drivers.errors import Misbehaved, Rejected, Unavailable
from tigertally_drivers.tlog.posting import Poster
from tigertally_drivers.tlog.witness import Refused, WitnessClient
from tigertally_server.audit import cosignature, merkle
from tigertally_server.audit.note import NoteSigner, SignatureError
from tigertally_witness.__main__ import create, main, read_key, read_logs
from tigertally_witness.server import WitnessServer
from tigertally_witness.state import StateError, WitnessState
from tigertally_witness.witness import Witness

ORIGIN = "tigertally/bank-1/0"
SIGNER = NoteSigner(bytes(range(32)))
LOG_KEY = Key(ORIGIN, ED25519, SIGNER.public_key)
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
KEY = Key("witness.example/w1", COSIGNATURE, PRIVATE.public_key().public_bytes_raw())
NOW_S = 1_767_225_600


def leaves(n, fork_at=None):
    mark = lambda i: b"x" if fork_at is not None and i >= fork_at else b""  # noqa: E731
    return [hashlib.sha256(b"%d" % i + mark(i)).digest() for i in range(n)]


def root(log):
    return merkle.root(merkle.append(merkle.EMPTY, log))


def note(log, signer=SIGNER, origin=ORIGIN):
    encoded = base64.b64encode(root(log)).decode()
    return signer.sign(origin, f"{origin}\n{len(log)}\n{encoded}\ntime 1\n")


def proof(log, old):
    return merkle.consistency_proof(merkle.subtree_of_leaves(log), old, len(log)) if old else []


def request(log, old, *, path=None, signed=None):
    path = proof(log, old) if path is None else path
    lines = "".join(base64.b64encode(each).decode() + "\n" for each in path)
    return f"old {old}\n{lines}\n{signed or note(log)}".encode()


@pytest.fixture
def state(tmp_path):
    WitnessState.create(tmp_path / "memory")
    return WitnessState(tmp_path / "memory")


@pytest.fixture
def alarms():
    return []


@pytest.fixture
def witness(state, alarms):
    return Witness(PRIVATE, KEY, {ORIGIN: [LOG_KEY]}, state, lambda: NOW_S, alarms.append)


def test_its_word_is_verified_by_both_sides_and_says_when(witness):
    log = leaves(7)
    answer = witness.add_checkpoint(request(log, 0))
    assert answer.status == 200
    whole = note(log) + answer.body
    assert [key.name for key, _ in verify(whole, [LOG_KEY, KEY])] == [ORIGIN, KEY.name]
    assert cosigned_at(verify(whole, [KEY])[0][1].value) == NOW_S
    theirs = cosignature.parse_witness_key(KEY.text())
    assert cosignature.verify_cosignature(whole, theirs) == NOW_S
    assert checkpoint_of(witness.last(ORIGIN).body).root == root(log)
    other = cosignature.WitnessKey(KEY.name, bytes(32))
    with pytest.raises(SignatureError):
        cosignature.verify_cosignature(whole, other)


def test_every_growth_of_a_small_log_is_co_signed(tmp_path, alarms):
    for number, (first, second) in enumerate(itertools.combinations_with_replacement(range(14), 2)):
        WitnessState.create(tmp_path / str(number))
        witness = Witness(
            PRIVATE, KEY, {ORIGIN: [LOG_KEY]}, WitnessState(tmp_path / str(number)),
            lambda: NOW_S, alarms.append,
        )  # fmt: skip
        assert witness.add_checkpoint(request(leaves(first), 0)).status == 200
        assert witness.add_checkpoint(request(leaves(second), first)).status == 200
    assert alarms == []


def test_every_fork_of_a_small_log_is_refused_and_told(witness, alarms):
    witness.add_checkpoint(request(leaves(9), 0))
    for size, fork_at in itertools.product(range(9, 20), range(9)):
        forked = leaves(size, fork_at)
        paths: list[list[bytes]] = [proof(forked, 9), proof(leaves(size), 9), []]
        for path in paths:
            answer = witness.add_checkpoint(request(forked, 9, path=path))
            assert answer.status == (409 if size == 9 else 422)
    assert len(alarms) == 9 * 11 * 3
    assert "LOG FORKED OR CUT" in alarms[0]
    assert checkpoint_of(witness.last(ORIGIN).body).root == root(leaves(9))


def test_a_shorter_log_is_refused_and_told(witness, alarms):
    witness.add_checkpoint(request(leaves(9), 0))
    answer = witness.add_checkpoint(request(leaves(8), 8))
    assert (answer.status, answer.body, answer.kind) == (409, "9\n", "text/x.tlog.size")
    assert "size 9 was co-signed before" in alarms[0]


def test_a_wrong_old_size_is_answered_with_the_right_one(witness, alarms):
    witness.add_checkpoint(request(leaves(5), 0))
    for old in (0, 3, 6):
        answer = witness.add_checkpoint(request(leaves(7), old))
        assert (answer.status, answer.body) == (409, "5\n")
    assert alarms == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"old 01\n\n" + note(leaves(1)).encode(), 400),
        (b"old 0\n" + note(leaves(1)).encode(), 400),
        (b"old 0\nAAAA\n\n" + note(leaves(1)).encode(), 400),
        (b"old 2\n\n" + note(leaves(1)).encode(), 400),
        (b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + note(leaves(1)).encode(), 400),
        (b"\xff\xfe\n\n", 400),
        (request(leaves(1), 0, signed=note(leaves(1), origin="elsewhere/1")), 404),
        (request(leaves(1), 0, signed=note(leaves(1), NoteSigner(bytes(32)))), 403),
    ],
)
def test_what_is_no_request_of_a_known_log(witness, body, status):
    assert witness.add_checkpoint(body).status == status
    assert witness.last(ORIGIN).status == 404


def test_it_remembers_over_a_restart_and_never_begins_anew_by_itself(witness, state, tmp_path):
    witness.add_checkpoint(request(leaves(5), 0))
    again = Witness(PRIVATE, KEY, witness.logs, WitnessState(tmp_path / "memory"), lambda: NOW_S)
    assert again.add_checkpoint(request(leaves(6), 0)).body == "5\n"
    assert again.add_checkpoint(request(leaves(6), 5)).status == 200
    assert state.notes(ORIGIN).count("\n\n") == 4
    with pytest.raises(StateError, match="new key"):
        WitnessState(tmp_path)
    with pytest.raises(StateError, match="already"):
        WitnessState.create(tmp_path / "memory")


@pytest.mark.parametrize("failing", range(1, 5))
def test_without_memory_it_signs_nothing(witness, alarms, failing):
    """A disk that fails at any of the flushes: no answer, and later no other history."""
    real, calls = os.fsync, itertools.count(1)

    def full(fd):
        if next(calls) == failing:
            raise OSError(28, "No space left on device")
        real(fd)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", full)
        assert witness.add_checkpoint(request(leaves(5), 0)).status == 500
    assert "signs nothing" in alarms[0]
    old = 0 if witness.last(ORIGIN).status == 404 else 5
    if old:
        assert witness.add_checkpoint(request(leaves(5, 2), 5)).status == 409
    assert witness.add_checkpoint(request(leaves(5), old)).status == 200
    assert witness.add_checkpoint(request(leaves(8), 5)).status == 200


def test_damaged_memory_is_no_blank_one(witness, state, alarms):
    witness.add_checkpoint(request(leaves(5), 0))
    last = state._log(ORIGIN) / "last"
    last.write_text(last.read_text()[:-40].replace("\n5\n", "\n\n"))
    assert witness.add_checkpoint(request(leaves(6), 5)).status == 500
    assert "damaged" in alarms[0]


# ------------------------------------------------------------ over HTTP, with the server's client


@pytest.fixture
def served(witness):
    with WitnessServer(("127.0.0.1", 0), witness) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_server_keeps_up_with_what_the_witness_knows(served, witness):
    client = WitnessClient(Poster(served))
    for size in (3, 4, 4, 200):
        lines = client.add(ORIGIN, size, note(leaves(size)), partial(proof, leaves(size)))
        assert verify(note(leaves(size)) + lines, [KEY])
    late = WitnessClient(Poster(served))  # another process, which knows nothing
    assert late.add(ORIGIN, 201, note(leaves(201)), lambda old: proof(leaves(201), old))
    client._poster.close()
    late._poster.close()


@pytest.mark.parametrize(("size", "fork_at"), [(9, 3), (8, None), (12, 5)])
def test_the_server_hears_that_its_log_was_forked_or_cut(served, alarms, size, fork_at):
    client = WitnessClient(Poster(served))
    client.add(ORIGIN, 9, note(leaves(9)), lambda old: proof(leaves(9), old))
    forked = leaves(size, fork_at)
    for asking in (client, WitnessClient(Poster(served))):
        with pytest.raises(Refused):
            asking.add(ORIGIN, size, note(forked), lambda old: proof(forked, old))
        asking._poster.close()


def test_other_refusals_and_absence(served):
    client = WitnessClient(Poster(served))
    with pytest.raises(Rejected, match="404"):
        client.add("elsewhere", 1, note(leaves(1), origin="elsewhere"), lambda _: [])
    client._poster.close()
    with pytest.raises(Unavailable):
        WitnessClient(Poster("http://127.0.0.1:1")).add(ORIGIN, 1, note(leaves(1)), lambda _: [])
    with pytest.raises(Misbehaved):
        Poster("ftp://127.0.0.1")


# ------------------------------------------------------------------ its command line


def test_the_program_makes_its_key_and_memory(tmp_path, capsys):
    folder = tmp_path / "w"
    assert main(["--init", "--state", str(folder), "--name", "auditor.example/w1"]) == 0
    text = capsys.readouterr().out.strip()
    private, key = read_key(folder)
    assert key.text() == text == cosignature.parse_witness_key(text).text()
    assert private.public_key().public_bytes_raw() == key.public_key
    assert (folder / "key").stat().st_mode & 0o777 == 0o600
    logs = tmp_path / "logs"
    logs.write_text(f"# the bank's\n{LOG_KEY.text()}  # shard 0\n\n")
    assert read_logs(logs) == {ORIGIN: [LOG_KEY]}
    assert main(["--state", str(folder), "--logs", str(logs), "--show"]) == 0
    assert main(["--state", str(folder)]) == 1
    assert main(["--init", "--state", str(folder), "--name", "two words"]) == 1
    logs.write_text("nonsense\n")
    with pytest.raises(StateError, match="line 1"):
        read_logs(logs)
    (folder / "key").chmod(0o644)
    with pytest.raises(StateError, match="chmod"):
        read_key(folder)
    with pytest.raises(StateError, match="plus"):
        create(tmp_path / "x", "a+b")
    with pytest.raises(NotGenuine):
        verify(note(leaves(1)), [KEY])
