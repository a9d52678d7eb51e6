/*
 * Against a real server, driven by tests/integration/test_c_client.py:
 *
 *   live CREDENTIALS CUSTOMER memory     every allocation of opening, signing on and asking fails in turn
 *   live CREDENTIALS CUSTOMER threads    eight threads share a client
 *   live CREDENTIALS CUSTOMER loop       an event loop on the client's descriptor
 *   live CREDENTIALS CUSTOMER connection the middle layer alone: a connection, blocking and not
 *   live CREDENTIALS CUSTOMER thread     the library's own thread, with silence long enough for heartbeats
 *   live CREDENTIALS CUSTOMER log CODE   a verification whose log is printed
 *   live CREDENTIALS CUSTOMER hold       asks one question a line of input, until the input ends
 */
#define _POSIX_C_SOURCE 200809L

#include "check.h"
#include "failing.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *path, *customer;

static tt_client *opened(const char *more, const tt_hooks *hooks)
{
    tt_client *client = NULL;
    char conninfo[1500], problem[160] = "";
    snprintf(conninfo, sizeof conninfo, "credentials='%s' %s", path, more);
    if (tt_client_open(&client, conninfo, hooks, problem, sizeof problem) != TT_OK && hooks == NULL)
        fprintf(stderr, "%s\n", problem);
    return client;
}

static void question(tt_client *client, tt_query_user_request *request)
{
    tt_message_init(TT_TX_QUERY_USER, TT_KIND_OF_REQUEST, request);
    snprintf(request->institution, sizeof request->institution, "%s", tt_client_institution(client));
    snprintf(request->customer, sizeof request->customer, "%s", customer);
}

static int ask(tt_client *client, tt_answer *answer)
{
    tt_query_user_request request;
    tt_query_user_response response;
    question(client, &request);
    return tt_query_user(client, &request, &response, 0, answer);
}

/* ------------------------------------------------------------------------- memory */

static int once(test_world *w)
{
    tt_hooks hooks = test_hooks(w);
    tt_answer answer;
    tt_client *client = opened("connections=1 in_flight=4 timeout_ms=10000 reconnect_ms=1", &hooks);
    int status = TT_OK, refused = 0, i;
    if (client == NULL)
        return TT_ERROR_MEMORY;
    /* A connection that found no memory is opened again; a call that found none says so. */
    for (i = 0; i < 4; i++) {
        status = ask(client, &answer);
        refused += status == TT_ERROR_MEMORY;
        CHECK_IN(status == TT_ERROR_MEMORY || (status == TT_OK && answer.code == TT_CODE_ANSWERED),
                 "allocation %ld: status %d", w->fail_at, status);
    }
    CHECK(refused <= (w->fail_at ? 1 : 0));
    tt_client_close(client);
    return status;
}

static void memory(void)
{
    test_world w;
    long total, i;
    memset(&w, 0, sizeof w);
    CHECK(once(&w) == TT_OK);
    CHECK(w.held == 0);
    total = w.done;
    for (i = 1; i <= total; i++) {
        memset(&w, 0, sizeof w);
        w.fail_at = i;
        w.random = (uint64_t)i << 32 | (uint64_t)time(NULL);
        (void)once(&w);
        CHECK_IN(w.held == 0, "allocation %ld of %ld: %ld held", i, total, w.held);
    }
    printf("%ld allocations failed in turn\n", total);
}

/* ------------------------------------------------------------------------- threads */

#define THREADS 8
#define CALLS 100

static void *caller(void *argument)
{
    tt_answer answer;
    int i;
    long good = 0;
    for (i = 0; i < CALLS; i++)
        good += ask(argument, &answer) == TT_OK && answer.code == TT_CODE_ANSWERED;
    return (void *)(intptr_t)good;
}

