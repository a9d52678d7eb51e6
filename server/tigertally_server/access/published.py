"""The published log over HTTP, as https://c2sp.org/tlog-tiles wants it: static files below
``/tlog/<shard or rounds>/``.

Only names of that form are ever opened: the pattern is the rule. Holds no secret: tree sizes,
hashes, signatures; entries of the log of rounds.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(
    r"/tlog/((?:[0-9]{1,3}|rounds)/(?:checkpoint|checkpoint\.witnessed|"
    r"tile/(?:[0-9]{1,2}|entries)/(?:x[0-9]{3}/){0,5}[0-9]{3}(?:\.p/[0-9]{1,3})?)|keys)",
    re.ASCII,
)
_TEXT: Final = "text/plain; charset=utf-8"
_OCTETS: Final = "application/octet-stream"


def published_file(folder: Path, target: str) -> tuple[int, str, bytes] | None:
    """(status, content type, body); None for what is no name of a published file."""
    match = _NAME.fullmatch(target)
    if match is None:
        return None
    try:
        data = (folder / match[1]).read_bytes()
    except OSError:
        return 404, _TEXT, b"not published\n"
    return 200, _OCTETS if "/tile/" in match[1] else _TEXT, data
