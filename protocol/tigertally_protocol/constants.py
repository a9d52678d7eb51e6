"""Numbers of the wire that belong to no single message: sizes, flags, limits.

Knows nothing of layouts or of connections. Every number here is part of the protocol; changing one
is a new protocol version.
"""

from typing import Final

MAGIC: Final = 0x5454  # "TT"
VERSION: Final = 1
HEADER_LENGTH: Final = 64
MAC_LENGTH: Final = 16
REJECT_LENGTH: Final = HEADER_LENGTH + MAC_LENGTH
SEAL_TRAILER_LENGTH: Final = 32
NONCE_LENGTH: Final = 16
SCHEMA_1: Final = 1
FIRST_BUSINESS: Final = 0x0100  # transaction codes below are the session's own

FLAG_SEALED: Final = 0x01
FLAG_RETRY: Final = 0x02
KNOWN_FLAGS: Final = FLAG_SEALED | FLAG_RETRY

MAX_SERIAL: Final = 2**63 - 1
MAX_GENERATION: Final = 2**16 - 1
FIRST_GENERATION: Final = 1

# Rejects on one connection after which it is closed.
MAX_REJECTS: Final = 8

# What a field says when it says nothing, where zero or blank would be a value.
NO_SHARD: Final = 0xFFFF
BLANK_TRIES: Final = 255
NO_CELLS: Final = 0xFFFF

# Frames under one generation of working keys before new ones are due (DESIGN §3: the birthday bound
# of the MAC's block cipher).
KEY_FRAMES_64_BIT: Final = 2**20
KEY_FRAMES_128_BIT: Final = 2**32

UTF_8: Final = "utf-8"
GB18030: Final = "gb18030"
CHARSETS: Final = (UTF_8, GB18030)
