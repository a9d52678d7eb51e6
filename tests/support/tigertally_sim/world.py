"""One seed, one world: made, run, calmed down, settled, closed, handed over as evidence.

The end is part of the test: when trouble is over, each call without a final answer is retried,
cancelled or asked about, and answers given before are asked for again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import trio

from tigertally_protocol.messages.query import CancelSerialRequest, QuerySerialRequest
from tigertally_protocol.messages.token import BindTokenRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import ALLOWED_PAIRS, SUITES
from tigertally_protocol.transactions import Transaction
from tigertally_server.audit import checkpoint as cp
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.note import NoteSigner
from tigertally_server.domain.administration import UpdateChannel
from tigertally_server.domain.channel import Channel, ChannelState
from tigertally_server.services.directory import merge_parameters
from tigertally_server.services.request import Phase
from tigertally_server.services.sessions import OperatorAct
from tigertally_server.services.table import OPERATOR_ACT
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_sim.auditor import Auditor, Call
from tigertally_sim.bank import STRANGE_ADDRESSES, Bank, homes_of, is_final
from tigertally_sim.client import FrontEnd, World
from tigertally_sim.clock import NodeClock, SeededEntropy
from tigertally_sim.devices import Customer, Device, make_parameters, overrides_text
from tigertally_sim.evidence import Evidence
from tigertally_sim.logs import Logs
from tigertally_sim.network import Network
from tigertally_sim.node import Node
from tigertally_sim.options import SimOptions, calm
from tigertally_sim.scheduler import run_seeded
from tigertally_sim.store import SimStore
from tigertally_sim.trace import Trace
from tigertally_sim.workload import Desk, Steps, work
from tigertally_testing import bank as small_bank

INSTALLATION: Final = "sim-bank"
NOON_MS: Final = 1_767_240_000_000  # 2026-01-01 12:00 in the bank's zone
BEFORE_MIDNIGHT_MS: Final = NOON_MS + (11 * 3600 + 59 * 60 + 20) * 1000
LIMIT_S: Final = 3_600.0
"""Virtual seconds after which a world that goes on is taken for one that hangs."""

Mutation = Callable[[list[Node]], None]


@dataclass(slots=True)
class Result:
    """What a run leaves."""

    evidence: Evidence
    trace: Trace


def simulate(
    options: SimOptions,
    *,
    show: Callable[[str], None] | None = None,
    mutate: Mutation | None = None,
) -> Result:
    """Runs a world to its end. `mutate` may break the nodes before they start."""
    trace = Trace(show)
    logs = Logs(trace)
    with logs.captured():
        return run_seeded(options.seed, _main, options, trace, logs, mutate)


async def _main(options: SimOptions, trace: Trace, logs: Logs, mutate: Mutation | None) -> Result:
    made = House(options, trace)
    if mutate is not None:
        mutate(made.nodes)
    in_time = False
    with trio.move_on_after(LIMIT_S):
        async with trio.open_nursery() as nursery:
            await made.live(nursery)
            in_time = True
            nursery.cancel_scope.cancel()
    return Result(made.evidence(logs, in_time=in_time), trace)


class House:
    """All parts of one world."""

    def __init__(self, options: SimOptions, trace: Trace) -> None:
        self.options, self.trace = options, trace
        self.random = random.Random(f"world {options.seed}")
        self.auditor = Auditor()
        self.epoch_ms = BEFORE_MIDNIGHT_MS if options.midnight else NOON_MS
        self.clock = NodeClock(self.epoch_ms)
        self.store = SimStore(options.seed, trace)
        entropy = SeededEntropy(f"bank {options.seed}")
        _, self.context = small_bank.memory_installation(entropy, shards=2, store=self.store)
        self.bank = small_bank.Bank(self.store, self.context, self.clock, entropy)
        self.master_keys = dict(self._channels())
        self.customers = [self._customer(n) for n in range(1, options.customers + 1)]
        self.devices = [self._device(n) for n in range(1, options.customers + 3)]
        self.owners = {d.serial: "" for d in self.devices}
        for customer, device in zip(self.customers, self.devices, strict=False):
            self._bind(customer, device)
        self._secrets(entropy)
        self.before = {shard: head.size for shard, head in self.store.tables.heads.items()}
        self.signer = NoteSigner(entropy.token_bytes(32))
        self.notes: dict[int, list[str]] = {shard: [] for shard in self.before}
        self.nodes = [self._node(n) for n in range(2)]
        self.fronts: list[FrontEnd] = []
        self.network: Network | None = None

    # Making.

    def _channels(self) -> Iterator[tuple[int, bytes]]:
        """One speaks GB18030, one is told no reasons; suites and ciphers by lot."""
        r, o = self.random, self.options
        pairs = r.sample(sorted(ALLOWED_PAIRS), o.channels)
        for n, (suite, cipher) in enumerate(pairs):
            key = self.bank.entropy.token_bytes(SUITES[suite].master_key_bytes)
            yield (
                11 + n,
                self.bank.add_channel(
                    11 + n,
                    master_key=key,
                    suite=int(suite),
                    field_cipher=int(cipher),
                    charset="gb18030" if n == 1 else "utf-8",
                    disclose=n != 2,
                    rate_per_s=r.choice((0, 0, 15)),
                    in_flight=o.in_flight,
                    connections=4,
                ),
            )
        self.bank.channel = small_bank.HOUSE

    def _customer(self, number: int) -> Customer:
        name = f"客户{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{number}号秘"
        customer = Customer(f"C{number:09d}", name, f"1390000{number:04d}", homes_of(number))
        message = RegisterUserRequest(
            customer=customer.number,
            name=SecretText(customer.name),
            mobile=SecretText(customer.mobile),
        )
        self.bank.ask(Transaction.REGISTER_USER, message)
        return customer

    def _device(self, number: int) -> Device:
        type_name, overrides = make_parameters(self.random, self.options.step_s)
        text = overrides_text(overrides)
        serial = f"T{number:09d}"
        seed = self.bank.add_token(serial, token_id=number, type_name=type_name, overrides=text)
        parameters = merge_parameters(self.context.snapshot.token_types[type_name], text)
        device = Device(serial, number, type_name, text, parameters, seed, self.clock)
        device.prepare()
        return device

    def _bind(self, customer: Customer, device: Device) -> None:
        message = BindTokenRequest(customer=customer.number, token=device.serial)
        self.bank.ask(Transaction.BIND_TOKEN, message)
        self.owners[device.serial] = customer.number

    def _secrets(self, entropy: SeededEntropy) -> None:
        secrets, personal = self.auditor.secrets, self.auditor.personal
        for device in self.devices:
            secrets[device.seed.hex()] = secrets[repr(device.seed)[2:-1]] = "seed"
            personal[device.serial] = "token"
        for key in self.master_keys.values():
            secrets[key.hex()] = secrets[repr(key)[2:-1]] = "master key"
        for customer in self.customers:
            secrets[customer.name], secrets[customer.mobile] = "name", "mobile"
            personal[customer.number] = "customer"
        homes = (address for customer in self.customers for address in customer.addresses)
        personal.update(dict.fromkeys((*homes, *STRANGE_ADDRESSES), "customer's address"))

    def _node(self, number: int) -> Node:
        o = self.options
        clock = NodeClock(self.epoch_ms, o.chaos.drift_ppm * (1, -1)[number])
        shard = 0 if o.same_shard else number
        entropy = SeededEntropy(f"node {number} {o.seed}")
        name = f"node-{number}"
        keyring = self.context.keyring
        return Node(name, shard, o, self.store, keyring, clock, entropy, self.auditor, self.trace)

    # Living.

    async def live(self, nursery: trio.Nursery) -> None:
        o = self.options
        self.network = Network(o.seed, self.trace, nursery)
        world = World(
            self.network, self.nodes, self.clock, SeededEntropy(f"clients {o.seed}"), self.auditor,
            self.trace, random.Random(f"clients {o.seed}"),
        )  # fmt: skip
        self.fronts = [
            FrontEnd(world, self.context.snapshot.channels[channel_id], key, 3)
            for channel_id, key in self.master_keys.items()
        ]
        bank = Bank(world, self.fronts, self.customers, self.devices, dict(self.owners))
        async with trio.open_nursery() as house:
            house.start_soon(self._sign_checkpoints)
            async with trio.open_nursery() as nodes:
                for node in self.nodes:
                    nodes.start_soon(node.run)
                async with trio.open_nursery() as clients:
                    for front in self.fronts:
                        clients.start_soon(front.run)
                    await trio.sleep(1)
                    await self._busy(bank)
                    await self._settled(bank)
                    world.closing = True
                    for front in self.fronts:
                        for line in front.usable():
                            line.sign_off()
                    await trio.sleep(2)
                    for node in self.nodes:
                        node.closing = True
                        node.drain()
            await trio.sleep(1)
            self._sign()
            house.cancel_scope.cancel()

    async def _busy(self, bank: Bank) -> None:
        """Work in bad weather."""
        o = self.options
        assert self.network is not None
        self.network.options, self.store.options = o.network, o.store
        steps = Steps(o.steps, o.focus)
        async with trio.open_nursery() as trouble:
            for pause, act in (
                (o.chaos.kill_s, self._kill),
                (o.chaos.drain_s, self._drain),
                (o.chaos.clock_step_s, self._step_clock),
                (o.chaos.configure_s, self._configure),
                (o.store.between_outages_s if o.store.outage_s[1] else (0, 0), self._outage),
            ):
                if pause[1]:
                    trouble.start_soon(self._again, pause, act)
            async with trio.open_nursery() as desks:
                for number in range(o.desks):
                    mind = random.Random(f"desk {number} {o.seed}")
                    desks.start_soon(work, Desk(bank, mind), steps)
            trouble.cancel_scope.cancel()
        self.trace.event("world", "calms down")
        quiet = calm(o)
        self.network.options, self.store.options = quiet.network, quiet.store
        self.store.down_until = 0.0
        self._set_channels(ChannelState.ENABLED)
        await trio.sleep(3)

    async def _again(self, pause: tuple[float, float], act: Callable[[], Any]) -> None:
        while True:
            await trio.sleep(self.random.uniform(*pause))
            await act()

    async def _kill(self) -> None:
        self.random.choice(self.nodes).kill()

    async def _drain(self) -> None:
        self.random.choice(self.nodes).drain()

    async def _step_clock(self) -> None:
        node, most = self.random.choice(self.nodes), self.options.chaos.clock_step_ms
        node.clock.step(self.random.randrange(-most, most))
        self.trace.event(node.name, "clock set", node.clock.offset_ms)

    async def _outage(self) -> None:
        self.store.go_down(self.random.uniform(*self.options.store.outage_s))

    async def _configure(self) -> None:
        self._set_channels(self.random.choice(list(ChannelState)))
        await trio.sleep(self.random.uniform(0.5, 2))
        self._set_channels(ChannelState.ENABLED)

    def _set_channels(self, state: ChannelState) -> None:
        """An operator's act at a command line of its own, which retries until it is through."""
        channel = self.store.tables.channels[11]
        if channel.state is state:
            return
        changed = replace(channel, state=state)
        self.trace.event("operator", "configures", state.value)
        saved, self.store.options = self.store.options, calm(self.options).store
        down, self.store.down_until = self.store.down_until, 0.0
        operator = UnitOfWork(self.store, self.context, 1)
        operator.run([self._operation(changed)])
        self.store.options, self.store.down_until = saved, down

    def _operation(self, changed: Channel) -> Any:
        message = OperatorAct("test", {}, (UpdateChannel(changed),))
        request = self.bank.request(OPERATOR_ACT, message, phase=Phase.OPERATOR)
        assert request.channel.id == small_bank.HOUSE.id
        return request

    async def _sign_checkpoints(self) -> None:
        while True:
            await trio.sleep(3)
            self._sign()

    def _sign(self) -> None:
        for shard, head in self.store.tables.heads.items():
            notes = self.notes[shard]
            previous = cp.parse_checkpoint(notes[-1]) if notes else None
            if previous is not None and previous.size == head.size:
                continue
            digest = cp.NO_PREVIOUS if previous is None else previous.digest()
            notes.append(
                cp.build_checkpoint(
                    self.signer,
                    INSTALLATION,
                    shard,
                    size=head.size,
                    root=head.root,
                    at_ms=self.clock.now_ms(),
                    previous=digest,
                )
            )

    # Ending.

    async def _settled(self, bank: Bank) -> None:
        """In good weather, each call gets its end; what had one is asked again."""
        r = self.random
        calls = [c for c in self.auditor.calls if c.attempts]
        self.trace.event("world", "settles", len(calls))
        queue = list(calls)
        r.shuffle(queue)

        async def settle_some() -> None:
            while queue:
                await self._settle(bank, queue.pop())

        async with trio.open_nursery() as nursery:
            for _ in range(6):
                nursery.start_soon(settle_some)

    async def _settle(self, bank: Bank, call: Call) -> None:
        r = self.random
        front = next(f for f in self.fronts if f.channel.id == call.channel_id)
        open_questions = not any(is_final(a.code) for a in call.attempts)
        how = r.random()
        if call.recorded():
            if how < 0.25:
                await bank.settle(front, call)
            elif how < 0.4:
                await self._ask_about(bank, front, call)
        elif open_questions and how < 0.5:
            await bank.settle(front, call, 10)
        elif how < 0.8:
            message = CancelSerialRequest(serial=call.serial, operator="op-7")
            cancel = bank.wish(front, Transaction.CANCEL_SERIAL, message, day=call.day)
            await bank.settle(front, cancel, 10)
            await bank.settle(front, call, 3)
        elif how < 0.9:
            await self._ask_about(bank, front, call)

    async def _ask_about(self, bank: Bank, front: FrontEnd, call: Call) -> None:
        message = QuerySerialRequest(business_day=call.day, serial=call.serial)
        await bank.ask(front, bank.wish(front, Transaction.QUERY_SERIAL, message))

    def evidence(self, logs: Logs, *, in_time: bool) -> Evidence:
        key = self.context.keyring.head_mac_key()
        unique = {
            n.name: {(n.shard + u) % 2 for u in range(self.options.units_per_node)}
            for n in self.nodes
        }
        self.auditor.reprs.extend(repr(t) for t in self.store.tables.tokens.values())
        self.auditor.reprs.extend(repr(a) for a in self.store.tables.accounts.values())
        self.auditor.reprs.extend(repr(e) for e in list(self.store.tables.entries.values())[-200:])
        return Evidence(
            auditor=self.auditor,
            store=self.store,
            context=self.context,
            devices=self.devices,
            owners=self.owners,
            disclosing={c.id for c in self.store.tables.channels.values() if c.disclose},
            before=self.before,
            notes=self.notes,
            trust=Trust(INSTALLATION, self.signer.public_key, key),
            logs=logs.lines,
            incidents=logs.incidents,
            lives=[life for node in self.nodes for life in node.lives],
            shard_of_node=unique,
            open_wires=0 if self.network is None else len(self.network.open),
            in_time=in_time,
        )


def counts_of(result: Result) -> str:
    """One line about what happened, so that nobody takes an empty world for a good one."""
    auditor = result.evidence.auditor
    answers: dict[str, int] = {}
    for call in auditor.calls:
        for attempt in call.attempts:
            name = attempt.code.name if attempt.code else "lost"
            answers[name] = answers.get(name, 0) + 1
    recorded = sum(1 for call in auditor.calls if call.recorded())
    told = ", ".join(f"{name} {count}" for name, count in sorted(answers.items()))
    return f"{len(auditor.calls)} calls, {recorded} recorded; {told}"
