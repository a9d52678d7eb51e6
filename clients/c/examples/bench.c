/*
 * bench: round trips per second and CPU per call with N in flight, by the library and by a bare socket.
 *
 *   bench CREDENTIALS CUSTOMER IN_FLIGHT SECONDS [bare]
 *
 * The question is QUERY_USER: it changes nothing, so it can be asked for ever. `bare` replays frames built
 * beforehand through a blocking socket and only counts the octets that come back: what no library can be
 * faster than. It knows no keys, so it needs the session layer once, to sign on.
 */
#define _POSIX_C_SOURCE 200809L

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <tigertally.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

typedef struct {
    tt_client *client;
    tt_query_user_request request;
    unsigned long done, odd;
    unsigned open;
    int stop;
} running;

static void told(void *context, const tt_answer *answer, const void *response);

static void ask(running *r)
{
    if (tt_client_submit(r->client, TT_TX_QUERY_USER, &r->request, 5000, NULL, told, r) == TT_OK)
        r->open++;
    else
        r->odd++;
}

static void told(void *context, const tt_answer *answer, const void *response)
{
    running *r = context;
    (void)response;
    r->open--;
    r->done++;
    r->odd += answer->status != TT_OK || answer->code != TT_CODE_ANSWERED;
    if (!r->stop)
        ask(r);
}

static void report(const char *how, unsigned in_flight, unsigned long done, unsigned long odd, double seconds,
                   double used)
{
    printf("{\"how\": \"%s\", \"in_flight\": %u, \"per_s\": %.0f, \"cpu_us\": %.1f, \"odd\": %lu}\n", how,
           in_flight, (double)done / seconds, used * 1e6 / (double)(done ? done : 1), odd);
}

static int through_library(const char *credentials, const char *customer, unsigned in_flight, double seconds)
{
    running r;
    char conninfo[1200], problem[160] = "";
    double begun, used;
    unsigned i;
    memset(&r, 0, sizeof r);
    snprintf(conninfo, sizeof conninfo, "credentials='%s' connections=1 in_flight=1024", credentials);
    if (tt_client_open(&r.client, conninfo, NULL, problem, sizeof problem) != TT_OK ||
        tt_client_wait_ready(r.client, 5000) != TT_OK) {
        fprintf(stderr, "%s\n", *problem ? problem : "no connection");
        return 1;
    }
    tt_message_init(TT_TX_QUERY_USER, TT_KIND_OF_REQUEST, &r.request);
    snprintf(r.request.institution, sizeof r.request.institution, "%s", tt_client_institution(r.client));
    snprintf(r.request.customer, sizeof r.request.customer, "%s", customer);
    begun = now();
    used = cpu();
    if (in_flight == 1) {
        tt_query_user_response response;
        tt_answer answer;
        while (now() < begun + seconds) {
            int status = tt_query_user(r.client, &r.request, &response, 5000, &answer);
            r.odd += status != TT_OK || answer.code != TT_CODE_ANSWERED;
            r.done++;
        }
    } else {
        for (i = 0; i < in_flight; i++)
            ask(&r);
        while (now() < begun + seconds)
            tt_client_process(r.client, 100);
        r.stop = 1;
    }
    report("library", in_flight, r.done, r.odd, now() - begun, cpu() - used);
    while (r.open > 0)
        tt_client_process(r.client, 100);
    tt_client_close(r.client);
    return 0;
}

/* ------------------------------------------------------------------------- the bare socket */

static int dialled(const char *server)
{
    char host[256];
    struct addrinfo wanted, *found;
    const char *colon = strrchr(server, ':');
    int fd, one = 1;
    memset(&wanted, 0, sizeof wanted);
    wanted.ai_socktype = SOCK_STREAM;
    snprintf(host, sizeof host, "%.*s", (int)(colon - server), server);
    if (getaddrinfo(host, colon + 1, &wanted, &found) != 0)
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, found->ai_addr, found->ai_addrlen) != 0)
        fd = -1;
    freeaddrinfo(found);
    return fd;
}

