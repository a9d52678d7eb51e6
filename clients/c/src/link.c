/*
 * One connection: moves octets between a non-blocking socket and a session, and answers between that and
 * the open calls.
 *
 * A call stands in the table from before its frame is queued until its answer; when the link ends, every
 * call still there is told that it is lost. A reject without a good MAC ends the link and never a call.
 * Knows nothing of other links, servers or repetition.
 */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_ROOM 16384

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing SO_NOSIGPIPE is there */
#endif

uint64_t tt_serial_new(tt_serials *serials, int64_t wall_ms)
{
    uint64_t serial = ((uint64_t)wall_ms << 20) | (serials->instance << 10);
    if (serial <= serials->last) {
        uint64_t millisecond = serials->last >> 20, first = (millisecond << 20) | (serials->instance << 10);
        if (serials->last < first)
            serial = first;
        else if (serials->last - first < 1023)
            serial = serials->last + 1;
        else
            serial = ((millisecond + 1) << 20) | (serials->instance << 10);
    }
    return serials->last = serial;
}

uint16_t tt_business_day(int64_t wall_ms, int utc_offset_minutes)
{
    return (uint16_t)((wall_ms + (int64_t)utc_offset_minutes * 60000) / 86400000);
}

int64_t tt_backoff(int64_t base, int64_t cap, unsigned attempt, uint64_t random63)
{
    int64_t full = base;
    while (attempt-- > 1 && full < cap)
        full *= 2;
    if (full > cap)
        full = cap;
    return full / 2 + (int64_t)((double)(full - full / 2) * ((double)random63 / 9223372036854775808.0));
}

/* ------------------------------------------------------------------------- open calls */

