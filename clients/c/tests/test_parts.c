/* The parts without a peer: credentials, conninfo, serials, waits, texts, tables, flat records, forks. */
#include "../src/link.h"
#include "../src/settings.h"
#include "check.h"
#include "failing.h"
#include "vectors.h"

#include <sys/wait.h>
#include <unistd.h>

static const char good[] =
    "{\"format\":1,\"channel\":7,\"name\":\"n\",\"institution\":\"0001\",\"suite\":\"LEGACY\","
    "\"field_cipher\":\"NONE\",\"charset\":\"utf-8\",\"key_version\":2,"
    "\"master_key_hex\":\"0123456789ABCDEFfedcba9876543210\",\"check_value\":\"08d7b4\","
    "\"servers\":[\"127.0.0.1:1\"]}";

static int parse(const char *text, char problem[128])
{
    tt_credentials *made;
    int status;
    *problem = '\0';
    status = tt_credentials_parse(&made, text, strlen(text), NULL, problem, 128);
    /* No part of the key in what is told. */
    CHECK(strstr(problem, "0123456789") == NULL);
    tt_credentials_free(made);
    return status;
}

/* `good` with its first `from` replaced. */
static void spoilt(const char *from, const char *to, const char *why)
{
    char text[1024], problem[128];
    const char *at = strstr(good, from);
    CHECK_IN(at != NULL, "%s", from);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    CHECK_IN(parse(text, problem) == TT_ERROR_CREDENTIALS, "%s", to);
    CHECK_IN(strstr(problem, why) != NULL, "%s, not %s", problem, why);
}

static void credentials(void)
{
    char problem[128], path[] = "/tmp/tt-test-XXXXXX";
    tt_credentials *made;
    size_t cut;
    int file;
    CHECK(parse(good, problem) == TT_OK);
    spoilt("\"format\":1", "\"format\":2", "format");
    spoilt("\"channel\":7,", "", "missing");
    spoilt("\"channel\":7", "\"channel\":7,\"channel\":7", "twice");
    spoilt("\"channel\":7", "\"channel\":4294967296", "channel");
    spoilt("\"name\"", "\"nam\"", "know");
    spoilt("LEGACY", "LEGACI", "suite");
    spoilt("NONE", "SM4_GCM", "go with");
    spoilt("NONE", "AES_256_GCM", "go with");
    spoilt("utf-8", "latin-1", "charset");
    spoilt("0123456789ABCDEF", "0123456789ABCDED", "check value");
    spoilt("0123456789ABCDEF", "0123456789ABCD", "length");
    spoilt("0123456789ABCDEF", "0123456789ABCDEX", "hexadecimal");
    spoilt("0123456789ABCDEFfedcba9876543210", "0123456789ABCDEF0123456789ABCDEF", "suite");
    spoilt("08d7b4", "08d7b5", "check value");
    spoilt("127.0.0.1:1", "127.0.0.1:0", "servers");
    spoilt("[\"127.0.0.1:1\"]", "[]", "servers");
    spoilt("}", "} x", "JSON");
    spoilt("\"n\"", "\"\\ud800\"", "JSON");
    for (cut = 0; cut < strlen(good); cut++) {
        char text[1024];
        memcpy(text, good, cut);
        text[cut] = '\0';
        CHECK(parse(text, problem) == TT_ERROR_CREDENTIALS);
    }
    file = mkstemp(path);
    CHECK(file >= 0 && write(file, good, strlen(good)) == (ssize_t)strlen(good));
    close(file);
    CHECK(tt_credentials_load(&made, path, NULL, problem, sizeof problem) == TT_OK);
    tt_credentials_free(made);
    {
        char command[64];
        snprintf(command, sizeof command, "chmod 640 %s", path);
        CHECK(system(command) == 0);
    }
    CHECK(tt_credentials_load(&made, path, NULL, problem, sizeof problem) == TT_ERROR_CREDENTIALS);
    CHECK(strstr(problem, "open to other users") != NULL);
    unlink(path);
    CHECK(tt_credentials_load(&made, path, NULL, problem, sizeof problem) == TT_ERROR_CREDENTIALS);
    CHECK(tt_credentials_load(&made, "/", NULL, problem, sizeof problem) == TT_ERROR_CREDENTIALS);
}

static int settings(const char *conninfo)
{
    tt_settings s;
    tt_texts t;
    char problem[128] = "";
    int status = tt_settings_parse(&s, &t, conninfo, problem, sizeof problem);
    if (status == TT_OK && strstr(conninfo, "path")) {
        CHECK(strcmp(t.credentials, "/a path/it's") == 0);
        CHECK(s.connections == 3 && s.timeout == 7000);
    }
    return status;
}

