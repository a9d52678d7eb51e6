"""The server's log, captured whole at its lowest level."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from tigertally_sim.store import POISON, STORE_DOWN, STORE_FAULT
from tigertally_sim.trace import Trace

_EXPECTED: Final = {
    ("database is not available", STORE_FAULT),
    ("database is not available", STORE_DOWN),
    ("request not executed", POISON),
}
"""What the simulation does to the server on purpose; any other error is one of its own."""


@dataclass(slots=True)
class Logs:
    """Every event of the server's log, rendered."""

    trace: Trace
    lines: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)

    @contextmanager
    def captured(self) -> Iterator[None]:
        before = structlog.get_config()
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.format_exc_info,
                self._take,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(0),
            logger_factory=structlog.ReturnLoggerFactory(),
            cache_logger_on_first_use=False,
        )
        try:
            yield
        finally:
            structlog.configure(**before)

    def _take(self, _: Any, __: str, event: Any) -> str:
        line = " ".join(f"{name}={value!r}" for name, value in event.items())
        line = line.replace("\\n", "\n")
        self.lines.append(line)
        why = event.get("why", event.get("reason"))
        known = (event["event"], why) in _EXPECTED
        bad = event["level"] in ("error", "critical") and not known
        if bad:
            self.incidents.append(line)
        what = {k: v for k, v in event.items() if k not in ("exception", "event", "level")}
        self.trace.event("log", event["level"], f"{event['event']} {what}")
        raise structlog.DropEvent
