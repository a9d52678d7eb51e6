package com.tigertally.client.wire;

/** How a field of a body is written; see {@code docs/PROTOCOL.md}, Kinds of field. */
public enum FieldKind {
    /** Unsigned number of 1 byte. */
    U8,
    /** Unsigned number of 2 bytes. */
    U16,
    /** Unsigned number of 4 bytes. */
    U32,
    /** Number of 8 bytes. */
    U64,
    /** ASCII digits, blank-padded. */
    DIGITS,
    /** Visible ASCII without inner blanks, blank-padded. */
    IDENT,
    /** Text in the channel's charset, blank-padded. */
    TEXT,
    /** Bytes as they are. */
    OCTETS,
    /** Zeros, checked. */
    RESERVED,
    /** Zeros that fill a secret block. */
    PAD,
    /** Tag or IV of the secret block. */
    SEAL;

    /** Whether it holds a number. */
    public boolean isNumber() {
        return ordinal() <= U64.ordinal();
    }

    /** Whether it holds text. */
    public boolean isText() {
        return this == DIGITS || this == IDENT || this == TEXT;
    }

    /** Whether it holds nothing but zeros. */
    public boolean isZero() {
        return ordinal() >= RESERVED.ordinal();
    }
}
