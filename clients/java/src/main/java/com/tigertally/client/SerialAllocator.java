package com.tigertally.client;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Serial numbers: strictly rising, and unique per channel and business day across restarts with nothing kept on disk:
 * milliseconds since 1970 ‖ 10 bits that tell the processes of one channel apart ‖ 10 bits of counting. When the clock steps
 * back or 1024 serials of one millisecond are used up, counting goes on from the last.
 */
final class SerialAllocator {
    static final int INSTANCES = 1024;
    private static final int LOW_BITS = 20;
    private static final long COUNTER_MASK = 1023;

    private final LongSupplier clock;
    private final long instance;
    private final AtomicLong last = new AtomicLong();

    SerialAllocator(LongSupplier clock, int instance) {
        this.clock = clock;
        this.instance = (long) instance << 10;
    }

    long next() {
        while (true) {
            long before = last.get();
            long serial = clock.getAsLong() << LOW_BITS | instance;
            if (serial <= before) {
                serial = successor(before);
            }
            if (last.compareAndSet(before, serial)) {
                return serial;
            }
        }
    }

    private long successor(long before) {
        long millisecond = before >>> LOW_BITS;
        long first = millisecond << LOW_BITS | instance;
        if (before - first < COUNTER_MASK) {
            return before + 1;
        }
        return millisecond + 1 << LOW_BITS | instance;
    }
}