static void stamped(tt_stamp *stamp, uint64_t serial)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    memset(stamp, 0, sizeof *stamp);
    stamp->now_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    stamp->serial = ((uint64_t)stamp->now_ms << 20) + serial;
    stamp->business_day = (uint16_t)((stamp->now_ms + 480 * 60000) / 86400000);
    stamp->budget_ms = 5000;
}

static int send_all(int fd, tt_session *session)
{
    size_t size;
    const void *octets = tt_session_output(session, &size);
    if (octets != NULL && send(fd, octets, size, MSG_NOSIGNAL) != (ssize_t)size)
        return 0;
    tt_session_sent(session, size);
    return 1;
}

static int through_socket(const char *path, const char *customer, unsigned in_flight, double seconds)
{
    enum { FRAMES = 60000 };
    static uint8_t buffer[65536];
    static uint8_t *frames;
    tt_credentials *credentials;
    tt_session *session;
    tt_event event;
    tt_stamp stamp;
    tt_query_user_request request;
    char problem[160] = "";
    uint8_t nonce[16];
    size_t frame = 0, answer, received = 0, sent = 0;
    double begun, used;
    int fd, i, up = 0;
    FILE *random = fopen("/dev/urandom", "rb");
    if (random == NULL || fread(nonce, 1, 16, random) != 16 ||
        tt_credentials_load(&credentials, path, NULL, problem, sizeof problem) != TT_OK ||
        tt_session_new(&session, credentials, "bare", nonce, 1024, NULL) != TT_OK ||
        (fd = dialled(tt_credentials_server(credentials, 0))) < 0) {
        fprintf(stderr, "%s\n", *problem ? problem : "no connection");
        return 1;
    }
    fclose(random);
    while (!up) {
        ssize_t got = recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0 || tt_session_feed(session, buffer, (size_t)got) != TT_OK)
            return 1;
        while (tt_session_next(session, &event)) {
            stamped(&stamp, 1);
            up |= event.type == TT_EVENT_SIGNED_ON;
            if (event.type == TT_EVENT_GREETED && (tt_session_sign_on(session, &stamp) != TT_OK || !send_all(fd, session)))
                return 1;
        }
    }
    tt_message_init(TT_TX_QUERY_USER, TT_KIND_OF_REQUEST, &request);
    snprintf(request.institution, sizeof request.institution, "%s", tt_credentials_institution(credentials));
    snprintf(request.customer, sizeof request.customer, "%s", customer);
    for (i = 0; i < FRAMES; i++) {
        stamped(&stamp, (uint64_t)i + 2);
        if (tt_session_request(session, TT_TX_QUERY_USER, &request, &stamp, NULL) != TT_OK)
            return 1;
    }
    frames = (uint8_t *)(uintptr_t)tt_session_output(session, &frame);
    frame /= FRAMES;
    answer = 80 + tt_record_of(TT_TX_QUERY_USER, TT_KIND_OF_RESPONSE, 1)->body_size;
    begun = now();
    used = cpu();
    while (now() < begun + seconds && sent < FRAMES) {
        size_t wanted = received / answer + in_flight;
        ssize_t got;
        if (wanted > FRAMES)
            wanted = FRAMES;
        if (wanted > sent) {
            if (send(fd, frames + sent * frame, (wanted - sent) * frame, MSG_NOSIGNAL) < 0)
                return 1;
            sent = wanted;
        }
        got = recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0)
            return 1;
        received += (size_t)got;
    }
    report("bare socket", in_flight, received / answer, 0, now() - begun, cpu() - used);
    close(fd);
    tt_session_free(session);
    tt_credentials_free(credentials);
    return 0;
}

int main(int count, char **arguments)
{
    unsigned in_flight;
    double seconds;
    if (count < 5) {
        fprintf(stderr, "usage: %s CREDENTIALS CUSTOMER IN_FLIGHT SECONDS [bare]\n", arguments[0]);
        return 4;
    }
    in_flight = (unsigned)strtoul(arguments[3], NULL, 10);
    seconds = strtod(arguments[4], NULL);
    return count > 5 ? through_socket(arguments[1], arguments[2], in_flight, seconds)
                     : through_library(arguments[1], arguments[2], in_flight, seconds);
}