static size_t home_of(const tt_link *link, uint64_t serial)
{
    return (size_t)((serial ^ (serial >> 20)) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & link->open_mask;
}

static tt_open *place_of(tt_link *link, uint64_t serial)
{
    size_t at = home_of(link, serial);
    while (link->open[at].serial && link->open[at].serial != serial)
        at = (at + 1) & link->open_mask;
    return &link->open[at];
}

/* Linear probing: what stands behind moves up. */
static void take_out(tt_link *link, tt_open *entry)
{
    size_t hole = (size_t)(entry - link->open), at = hole;
    link->open_count--;
    for (;;) {
        size_t home;
        link->open[hole].serial = 0;
        do {
            at = (at + 1) & link->open_mask;
            if (link->open[at].serial == 0)
                return;
            home = home_of(link, link->open[at].serial);
        } while (hole <= at ? hole < home && home <= at : hole < home || home <= at);
        link->open[hole] = link->open[at];
        hole = at;
    }
}

void tt_link_disown(tt_link *link, uint64_t serial, void *call, int64_t forget_at)
{
    tt_open *entry = place_of(link, serial);
    if (entry->serial == serial && entry->call == call) {
        entry->call = NULL;
        entry->forget_at = forget_at;
    }
}

/* Gives up the places of ended calls that the server never answered. */
static void forget(tt_link *link, int64_t now)
{
    size_t at = 0;
    while (at <= link->open_mask) {
        tt_open *entry = &link->open[at];
        if (entry->serial && entry->call == NULL && entry->forget_at < now)
            take_out(link, entry); /* another may have moved here: look again */
        else
            at++;
    }
}

/* ------------------------------------------------------------------------- beginning and end */

static int begin_connect(tt_link *link)
{
    int one = 1, flags;
    for (; link->address != NULL; link->address = link->address->ai_next) {
        link->fd = socket(link->address->ai_family, SOCK_STREAM, 0);
        if (link->fd < 0)
            continue;
        flags = fcntl(link->fd, F_GETFL);
        (void)fcntl(link->fd, F_SETFL, flags | O_NONBLOCK);
        (void)fcntl(link->fd, F_SETFD, FD_CLOEXEC);
        (void)setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
#if defined(SO_NOSIGPIPE)
        (void)setsockopt(link->fd, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#endif
        if (connect(link->fd, link->address->ai_addr, link->address->ai_addrlen) == 0 ||
            errno == EINPROGRESS || errno == EINTR)
            return 1;
        close(link->fd);
        link->fd = -1;
    }
    return 0;
}

static int look_up(tt_link *link, const char *server)
{
    char host[256], port[8];
    struct addrinfo wanted;
    memset(&wanted, 0, sizeof wanted);
    wanted.ai_socktype = SOCK_STREAM;
    if (!tt_server_parse(server, host, sizeof host, port, sizeof port) ||
        getaddrinfo(host, port, &wanted, &link->addresses) != 0)
        return 0;
    link->address = link->addresses;
    return 1;
}

tt_link *tt_link_new(const tt_world *world, const tt_credentials *credentials, const tt_settings *settings,
                     tt_serials *serials, tt_counters *counters, const tt_watcher *watcher,
                     const char *server, int64_t give_up_at)
{
    tt_link *link = tt_allocate(world, sizeof *link);
    uint8_t nonce[16];
    size_t slots = 16;
    int status;
    if (link == NULL)
        return NULL;
    while (slots < 2 * (size_t)settings->in_flight)
        slots *= 2;
    link->world = *world;
    link->credentials = credentials;
    link->settings = settings;
    link->serials = serials;
    link->counters = counters;
    link->watcher = *watcher;
    link->fd = link->watched_fd = -1;
    link->give_up_at = give_up_at;
    link->check_at = TT_NEVER;
    link->leave_by = TT_NEVER;
    link->open_mask = slots - 1;
    link->open = tt_allocate(world, slots * sizeof *link->open);
    status = link->open ? tt_random(world, nonce, sizeof nonce) : TT_ERROR_MEMORY;
    if (status == TT_OK)
        status = tt_session_new(&link->session, credentials, settings->client_name, nonce,
                                (unsigned)settings->in_flight, &world->hooks);
    if (status == TT_ERROR_MEMORY) {
        tt_link_free(link);
        return NULL;
    }
    if (status != TT_OK)
        tt_link_end(link, tt_status_text(status));
    else if (!look_up(link, server))
        tt_link_end(link, "no such host");
    else if (!begin_connect(link))
        tt_link_end(link, "cannot connect");
    return link;
}

void tt_link_free(tt_link *link)
{
    tt_world world;
    if (link == NULL)
        return;
    world = link->world;
    if (link->fd >= 0)
        close(link->fd);
    if (link->addresses != NULL)
        freeaddrinfo(link->addresses);
    tt_session_free(link->session);
    tt_release(&world, link->open);
    tt_release(&world, link);
}

/* Says why (the first reason counts) and tells the open calls. */
void tt_link_end(tt_link *link, const char *why)
{
    size_t at;
    if (link->state == LINK_ENDED)
        return;
    link->state = LINK_ENDED;
    link->retired = 1;
    tt_format(link->problem, sizeof link->problem, "%s", why);
    if (link->fd >= 0) {
        close(link->fd);
        link->fd = -1;
    }
    for (at = 0; at <= link->open_mask && link->open != NULL; at++) {
        void *call = link->open[at].call;
        int held = link->open[at].serial != 0;
        link->open[at].serial = 0;
        link->open[at].call = NULL;
        if (held && call != NULL)
            link->watcher.lost(link->watcher.owner, link, call);
    }
    link->open_count = 0;
}

/* ------------------------------------------------------------------------- sending */

static void own_stamp(tt_link *link, tt_stamp *stamp)
{
    memset(stamp, 0, sizeof *stamp);
    stamp->now_ms = tt_wall(&link->world);
    stamp->serial = tt_serial_new(link->serials, stamp->now_ms);
    stamp->business_day = tt_business_day(stamp->now_ms, link->settings->utc_offset_minutes);
}

static void failed(tt_link *link, int status)
{
    tt_link_end(link, status == TT_ERROR_MEMORY ? "no memory" : "the session refused a frame");
}

void tt_link_flush(tt_link *link, int64_t now)
{
    const void *octets;
    size_t count;
    if (link->fd < 0 || link->state == LINK_CONNECTING)
        return;
    while ((octets = tt_session_output(link->session, &count)) != NULL) {
        ssize_t sent = send(link->fd, octets, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            link->blocked = 1;
            return;
        }
        if (sent < 0) {
            tt_link_end(link, "the connection broke");
            return;
        }
        link->sent_at = now;
        tt_session_sent(link->session, (size_t)sent);
    }
    link->blocked = 0;
}

int tt_link_can_take(const tt_link *link, int64_t now)
{
    return link->state == LINK_UP && !link->retired && link->open_count < link->limit &&
           link->paused_until <= now;
}

int tt_link_send(tt_link *link, void *call, const tt_frame_row *row, const uint8_t *body,
                 const tt_stamp *stamp, int64_t now)
{
    tt_open *entry = place_of(link, stamp->serial);
    int status;
    (void)now;
    if (link->state != LINK_UP)
        return TT_ERROR_STATE;
    if (entry->serial == 0 && link->open_count >= link->limit)
        return TT_ERROR_BUSY;
    status = tt_session_row(link->session, row, body, stamp);
    if (status != TT_OK)
        return status;
    if (entry->serial == 0)
        link->open_count++;
    entry->serial = stamp->serial;
    entry->call = call;
    entry->transaction = row->transaction;
    return TT_OK;
}

static void sign_off(tt_link *link, int64_t now)
{
    tt_stamp stamp;
    own_stamp(link, &stamp);
    link->signing_off = 1;
    link->state = LINK_LEAVING;
    link->leave_by = now + link->settings->sign_off_timeout;
    if (tt_session_sign_off(link->session, &stamp) != TT_OK)
        tt_link_end(link, "signed off");
}

void tt_link_leave(tt_link *link, int64_t now, int64_t grace)
{
    link->retired = 1;
    if (link->state == LINK_CONNECTING || link->state == LINK_SIGNING_ON)
        tt_link_end(link, "closed before sign-on");
    else if (link->state == LINK_UP && link->leave_by == TT_NEVER)
        link->leave_by = now + grace;
}

/* ------------------------------------------------------------------------- events */

static void drain(tt_link *link, int64_t now, int64_t grace)
{
    if (!link->draining) {
        link->counters->drains++;
        link->draining = 1;
        tt_log(&link->world, TT_LOG_INFO, "session %016llx: the server drains",
               (unsigned long long)tt_session_id(link->session));
    }
    tt_link_leave(link, now, grace);
}

static void answered(tt_link *link, const tt_event *event, int64_t now)
{
    tt_open *entry = place_of(link, event->header.serial);
    void *call;
    link->proven = 1;
    if (entry->serial == 0) {
        link->counters->late_answers++;
        return;
    }
    if (entry->transaction != event->header.transaction) {
        tt_link_end(link, "the server answered another transaction than asked");
        return;
    }
    call = entry->call;
    take_out(link, entry);
    if (call == NULL) {
        link->counters->late_answers++;
        return;
    }
    if (event->code == TT_CODE_DRAINING)
        drain(link, now, link->settings->drain_away);
    else if (event->code == TT_CODE_BUSY)
        link->paused_until = now + event->retry_after_ms;
    link->watcher.answered(link->watcher.owner, link, call, event);
}

/* Rejects that speak of the request's kind, not of this connection: repeating it elsewhere is vain. */
static int unreadable(uint32_t code)
{
    return code == TT_CODE_UNKNOWN_TRANSACTION || code == TT_CODE_UNKNOWN_SCHEMA ||
           code == TT_CODE_BAD_LENGTH || code == TT_CODE_SUITE_MISMATCH;
}

static void rejected(tt_link *link, const tt_event *event)
{
    char why[96];
    tt_open *entry;
    if (link->state == LINK_SIGNING_ON) {
        link->refused = 1;
        tt_format(why, sizeof why, "the server refused sign-on: %s", tt_code_name(event->code));
        tt_link_end(link, why);
        return;
    }
    if (!event->authentic) {
        link->counters->forged_rejects++;
        tt_link_end(link, "a reject without a good MAC arrived");
        return;
    }
    link->counters->rejects++;
    entry = place_of(link, event->header.serial);
    if (unreadable(event->code) && entry->serial && entry->call != NULL) {
        void *call = entry->call;
        take_out(link, entry);
        link->watcher.rejected(link->watcher.owner, link, call, event->code);
    }
    tt_format(why, sizeof why, "the server rejected a frame: %s", tt_code_name(event->code));
    tt_link_end(link, why);
}

static void signed_on(tt_link *link, const tt_event *event, int64_t now)
{
    link->state = LINK_UP;
    link->limit = event->signed_on.in_flight_limit;
    if (link->limit > (size_t)link->settings->in_flight)
        link->limit = (size_t)link->settings->in_flight;
    link->heartbeat = event->signed_on.heartbeat_s ? (int64_t)event->signed_on.heartbeat_s * 1000 : 30000;
    link->check_at = now + link->heartbeat;
    link->sent_at = link->heard_at = now;
    link->counters->connects++;
    tt_log(&link->world, TT_LOG_INFO, "session %016llx: signed on",
           (unsigned long long)tt_session_id(link->session));
}

static void handle(tt_link *link, const tt_event *event, int64_t now)
{
    tt_stamp stamp;
    char why[96];
    int status = TT_OK;
    switch (event->type) {
    case TT_EVENT_GREETED:
        own_stamp(link, &stamp);
        status = tt_session_sign_on(link->session, &stamp);
        break;
    case TT_EVENT_SIGNED_ON:
        signed_on(link, event, now);
        break;
    case TT_EVENT_RESPONSE:
        answered(link, event, now);
        break;
    case TT_EVENT_DRAIN:
        drain(link, now, event->grace_ms);
        break;
    case TT_EVENT_KEY_CHANGE_DUE:
        if (!link->signing_off) {
            own_stamp(link, &stamp);
            status = tt_session_key_change(link->session, &stamp);
        }
        break;
    case TT_EVENT_KEYS_CHANGED:
        link->counters->key_changes++;
        break;
    case TT_EVENT_HEARTBEAT:
        link->proven = 1;
        link->counters->heartbeats++;
        break;
    case TT_EVENT_SIGNED_OFF:
        tt_link_end(link, "signed off");
        break;
    case TT_EVENT_REJECT:
        rejected(link, event);
        break;
    default:
        tt_format(why, sizeof why, "the server broke the protocol: %s", tt_session_problem(link->session));
        tt_link_end(link, why);
    }
    if (status != TT_OK)
        failed(link, status);
}

static void take_events(tt_link *link, int64_t now)
{
    tt_event event;
    while (link->state != LINK_ENDED && tt_session_next(link->session, &event))
        handle(link, &event, now);
}

static void receive(tt_link *link, int64_t now)
{
    tt_reader *reader = tt_session_reader(link->session);
    uint8_t *octets;
    size_t room;
    ssize_t got;
    do {
        if (tt_reader_room(reader, READ_ROOM, &octets, &room) != TT_OK) {
            failed(link, TT_ERROR_MEMORY);
            return;
        }
        do
            got = recv(link->fd, octets, room, 0);
        while (got < 0 && errno == EINTR);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got <= 0) {
            tt_link_end(link, got == 0 ? "the server closed the connection" : "the connection broke");
            return;
        }
        link->heard_at = now;
        tt_reader_read(reader, (size_t)got);
        take_events(link, now);
    } while (link->state != LINK_ENDED && (size_t)got == room);
}

static void connected(tt_link *link)
{
    int trouble = 0;
    socklen_t size = sizeof trouble;
    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &trouble, &size) == 0 && trouble == 0) {
        link->state = LINK_SIGNING_ON;
        return;
    }
    close(link->fd);
    link->fd = -1;
    link->address = link->address->ai_next;
    if (!begin_connect(link))
        tt_link_end(link, "cannot connect");
}

