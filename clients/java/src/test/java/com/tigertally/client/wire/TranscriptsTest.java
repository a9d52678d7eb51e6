package com.tigertally.client.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tigertally.client.Blocks;
import com.tigertally.client.Blocks.Block;
import com.tigertally.client.crypto.FieldCipher;
import com.tigertally.client.crypto.Octets;
import com.tigertally.client.crypto.Suite;
import com.tigertally.client.messages.Transaction;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Whole conversations with fixed keys and nonces, byte for byte. */
class TranscriptsTest {
    @TestFactory
    Stream<DynamicTest> transcripts() {
        List<Block> blocks = Blocks.read("transcripts.txt");
        assertTrue(blocks.size() > 5);
        return blocks.stream().map(block ->
                DynamicTest.dynamicTest(block.get("name"), () -> new Talk(block).run()));
    }

    private static final class Talk {
        final Block block;
        final Charset charset;
        final ClientConnection conn;
        final long nowMs;
        final int day;
        final Deque<String> told = new ArrayDeque<>();
        final Deque<Map<String, String>> toldFields = new ArrayDeque<>();
        byte[] built;

        Talk(Block block) throws Exception {
            this.block = block;
            charset = Charset.forName(block.get("charset"));
            nowMs = Long.parseLong(block.get("now_ms"));
            day = block.number("business_day");
            Terms terms = new Terms(
                    block.number("channel"),
                    Suite.values()[block.number("suite") - 1],
                    FieldCipher.values()[block.number("field_cipher")],
                    charset,
                    Octets.fromHex(block.get("master_key")),
                    block.number("master_key_version"));
            conn = new ClientConnection(
                    terms, block.get("client_name"), Octets.fromHex(block.get("client_nonce")), 0);
        }

        void run() {
            List<String[]> lines = block.lines;
            for (int i = 0; i < lines.size(); i++) {
                String[] line = lines.get(i);
                switch (line[0]) {
                    case "feed":
                        settled();
                        feed(Octets.fromHex(line[1]));
                        break;
                    case "event":
                        expect(line[1], fieldsAfter(i));
                        break;
                    case "do":
                        settled();
                        built = act(line[1].split(" "), fieldsAfter(i));
                        break;
                    case "frame":
                        assertEquals(line[1], Octets.hex(built));
                        break;
                    default:
                        break;
                }
            }
            settled();
        }

        private Map<String, String> fieldsAfter(int at) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (int i = at + 1; i < block.lines.size(); i++) {
                String[] line = block.lines.get(i);
                if (!line[0].startsWith("field ")) {
                    break;
                }
                fields.put(line[0].substring(6), line[1]);
            }
            return fields;
        }

        private void settled() {
            assertTrue(told.isEmpty(), () -> "more was told: " + told);
        }

        private void feed(byte[] data) {
            conn.feed(data, 0, data.length);
            try {
                for (Event event = conn.next(); event != null; event = conn.next()) {
                    tell(event);
                }
                assertNull(conn.next());
            } catch (ProtocolException problem) {
                told.add("broken");
                toldFields.add(new LinkedHashMap<>());
            }
        }

        private void tell(Event event) throws ProtocolException {
            Header header = event.header();
            Map<String, String> fields = new LinkedHashMap<>();
            switch (event.kind()) {
                case GREETED:
                    told.add("greeted " + Long.toUnsignedString(header.sessionId()) + " " + event.values()[1]
                            + " " + event.values()[2]);
                    break;
                case SIGNED_ON:
                    Limits limits = conn.limits();
                    told.add("signed-on " + limits.inFlight() + " " + limits.heartbeatS() + " " + limits.idleS()
                            + " " + limits.keyLifeS() + " " + conn.keyGeneration());
                    break;
                case ANSWERED:
                    told.add("response " + header.serial() + " " + event.code() + " " + event.amount());
                    Layout layout = Layouts.of(header.transaction(), Header.RESPONSE, header.schema());
                    fields = fields(layout, event.values());
                    break;
                case HEARTBEAT:
                    told.add("heartbeat " + header.serial());
                    break;
                case DRAIN:
                    told.add("drain " + event.amount());
                    break;
                case KEY_CHANGE_DUE:
                    told.add("key-change-due " + event.amount());
                    break;
                case KEYS_CHANGED:
                    told.add("keys-changed " + conn.keyGeneration());
                    break;
                case SIGNED_OFF:
                    told.add("signed-off");
                    break;
                default:
                    told.add("reject " + header.serial() + " " + event.code()
                            + (event.kind() == Event.Kind.REJECTED ? " authentic" : " forged"));
            }
            toldFields.add(fields);
        }

        private Map<String, String> fields(Layout layout, Object[] values) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (int i = 0; i < layout.fieldCount(); i++) {
                Field field = layout.field(i);
                Object value = values[i];
                if (field.kind().isZero()) {
                    continue;
                }
                String text = String.valueOf(value);
                if (value instanceof com.tigertally.client.Secret) {
                    text = ((com.tigertally.client.Secret) value).reveal();
                } else if (value instanceof byte[]) {
                    text = Octets.hex((byte[]) value);
                }
                fields.put(field.name(), field.kind() == FieldKind.TEXT ? Octets.hex(text.getBytes(charset)) : text);
            }
            return fields;
        }

        private void expect(String wanted, Map<String, String> fields) {
            assertTrue(!told.isEmpty(), () -> "nothing was told, wanted " + wanted);
            assertEquals(wanted, told.poll());
            Map<String, String> got = toldFields.poll();
            if (!fields.isEmpty()) {
                assertEquals(fields, got);
            }
        }

        private byte[] act(String[] words, Map<String, String> fields) {
            int first = words[0].equals("request") ? 2 : 1;
            long serial = Long.parseLong(words[first]);
            switch (words[0]) {
                case "sign-on":
                    return conn.signOn(serial, day, nowMs);
                case "heartbeat":
                    return conn.heartbeat(serial, day, nowMs);
                case "key-change":
                    return conn.keyChange(serial, day, nowMs);
                case "sign-off":
                    return conn.signOff(serial, day, nowMs);
                default:
                    Transaction transaction = Transaction.valueOf(words[1]);
                    Layout layout = Layouts.of(transaction.number(), Header.REQUEST, 1);
                    byte[] body = new byte[layout.size()];
                    assertNull(layout.encode(BodyVectorsTest.values(layout, fields, charset), charset, body, 0));
                    int budget = Integer.parseInt(words[3]);
                    boolean retry = Arrays.asList(words).contains("retry");
                    return conn.request(transaction, layout, body, serial, day, nowMs, budget, retry);
            }
        }
    }
}
