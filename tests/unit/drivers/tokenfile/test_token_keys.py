"""Files with the secrets that open a token file."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tigertally_drivers.tokenfile.keys import SecretFileError, load_keys, parse_keys


def secret_file(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_key_files() -> None:
    assert parse_keys(b"00112233\n", "k") == {"": b"\x00\x11\x22\x33"}
    text = "\ufeff# from the maker\r\n\r\nseed = 00 11 22 33\r\nPre-shared-key=AAbb\r\n"
    assert parse_keys(text.encode(), "k") == {
        "seed": b"\0\x11\x22\x33",
        "Pre-shared-key": b"\xaa\xbb",
    }


@pytest.mark.parametrize(
    "text", ["", "# nothing", "xyz", "001", "a = ", "a = 00\na = 11", "00\n11", "a = 00 zz"]
)
def test_bad_key_files(text: str) -> None:
    with pytest.raises(SecretFileError) as caught:
        parse_keys(text.encode(), "k")
    assert "zz" not in str(caught.value)


def test_passwords_keep_their_blanks(tmp_path: Path) -> None:
    path = secret_file(tmp_path / "p", " 密码 \r\n".encode())
    assert load_keys(None, path, None).password == " 密码 ".encode()
    with pytest.raises(SecretFileError, match="is empty"):
        load_keys(None, secret_file(tmp_path / "e", b"\n"), None)


def test_private_keys(tmp_path: Path) -> None:
    def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    ours = rsa.generate_private_key(65537, 2048)
    loaded = load_keys(None, None, secret_file(tmp_path / "rsa", pem(ours))).private_key
    assert loaded is not None
    assert loaded.private_numbers() == ours.private_numbers()
    curve = secret_file(tmp_path / "ec", pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(SecretFileError, match="not an RSA key"):
        load_keys(None, None, curve)
    with pytest.raises(SecretFileError, match="not a private key"):
        load_keys(None, None, secret_file(tmp_path / "x", b"-----BEGIN"))


def test_files_that_are_open_to_others_or_no_files(tmp_path: Path) -> None:
    with pytest.raises(SecretFileError, match="chmod 600"):
        load_keys(secret_file(tmp_path / "k", b"0011", 0o640), None, None)
    with pytest.raises(SecretFileError, match="cannot read"):
        load_keys(tmp_path / "none", None, None)
    with pytest.raises(SecretFileError, match="not a regular file"):
        load_keys(tmp_path, None, None)
    with pytest.raises(SecretFileError, match="longer than"):
        load_keys(secret_file(tmp_path / "l", b"0" * 70_000), None, None)
