"""One try at a token's code, by whatever proof: opened, judged, and the rows that change with it.
Shared by all services that verify codes of tokens.

Two things are decided here, once for all of them. From where a try comes tells which ledger of
failures it goes into (engines' `otp.origins`). And a try that is refused before any code is looked
at (unknown customer, disabled token) does the work of one that isn't, on a token that is nobody's:
the same key operations, the same codes computed, the same statements. Only what the channel's
policy shows then tells the one from the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from tigertally_engines.otp import origins
from tigertally_engines.otp.decide import OtpResult, Verdict
from tigertally_engines.otp.kernel import totp_step
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState
from tigertally_server.domain.token import Token
from tigertally_server.domain.token_extra import extra_of, stored_extra
from tigertally_server.services.context import Context
from tigertally_server.services.device_seeds import need_made, open_seed
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.request import Request

Judge = Callable[[OtpParameters, Seed, OtpState], Verdict]
"""An engine's decision about one proof, given parameters, seed and state."""

ORIGIN_BYTES: Final = 8
_NOBODYS: Final = OtpParameters()
_NOWHERE: Final = origins.Origins()
_LONG_AGO: Final = 1_000  # steps: far enough that replays are looked for in full
_SUCCESSES: Final = frozenset({OtpResult.APPROVED, OtpResult.RESYNCED})


class Tried(NamedTuple):
    """What came of it. `verdict`: tries and lock as whoever tried finds them now; `token`: as the
    try leaves it; `changes`: fields of the Decision.
    """

    verdict: Verdict
    token: Token
    changes: dict[str, Any]


def try_token(context: Context, request: Request, token: Token, judge: Judge) -> Tried:
    """Raises ConfigurationError, KeyMissing, AskDevice."""
    now_ms = request.received_ms
    parameters, seed = context.snapshot.parameters(token), open_seed(context, request, token)
    origin = origin_of(context, request, token)
    if not origin and not token.extra:
        # Nothing known of where it comes from, now or before: one ledger, and nothing to learn.
        verdict = judge(parameters, seed, token.otp)
        need_made(seed)
        if verdict.state is token.otp:
            return Tried(verdict, token, {})
        changed = msgspec.structs.replace(token, otp=verdict.state)
        return Tried(verdict, changed, {"tokens": (changed,)})
    known = extra_of(token.extra).origins
    before = origins.state_for(parameters, token.otp, known, origin)
    verdict = judge(parameters, seed, before)
    need_made(seed)
    if verdict.state is before:
        return Tried(_told(verdict, parameters, token.otp, known, origin, now_ms), token, {})
    if verdict.result in _SUCCESSES:
        otp, learnt = origins.after_success(
            parameters, token.otp, known, origin, verdict.state, now_ms
        )
    else:
        otp, learnt = origins.after_failure(parameters, token.otp, known, origin, verdict.state)
    verdict = _told(verdict, parameters, otp, learnt, origin, now_ms)
    changed = msgspec.structs.replace(token, otp=otp)
    if learnt == known:
        return Tried(verdict, changed, {"tokens": (changed,)})
    extra = msgspec.structs.replace(extra_of(token.extra), origins=learnt)
    changed = msgspec.structs.replace(changed, extra=stored_extra(extra))
    return Tried(verdict, changed, {"rebound_tokens": (changed,)})


def _told(
    verdict: Verdict,
    parameters: OtpParameters,
    otp: OtpState,
    known: origins.Origins,
    origin: bytes,
    now_ms: int,
) -> Verdict:
    """The engine judged by one ledger; what is left depends on both."""
    remaining, locked_until_ms = origins.standing(parameters, otp, known, origin, now_ms)
    if (remaining, locked_until_ms) == (verdict.remaining, verdict.locked_until_ms):
        return verdict
    return msgspec.structs.replace(verdict, remaining=remaining, locked_until_ms=locked_until_ms)


def standing_of(context: Context, token: Token, now_ms: int) -> tuple[int, int]:
    """Tries left and the end of a lock, for whoever isn't a stranger to the token. Raises
    ConfigurationError.
    """
    known = extra_of(token.extra).origins if token.extra else _NOWHERE
    return origins.standing(context.snapshot.parameters(token), token.otp, known, b"", now_ms)


def try_nobody(context: Context, request: Request, token: Token | None, judge: Judge) -> int:
    """The work of a try that is refused anyway. Returns `Decision.decoys`: 1 where there is no
    token whose row changes.
    """
    now_ms = request.received_ms
    origin_of(context, request, token)
    moving = totp_step(now_ms, _NOBODYS.step_s) - _LONG_AGO
    judge(_NOBODYS, context.keyring.open_decoy(Purpose.SEED), OtpState(moving))
    return 0 if token is not None else 1


def origin_of(context: Context, request: Request, token: Token | None) -> bytes:
    """Digest of where the end user is, as the channel says; empty where it says nothing."""
    address = getattr(request.message, "end_user_address", "")
    if not address:
        return b""
    whose = f"{0 if token is None else token.id}/{request.channel.id}/{address}"
    return context.keyring.lasting_digest(b"origin/" + whose.encode())[:ORIGIN_BYTES]


def pardoned(token: Token) -> Token:
    """After an operator's unlock: strangers' failures are forgotten with the token's own."""
    return _with_origins(token, origins.pardoned(extra_of(token.extra).origins))


def for_a_new_owner(token: Token) -> Token:
    """Where the last owner verified is nothing to the next one."""
    return _with_origins(token, origins.Origins())


def _with_origins(token: Token, now: origins.Origins) -> Token:
    extra = extra_of(token.extra)
    if extra.origins == now:
        return token
    return msgspec.structs.replace(
        token, extra=stored_extra(msgspec.structs.replace(extra, origins=now))
    )
