"""The shared configuration as one snapshot: channels, their keys, token types, flow policies.
Replaced whole when the epoch moves.

Readers hold a snapshot for the length of one act; nobody changes one. The rule that it be fresh is
the unit of work's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tigertally_engines.otp.parameters import OtpParameters, ParameterError
from tigertally_engines.password.policy import (
    DEFAULTS,
    PasswordForm,
    PasswordPolicy,
    PolicyError,
    form_of,
    policy_name,
)
from tigertally_server.domain.channel import Channel, ChannelKey
from tigertally_server.domain.flow_policy import EVERY_INSTITUTION, FlowPolicy, PolicyKey
from tigertally_server.domain.token import Token
from tigertally_server.services.keyring import Keyring, channel_key_identity
from tigertally_server.store.port import Configuration


class ConfigurationError(Exception):
    """A row of the configuration can't be used; the text names it."""


class Snapshot:
    """One epoch's configuration, with the parameters of token types parsed once."""

    def __init__(self, configuration: Configuration) -> None:
        """Raises ConfigurationError."""
        self.epoch = configuration.epoch
        self.channels: Mapping[int, Channel] = {c.id: c for c in configuration.channels}
        self.channels_by_name: Mapping[str, Channel] = {c.name: c for c in configuration.channels}
        self.keys: Mapping[tuple[int, int], ChannelKey] = {
            (k.channel_id, k.version): k for k in configuration.channel_keys
        }
        self.token_types: dict[str, OtpParameters] = {
            name: parse_parameters(name, text) for name, text in configuration.token_types.items()
        }
        self._flow_policies: dict[PolicyKey, FlowPolicy] = {
            policy.key: policy for policy in configuration.flow_policies
        }
        self.password_policies: dict[str, PasswordPolicy] = {
            form.value: policy for form, policy in DEFAULTS.items()
        } | {
            name: parse_password_policy(name, text)
            for name, text in configuration.password_policies.items()
        }
        self._merged: dict[tuple[str, str], OtpParameters] = {}

    def parameters(self, token: Token) -> OtpParameters:
        """The effective parameters of a token: its type's, with its own overrides. Raises
        ConfigurationError.
        """
        if not token.overrides:
            try:
                return self.token_types[token.type_name]
            except KeyError:
                raise ConfigurationError(
                    f"token type {token.type_name!r} is not configured"
                ) from None
        place = (token.type_name, token.overrides)
        merged = self._merged.get(place)
        if merged is None:
            merged = merge_parameters(self.token_types[token.type_name], token.overrides)
            self._merged[place] = merged
        return merged

    def password_policy(self, form: PasswordForm, slot: str) -> PasswordPolicy | None:
        """The rules of a slot, None where it isn't configured; the ordinary one always is."""
        return self.password_policies.get(policy_name(form, slot))

    def flow_policy(self, institution: str, name: str) -> FlowPolicy | None:
        """The institution's own policy of that name, else every institution's."""
        policies = self._flow_policies
        return policies.get((institution, name)) or policies.get((EVERY_INSTITUTION, name))

    def flow_policies(self) -> list[FlowPolicy]:
        """All in force, by institution and name."""
        return [self._flow_policies[key] for key in sorted(self._flow_policies)]

    def master_key(self, keyring: Keyring, channel_id: int, version: int) -> bytes | None:
        """The channel master key of a version that may still sign on, or None."""
        key = self.keys.get((channel_id, version))
        if key is None:
            return None
        return keyring.open(key.key_id, key.sealed, channel_key_identity(channel_id, version))


def parse_parameters(name: str, text: str) -> OtpParameters:
    """Raises ConfigurationError naming the type and the parameter."""
    try:
        return merge_parameters(None, text)
    except ConfigurationError as problem:
        raise ConfigurationError(f"token type {name!r}: {problem}") from None


def merge_parameters(base: OtpParameters | None, text: str) -> OtpParameters:
    """`text` is a JSON object of parameter → value; raises ConfigurationError."""
    try:
        values: dict[str, Any] = json.loads(text)
        if base is None:
            return OtpParameters(**values).validated()
        return base.merge(values)
    except (ValueError, TypeError, ParameterError) as problem:
        raise ConfigurationError(str(problem)) from None


def parse_password_policy(name: str, text: str) -> PasswordPolicy:
    """Raises ConfigurationError naming the policy and the parameter."""
    try:
        values: dict[str, Any] = json.loads(text)
        return DEFAULTS[form_of(name)].merge(values)
    except (ValueError, TypeError, PolicyError) as problem:
        raise ConfigurationError(f"password policy {name!r}: {problem}") from None


class Directory:
    """Holds the snapshot in force. One writer at a time replaces it; reading is one attribute
    access.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.snapshot = Snapshot(configuration)

    @property
    def epoch(self) -> int:
        return self.snapshot.epoch

    def replace(self, configuration: Configuration) -> None:
        """Never goes back to an older epoch. Raises ConfigurationError and keeps the old
        snapshot.
        """
        if configuration.epoch > self.snapshot.epoch:
            self.snapshot = Snapshot(configuration)
