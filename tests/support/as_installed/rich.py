"""An installation has no `rich`; here the linters bring it, and structlog would load it into every
process that the tests start: a tenth of what a start costs.
"""

raise ImportError("not part of an installation")
