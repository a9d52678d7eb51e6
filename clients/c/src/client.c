/*
 * The pool: keeps the wanted connections up over the server list, and carries each call to its end.
 *
 * Rules for unknown outcomes, the same as in every other client of Tigertally:
 *
 *   - A request whose connection died, or that stayed silent, goes out again with the same serial and
 *     business day, flagged RETRY, on another connection, until the deadline.
 *   - A put-off (BUSY, UNAVAILABLE...) means not executed: again after a pause, the server's wish first.
 *   - At the deadline: the last put-off is the result if every try was put off; NO_ANSWER if nothing was
 *     sent or nothing can have changed; else OUTCOME_UNKNOWN. Never "denied" for want of an answer.
 *
 * Threads: one at a time leads (waits in poll() and works); others wait for their own call's end, and one
 * of them leads next. The lock is free while the leader waits, and while callbacks run.
 */
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FORGET_MS 60000

enum { QUEUED, LISTENING, PAUSED };
enum { DELIVER, REPEAT, ELSEWHERE, SETTLE };

static void add_timer(tt_client *c, int64_t at)
{
    if (at < c->timer)
        c->timer = at;
}

/* ------------------------------------------------------------------------- servers */

static size_t choose_server(const tt_client *c, size_t slot, int64_t now, int64_t *wait)
{
    size_t step, soonest = slot % c->server_count;
    *wait = 0;
    for (step = 0; step < c->server_count; step++) {
        size_t turn = (slot + step) % c->server_count;
        if (c->servers[turn].not_before <= now)
            return turn;
        if (c->servers[turn].not_before < c->servers[soonest].not_before)
            soonest = turn;
    }
    *wait = c->servers[soonest].not_before - now;
    return soonest;
}

/* A dial or sign-on failed, or a standing connection broke: leave the server alone for longer. */
static void server_failed(tt_client *c, size_t server, int64_t now)
{
    tt_server *s = &c->servers[server];
    s->failures++;
    s->not_before = now + tt_backoff(c->settings.reconnect, c->settings.reconnect_cap, s->failures,
                                     tt_random63(&c->world));
}

/* ------------------------------------------------------------------------- calls */

static void unqueue(tt_client *c, tt_call *call)
{
    if (!call->queued)
        return;
    if (call->queue_next != NULL)
        call->queue_next->queue_back = call->queue_back;
    else
        c->queue_tail = call->queue_back;
    if (call->queue_back != NULL)
        call->queue_back->queue_next = call->queue_next;
    else
        c->queue_head = call->queue_next;
    call->queued = 0;
    c->waiting--;
}

static void enqueue(tt_client *c, tt_call *call)
{
    call->state = QUEUED;
    call->waiting_on = 0;
    call->queued = 1;
    call->queue_next = NULL;
    call->queue_back = c->queue_tail;
    if (c->queue_tail != NULL)
        c->queue_tail->queue_next = call;
    else
        c->queue_head = call;
    c->queue_tail = call;
    c->waiting++;
}

static void complete(tt_client *c, tt_call *call, int status, const char *why)
{
    size_t i;
    call->answer.status = status;
    if (status == TT_OK)
        c->counters.answered++;
    else if (status == TT_ERROR_OUTCOME_UNKNOWN)
        c->counters.outcomes_unknown++;
    else if (status == TT_ERROR_NO_ANSWER)
        c->counters.no_answers++;
    if (status != TT_OK)
        tt_format(call->answer.problem, sizeof call->answer.problem, "%s", why ? why : tt_status_text(status));
    unqueue(c, call);
    *call->link = call->next;
    if (call->next != NULL)
        call->next->link = call->link;
    for (i = 0; i < c->link_count; i++)
        if (c->links[i]->state != LINK_ENDED)
            tt_link_disown(c->links[i], call->answer.ticket.serial, call, call->deadline + FORGET_MS);
    tt_wipe(call->body, call->row->record->body_size);
    call->finished = 1;
    call->next = NULL;
    if (call->done != NULL) {
        *c->finished_end = call;
        c->finished_end = &call->next;
    } else {
        pthread_cond_signal(&call->wake);
    }
}

static void give_up(tt_client *c, tt_call *call)
{
    if (call->maybe_executed && !call->row->read_only)
        complete(c, call, TT_ERROR_OUTCOME_UNKNOWN, NULL);
    else if (call->rejected) {
        call->answer.code = call->rejected;
        complete(c, call, TT_ERROR_REJECTED, NULL);
    } else if (c->closing)
        complete(c, call, TT_ERROR_CLOSED, NULL);
    else if (call->answer.tries)
        complete(c, call, TT_ERROR_NO_ANSWER, "the server didn't answer the query");
    else
        complete(c, call, TT_ERROR_NO_ANSWER, *c->last_problem ? c->last_problem : "no connection had room");
}

/* The put-off that a call may return as its result: only if none of its tries can have run. */
static void end_unsettled(tt_client *c, tt_call *call)
{
    if (call->put_off && !call->maybe_executed) {
        call->answer.code = call->put_off;
        complete(c, call, TT_OK, NULL);
    } else {
        give_up(c, call);
    }
}

