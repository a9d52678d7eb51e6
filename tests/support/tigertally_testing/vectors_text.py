"""The line format of the clients' vector files: blocks of `name = value` lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

HEAD = "# Generated: make generate. The format: README.md beside this file.\n"


@dataclass(slots=True)
class Block:
    """One vector: its kind, and its lines in order. Names may repeat."""

    kind: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return next(value for key, value in self.lines if key == name)

    def fields(self) -> dict[str, str]:
        """The `field NAME` lines by name."""
        return {key[6:]: value for key, value in self.lines if key.startswith("field ")}


def render_blocks(blocks: Iterable[Block]) -> str:
    """A file's contents."""
    parts = [HEAD]
    for block in blocks:
        parts.append(f"\n[{block.kind}]\n")
        parts.extend(f"{name} = {value}".rstrip() + "\n" for name, value in block.lines)
    return "".join(parts)


def read_blocks(path: Path) -> list[Block]:
    """The file's blocks."""
    blocks: list[Block] = []
    for line in path.read_text("ascii").splitlines():
        if line.startswith("["):
            blocks.append(Block(line.strip("[]")))
        elif line and not line.startswith("#"):
            name, _, value = line.partition(" =")
            blocks[-1].lines.append((name, value.strip()))
    return blocks
