"""The system's libcrypto (OpenSSL 3) through ctypes: only the names that SM2 needs, each declared.

Every call checks its result and empties the thread's error queue, so that nobody else's failure is
found in it. The calls let go of the interpreter's lock. Pointers live in `Handle`s, freed with
them. Knows nothing of SM2's rules.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from typing import Any, Final

from tigertally_drivers.errors import Rejected, Unavailable

_NAMES: Final = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll")
_OLDEST: Final = 0x30000000
_BYTES: Final = POINTER(ctypes.c_ubyte)
_POINTER: Final = c_void_p
_SIGNATURES: Final[dict[str, tuple[Any, list[Any]]]] = {
    "OpenSSL_version_num": (c_ulong, []),
    "ERR_clear_error": (None, []),
    "d2i_PUBKEY": (_POINTER, [_POINTER, POINTER(c_char_p), c_long]),
    "d2i_AutoPrivateKey": (_POINTER, [_POINTER, POINTER(_POINTER), c_long]),
    "i2d_PUBKEY": (c_int, [_POINTER, _POINTER]),
    "EVP_PKEY_is_a": (c_int, [_POINTER, c_char_p]),
    "EVP_PKEY_free": (None, [_POINTER]),
    "EVP_PKEY_CTX_new": (_POINTER, [_POINTER, _POINTER]),
    "EVP_PKEY_CTX_free": (None, [_POINTER]),
    "EVP_PKEY_CTX_set1_id": (c_int, [_POINTER, c_char_p, c_int]),
    "EVP_PKEY_public_check": (c_int, [_POINTER]),
    "EVP_MD_CTX_new": (_POINTER, []),
    "EVP_MD_CTX_free": (None, [_POINTER]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [_POINTER, _POINTER]),
    "EVP_sm3": (_POINTER, []),
    "EVP_DigestSignInit": (c_int, [_POINTER] * 5),
    "EVP_DigestSign": (c_int, [_POINTER, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_DigestVerifyInit": (c_int, [_POINTER] * 5),
    "EVP_DigestVerify": (c_int, [_POINTER, c_char_p, c_size_t, c_char_p, c_size_t]),
    "EVP_PKEY_encrypt_init": (c_int, [_POINTER]),
    "EVP_PKEY_decrypt_init": (c_int, [_POINTER]),
    "EVP_PKEY_encrypt": (c_int, [_POINTER, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_PKEY_decrypt": (c_int, [_POINTER, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
}


class Handle:
    """A pointer of libcrypto's, freed with this object."""

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: int | None, free: Callable[[int], object]) -> None:
        if not pointer:
            raise Rejected("libcrypto refused")
        self.pointer, self._free = pointer, free

    def __del__(self) -> None:
        # A handle whose making was refused never got its pointer.
        if pointer := getattr(self, "pointer", None):
            self._free(pointer)


