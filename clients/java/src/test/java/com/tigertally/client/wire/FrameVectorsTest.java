package com.tigertally.client.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tigertally.client.Blocks;
import com.tigertally.client.Blocks.Block;
import com.tigertally.client.crypto.Octets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes to frames, in whatever pieces they come. */
class FrameVectorsTest {
    private static final List<Block> STREAMS = Blocks.read("frames.txt");

    private static String outcome(byte[] data, int[] cuts) {
        FrameReader reader = new FrameReader(Header.RESPONSE, Header.NOTIFY, Header.REJECT);
        int frames = 0;
        int at = 0;
        String error = "NONE";
        for (int cut : cuts) {
            reader.feed(data, at, cut - at);
            at = cut;
            try {
                while (reader.next() != null) {
                    frames++;
                }
            } catch (ProtocolException problem) {
                error = problem.code().name();
            }
        }
        return frames + " " + error;
    }

    @Test
    void streamsWholeAndByteByByte() {
        for (Block block : STREAMS) {
            byte[] data = Octets.fromHex(block.get("hex"));
            String wanted = block.get("frames") + " " + block.get("error");
            assertEquals(wanted, outcome(data, new int[] {data.length}), block.get("name"));
            int[] each = new int[data.length];
            for (int i = 0; i < each.length; i++) {
                each[i] = i + 1;
            }
            if (each.length > 0) {
                assertEquals(wanted, outcome(data, each), block.get("name"));
            }
        }
        assertTrue(STREAMS.size() > 5);
    }

    @Test
    void sameForEveryWayOfCutting() {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            byte[] data = Octets.fromHex(STREAMS.get(random.nextInt(STREAMS.size())).get("hex"));
            if (data.length == 0) {
                continue;
            }
            for (int spoilt = random.nextInt(3); spoilt > 0; spoilt--) {
                data[random.nextInt(data.length)] ^= (byte) (1 << random.nextInt(8));
            }
            int[] cuts = random.ints(5, 0, data.length + 1).sorted().toArray();
            cuts[4] = data.length;
            assertEquals(outcome(data, new int[] {data.length}), outcome(data, cuts), "round " + round);
        }
    }

    @Test
    void rememberedErrorAndNothingKept() {
        FrameReader reader = new FrameReader(Header.RESPONSE);
        reader.feed("HTTP/1.1 400".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 12);
        for (int i = 0; i < 2; i++) {
            try {
                reader.next();
                throw new AssertionError("taken");
            } catch (ProtocolException problem) {
                assertEquals("BAD_MAGIC", problem.code().name());
            }
        }
        assertFalse(reader.unfinished());
    }
}
