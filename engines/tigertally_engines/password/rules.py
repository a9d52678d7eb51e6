"""May this text be a password or PIN: the name of the first rule it breaks, one row per rule.

Judged only after the former password was right, so a refusal tells nobody anything new. Pure: the
words that a customer is known by are arguments, and are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from tigertally_engines.password import pins, words
from tigertally_engines.password.candidate import normalised
from tigertally_engines.password.policy import PasswordForm, PasswordPolicy


class Judged(NamedTuple):
    """What a rule looks at. `own`: words and numbers of the customer; `blocked`: a `block_list`."""

    text: str
    policy: PasswordPolicy
    own: Sequence[str]
    blocked: frozenset[str]


Rule = Callable[[Judged], bool]
"""Whether the text breaks it."""


def _classes(text: str) -> int:
    kinds = {
        "lower" if c.islower() else "upper" if c.isupper() else "digit" if c.isdigit() else "other"
        for c in text
    }
    return len(kinds)


def _is_common(judged: Judged) -> bool:
    return judged.policy.block_common and not judged.blocked.isdisjoint(words.forms(judged.text))


_LENGTH: Final[tuple[tuple[str, Rule], ...]] = (
    ("too_short", lambda j: len(j.text) < j.policy.min_length),
    ("too_long", lambda j: len(j.text) > j.policy.max_length),
)
_SHAPE: Final[tuple[tuple[str, Rule], ...]] = (
    ("distinct", lambda j: len(set(j.text)) < j.policy.min_distinct),
    ("run", lambda j: words.longest_run(j.text) > j.policy.max_run),
    ("sequence", lambda j: words.longest_sequence(j.text) > j.policy.max_sequence),
)

RULES: Final[Mapping[PasswordForm, tuple[tuple[str, Rule], ...]]] = {
    PasswordForm.PASSWORD: (
        ("control", lambda j: not j.text.isprintable()),
        *_LENGTH,
        ("classes", lambda j: _classes(j.text) < j.policy.classes),
        *_SHAPE,
        ("common", _is_common),
        ("bank_word", lambda j: words.contains_word(j.text, j.policy.own_words)),
        (
            "personal",
            lambda j: j.policy.block_personal and words.contains_word(j.text, j.own),
        ),
    ),
    PasswordForm.PIN: (
        ("digits", lambda j: not (j.text.isascii() and j.text.isdigit())),
        *_LENGTH,
        ("series", lambda j: pins.is_series(j.text)),
        ("repetition", lambda j: pins.is_repetition(j.text) or pins.is_mirrored(j.text)),
        *_SHAPE,
        ("common", _is_common),
        ("date", lambda j: j.policy.block_dates and pins.is_date(j.text)),
        ("bank_word", lambda j: pins.of_numbers(j.text, j.policy.own_words)),
        ("personal", lambda j: j.policy.block_personal and pins.of_numbers(j.text, j.own)),
    ),
}


def weakness(
    form: PasswordForm,
    policy: PasswordPolicy,
    text: str,
    own: Sequence[str],
    blocked: frozenset[str],
) -> str:
    """The name of the first rule that `text` breaks, "" if it breaks none. `policy` must be
    validated.
    """
    judged = Judged(normalised(text), policy, own, blocked)
    return next((name for name, breaks in RULES[form] if breaks(judged)), "")
