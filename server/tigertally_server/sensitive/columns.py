"""What stands in which column of the database, and how it is kept: the part of the catalogue that
an auditor holds against the tables.

Every column that can hold text or bytes has a row; a test compares with the schema, so that no
column is added without somebody saying what may stand in it. Knows names only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kept(StrEnum):
    """How a column's value is kept."""

    CLEAR = "in the clear: says nothing about anybody"
    MARK = "in the clear: the bank's own mark, not to be made of personal data"
    NUMBER = "in the clear, until the customer is erased"
    CUSTOMER = "sealed under the customer's own key"
    WRAPPED = "the customer's own key, wrapped under a data key; emptied by erasure"
    SEALED = "sealed under a data key, with the row's identity"
    OUTCOME = "sealed under the day's outcome key, with the entry's identity"
    KEYED = "keyed digest, by a key that is not in the database in the clear"
    WRAPPED_KEY = "key, sealed under its parent key"
    LOG = "the log's own: hashes, signatures, public keys"
    DIGEST = "digest of a whole file"


_C, _M = Kept.CLEAR, Kept.MARK

COLUMNS: Final[dict[str, Kept]] = {
    "installation.installation_id": _C,
    "installation.master_check": Kept.KEYED,
    "installation.master_salt": _C,
    "installation.checkpoint_public_key": Kept.LOG,
    **dict.fromkeys(
        (
            "key_record.purpose",
            "key_record.state",
            "key_record.level",
            "key_record.owner",
            "key_record.name",
            "key_record.algorithm",
        ),
        _C,
    ),
    "key_record.sealed": Kept.WRAPPED_KEY,
    "key_record.check_value": Kept.KEYED,
    "rewrap.part": _C,
    "rewrap.position": _M,
    "channel.name": _M,
    "channel.institution": _C,
    "channel.state": _C,
    "channel.charset": _C,
    "channel.addresses": _C,
    "channel_key.state": _C,
    "channel_key.sealed": Kept.SEALED,
    "channel_key.check_value": Kept.KEYED,
    "token_type.name": _C,
    "token_type.parameters": _C,
    "flow_policy.institution": _C,
    "flow_policy.name": _C,
    "flow_policy.expression": _C,
    "password_policy.name": _C,
    "password_policy.parameters": _C,
    "account.institution": _C,
    "account.customer": Kept.NUMBER,
    "account.data_key": Kept.WRAPPED,
    "account.personal": Kept.CUSTOMER,
    "token.institution": _C,
    "token.serial": _M,
    "token.type_name": _C,
    "token.overrides": _C,
    "token.issuer": _M,
    "token.seed": Kept.SEALED,
    "token_state.extra": Kept.SEALED,
    "credential.slot": _M,
    "credential.sealed": Kept.SEALED,
    "credential.tag": Kept.KEYED,
    "challenge.id": _C,
    "challenge.sealed": Kept.SEALED,
    "message.id": _C,
    "message.purpose": _C,
    "message.gateway": _C,
    "message.gateway_id": _C,
    "message.reason": _C,
    "message.sealed": Kept.SEALED,
    "send_count.digest": Kept.KEYED,
    "import_job.institution": _C,
    "import_job.file": _M,
    "import_job.sha256": Kept.DIGEST,
    "import_job.orders": _M,
    "import_job.operator": _M,
    "import_job.report": _M,
    "import_chunk.first": _M,
    "import_chunk.last": _M,
    "import_chunk.sha256": Kept.DIGEST,
    "import_token.serial": _M,
    "import_token.type_name": _C,
    "import_token.overrides": _C,
    "import_token.issuer": _M,
    "import_token.seed": Kept.SEALED,
    "entry.reference": _M,
    "entry.digest": Kept.KEYED,
    "entry.outcome": Kept.OUTCOME,
    "entry.personal": Kept.CUSTOMER,
    "entry.leaf": Kept.LOG,
    "shard_head.frontier": Kept.LOG,
    "shard_head.root": Kept.LOG,
    "shard_head.mac": Kept.KEYED,
    "checkpoint.note": Kept.LOG,
    "checkpoint_key.public_key": Kept.LOG,
    "checkpoint_key.place": _C,
    "checkpoint_key.note": Kept.LOG,
    "audit_round.record": Kept.LOG,
    "audit_round.note": Kept.LOG,
    "archive.state": _C,
    "archive.file": _C,
    "archive.sha256": Kept.DIGEST,
    "archive.manifest": Kept.LOG,
    "archive_shard.frontier": Kept.LOG,
    "archive_leaves.leaves": Kept.LOG,
    "entry_operator.operator": _M,
    "dual_control.verb": _C,
    "dual_control.requester": _C,
    "dual_control.approver": _C,
    "approval.verb": _C,
    "approval.subject": _M,
    "approval.state": _C,
    "approval.requested_by": _M,
    "approval.requested_os": _M,
    "approval.decided_by": _M,
    "approval.decided_os": _M,
    "approval.sealed": Kept.SEALED,
}


def kept(table: str, column: str) -> Kept | None:
    """How a column is kept, None where nobody has said; a month's part of the log is the log."""
    name = "entry" if table.startswith("entry_2") else table
    return COLUMNS.get(f"{name}.{column}")
