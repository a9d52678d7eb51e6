"""Makes what is generated in the repository: PROTOCOL.md's tables and examples, the golden frames,
the clients' vectors, the codecs of the C and Java clients, the page and picture of a token's life
cycle.

python docs/generate.py            write
python docs/generate.py --check    change nothing; exit 1 and name what is out of date
"""  # a script beside the pages it makes, no package

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from tigertally_protocol import export, export_c, export_java  # noqa: E402
from tigertally_testing import golden, life_cycle_page, security_page, vectors  # noqa: E402  # path is set


def main() -> int:
    """Exit status of the command line."""
    page = ROOT / "docs" / "PROTOCOL.md"
    made = {
        page: export.render(page.read_text("utf-8")),
        golden.PATH: golden.render(),
        life_cycle_page.PAGE: life_cycle_page.render_page(),
        life_cycle_page.PICTURE: life_cycle_page.render_picture(),
        security_page.PAGE: security_page.render(),
        **vectors.render(),
        **_c_client(),
        **_java_client(),
    }
    stale = [
        path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: make generate\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(made[path], "utf-8")
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    return 0


def _c_client() -> dict[Path, str]:
    folder = ROOT / "clients" / "c"
    header = folder / "include" / "tigertally.h"
    return {
        header: export_c.render_header(header.read_text("utf-8")),
        folder / "src" / "tables.c": export_c.render_tables(),
        folder / "cobol" / "tigertally.cpy": export_c.render_copybook(),
    }


def _java_client() -> dict[Path, str]:
    folder = ROOT / "clients" / "java" / "src" / "main" / "java"
    return {folder / path: text for path, text in export_java.sources().items()}


if __name__ == "__main__":
    sys.exit(main())
