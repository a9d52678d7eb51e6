package com.tigertally.client.wire;

import com.tigertally.client.crypto.BadKeyException;
import com.tigertally.client.crypto.FieldCipher;
import com.tigertally.client.crypto.FieldKey;
import com.tigertally.client.crypto.MacKey;
import com.tigertally.client.crypto.WorkingKeys;

/** Working keys of one generation, ready for use on the client's side. */
final class Generation {
    final int number;
    final MacKey send;
    final MacKey receive;
    final FieldKey seal;
    final FieldKey open;

    Generation(int number, Terms terms, WorkingKeys keys) throws BadKeyException {
        this.number = number;
        send = terms.suite.macKey(keys.macRequest());
        receive = terms.suite.macKey(keys.macResponse());
        boolean seals = terms.fieldCipher != FieldCipher.NONE;
        seal = seals ? new FieldKey(terms.fieldCipher, keys.fieldRequest()) : null;
        open = seals ? new FieldKey(terms.fieldCipher, keys.fieldResponse()) : null;
    }
}