/* Fewer in flight; of equals the one asked longest ago, so that a lone caller asks all servers in turn. */
static int comes_before(const tt_link *one, const tt_link *other)
{
    if (one->open_count != other->open_count)
        return one->open_count < other->open_count;
    return one->last_turn < other->last_turn;
}

static tt_link *ready_link(const tt_client *c, int64_t now, const tt_call *besides)
{
    tt_link *best = NULL;
    size_t i, j;
    for (i = 0; i < c->link_count; i++) {
        tt_link *link = c->links[i];
        int asked = 0;
        if (!tt_link_can_take(link, now))
            continue;
        for (j = 0; besides != NULL && j < besides->asked_count; j++)
            asked |= besides->asked[j] == link->id;
        if (!asked && (best == NULL || comes_before(link, best)))
            best = link;
    }
    return best;
}

/* 0 where the call has ended instead. */
static int send_on(tt_client *c, tt_call *call, tt_link *link, int64_t now)
{
    tt_stamp stamp;
    int status;
    memset(&stamp, 0, sizeof stamp);
    stamp.serial = call->answer.ticket.serial;
    stamp.business_day = call->answer.ticket.business_day;
    stamp.now_ms = tt_wall(&c->world);
    stamp.retry = call->answer.tries > 0 || call->maybe_executed;
    stamp.budget_ms = call->deadline - now > 1 ? (uint32_t)(call->deadline - now) : 1;
    status = tt_link_send(link, call, call->row, call->body, &stamp, now);
    if (status != TT_OK) {
        if (call->maybe_executed)
            give_up(c, call);
        else
            complete(c, call, status, NULL);
        return 0;
    }
    unqueue(c, call);
    c->counters.frames_sent++;
    link->last_turn = c->counters.frames_sent;
    c->counters.retries += call->answer.tries > 0;
    call->answer.tries++;
    call->state = LISTENING;
    call->waiting_on = link->id;
    call->put_off = 0;
    call->silence_at = now + c->settings.attempt_timeout;
    add_timer(c, call->silence_at);
    return 1;
}

static int anything_alive(const tt_client *c)
{
    size_t i;
    for (i = 0; i < c->link_count; i++)
        if (!c->links[i]->retired)
            return 1;
    return 0;
}

/* With every circuit open beyond a call's deadline there is nothing to wait for. */
static int hopeless(const tt_client *c, const tt_call *call, int64_t now)
{
    size_t i;
    if (anything_alive(c))
        return 0;
    for (i = 0; i < c->server_count; i++)
        if (c->servers[i].not_before <= call->deadline || c->servers[i].not_before <= now)
            return 0;
    return 1;
}

static void dispatch(tt_client *c, int64_t now)
{
    while (c->queue_head != NULL) {
        tt_call *call = c->queue_head;
        tt_link *link = c->closing ? NULL : ready_link(c, now, NULL);
        if (c->closing || now >= call->deadline || (link == NULL && hopeless(c, call, now))) {
            end_unsettled(c, call);
            continue;
        }
        if (link == NULL)
            return;
        call->asked[0] = link->id;
        call->asked_count = 1;
        (void)send_on(c, call, link, now);
    }
}

/* ------------------------------------------------------------------------- what links tell */

static int reaction_to(const tt_call *call, uint32_t code)
{
    int queries = call->row->transaction == TT_TX_QUERY_SERIAL ||
                  call->row->transaction == TT_TX_QUERY_REFERENCE;
    switch (code) {
    case TT_CODE_BUSY:
    case TT_CODE_UNAVAILABLE:
    case TT_CODE_DEADLINE_EXPIRED:
    case TT_CODE_HSM_UNAVAILABLE:
    case TT_CODE_HSM_BUSY:
    case TT_CODE_HSM_TIMED_OUT:
        return REPEAT;
    case TT_CODE_DRAINING:
        return ELSEWHERE;
    case TT_CODE_IN_PROGRESS:
        /* To these it is the answer: it speaks of the serial they ask about. */
        return queries ? DELIVER : SETTLE;
    case TT_CODE_OUTCOME_UNKNOWN:
        return SETTLE;
    default:
        break;
    }
    /* An unrecorded answer vouches for its own try alone. SERIAL_CONFLICT says that another request
     * holds the serial, so ours can't have been executed. */
    if (call->maybe_executed && !call->row->read_only && !tt_code_recorded(code) &&
        tt_code_class(code) != TT_CLASS_ANSWERED && code != TT_CODE_SERIAL_CONFLICT)
        return SETTLE;
    return DELIVER;
}

static void put_off(tt_client *c, tt_call *call, int reaction, uint32_t retry_after)
{
    int64_t now = tt_now(&c->world), delay;
    if (now >= call->deadline || c->closing) {
        end_unsettled(c, call);
        return;
    }
    c->counters.put_off++;
    call->put_offs++;
    if (reaction == SETTLE)
        call->maybe_executed = 1;
    if (reaction == ELSEWHERE && call->put_offs == 1) {
        enqueue(c, call);
        return;
    }
    delay = tt_backoff(c->settings.repeat, c->settings.repeat_cap, call->put_offs, tt_random63(&c->world));
    if (delay < (int64_t)retry_after)
        delay = retry_after;
    call->state = PAUSED;
    call->pause_until = now + delay < call->deadline ? now + delay : call->deadline;
    add_timer(c, call->pause_until);
}

