"""The elements of a PSKC file that mean something here, as a table and as the tree made of it.

Knows no values. A path is written with the prefixes of `NAMESPACES`; an element without a prefix
is PSKC's own. What isn't in the table is passed over with all that is in it, unless its parent is
`closed`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn, get_args

from tigertally_drivers.tokenfile.records import TokenFileError

NAMESPACE: Final = "urn:ietf:params:xml:ns:keyprov:pskc"
_PKCS5: Final = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"
_XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
NAMESPACES: Final = {
    "": (NAMESPACE,),
    "ds": ("http://www.w3.org/2000/09/xmldsig#",),
    "xenc": ("http://www.w3.org/2001/04/xmlenc#",),
    "xenc11": (_XENC11,),
    # PKCS #5's schema leaves its elements unqualified, so they fall to whatever is the default.
    "kdf": (_PKCS5, _XENC11, NAMESPACE, ""),
}

ROOT: Final = "KeyContainer"
PACKAGE: Final = "KeyPackage"
ENCRYPTION_KEY: Final = "EncryptionKey"
MAC_METHOD: Final = "MACMethod"
METHOD: Final = "xenc:EncryptionMethod"
CIPHER_VALUE: Final = "xenc:CipherData/xenc:CipherValue"

# What happens at an element, by its path in KeyContainer:
#   inner     its known children are read, others are passed over with all that is in them
#   closed    an unknown child is an error
#   value     its text is kept; it may appear once
#   values    its text is kept; it may appear often
#   refused   an error
Treatment = Literal["inner", "closed", "value", "values", "refused"]


def _value(path: str) -> dict[str, Treatment]:
    """A value of a key, plain or enciphered: RFC 6030 sections 4.2 and 6."""
    return {
        path: "inner",
        f"{path}/PlainValue": "value",
        f"{path}/EncryptedValue": "inner",
        f"{path}/EncryptedValue/{METHOD}": "inner",
        f"{path}/EncryptedValue/xenc:CipherData": "inner",
        f"{path}/EncryptedValue/{CIPHER_VALUE}": "value",
        f"{path}/EncryptedValue/xenc:CipherData/xenc:CipherReference": "refused",
        f"{path}/ValueMAC": "value",
    }


_DERIVED: Final = "EncryptionKey/xenc11:DerivedKey"
_METHOD: Final = f"{_DERIVED}/xenc11:KeyDerivationMethod"
PBKDF2: Final = f"{_METHOD}/kdf:PBKDF2-params"

TREATMENTS: Final[dict[str, Treatment]] = {
    "EncryptionKey": "inner",
    "EncryptionKey/ds:KeyName": "value",
    "EncryptionKey/ds:X509Data": "inner",
    "EncryptionKey/ds:X509Data/ds:X509Certificate": "value",
    "EncryptionKey/xenc:EncryptedKey": "refused",
    _DERIVED: "inner",
    _METHOD: "inner",
    PBKDF2: "inner",
    f"{PBKDF2}/kdf:Salt": "inner",
    f"{PBKDF2}/kdf:Salt/kdf:Specified": "value",
    f"{PBKDF2}/kdf:IterationCount": "value",
    f"{PBKDF2}/kdf:KeyLength": "value",
    f"{PBKDF2}/kdf:PRF": "value",
    f"{_DERIVED}/xenc11:MasterKeyName": "value",
    "MACMethod": "inner",
    "MACMethod/MACKeyReference": "value",
    "MACMethod/MACKey": "inner",
    f"MACMethod/MACKey/{METHOD}": "inner",
    "MACMethod/MACKey/xenc:CipherData": "inner",
    f"MACMethod/MACKey/{CIPHER_VALUE}": "value",
    "KeyPackage": "inner",
    "KeyPackage/DeviceInfo": "inner",
    "KeyPackage/DeviceInfo/SerialNo": "value",
    "KeyPackage/DeviceInfo/StartDate": "value",
    "KeyPackage/DeviceInfo/ExpiryDate": "value",
    "KeyPackage/Key": "inner",
    "KeyPackage/Key/Issuer": "value",
    "KeyPackage/Key/AlgorithmParameters": "inner",
    "KeyPackage/Key/AlgorithmParameters/Suite": "value",
    "KeyPackage/Key/AlgorithmParameters/ResponseFormat": "inner",
    "KeyPackage/Key/Data": "inner",
    **_value("KeyPackage/Key/Data/Secret"),
    **_value("KeyPackage/Key/Data/Counter"),
    **_value("KeyPackage/Key/Data/TimeInterval"),
    "KeyPackage/Key/Policy": "closed",
    "KeyPackage/Key/Policy/StartDate": "value",
    "KeyPackage/Key/Policy/ExpiryDate": "value",
    "KeyPackage/Key/Policy/KeyUsage": "values",
    "KeyPackage/Key/Policy/PINPolicy": "inner",
    "KeyPackage/Key/Policy/NumberOfTransactions": "refused",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A known element: the table above as a tree, so that a start tag is one look-up."""

    path: str
    treatment: Treatment
    has_text: bool
    special: bool  # more happens at its start than at most
    children: dict[str, Node] = field(default_factory=dict)  # by expat's "namespace name"


def _node(path: str, treatment: Treatment) -> Node:
    has_text = treatment in ("value", "values")
    special = treatment == "refused" or path in (PACKAGE, ENCRYPTION_KEY, MAC_METHOD)
    return Node(path, treatment, has_text, special)


def _tree() -> Node:
    assert set(TREATMENTS.values()) <= set(get_args(Treatment))
    nodes = {"": _node("", "inner")}
    for path, treatment in TREATMENTS.items():
        nodes[path] = _node(path, treatment)
        parent, _, name = path.rpartition("/")
        prefix, _, local = name.rpartition(":")
        for namespace in NAMESPACES[prefix]:
            full = f"{namespace} {local}" if namespace else local
            nodes[parent].children.setdefault(full, nodes[path])
    return nodes[""]


TREE: Final = _tree()


@dataclass(slots=True)
class Texts:
    """What was read so far of one KeyPackage, or of the container around them.

    Attributes:
        line: Where it began.
        lines: Where each element of it began, by path.
        texts: The text of each value, by path.
        attributes: The attributes of those elements that have any, by path.
    """

    line: int
    lines: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict, repr=False)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)

    def attribute(self, path: str, name: str) -> str:
        """Empty where there is none."""
        return self.attributes.get(path, {}).get(name, "")

    def fail(self, path: str, reason: str) -> NoReturn:
        """Raise the TokenFileError about that element; the line is where it began, or its
        surroundings if it is missing.
        """
        raise TokenFileError(self.lines.get(path, self.line), path, reason)
