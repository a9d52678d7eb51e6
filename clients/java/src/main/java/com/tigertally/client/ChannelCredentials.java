package com.tigertally.client;

import com.tigertally.client.crypto.BadKeyException;
import com.tigertally.client.crypto.FieldCipher;
import com.tigertally.client.crypto.Octets;
import com.tigertally.client.crypto.Suite;
import com.tigertally.client.wire.Terms;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who this system is, its channel master key, its servers: the file that {@code tigertally channel add --key-out FILE} wrote.
 *
 * <p>Refused when others than its owner may read it, when a member is unknown or missing, and when the key's check value differs
 * from the one beside it: a mistyped key would otherwise show only as a refused sign-on. Printing one shows nothing of the key.
 */
public final class ChannelCredentials {
    private static final int SIZE_MAX = 65536;
    private static final Set<PosixFilePermission> OWN = Collections.unmodifiableSet(new HashSet<>(Arrays.asList(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE)));
    private static final List<String> MEMBERS = Arrays.asList(
            "format", "channel", "name", "institution", "suite", "field_cipher", "charset", "key_version",
            "master_key_hex", "check_value", "servers");

    private final Terms terms;
    private final int channel;
    private final String name;
    private final String institution;
    private final List<ServerAddress> servers;

    private ChannelCredentials(
            Terms terms, int channel, String name, String institution, List<ServerAddress> servers) {
        this.terms = terms;
        this.channel = channel;
        this.name = name;
        this.institution = institution;
        this.servers = Collections.unmodifiableList(servers);
    }

    /**
     * Reads and checks the file.
     *
     * @throws CredentialsException missing, readable by others, damaged, or of another format
     */
    public static ChannelCredentials load(Path file) {
        byte[] data;
        try {
            if (!Files.isRegularFile(file)) {
                throw new NoSuchFileException(file.toString());
            }
            checkGuard(file);
            if (Files.size(file) > SIZE_MAX) {
                throw new CredentialsException(file + " is too long for credentials");
            }
            data = Files.readAllBytes(file);
        } catch (NoSuchFileException problem) {
            throw new CredentialsException(
                    "no credentials at " + file + "; make them with: tigertally channel add --key-out " + file);
        } catch (IOException problem) {
            throw new CredentialsException("cannot read " + file);
        }
        try {
            return parse(new String(data, StandardCharsets.UTF_8), file.toString());
        } finally {
            Octets.wipe(data);
        }
    }

    private static void checkGuard(Path file) throws IOException {
        try {
            if (!OWN.containsAll(Files.getPosixFilePermissions(file))) {
                throw new CredentialsException(file + " is open to other users; run: chmod 600 " + file);
            }
        } catch (UnsupportedOperationException windows) {
            return; // there the folder's rights must guard it
        }
    }

    /**
     * The same from text.
     *
     * @param origin names it in errors
     */
    public static ChannelCredentials parse(String text, String origin) {
        Object parsed;
        try {
            parsed = Json.parse(text);
        } catch (IllegalArgumentException problem) {
            throw new CredentialsException(origin + " is not JSON, or is damaged");
        }
        if (!(parsed instanceof Map)) {
            throw new CredentialsException(origin + " is not a JSON object");
        }
        Members members = new Members((Map<?, ?>) parsed, origin);
        long format = members.number("format");
        if (format != 1) {
            throw new CredentialsException(origin + " has format " + format + "; this client reads 1");
        }
        members.onlyThese(MEMBERS);
        return new ChannelCredentials(
                terms(members, origin),
                (int) members.number("channel"),
                members.text("name"),
                members.text("institution"),
                members.servers());
    }

    private static Terms terms(Members members, String origin) {
        Suite suite = members.named(Suite.class, "suite");
        FieldCipher cipher = members.named(FieldCipher.class, "field_cipher");
        Charset charset = charset(members.text("charset"), origin);
        byte[] key = members.key("master_key_hex", suite.masterKeyBytes());
        try {
            String check = Octets.hex(suite.masterKeyCheckValue(key));
            if (!check.equalsIgnoreCase(members.text("check_value"))) {
                throw new CredentialsException(origin + ": the master key's check value is " + check
                        + ", not the one in the file; the key was altered or mistyped");
            }
            int version = (int) members.number("key_version");
            return new Terms((int) members.number("channel"), suite, cipher, charset, key, version);
        } catch (BadKeyException | IllegalArgumentException problem) {
            throw new CredentialsException(origin + ": " + problem.getMessage());
        } finally {
            Octets.wipe(key);
        }
    }

    private static Charset charset(String name, String origin) {
        switch (name) {
            case "utf-8":
                return StandardCharsets.UTF_8;
            case "gb18030":
                return Charset.forName("GB18030");
            default:
                throw new CredentialsException(origin + ": charset must be one of utf-8, gb18030");
        }
    }

    /** The file's members, checked as they are taken. */
    private static final class Members {
        private final Map<?, ?> map;
        private final String origin;

        Members(Map<?, ?> map, String origin) {
            this.map = map;
            this.origin = origin;
        }

        CredentialsException bad(String rule) {
            return new CredentialsException(origin + ": " + rule);
        }

        void onlyThese(List<String> known) {
            for (Object name : map.keySet()) {
                if (!known.contains(name)) {
                    throw bad("unknown member " + name);
                }
            }
        }

        String text(String name) {
            if (!(map.get(name) instanceof String)) {
                throw bad(name + " must be a text");
            }
            return (String) map.get(name);
        }

        long number(String name) {
            Object value = map.get(name);
            if (!(value instanceof Long) || (Long) value < 0 || (Long) value > 0xffffffffL) {
                throw bad(name + " must be a number");
            }
            return (Long) value;
        }

        <E extends Enum<E>> E named(Class<E> kind, String name) {
            try {
                return Enum.valueOf(kind, text(name));
            } catch (IllegalArgumentException problem) {
                throw bad(name + " must be one of " + Arrays.toString(kind.getEnumConstants()));
            }
        }

        byte[] key(String name, int length) {
            byte[] key;
            try {
                key = Octets.fromHex(text(name));
            } catch (IllegalArgumentException problem) {
                key = new byte[0];
            }
            if (key.length != length) {
                throw bad(name + " must be " + 2 * length + " hexadecimal digits");
            }
            return key;
        }

        List<ServerAddress> servers() {
            List<ServerAddress> servers = new ArrayList<>();
            if (!(map.get("servers") instanceof List) || ((List<?>) map.get("servers")).isEmpty()) {
                throw bad("servers must be a list and not empty");
            }
            for (Object server : (List<?>) map.get("servers")) {
                try {
                    servers.add(ServerAddress.parse(String.valueOf(server)));
                } catch (IllegalArgumentException problem) {
                    throw bad(problem.getMessage());
                }
            }
            return servers;
        }
    }

    Terms terms() {
        return terms;
    }

    /** Channel number. */
    public int channel() {
        return channel;
    }

    /** Channel name, for people. */
    public String name() {
        return name;
    }

    /** Meant when a request names no institution. */
    public String institution() {
        return institution;
    }

    /** The servers, at least one. */
    public List<ServerAddress> servers() {
        return servers;
    }

    /** Of text fields. */
    public Charset charset() {
        return terms.charset();
    }

    @Override
    public String toString() {
        return "credentials of channel " + channel + " (" + name + ")";
    }
}
