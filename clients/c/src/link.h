/* One signed-on connection as the layers above use it, and what they share. */
#ifndef TT_LINK_H
#define TT_LINK_H

#include "internal.h"

#include <netdb.h>
#include <poll.h>

#define TT_NEVER INT64_MAX

/* Serials: milliseconds, 10 bits of instance, 10 bits of counting; rising whatever the clock does. */
typedef struct {
    uint64_t instance, last;
} tt_serials;

uint64_t tt_serial_new(tt_serials *serials, int64_t wall_ms);
uint16_t tt_business_day(int64_t wall_ms, int utc_offset_minutes);

/* Doubling from `base` to `cap`, each between half of itself and itself (equal jitter). */
int64_t tt_backoff(int64_t base, int64_t cap, unsigned attempt, uint64_t random63);

typedef struct {
    uint64_t calls, answered, frames_sent, retries, put_off, late_answers, outcomes_unknown, no_answers;
    uint64_t connects, connect_failures, connections_lost, drains, key_changes, heartbeats, rejects,
        forged_rejects;
} tt_counters;

/* Times in milliseconds. */
typedef struct {
    int connections, timeout, attempt_timeout, connect_timeout, reconnect, reconnect_cap, repeat,
        repeat_cap, drain_away, heartbeat_timeout, sign_off_timeout, in_flight, waiting,
        utc_offset_minutes, instance, thread;
    char client_name[33];
} tt_settings;

void tt_settings_default(tt_settings *settings);

typedef struct tt_link tt_link;

/* Who is told. `call` is what was given to tt_link_send(). */
typedef struct {
    void *owner;
    void (*answered)(void *owner, tt_link *link, void *call, const tt_event *event);
    void (*lost)(void *owner, tt_link *link, void *call);
    void (*rejected)(void *owner, tt_link *link, void *call, uint32_t code);
} tt_watcher;

typedef struct {
    uint64_t serial; /* 0: free */
    void *call;      /* NULL: its call has ended, and the answer will be late */
    int64_t forget_at;
    uint16_t transaction;
} tt_open;

enum { LINK_CONNECTING, LINK_SIGNING_ON, LINK_UP, LINK_LEAVING, LINK_ENDED };

struct tt_link {
    tt_world world;
    const tt_credentials *credentials;
    const tt_settings *settings;
    tt_serials *serials;
    tt_counters *counters;
    tt_watcher watcher;
    uint64_t id;
    size_t server; /* number in the owner's list */
    int fd, state;
    int retired;   /* takes no new requests */
    int draining;  /* because the server said so */
    int proven;    /* has answered something */
    int blocked;   /* the kernel took less than there was */
    int refused;   /* the sign-on was */
    struct addrinfo *addresses, *address;
    tt_session *session;
    tt_open *open;
    size_t open_mask, open_count, limit;
    int64_t give_up_at;   /* connecting and signing on */
    int64_t paused_until; /* BUSY */
    uint64_t last_turn;   /* the client's count of frames sent when this took a request last */
    int64_t heard_at, sent_at, asked_at, check_at, leave_by, heartbeat;
    int awaiting_beat, signing_off;
    int watched_fd; /* what the pool's descriptor knows of it */
    short watched;
    char problem[96];
};

/* Begins to connect; names are looked up here, and that blocks. NULL: no memory. A link whose connecting
 * failed at once is given as ended. */
tt_link *tt_link_new(const tt_world *world, const tt_credentials *credentials, const tt_settings *settings,
                     tt_serials *serials, tt_counters *counters, const tt_watcher *watcher,
                     const char *server, int64_t give_up_at);
void tt_link_free(tt_link *link);
/* What poll() said, and the time: reads, writes, keeps alive, tells. */
void tt_link_step(tt_link *link, int64_t now, short events);
short tt_link_wants(const tt_link *link);
int64_t tt_link_timer(const tt_link *link);
int tt_link_can_take(const tt_link *link, int64_t now);
int tt_link_send(tt_link *link, void *call, const tt_frame_row *row, const uint8_t *body,
                 const tt_stamp *stamp, int64_t now);
void tt_link_flush(tt_link *link, int64_t now);
/* `call` has ended: answers to it are late ones, until `forget_at`. */
void tt_link_disown(tt_link *link, uint64_t serial, void *call, int64_t forget_at);
void tt_link_leave(tt_link *link, int64_t now, int64_t grace);
void tt_link_end(tt_link *link, const char *why);

#endif
