/* The public face of one connection: a link, and the calls that are open on it. No repetition. */
#include "link.h"

#include <unistd.h>

typedef struct pending {
    struct pending *next, **link;
    tt_answer answer;
    tt_done done;
    void *context;
    const tt_frame_row *row;
} pending;

struct tt_connection {
    tt_world world;
    tt_link *link;
    tt_settings settings;
    tt_serials serials;
    tt_counters counters;
    pending *open;
    pid_t owner;
    int in_step; /* frames wait for the step's end, so that they leave together */
    char problem[96];
};

static void finish(tt_connection *c, pending *call, int status, const tt_event *event)
{
    tt_answer answer = call->answer;
    tt_done done = call->done;
    void *context = call->context;
    answer.status = status;
    if (event != NULL) {
        answer.code = event->code;
        answer.retry_after_ms = event->retry_after_ms;
    }
    if (status != TT_OK)
        tt_format(answer.problem, sizeof answer.problem, "%s", tt_status_text(status));
    *call->link = call->next;
    if (call->next != NULL)
        call->next->link = call->link;
    tt_release(&c->world, call);
    done(context, &answer, status == TT_OK ? event->message : NULL);
}

static void on_answer(void *owner, tt_link *link, void *call, const tt_event *event)
{
    (void)link;
    finish(owner, call, TT_OK, event);
}

static void on_lost(void *owner, tt_link *link, void *call)
{
    pending *lost = call;
    (void)link;
    finish(owner, lost, lost->row->read_only ? TT_ERROR_NO_ANSWER : TT_ERROR_OUTCOME_UNKNOWN, NULL);
}

static void on_reject(void *owner, tt_link *link, void *call, uint32_t code)
{
    pending *rejected = call;
    (void)link;
    rejected->answer.code = code;
    finish(owner, rejected, TT_ERROR_REJECTED, NULL);
}

static int ours(const tt_connection *c) { return c != NULL && c->owner == getpid(); }

static int wait_and_step(tt_connection *c, int64_t until)
{
    struct pollfd one;
    int64_t now = tt_now(&c->world), timer = tt_link_timer(c->link);
    int64_t end = timer < until ? timer : until;
    int count;
    one.fd = c->link->fd;
    one.events = tt_link_wants(c->link);
    one.revents = 0;
    count = poll(&one, 1, end <= now ? 0 : (int)(end - now < 60000 ? end - now : 60000));
    c->in_step++;
    tt_link_step(c->link, tt_now(&c->world), count > 0 ? one.revents : 0);
    c->in_step--;
    return c->link->state;
}

int tt_connection_open(tt_connection **made, const tt_credentials *credentials, const char *server,
                       int timeout_ms, const tt_hooks *hooks, char *problem, size_t problem_size)
{
    tt_watcher watcher = {NULL, on_answer, on_lost, on_reject};
    tt_world world;
    tt_connection *c;
    int64_t until;
    int status;
    if (made == NULL || credentials == NULL || server == NULL)
        return TT_ERROR_ARGUMENT;
    *made = NULL;
    tt_world_init(&world, hooks);
    c = tt_allocate(&world, sizeof *c);
    if (c == NULL)
        return TT_ERROR_MEMORY;
    c->world = world;
    c->owner = getpid();
    tt_settings_default(&c->settings);
    c->serials.instance = tt_random63(&world) & 1023;
    watcher.owner = c;
    until = tt_now(&world) + (timeout_ms > 0 ? timeout_ms : c->settings.connect_timeout);
    c->link = tt_link_new(&c->world, credentials, &c->settings, &c->serials, &c->counters, &watcher, server,
                          until);
    if (c->link == NULL) {
        tt_release(&world, c);
        return TT_ERROR_MEMORY;
    }
    while (c->link->state == LINK_CONNECTING || c->link->state == LINK_SIGNING_ON)
        (void)wait_and_step(c, until);
    if (c->link->state == LINK_UP) {
        *made = c;
        return TT_OK;
    }
    tt_format(problem, problem_size, "%s", c->link->problem);
    status = c->link->refused ? TT_ERROR_REFUSED : TT_ERROR_NETWORK;
    tt_connection_abandon(c);
    return status;
}

