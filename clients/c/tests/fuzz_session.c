/*
 * A fuzzer's way into reader and session: the input is what the server sends, after a first octet that
 * chooses the suite. With clang: a libFuzzer program. With any compiler: reads files, for AFL and to run a
 * corpus again.   make fuzz   make fuzz-corpus
 */
#include "../src/internal.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nonce[16] = {1, 2, 3};
    tt_credentials own;
    tt_session *session;
    tt_event event;
    tt_stamp stamp;
    size_t at;
    unsigned choice;
    if (size == 0)
        return 0;
    choice = data[0];
    memset(&own, 0, sizeof own);
    own.channel = 7;
    own.key_version = 1;
    own.suite = &tt_suite_rows[choice % tt_suite_row_count];
    own.cipher = &tt_cipher_rows[choice / 8 % tt_cipher_row_count];
    own.gb18030 = choice >> 7;
    own.master_key[0] = 1;
    if (tt_session_new(&session, &own, "fuzz", nonce, 0, NULL) != TT_OK)
        return 0;
    memset(&stamp, 0, sizeof stamp);
    for (at = 1; at < size;) {
        size_t part = 1 + data[at] % 128;
        part = part < size - at ? part : size - at;
        if (tt_session_feed(session, data + at, part) != TT_OK)
            abort();
        at += part;
        while (tt_session_next(session, &event)) {
            stamp.serial++;
            if (event.type == TT_EVENT_GREETED)
                (void)tt_session_sign_on(session, &stamp);
            else if (event.type == TT_EVENT_SIGNED_ON || event.type == TT_EVENT_RESPONSE)
                abort(); /* nobody could prove that without the key */
        }
    }
    tt_session_free(session);
    return 0;
}

#if !defined(FUZZER_HAS_MAIN)
int main(int count, char **arguments)
{
    static uint8_t data[1 << 20];
    int i;
    for (i = 1; i < count; i++) {
        FILE *stream = fopen(arguments[i], "rb");
        size_t size;
        if (stream == NULL)
            return 1;
        size = fread(data, 1, sizeof data, stream);
        fclose(stream);
        (void)LLVMFuzzerTestOneInput(data, size);
    }
    if (count == 1)
        (void)LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, stdin));
    return 0;
}
#endif
