"""Settings of the host command driver, as the configuration's section [hsm.hostcmd] has them."""

from __future__ import annotations

from typing import Annotated

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0)]


class HostCommandSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """addresses           "HOST:PORT" of alike devices, with the same LMK
    keys_file              blobs of labelled keys: nothing in it is of use without the device
    transport_key_file     AES-256 key in hexadecimal under which seeds go into the device (its ZMK)
    lmk_check              check value that each device's LMK must have; "" = the first one's
    tls, ca_file           verified always
    connections            to each device
    in_flight              commands without an answer on one connection
    connect_s, answer_s    limits of connecting and of one answer; then another device is asked
    operation_s            limit of one operation, all tries included
    check_s                how often an idle device is asked for its diagnostics
    back_off_*_s           pauses after a lost connection: doubling, half of it random
    """

    addresses: tuple[str, ...] = ()
    keys_file: str = "keys/hsm-keys.json"
    transport_key_file: str = ""
    lmk_check: str = ""
    tls: bool = False
    ca_file: str = ""
    connections: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    in_flight: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 64
    connect_s: Seconds = 2.0
    answer_s: Seconds = 0.5
    operation_s: Seconds = 2.0
    check_s: Seconds = 5.0
    back_off_first_s: Seconds = 0.25
    back_off_most_s: Seconds = 10.0
