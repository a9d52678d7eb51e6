"""The server's end of one connection, without the socket: bytes in, events out, frames back.

The shell feeds what it read, takes events until there are none, and sends every frame it is given
**in the order it was given them**. Time comes with each call; nonces and working keys are drawn by
the shell.

Order of checks on a frame: size by its row, state, session, channel, suite, generation, MAC,
sequence; only then is a body looked at (`states` has the table). Knows nothing of channels' rows,
rates, addresses, or what a transaction does.
"""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest
from typing import Any, Final

from tigertally_protocol.codec import SEAL_FIELD
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import (
    CHARSETS,
    FIRST_BUSINESS,
    FIRST_GENERATION,
    FLAG_SEALED,
    MAC_LENGTH,
    MAX_GENERATION,
    MAX_REJECTS,
    MAX_SERIAL,
    NONCE_LENGTH,
    SCHEMA_1,
    UTF_8,
)
from tigertally_protocol.errors import (
    BadField,
    FrameError,
    LocalProtocolError,
    SealError,
    SignOnRefused,
)
from tigertally_protocol.events import (
    BadRequest,
    HeartbeatReceived,
    KeyChangeReceived,
    PutOff,
    Rejected,
    RequestReceived,
    ServerEvent,
    SignOffReceived,
    SignOnReceived,
)
from tigertally_protocol.frame import Frame, FrameReader
from tigertally_protocol.header import Header
from tigertally_protocol.keys import (
    WorkingKeys,
    check_working_keys,
    kek,
    sign_on_keys,
    wrap_working_keys,
)
from tigertally_protocol.messages.session import (
    Drain,
    Greeting,
    KeyChangeDue,
    KeyChangeResponse,
    SignOnRequest,
    SignOnResponse,
)
from tigertally_protocol.registry import MESSAGES, MessageType, blank_body, canonical_form
from tigertally_protocol.session import Generation, Incoming, Outgoing, Terms, terms_of
from tigertally_protocol.states import SERVER_TRANSITIONS, ServerState, ServerTrigger
from tigertally_protocol.suites import is_allowed
from tigertally_protocol.transactions import Direction, Kind, Transaction

_GREETING: Final = MESSAGES[Transaction.GREETING, Kind.NOTIFY, SCHEMA_1]
_SIGN_ON: Final = MESSAGES[Transaction.SIGN_ON, Kind.RESPONSE, SCHEMA_1]
_DRAIN: Final = MESSAGES[Transaction.DRAIN, Kind.NOTIFY, SCHEMA_1]
_KEY_CHANGE_DUE: Final = MESSAGES[Transaction.KEY_CHANGE_DUE, Kind.NOTIFY, SCHEMA_1]


