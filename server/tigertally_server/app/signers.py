"""Where the checkpoint key lies: a sealed file, or an HSM; and how the next one comes into force.

*file*: `keys.checkpoint_key_file`, sealed under the key-encryption key
for files (`audit.signing`). A new key waits beside it (`….new`) until the database has its change;
a crash between the two is made good by whoever opens it next, because the database says which
public key is in force. *hsm:LABEL*: a key of that label that never leaves the device.

The private key is out of the database administrator's reach either way. Synchronous: an HSM is
asked through `Call`, because checkpoints are signed in a worker thread.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from tigertally_drivers.errors import Unavailable
from tigertally_drivers.hsm.port import Hsm, KeyKind
from tigertally_drivers.ports import Entropy
from tigertally_server.audit.note import Algorithm, NoteSigner, algorithm_of
from tigertally_server.audit.signing import new_secret, note_signer
from tigertally_server.services.installation import InstallationError, signer_identity
from tigertally_server.services.keyring import Keyring
from tigertally_server.store.audit_rounds import CheckpointKeyRow

FILE: Final = "file"
HSM_PREFIX: Final = "hsm:"
_KINDS: Final = {Algorithm.ED25519: KeyKind.ED25519, Algorithm.SM2: KeyKind.SM2}


class Call(Protocol):
    """Runs an asynchronous function of an HSM from this thread and waits for it."""

    def __call__(self, function: Callable[..., Awaitable[Any]], *arguments: Any) -> Any: ...


class HsmSigningKey:
    """A key in an HSM: each signature asks the device, bounded by the driver's own limit."""

    def __init__(self, hsm: Hsm, call: Call, label: str, public_key: bytes) -> None:
        self._hsm, self._call, self._label = hsm, call, label
        self._public_key = public_key

    @property
    def public_key(self) -> bytes:
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        return bytes(self._call(self._hsm.sign, self._label, data))


class Signers:
    """Opens the signer of a generation, and makes the next one. ``hsm``: the device and how to call
    it, None where none is configured.
    """

    def __init__(
        self,
        path: Path,
        keyring: Keyring,
        installation_id: str,
        hsm: tuple[Hsm, Call] | None = None,
    ) -> None:
        self._path, self._keyring = path, keyring
        self._identity = signer_identity(installation_id)
        self._hsm = hsm

    @property
    def pending(self) -> Path:
        """Where a new key waits until the database knows of it."""
        return self._path.with_name(self._path.name + ".new")

    def open(self, row: CheckpointKeyRow) -> NoteSigner | None:
        """The signer of the generation in force; None where its key isn't on this host: another one
        checkpoints. Raises DriverError, InstallationError.
        """
        if row.place.startswith(HSM_PREFIX):
            return self._in_hsm(row)
        for path in (self._path, self.pending):
            try:
                sealed = path.read_bytes()
            except FileNotFoundError:
                continue
            signer = note_signer(self._keyring.open_file(sealed, self._identity))
            if signer.public_key == row.public_key:
                if path != self._path:
                    self._bring_into_force()
                self._seal_anew(sealed)
                return signer
            if row.generation == 1:
                raise InstallationError(f"{path} is the checkpoint key of another installation")
        return None

    def need(self, row: CheckpointKeyRow) -> NoteSigner:
        """As `open`; raises Unavailable where the key isn't here."""
        signer = self.open(row)
        if signer is None:
            raise Unavailable(f"checkpoint key {row.generation} is not on this host: {row.place}")
        return signer

    def prepare(self, place: str, algorithm: Algorithm, entropy: Entropy) -> NoteSigner:
        """The next generation's signer: a file's new key waits beside the old one (one left there
        by a crash is used), an HSM's is made under its label unless it is there. Raises
        DriverError, InstallationError.
        """
        if place.startswith(HSM_PREFIX):
            return self._make_in_hsm(place.removeprefix(HSM_PREFIX), algorithm)
        try:
            sealed = self.pending.read_bytes()
            waiting = note_signer(self._keyring.open_file(sealed, self._identity))
        except FileNotFoundError:
            pass
        else:
            if algorithm_of(waiting.public_key) is algorithm:
                return waiting
        secret = new_secret(algorithm, entropy)
        self._write_pending(self._keyring.seal_file(secret, self._identity))
        return note_signer(secret)

    def commit(self, place: str) -> None:
        """The database has the change: the old file's key is overwritten by the new one."""
        if place == FILE:
            self._bring_into_force()

    def _seal_anew(self, sealed: bytes) -> None:
        """After its key-encryption key was rotated. Where the folder may not be written, the older
        generation goes on opening it.
        """
        if self._keyring.file_is_current(sealed):
            return
        secret = self._keyring.open_file(sealed, self._identity)
        fresh = self._path.with_name(self._path.name + ".resealed")
        with suppress(OSError):
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(self._keyring.seal_file(secret, self._identity))
                file.flush()
                os.fsync(fd)
            fresh.replace(self._path)
            _sync_folder(self._path.parent)

    def _bring_into_force(self) -> None:
        with suppress(FileNotFoundError):  # a server that saw the change in the database was first
            self.pending.replace(self._path)
        _sync_folder(self._path.parent)

    def _write_pending(self, sealed: bytes) -> None:
        try:
            fd = os.open(self.pending, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(fd)
            _sync_folder(self.pending.parent)
        except OSError as problem:
            raise InstallationError(
                f"cannot write the new checkpoint key {self.pending}: {problem.strerror}"
            ) from None

    def _device(self) -> tuple[Hsm, Call]:
        if self._hsm is None:
            raise InstallationError("the checkpoint key lies in an HSM, and none is configured")
        return self._hsm

    def _in_hsm(self, row: CheckpointKeyRow) -> NoteSigner:
        hsm, call = self._device()
        label = row.place.removeprefix(HSM_PREFIX)
        return NoteSigner(HsmSigningKey(hsm, call, label, row.public_key))

    def _make_in_hsm(self, label: str, algorithm: Algorithm) -> NoteSigner:
        hsm, call = self._device()
        kind = _KINDS[algorithm]
        info = call(hsm.find, label) or call(hsm.generate, label, kind)
        if info.kind is not kind:
            raise InstallationError(f"the HSM's key {label} is {info.kind}, not {kind}")
        return NoteSigner(HsmSigningKey(hsm, call, label, info.public))


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