static void on_answer(void *owner, tt_link *link, void *which, const tt_event *event)
{
    tt_client *c = owner;
    tt_call *call = which;
    int reaction = reaction_to(call, event->code);
    call->answer.code = event->code;
    call->answer.retry_after_ms = event->retry_after_ms;
    if (reaction != DELIVER && (call->waiting_on != link->id || call->state != LISTENING))
        return; /* a put-off of an earlier try; the newer try decides */
    memcpy(call->response, event->message, event->record->struct_size);
    if (reaction == DELIVER) {
        complete(c, call, TT_OK, NULL);
        return;
    }
    call->put_off = event->code;
    put_off(c, call, reaction, event->retry_after_ms);
}

static void on_lost(void *owner, tt_link *link, void *which)
{
    tt_client *c = owner;
    tt_call *call = which;
    call->maybe_executed = 1;
    if (call->state != LISTENING || call->waiting_on != link->id)
        return;
    if (c->closing || tt_now(&c->world) >= call->deadline)
        end_unsettled(c, call);
    else
        enqueue(c, call); /* at once on another */
}

static void on_reject(void *owner, tt_link *link, void *which, uint32_t code)
{
    tt_call *call = which;
    (void)link;
    call->rejected = code;
    call->put_off = 0;
    give_up(owner, call);
}

/* ------------------------------------------------------------------------- time */

static void call_timer(tt_client *c, tt_call *call, int64_t now)
{
    tt_link *other;
    if (call->state == PAUSED && now >= call->pause_until)
        enqueue(c, call);
    if (now >= call->deadline) {
        call->maybe_executed |= call->state == LISTENING;
        end_unsettled(c, call);
        return;
    }
    if (call->state == LISTENING && now >= call->silence_at) {
        call->maybe_executed = 1;
        call->silence_at = now + c->settings.attempt_timeout;
        other = call->asked_count < TT_ASKED ? ready_link(c, now, call) : NULL;
        if (other != NULL) {
            call->asked[call->asked_count++] = other->id;
            if (!send_on(c, call, other, now))
                return;
        }
    }
    add_timer(c, call->state == LISTENING && call->silence_at < call->deadline ? call->silence_at
                 : call->state == PAUSED                                      ? call->pause_until
                                                                              : call->deadline);
}

static void timers(tt_client *c, int64_t now)
{
    tt_call *call, *next;
    if (now < c->timer)
        return;
    c->timer = TT_NEVER;
    for (call = c->calls; call != NULL; call = next) {
        next = call->next;
        call_timer(c, call, now);
    }
}

/* When something must be done even if nothing comes. */
static int64_t next_timer(const tt_client *c, int64_t now)
{
    int64_t soonest = c->timer;
    size_t i;
    for (i = 0; i < c->link_count; i++) {
        int64_t own = tt_link_timer(c->links[i]);
        if (c->queue_head != NULL && c->links[i]->paused_until > now && c->links[i]->paused_until < own)
            own = c->links[i]->paused_until;
        if (own < soonest)
            soonest = own;
    }
    for (i = 0; i < (size_t)c->settings.connections && !c->closing; i++)
        if (c->slots[i] == NULL) {
            int64_t wait;
            (void)choose_server(c, i, now, &wait);
            if (now + wait < soonest)
                soonest = now + wait;
        }
    return soonest;
}

/* ------------------------------------------------------------------------- connections */

static void note_problem(tt_client *c, const tt_link *link, const char *why)
{
    tt_format(c->last_problem, sizeof c->last_problem, "%s: %s", c->servers[link->server].name, why);
    tt_log(&c->world, TT_LOG_WARNING, "%s", c->last_problem);
}

static void dial(tt_client *c, int64_t now)
{
    const tt_watcher watcher = {c, on_answer, on_lost, on_reject};
    size_t slot;
    for (slot = 0; slot < (size_t)c->settings.connections && !c->closing; slot++) {
        int64_t wait;
        size_t server;
        tt_link *link;
        if (c->slots[slot] != NULL || c->link_count == c->link_room)
            continue;
        server = choose_server(c, slot, now, &wait);
        if (wait > 0)
            continue;
        link = tt_link_new(&c->world, c->credentials, &c->settings, &c->serials, &c->counters, &watcher,
                           c->servers[server].name, now + c->settings.connect_timeout);
        if (link == NULL) {
            tt_format(c->last_problem, sizeof c->last_problem, "no memory for a connection");
            c->counters.connect_failures++;
            server_failed(c, server, now);
            continue;
        }
        link->id = ++c->last_link_id;
        link->server = server;
        c->links[c->link_count++] = link;
        c->slots[slot] = link;
    }
}

