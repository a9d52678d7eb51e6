"""Structured logs to standard error: one JSON object, or one readable line, per event. Never a
secret, never a customer.

Events are rare by design (starts, sign-ons, faults); what happens per request is in the entries and
the metrics.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def set_up(level: str, form: Literal["json", "text"]) -> None:
    """Once per process, before the first event."""
    # psycopg's own remarks on a connection being given up may quote a row's values; what such an
    # error means for us is told where it is met.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