class LibCrypto:
    """The library, opened. Raises Unavailable where there is none, or one before OpenSSL 3."""

    def __init__(self, names: tuple[str, ...] = _NAMES) -> None:
        self._library = _open(names)
        for name, (result, arguments) in _SIGNATURES.items():
            try:
                function = getattr(self._library, name)
            except AttributeError:
                raise Unavailable(f"this libcrypto has no {name}") from None
            function.restype, function.argtypes = result, arguments
        version = self._library.OpenSSL_version_num()
        if version < _OLDEST:
            raise Unavailable("this libcrypto is older than OpenSSL 3")
        self.version = f"{version >> 28}.{version >> 20 & 0xFF}.{version >> 4 & 0xFFFF}"

    def load_public(self, spki: bytes) -> Handle:
        """Raises Rejected for what is no SM2 key, or no point of its curve."""
        position = c_char_p(spki)
        pointer = self._library.d2i_PUBKEY(None, byref(position), len(spki))
        key = self._key(pointer)
        context = self._context(key)
        self._done(self._library.EVP_PKEY_public_check(context.pointer) == 1)
        return key

    def load_private(self, pkcs8: bytearray) -> Handle:
        """Raises Rejected."""
        buffer = (ctypes.c_ubyte * len(pkcs8)).from_buffer(pkcs8)
        position = c_void_p(ctypes.addressof(buffer))
        return self._key(self._library.d2i_AutoPrivateKey(None, byref(position), len(pkcs8)))

    def spki_of(self, key: Handle) -> bytes:
        size = self._library.i2d_PUBKEY(key.pointer, None)
        self._done(size > 0)
        buffer = ctypes.create_string_buffer(size)
        position = c_void_p(ctypes.addressof(buffer))
        self._library.i2d_PUBKEY(key.pointer, byref(position))
        return buffer.raw

    def sign(self, key: Handle, message: bytes, signer_id: bytes) -> bytes:
        """DER."""
        digest, _context = self._digest_with_id(key, signer_id)
        library = self._library
        begun = library.EVP_DigestSignInit(
            digest.pointer, None, library.EVP_sm3(), None, key.pointer
        )
        self._done(begun == 1)
        return self._into_buffer(library.EVP_DigestSign, digest, message)

    def verify(self, key: Handle, message: bytes, der: bytes, signer_id: bytes) -> bool:
        digest, _context = self._digest_with_id(key, signer_id)
        library = self._library
        begun = library.EVP_DigestVerifyInit(
            digest.pointer, None, library.EVP_sm3(), None, key.pointer
        )
        self._done(begun == 1)
        answer = library.EVP_DigestVerify(digest.pointer, der, len(der), message, len(message))
        library.ERR_clear_error()
        return bool(answer == 1)

    def encrypt(self, key: Handle, plain: bytes) -> bytes:
        """DER."""
        context = self._context(key)
        self._done(self._library.EVP_PKEY_encrypt_init(context.pointer) == 1)
        return self._into_buffer(self._library.EVP_PKEY_encrypt, context, plain)

    def decrypt(self, key: Handle, der: bytes) -> bytes:
        context = self._context(key)
        self._done(self._library.EVP_PKEY_decrypt_init(context.pointer) == 1)
        return self._into_buffer(self._library.EVP_PKEY_decrypt, context, der)

    def _key(self, pointer: int | None) -> Handle:
        self._library.ERR_clear_error()
        key = Handle(pointer, self._library.EVP_PKEY_free)
        self._done(self._library.EVP_PKEY_is_a(key.pointer, b"SM2") == 1)
        return key

    def _context(self, key: Handle) -> Handle:
        library = self._library
        return Handle(library.EVP_PKEY_CTX_new(key.pointer, None), library.EVP_PKEY_CTX_free)

    def _digest_with_id(self, key: Handle, signer_id: bytes) -> tuple[Handle, Handle]:
        """(digest, key context): the second belongs to the caller and must outlive the first's
        use (EVP_MD_CTX_set_pkey_ctx(3)).
        """
        library = self._library
        context = self._context(key)
        digest = Handle(library.EVP_MD_CTX_new(), library.EVP_MD_CTX_free)
        self._done(library.EVP_PKEY_CTX_set1_id(context.pointer, signer_id, len(signer_id)) == 1)
        library.EVP_MD_CTX_set_pkey_ctx(digest.pointer, context.pointer)
        return digest, context

    def _into_buffer(self, call: Callable[..., int], context: Handle, data: bytes) -> bytes:
        """Ask for the size, then for the bytes; the buffer is wiped, it may have held a secret."""
        size = c_size_t(0)
        self._done(call(context.pointer, None, byref(size), data, len(data)) == 1)
        buffer = ctypes.create_string_buffer(size.value)
        try:
            self._done(call(context.pointer, buffer, byref(size), data, len(data)) == 1)
            return buffer.raw[: size.value]
        finally:
            ctypes.memset(buffer, 0, ctypes.sizeof(buffer))

    def _done(self, well: bool) -> None:
        self._library.ERR_clear_error()
        if not well:
            raise Rejected("libcrypto refused")


def _open(names: tuple[str, ...]) -> ctypes.CDLL:
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise Unavailable("no libcrypto of OpenSSL 3 on this machine")
