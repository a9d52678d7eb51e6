package com.tigertally.client;

/** Where the audit log holds the entry of an answer; the server's {@code audit prove} takes it. */
public final class EntryRef {
    private final int shard;
    private final long seq;

    EntryRef(int shard, long seq) {
        this.shard = shard;
        this.seq = seq;
    }

    /** Part of the log. */
    public int shard() {
        return shard;
    }

    /** Position in it. */
    public long seq() {
        return seq;
    }

    @Override
    public String toString() {
        return shard + "/" + seq;
    }
}
