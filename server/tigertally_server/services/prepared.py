"""The slow part of a password, done before its unit of work: stretched under every scheme that its
row may have, knowing nothing of the row.

So the thread that decides for everybody never waits for it, and a customer that there is not costs
what every other costs. A request that comes without (a command, a test) is prepared where it is
decided. Nothing of it is ever printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from tigertally_engines.password.candidate import Candidate
from tigertally_engines.password.generate import NothingFits, generate
from tigertally_engines.password.policy import PasswordForm, PasswordPolicy
from tigertally_engines.password.schemes import is_slow
from tigertally_protocol.messages.password import ResetPasswordRequest
from tigertally_protocol.transactions import PasswordKind
from tigertally_server.domain.credential import CredentialKind
from tigertally_server.services.context import Context
from tigertally_server.services.directory import ConfigurationError
from tigertally_server.services.request import Request

GENERATED: Final = "generated"
_FIELDS: Final = ("password", "new_password")
_ENTROPY_BYTES: Final = 32
_FORMS: Final[dict[int, tuple[PasswordForm, CredentialKind]]] = {
    PasswordKind.PASSWORD: (PasswordForm.PASSWORD, CredentialKind.PASSWORD),
    PasswordKind.PIN: (PasswordForm.PIN, CredentialKind.PIN),
}


class Terms(NamedTuple):
    """What a request about a password is about. `identity` names whose it is and what for."""

    form: PasswordForm
    kind: CredentialKind
    slot: str
    policy: PasswordPolicy
    identity: bytes


def kind_of(request: Request) -> CredentialKind | None:
    """Which credentials to load, None for a kind that there isn't."""
    known = _FORMS.get(request.message.kind)
    return None if known is None else known[1]


def terms_of(request: Request, context: Context) -> Terms | str:
    """The rules that hold, or the name of the field that names none."""
    message = request.message
    known = _FORMS.get(message.kind)
    if known is None:
        return "kind"
    form, kind = known
    policy = context.snapshot.password_policy(form, message.slot)
    if policy is None:
        return "slot"
    # No field holds a NUL, so no two names make the same identity.
    parts = (request.institution_of(message.institution), message.customer, form, message.slot)
    return Terms(form, kind, message.slot, policy, "\0".join(parts).encode())


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """`candidates` by field of the message; `generated` is the text of the one that was made."""

    candidates: Mapping[str, Candidate]
    generated: str = ""

    def __repr__(self) -> str:
        return "Prepared(«secret»)"


def prepare(request: Request, context: Context) -> Prepared:
    """Costs milliseconds where a scheme is slow. Raises ConfigurationError where a password is
    to be made and the policy allows none.
    """
    terms = terms_of(request, context)
    if isinstance(terms, str):
        return Prepared({})
    message = request.message
    texts = {
        name: getattr(message, name).reveal() for name in _FIELDS if getattr(message, name, "")
    }
    generated = ""
    if isinstance(message, ResetPasswordRequest) and not texts:
        entropy = context.keyring.random_bytes(_ENTROPY_BYTES)
        generated = _generated(terms, entropy, context.blocked)
        texts[GENERATED] = generated
    salt = context.keyring.unique_salt(terms.identity)
    candidates = {name: Candidate(text, salt) for name, text in texts.items()}
    for candidate in candidates.values():
        candidate.prepare(terms.policy.schemes)
    return Prepared(candidates, generated)


def _generated(terms: Terms, entropy: bytes, blocked: frozenset[str]) -> str:
    try:
        return generate(terms.form, terms.policy, entropy, blocked)
    except NothingFits as problem:
        raise ConfigurationError(f"password policy of {terms.form}: {problem}") from None


def prepared_of(request: Request, context: Context) -> Prepared:
    """What was prepared, or is now. Raises as `prepare`."""
    known = request.prepared
    return known if isinstance(known, Prepared) else prepare(request, context)


def slow_part(request: Request, context: Context) -> Callable[[], Prepared] | None:
    """What to do in a thread of its own before this request is decided; None where it is quick."""
    terms = terms_of(request, context)
    if isinstance(terms, str) or not any(map(is_slow, terms.policy.schemes)):
        return None
    return partial(prepare, request, context)
