package com.tigertally.client.wire;

import com.tigertally.client.crypto.BadKeyException;
import com.tigertally.client.crypto.FieldCipher;
import com.tigertally.client.crypto.Suite;
import java.nio.charset.Charset;

/** Who a client is: channel, algorithms, master key. Printing one shows nothing of the key. */
public final class Terms {
    final int channel;
    final Suite suite;
    final FieldCipher fieldCipher;
    final Charset charset;
    final byte[] masterKey;
    final int keyVersion;

    /**
     * @param charset of Text fields: UTF-8 or GB18030
     * @param masterKey of this suite's length
     * @param keyVersion of the master key
     * @throws BadKeyException an unfit master key
     * @throws IllegalArgumentException a combination that no channel can have
     */
    public Terms(int channel, Suite suite, FieldCipher fieldCipher, Charset charset, byte[] masterKey, int keyVersion)
            throws BadKeyException {
        if (!suite.fieldCiphers().contains(fieldCipher)) {
            throw new IllegalArgumentException(fieldCipher + " doesn't go with " + suite);
        }
        suite.checkMasterKey(masterKey);
        this.channel = channel;
        this.suite = suite;
        this.fieldCipher = fieldCipher;
        this.charset = charset;
        this.masterKey = masterKey.clone();
        this.keyVersion = keyVersion;
    }

    /** Of Text fields. */
    public Charset charset() {
        return charset;
    }

    @Override
    public String toString() {
        return "channel " + channel + ", " + suite + ", " + fieldCipher;
    }
}