static void note_retirement(tt_client *c, tt_link *link, int64_t now)
{
    tt_server *server = &c->servers[link->server];
    if (link->heartbeat == 0) { /* it never signed on */
        if (!c->closing) {
            c->counters.connect_failures++;
            note_problem(c, link, link->problem);
            server_failed(c, link->server, now);
        }
        return;
    }
    if (link->proven) {
        server->failures = 0;
        server->not_before = 0;
    }
    if (link->draining) {
        if (server->not_before < now + c->settings.drain_away)
            server->not_before = now + c->settings.drain_away;
    } else if (!c->closing) {
        c->counters.connections_lost++;
        note_problem(c, link, link->problem);
        server_failed(c, link->server, now);
    }
}

static void sweep(tt_client *c, int64_t now)
{
    size_t i, kept = 0;
    for (i = 0; i < (size_t)c->settings.connections; i++)
        if (c->slots[i] != NULL && c->slots[i]->retired) {
            note_retirement(c, c->slots[i], now);
            c->slots[i] = NULL;
        }
    for (i = 0; i < c->link_count; i++)
        if (c->links[i]->state == LINK_ENDED) {
            tt_link_free(c->links[i]);
        } else {
            c->links[kept++] = c->links[i];
        }
    c->link_count = kept;
}

/* ------------------------------------------------------------------------- the descriptor */

#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/timerfd.h>

static void watch_fd(tt_client *c, int fd, uint32_t events, int operation)
{
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = events;
    event.data.fd = fd;
    (void)epoll_ctl(c->epoll, operation, fd, &event);
}

static int open_descriptor(tt_client *c)
{
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (c->epoll < 0 || c->timerfd < 0)
        return 0;
    watch_fd(c, c->timerfd, EPOLLIN, EPOLL_CTL_ADD);
    watch_fd(c, c->pipe[0], EPOLLIN, EPOLL_CTL_ADD);
    return 1;
}

/* Brings the epoll set and its timer in line with what is wanted now. */
static void show_descriptor(tt_client *c)
{
    struct itimerspec when;
    int64_t now, left;
    size_t i;
    if (c->epoll < 0)
        return;
    for (i = 0; i < c->link_count; i++) {
        tt_link *link = c->links[i];
        short wanted = tt_link_wants(link);
        uint32_t events = (wanted & POLLIN ? EPOLLIN : 0u) | (wanted & POLLOUT ? EPOLLOUT : 0u);
        if (link->fd < 0 || (link->fd == link->watched_fd && wanted == link->watched))
            continue;
        /* A descriptor that was closed has left the set by itself, and its number may be another's. */
        watch_fd(c, link->fd, events, EPOLL_CTL_ADD);
        watch_fd(c, link->fd, events, EPOLL_CTL_MOD);
        link->watched_fd = link->fd;
        link->watched = wanted;
    }
    now = tt_now(&c->world);
    left = c->finished_head != NULL ? 1 : next_timer(c, now);
    left = left == TT_NEVER ? 0 : left > now ? left - now : 1;
    memset(&when, 0, sizeof when);
    when.it_value.tv_sec = (time_t)(left / 1000);
    when.it_value.tv_nsec = (long)(left % 1000) * 1000000;
    (void)timerfd_settime(c->timerfd, 0, &when, NULL);
}
#else
static int open_descriptor(tt_client *c)
{
    (void)c;
    return 0;
}
static void show_descriptor(tt_client *c) { (void)c; }
#endif

/* ------------------------------------------------------------------------- leading */

static void wake_leader(tt_client *c)
{
    if (c->sleeping && !c->woken) {
        c->woken = write(c->pipe[1], "w", 1) == 1;
    }
}

static void drain_pipe(tt_client *c)
{
    char octets[16];
    while (read(c->pipe[0], octets, sizeof octets) > 0)
        continue;
    c->woken = 0;
}

/* What others changed while the leader sleeps may concern it. */
static void after_change(tt_client *c, int64_t now)
{
    size_t i;
    int wanted = next_timer(c, now) < c->sleeps_until || c->finished_head != NULL;
    for (i = 0; i < c->link_count && !wanted; i++)
        wanted = c->links[i]->blocked || c->links[i]->state == LINK_ENDED;
    if (wanted)
        wake_leader(c);
    if (!c->leading)
        show_descriptor(c);
}

static void flush_all(tt_client *c, int64_t now)
{
    size_t i;
    for (i = 0; i < c->link_count; i++)
        if (!c->links[i]->blocked)
            tt_link_flush(c->links[i], now);
}

static int run_callbacks(tt_client *c)
{
    int count = 0;
    while (c->finished_head != NULL) {
        tt_call *call = c->finished_head, *next;
        c->finished_head = NULL;
        c->finished_end = &c->finished_head;
        pthread_mutex_unlock(&c->lock);
        for (; call != NULL; call = next, count++) {
            next = call->next;
            call->done(call->context, &call->answer, call->answer.status == TT_OK ? call->response : NULL);
            tt_release_wiped(&c->world, call, call->size);
        }
        pthread_mutex_lock(&c->lock);
    }
    return count;
}

