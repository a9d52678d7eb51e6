"""The section `[sms.http]`: a vendor's HTTP interface described instead of programmed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]


def _fields() -> dict[str, Any]:
    return {"number": "{number}", "text": "{text}", "reference": "{id}"}


class HttpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request per message, and what its answer means.

    `{number}`, `{text}`, `{id}`, `{valid_for_s}` and `{secret}` stand for their values in `fields`
    (at any depth) and `headers`; every value is written as its content type demands, so no text can
    become syntax.

    Attributes:
        url: where to; `https`, unless `plain` allows `http`.
        content: how `fields` travel: a JSON body, a form, or the query of the URL.
        secret_file: what `{secret}` stands for.
        strip_prefix: cut from numbers that begin with it: "+" or "+86".
        success_status: HTTP status codes that may mean "taken".
        busy_status: those that mean "not taken, come back".
        success_field: where in the JSON answer the verdict is, parts separated by dots; "" = the
            status alone decides.
        success_values: verdicts that mean "taken"; anything else refuses the message.
        busy_values: verdicts that mean "not taken, come back".
        id_field: where in the answer the gateway's name for the message is; "" = nowhere.
    """

    url: str = ""
    plain: bool = False
    method: Literal["GET", "POST", "PUT"] = "POST"
    content: Literal["json", "form", "query"] = "json"
    fields: dict[str, Any] = msgspec.field(default_factory=_fields)
    headers: dict[str, str] = {}
    secret_file: str = ""
    strip_prefix: str = ""
    ca_file: str = ""
    connections_max: Annotated[int, msgspec.Meta(gt=0, le=1_000)] = 16
    patience_s: Seconds = 5.0
    connect_s: Seconds = 5.0
    answer_s: Seconds = 10.0
    success_status: tuple[Status, ...] = (200, 201, 202)
    busy_status: tuple[Status, ...] = (429, 503)
    success_field: str = ""
    success_values: tuple[str, ...] = ()
    busy_values: tuple[str, ...] = ()
    id_field: str = ""
