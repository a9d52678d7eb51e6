package com.tigertally.client.wire;

import com.tigertally.client.Secret;
import com.tigertally.client.crypto.Octets;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The layout of a body: its fields in order, each at a fixed place, and the way between bytes and values.
 *
 * <p>Values are {@code String} for text, {@link Secret} for secret text, {@code byte[]} for octets, {@code Long} for numbers and
 * null for zeros. A bad field is told by its name, never by what stands in it. Immutable.
 */
public final class Layout {
    private static final byte BLANK = ' ';

    private final String name;
    private final Field[] fields;
    private final int size;
    private final int secretOffset;
    private final int secretWidth;

    private Layout(String name, Field[] fields) {
        this.name = name;
        this.fields = fields;
        int at = 0;
        int from = -1;
        int to = -1;
        for (Field field : fields) {
            at += field.width;
            if (field.secret && from < 0) {
                from = field.offset;
            }
            if (field.kind == FieldKind.SEAL) {
                to = field.offset;
            }
        }
        size = at;
        secretOffset = to < 0 ? -1 : from;
        secretWidth = to < 0 ? 0 : to - from;
    }

    /**
     * A layout from its lines: name, kind, width, and {@code secret} or {@code =initial} where that is so.
     *
     * @param name of the message
     */
    public static Layout of(String name, String... lines) {
        List<Field> fields = new ArrayList<>();
        int offset = 0;
        for (String line : lines) {
            String[] words = line.split(" ");
            FieldKind kind = FieldKind.valueOf(words[1].toUpperCase(Locale.ROOT));
            int width = Integer.parseInt(words[2]);
            boolean secret = kind == FieldKind.PAD;
            long initial = 0;
            for (int i = 3; i < words.length; i++) {
                if (words[i].startsWith("=")) {
                    initial = Long.parseLong(words[i].substring(1));
                } else {
                    secret = true;
                }
            }
            fields.add(new Field(words[0], kind, offset, width, secret, initial));
            offset += width;
        }
        return new Layout(name, fields.toArray(new Field[0]));
    }

    /** Name of the message. */
    public String name() {
        return name;
    }

    /** Bytes of the body. */
    public int size() {
        return size;
    }

    /** How many fields there are, zeros included. */
    public int fieldCount() {
        return fields.length;
    }

    /** The field at this place. */
    public Field field(int index) {
        return fields[index];
    }

    /** Where the secret block begins in the body; -1 without one. */
    public int secretOffset() {
        return secretOffset;
    }

    /** Bytes of the secret block; its 32-byte trailer follows it and ends the body. */
    public int secretWidth() {
        return secretWidth;
    }

    /** The place of the field with this name; -1 if there is none. */
    public int indexOf(String field) {
        for (int i = 0; i < fields.length; i++) {
            if (fields[i].name.equals(field)) {
                return i;
            }
        }
        return -1;
    }

    /** Values of a message in which nothing is set. */
    public Object[] blank() {
        Object[] values = new Object[fields.length];
        for (int i = 0; i < fields.length; i++) {
            Field field = fields[i];
            if (field.kind.isNumber()) {
                values[i] = field.initial;
            } else if (field.kind.isText()) {
                values[i] = field.secret ? (Object) Secret.of("") : "";
            } else if (field.kind == FieldKind.OCTETS) {
                values[i] = new byte[field.width];
            }
        }
        return values;
    }