/* One round: wait at most until `until`, then do everything there is to do. Leaders only; locked. */
static int work(tt_client *c, int64_t until)
{
    int64_t now = tt_now(&c->world), end;
    size_t i, count;
    int came, callbacks;
    dial(c, now);
    sweep(c, now);
    dispatch(c, now);
    flush_all(c, now);
    count = c->link_count;
    for (i = 0; i < count; i++) {
        c->polled[i].fd = c->links[i]->fd;
        c->polled[i].events = tt_link_wants(c->links[i]);
        c->polled[i].revents = 0;
    }
    c->polled[count].fd = c->pipe[0];
    c->polled[count].events = POLLIN;
    c->polled[count].revents = 0;
    end = next_timer(c, now);
    if (until < end)
        end = until;
    if (c->finished_head != NULL)
        end = now;
    c->sleeping = 1;
    c->sleeps_until = end;
    pthread_mutex_unlock(&c->lock);
    came = poll(c->polled, (nfds_t)count + 1, end <= now ? 0 : (int)(end - now < 60000 ? end - now : 60000));
    pthread_mutex_lock(&c->lock);
    c->sleeping = 0;
    if (came > 0 && c->polled[count].revents)
        drain_pipe(c);
    now = tt_now(&c->world);
    for (i = 0; i < count; i++)
        tt_link_step(c->links[i], now, came > 0 ? c->polled[i].revents : 0);
    sweep(c, now);
    dial(c, now);
    timers(c, now);
    dispatch(c, now);
    callbacks = run_callbacks(c);
    dispatch(c, now); /* what callbacks asked goes out now: nothing else may wake an event loop */
    flush_all(c, now);
    return callbacks;
}

static int begin_leading(tt_client *c)
{
    if (c->leading)
        return 0;
    c->leading = 1;
    c->leader = pthread_self();
    return 1;
}

static void end_leading(tt_client *c)
{
    tt_call *call;
    c->leading = 0;
    show_descriptor(c);
    for (call = c->calls; call != NULL; call = call->next)
        if (call->done == NULL) {
            pthread_cond_signal(&call->wake); /* it leads next */
            return;
        }
    pthread_cond_signal(&c->idle);
}

static int leads_here(const tt_client *c) { return c->leading && pthread_equal(c->leader, pthread_self()); }

/* ------------------------------------------------------------------------- the interface */

static int entered(tt_client *c)
{
    if (c == NULL)
        return TT_ERROR_ARGUMENT;
    if (c->owner != getpid())
        return TT_ERROR_FORKED;
    pthread_mutex_lock(&c->lock);
    return TT_OK;
}

static void *thread_main(void *argument)
{
    tt_client *c = argument;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping && !begin_leading(c))
        pthread_cond_wait(&c->idle, &c->lock);
    while (!c->stopping)
        (void)work(c, TT_NEVER);
    if (leads_here(c))
        end_leading(c);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static size_t count_servers(const char *servers)
{
    size_t count = 0;
    for (; *servers; servers += strlen(servers) + 1)
        count++;
    return count;
}

static int set_servers(tt_client *c, const char *own)
{
    char *made = NULL;
    const char *each;
    size_t size, i = 0;
    int status = TT_OK;
    if (*own != '\0') {
        made = tt_servers_copy(&c->world, own, strlen(own), &size, &status);
        if (made == NULL)
            return status;
    }
    each = made ? made : c->credentials->servers;
    c->server_count = count_servers(each);
    c->servers = tt_allocate(&c->world, c->server_count * sizeof *c->servers);
    for (; c->servers != NULL && *each; each += strlen(each) + 1)
        tt_format(c->servers[i++].name, sizeof c->servers->name, "%s", each);
    tt_release(&c->world, made);
    return c->servers ? TT_OK : TT_ERROR_MEMORY;
}

static int set_up(tt_client *c, const char *servers)
{
    int i, status = set_servers(c, servers);
    if (status != TT_OK)
        return status;
    c->link_room = 2 * (size_t)c->settings.connections + 2;
    c->links = tt_allocate(&c->world, c->link_room * sizeof *c->links);
    c->slots = tt_allocate(&c->world, (size_t)c->settings.connections * sizeof *c->slots);
    c->polled = tt_allocate(&c->world, (c->link_room + 1) * sizeof *c->polled);
    if (c->links == NULL || c->slots == NULL || c->polled == NULL)
        return TT_ERROR_MEMORY;
    c->serials.instance = c->settings.instance >= 0 ? (uint64_t)c->settings.instance
                                                    : tt_random63(&c->world) & 1023;
    if (pipe(c->pipe) != 0)
        return TT_ERROR_SYSTEM;
    for (i = 0; i < 2; i++) {
        (void)fcntl(c->pipe[i], F_SETFL, fcntl(c->pipe[i], F_GETFL) | O_NONBLOCK);
        (void)fcntl(c->pipe[i], F_SETFD, FD_CLOEXEC);
    }
    if (c->settings.thread) {
        c->stopping = 0;
        if (pthread_create(&c->thread, NULL, thread_main, c) != 0)
            return TT_ERROR_SYSTEM;
        c->thread_runs = 1;
    }
    return TT_OK;
}

