package com.tigertally.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The line format of the vector files; see {@code tests/vectors/client/README.md}. */
public final class Blocks {
    /** One vector: its kind, and its lines in order. */
    public static final class Block {
        public final String kind;
        public final List<String[]> lines = new ArrayList<>();

        Block(String kind) {
            this.kind = kind;
        }

        public String get(String name) {
            for (String[] line : lines) {
                if (line[0].equals(name)) {
                    return line[1];
                }
            }
            throw new AssertionError("no " + name);
        }

        public int number(String name) {
            return Integer.parseInt(get(name));
        }

        public Map<String, String> fields() {
            Map<String, String> fields = new LinkedHashMap<>();
            for (String[] line : lines) {
                if (line[0].startsWith("field ")) {
                    fields.put(line[0].substring(6), line[1]);
                }
            }
            return fields;
        }
    }

    private Blocks() {}

    public static Path folder() {
        return Paths.get(System.getProperty("vectors", "../../tests/vectors"));
    }

    public static Object json(String file) {
        try {
            byte[] data = Files.readAllBytes(folder().resolve(file));
            return Json.parse(new String(data, StandardCharsets.UTF_8));
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    public static List<Block> read(String file) {
        List<Block> blocks = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(folder().resolve("client").resolve(file))) {
                if (line.startsWith("[")) {
                    blocks.add(new Block(line.substring(1, line.length() - 1)));
                } else if (!line.isEmpty() && !line.startsWith("#")) {
                    int at = line.indexOf(" =");
                    blocks.get(blocks.size() - 1).lines.add(
                            new String[] {line.substring(0, at), line.substring(at + 2).trim()});
                }
            }
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
        return blocks;
    }
}
