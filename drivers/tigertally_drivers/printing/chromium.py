"""A page of HTML as PDF, by the browser that the system has, run without a network or a profile.

The page must be self-contained. Fonts are embedded by the browser, so Chinese needs a Chinese font
on this machine; without one it is refused rather than printed as empty boxes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tigertally_drivers.errors import Unavailable

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT_S: Final = 120
_OPTIONS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--proxy-server=127.0.0.1:9",
)


def print_to_pdf(page: str) -> bytes:
    """Return the page as PDF. Raises Unavailable: no browser, no Chinese font, or it failed."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise Unavailable(
            "PDF is printed by chromium, which is missing (Debian: apt-get install chromium); "
            "or print the HTML from any browser"
        )
    if not _has_chinese_font():
        raise Unavailable(
            "there is no Chinese font here (Debian: apt-get install fonts-wqy-microhei); "
            "or print the HTML from any browser"
        )
    with tempfile.TemporaryDirectory(prefix="tigertally-print-") as name:
        folder = Path(name)
        (folder / "page.html").write_text(page, encoding="utf-8")
        command = [browser, *_OPTIONS, f"--user-data-dir={folder / 'profile'}"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # it refuses otherwise; the page is our own, no script
        command += [f"--print-to-pdf={folder / 'page.pdf'}", (folder / "page.html").as_uri()]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
            return (folder / "page.pdf").read_bytes()
        except (subprocess.SubprocessError, OSError) as problem:
            raise Unavailable(f"{browser} did not print: {type(problem).__name__}") from None


def _has_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    found = subprocess.run([lister, ":lang=zh", "family"], check=False, capture_output=True)
    return bool(found.stdout.strip())
