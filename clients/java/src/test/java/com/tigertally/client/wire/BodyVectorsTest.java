package com.tigertally.client.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tigertally.client.Blocks;
import com.tigertally.client.Blocks.Block;
import com.tigertally.client.Secret;
import com.tigertally.client.crypto.Octets;
import com.tigertally.client.messages.Transaction;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Hex ↔ fields ↔ errors, by the vectors that Python and C run, too. */
class BodyVectorsTest {
    private static final List<Block> GOOD = Blocks.read("bodies.txt");
    private static final List<Block> BAD = Blocks.read("bad_bodies.txt");

    static Layout layout(String type) {
        String[] words = type.split(" ");
        int kind = Arrays.asList("request", "response", "notify").indexOf(words[1]) + 1;
        return Layouts.of(Transaction.valueOf(words[0]).number(), kind, Integer.parseInt(words[2]));
    }

    static Object[] values(Layout layout, Map<String, String> fields, Charset charset) {
        Object[] values = layout.blank();
        fields.forEach((name, text) -> {
            int at = layout.indexOf(name);
            assertTrue(at >= 0, name);
            values[at] = value(layout.field(at), text, charset);
        });
        return values;
    }

    private static Object value(Field field, String text, Charset charset) {
        if (field.kind().isNumber()) {
            return Long.parseUnsignedLong(text);
        }
        if (field.kind() == FieldKind.OCTETS) {
            return Octets.fromHex(text);
        }
        String plain = field.kind() == FieldKind.TEXT ? new String(Octets.fromHex(text), charset) : text;
        return field.secret() ? (Object) Secret.of(plain) : plain;
    }

    @Test
    void everyBodyBothWays() throws Exception {
        for (Block block : GOOD) {
            Layout layout = layout(block.get("type"));
            Charset charset = Charset.forName(block.get("charset"));
            Object[] values = values(layout, block.fields(), charset);
            byte[] body = new byte[layout.size()];
            assertNull(layout.encode(values, charset, body, 0), block.get("type"));
            assertEquals(block.get("hex"), Octets.hex(body), block.get("type"));
            assertTrue(Arrays.deepEquals(values, layout.decode(body, 0, charset)), block.get("type"));
        }
        assertTrue(GOOD.size() > 200, "vectors are there");
    }

    private static Block like(Block bad) {
        return GOOD.stream()
                .filter(good -> good.get("type").equals(bad.get("type"))
                        && good.get("charset").equals(bad.get("charset")))
                .findFirst()
                .get();
    }

    @Test
    void badBodiesAreRefusedByName() {
        int seen = 0;
        for (Block bad : BAD) {
            if (!bad.kind.equals("unreadable")) {
                continue;
            }
            Block good = like(bad);
            byte[] body = Octets.fromHex(good.get("hex"));
            byte[] put = Octets.fromHex(bad.get("put"));
            System.arraycopy(put, 0, body, bad.number("at"), put.length);
            Layout layout = layout(bad.get("type"));
            Charset charset = Charset.forName(bad.get("charset"));
            BadFieldException problem =
                    assertThrows(BadFieldException.class, () -> layout.decode(body, 0, charset), bad.get("put"));
            String told = problem.getMessage().replace("bad field: ", "");
            if (!told.equals("-")) { // zeros have no names here
                assertEquals(bad.get("bad"), told);
            }
            seen++;
        }
        assertTrue(seen > 10);
    }

    @Test
    void valuesThatDontFitAreRefusedByName() {
        int seen = 0;
        for (Block bad : BAD) {
            if (!bad.kind.equals("unwritable")) {
                continue;
            }
            Layout layout = layout(bad.get("type"));
            Charset charset = Charset.forName(bad.get("charset"));
            Object[] values = values(layout, like(bad).fields(), charset);
            int at = layout.indexOf(bad.get("field"));
            Field field = layout.field(at);
            String text = bad.get("value");
            if (field.kind().isNumber()) {
                values[at] = Long.parseLong(text);
            } else if (field.kind() == FieldKind.OCTETS) {
                values[at] = Octets.fromHex(text);
            } else {
                String plain = new String(Octets.fromHex(text), StandardCharsets.UTF_8);
                values[at] = field.secret() ? (Object) Secret.of(plain) : plain;
            }
            assertEquals(bad.get("bad"), layout.encode(values, charset, new byte[layout.size()], 0));
            seen++;
        }
        assertTrue(seen > 10);
    }

    @Test
    void secretsAreNotPrinted() {
        for (Block block : GOOD) {
            Layout layout = layout(block.get("type"));
            Charset charset = Charset.forName(block.get("charset"));
            Object[] values = values(layout, block.fields(), charset);
            for (int i = 0; i < layout.fieldCount(); i++) {
                if (layout.field(i).secret() && values[i] instanceof Secret) {
                    values[i] = Secret.of("Zq7planted");
                }
            }
            assertFalse(layout.describe(values).contains("planted"), block.get("type"));
        }
    }
}
