/* Every allocation fails in turn: the call that needed it says so, nothing leaks, nothing else happens.
 * (The same through a real server: tests/integration/test_c_client.py, with driver.c.) */
#include "../src/internal.h"
#include "check.h"
#include "failing.h"
#include "vectors.h"

static const char credentials_text[] =
    "{\"format\": 1, \"channel\": 7, \"name\": \"\\u738b mobile\", \"institution\": \"0001\",\n"
    " \"suite\": \"LEGACY\", \"field_cipher\": \"NONE\", \"charset\": \"gb18030\", \"key_version\": 1,\n"
    " \"master_key_hex\": \"0123456789abcdeffedcba9876543210\", \"check_value\": \"08d7b4\",\n"
    " \"servers\": [\"127.0.0.1:1\", \"[::1]:2\"]}";

static int parse_once(test_world *w)
{
    tt_hooks hooks = test_hooks(w);
    tt_credentials *made;
    char problem[128] = "";
    int status = tt_credentials_parse(&made, credentials_text, strlen(credentials_text), &hooks, problem,
                                      sizeof problem);
    CHECK((status == TT_OK) == (made != NULL));
    if (status == TT_OK) {
        CHECK(tt_credentials_channel(made) == 7);
        CHECK(strcmp(tt_credentials_server(made, 1), "[::1]:2") == 0);
        CHECK(tt_credentials_server(made, 2) == NULL);
    } else if (w->fail_at == 0) {
        fprintf(stderr, "%s\n", problem);
    }
    tt_credentials_free(made);
    return status;
}

/* Nobody listens on port 1: the call ends as certainly not executed, or for want of memory. */
static int call_once(test_world *w)
{
    tt_hooks hooks = test_hooks(w);
    tt_credentials *credentials;
    tt_client *client;
    tt_query_user_request request;
    tt_answer answer;
    char problem[128] = "";
    int status = tt_credentials_parse(&credentials, credentials_text, strlen(credentials_text), &hooks,
                                      problem, sizeof problem);
    if (status != TT_OK)
        return status;
    status = tt_client_open_with(&client, credentials,
                                 "servers=127.0.0.1:1 timeout_ms=20 reconnect_ms=5 in_flight=4", &hooks,
                                 problem, sizeof problem);
    if (status != TT_OK)
        return status;
    memset(&request, 0, sizeof request);
    status = tt_query_user(client, &request, NULL, 0, &answer);
    CHECK(status == TT_ERROR_NO_ANSWER || (status == TT_ERROR_MEMORY && w->fail_at));
    tt_client_close(client);
    return status;
}

static tt_credentials own;

static int replay_step(tt_session *session, const vector_file *v, size_t at)
{
    char what[32];
    unsigned long long serial = 0;
    tt_stamp stamp;
    size_t size;
    tt_event event;
    int status = TT_OK;
    if (strcmp(v->lines[at].name, "feed") == 0) {
        uint8_t *data = unhex(v->lines[at].value, &size);
        status = tt_session_feed(session, data, size);
        free(data);
        while (status == TT_OK && tt_session_next(session, &event))
            CHECK(event.type != TT_EVENT_BROKEN);
    } else if (strcmp(v->lines[at].name, "do") == 0) {
        sscanf(v->lines[at].value, "%31s %llu", what, &serial);
        memset(&stamp, 0, sizeof stamp);
        stamp.now_ms = (int64_t)vector_number(v, "now_ms");
        stamp.business_day = (uint16_t)vector_number(v, "business_day");
        stamp.serial = serial;
        if (strcmp(what, "sign-on") == 0)
            status = tt_session_sign_on(session, &stamp);
        else if (strcmp(what, "heartbeat") == 0)
            status = tt_session_heartbeat(session, &stamp);
        else if (strcmp(what, "key-change") == 0)
            status = tt_session_key_change(session, &stamp);
        else if (strcmp(what, "sign-off") == 0)
            status = tt_session_sign_off(session, &stamp);
    }
    return status;
}

static int replay_once(test_world *w, const vector_file *v)
{
    tt_hooks hooks = test_hooks(w);
    tt_session *session;
    uint8_t *nonce = vector_octets(v, "client_nonce", NULL);
    size_t at;
    int status = tt_session_new(&session, &own, vector_get(v, "client_name"), nonce, 0, &hooks);
    free(nonce);
    /* What failed is done again, as a caller may: nothing of it had happened. */
    for (at = 0; status == TT_OK && at < v->count; at++) {
        int step = replay_step(session, v, at);
        if (step == TT_ERROR_MEMORY) {
            CHECK(w->fail_at != 0);
            step = replay_step(session, v, at);
        }
        CHECK_IN(step == TT_OK, "%s, line %zu", vector_get(v, "name"), at);
    }
    if (session != NULL)
        tt_session_free(session);
    return status;
}

static void every_allocation(int (*once)(test_world *), const char *name)
{
    test_world w;
    long total, i;
    memset(&w, 0, sizeof w);
    (void)once(&w);
    total = w.done;
    CHECK_IN(w.held == 0 && total > 0, "%s holds %ld", name, w.held);
    for (i = 1; i <= total; i++) {
        memset(&w, 0, sizeof w);
        w.fail_at = i;
        (void)once(&w);
        CHECK_IN(w.held == 0, "%s, allocation %ld: %ld held", name, i, w.held);
    }
}

static void transcripts(const char *folder, int brief)
{
    static vector_file v;
    long total, i, lives = 0;
    CHECK(vector_open(&v, folder, "transcripts.txt"));
    while (vector_next(&v)) {
        test_world w;
        size_t size;
        uint8_t *key;
        if (strncmp(vector_get(&v, "name"), "a life", 6) != 0 || (brief && lives++ % 8 != 0))
            continue;
        key = vector_octets(&v, "master_key", &size);
        memset(&own, 0, sizeof own);
        own.channel = (uint32_t)vector_number(&v, "channel");
        own.key_version = (uint16_t)vector_number(&v, "master_key_version");
        own.suite = tt_suite_of((unsigned)vector_number(&v, "suite"));
        own.cipher = tt_cipher_of((unsigned)vector_number(&v, "field_cipher"));
        own.gb18030 = tt_charset_of(vector_get(&v, "charset"));
        memcpy(own.master_key, key, size);
        free(key);
        memset(&w, 0, sizeof w);
        CHECK(replay_once(&w, &v) == TT_OK);
        total = w.done;
        CHECK(w.held == 0);
        for (i = 1; i <= total; i++) {
            memset(&w, 0, sizeof w);
            w.fail_at = i;
            (void)replay_once(&w, &v);
            CHECK_IN(w.held == 0, "%s, allocation %ld", vector_get(&v, "name"), i);
        }
    }
    vector_close(&v);
}

int main(int count, char **arguments)
{
    test_world w;
    memset(&w, 0, sizeof w);
    CHECK(parse_once(&w) == TT_OK);
    every_allocation(parse_once, "credentials");
    every_allocation(call_once, "a call");
    transcripts(count > 1 ? arguments[1] : "../../tests/vectors/client", count > 2);
    return checks_told("memory");
}
