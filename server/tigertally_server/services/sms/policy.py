"""How the bank sends: which texts, how long codes last, how many messages are too many. One record,
made from the configuration when the process starts.

Knows no request and no row. Everything in it was checked: templates parse and fit, parameters are
within their bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec

from tigertally_engines.sms.parameters import SmsParameters
from tigertally_engines.sms.templates import LANGUAGES, Template, TemplateError, parse
from tigertally_engines.sms.wording import DEFAULT_TEMPLATES

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_CHANNEL_TABLE: Final = "channel"


Limit = Annotated[int, msgspec.Meta(ge=0)]


class SmsLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Messages within an hour or a day; 0 = no limit. See conf/tigertally.toml."""

    number_hour: Limit = 6
    number_day: Limit = 20
    user_hour: Limit = 6
    user_day: Limit = 20
    address_hour: Limit = 30
    address_day: Limit = 200
    channel_hour: Limit = 500_000
    range_hour: Limit = 500
    home_hour: Limit = 0
    country_hour: Limit = 200
    total_hour: Limit = 1_000_000
    notices_day: Limit = 20


DEFAULT_PARAMETERS: Final = SmsParameters()
DEFAULT_LIMITS: Final = SmsLimits()

TextTable = Mapping[str, Mapping[str, str]]
"""Language → name → text."""


class Texts:
    """All templates, parsed once. A channel's own text goes before the house's, the house's before
    ours.
    """

    def __init__(
        self, overrides: Mapping[str, object] | None = None, *, parts_max: int = 2
    ) -> None:
        """`overrides`: as the file says it, `[zh]`, `[en]`, `[channel.NAME.zh]`. Raises
        TemplateError.
        """
        given = dict(overrides or {})
        channels = _table(given.pop(_CHANNEL_TABLE, {}), _CHANNEL_TABLE)
        self._found: dict[tuple[str, str, str], Template] = {}
        self._add("", DEFAULT_TEMPLATES, parts_max)
        self._add("", _languages(given, "templates"), parts_max)
        for name, texts in channels.items():
            where = f"{_CHANNEL_TABLE}.{name}"
            self._add(name, _languages(_table(texts, where), where), parts_max)

    def _add(self, channel: str, texts: TextTable, parts_max: int) -> None:
        for language, named in texts.items():
            for name, text in named.items():
                self._found[channel, language, name] = parse(name, language, text, parts_max)

    def find(self, channel: str, language: str, name: str) -> Template | None:
        """The text that this channel's customers get."""
        own = self._found.get((channel, language, name))
        return own or self._found.get(("", language, name))


def _languages(given: Mapping[str, object], where: str) -> TextTable:
    if unknown := sorted(set(given) - set(LANGUAGES)):
        raise TemplateError(
            f"{where}: {unknown[0]!r} is no language; write {' or '.join(LANGUAGES)}"
        )
    tables = {language: _table(named, f"{where}.{language}") for language, named in given.items()}
    for language, named in tables.items():
        for name, text in named.items():
            if not isinstance(text, str):
                raise TemplateError(f"{where}.{language}.{name}: is no text")
    return tables  # type: ignore[return-value]  # just checked


def _table(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TemplateError(f"{where}: is no table")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsPolicy:
    """See the module's text.

    Attributes:
        enabled: a gateway is configured.
        sign: the bank's name in texts.
        language: of customers and channels that name none.
        channel_languages: by channel's name.
        home_country: of numbers that name none.
        countries: country codes that may be sent to; empty: any.
        parameters: of scenes that have none of their own.
        scenes: parameters by scene.
        bind_cooling_off_ms, change_cooling_off_ms: until a number can be used.
        notice_valid_ms: a notice that could not be sent by then is not sent.
        silent: notices that the bank doesn't want.
    """

    enabled: bool = False
    sign: str = "虎符"
    language: str = "zh"
    channel_languages: Mapping[str, str] = field(default_factory=dict)
    home_country: str = "86"
    countries: frozenset[str] = frozenset({"86"})
    parameters: SmsParameters = DEFAULT_PARAMETERS
    scenes: Mapping[str, SmsParameters] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)
    limits: SmsLimits = DEFAULT_LIMITS
    bind_cooling_off_ms: int = 0
    change_cooling_off_ms: int = DAY_MS
    notice_valid_ms: int = DAY_MS
    silent: frozenset[str] = frozenset()

    def parameters_of(self, scene: str) -> SmsParameters:
        return self.scenes.get(scene, self.parameters)

    def language_of(self, asked: str, own: str, channel: str) -> str:
        """The text's language: what was asked for, the customer's, the channel's, the house's."""
        return asked or own or self.channel_languages.get(channel, self.language)