int tt_client_open_with(tt_client **made, tt_credentials *credentials, const char *conninfo,
                        const tt_hooks *hooks, char *problem, size_t problem_size)
{
    tt_texts texts;
    tt_world world;
    tt_client *c;
    int status;
    if (made == NULL || credentials == NULL) {
        tt_credentials_free(credentials);
        return TT_ERROR_ARGUMENT;
    }
    *made = NULL;
    tt_world_init(&world, hooks);
    c = tt_allocate(&world, sizeof *c);
    if (c == NULL) {
        tt_credentials_free(credentials);
        return TT_ERROR_MEMORY;
    }
    c->world = world;
    c->credentials = credentials;
    c->owner = getpid();
    c->timer = TT_NEVER;
    c->pipe[0] = c->pipe[1] = c->epoll = c->timerfd = -1;
    c->finished_end = &c->finished_head;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->idle, NULL);
    status = tt_settings_parse(&c->settings, &texts, conninfo, problem, problem_size);
    if (status == TT_OK) {
        status = set_up(c, texts.servers);
        if (status != TT_OK)
            tt_format(problem, problem_size, "%s",
                      status == TT_ERROR_ARGUMENT ? "conninfo: servers must be host:port,host:port"
                                                  : tt_status_text(status));
    }
    if (status != TT_OK) {
        tt_client_abandon(c);
        return status;
    }
    *made = c;
    return TT_OK;
}

int tt_client_open(tt_client **made, const char *conninfo, const tt_hooks *hooks, char *problem,
                   size_t problem_size)
{
    tt_settings settings;
    tt_texts texts;
    tt_credentials *credentials;
    int status;
    if (made == NULL)
        return TT_ERROR_ARGUMENT;
    *made = NULL;
    status = tt_settings_parse(&settings, &texts, conninfo, problem, problem_size);
    if (status != TT_OK)
        return status;
    if (*texts.credentials == '\0') {
        tt_format(problem, problem_size, "conninfo: credentials=FILE is missing");
        return TT_ERROR_ARGUMENT;
    }
    status = tt_credentials_load(&credentials, texts.credentials, hooks, problem, problem_size);
    return status == TT_OK
               ? tt_client_open_with(made, credentials, conninfo, hooks, problem, problem_size)
               : status;
}

/* A call with its body and room for its answer in one block; nothing can fail for memory later. */
static int make_call(tt_client *c, unsigned transaction, const void *request, int timeout_ms,
                     const tt_ticket *ticket, tt_call **made, const char **bad_field)
{
    const tt_frame_row *row = tt_frame_row_of(transaction, TT_KIND_OF_REQUEST, 1);
    const tt_record *told = tt_record_of(transaction, TT_KIND_OF_RESPONSE, 1);
    size_t head = (sizeof(tt_call) + 15) / 16 * 16, size;
    tt_call *call;
    int status;
    if (row == NULL || told == NULL || transaction < TT_FIRST_BUSINESS || request == NULL)
        return TT_ERROR_ARGUMENT;
    size = head + (told->struct_size + 15) / 16 * 16 + row->record->body_size;
    call = tt_allocate(&c->world, size);
    if (call == NULL)
        return TT_ERROR_MEMORY;
    call->size = size;
    call->row = row;
    call->response = (uint8_t *)call + head;
    call->body = (uint8_t *)call->response + (told->struct_size + 15) / 16 * 16;
    call->response_size = told->struct_size;
    status = tt_encode(row->record, tt_client_charset(c), request, call->body, row->record->body_size,
                       bad_field);
    if (status != TT_OK) {
        tt_release_wiped(&c->world, call, size);
        return status;
    }
    call->deadline = tt_now(&c->world) + (timeout_ms > 0 ? timeout_ms : c->settings.timeout);
    if (ticket != NULL) {
        call->answer.ticket = *ticket;
        call->maybe_executed = ticket->repeated;
    } else {
        int64_t wall = tt_wall(&c->world);
        call->answer.ticket.serial = tt_serial_new(&c->serials, wall);
        call->answer.ticket.business_day = tt_business_day(wall, c->settings.utc_offset_minutes);
    }
    *made = call;
    return TT_OK;
}

static void start_call(tt_client *c, tt_call *call)
{
    int64_t now = tt_now(&c->world);
    c->counters.calls++;
    call->next = c->calls;
    call->link = &c->calls;
    if (c->calls != NULL)
        c->calls->link = &call->next;
    c->calls = call;
    add_timer(c, call->deadline);
    enqueue(c, call);
    /* Within a callback the leader sends, many frames at once. */
    if (leads_here(c))
        return;
    dispatch(c, now);
    flush_all(c, now);
    after_change(c, now);
}

static int startable(const tt_client *c)
{
    if (c->closing)
        return TT_ERROR_CLOSED;
    return c->waiting >= (size_t)c->settings.waiting ? TT_ERROR_BUSY : TT_OK;
}

int tt_client_submit(tt_client *c, unsigned transaction, const void *request, int timeout_ms,
                     const tt_ticket *ticket, tt_done done, void *context)
{
    tt_call *call = NULL;
    int status = done ? entered(c) : TT_ERROR_ARGUMENT;
    if (status != TT_OK)
        return status;
    status = startable(c);
    if (status == TT_OK)
        status = make_call(c, transaction, request, timeout_ms, ticket, &call, NULL);
    if (status == TT_OK) {
        call->done = done;
        call->context = context;
        start_call(c, call);
    }
    pthread_mutex_unlock(&c->lock);
    return status;
}