static void conninfos(void)
{
    static const char *const bad[] = {
        "timeout_ms", "timeout_ms=", "timeout_ms=0", "timeout_ms=x", "timeout_ms=5s", "timeout_ms=99999999999",
        "instance=1024", "nonsense=1", "credentials='open", "=1", "connections=0", "thread=2",
        "client_name='two words'", "reconnect_ms=20000", "repeat_ms=2000",
    };
    size_t i;
    CHECK(settings("") == TT_OK);
    CHECK(settings("  ") == TT_OK);
    CHECK(settings("credentials='/a path/it\\'s' connections = 3\ttimeout_ms=7000") == TT_OK);
    CHECK(settings("servers=a,b:1,[::1]:2 utc_offset_minutes=-60 client_name=core-1") == TT_OK);
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_IN(settings(bad[i]) == TT_ERROR_ARGUMENT, "%s", bad[i]);
}

static void servers(void)
{
    static const struct {
        const char *text, *host, *port;
    } rows[] = {{"bank", "bank", "7117"},       {"bank:80", "bank", "80"},   {"[::1]", "::1", "7117"},
                {"[fe80::2]:9", "fe80::2", "9"}, {"", NULL, NULL},            {":80", NULL, NULL},
                {"bank:", NULL, NULL},           {"bank:65536", NULL, NULL},  {"bank:8o", NULL, NULL},
                {"[::1", NULL, NULL},            {"[::1]80", NULL, NULL},     {"bank:0", NULL, NULL}};
    char host[64], port[8];
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        int found = tt_server_parse(rows[i].text, host, sizeof host, port, sizeof port);
        CHECK_IN(found == (rows[i].host != NULL), "%s", rows[i].text);
        if (found && rows[i].host)
            CHECK(strcmp(host, rows[i].host) == 0 && strcmp(port, rows[i].port) == 0);
    }
}

static void serials(void)
{
    tt_serials s = {5, 0};
    uint64_t last = 0, next;
    int64_t wall = 1790000000000;
    int i;
    for (i = 0; i < 5000; i++) {
        next = tt_serial_new(&s, wall - i / 100 * 1000); /* the clock steps back */
        CHECK(next > last && (next >> 10 & 1023) == 5 && next >> 63 == 0);
        last = next;
    }
    CHECK(tt_business_day(1767225600000, 0) == 20454);
    CHECK(tt_business_day(1767225600000 - 1, 0) == 20453);
    CHECK(tt_business_day(1767225600000 - 8 * 3600000, 480) == 20454);
}

static void waits(void)
{
    CHECK(tt_backoff(100, 10000, 1, 0) == 50);
    CHECK(tt_backoff(100, 10000, 1, UINT64_MAX >> 1) <= 100);
    CHECK(tt_backoff(100, 10000, 4, 0) == 400);
    CHECK(tt_backoff(100, 10000, 100, 0) == 5000);
    CHECK(tt_backoff(1, 1, 7, 0) <= 1);
}

static void texts(void)
{
    char to[64];
    CHECK(tt_text_from_utf8("utf-8", "\xe7\x8e\x8b", to, sizeof to) == TT_OK && strcmp(to, "\xe7\x8e\x8b") == 0);
    CHECK(tt_text_from_utf8("utf-8", "\xe7\x8e", to, sizeof to) == TT_ERROR_FIELD);
    CHECK(tt_text_from_utf8("latin-1", "a", to, sizeof to) == TT_ERROR_ARGUMENT);
    CHECK(tt_text_from_utf8("utf-8", "abcd", to, 4) == TT_ERROR_FIELD);
#if defined(TT_WITH_ICONV)
    CHECK(tt_text_from_utf8("gb18030", "\xe7\x8e\x8b\xf0\x9f\x98\x80", to, sizeof to) == TT_OK);
    CHECK(strcmp(to, "\xcd\xf5\x94\x39\xfc\x36") == 0);
    CHECK(tt_text_to_utf8("gb18030", "\xcd\xf5\x94\x39\xfc\x36", to, sizeof to) == TT_OK);
    CHECK(strcmp(to, "\xe7\x8e\x8b\xf0\x9f\x98\x80") == 0);
    CHECK(tt_text_to_utf8("gb18030", "\xcd", to, sizeof to) == TT_ERROR_FIELD);
    CHECK(tt_text_from_utf8("gb18030", "\xe7\x8e\x8b\xe7\x8e\x8b", to, 4) == TT_ERROR_FIELD);
#endif
}

