from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tigertally_client.proof as verifier
from tigertally_server.audit import checkpoint as cp
from tigertally_server.audit import merkle
from tigertally_server.audit.leaf import leaf_hash
from tigertally_server.audit.note import NoteSigner
from tigertally_server.audit.prove import ProofError, build_proof, encode_proof, prove
from tigertally_server.domain.entry import Entry

SIGNER = NoteSigner(bytes(range(32)))
KEY = base64.b64encode(SIGNER.public_key).decode()


def entries_of(n):
    return [
        Entry(
            3, seq, 20_000, 7, 1_000 + seq, 0, 0x0301, 101, 1_700_000_000_000 + seq, f"参考-{seq}",
            5, 6, -1, -1, b"d" * 32, 1, b"sealed outcome", 0, b"sealed person",
        )
        for seq in range(n)
    ]  # fmt: skip


def make(size=13, seq=5, **change):
    entries = entries_of(size)
    leaves = [leaf_hash(entry) for entry in entries]
    root = merkle.root(merkle.append(merkle.EMPTY, leaves))
    note = cp.build_checkpoint(SIGNER, "bank-1", 3, size=size, root=root, at_ms=1_700_000_001_234)
    return prove(entries[seq], note, merkle.subtree_of_leaves(leaves), SIGNER.public_key)


DOCUMENT = encode_proof(make())


def test_every_entry_of_every_small_tree_is_proven():
    for size in range(1, 20):
        for seq in range(size):
            proven = verifier.verify(encode_proof(make(size, seq)), KEY)
            assert (proven.fields["seq"], proven.tree_size) == (seq, size)
            assert proven.key_given


def test_what_is_said():
    proven = verifier.verify(DOCUMENT)
    assert not proven.key_given
    assert proven.origin == "tigertally/bank-1/3"
    assert proven.fields["at"] == "2023-11-14T22:13:20.005Z"
    assert proven.fields["business_day"] == "2024-10-04"
    words = verifier.describe(proven)
    assert "verify one-time password" in words
    assert "wrong code (101)" in words
    assert "参考-5" in words
    assert KEY in words
    assert "--key" in words
    assert json.loads(verifier.as_json(proven))["entry"]["serial"] == 1005


def test_all_forms_of_the_key_are_taken_and_another_is_refused():
    stated = json.loads(DOCUMENT)["public_key"]
    for key in (KEY, SIGNER.public_key.hex(), stated):
        assert verifier.verify(DOCUMENT, key).key_given
    other = base64.b64encode(NoteSigner(bytes(32)).public_key).decode()
    with pytest.raises(verifier.NotProven, match="another key"):
        verifier.verify(DOCUMENT, other)
    for bad in ("", "x", KEY[:-4], "a/b+c+d"):
        with pytest.raises(verifier.NotProven):
            verifier.verify(DOCUMENT, bad)


def test_a_document_signed_by_a_forger_fails_under_the_published_key():
    entries = entries_of(2)
    leaves = [leaf_hash(entry) for entry in entries]
    forger = NoteSigner(b"f" * 32)
    root = merkle.root(merkle.append(merkle.EMPTY, leaves))
    note = cp.build_checkpoint(forger, "bank-1", 3, size=2, root=root, at_ms=0)
    document = encode_proof(
        prove(entries[0], note, merkle.subtree_of_leaves(leaves), forger.public_key)
    )
    assert isinstance(verifier.verify(document), verifier.Proven)
    with pytest.raises(verifier.NotProven, match="another key"):
        verifier.verify(document, KEY)


def test_every_altered_bit_is_refused():
    for at in range(len(DOCUMENT)):
        for bit in range(8):
            changed = bytearray(DOCUMENT)
            changed[at] ^= 1 << bit
            try:
                verifier.verify(bytes(changed), KEY)
            except verifier.NotProven:
                continue
            # Only whitespace between members may differ: the same document in other clothes.
            assert json.loads(changed) == json.loads(DOCUMENT), (at, bit)
            assert not DOCUMENT[at : at + 1].strip(), (at, bit)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_refused(data):
    with pytest.raises(verifier.NotProven):
        verifier.verify(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.sampled_from(sorted(json.loads(DOCUMENT))), JSON)