static void threads(void)
{
    pthread_t running[THREADS];
    tt_client *client = opened("connections=2", NULL);
    tt_statistics statistics;
    void *good;
    int i;
    if (client == NULL) {
        CHECK(client != NULL);
        return;
    }
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&running[i], NULL, caller, client) == 0);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(running[i], &good) == 0);
        CHECK((intptr_t)good == CALLS);
    }
    memset(&statistics, 0, sizeof statistics);
    statistics.size = sizeof statistics;
    CHECK(tt_client_statistics(client, &statistics) == TT_OK);
    CHECK(statistics.answered == THREADS * CALLS && statistics.in_flight == 0 && statistics.waiting == 0);
    CHECK(statistics.connections == 2 && statistics.outcomes_unknown == 0);
    tt_client_close(client);
}

/* ------------------------------------------------------------------------- an event loop */

typedef struct {
    tt_client *client;
    long left, good, open;
} looping;

static void told(void *context, const tt_answer *answer, const void *response)
{
    looping *l = context;
    tt_query_user_request request;
    const tt_query_user_response *user = response;
    l->open--;
    l->good += answer->status == TT_OK && user != NULL && user->token_count == 1;
    if (l->left > 0) {
        l->left--;
        question(l->client, &request);
        CHECK(tt_client_submit(l->client, TT_TX_QUERY_USER, &request, 0, NULL, told, l) == TT_OK);
        l->open++;
        /* A blocking call from a callback would wait for itself. */
        if (answer->status == TT_OK)
            CHECK(tt_query_user(l->client, &request, NULL, 0, NULL) == TT_ERROR_STATE);
    }
}

static void loop(void)
{
    looping l = {NULL, 500, 0, 1};
    struct pollfd mine;
    /* No timer of a call or connection wakes the loop: only what comes, and what is there to send. */
    l.client = opened("connections=2 timeout_ms=60000 attempt_timeout_ms=60000", NULL);
    if (l.client == NULL) {
        CHECK(l.client != NULL);
        return;
    }
    mine.fd = tt_client_fd(l.client);
    mine.events = POLLIN;
    CHECK(mine.fd >= 0);
    told(&l, &(tt_answer){.status = TT_ERROR_CLOSED}, NULL);
    while (l.left > 480) { /* twenty at once */
        tt_query_user_request request;
        question(l.client, &request);
        CHECK(tt_client_submit(l.client, TT_TX_QUERY_USER, &request, 0, NULL, told, &l) == TT_OK);
        l.left--;
        l.open++;
    }
    while (l.open > 0) {
        CHECK(poll(&mine, 1, 10000) == 1);
        CHECK(tt_client_process(l.client, 0) >= 0);
    }
    CHECK(l.good == 500);
    tt_client_close(l.client);
}

/* ------------------------------------------------------------------------- the middle layer */

static void counted(void *context, const tt_answer *answer, const void *response)
{
    *(int *)context += answer->status == TT_OK && answer->code == TT_CODE_ANSWERED && response != NULL;
}

static void connection(void)
{
    tt_credentials *credentials;
    tt_connection *c;
    tt_query_user_request request;
    tt_query_user_response response;
    tt_answer answer;
    char problem[160] = "";
    int good = 0, i;
    CHECK(tt_credentials_load(&credentials, path, NULL, problem, sizeof problem) == TT_OK);
    CHECK(tt_connection_open(&c, credentials, tt_credentials_server(credentials, 0), 5000, NULL, problem,
                             sizeof problem) == TT_OK);
    memset(&request, 0, sizeof request);
    snprintf(request.institution, sizeof request.institution, "%s", tt_credentials_institution(credentials));
    snprintf(request.customer, sizeof request.customer, "%s", customer);
    CHECK(tt_connection_call(c, TT_TX_QUERY_USER, &request, &response, 5000, &answer) == TT_OK);
    CHECK(response.token_count == 1 && answer.tries == 1);
    for (i = 0; i < 50; i++)
        CHECK(tt_connection_submit(c, TT_TX_QUERY_USER, &request, NULL, 5000, counted, &good) == TT_OK);
    while (good < 50) {
        struct pollfd mine;
        mine.fd = tt_connection_fd(c);
        mine.events = (short)(POLLIN | (tt_connection_wants_write(c) ? POLLOUT : 0));
        CHECK(poll(&mine, 1, tt_connection_timeout_ms(c)) >= 0);
        CHECK(tt_connection_process(c) == TT_OK);
    }
    CHECK(tt_connection_in_flight(c) == 0 && !tt_connection_draining(c));
    tt_connection_close(c);
    CHECK(tt_connection_open(&c, credentials, "127.0.0.1:1", 500, NULL, problem, sizeof problem) ==
          TT_ERROR_NETWORK);
    tt_credentials_free(credentials);
}

