"""A file attached to a PDF that a browser printed, by an incremental update (ISO 32000-1 §7.5.6):
what was printed stays byte for byte, the attachment stands behind it.

For the browser's own PDFs only: a plain cross-reference table, a catalog without names.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

_TRAILER: Final = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s+(\d+)\s+%%EOF\s*\Z", re.DOTALL)
_SIZE: Final = re.compile(rb"/Size\s+(\d+)")
_ROOT: Final = re.compile(rb"/Root\s+(\d+)\s+0\s+R")
_INFO: Final = re.compile(rb"/Info\s+\d+\s+0\s+R")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class NotAttached(ValueError):
    """A PDF of another make than the browser's."""


def attach(pdf: bytes, name: str, mime: str, data: bytes) -> bytes:
    """Return the PDF with `data` attached as `name`. Raises NotAttached."""
    assert _NAME.fullmatch(name), "a plain file name"
    trailer = _TRAILER.search(pdf)
    if trailer is None:
        raise NotAttached("no plain trailer")
    size, root = _SIZE.search(trailer[1]), _ROOT.search(trailer[1])
    if size is None or root is None:
        raise NotAttached("the trailer lacks size or root")
    first, catalog = int(size[1]), int(root[1])
    old = re.search(rb"(?<!\d)%d 0 obj\s*<<(.*?)>>\s*endobj" % catalog, pdf, re.DOTALL)
    if old is None or b"/Names" in old[1]:
        raise NotAttached("no plain catalog")
    packed = zlib.compress(data, 9)
    subtype = mime.replace("/", "#2F").encode()
    label = name.encode()
    names = b"/Names <</EmbeddedFiles <</Names [(%s) %d 0 R]>>>>" % (label, first + 1)
    objects = {
        catalog: b"<<%s\n%s\n/AF [%d 0 R]>>" % (old[1].rstrip(), names, first + 1),
        first: b"<</Type /EmbeddedFile /Subtype /%s /Filter /FlateDecode /Length %d "
        b"/Params <</Size %d>>>>\nstream\n%s\nendstream"
        % (subtype, len(packed), len(data), packed),
        first + 1: b"<</Type /Filespec /F (%s) /UF (%s) /AFRelationship /Data "
        b"/EF <</F %d 0 R>>>>" % (label, label, first),
    }
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    table = bytearray(b"xref\n")
    for number, body in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    info = _INFO.search(trailer[1])
    start = len(out)
    out += table
    out += b"trailer\n<</Size %d /Root %d 0 R %s /Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        first + 2, catalog, info[0] if info else b"", trailer[2], start,
    )  # fmt: skip
    return bytes(out)
