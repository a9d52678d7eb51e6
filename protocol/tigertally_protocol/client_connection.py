"""The client's end of one connection, without the socket: bytes in, events out, frames back.

The shell feeds what it read, takes events until there are none, and sends every frame it builds in
the order it built them. The server must prove itself at sign-on; afterwards anything unauthentic
ends the connection, because on an ordered stream there is no innocent way to receive it.

Knows nothing of calls, repetition or time; one connection's keys are worth nothing on another.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Any, Final

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import (
    CHARSETS,
    FIRST_BUSINESS,
    FLAG_RETRY,
    MAC_LENGTH,
    MAX_SERIAL,
    NONCE_LENGTH,
    SCHEMA_1,
    UTF_8,
)
from tigertally_protocol.errors import (
    BadField,
    BadKey,
    FrameError,
    LocalProtocolError,
    RemoteProtocolError,
)
from tigertally_protocol.events import (
    ClientEvent,
    DrainReceived,
    Greeted,
    HeartbeatAnswered,
    KeyChangeDueReceived,
    KeysChanged,
    ProtocolBroken,
    RejectReceived,
    ResponseReceived,
    SignedOff,
    SignedOn,
)
from tigertally_protocol.frame import Frame, FrameReader
from tigertally_protocol.keys import (
    WorkingKeys,
    check_master_key,
    kek,
    sign_on_keys,
    unwrap_working_keys,
)
from tigertally_protocol.mac import MacKey
from tigertally_protocol.messages.session import (
    HeartbeatRequest,
    KeyChangeRequest,
    SignOffRequest,
    SignOnRequest,
)
from tigertally_protocol.registry import MESSAGES, MessageType, of_class
from tigertally_protocol.session import NO_MAC, Generation, Incoming, Outgoing, terms_of
from tigertally_protocol.states import CLIENT_TRANSITIONS, ClientState, ClientTrigger
from tigertally_protocol.suites import is_allowed
from tigertally_protocol.transactions import Direction, Kind, Transaction

_SIGN_ON: Final = MESSAGES[Transaction.SIGN_ON, Kind.REQUEST, SCHEMA_1]


class ClientConnection:
    """See the module's text.

    Args:
        channel_id: ours, as the bank's administrator gave it.
        master_key: the channel master key of `master_key_version`.
        suite, field_cipher, charset: the channel's; the server refuses others.
        client_name: told at sign-on for the server's logs; ASCII without blanks, at most 32.
        client_nonce: 16 random bytes, never used before.
        wanted_in_flight: how many requests we want to have open at once; 0 = as many as allowed.

    Raises:
        LocalProtocolError: a combination that no channel can have. BadKey: an unfit master key.
    """

    def __init__(
        self,
        channel_id: int,
        master_key: bytes,
        master_key_version: int,
        suite: int,
        field_cipher: int,
        charset: str,
        client_name: str,
        client_nonce: bytes,
        wanted_in_flight: int = 0,
    ) -> None:
        if not is_allowed(suite, field_cipher) or charset not in CHARSETS:
            raise LocalProtocolError("no channel has this suite, field cipher and charset")
        if len(client_nonce) != NONCE_LENGTH:
            raise LocalProtocolError("the client's nonce has 16 bytes")
        self._terms = terms_of(channel_id, suite, field_cipher, charset)
        check_master_key(self._terms.suite, master_key)
        self._master_key = master_key
        self._master_key_version = master_key_version
        self._client_name = client_name
        self._client_nonce = client_nonce
        self._wanted_in_flight = wanted_in_flight
        self._server_nonce = bytes(NONCE_LENGTH)
        self._server_key: MacKey | None = None  # of the sign-on response
        self._sign_on_serial = 0
        self._key_change_serial = 0  # of the key change under way, 0 when there is none
        self._state = ClientState.WAITING
        self._reader = FrameReader([Kind.RESPONSE, Kind.NOTIFY, Kind.REJECT])
        self._incoming = Incoming(Direction.RESPONSE)
        self._outgoing = Outgoing(Direction.REQUEST)
        self._outgoing.terms = self._terms

    @property
    def state(self) -> ClientState:
        return self._state

    @property
    def session_id(self) -> int:
        """As the server's greeting gave it; 0 before."""
        return self._outgoing.session_id

    @property
    def generation(self) -> int:
        """Of the working keys in use; 0 before sign-on."""
        return self._outgoing.generation.number if self._outgoing.generation else 0

    # ------------------------------------------------------------------ to the server

    def sign_on(self, now_ms: int, serial: int, business_day: int) -> bytes:
        """The answer to `Greeted`: our proof. Raises `BadField` for an unfit client name."""
        message = SignOnRequest(
            self._client_nonce, self._server_nonce, self._client_name, self._wanted_in_flight
        )
        body = _SIGN_ON.codecs[UTF_8].encode(message)
        self._check_serial(serial)
        self._move(ClientTrigger.SIGN_ON)
        key, self._server_key = sign_on_keys(
            self._terms.suite,
            self._master_key,
            self._terms.channel_id,
            self._server_nonce,
            self.session_id,
        )
        self._sign_on_serial = serial
        return self._outgoing.before_keys(
            _SIGN_ON,
            body,
            mac=key,
            generation=self._master_key_version,
            serial=serial,
            now_ms=now_ms,
            business_day=business_day,
        )

    def request(
        self,
        message: Any,
        *,
        serial: int,
        business_day: int,
        budget_ms: int,
        now_ms: int,
        retry: bool = False,
        transaction: int | None = None,
    ) -> bytes:
        """A business request.

        Args:
            message: of a request's class.
            serial: 1 … 2^63−1, new for every request, the same again for a retry of it.
            business_day: days since 1970-01-01; unchanged in a retry.
            budget_ms: time the server has for it; 0 = its default.
            now_ms: our clock, milliseconds since the epoch.
            retry: whether this serial was sent before.
            transaction: which one, where the class serves several (`TokenRequest`).

        Raises:
            BadField: a value does not fit its field; nothing was built.
            LocalProtocolError: not signed on, or a message that is no request.
        """
        row = _request_row(type(message), transaction)
        return self._send(
            row,
            message,
            serial=serial,
            business_day=business_day,
            now_ms=now_ms,
            budget_ms=budget_ms,
            flags=FLAG_RETRY if retry else 0,
        )

    def heartbeat(self, serial: int, *, business_day: int, now_ms: int) -> bytes:
        """Is the server there. Answered by `HeartbeatAnswered`."""
        row = _request_row(HeartbeatRequest, None)
        return self._send(
            row, HeartbeatRequest(), serial=serial, business_day=business_day, now_ms=now_ms
        )

    def key_change(self, serial: int, *, business_day: int, now_ms: int) -> bytes:
        """Ask for the next working keys. Answered by `KeysChanged`; nothing need wait for it."""
        if self._key_change_serial:
            raise LocalProtocolError("a key change is under way")
        row = _request_row(KeyChangeRequest, None)
        frame = self._send(
            row, KeyChangeRequest(), serial=serial, business_day=business_day, now_ms=now_ms
        )
        self._key_change_serial = serial
        return frame

    def sign_off(self, serial: int, *, business_day: int, now_ms: int) -> bytes:
        """No request follows. Open ones are answered, then comes `SignedOff`."""
        row = _request_row(SignOffRequest, None)
        frame = self._send(
            row, SignOffRequest(), serial=serial, business_day=business_day, now_ms=now_ms
        )
        self._move(ClientTrigger.SIGN_OFF)
        return frame

    def _send(
        self,
        row: MessageType,
        message: Any,
        *,
        serial: int,
        business_day: int,
        now_ms: int,
        budget_ms: int = 0,
        flags: int = 0,
    ) -> bytes:
        self._check_serial(serial)
        body = row.codecs[self._terms.charset].encode(message)
        self._move(ClientTrigger.REQUEST)
        return self._outgoing.frame(
            row,
            body,
            serial=serial,
            now_ms=now_ms,
            business_day=business_day,
            budget_ms=budget_ms,
            flags=flags,
        )

    @staticmethod
    def _check_serial(serial: int) -> None:
        if not 0 < serial <= MAX_SERIAL:
            raise LocalProtocolError("a serial is 1 … 2^63−1")

    # ------------------------------------------------------------------ from the server

    def feed(self, data: bytes) -> None:
        """Store what was read."""
        self._reader.feed(data)

    def next_event(self) -> ClientEvent | None:
        """What happened next; None until more is fed, and for good once closed.

        Raises nothing whatever the peer sends.
        """
        while self._state is not _CLOSED:
            try:
                frame = self._reader.next_frame()
                if frame is None:
                    return None
                event = self._read(frame)
            except FrameError as error:
                return self._broken(f"unreadable frame: {error.code.name}")
            except RemoteProtocolError as error:
                return self._broken(str(error))
            except BadField as error:
                return self._broken(f"bad field from the server: {error.field}")
            except BadKey as error:
                return self._broken(f"working keys: {error}")
            if event is not None:
                return event
        return None

    def _broken(self, reason: str) -> ProtocolBroken:
        self._state = ClientState.CLOSED
        return ProtocolBroken(reason)

    def _read(self, frame: Frame) -> ClientEvent | None:
        row = frame.message_type
        if row is None:
            return self._read_reject(frame)
        if self._state in _BEFORE_SIGN_ON:
            return self._read_unsigned(frame, row)
        code = self._incoming.judge(frame)
        if code is not None:
            raise RemoteProtocolError(f"not an authentic frame: {code.name}")
        if not self._incoming.seal_fits(frame, row):
            raise RemoteProtocolError("sealing is not as agreed")
        body = self._incoming.body(frame, row)
        message = row.codecs[self._terms.charset].decode(body)
        if row.kind is _NOTIFY:
            return self._read_notice(frame, row, message)
        return self._read_response(frame, row, message)

    def _read_unsigned(self, frame: Frame, row: MessageType) -> ClientEvent:
        if self._state is ClientState.WAITING:
            return self._read_greeting(frame, row)
        if self._state is ClientState.SIGNING_ON:
            return self._read_signed_on(frame, row)
        raise RemoteProtocolError("the server spoke before we signed on")

    def _read_reject(self, frame: Frame) -> RejectReceived:
        """Authentic only once there are keys; otherwise the connection is over."""
        header = frame.header
        code = _CODES.get(header.return_code)
        if code is None:
            raise RemoteProtocolError("a reject with an unknown code")
        signed_on = self._outgoing.generation is not None
        authentic = signed_on and self._incoming.judge(frame) is None
        if not authentic:
            self._move(ClientTrigger.BREAK)
        return RejectReceived(header, code, authentic)

    def _read_greeting(self, frame: Frame, row: MessageType) -> Greeted:
        header = frame.header
        if row.transaction is not Transaction.GREETING or not header.session_id:
            raise RemoteProtocolError("the server did not greet")
        if frame.raw[-MAC_LENGTH:] != NO_MAC or header.serial or not header.sequence:
            raise RemoteProtocolError("a malformed greeting")
        message = row.codecs[UTF_8].decode(self._incoming.body_in_clear(frame))
        self._move(ClientTrigger.READ_GREETING)
        self._server_nonce = message.server_nonce
        self._outgoing.session_id = self._incoming.session_id = header.session_id
        self._incoming.sequence = header.sequence
        return Greeted(header.session_id, message.server_time, message.node)

    def _read_signed_on(self, frame: Frame, row: MessageType) -> SignedOn:
        header, terms = frame.header, self._terms
        assert self._server_key is not None
        if row.transaction is not Transaction.SIGN_ON:
            raise RemoteProtocolError("the server answered sign-on with something else")
        if not self._server_key.verify(frame.raw[:-MAC_LENGTH], frame.raw[-MAC_LENGTH:]):
            raise RemoteProtocolError("the server's proof at sign-on is wrong")
        message = row.codecs[UTF_8].decode(self._incoming.body_in_clear(frame))
        expected = (
            header.session_id == self.session_id
            and header.channel_id == terms.channel_id
            and header.suite == terms.suite.id
            and header.field_cipher == terms.field_cipher
            and header.key_generation == self._master_key_version
            and header.serial == self._sign_on_serial
            and header.sequence > self._incoming.sequence
            and header.return_code == ResponseCode.SIGNED_ON
            and compare_digest(message.client_nonce, self._client_nonce)
        )
        if not expected:
            raise RemoteProtocolError("the sign-on response is not for our request")
        keys = self._unwrap(message)
        self._move(ClientTrigger.READ_SIGNED_ON)
        self._incoming.sequence = header.sequence
        self._use(message.generation, keys)
        return SignedOn(
            in_flight_limit=message.in_flight_limit,
            heartbeat_s=message.heartbeat_s,
            idle_s=message.idle_s,
            key_life_s=message.key_life_s,
            generation=message.generation,
        )

    def _unwrap(self, message: Any) -> WorkingKeys:
        terms = self._terms
        wrapping = kek(
            terms.suite,
            self._master_key,
            terms.channel_id,
            self._client_nonce,
            self._server_nonce,
            self.session_id,
            message.generation,
        )
        return unwrap_working_keys(terms.suite, terms.field_cipher, message, wrapping)

    def _use(self, number: int, keys: WorkingKeys) -> None:
        """Both ways at once: the server sends under new keys right after it has told them."""
        generation = Generation(number, self._terms, keys, Direction.REQUEST)
        self._incoming.start(self._terms, generation)
        self._outgoing.generation = generation

    def _read_notice(self, frame: Frame, row: MessageType, message: Any) -> ClientEvent | None:
        self._read_move(ClientTrigger.READ_NOTICE)
        if frame.header.serial:
            raise RemoteProtocolError("a notice with a serial")
        if row.transaction is Transaction.DRAIN:
            return DrainReceived(message.grace_ms)
        if row.transaction is Transaction.KEY_CHANGE_DUE:
            return None if self._key_change_serial else KeyChangeDueReceived(message.grace_ms)
        raise RemoteProtocolError("a second greeting")

    def _read_response(self, frame: Frame, row: MessageType, message: Any) -> ClientEvent:
        header = frame.header
        code = _CODES.get(header.return_code)
        if code is None:
            raise RemoteProtocolError("a response with an unknown code")
        if header.transaction < FIRST_BUSINESS:
            event = self._read_session_response(frame, row, code, message)
            if event is not None:
                return event
        self._read_move(_READ_RESPONSE)
        return ResponseReceived(header, code, message, header.budget_ms)

    def _read_session_response(
        self, frame: Frame, row: MessageType, code: ResponseCode, message: Any
    ) -> ClientEvent | None:
        """None for an answer that says no: the shell sees it like any other."""
        if row.transaction is Transaction.SIGN_ON:
            raise RemoteProtocolError("a second sign-on response")
        if row.transaction is Transaction.KEY_CHANGE:
            if code is ResponseCode.CHANGED:
                return self._read_keys(frame, message)
            self._key_change_serial = 0  # it failed; the shell may ask again
        if row.transaction is Transaction.HEARTBEAT and code is ResponseCode.ANSWERED:
            self._read_move(_READ_RESPONSE)
            return HeartbeatAnswered(frame.header)
        if row.transaction is Transaction.SIGN_OFF and code is ResponseCode.SIGNED_OFF:
            self._read_move(ClientTrigger.READ_SIGNED_OFF)
            return SignedOff()
        return None

    def _read_keys(self, frame: Frame, message: Any) -> KeysChanged:
        self._read_move(_READ_RESPONSE)
        if not self._key_change_serial or frame.header.serial != self._key_change_serial:
            raise RemoteProtocolError("new keys that nobody asked for")
        if message.generation != self.generation + 1:
            raise RemoteProtocolError("new keys of the wrong generation")
        self._use(message.generation, self._unwrap(message))
        self._key_change_serial = 0
        return KeysChanged(message.generation)

    # ------------------------------------------------------------------ state

    def _move(self, trigger: ClientTrigger) -> None:
        state = CLIENT_TRANSITIONS[self._state].get(trigger)
        if state is None:
            raise LocalProtocolError(f"{trigger.name} is not possible when {self._state.name}")
        self._state = state

    def _read_move(self, trigger: ClientTrigger) -> None:
        """As `_move`, for what the server did."""
        state = CLIENT_TRANSITIONS[self._state].get(trigger)
        if state is None:
            raise RemoteProtocolError(f"the server sent what does not fit {self._state.name}")
        self._state = state


def _request_row(cls: type[Any], transaction: int | None) -> MessageType:
    """The row of a request; raises `LocalProtocolError` if class and transaction don't tell."""
    rows = _REQUESTS.get(cls, ())
    if transaction is not None:
        rows = tuple(row for row in rows if row.transaction == transaction)
    if len(rows) != 1:
        raise LocalProtocolError(f"{cls.__name__} does not make one request; name the transaction")
    return rows[0]


_REQUESTS: Final[dict[type[Any], tuple[MessageType, ...]]] = {
    row.cls: of_class(row.cls) for row in MESSAGES.values() if row.kind is Kind.REQUEST
}
# Looked up once: attributes of an Enum are slow, and these are asked for every frame.
_CODES: Final = {int(code): code for code in ResponseCode}
_NOTIFY: Final = Kind.NOTIFY
_CLOSED: Final = ClientState.CLOSED
_BEFORE_SIGN_ON: Final = frozenset(
    {ClientState.WAITING, ClientState.GREETED, ClientState.SIGNING_ON}
)
_READ_RESPONSE: Final = ClientTrigger.READ_RESPONSE