static void wait_for(tt_client *c, tt_call *call)
{
    while (!call->finished) {
        if (begin_leading(c)) {
            while (!call->finished)
                (void)work(c, TT_NEVER);
            end_leading(c);
        } else {
            pthread_cond_wait(&call->wake, &c->lock);
        }
    }
}

int tt_client_call(tt_client *c, unsigned transaction, const void *request, void *response, int timeout_ms,
                   const tt_ticket *ticket, tt_answer *answer)
{
    tt_answer own;
    tt_call *call = NULL;
    const char *bad_field = NULL;
    int status = entered(c);
    if (answer == NULL)
        answer = &own;
    memset(answer, 0, sizeof *answer);
    if (ticket != NULL)
        answer->ticket = *ticket;
    if (status != TT_OK)
        return answer->status = status;
    status = leads_here(c) ? TT_ERROR_STATE : startable(c);
    if (status == TT_OK)
        status = make_call(c, transaction, request, timeout_ms, ticket, &call, &bad_field);
    if (status == TT_OK) {
        pthread_cond_init(&call->wake, NULL);
        start_call(c, call);
        wait_for(c, call);
        *answer = call->answer;
        if (response != NULL && answer->status == TT_OK)
            memcpy(response, call->response, call->response_size);
        pthread_cond_destroy(&call->wake);
        tt_release_wiped(&c->world, call, call->size);
    } else {
        answer->status = status;
        tt_format(answer->bad_field, sizeof answer->bad_field, "%s", bad_field ? bad_field : "");
        tt_format(answer->problem, sizeof answer->problem, "%s", tt_status_text(status));
    }
    pthread_mutex_unlock(&c->lock);
    return answer->status;
}

/* Waits at most until `until` for the lead to be free. Locked. */
static void wait_idle(tt_client *c, int64_t until)
{
    struct timespec when;
    int64_t left = until - tt_now(&c->world);
    if (left <= 0)
        return;
    if (left > 100)
        left = 100; /* the wall clock may be set meanwhile */
    (void)clock_gettime(CLOCK_REALTIME, &when);
    when.tv_nsec += (long)left * 1000000;
    when.tv_sec += when.tv_nsec / 1000000000;
    when.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&c->idle, &c->lock, &when);
}

int tt_client_process(tt_client *c, int timeout_ms)
{
    int64_t until;
    int status = entered(c), callbacks = 0;
    if (status != TT_OK)
        return status;
    if (leads_here(c)) {
        pthread_mutex_unlock(&c->lock);
        return TT_ERROR_STATE;
    }
    until = timeout_ms < 0 ? TT_NEVER : tt_now(&c->world) + timeout_ms;
    while (!begin_leading(c) && tt_now(&c->world) < until)
        wait_idle(c, until);
    if (leads_here(c)) {
        do
            callbacks += work(c, until);
        while (callbacks == 0 && tt_now(&c->world) < until);
        end_leading(c);
    }
    pthread_mutex_unlock(&c->lock);
    return callbacks;
}

int tt_client_fd(tt_client *c)
{
    int fd = -1;
    if (entered(c) != TT_OK)
        return -1;
    if (c->epoll < 0 && !open_descriptor(c)) {
        if (c->epoll >= 0)
            close(c->epoll);
        if (c->timerfd >= 0)
            close(c->timerfd);
        c->epoll = c->timerfd = -1;
    }
    if (c->epoll >= 0) {
        if (!c->leading)
            show_descriptor(c);
        fd = c->epoll;
    }
    pthread_mutex_unlock(&c->lock);
    return fd;
}

static int any_up(const tt_client *c)
{
    size_t i;
    for (i = 0; i < c->link_count; i++)
        if (c->links[i]->state == LINK_UP && !c->links[i]->retired)
            return 1;
    return 0;
}

int tt_client_wait_ready(tt_client *c, int timeout_ms)
{
    int64_t until;
    int status = entered(c);
    if (status != TT_OK)
        return status;
    until = tt_now(&c->world) + (timeout_ms > 0 ? timeout_ms : c->settings.connect_timeout);
    while (!any_up(c) && tt_now(&c->world) < until) {
        if (begin_leading(c)) {
            (void)work(c, until);
            end_leading(c);
        } else {
            wait_idle(c, until);
        }
    }
    status = any_up(c) ? TT_OK : TT_ERROR_NETWORK;
    pthread_mutex_unlock(&c->lock);
    return status;
}

int tt_client_ticket(tt_client *c, tt_ticket *ticket)
{
    int64_t wall;
    int status = ticket ? entered(c) : TT_ERROR_ARGUMENT;
    if (status != TT_OK)
        return status;
    wall = tt_wall(&c->world);
    ticket->serial = tt_serial_new(&c->serials, wall);
    ticket->business_day = tt_business_day(wall, c->settings.utc_offset_minutes);
    ticket->repeated = 0;
    pthread_mutex_unlock(&c->lock);
    return TT_OK;
}

