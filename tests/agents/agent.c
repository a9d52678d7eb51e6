/* The C library's agent; see README.md. Each request has a thread of its own; `load` keeps them in flight without. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tigertally.h"

#define WORDS 6
#define LINE 1024

static tt_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int under_way;
static int64_t skew_ms;

static int64_t skewed_wall(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + skew_ms;
}

static void say(const char *id, const char *text)
{
    pthread_mutex_lock(&lock);
    printf("%s %s\n", id, text);
    fflush(stdout);
    pthread_mutex_unlock(&lock);
}

static void tell(char *out, size_t size, const tt_answer *answer)
{
    unsigned long long serial = answer->ticket.serial;
    unsigned day = answer->ticket.business_day;
    if (answer->status == TT_OK) {
        snprintf(out, size, "answer %s %llu %u %u", tt_code_name(answer->code), serial, day, answer->tries);
    } else if (answer->status == TT_ERROR_OUTCOME_UNKNOWN) {
        snprintf(out, size, "unknown %llu %u", serial, day);
    } else {
        snprintf(out, size, "not-executed %s: %s", tt_status_text(answer->status), answer->problem);
    }
}

static void institution(char *to, size_t size)
{
    snprintf(to, size, "%s", tt_client_institution(client));
}

static void verify(char *const *words, const tt_ticket *ticket, char *out, size_t size)
{
    tt_verify_otp_request request;
    tt_verify_otp_response response;
    tt_answer answer;
    memset(&answer, 0, sizeof answer);
    tt_message_init(TT_TX_VERIFY_OTP, TT_KIND_OF_REQUEST, &request);
    institution(request.institution, sizeof request.institution);
    snprintf(request.customer, sizeof request.customer, "%s", words[0]);
    snprintf(request.otp, sizeof request.otp, "%s", words[1]);
    tt_client_call(client, TT_TX_VERIFY_OTP, &request, &response, 0, ticket, &answer);
    tt_wipe(request.otp, sizeof request.otp);
    tell(out, size, &answer);
}

static int from_hex(const char *hex, char *to, size_t size)
{
    size_t n = strlen(hex) / 2, i;
    unsigned octet;
    if (n >= size) {
        return -1;
    }
    for (i = 0; i < n; i++) {
        if (sscanf(hex + 2 * i, "%2x", &octet) != 1) {
            return -1;
        }
        to[i] = (char)octet;
    }
    to[n] = 0;
    return 0;
}

static void enrol(char *const *words, char *out, size_t size)
{
    tt_register_user_request request;
    tt_user_response response;
    tt_answer answer;
    char name[256];
    memset(&answer, 0, sizeof answer);
    tt_message_init(TT_TX_REGISTER_USER, TT_KIND_OF_REQUEST, &request);
    institution(request.institution, sizeof request.institution);
    snprintf(request.customer, sizeof request.customer, "%s", words[0]);
    if (from_hex(words[1], name, sizeof name) != 0
        || tt_text_from_utf8(tt_client_charset(client), name, request.name, sizeof request.name) != TT_OK) {
        snprintf(out, size, "not-executed the name doesn't fit");
        return;
    }
    tt_client_call(client, TT_TX_REGISTER_USER, &request, &response, 0, NULL, &answer);
    tell(out, size, &answer);
}

static void ask_name(char *const *words, char *out, size_t size)
{
    tt_query_user_request request;
    tt_query_user_response response;
    tt_answer answer;
    char name[256];
    size_t i, at;
    memset(&answer, 0, sizeof answer);
    tt_message_init(TT_TX_QUERY_USER, TT_KIND_OF_REQUEST, &request);
    institution(request.institution, sizeof request.institution);
    snprintf(request.customer, sizeof request.customer, "%s", words[0]);
    tt_client_call(client, TT_TX_QUERY_USER, &request, &response, 0, NULL, &answer);
    if (answer.status != TT_OK || answer.code != TT_CODE_ANSWERED
        || tt_text_to_utf8(tt_client_charset(client), response.name, name, sizeof name) != TT_OK) {
        tell(out, size, &answer);
        return;
    }
    at = (size_t)snprintf(out, size, "name ");
    for (i = 0; name[i]; i++) {
        at += (size_t)snprintf(out + at, size - at, "%02x", (unsigned char)name[i]);
    }
}

static void resolve(const tt_ticket *ticket, char *out, size_t size)
{
    static const char *const names[] = {"UNKNOWN", "EXECUTED", "NOT_EXECUTED"};
    int execution = TT_EXECUTION_UNKNOWN;
    uint32_t result = 0;
    tt_answer answer;
    memset(&answer, 0, sizeof answer);
    if (tt_client_resolve(client, ticket, "", 0, &execution, &result, &answer, NULL) != TT_OK) {
        tell(out, size, &answer);
        return;
    }
    snprintf(out, size, "resolved %s %s", names[execution],
             execution == TT_EXECUTED ? tt_code_name(result) : "-");
}

static void statistics(char *out, size_t size)
{
    tt_statistics s;
    memset(&s, 0, sizeof s);
    s.size = sizeof s;
    tt_client_statistics(client, &s);
#define N(name) (unsigned long long)s.name
    snprintf(out, size,
             "stats calls=%llu answered=%llu frames_sent=%llu retries=%llu put_off=%llu late_answers=%llu "
             "outcomes_unknown=%llu no_answers=%llu connects=%llu connect_failures=%llu connections_lost=%llu "
             "drains=%llu key_changes=%llu heartbeats=%llu rejects=%llu forged_rejects=%llu",
             N(calls), N(answered), N(frames_sent), N(retries), N(put_off), N(late_answers), N(outcomes_unknown),
             N(no_answers), N(connects), N(connect_failures), N(connections_lost), N(drains), N(key_changes),
             N(heartbeats), N(rejects), N(forged_rejects));
#undef N
}

/* ------------------------------------------------------------------------- load */

