"""A server with an SMSC behind it that is dead, slow, refuses, or answers twice: what becomes of a
code, and that the customer gets it once or not at all.
"""

from __future__ import annotations

import re

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.sms import (
    PhoneRequest,
    QuerySmsRequest,
    SendSmsCodeRequest,
    VerifySmsCodeRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import MessageState, Transaction
from tigertally_server.services.sms.policy import SmsLimits
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import join
from tigertally_testing.smsc import Act, Smsc

CODE = re.compile(r"验证码(\d+)")
NO_LIMITS = dict.fromkeys(SmsLimits.__struct_fields__, 0)


class Bank:
    """One customer of a server whose gateway is `smsc`."""

    def __init__(self, peer, smsc, customer):
        self.peer, self.smsc, self.customer = peer, smsc, customer
        self.whose = {"institution": INSTITUTION, "customer": customer}

    async def bind(self, number):
        message = PhoneRequest(**self.whose, mobile=SecretText(number))
        answer = await self.peer.ask(message, transaction=Transaction.BIND_PHONE)
        assert answer.code is C.CHANGED

    async def send(self):
        answer = await self.peer.ask(SendSmsCodeRequest(**self.whose))
        assert answer.code is C.CHANGED, answer
        return answer.message

    async def state(self, sent):
        answer = await self.peer.ask(QuerySmsRequest(**self.whose, message_id=sent.message_id))
        return MessageState(answer.message.message_state)

    async def until(self, sent, *states):
        with trio.fail_after(30):
            while (state := await self.state(sent)) not in states:
                await trio.sleep(0.05)
        return state

    async def arrived(self, sent):
        """The one text that this sending brought."""
        with trio.fail_after(30):
            while not (found := self._found(sent)):
                await trio.sleep(0.02)
        (text,) = found
        return text

    def _found(self, sent):
        return [m for m in self.smsc.messages if sent.server_code in m.text]

    async def verify(self, sent, text):
        found = CODE.search(text)
        assert found is not None
        message = VerifySmsCodeRequest(
            **self.whose, challenge=sent.challenge, otp=SecretText(found[1])
        )
        return (await self.peer.ask(message)).code


@pytest.fixture
async def listening(nursery):
    """`listening(port)` puts an SMSC there; 0: anywhere. Gives (smsc, port, its scope)."""

    async def start(smsc, port=0):
        scope = trio.CancelScope()
        ready = trio.Event()
        ports = []

        async def serve():
            with scope:
                listeners = await trio.open_tcp_listeners(port, host="127.0.0.1")
                ports.append(listeners[0].socket.getsockname()[1])
                ready.set()
                await trio.serve_listeners(smsc.serve, listeners)

        nursery.start_soon(serve)
        await ready.wait()
        return ports[0], scope

    return start


async def with_customer(own_house, own, port, line):
    (own_house.state_dir / "smpp.secret").write_text("tally")
    (own_house.state_dir / "smpp.secret").chmod(0o600)
    section = {
        "gateway": "smpp",
        "silent_notices": ["notice_phone_bound"],
        "limits": NO_LIMITS,
        "codes": {"resend_s": 0},
        "smpp": {
            "addresses": [f"127.0.0.1:{port}"],
            "system_id": "tiger",
            "password_file": "smpp.secret",
            "answer_s": 1.0,
            "patience_s": 0.5,
            "back_off_first_s": 0.1,
            "back_off_most_s": 0.5,
        },
    }
    return await trio.to_thread.run_sync(lambda: own("smpp", sms=section))


@pytest.fixture(scope="module")
def line(own_house):
    return own_house.add_channel()


async def test_whatever_the_gateway_does_a_code_arrives_once_or_not_at_all(
    own_house, own, line, listening
):
    smsc = Smsc()
    port, _ = await listening(smsc)
    server = await with_customer(own_house, own, port, line)
    (held,) = own_house.holders(1)
    async with await join(server, line) as peer:
        bank = Bank(peer, smsc, held.customer)
        await bank.bind("13800138000")

        sent = await bank.send()
        message = await bank.arrived(sent)
        assert message.number.endswith("13800138000")
        assert await bank.until(sent, MessageState.SENT) is MessageState.SENT
        for _ in range(2):
            await smsc.receipt(message.name, "DELIVRD")
        assert await bank.until(sent, MessageState.DELIVERED) is MessageState.DELIVERED
        assert await bank.verify(sent, message.text) is C.APPROVED

        smsc.script(Act.TWICE)
        sent = await bank.send()
        message = await bank.arrived(sent)
        await bank.until(sent, MessageState.SENT)
        await smsc.receipt(message.name, "UNDELIV")
        assert await bank.until(sent, MessageState.FAILED) is MessageState.FAILED

        smsc.script(Act.REFUSE)
        sent = await bank.send()
        assert await bank.until(sent, MessageState.FAILED) is MessageState.FAILED

        for act in (Act.SILENT, Act.CLOSE):
            smsc.script(act)
            sent = await bank.send()
            assert await bank.until(sent, MessageState.UNKNOWN) is MessageState.UNKNOWN
            message = await bank.arrived(sent)
            assert await bank.verify(sent, message.text) is C.APPROVED


async def test_a_code_waits_for_a_dead_gateway(own_house, own, line, listening):
    smsc = Smsc()
    port, scope = await listening(smsc)
    scope.cancel()
    server = await with_customer(own_house, own, port, line)
    (held,) = own_house.holders(1)
    async with await join(server, line) as peer:
        bank = Bank(peer, smsc, held.customer)
        await bank.bind("13800138001")
        sent = await bank.send()
        with trio.fail_after(30):
            while "SMS gateway does not answer" not in server.log():
                await trio.sleep(0.05)
        assert await bank.state(sent) in (MessageState.QUEUED, MessageState.SENDING)
        await listening(smsc, port)
        message = await bank.arrived(sent)
        assert await bank.until(sent, MessageState.SENT) is MessageState.SENT
        assert await bank.verify(sent, message.text) is C.APPROVED
        assert "SMS gateway answers again" in server.log()
