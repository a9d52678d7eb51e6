"""SM2 by the system's libcrypto: ≈0.5 ms a signature or its verification, in constant time. Keys
are loaded once and kept (loading alone costs 0.2 ms).
"""

from __future__ import annotations

from tigertally_drivers.errors import Rejected
from tigertally_drivers.gm import curve, forms
from tigertally_drivers.gm.libcrypto import Handle, LibCrypto
from tigertally_drivers.gm.port import DEFAULT_ID, LONGEST_ID, SCALAR_BYTES


class NativeSm2PublicKey:
    """See `port.Sm2PublicKey`."""

    __slots__ = ("_handle", "_library", "_point")

    def __init__(self, library: LibCrypto, handle: Handle, point: bytes) -> None:
        self._library, self._handle, self._point = library, handle, point

    @property
    def point(self) -> bytes:
        return self._point

    def verify(self, message: bytes, signature: bytes, signer_id: bytes = DEFAULT_ID) -> bool:
        _check_id(signer_id)
        try:
            der = forms.signature_to_der(signature)
        except Rejected:
            return False
        return self._library.verify(self._handle, message, der, signer_id)

    def encrypt(self, plain: bytes) -> bytes:
        if not plain:
            raise Rejected("nothing to encipher")
        return forms.ciphertext_from_der(self._library.encrypt(self._handle, plain))


class NativeSm2PrivateKey:
    """See `port.Sm2PrivateKey`."""

    __slots__ = ("_handle", "_library", "_public")

    def __init__(self, library: LibCrypto, scalar: bytes) -> None:
        if len(scalar) != SCALAR_BYTES or not 0 < int.from_bytes(scalar) < curve.N - 1:
            raise Rejected("an SM2 private key is a number from 1 to n - 2, in 32 bytes")
        self._library = library
        encoded = forms.pkcs8(scalar)
        try:
            self._handle = library.load_private(encoded)
        finally:
            encoded[:] = bytes(len(encoded))
        point = forms.point_of_spki(library.spki_of(self._handle))
        self._public = NativeSm2PublicKey(library, self._handle, point)

    def __repr__(self) -> str:
        return f"<SM2 private key of {self._public.point[1:5].hex()}…>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a private key is not copied or pickled")

    @property
    def public(self) -> NativeSm2PublicKey:
        return self._public

    def sign(self, message: bytes, signer_id: bytes = DEFAULT_ID) -> bytes:
        _check_id(signer_id)
        return forms.signature_from_der(self._library.sign(self._handle, message, signer_id))

    def decrypt(self, ciphertext: bytes) -> bytes:
        try:
            return self._library.decrypt(self._handle, forms.ciphertext_to_der(ciphertext))
        except Rejected:
            raise Rejected("the SM2 ciphertext does not open") from None


class NativeSm2:
    """See `port.Sm2`."""

    complete = True

    def __init__(self, library: LibCrypto) -> None:
        self._library = library
        self.name = f"libcrypto {library.version}"

    def public_key(self, point: bytes) -> NativeSm2PublicKey:
        handle = self._library.load_public(forms.spki(point))
        return NativeSm2PublicKey(self._library, handle, point)

    def private_key(self, scalar: bytes) -> NativeSm2PrivateKey:
        return NativeSm2PrivateKey(self._library, scalar)


def _check_id(signer_id: bytes) -> None:
    if len(signer_id) > LONGEST_ID:
        raise Rejected(f"an SM2 identity has at most {LONGEST_ID} bytes")
