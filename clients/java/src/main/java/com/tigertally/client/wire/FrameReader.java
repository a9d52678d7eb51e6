package com.tigertally.client.wire;

import com.tigertally.client.crypto.MacKey;
import com.tigertally.client.messages.ResponseCode;
import java.util.Arrays;

/**
 * Cuts a stream into frames. The size of a frame comes from its message's layout, never from the peer.
 *
 * <p>Whatever bytes come, in whatever pieces, the result is frames or one error, the same for every way of cutting; after the
 * error nothing more comes. At most one unfinished frame is kept beyond what was fed. Not thread-safe.
 */
public final class FrameReader {
    private static final int AROUND = Header.BYTES + MacKey.MAC_BYTES;

    private final int kinds;
    private byte[] buffer = new byte[4096];
    private int start;
    private int end;
    private Header pending;
    private Layout pendingLayout;
    private ProtocolException broken;

    /** @param kinds the kinds of frame that are taken here; others are errors */
    public FrameReader(int... kinds) {
        int mask = 0;
        for (int kind : kinds) {
            mask |= 1 << kind;
        }
        this.kinds = mask;
    }

    /** Stores what was read. */
    public void feed(byte[] data, int offset, int length) {
        if (broken != null) {
            return;
        }
        if (end + length > buffer.length) {
            byte[] target = buffer;
            int kept = end - start;
            if (kept + length > buffer.length) {
                target = new byte[Math.max(2 * buffer.length, kept + length)];
            }
            System.arraycopy(buffer, start, target, 0, kept);
            buffer = target;
            start = 0;
            end = kept;
        }
        System.arraycopy(data, offset, buffer, end, length);
        end += length;
    }

    /** Whether a frame has begun and not ended. */
    public boolean unfinished() {
        return end > start;
    }

    /**
     * The next whole frame, or null until more is fed.
     *
     * @throws ProtocolException the stream can't be read on; the same again at every later call
     */
    public Frame next() throws ProtocolException {
        if (broken != null) {
            throw broken;
        }
        try {
            return cut();
        } catch (ProtocolException problem) {
            broken = problem;
            Arrays.fill(buffer, (byte) 0);
            start = 0;
            end = 0;
            throw problem;
        }
    }

    private Frame cut() throws ProtocolException {
        if (pending == null) {
            if (end - start < Header.BYTES) {
                checkMagic(Math.min(2, end - start)); // a stranger may never send 64 bytes
                return null;
            }
            readHeader();
        }
        int total = pending.totalLength;
        if (end - start < total) {
            return null;
        }
        byte[] raw = Arrays.copyOfRange(buffer, start, start + total);
        Frame frame = new Frame(pending, pendingLayout, raw);
        start += total;
        if (start == end) {
            start = 0;
            end = 0;
        }
        pending = null;
        pendingLayout = null;
        return frame;
    }

    private void checkMagic(int count) throws ProtocolException {
        for (int i = 0; i < count; i++) {
            if (buffer[start + i] != (byte) (Header.MAGIC >>> 8 * (1 - i))) {
                throw new ProtocolException(ResponseCode.BAD_MAGIC);
            }
        }
    }

    private void readHeader() throws ProtocolException {
        checkMagic(2);
        if (buffer[start + 2] != Header.VERSION) {
            throw new ProtocolException(ResponseCode.BAD_VERSION);
        }
        if (buffer[start + 3] != Header.BYTES) {
            throw new ProtocolException(ResponseCode.BAD_HEADER);
        }
        Header header = Header.read(buffer, start);
        if ((header.flags & ~(Header.SEALED | Header.RETRY)) != 0
                || header.kind > 30
                || (kinds >>> header.kind & 1) == 0) {
            throw new ProtocolException(ResponseCode.BAD_HEADER);
        }
        if (header.kind == Header.REJECT) {
            if (header.totalLength != AROUND) {
                throw new ProtocolException(ResponseCode.BAD_LENGTH);
            }
        } else {
            pendingLayout = layoutOf(header);
        }
        pending = header;
    }

    private static Layout layoutOf(Header header) throws ProtocolException {
        Layout layout = Layouts.of(header.transaction, header.kind, header.schema);
        if (layout == null) {
            boolean known = Layouts.of(header.transaction, header.kind, 1) != null;
            throw new ProtocolException(known ? ResponseCode.UNKNOWN_SCHEMA : ResponseCode.UNKNOWN_TRANSACTION);
        }
        if (header.totalLength != layout.size() + AROUND) {
            throw new ProtocolException(ResponseCode.BAD_LENGTH);
        }
        boolean flagsFit = (layout.secretOffset() >= 0 || (header.flags & Header.SEALED) == 0)
                && (header.kind == Header.REQUEST || (header.flags & Header.RETRY) == 0);
        if (!flagsFit || header.kind != Header.RESPONSE && header.returnCode != 0) {
            throw new ProtocolException(ResponseCode.BAD_HEADER);
        }
        return layout;
    }
}