const char *tt_client_institution(const tt_client *c) { return c->credentials->institution; }
const char *tt_client_charset(const tt_client *c) { return c->credentials->gb18030 ? "gb18030" : "utf-8"; }

int tt_client_statistics(tt_client *c, tt_statistics *to)
{
    tt_statistics made;
    size_t i, size = to ? to->size : 0;
    int status = size ? entered(c) : TT_ERROR_ARGUMENT;
    if (status != TT_OK)
        return status;
    memset(&made, 0, sizeof made);
    made.size = size;
    made.calls = c->counters.calls;
    made.answered = c->counters.answered;
    made.frames_sent = c->counters.frames_sent;
    made.retries = c->counters.retries;
    made.put_off = c->counters.put_off;
    made.late_answers = c->counters.late_answers;
    made.outcomes_unknown = c->counters.outcomes_unknown;
    made.no_answers = c->counters.no_answers;
    made.connects = c->counters.connects;
    made.connect_failures = c->counters.connect_failures;
    made.connections_lost = c->counters.connections_lost;
    made.drains = c->counters.drains;
    made.key_changes = c->counters.key_changes;
    made.heartbeats = c->counters.heartbeats;
    made.rejects = c->counters.rejects;
    made.forged_rejects = c->counters.forged_rejects;
    made.waiting = c->waiting;
    for (i = 0; i < c->link_count; i++) {
        made.in_flight += c->links[i]->open_count;
        made.connections += c->links[i]->state == LINK_UP;
    }
    tt_format(made.last_problem, sizeof made.last_problem, "%s", c->last_problem);
    memcpy(to, &made, size < sizeof made ? size : sizeof made);
    pthread_mutex_unlock(&c->lock);
    return TT_OK;
}

int tt_client_server_statistics(tt_client *c, size_t n, tt_server_statistics *to)
{
    int64_t now;
    size_t i;
    int status = to ? entered(c) : TT_ERROR_ARGUMENT;
    if (status != TT_OK)
        return status;
    memset(to, 0, sizeof *to);
    if (n < c->server_count) {
        now = tt_now(&c->world);
        tt_format(to->server, sizeof to->server, "%s", c->servers[n].name);
        to->failures = c->servers[n].failures;
        if (c->servers[n].not_before > now)
            to->rest_ms = (uint32_t)(c->servers[n].not_before - now);
        to->state = to->rest_ms ? TT_SERVER_RESTING : to->failures ? TT_SERVER_TRIED : TT_SERVER_GOOD;
        for (i = 0; i < c->link_count; i++)
            if (c->links[i]->server == n && c->links[i]->state == LINK_UP) {
                to->connections++;
                to->in_flight += (uint32_t)c->links[i]->open_count;
            }
    } else {
        status = TT_ERROR_ARGUMENT;
    }
    pthread_mutex_unlock(&c->lock);
    return status;
}

/* ------------------------------------------------------------------------- the end */

void tt_client_abandon(tt_client *c)
{
    tt_world world;
    tt_call *call, *next;
    size_t i;
    int fds[4];
    if (c == NULL)
        return;
    world = c->world;
    for (i = 0; i < c->link_count; i++)
        tt_link_free(c->links[i]);
    for (call = c->calls; call != NULL; call = next) {
        next = call->next;
        tt_release_wiped(&world, call, call->size);
    }
    fds[0] = c->pipe[0];
    fds[1] = c->pipe[1];
    fds[2] = c->epoll;
    fds[3] = c->timerfd;
    for (i = 0; i < 4; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    tt_credentials_free(c->credentials);
    tt_release(&world, c->servers);
    tt_release(&world, c->links);
    tt_release(&world, c->slots);
    tt_release(&world, c->polled);
    tt_release(&world, c);
}

static void stop_thread(tt_client *c)
{
    if (!c->thread_runs)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = 1;
    wake_leader(c);
    pthread_cond_broadcast(&c->idle);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    c->thread_runs = 0;
}

void tt_client_close(tt_client *c)
{
    int64_t until;
    size_t i;
    if (c == NULL)
        return;
    if (c->owner == getpid()) {
        stop_thread(c);
        pthread_mutex_lock(&c->lock);
        c->closing = 1;
        c->leading = 1;
        c->leader = pthread_self();
        until = tt_now(&c->world) + 2 * (int64_t)c->settings.sign_off_timeout;
        for (i = 0; i < c->link_count; i++)
            tt_link_leave(c->links[i], tt_now(&c->world), c->settings.sign_off_timeout);
        dispatch(c, tt_now(&c->world));
        while (c->link_count > 0 && tt_now(&c->world) < until)
            (void)work(c, until);
        for (i = 0; i < c->link_count; i++)
            tt_link_end(c->links[i], "closed");
        while (c->calls != NULL)
            end_unsettled(c, c->calls);
        (void)run_callbacks(c);
        pthread_mutex_unlock(&c->lock);
        pthread_cond_destroy(&c->idle);
        pthread_mutex_destroy(&c->lock);
    }
    tt_client_abandon(c);
}