static void tables(void)
{
    tt_verify_otp_response told;
    tt_flow_step_request step;
    tt_answer answer;
    unsigned transaction, schema;
    int kind;
    size_t i;
    for (i = 0; tt_record_at(i, &transaction, &kind, &schema) != NULL; i++)
        CHECK(tt_record_of(transaction, kind, schema) == tt_record_at(i, &transaction, &kind, &schema));
    CHECK(i > 100);
    CHECK(strcmp(tt_transaction_name(TT_TX_VERIFY_OTP), "VERIFY_OTP") == 0);
    CHECK(tt_transaction_name(0xeeee) == NULL && tt_record_of(0xeeee, 1, 1) == NULL);
    CHECK(tt_transaction_read_only(TT_TX_QUERY_USER) && !tt_transaction_read_only(TT_TX_VERIFY_OTP));
    CHECK(strcmp(tt_code_name(TT_CODE_APPROVED), "APPROVED") == 0 && tt_code_of("APPROVED") == TT_CODE_APPROVED);
    CHECK(tt_code_name(7777) == NULL && tt_code_class(7777) == -1 && tt_code_of("NO_SUCH") == 0);
    CHECK(tt_code_transient(TT_CODE_BUSY) && !tt_code_recorded(TT_CODE_BUSY));
    CHECK(tt_code_recorded(TT_CODE_APPROVED) && tt_code_class(TT_CODE_APPROVED) == TT_CLASS_APPROVED);
    CHECK(tt_message_init(TT_TX_VERIFY_OTP, TT_KIND_OF_RESPONSE, &told) == TT_OK);
    CHECK(told.entry_shard == TT_WIRE_NO_SHARD && told.remaining_tries == TT_WIRE_BLANK_TRIES);
    CHECK(tt_message_init(TT_TX_FLOW_STEP, TT_KIND_OF_REQUEST, &step) == TT_OK && step.factor_schema == 1);
    CHECK(tt_message_init(0xeeee, TT_KIND_OF_REQUEST, &step) == TT_ERROR_ARGUMENT);
    memset(&answer, 0, sizeof answer);
    answer.code = TT_CODE_APPROVED;
    answer.status = TT_ERROR_OUTCOME_UNKNOWN;
    CHECK(!tt_approved(&answer) && !tt_approved(NULL));
    answer.status = TT_OK;
    CHECK(tt_approved(&answer));
    for (kind = 1; kind >= -20; kind--)
        CHECK(tt_status_text(kind) != NULL);
    CHECK(tt_version_number() == 10000 && strcmp(tt_version(), "1.0.0") == 0);
}

/* ------------------------------------------------------------------------- handles */

static char logged[4096];

static void keep_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    strncat(logged, text, sizeof logged - strlen(logged) - 1);
}

static tt_client *client_to_nobody(const char *conninfo)
{
    tt_credentials *made;
    tt_client *client;
    tt_hooks hooks;
    char problem[128];
    memset(&hooks, 0, sizeof hooks);
    hooks.size = sizeof hooks;
    hooks.log = keep_log;
    CHECK(tt_credentials_parse(&made, good, strlen(good), NULL, problem, sizeof problem) == TT_OK);
    CHECK(tt_client_open_with(&client, made, conninfo, &hooks, problem, sizeof problem) == TT_OK);
    return client;
}

static void count_calls(void *context, const tt_answer *answer, const void *response)
{
    CHECK(answer->status != TT_OK && response == NULL);
    ++*(int *)context;
}

