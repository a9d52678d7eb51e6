package com.tigertally.client.wire;

/** One field of a layout. */
public final class Field {
    final String name;
    final FieldKind kind;
    final int offset;
    final int width;
    final boolean secret;
    final long initial;

    Field(String name, FieldKind kind, int offset, int width, boolean secret, long initial) {
        this.name = name;
        this.kind = kind;
        this.offset = offset;
        this.width = width;
        this.secret = secret;
        this.initial = initial;
    }

    /** As in {@code docs/PROTOCOL.md}; {@code -} for zeros. */
    public String name() {
        return name;
    }

    /** How it is written. */
    public FieldKind kind() {
        return kind;
    }

    /** From the body's beginning, in bytes. */
    public int offset() {
        return offset;
    }

    /** In bytes. */
    public int width() {
        return width;
    }

    /** Whether it stands in the secret block. */
    public boolean secret() {
        return secret;
    }

    /** Of a number: what stands there when nobody sets it. */
    public long initial() {
        return initial;
    }
}
