"""A password or PIN that a machine chooses, from random bytes given: every text that the policy
allows and the alphabet spells is as likely as any other.

Letters that look alike are not in the alphabet, because an initial password is read off paper.
"""

from __future__ import annotations

import hashlib
from typing import Final

from tigertally_engines.password.policy import PasswordForm, PasswordPolicy
from tigertally_engines.password.rules import weakness

_ALPHABETS: Final = {
    PasswordForm.PASSWORD: "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789#%+-=?@",
    PasswordForm.PIN: "0123456789",
}
_TRIES: Final = 500
_BYTES_PER_LETTER: Final = 8
"""More than enough: at least half of all bytes are letters."""


class NothingFits(ValueError):
    """The policy allows hardly any text: its author must loosen it."""


def generate(
    form: PasswordForm, policy: PasswordPolicy, entropy: bytes, blocked: frozenset[str]
) -> str:
    """A text of `generated_length` that the policy allows.

    Args:
        form: which alphabet.
        policy: validated.
        entropy: at least 16 random bytes; the same bytes give the same text.
        blocked: a `block_list`.

    Raises:
        NothingFits: none was found among some hundreds.
    """
    assert len(entropy) >= 16
    for number in range(_TRIES):
        text = _text(_ALPHABETS[form], policy.generated_length, entropy + number.to_bytes(2, "big"))
        if not weakness(form, policy, text, (), blocked):
            return text
    raise NothingFits("no text that the policy allows was found")


def _text(alphabet: str, length: int, entropy: bytes) -> str:
    """Without bias: a byte beyond the last whole multiple of the alphabet is passed over."""
    limit = 256 - 256 % len(alphabet)
    octets = hashlib.shake_256(entropy).digest(_BYTES_PER_LETTER * length)
    return "".join([alphabet[byte % len(alphabet)] for byte in octets if byte < limit][:length])
