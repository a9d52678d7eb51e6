/* What client.c keeps. */
#ifndef TT_POOL_H
#define TT_POOL_H

#include "settings.h"

#include <pthread.h>
#include <sys/types.h>
#include <time.h>

#define TT_ASKED 8

/* A call under way. It may stand open on several connections at once: after silence on one it goes out
 * again, same serial, on another; the first final answer ends it. `maybe_executed` is never cleared. */
typedef struct tt_call {
    struct tt_call *next, **link;             /* all calls; or what has finished */
    struct tt_call *queue_next, *queue_back;  /* those that wait for room */
    size_t size, response_size;
    const tt_frame_row *row;
    uint8_t *body;
    void *response;
    tt_answer answer;
    tt_done done; /* NULL: a thread waits on `wake` */
    void *context;
    pthread_cond_t wake;
    int64_t deadline, silence_at, pause_until;
    uint64_t waiting_on, asked[TT_ASKED];
    size_t asked_count;
    uint32_t put_off, rejected;
    unsigned put_offs;
    int state, queued, maybe_executed, finished;
} tt_call;

typedef struct {
    char name[280];
    uint32_t failures;
    int64_t not_before;
} tt_server;

struct tt_client {
    tt_world world;
    tt_credentials *credentials;
    tt_settings settings;
    tt_serials serials;
    tt_counters counters;
    tt_server *servers;
    size_t server_count;
    tt_link **links, **slots; /* all; and the one that each slot uses */
    size_t link_count, link_room;
    uint64_t last_link_id;
    struct pollfd *polled;
    tt_call *calls, *queue_head, *queue_tail, *finished_head, **finished_end;
    size_t waiting;
    int64_t timer, sleeps_until;
    int pipe[2], epoll, timerfd;
    int leading, sleeping, woken, closing, stopping, thread_runs;
    pthread_t leader, thread;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    pid_t owner;
    char last_problem[128];
};

#endif
