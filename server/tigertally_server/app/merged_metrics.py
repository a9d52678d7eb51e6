"""The metrics of all workers as one page: each sample with the label of its worker. Knows the
Prometheus text format (version 0.0.4), no metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_HEADS: Final = ("# HELP ", "# TYPE ")
LABEL: Final = "worker"


def merged(pages: Mapping[str, str]) -> str:
    """`pages`: text by worker. Families keep the order in which they are first met."""
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for worker, page in pages.items():
        family = ""
        for line in page.split("\n"):  # a label's value may hold other ends of lines
            if line.startswith(_HEADS):
                family = line.split(" ", 3)[2]
                head = heads.setdefault(family, [])
                if line not in head:
                    head.append(line)
            elif line and not line.startswith("#"):
                samples.setdefault(family, []).append(_labelled(line, worker))
    lines: list[str] = []
    for family in dict.fromkeys((*heads, *samples)):
        lines += heads.get(family, [])
        lines += samples.get(family, [])
    return "".join(f"{line}\n" for line in lines)


def _labelled(sample: str, worker: str) -> str:
    """A label's value may hold braces and blanks, but the first of either ends the name."""
    end = min(at for at in (sample.find("{"), sample.find(" ")) if at >= 0)
    label = f'{LABEL}="{worker}"'
    if sample[end] == " ":
        return f"{sample[:end]}{{{label}}}{sample[end:]}"
    rest = sample[end + 1 :]
    return f"{sample[:end]}{{{label}{rest if rest.startswith('}') else ',' + rest}"
