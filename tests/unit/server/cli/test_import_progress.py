"""What an import says of itself while it runs."""

from __future__ import annotations

import pytest

from tigertally_server.cli.import_progress import ImportProgress, progress_line


@pytest.mark.parametrize(
    ("tokens", "share", "elapsed_ms", "line"),
    [
        (0, 0.0, 0, "reading: 0 tokens, 0%, 0/s, 0 s left"),
        (250_000, 0.25, 10_000, "reading: 250,000 tokens, 25%, 25,000/s, 30 s left"),
        (10_000, 0.01, 2_000, "reading: 10,000 tokens, 1%, 5,000/s, 3 min 18 s left"),
        (1_000_000, 1.0, 40_000, "reading: 1,000,000 tokens, 100%, 25,000/s, 0 s left"),
    ],
)
def test_count_rate_and_time_left(tokens: int, share: float, elapsed_ms: int, line: str) -> None:
    assert progress_line("reading", tokens, share, elapsed_ms) == line


def test_a_log_file_is_told_each_tenth(capsys: pytest.CaptureFixture[str], clock) -> None:
    progress = ImportProgress("writing", 100_000, clock.monotonic_ms, quiet=False)
    for done in range(0, 100_001, 1_000):
        clock.advance(50)
        progress.at(done, done)
    progress.end()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 10
    assert said[-1].startswith("writing: 100,000 tokens, 100%")


def test_quiet(capsys: pytest.CaptureFixture[str], clock) -> None:
    progress = ImportProgress("writing", 100_000, clock.monotonic_ms, quiet=True)
    progress.at(100_000, 100_000)
    progress.end()
    assert capsys.readouterr().err == ""
