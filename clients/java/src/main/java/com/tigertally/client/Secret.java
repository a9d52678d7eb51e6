package com.tigertally.client;

import java.util.Objects;

/**
 * Text that must not be seen: one-time codes, passwords, names, telephone numbers. Printing one shows {@code «secret»}; only
 * {@link #reveal()} gives the text. Not serializable on purpose.
 */
public final class Secret {
    private static final Secret EMPTY = new Secret("");

    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /** Hides {@code text}. */
    public static Secret of(String text) {
        return text.isEmpty() ? EMPTY : new Secret(Objects.requireNonNull(text));
    }

    /** The text itself. Don't log it. */
    public String reveal() {
        return text;
    }

    /** Whether there is nothing in it. */
    public boolean isEmpty() {
        return text.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret && ((Secret) other).text.equals(text);
    }

    @Override
    public int hashCode() {
        return Secret.class.hashCode(); // says nothing about the text
    }

    @Override
    public String toString() {
        return "«secret»";
    }
}