static tt_query_user_request load_request;
static long load_left, load_open;

static void load_next(void *context, const tt_answer *answer, const void *response)
{
    int more;
    (void)context;
    (void)response;
    if (answer != NULL && answer->status != TT_OK) {
        fprintf(stderr, "load: %s\n", answer->problem);
    }
    pthread_mutex_lock(&lock);
    more = load_left > 0;
    load_left -= more;
    if (!more && --load_open == 0) {
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    if (more && tt_client_submit(client, TT_TX_QUERY_USER, &load_request, 0, NULL, load_next, NULL) != TT_OK) {
        abort();
    }
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void load(long in_flight, long calls, const char *customer, char *out, size_t size)
{
    int64_t start;
    long i;
    tt_message_init(TT_TX_QUERY_USER, TT_KIND_OF_REQUEST, &load_request);
    institution(load_request.institution, sizeof load_request.institution);
    snprintf(load_request.customer, sizeof load_request.customer, "%s", customer);
    load_left = calls;
    load_open = in_flight;
    start = now_ns();
    for (i = 0; i < in_flight; i++) {
        load_next(NULL, NULL, NULL);
    }
    pthread_mutex_lock(&lock);
    while (load_open > 0) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    snprintf(out, size, "load %lld", (long long)(now_ns() - start));
}

/* ------------------------------------------------------------------------- lines */

static void *carry_out(void *context)
{
    char *line = context, *words[WORDS] = {0}, out[2 * LINE] = "not-executed unknown verb", *next = line;
    tt_ticket ticket = {0, 0, 1};
    int n = 0;
    while (n < WORDS && (words[n] = strtok_r(next, " \n", &next)) != NULL) {
        n++;
    }
    if (n >= 4 && (strcmp(words[1], "again") == 0 || strcmp(words[1], "resolve") == 0)) {
        ticket.serial = strtoull(words[2], NULL, 10);
        ticket.business_day = (uint16_t)atoi(words[3]);
    }
    if (n == 3 && strcmp(words[1], "ready") == 0) {
        int there = tt_client_wait_ready(client, atoi(words[2])) == TT_OK;
        snprintf(out, sizeof out, "ready %s", there ? "yes" : "no");
    } else if (n == 4 && strcmp(words[1], "verify") == 0) {
        verify(words + 2, NULL, out, sizeof out);
    } else if (n == 6 && strcmp(words[1], "again") == 0) {
        verify(words + 4, &ticket, out, sizeof out);
    } else if (n == 4 && strcmp(words[1], "register") == 0) {
        enrol(words + 2, out, sizeof out);
    } else if (n == 3 && strcmp(words[1], "name") == 0) {
        ask_name(words + 2, out, sizeof out);
    } else if (n == 4 && strcmp(words[1], "resolve") == 0) {
        resolve(&ticket, out, sizeof out);
    } else if (n == 2 && strcmp(words[1], "stats") == 0) {
        statistics(out, sizeof out);
    } else if (n == 5 && strcmp(words[1], "load") == 0) {
        load(atol(words[2]), atol(words[3]), words[4], out, sizeof out);
    }
    say(words[0], out);
    free(line);
    pthread_mutex_lock(&lock);
    under_way--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static long option(int argc, char **argv, const char *name, long usual)
{
    size_t n = strlen(name);
    int i;
    for (i = 2; i < argc; i++) {
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=') {
            return atol(argv[i] + n + 1);
        }
    }
    return usual;
}

int main(int argc, char **argv)
{
    char conninfo[512], problem[256] = "", line[LINE];
    tt_credentials *credentials = NULL;
    tt_hooks hooks;
    int servers = 0;
    memset(&hooks, 0, sizeof hooks);
    hooks.size = sizeof hooks;
    hooks.wall_ms = skewed_wall;
    skew_ms = option(argc, argv, "skew_ms", 0);
    if (argc < 2 || tt_credentials_load(&credentials, argv[1], &hooks, problem, sizeof problem) != TT_OK) {
        say("- credentials", problem);
        return 2;
    }
    while (tt_credentials_server(credentials, (size_t)servers) != NULL) {
        servers++;
    }
    snprintf(conninfo, sizeof conninfo,
             "thread=1 client_name=agent-c connections=%d timeout_ms=%ld attempt_timeout_ms=%ld "
             "connect_timeout_ms=%ld heartbeat_timeout_ms=%ld",
             servers > 2 ? servers : 2, option(argc, argv, "timeout_ms", 5000),
             option(argc, argv, "attempt_ms", 2000), option(argc, argv, "connect_ms", 5000),
             option(argc, argv, "heartbeat_ms", 5000));
    if (tt_client_open_with(&client, credentials, conninfo, &hooks, problem, sizeof problem) != TT_OK) {
        say("- open", problem);
        return 3;
    }
    while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "quit\n") != 0) {
        pthread_t thread;
        pthread_mutex_lock(&lock);
        under_way++;
        pthread_mutex_unlock(&lock);
        if (pthread_create(&thread, NULL, carry_out, strdup(line)) != 0) {
            abort();
        }
        pthread_detach(thread);
    }
    pthread_mutex_lock(&lock);
    while (under_way > 0) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    tt_client_close(client);
    return 0;
}