/* ------------------------------------------------------------------------- time */

static void keep_alive(tt_link *link, int64_t now)
{
    tt_stamp stamp;
    if (link->awaiting_beat) {
        link->awaiting_beat = 0;
        if (link->heard_at < link->asked_at) {
            tt_link_end(link, "the server answers no heartbeat");
            return;
        }
        link->check_at = link->asked_at + link->heartbeat;
        return;
    }
    link->asked_at = now;
    link->check_at = now + link->heartbeat;
    forget(link, now);
    if (link->sent_at > now - link->heartbeat && link->heard_at > now - link->heartbeat)
        return;
    own_stamp(link, &stamp);
    if (tt_session_heartbeat(link->session, &stamp) != TT_OK) {
        failed(link, TT_ERROR_MEMORY);
        return;
    }
    link->awaiting_beat = 1;
    link->check_at = now + link->settings->heartbeat_timeout;
}

static void take_leave(tt_link *link, int64_t now)
{
    if (link->state == LINK_UP && link->leave_by != TT_NEVER &&
        (link->open_count == 0 || now >= link->leave_by))
        sign_off(link, now);
    else if (link->state == LINK_LEAVING && now >= link->leave_by)
        tt_link_end(link, "signed off");
}

void tt_link_step(tt_link *link, int64_t now, short events)
{
    if (link->state == LINK_CONNECTING && events & (POLLOUT | POLLERR | POLLHUP))
        connected(link);
    else if (link->state != LINK_ENDED && link->state != LINK_CONNECTING &&
             events & (POLLIN | POLLERR | POLLHUP))
        receive(link, now);
    if (link->state == LINK_CONNECTING || link->state == LINK_SIGNING_ON) {
        if (now >= link->give_up_at)
            tt_link_end(link, "no connection in time");
    } else if (link->state == LINK_UP && now >= link->check_at) {
        keep_alive(link, now);
    }
    take_leave(link, now);
    tt_link_flush(link, now);
}

short tt_link_wants(const tt_link *link)
{
    if (link->state == LINK_CONNECTING)
        return POLLOUT;
    return link->blocked ? POLLIN | POLLOUT : POLLIN;
}

int64_t tt_link_timer(const tt_link *link)
{
    switch (link->state) {
    case LINK_CONNECTING:
    case LINK_SIGNING_ON:
        return link->give_up_at;
    case LINK_UP:
        if (link->leave_by != TT_NEVER && link->open_count == 0)
            return 0;
        return link->check_at < link->leave_by ? link->check_at : link->leave_by;
    case LINK_LEAVING:
        return link->leave_by;
    default:
        return 0; /* ended: to be swept, and its calls asked elsewhere */
    }
}
