"""The software key store: a sealed value opens in its place under its key, and nowhere else."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.errors import Rejected
from tigertally_drivers.keys.software import (
    OVERHEAD,
    KeyStoreError,
    MasterKey,
    check_value,
    create_master_key_file,
    derive_master_key,
    load_master_key,
)

if TYPE_CHECKING:
    from tigertally_drivers.ports import Entropy

KEY = bytes(range(32))
SALT = b"0123456789abcdef"


@given(plain=st.binary(max_size=200), aad=st.binary(max_size=40))
def test_what_was_sealed_opens_in_its_place(plain: bytes, aad: bytes) -> None:
    master = MasterKey(KEY)
    sealed = master.seal(plain, aad)
    assert len(sealed) == len(plain) + OVERHEAD
    assert master.open(sealed, aad) == plain


@given(st.data())
def test_no_altered_byte_opens(data: st.DataObject) -> None:
    master = MasterKey(KEY)
    sealed = bytearray(master.seal(b"seed", b"token 7"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(KeyStoreError):
        master.open(bytes(sealed), b"token 7")


@pytest.mark.parametrize("cut", [0, 1, OVERHEAD - 1])
def test_a_cut_value_does_not_open(cut: int) -> None:
    master = MasterKey(KEY)
    with pytest.raises(KeyStoreError, match="too short"):
        master.open(master.seal(b"", b"")[:cut], b"")


def test_another_place_or_another_key_does_not_open() -> None:
    master = MasterKey(KEY)
    sealed = master.seal(b"seed", b"token 7")
    with pytest.raises(KeyStoreError, match="another key sealed it"):
        master.open(sealed, b"token 8")
    with pytest.raises(KeyStoreError):
        MasterKey(bytes(32)).open(sealed, b"token 7")


def test_sealing_twice_gives_different_bytes() -> None:
    master = MasterKey(KEY)
    assert master.seal(b"seed", b"") != master.seal(b"seed", b"")


def test_the_check_value_tells_keys_apart_and_is_fixed_for_ever() -> None:
    # Stored in databases: a change of the formula would lock every installation out. The value is
    # from `openssl dgst -sha256 -mac HMAC` over the label.
    assert check_value(MasterKey(KEY)) == "e25f19"
    assert check_value(MasterKey(bytes(32))) != check_value(MasterKey(KEY))


def test_a_key_never_shows_itself(tmp_path: Path, entropy: Entropy) -> None:
    master = create_master_key_file(tmp_path / "key", entropy)
    secret = (tmp_path / "key").read_text().strip().rpartition(":")[2]
    assert len(secret) == 64
    for text in (repr(master), str(master), f"{master}", repr([master])):
        assert secret not in text
        assert secret.upper() not in text
    with pytest.raises(TypeError):
        pickle.dumps(master)
    with pytest.raises(TypeError):
        copy.copy(master)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(KeyStoreError, match="32 bytes"):
        MasterKey(bytes(size))


def test_a_key_file_is_private_and_read_back(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "master.key"
    previous = os.umask(0)
    try:
        made = create_master_key_file(path, entropy)
    finally:
        os.umask(previous)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    read = load_master_key(path)
    assert check_value(read) == check_value(made)
    assert read.open(made.seal(b"seed", b"7"), b"7") == b"seed"


def test_a_key_file_is_never_overwritten(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "master.key"
    create_master_key_file(path, entropy)
    before = path.read_bytes()
    with pytest.raises(KeyStoreError, match="never overwritten"):
        create_master_key_file(path, entropy)
    assert path.read_bytes() == before
    dangling = tmp_path / "link"
    dangling.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyStoreError):
        create_master_key_file(dangling, entropy)
    assert not (tmp_path / "elsewhere").exists()


def test_a_creation_that_was_cut_off_does_not_stop_the_next(
    tmp_path: Path, entropy: Entropy
) -> None:
    (tmp_path / "master.key.unfinished").write_text("tigertally-mas")
    made = create_master_key_file(tmp_path / "master.key", entropy)
    assert check_value(load_master_key(tmp_path / "master.key")) == check_value(made)
    with pytest.raises(KeyStoreError, match="cannot create"):
        create_master_key_file(tmp_path / "no such folder" / "key", entropy)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, entropy: Entropy, mode: int) -> None:
    path = tmp_path / "master.key"
    create_master_key_file(path, entropy)
    path.chmod(mode)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        load_master_key(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tigertally-master-key-v1:",
        "tigertally-master-key-v1:" + "0" * 62,
        "tigertally-master-key-v1:" + "0" * 66,
        "tigertally-master-key-v1:" + "zz" * 32,
        "tigertally-master-key-v2:" + "00" * 32,
        "00" * 32,
        "\xff\xfe",
    ],
)
def test_a_damaged_key_file_is_refused_without_quoting_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text, encoding="latin-1")
    path.chmod(0o600)
    with pytest.raises(KeyStoreError, match="damaged") as caught:
        load_master_key(path)
    assert "0" * 16 not in str(caught.value)


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="restore it from its backup"):
        load_master_key(tmp_path / "none")
    with pytest.raises(Rejected, match="not a regular file"):
        load_master_key(tmp_path)


def test_a_passphrase_gives_the_same_key_for_the_same_salt_only() -> None:
    first = derive_master_key("correct horse battery", SALT)
    again = derive_master_key("correct horse battery", SALT)
    other = derive_master_key("correct horse battery", SALT[::-1])
    assert check_value(first) == check_value(again) != check_value(other)
    assert again.open(first.seal(b"seed", b""), b"") == b"seed"


def test_a_weak_passphrase_or_salt_is_refused_without_quoting_it() -> None:
    with pytest.raises(KeyStoreError, match="12 characters") as caught:
        derive_master_key("hunter2", SALT)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(KeyStoreError, match="16 bytes"):
        derive_master_key("correct horse battery", b"short")