int tt_connection_submit(tt_connection *c, unsigned transaction, const void *request,
                         const tt_ticket *ticket, uint32_t budget_ms, tt_done done, void *context)
{
    const tt_frame_row *row = tt_frame_row_of(transaction, TT_KIND_OF_REQUEST, 1);
    uint8_t body[TT_WIRE_MAX_FRAME];
    tt_stamp stamp;
    pending *call;
    int status;
    if (!ours(c))
        return TT_ERROR_FORKED;
    if (row == NULL || transaction < TT_FIRST_BUSINESS || request == NULL || done == NULL)
        return TT_ERROR_ARGUMENT;
    if (c->link->state != LINK_UP || c->link->retired)
        return TT_ERROR_STATE;
    status = tt_encode(row->record, c->link->credentials->gb18030 ? "gb18030" : "utf-8", request, body,
                       row->record->body_size, NULL);
    if (status != TT_OK)
        return status;
    call = tt_allocate(&c->world, sizeof *call);
    memset(&stamp, 0, sizeof stamp);
    stamp.now_ms = tt_wall(&c->world);
    stamp.serial = ticket ? ticket->serial : tt_serial_new(&c->serials, stamp.now_ms);
    stamp.business_day =
        ticket ? ticket->business_day : tt_business_day(stamp.now_ms, c->settings.utc_offset_minutes);
    stamp.retry = ticket != NULL && ticket->repeated;
    stamp.budget_ms = budget_ms;
    status = call ? tt_link_send(c->link, call, row, body, &stamp, tt_now(&c->world)) : TT_ERROR_MEMORY;
    tt_wipe(body, row->record->body_size);
    if (status != TT_OK) {
        tt_release(&c->world, call);
        return status;
    }
    call->row = row;
    call->done = done;
    call->context = context;
    call->answer.tries = 1;
    call->answer.ticket.serial = stamp.serial;
    call->answer.ticket.business_day = stamp.business_day;
    call->next = c->open;
    call->link = &c->open;
    if (c->open != NULL)
        c->open->link = &call->next;
    c->open = call;
    if (!c->in_step)
        tt_link_flush(c->link, tt_now(&c->world));
    return TT_OK;
}

typedef struct {
    tt_answer *answer;
    void *response;
    const tt_record *record;
    int done;
} waiting;

static void waited(void *context, const tt_answer *answer, const void *response)
{
    waiting *w = context;
    *w->answer = *answer;
    if (response != NULL && w->response != NULL)
        memcpy(w->response, response, w->record->struct_size);
    w->done = 1;
}

int tt_connection_call(tt_connection *c, unsigned transaction, const void *request, void *response,
                       int timeout_ms, tt_answer *answer)
{
    waiting w;
    tt_answer own;
    int64_t until;
    int status;
    memset(&own, 0, sizeof own);
    w.answer = answer ? answer : &own;
    memset(w.answer, 0, sizeof *w.answer);
    w.response = response;
    w.record = tt_record_of(transaction, TT_KIND_OF_RESPONSE, 1);
    w.done = 0;
    if (!ours(c))
        return w.answer->status = TT_ERROR_FORKED;
    if (w.record == NULL)
        return w.answer->status = TT_ERROR_ARGUMENT;
    if (timeout_ms <= 0)
        timeout_ms = c->settings.timeout;
    until = tt_now(&c->world) + timeout_ms;
    status = tt_connection_submit(c, transaction, request, NULL, (uint32_t)timeout_ms, waited, &w);
    if (status != TT_OK) {
        tt_format(w.answer->problem, sizeof w.answer->problem, "%s", tt_status_text(status));
        return w.answer->status = status;
    }
    while (!w.done && tt_now(&c->world) < until)
        (void)wait_and_step(c, until);
    if (!w.done) {
        pending *call;
        for (call = c->open; call->context != &w; call = call->next)
            continue;
        tt_link_disown(c->link, call->answer.ticket.serial, call, until + 60000);
        finish(c, call, call->row->read_only ? TT_ERROR_NO_ANSWER : TT_ERROR_OUTCOME_UNKNOWN, NULL);
    }
    return w.answer->status;
}

int tt_connection_fd(const tt_connection *c) { return c->link->fd; }

int tt_connection_wants_write(const tt_connection *c) { return (tt_link_wants(c->link) & POLLOUT) != 0; }

int tt_connection_timeout_ms(const tt_connection *c)
{
    int64_t timer = tt_link_timer(c->link), now = tt_now(&c->world);
    if (timer == TT_NEVER)
        return -1;
    return timer <= now ? 0 : (int)(timer - now < INT32_MAX ? timer - now : INT32_MAX);
}

int tt_connection_process(tt_connection *c)
{
    if (!ours(c))
        return TT_ERROR_FORKED;
    if (c->link->state != LINK_ENDED)
        (void)wait_and_step(c, 0);
    return c->link->state == LINK_ENDED ? TT_ERROR_NETWORK : TT_OK;
}

size_t tt_connection_in_flight(const tt_connection *c) { return c->link->open_count; }
size_t tt_connection_in_flight_limit(const tt_connection *c) { return c->link->limit; }
int tt_connection_draining(const tt_connection *c) { return c->link->draining; }
const char *tt_connection_problem(const tt_connection *c) { return c->link->problem; }

void tt_connection_close(tt_connection *c)
{
    if (c == NULL)
        return;
    if (ours(c)) {
        tt_link_leave(c->link, tt_now(&c->world), 0);
        if (c->link->state != LINK_ENDED)
            tt_link_step(c->link, tt_now(&c->world), 0);
        tt_link_end(c->link, "closed");
    }
    tt_connection_abandon(c);
}

void tt_connection_abandon(tt_connection *c)
{
    pending *call, *next;
    tt_world world;
    if (c == NULL)
        return;
    world = c->world;
    for (call = c->open; call != NULL; call = next) {
        next = call->next;
        tt_release(&world, call);
    }
    tt_link_free(c->link);
    tt_release(&world, c);
}