class ServerConnection:
    """See the module's text.

    Args:
        session_id: unique among the server's sessions, not 0.
        server_nonce: 16 random bytes, never used before.
        node: name of this server, told in the greeting; ASCII without blanks, at most 16.
    """

    def __init__(self, session_id: int, server_nonce: bytes, node: str) -> None:
        if len(server_nonce) != NONCE_LENGTH or session_id <= 0:
            raise LocalProtocolError("a session needs a positive id and a 16-byte nonce")
        self._node = node
        self._server_nonce = server_nonce
        self._state = ServerState.NEW
        self._reader = FrameReader([Kind.REQUEST])
        self._incoming = Incoming(Direction.REQUEST)
        self._outgoing = Outgoing(Direction.RESPONSE)
        self._incoming.session_id = self._outgoing.session_id = session_id
        self._now_ms = 0
        self._rejects = 0
        self._sign_on_frame: Frame | None = None
        self._master_key = b""
        self._client_nonce = b""
        self._charset = UTF_8
        self._key_life_s = 0
        self._in_flight_limit = 0
        self._due_told = False
        self.puts_off: Callable[[], int] | None = None
        """Asked before a request is opened: the ms after which it should come again, or 0."""

    # ------------------------------------------------------------------ what is known

    @property
    def state(self) -> ServerState:
        return self._state

    @property
    def session_id(self) -> int:
        return self._outgoing.session_id

    @property
    def channel_id(self) -> int:
        """The channel that signed on; 0 before."""
        return self._outgoing.terms.channel_id if self._outgoing.terms else 0

    @property
    def charset(self) -> str:
        """Of text fields: the channel's."""
        return self._charset

    @property
    def in_flight_limit(self) -> int:
        """As granted at sign-on; 0 before."""
        return self._in_flight_limit

    @property
    def generation(self) -> int:
        """Of the working keys in use; 0 before sign-on."""
        return self._outgoing.generation.number if self._outgoing.generation else 0

    @property
    def key_change_needed(self) -> bool:
        """So many frames went under these keys that `key_change_due` should be sent. Told once."""
        generation, terms = self._outgoing.generation, self._outgoing.terms
        return (
            generation is not None
            and terms is not None
            and generation.frames >= terms.suite.frames_per_key
            and not self._due_told
        )

    @property
    def rejects(self) -> int:
        """Frames rejected so far."""
        return self._rejects

    # ------------------------------------------------------------------ from the peer

    def feed(self, data: bytes, now_ms: int = 0) -> None:
        """Store what was read at `now_ms`, milliseconds since the epoch (0: as last known)."""
        self._now_ms = now_ms or self._now_ms
        self._reader.feed(data)

    def next_event(self) -> ServerEvent | None:
        """What happened next; None until more is fed, while the shell decides on a sign-on, and for
        good once closed. Raises nothing whatever the peer sends.
        """
        state = self._state
        if state not in _READING:
            return None
        try:
            frame = self._reader.next_frame()
        except FrameError as error:
            self._move(ServerTrigger.BREAK)
            return self._reject(error.header, error.code)
        if frame is None:
            return None
        if state is _GREETED:
            return self._read_unsigned(frame)
        code = self._incoming.judge(frame)
        if code is not None:
            return self._reject(frame.header, code)
        if state is not _OPEN:
            return self._reject(frame.header, ResponseCode.NOT_SIGNED_ON)
        return self._read_signed(frame)

    def _read_unsigned(self, frame: Frame) -> ServerEvent:
        header, row = frame.header, frame.message_type
        assert row is not None
        if header.transaction != Transaction.SIGN_ON:
            return self._reject(header, ResponseCode.NOT_SIGNED_ON)
        if header.session_id != self.session_id:
            return self._reject(header, ResponseCode.BAD_SESSION)
        if not 0 < header.serial <= MAX_SERIAL:
            return self._reject(header, ResponseCode.SIGN_ON_REFUSED)
        if not header.sequence:
            return self._reject(header, ResponseCode.BAD_SEQUENCE)
        try:
            message = row.codecs[UTF_8].decode(self._incoming.body_in_clear(frame))
        except BadField:
            return self._reject(header, ResponseCode.SIGN_ON_REFUSED)
        self._move(ServerTrigger.READ_SIGN_ON)
        self._sign_on_frame = frame
        return SignOnReceived(header, message)

    def _read_signed(self, frame: Frame) -> ServerEvent:
        header, row = frame.header, frame.message_type
        assert row is not None
        if not 0 < header.serial <= MAX_SERIAL:
            return BadRequest(header, "serial", ResponseCode.BAD_SERIAL)
        if header.transaction < FIRST_BUSINESS:
            return self._read_session(header)
        if self.puts_off is not None and (wait_ms := self.puts_off()):
            return PutOff(header, wait_ms)
        if not self._incoming.seal_fits(frame, row):
            sealed = header.flags & FLAG_SEALED
            code = ResponseCode.BAD_FIELD if sealed else ResponseCode.SEALING_REQUIRED
            return BadRequest(header, "flags", code)
        try:
            body = self._incoming.body(frame, row)
            message = row.codecs[self._charset].decode(body)
        except BadField as problem:
            return BadRequest(header, problem.field)
        except SealError:
            return BadRequest(header, SEAL_FIELD)
        canonical = canonical_form(row, message, body)
        return RequestReceived(header, message, row, canonical, header.total_length)

    def _read_session(self, header: Header) -> ServerEvent:
        match header.transaction:
            case Transaction.SIGN_OFF:
                self._move(ServerTrigger.READ_SIGN_OFF)
                return SignOffReceived(header)
            case Transaction.HEARTBEAT:
                return HeartbeatReceived(header)
            case Transaction.KEY_CHANGE:
                return self._read_key_change(header)
            case _:  # a second sign-on
                return self._reject(header, ResponseCode.SIGN_ON_REFUSED)

    def _read_key_change(self, header: Header) -> ServerEvent:
        if self._incoming.overlapping:
            return BadRequest(header, "key_generation", ResponseCode.IN_PROGRESS)
        if self.generation >= MAX_GENERATION:
            return BadRequest(header, "key_generation", ResponseCode.UNAVAILABLE)
        return KeyChangeReceived(header)

    def _reject(self, header: Header | None, code: ResponseCode) -> Rejected:
        self._rejects += 1
        if self._rejects >= MAX_REJECTS and self._state is not ServerState.CLOSED:
            self._move(ServerTrigger.BREAK)
        frame = self._outgoing.reject(header, code, self._now_ms)
        return Rejected(frame, code, self._state is ServerState.CLOSED, header)

    # ------------------------------------------------------------------ sign-on

    def greeting(self, now_ms: int) -> bytes:
        """The first frame, to be sent as soon as the connection is accepted."""
        self._move(ServerTrigger.GREET)
        self._now_ms = now_ms
        message = Greeting(self._server_nonce, now_ms, self._node)
        return self._outgoing.before_keys(
            _GREETING,
            _GREETING.codecs[UTF_8].encode(message),
            mac=None,
            generation=0,
            serial=0,
            now_ms=now_ms,
            business_day=0,
        )

    def accept_sign_on(
        self,
        header: Header,
        message: SignOnRequest,
        *,
        master_key: bytes,
        suite: int,
        field_cipher: int,
        charset: str,
        working: WorkingKeys,
        in_flight_limit: int,
        heartbeat_s: int,
        idle_s: int,
        key_life_s: int,
        now_ms: int,
    ) -> bytes:
        """Check the client's proof and give ours, with the first working keys.

        Args:
            header: of the `SignOnReceived`.
            message: of the `SignOnReceived`.
            master_key: of the channel and version that the header names.
            suite: the channel's.
            field_cipher: the channel's.
            charset: the channel's, "utf-8" or "gb18030".
            working: fresh keys, drawn by the shell (`keys.split_working_keys`).
            in_flight_limit: the most the channel may have open; the client may have asked for less.
            heartbeat_s: told to the client, seconds.
            idle_s: told to the client, seconds.
            key_life_s: told to the client, seconds.
            now_ms: our clock, milliseconds since the epoch.

        Raises:
            SignOnRefused: the peer's fault; answer with `refuse(header, error.code, now_ms)`.
            LocalProtocolError: an impossible call or channel. BadKey: unfit keys.
        """
        frame = self._sign_on_frame
        if frame is None or frame.header is not header:
            raise LocalProtocolError("no such sign-on is waiting")
        if not is_allowed(suite, field_cipher) or charset not in CHARSETS:
            raise LocalProtocolError("the channel's suite, field cipher or charset is impossible")
        if header.suite != suite or header.field_cipher != field_cipher:
            raise SignOnRefused(ResponseCode.SUITE_MISMATCH, "suite or field cipher")
        terms = terms_of(header.channel_id, suite, field_cipher, charset)
        check_working_keys(terms.suite, field_cipher, working)
        request_key, response_key = sign_on_keys(
            terms.suite, master_key, header.channel_id, self._server_nonce, self.session_id
        )
        if not request_key.verify(frame.raw[:-MAC_LENGTH], frame.raw[-MAC_LENGTH:]):
            raise SignOnRefused(ResponseCode.BAD_MAC, "MAC")
        if not compare_digest(message.server_nonce, self._server_nonce):
            raise SignOnRefused(ResponseCode.SIGN_ON_REFUSED, "server nonce")
        self._move(ServerTrigger.ACCEPT)
        self._sign_on_frame = None
        self._now_ms = now_ms
        self._master_key, self._client_nonce = master_key, message.client_nonce
        self._charset, self._key_life_s = charset, key_life_s
        self._in_flight_limit = min(message.wanted_in_flight or in_flight_limit, in_flight_limit)
        self._incoming.sequence = header.sequence
        self._outgoing.terms = terms
        answer = SignOnResponse(
            client_nonce=message.client_nonce,
            in_flight_limit=self._in_flight_limit,
            heartbeat_s=heartbeat_s,
            idle_s=idle_s,
            generation=FIRST_GENERATION,
            key_life_s=key_life_s,
            **self._wrap(terms, working, FIRST_GENERATION),
        )
        reply = self._outgoing.before_keys(
            _SIGN_ON,
            _SIGN_ON.codecs[UTF_8].encode(answer),
            mac=response_key,
            generation=header.key_generation,
            serial=header.serial,
            now_ms=now_ms,
            business_day=header.business_day,
            code=ResponseCode.SIGNED_ON,
        )
        generation = Generation(FIRST_GENERATION, terms, working, Direction.RESPONSE)
        self._incoming.start(terms, generation)
        self._outgoing.generation = generation
        return reply

    def _wrap(self, terms: Terms, working: WorkingKeys, generation: int) -> dict[str, Any]:
        wrapping = kek(
            terms.suite,
            self._master_key,
            terms.channel_id,
            self._client_nonce,
            self._server_nonce,
            self.session_id,
            generation,
        )
        return wrap_working_keys(terms.suite, terms.field_cipher, working, wrapping)

    def refuse(self, header: Header | None, code: ResponseCode, now_ms: int) -> bytes:
        """A reject after which the shell closes: sign-on refused, idle, too many connections…"""
        self._move(ServerTrigger.REFUSE)
        return self._outgoing.reject(header, code, now_ms)

    # ------------------------------------------------------------------ answers and notices

    def respond(
        self,
        header: Header,
        code: ResponseCode,
        message: Any | None,
        now_ms: int,
        retry_after_ms: int = 0,
    ) -> bytes:
        """The answer to the request with `header`.

        Args:
            header: of the request.
            code: the outcome.
            message: of the class of the transaction's response; None for an all-blank body.
            now_ms: our clock, milliseconds since the epoch.
            retry_after_ms: how long the client should wait before asking again; 0 = nothing said.

        Raises:
            BadField: a value of `message` does not fit its field in the channel's charset.
            LocalProtocolError: not signed on, or a message of another class.
        """
        self._move(_RESPOND)
        row = MESSAGES[header.transaction, _RESPONSE, header.schema]
        if message is None:
            body = blank_body(row.transaction, row.kind, row.schema)
        elif type(message) is not row.cls:
            raise LocalProtocolError(f"{row.name} is no {type(message).__name__}")
        else:
            body = row.codecs[self._charset].encode(message)
        return self._outgoing.frame(
            row,
            body,
            serial=header.serial,
            now_ms=now_ms,
            business_day=header.business_day,
            code=code,
            budget_ms=retry_after_ms,
        )

    def blank_response(
        self,
        header: Header,
        code: ResponseCode,
        detail: str = "",
        *,
        now_ms: int,
        retry_after_ms: int = 0,
    ) -> bytes:
        """An answer that says nothing but its code and, where the body has the field, `detail`."""
        row = MESSAGES[header.transaction, _RESPONSE, header.schema]
        message = row.cls(detail=detail) if detail and hasattr(row.blank, "detail") else None
        return self.respond(header, code, message, now_ms, retry_after_ms)

    def heartbeat_reply(self, header: Header, now_ms: int) -> bytes:
        """The answer to a `HeartbeatReceived`."""
        return self.respond(header, ResponseCode.ANSWERED, None, now_ms)

    def sign_off_reply(self, header: Header, now_ms: int) -> bytes:
        """The answer to a `SignOffReceived`: the last frame; close after it."""
        return self.respond(header, ResponseCode.SIGNED_OFF, None, now_ms)

    def change_keys(self, header: Header, working: WorkingKeys, now_ms: int) -> bytes:
        """The answer to a `KeyChangeReceived`, itself under the old keys.

        What is built afterwards goes under the new ones. Frames under the old are taken until the
        first under the new, or until `expire_old_generation`.

        Raises:
            LocalProtocolError: nothing of the kind was asked. BadKey: unfit keys.
        """
        terms, old = self._outgoing.terms, self._outgoing.generation
        if terms is None or old is None or self._incoming.overlapping:
            raise LocalProtocolError("keys can't be changed now")
        check_working_keys(terms.suite, terms.field_cipher, working)
        self._move(ServerTrigger.CHANGE_KEYS)
        number = old.number + 1
        message = KeyChangeResponse(
            generation=number,
            key_life_s=self._key_life_s,
            **self._wrap(terms, working, number),
        )
        frame = self.respond(header, ResponseCode.CHANGED, message, now_ms)
        new = Generation(number, terms, working, Direction.RESPONSE)
        self._incoming.overlap(new)
        self._outgoing.generation = new
        self._due_told = False
        return frame

    def expire_old_generation(self) -> None:
        """Take frames under the newest keys only: 60 s after `change_keys`, say."""
        self._incoming.only_newest()

    def drain(self, grace_ms: int, now_ms: int) -> bytes:
        """A notice that the server will close within `grace_ms`."""
        return self._notify(_DRAIN, Drain(grace_ms), now_ms)

    def key_change_due(self, grace_ms: int, now_ms: int) -> bytes:
        """A notice that the client should ask for new keys within `grace_ms`."""
        frame = self._notify(_KEY_CHANGE_DUE, KeyChangeDue(grace_ms), now_ms)
        self._due_told = True
        return frame

    def _notify(self, row: MessageType, message: Any, now_ms: int) -> bytes:
        self._move(ServerTrigger.NOTIFY)
        return self._outgoing.frame(
            row, row.codecs[UTF_8].encode(message), serial=0, now_ms=now_ms, business_day=0
        )

    # ------------------------------------------------------------------ state

    def _move(self, trigger: ServerTrigger) -> None:
        state = SERVER_TRANSITIONS[self._state].get(trigger)
        if state is None:
            raise LocalProtocolError(f"{trigger.name} is not possible when {self._state.name}")
        self._state = state


# Looked up once: attributes of an Enum are slow, and these are asked for every frame.
_RESPONSE: Final = int(Kind.RESPONSE)
_GREETED: Final = ServerState.GREETED
_OPEN: Final = ServerState.OPEN
_RESPOND: Final = ServerTrigger.RESPOND
_READING: Final = frozenset({ServerState.GREETED, ServerState.OPEN, ServerState.LEAVING})