static void nobody_there(void)
{
    tt_client *client = client_to_nobody("timeout_ms=40 reconnect_ms=5 reconnect_cap_ms=10");
    tt_verify_otp_request request;
    tt_verify_otp_response response;
    tt_answer answer;
    tt_statistics statistics;
    tt_server_statistics server;
    int called = 0;
    memset(&request, 0, sizeof request);
    memcpy(request.otp, "123456", 7);
    CHECK(tt_verify_otp(client, &request, &response, 0, &answer) == TT_ERROR_NO_ANSWER);
    CHECK(answer.tries == 0 && strstr(answer.problem, "127.0.0.1:1") != NULL);
    memcpy(request.otp, "12345x", 7);
    CHECK(tt_verify_otp(client, &request, &response, 0, &answer) == TT_ERROR_FIELD);
    CHECK(strcmp(answer.bad_field, "otp") == 0);
    memset(request.otp, '1', sizeof request.otp); /* no end */
    CHECK(tt_verify_otp(client, &request, &response, 0, &answer) == TT_ERROR_FIELD);
    memset(&request, 0, sizeof request);
    CHECK(tt_client_submit(client, TT_TX_VERIFY_OTP, &request, 0, NULL, count_calls, &called) == TT_OK);
    CHECK(tt_client_submit(client, TT_TX_HEARTBEAT, &request, 0, NULL, count_calls, &called) == TT_ERROR_ARGUMENT);
    CHECK(tt_client_submit(client, TT_TX_VERIFY_OTP, &request, 0, NULL, NULL, NULL) == TT_ERROR_ARGUMENT);
    while (called == 0)
        CHECK(tt_client_process(client, 1000) >= 0);
    CHECK(called == 1);
    memset(&statistics, 0, sizeof statistics);
    statistics.size = sizeof statistics;
    CHECK(tt_client_statistics(client, &statistics) == TT_OK);
    CHECK(statistics.no_answers == 2 && statistics.connect_failures > 0 && statistics.frames_sent == 0);
    CHECK(tt_client_server_statistics(client, 0, &server) == TT_OK && server.failures > 0);
    CHECK(tt_client_server_statistics(client, 1, &server) == TT_ERROR_ARGUMENT);
    /* What is open when the client closes is told. */
    CHECK(tt_client_submit(client, TT_TX_VERIFY_OTP, &request, 60000, NULL, count_calls, &called) == TT_OK);
    tt_client_close(client);
    CHECK(called == 2);
    CHECK(strstr(logged, "cannot connect") != NULL && strstr(logged, "12345") == NULL);
}

/* With every circuit open beyond the deadline a call ends at once. */
static void circuit_open(void)
{
    tt_client *client = client_to_nobody("connections=1 reconnect_ms=60000 reconnect_cap_ms=60000");
    tt_query_user_request request;
    tt_answer answer;
    tt_server_statistics server;
    memset(&request, 0, sizeof request);
    CHECK(tt_query_user(client, &request, NULL, 5000, &answer) == TT_ERROR_NO_ANSWER);
    CHECK(tt_query_user(client, &request, NULL, 5000, &answer) == TT_ERROR_NO_ANSWER);
    CHECK(tt_client_server_statistics(client, 0, &server) == TT_OK);
    CHECK(server.state == TT_SERVER_RESTING && server.failures == 1 && server.rest_ms > 5000);
    tt_client_close(client);
}

static void forks(void)
{
    tt_client *client = client_to_nobody("timeout_ms=20");
    tt_query_user_request request;
    tt_answer answer;
    int status = -1;
    pid_t child;
    memset(&request, 0, sizeof request);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        int bad = tt_query_user(client, &request, NULL, 0, &answer) != TT_ERROR_FORKED;
        bad |= tt_client_process(client, 0) != TT_ERROR_FORKED;
        tt_client_abandon(client);
        _exit(bad);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    tt_client_close(client);
}

static void flat_records(void)
{
    tt_client *client = client_to_nobody("timeout_ms=20 reconnect_ms=5 reconnect_cap_ms=5");
    char request[188], response[82];
    tt_flat_result result;
    memset(request, 0, sizeof request); /* LOW-VALUES count as blank */
    CHECK(sizeof request == tt_record_of(TT_TX_VERIFY_OTP, 1, 1)->body_size);
    CHECK(tt_flat_call(client, TT_TX_VERIFY_OTP, request, sizeof request, response, sizeof response, 0, 0,
                       &result) == TT_ERROR_NO_ANSWER);
    CHECK(memcmp(result.status, "0010", 4) == 0 && result.approved[0] == 'N' && result.serial[0] != ' ');
    request[140] = 'x';
    CHECK(tt_flat_call(client, TT_TX_VERIFY_OTP, request, sizeof request, response, sizeof response, 0, 0,
                       &result) == TT_ERROR_FIELD);
    CHECK(memcmp(result.bad_field, "otp  ", 5) == 0);
    CHECK(tt_flat_call(client, TT_TX_VERIFY_OTP, request, 187, response, sizeof response, 0, 0, &result) ==
          TT_ERROR_ARGUMENT);
    CHECK(memcmp(result.status, "0002", 4) == 0);
    tt_client_close(client);
}

int main(void)
{
    CHECK(tt_wipe != NULL);
    credentials();
    conninfos();
    servers();
    serials();
    waits();
    texts();
    tables();
    nobody_there();
    circuit_open();
    forks();
    flat_records();
    (void)test_hooks;
    return checks_told("parts");
}