    /** The values in words, secrets hidden, what says nothing left out. */
    public String describe(Object[] values) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < fields.length; i++) {
            Field field = fields[i];
            if (field.kind.isZero() || "".equals(values[i])) {
                continue;
            }
            Object shown = field.secret ? "«secret»" : values[i];
            if (shown instanceof byte[]) {
                shown = Octets.hex((byte[]) shown);
            }
            text.append(text.length() > 1 ? ", " : "").append(field.name).append('=').append(shown);
        }
        return text.append('}').toString();
    }

    // ---------------------------------------------------------------- to bytes

    /**
     * Writes a body, unsealed.
     *
     * @param at where it begins in {@code out}, which holds zeros there
     * @return null, or the name of the field whose value doesn't fit
     */
    public String encode(Object[] values, Charset charset, byte[] out, int at) {
        for (int i = 0; i < fields.length; i++) {
            Field field = fields[i];
            if (!field.kind.isZero() && !write(field, values[i], charset, out, at + field.offset)) {
                return field.name;
            }
        }
        return null;
    }

    private static boolean write(Field field, Object value, Charset charset, byte[] out, int at) {
        if (field.kind.isNumber()) {
            return writeNumber((Long) value, field.width, out, at);
        }
        if (field.kind == FieldKind.OCTETS) {
            byte[] octets = (byte[]) value;
            if (octets.length != field.width) {
                return false;
            }
            System.arraycopy(octets, 0, out, at, octets.length);
            return true;
        }
        String text = field.secret ? ((Secret) value).reveal() : (String) value;
        if (field.kind == FieldKind.TEXT) {
            return writeText(text, charset, field.width, out, at);
        }
        return writeAscii(text, field.kind == FieldKind.DIGITS, field.width, out, at);
    }

    private static boolean writeNumber(long number, int width, byte[] out, int at) {
        if (width < 8 && (number < 0 || number >>> 8 * width != 0)) {
            return false;
        }
        for (int i = 0; i < width; i++) {
            out[at + i] = (byte) (number >>> 8 * (width - 1 - i));
        }
        return true;
    }

    private static boolean writeAscii(String text, boolean digits, int width, byte[] out, int at) {
        if (text.length() > width) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (digits ? c < '0' || c > '9' : c < '!' || c > '~') {
                return false;
            }
            out[at + i] = (byte) c;
        }
        Arrays.fill(out, at + text.length(), at + width, BLANK);
        return true;
    }

    private static boolean writeText(String text, Charset charset, int width, byte[] out, int at) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        String trimmed = text.substring(0, end);
        if (hasControls(trimmed)) {
            return false;
        }
        ByteBuffer raw;
        try {
            raw = charset.newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(trimmed));
        } catch (CharacterCodingException problem) {
            return false;
        }
        int length = raw.remaining();
        if (length > width) {
            return false; // never cut: half a character is a bad field
        }
        raw.get(out, at, length);
        Arrays.fill(out, at + length, at + width, BLANK);
        return true;
    }

    private static boolean hasControls(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    // ---------------------------------------------------------------- from bytes

    /**
     * Reads an unsealed body.
     *
     * @param at where it begins in {@code data}
     * @throws BadFieldException a field holds what its kind doesn't allow
     */
    public Object[] decode(byte[] data, int at, Charset charset) throws BadFieldException {
        Object[] values = new Object[fields.length];
        for (int i = 0; i < fields.length; i++) {
            values[i] = read(fields[i], data, at + fields[i].offset, charset);
        }
        return values;
    }

    private static Object read(Field field, byte[] data, int at, Charset charset) throws BadFieldException {
        if (field.kind.isNumber()) {
            long number = 0;
            for (int i = 0; i < field.width; i++) {
                number = number << 8 | data[at + i] & 0xff;
            }
            return number;
        }
        if (field.kind == FieldKind.OCTETS) {
            return Arrays.copyOfRange(data, at, at + field.width);
        }
        if (field.kind.isZero()) {
            if (!Octets.zero(data, at, field.width)) {
                throw new BadFieldException(field.name);
            }
            return null;
        }
        String text =
                field.kind == FieldKind.TEXT ? readText(field, data, at, charset) : readAscii(field, data, at);
        return field.secret ? (Object) Secret.of(text) : text;
    }

    private static int unpadded(byte[] data, int at, int width) {
        int end = at + width;
        while (end > at && data[end - 1] == BLANK) {
            end--;
        }
        return end - at;
    }

    private static String readAscii(Field field, byte[] data, int at) throws BadFieldException {
        int length = unpadded(data, at, field.width);
        boolean digits = field.kind == FieldKind.DIGITS;
        for (int i = at; i < at + length; i++) {
            if (digits ? data[i] < '0' || data[i] > '9' : data[i] < '!' || data[i] > '~') {
                throw new BadFieldException(field.name);
            }
        }
        return new String(data, at, length, StandardCharsets.US_ASCII);
    }

    private static String readText(Field field, byte[] data, int at, Charset charset) throws BadFieldException {
        try {
            // To the field's last byte: in GB18030 a blank may be half of nothing, but never half of a character.
            String text = charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(data, at, field.width))
                    .toString();
            int end = text.length();
            while (end > 0 && text.charAt(end - 1) == ' ') {
                end--;
            }
            text = text.substring(0, end);
            if (hasControls(text)) {
                throw new BadFieldException(field.name);
            }
            return text;
        } catch (CharacterCodingException problem) {
            throw new BadFieldException(field.name);
        }
    }
}