/* ------------------------------------------------------------------------- time passes */

static void background(void)
{
    tt_client *client = opened("connections=1 thread=1", NULL);
    tt_statistics statistics;
    tt_answer answer;
    struct timespec pause = {0, 20000000};
    if (client == NULL) {
        CHECK(client != NULL);
        return;
    }
    CHECK(ask(client, &answer) == TT_OK);
    memset(&statistics, 0, sizeof statistics);
    while (statistics.heartbeats < 2) {
        nanosleep(&pause, NULL);
        statistics.size = sizeof statistics;
        CHECK(tt_client_statistics(client, &statistics) == TT_OK);
    }
    CHECK(ask(client, &answer) == TT_OK);
    CHECK(statistics.connections_lost == 0 && statistics.connects == 1);
    printf("%llu key changes\n", (unsigned long long)statistics.key_changes);
    tt_client_close(client);
}

static void print_log(void *context, int level, const char *text)
{
    (void)context;
    printf("%d %s\n", level, text);
}

static void log_of(const char *code)
{
    tt_hooks hooks;
    tt_verify_otp_request request;
    tt_answer answer;
    tt_client *client;
    memset(&hooks, 0, sizeof hooks);
    hooks.size = sizeof hooks;
    hooks.log = print_log;
    client = opened("servers=127.0.0.1:1 timeout_ms=50", &hooks);
    memset(&request, 0, sizeof request);
    snprintf(request.otp, sizeof request.otp, "%s", code);
    snprintf(request.customer, sizeof request.customer, "%s", customer);
    if (client != NULL) {
        CHECK(tt_verify_otp(client, &request, NULL, 0, &answer) == TT_ERROR_NO_ANSWER);
        printf("%s\n", answer.problem);
        tt_client_close(client);
    }
    client = opened("", &hooks);
    if (client != NULL) {
        snprintf(request.institution, sizeof request.institution, "%s", tt_client_institution(client));
        CHECK(tt_verify_otp(client, &request, NULL, 0, &answer) == TT_OK);
        printf("%s\n", tt_code_name(answer.code));
        tt_client_close(client);
    }
}

static void hold(void)
{
    tt_client *client = opened("connections=1", NULL);
    tt_answer answer;
    int c;
    while (client != NULL && (c = getchar()) != EOF)
        if (c == '\n') {
            printf("%s\n", ask(client, &answer) == TT_OK ? tt_code_name(answer.code) : answer.problem);
            fflush(stdout);
        }
    tt_client_close(client);
}

int main(int count, char **arguments)
{
    const char *what;
    if (count < 4)
        return 4;
    path = arguments[1];
    customer = arguments[2];
    what = arguments[3];
    if (strcmp(what, "memory") == 0)
        memory();
    else if (strcmp(what, "threads") == 0)
        threads();
    else if (strcmp(what, "loop") == 0)
        loop();
    else if (strcmp(what, "connection") == 0)
        connection();
    else if (strcmp(what, "thread") == 0)
        background();
    else if (strcmp(what, "log") == 0 && count > 4)
        log_of(arguments[4]);
    else if (strcmp(what, "hold") == 0)
        hold();
    else
        return 4;
    return checks_told(what);
}
