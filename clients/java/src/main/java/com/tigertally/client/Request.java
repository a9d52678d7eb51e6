package com.tigertally.client;

import com.tigertally.client.messages.Transaction;
import com.tigertally.client.wire.Layout;
import java.nio.charset.Charset;
import java.util.Objects;

/**
 * Something to be asked. Subclasses, one per message, are in {@code com.tigertally.client.messages}. Not thread-safe; printing
 * one shows no secret.
 *
 * @param <R> what it is answered with
 */
public abstract class Request<R extends Response> {
    private static final String INSTITUTION = "institution";

    private final Transaction transaction;
    private final Layout layout;
    private final Object[] values;

    /**
     * For the generated subclasses.
     *
     * @param transaction what is asked
     * @param layout of the body
     */
    protected Request(Transaction transaction, Layout layout) {
        this.transaction = transaction;
        this.layout = layout;
        this.values = layout.blank();
    }

    /** What is asked. */
    public final Transaction transaction() {
        return transaction;
    }

    /**
     * Sets a field.
     *
     * @param index its place in the layout
     * @param value of the field's class
     */
    protected final void set(int index, Object value) {
        values[index] = Objects.requireNonNull(value, () -> layout.field(index).name() + " is null");
    }

    /** The answer's record. */
    protected abstract R response(Object[] values, Receipt receipt);

    /** The unsealed body. Throws {@link InvalidFieldException}. */
    final byte[] body(Charset charset, String institution) {
        Object[] filled = values.clone();
        int at = layout.indexOf(INSTITUTION);
        if (at >= 0 && "".equals(filled[at])) {
            filled[at] = institution;
        }
        byte[] body = new byte[layout.size()];
        String bad = layout.encode(filled, charset, body, 0);
        if (bad != null) {
            throw new InvalidFieldException(bad);
        }
        return body;
    }

    @Override
    public final String toString() {
        return transaction + " " + layout.describe(values);
    }
}