def test_a_member_of_any_other_value_is_refused(member, value):
    proof = json.loads(DOCUMENT)
    same = json.dumps(proof[member]) == json.dumps(value)
    proof[member] = value
    if not same:
        with pytest.raises(verifier.NotProven):
            verifier.verify(json.dumps(proof).encode())


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.pop("path"),
        lambda p: p.update(extra=1),
        lambda p: p["fields"].pop("digest"),
        lambda p: p["fields"].update(seq=True),
        lambda p: p["path"].pop(),
        lambda p: p["path"].append("00" * 32),
        lambda p: p["path"].reverse(),
        lambda p: p.update(leaf_index=4),
        lambda p: p.update(tree_size=12),
        lambda p: p.update(tree_size=13.0),
        lambda p: p.update(entry=p["entry"].upper()),
        lambda p: p.update(checkpoint=p["checkpoint"] + p["checkpoint"].rpartition("\n\n")[2]),
        lambda p: p.update(checkpoint=p["checkpoint"].replace("\n13\n", "\n" + "9" * 5000 + "\n")),
    ],
)
def test_each_part_is_needed(change):
    proof = json.loads(DOCUMENT)
    change(proof)
    with pytest.raises(verifier.NotProven):
        verifier.verify(json.dumps(proof).encode())


def test_a_member_said_twice_is_refused():
    with pytest.raises(verifier.NotProven, match="twice"):
        verifier.verify(DOCUMENT.replace(b'"format"', b'"format": "x", "format"', 1))


def test_the_server_hands_out_no_proof_that_does_not_verify():
    entries = entries_of(4)
    leaves = [leaf_hash(entry) for entry in entries]
    subtree = merkle.subtree_of_leaves(leaves)
    root = merkle.root(merkle.append(merkle.EMPTY, leaves))

    def note(shard=3, size=4, signer=SIGNER):
        return cp.build_checkpoint(signer, "bank-1", shard, size=size, root=root, at_ms=0)

    def attempt(entry, text, key=SIGNER.public_key):
        return lambda: prove(entry, text, subtree, key)

    altered = Entry(**{n: getattr(entries[1], n) for n in Entry.__struct_fields__} | {"result": 1})
    attempts = {
        "not what the checkpoint": attempt(altered, note()),
        "another shard": attempt(entries[1], note(shard=4)),
        "not genuine": attempt(entries[1], note(), bytes(32)),
        "not in a tree": attempt(entries[3], note(size=3)),
        "no signature lines": attempt(entries[1], "nonsense"),
    }
    for says, run in attempts.items():
        with pytest.raises(ProofError, match=says):
            run()
    with pytest.raises(ProofError):
        build_proof(entries[1], "nonsense", [], SIGNER.public_key)


def test_the_verifier_imports_only_the_standard_library_and_cryptography():
    tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    # The client's own, within the function that meets SM2; it knows nothing of the server either.
    assert names - sys.stdlib_module_names == {"cryptography", "tigertally_client"}
    top = {n.module for n in tree.body if isinstance(n, ast.ImportFrom) and n.module is not None}
    assert not any(name.startswith("tigertally") for name in top)


def test_its_words_are_those_of_the_protocol():
    codes = pytest.importorskip("tigertally_protocol.codes")
    transactions = pytest.importorskip("tigertally_protocol.transactions")
    recorded = {int(number) for number, row in codes.CODES.items() if row.recorded}
    assert recorded <= set(verifier.RESULTS) | {0, 2, 4, 5}
    assert set(verifier.RESULTS) <= {int(code) for code in codes.ResponseCode}
    business = {int(t) for t in transactions.Transaction if t >= 0x0100}
    assert set(verifier.TRANSACTIONS) == business


def test_command_line(tmp_path, capsys):
    path = tmp_path / "proof.json"
    path.write_bytes(DOCUMENT)
    assert verifier.main([str(path), "--key", KEY]) == 0
    assert capsys.readouterr().out.startswith("PROVEN")
    assert verifier.main([str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["proven"] is True
    path.write_bytes(DOCUMENT.replace(b'"result": 101', b'"result": 1'))
    assert verifier.main([str(path)]) == 1
    assert "the readable field result" in capsys.readouterr().err
    assert verifier.main([str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["proven"] is False
    assert verifier.main([str(tmp_path / "nothing")]) == 1
    assert "No such file" in capsys.readouterr().err


def test_it_runs_alone_and_reads_standard_input(tmp_path):
    copy = tmp_path / "proof.py"
    copy.write_bytes(Path(verifier.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", str(copy), "-", "--key", KEY],
        input=DOCUMENT, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"PROVEN" in done.stdout
