"""The configuration file: TOML into frozen records. Unknown keys are refused, every key has a
default, secrets come by file.

`conf/tigertally.toml` shows every key; a test holds the two equal. What differs per channel or
token type is not here but in the database, where it acts on every process at once.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tigertally_drivers.hsm.choosing import HsmSettings
from tigertally_drivers.sms.file import FileSettings
from tigertally_drivers.sms.gateways import known_gateways
from tigertally_drivers.sms.http.settings import HttpSettings
from tigertally_drivers.sms.smpp.settings import SmppSettings
from tigertally_engines.crypto.policy import CryptoPolicy
from tigertally_engines.crypto.policy import checked as checked_crypto
from tigertally_engines.sms.parameters import SmsParameterError, SmsParameters
from tigertally_engines.sms.templates import TemplateError
from tigertally_server.access.process import SessionLimits
from tigertally_server.pipeline.spraying import SprayLimits
from tigertally_server.services.sms.policy import HOUR_MS, SmsLimits, SmsPolicy, Texts

Positive = Annotated[int, msgspec.Meta(gt=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class ConfigError(Exception):
    """What is wrong with the file, and where."""


class Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A second listener with TLS. With `client_ca`, clients must show a certificate of it (mutual
    TLS).
    """

    listen: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""
    client_ca: str = ""


class ServerSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[server]"""

    listen: tuple[str, ...] = ("127.0.0.1:7117",)
    operations_listen: str = "127.0.0.1:7118"
    node: Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,16}$")] = "node-1"
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    worker_silence_s: Annotated[float, msgspec.Meta(ge=3, le=3600)] = 20.0
    connections_max: Positive = 4_096
    queue_max: Positive = 20_000
    queue_wait_ms: Annotated[int, msgspec.Meta(ge=0, le=30_000)] = 500
    batch_max: Annotated[int, msgspec.Meta(gt=0, le=1_000)] = 256
    writers: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    drain_s: Seconds = 10.0
    shard: Annotated[int, msgspec.Meta(ge=-1)] = -1
    tls: Tls = Tls()


class LimitsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[limits]: of sessions; read again on SIGHUP."""

    half_open_s: Seconds = 5.0
    idle_s: Seconds = 300.0
    heartbeat_s: Positive = 30
    slow_reader_s: Seconds = 10.0
    outbox_bytes: Positive = 1_048_576
    in_flight_per_connection: Annotated[int, msgspec.Meta(gt=0, le=65_535)] = 1_024
    budget_default_ms: Positive = 3_000
    budget_max_ms: Positive = 30_000
    key_life_s: Positive = 86_400
    key_overlap_s: Seconds = 60.0
    drain_grace_ms: Positive = 5_000


class AbuseSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[abuse]: when password spraying is suspected; read again on SIGHUP."""

    spray_window_s: Annotated[int, msgspec.Meta(ge=60, le=86_400)] = 600
    spray_customers: Annotated[int, msgspec.Meta(ge=2, le=2_000)] = 50
    spray_address_customers: Annotated[int, msgspec.Meta(ge=2, le=2_000)] = 20
    spray_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 30


class PasswordsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[passwords]: slow functions run in so many threads, so many requests wait for them; a further
    list of passwords that nobody may have, one a line.
    """

    threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    waiting_max: Positive = 200
    block_list: str = ""


class CryptoSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[crypto]: of the crypto engine for channels. `allow` names what is too weak and is to be
    allowed all the same (`tigertally crypto policy` lists the names).
    """

    allow: tuple[str, ...] = ()
    least_strength: int = 112
    pin_tries: int = 6
    decimalisation: str = "0123456789012345"

    def policy(self) -> CryptoPolicy:
        """Raises ConfigError."""
        policy = CryptoPolicy(
            frozenset(self.allow), self.least_strength, self.pin_tries, self.decimalisation
        )
        try:
            return checked_crypto(policy)
        except ValueError as problem:
            raise ConfigError(f"crypto: {problem}") from None


class BankSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[bank]"""

    time_zone: str = "Asia/Shanghai"


class DatabaseSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`dsn` empty: the embedded PostgreSQL under `state_dir`. `shared_buffers_mb` 0: a quarter of
    the machine's memory.
    """

    dsn: str = ""
    owner_dsn: str = ""
    auditor_dsn: str = ""
    operator_dsn: str = ""
    state_dir: str = "var"
    statement_timeout_ms: Positive = 5_000
    lock_timeout_ms: Positive = 2_000
    shared_buffers_mb: Annotated[int, msgspec.Meta(ge=0)] = 0


class KeysSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`master_key_file` empty: `<state_dir>/keys/master.key`. With a passphrase file, the key is
    derived and no key file exists; with component files, it is their XOR; with a label, it lies in
    the HSM under that label and a number. `rewrap_rows_per_s`: at
    most so many rows a second are sealed anew beside the traffic, 0 = only by command.
    """

    master_key_file: str = ""
    master_passphrase_file: str = ""
    master_component_files: tuple[str, ...] = ()
    master_hsm_label: Annotated[str, msgspec.Meta(max_length=24)] = ""
    rewrap_rows_per_s: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 2_000
    warn_days: Annotated[int, msgspec.Meta(ge=0, le=3_650)] = 30
    checkpoint_key_file: str = ""


class WitnessSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[audit.witnesses]]: who co-signs, where, and its verifier key (C2SP tlog-witness)."""

    url: str
    key: str
    ca_file: str = ""


class TimeStampSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[audit.time_stamps]: of the log of rounds, by an authority of RFC 3161; `url` empty: none."""

    url: str = ""
    ca_file: str = ""
    every_s: Seconds = 3_600.0
    tls_ca_file: str = ""
    policy: str = ""


class AuditSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`checkpoint_file` empty: `<state_dir>/checkpoints.log`; `erasure_file` empty:
    `<state_dir>/erasures.log`; `log_dir` empty: `<state_dir>/tlog`.
    `shards` acts when the system is installed, never after; `signer` and `signer_algorithm` when
    the checkpoint key is made or changed. `archive_dir` empty: `<state_dir>/archive`;
    `keep_months`: whole months that stay in the database.
    """

    shards: Annotated[int, msgspec.Meta(ge=1, le=256)] = 4
    checkpoint_file: str = ""
    erasure_file: str = ""
    checkpoint_s: Seconds = 1.0
    log_dir: str = ""
    unsigned_max_s: Annotated[float, msgspec.Meta(ge=0)] = 30.0
    signer: Annotated[str, msgspec.Meta(pattern=r"^(file|hsm:[!-~]{1,64})$")] = "file"
    signer_algorithm: Literal["ed25519", "sm2"] = "ed25519"
    witnesses: tuple[WitnessSection, ...] = ()
    witness_s: Seconds = 10.0
    time_stamps: TimeStampSection = TimeStampSection()
    archive_dir: str = ""
    keep_months: Annotated[int, msgspec.Meta(ge=6, le=1_200)] = 13


CountryCode = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,2}$")]


class SmsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[sms]: `gateway` names an installed driver, "" none; each of ours has its section, any other
    driver gets `vendor`.
    """

    gateway: str = ""
    sign: Annotated[str, msgspec.Meta(max_length=12)] = "虎符"
    language: Literal["zh", "en"] = "zh"
    channel_languages: dict[str, Literal["zh", "en"]] = {}
    home_country: CountryCode = "86"
    countries: tuple[CountryCode, ...] = ("86",)
    templates_file: str = ""
    parts_max: Annotated[int, msgspec.Meta(ge=1, le=10)] = 2
    bind_cooling_off_h: Annotated[int, msgspec.Meta(ge=0, le=720)] = 0
    change_cooling_off_h: Annotated[int, msgspec.Meta(ge=0, le=720)] = 24
    notice_valid_h: Annotated[int, msgspec.Meta(ge=1, le=168)] = 24
    silent_notices: tuple[str, ...] = ()
    sends_at_once: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 32
    codes: SmsParameters = SmsParameters()
    scenes: dict[str, dict[str, Any]] = {}
    limits: SmsLimits = SmsLimits()
    file: FileSettings = FileSettings()
    http: HttpSettings = HttpSettings()
    smpp: SmppSettings = SmppSettings()
    vendor: dict[str, Any] = {}

    def policy(self, state_dir: Path) -> SmsPolicy:
        """How the bank sends, checked. Raises ConfigError."""
        try:
            base = self.codes.validated()
            return SmsPolicy(
                enabled=bool(self.gateway),
                sign=self.sign,
                language=self.language,
                channel_languages=dict(self.channel_languages),
                home_country=self.home_country,
                countries=frozenset(self.countries),
                parameters=base,
                scenes={name: base.merge(values) for name, values in self.scenes.items()},
                texts=Texts(self._own_texts(state_dir), parts_max=self.parts_max),
                limits=self.limits,
                bind_cooling_off_ms=self.bind_cooling_off_h * HOUR_MS,
                change_cooling_off_ms=self.change_cooling_off_h * HOUR_MS,
                notice_valid_ms=self.notice_valid_h * HOUR_MS,
                silent=frozenset(self.silent_notices),
            )
        except (SmsParameterError, TemplateError) as problem:
            raise ConfigError(f"sms: {problem}") from None

    def _own_texts(self, state_dir: Path) -> dict[str, Any]:
        if not self.templates_file:
            return {}
        path = state_dir / self.templates_file
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as problem:
            raise ConfigError(f"sms.templates_file: {path}: {problem.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise ConfigError(f"sms.templates_file: {path}: {problem}") from None

    def driver_section(self) -> dict[str, Any]:
        """What the chosen driver is told."""
        own = {"file": self.file, "http": self.http, "smpp": self.smpp}.get(self.gateway)
        return self.vendor if own is None else msgspec.to_builtins(own)


class HsmSection(HsmSettings, frozen=True, forbid_unknown_fields=True):
    """[hsm]"""


class LogSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[log]"""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    server: ServerSection = ServerSection()
    limits: LimitsSection = LimitsSection()
    abuse: AbuseSection = AbuseSection()
    passwords: PasswordsSection = PasswordsSection()
    bank: BankSection = BankSection()
    database: DatabaseSection = DatabaseSection()
    keys: KeysSection = KeysSection()
    audit: AuditSection = AuditSection()
    crypto: CryptoSection = CryptoSection()
    sms: SmsSection = SmsSection()
    hsm: HsmSection = HsmSection()
    log: LogSection = LogSection()

    @property
    def state_dir(self) -> Path:
        return Path(self.database.state_dir).absolute()

    @property
    def master_key_file(self) -> Path:
        return Path(self.keys.master_key_file or self.state_dir / "keys" / "master.key")

    @property
    def checkpoint_key_file(self) -> Path:
        return Path(self.keys.checkpoint_key_file or self.state_dir / "keys" / "checkpoint.key")

    @property
    def checkpoint_file(self) -> Path:
        return Path(self.audit.checkpoint_file or self.state_dir / "checkpoints.log")

    @property
    def archive_dir(self) -> Path:
        return Path(self.audit.archive_dir or self.state_dir / "archive")

    @property
    def log_dir(self) -> Path:
        return Path(self.audit.log_dir or self.state_dir / "tlog")

    @property
    def erasure_file(self) -> Path:
        return Path(self.audit.erasure_file or self.state_dir / "erasures.log")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.bank.time_zone)

    def session_limits(self) -> SessionLimits:
        own = self.limits
        return SessionLimits(
            half_open_s=own.half_open_s,
            idle_s=own.idle_s,
            heartbeat_s=own.heartbeat_s,
            slow_reader_s=own.slow_reader_s,
            outbox_max=own.outbox_bytes,
            in_flight_max=own.in_flight_per_connection,
            budget_default_ms=own.budget_default_ms,
            budget_max_ms=own.budget_max_ms,
            key_life_s=own.key_life_s,
            key_overlap_s=own.key_overlap_s,
            drain_grace_ms=own.drain_grace_ms,
        )

    def spray_limits(self) -> SprayLimits:
        own = self.abuse
        return SprayLimits(
            window_ms=own.spray_window_s * 1000,
            customers=own.spray_customers,
            address_customers=own.spray_address_customers,
            percent=own.spray_percent,
        )


def parse_address(text: str) -> tuple[str, int]:
    """`host:port` or `[v6]:port`; raises ConfigError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 0 <= int(port) <= 65_535:
        raise ConfigError(f"{text!r} is no address: write HOST:PORT, for instance 127.0.0.1:7117")
    return host.removeprefix("[").removesuffix("]"), int(port)


def load(path: Path | None) -> Config:
    """Reads a file, or gives the defaults for None. Raises ConfigError naming file, key
    and reason.
    """
    if path is None:
        return checked(Config())
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise ConfigError(f"{path}: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise ConfigError(f"{path}: not UTF-8 at byte {problem.start}") from None
    try:
        return checked(msgspec.convert(tomllib.loads(text), Config))
    except (ValueError, RecursionError) as problem:
        # Also numbers of thousands of digits and brackets in brackets, which tomllib lets through.
        raise ConfigError(f"{path}: {problem}") from None
    except ConfigError as problem:
        raise ConfigError(f"{path}: {problem}") from None


def checked(config: Config) -> Config:
    """Relations that types can't say."""
    for address in (
        *config.server.listen,
        *config.server.tls.listen,
        config.server.operations_listen,
    ):
        if address:
            parse_address(address)
    try:
        _ = config.zone
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"bank.time_zone: {config.bank.time_zone!r} is not a known time zone"
        ) from None
    if config.sms.gateway and config.sms.gateway not in known_gateways():
        known = ", ".join(known_gateways())
        raise ConfigError(f"sms.gateway: no driver {config.sms.gateway!r}; there are {known}")
    config.sms.policy(config.state_dir)
    config.crypto.policy()
    tls = config.server.tls
    if tls.listen and not (tls.certificate and tls.key):
        raise ConfigError("server.tls.listen needs server.tls.certificate and server.tls.key")
    if config.limits.budget_default_ms > config.limits.budget_max_ms:
        raise ConfigError("limits.budget_default_ms is larger than limits.budget_max_ms")
    if config.server.shard >= config.audit.shards:
        raise ConfigError("server.shard must be below audit.shards")
    if config.audit.time_stamps.url and not config.audit.time_stamps.ca_file:
        raise ConfigError("audit.time_stamps.url needs audit.time_stamps.ca_file")
    keys = config.keys
    sources = (
        keys.master_key_file,
        keys.master_passphrase_file,
        keys.master_component_files,
        keys.master_hsm_label,
    )
    if sum(map(bool, sources)) > 1:
        raise ConfigError(
            "keys: give one of master_key_file, master_passphrase_file, master_component_files, "
            "master_hsm_label"
        )
    if keys.master_hsm_label and not config.hsm.driver:
        raise ConfigError("keys.master_hsm_label needs hsm.driver")
    if config.hsm.driver in ("software", "pkcs11") and bool(config.hsm.pin_file) == bool(
        config.hsm.pin_environment
    ):
        raise ConfigError("hsm: give pin_file or pin_environment, one of them")
    return config
