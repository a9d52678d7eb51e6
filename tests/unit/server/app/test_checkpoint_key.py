"""The checkpoint key's file: in force only with the installation it belongs to."""

from __future__ import annotations

import pytest

from tigertally_server.app import environment
from tigertally_server.audit.note import NoteSigner
from tigertally_server.config import Config, KeysSection
from tigertally_server.services.installation import InstallationError, signer_identity
from tigertally_server.store.installation import Installation
from tigertally_testing.bank import make_keyring


@pytest.fixture
def world(tmp_path, entropy):
    path = tmp_path / "keys" / "checkpoint.key"
    config = Config(keys=KeysSection(checkpoint_key_file=str(path)))
    keyring, seed = make_keyring(entropy), entropy.token_bytes(32)
    row = Installation("id", 0, 1, b"", b"", NoteSigner(seed).public_key)
    return path, config, keyring, row, keyring.seal_file(seed, signer_identity("id"))


def test_key_comes_into_force_when_the_installation_stands(world):
    path, config, keyring, row, sealed = world
    environment._write_pending(path, sealed)
    assert not path.exists()
    signer = environment._signer(config, keyring, row)
    assert signer is not None
    assert signer.public_key == row.checkpoint_public_key
    assert path.stat().st_mode & 0o777 == 0o600


def test_crashed_installation_leaves_nothing_in_the_way(world, entropy):
    path, config, keyring, row, sealed = world
    environment._write_pending(path, b"left by a crash before the commit")
    environment._write_pending(path, sealed)
    assert environment._signer(config, keyring, row) is not None


def test_key_in_force_is_never_replaced(world):
    path, config, keyring, row, sealed = world
    environment._write_pending(path, sealed)
    environment._signer(config, keyring, row)
    with pytest.raises(InstallationError, match="another installation"):
        environment._write_pending(path, sealed)
    other = Installation("id", 0, 1, b"", b"", bytes(32))
    with pytest.raises(InstallationError, match="another installation"):
        environment._signer(config, keyring, other)


def test_host_without_a_key_does_not_checkpoint(world):
    _, config, keyring, row, _ = world
    assert environment._signer(config, keyring, row) is None


def test_a_file_under_the_master_key_itself_is_sealed_anew(world):
    path, config, keyring, row, sealed = world
    identity = signer_identity("id")
    seed = keyring.open_file(sealed, identity)
    environment._write_pending(path, keyring.hierarchy.master.seal(seed, identity))
    assert environment._signer(config, keyring, row) is not None
    assert keyring.file_is_current(path.read_bytes())
    assert environment._signer(config, keyring, row) is not None
