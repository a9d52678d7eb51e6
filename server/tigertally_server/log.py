"""Structured logs to standard error: one JSON object, or one readable line, per event. Never a
secret, never a customer.

Events are rare by design (starts, sign-ons, faults); what happens per request is in the entries and
the metrics.
"""

from __future__ import annotations

import logging
import sys
import traceback
from functools import partial
from typing import Any, Literal

import structlog

from tigertally_server.sensitive.showing import masked_event

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def set_up(level: str, form: Literal["json", "text"], worker: int | None = None) -> None:
    """Once per process, before the first event. `worker`: told in each line, where there are
    several.
    """
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
            *([] if worker is None else [partial(_of_worker, worker)]),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            masked_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _of_worker(worker: int, _logger: Any, _method: str, event: Any) -> Any:
    return {"worker": worker, **event}


def _without_values(_logger: Any, _method: str, event: Any) -> Any:
    """An exception as places and types: its own words may quote the value that it fell over."""
    problem = event.pop("exc_info", None)
    if problem is True:
        problem = sys.exc_info()[1]
    if not isinstance(problem, BaseException):
        return event
    lines = ["Traceback (most recent call last; no values):"]
    lines += [
        f"  {frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(problem.__traceback__)
    ]
    kinds = [type(problem).__qualname__]
    while (problem := problem.__cause__ or problem.__context__) is not None:
        kinds.append(type(problem).__qualname__)
    event["exception"] = "\n".join([*lines, " from ".join(kinds)])
    return event
