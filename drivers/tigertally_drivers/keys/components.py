"""Key components (密钥分量): a key as the XOR of two or three parts, each its own custodian's.

Each part is as long as the key and as random, so fewer than all of them say nothing about it
(split knowledge, ISO 11568, PCI PIN requirement 6). A component is written as text that can be
printed and typed:

    tigertally-component-v1 1/3
    1A2B 3C4D …                      the component, in groups of four digits
    check 5E6F70                     so that a typing error is found where it was made

Check values are those of the algorithm whose key it is, over the component itself; the caller
computes them. No component, key or part of one appears in a repr or an error.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from tigertally_drivers.keys.software import KEY_BYTES, KeyStoreError, MasterKey
from tigertally_drivers.ports import Entropy

COMPONENTS: Final = (2, 3)
CHECK_BYTES: Final = 3
_MAGIC: Final = "tigertally-component-v1"
_FILE_MAX: Final = 1_024
_FORM: Final = re.compile(
    rf"{_MAGIC} ([1-9])/([1-9])\s+([0-9A-Fa-f\s]+?)\s+check ([0-9A-Fa-f]{{6}})\s*"
)

CheckValue = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Component:
    """One part: `number` of `total`."""

    number: int
    total: int
    part: bytes = field(repr=False)
    check_value: bytes


def master_component_check(part: bytes) -> bytes:
    """AES-256: CMAC over 16 zero bytes, the first three."""
    if len(part) != KEY_BYTES:
        raise KeyStoreError(f"a component of a master key has {KEY_BYTES} bytes, not {len(part)}")
    context = CMAC(AES(part))
    context.update(bytes(16))
    return context.finalize()[:CHECK_BYTES]


def draw_components(
    length: int, total: int, check: CheckValue, entropy: Entropy
) -> list[Component]:
    """Fresh parts of a key that nobody has yet."""
    parts = [entropy.token_bytes(length) for _ in range(total)]
    return [Component(n, total, part, check(part)) for n, part in enumerate(parts, start=1)]


def combined(components: Sequence[Component]) -> bytes:
    """The key. Raises KeyStoreError where a part is missing, twice there, or equals another."""
    totals = {component.total for component in components}
    numbers = sorted(component.number for component in components)
    total = max(totals, default=0)
    if totals != {total} or total not in COMPONENTS or numbers != list(range(1, total + 1)):
        shown = ", ".join(f"{c.number}/{c.total}" for c in components)
        raise KeyStoreError(f"these are not all components of one key: {shown}")
    parts = [component.part for component in components]
    if len({len(part) for part in parts}) > 1:
        raise KeyStoreError("the components differ in length")
    if len(set(parts)) < len(parts):
        raise KeyStoreError("two components are the same: together they would be nothing")
    key = bytes(len(parts[0]))
    for part in parts:
        key = bytes(a ^ b for a, b in zip(key, part, strict=True))
    if not any(key):
        raise KeyStoreError("the components cancel one another out")
    return key


def parse_part(text: str) -> bytes:
    """Hexadecimal digits in any grouping, as typed. Raises KeyStoreError."""
    try:
        return bytes.fromhex("".join(text.split()))
    except ValueError:
        raise KeyStoreError("a component is hexadecimal digits, an even number of them") from None


def format_component(component: Component) -> str:
    """As it is printed or kept in a file."""
    digits = component.part.hex().upper()
    groups = " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))
    head = f"{_MAGIC} {component.number}/{component.total}"
    return f"{head}\n{groups}\ncheck {component.check_value.hex().upper()}\n"


def parse_component(text: str, where: str, check: CheckValue) -> Component:
    """Raises KeyStoreError, also where the check value is not that of the digits."""
    found = _FORM.fullmatch(text.strip() + "\n")
    if found is None:
        raise KeyStoreError(f"{where} is not a key component, or is damaged")
    part, told = parse_part(found[3]), bytes.fromhex(found[4])
    if check(part) != told:
        raise KeyStoreError(f"{where}: the check value is not that of its digits; one was altered")
    return Component(int(found[1]), int(found[2]), part, told)


def load_component(path: Path, check: CheckValue) -> Component:
    """From a file that only its owner may read. Raises KeyStoreError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        raise KeyStoreError(f"cannot read {path}: {problem.strerror}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise KeyStoreError(f"{path} is not a regular file")
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyStoreError(f"{path} is open to other users; run: chmod 600 {path}")
        content = os.read(descriptor, _FILE_MAX)
    finally:
        os.close(descriptor)
    return parse_component(content.decode("ascii", "replace"), str(path), check)


def load_components(paths: Iterable[Path], entropy: Entropy | None = None) -> MasterKey:
    """The master key of these component files. Raises KeyStoreError."""
    parts = [load_component(path, master_component_check) for path in paths]
    return MasterKey(combined(parts), entropy)
