"""Where drivers tell that a device came or went: the server's log, or nowhere in a command, which
shows the state itself.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog


def device_log(*, quiet: bool) -> Any:
    """A structlog logger."""
    if not quiet:
        return structlog.get_logger("hsm")
    nothing = structlog.make_filtering_bound_logger(logging.CRITICAL)
    return structlog.wrap_logger(structlog.PrintLogger(), wrapper_class=nothing)
