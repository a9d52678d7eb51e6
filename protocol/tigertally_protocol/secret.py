"""Text and bytes that must not be seen: one-time codes, names, telephone numbers on their way
through, and bodies that hold them.

`SecretText` and `SecretBytes` compare and hash like what they hold, so that it can be checked and
looked up, but every ordinary way of printing them gives «secret». Invariant: only `reveal()` gives
the plain `str` or `bytes`. Knows nothing of sealing or of the wire.
"""

from typing import Final

_HIDDEN: Final = "«secret»"


class SecretText(str):
    """A `str` whose repr, str and format hide it.

    Operations that build new strings (slices, joins, `+`) work on the real text and give a plain
    `str`: they count as revealing and don't belong near a log.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return _HIDDEN

    def __str__(self) -> str:
        return _HIDDEN

    def __format__(self, format_spec: str) -> str:
        return format(_HIDDEN, format_spec)

    def reveal(self) -> str:
        """The text itself, as a plain `str`."""
        return str.__str__(self)


class SecretBytes(bytes):
    """`bytes` whose repr, str and format hide them. Slices are plain `bytes` and count as
    revealing.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return _HIDDEN

    def __str__(self) -> str:
        return _HIDDEN

    def __format__(self, format_spec: str) -> str:
        return format(_HIDDEN, format_spec)

    def reveal(self) -> bytes:
        """The bytes themselves."""
        return bytes(self)
