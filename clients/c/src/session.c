/*
 * The client's end of one connection, without the socket: docs/PROTOCOL.md sections 4 to 9.
 *
 * The server must prove itself at sign-on; afterwards anything unauthentic ends the connection, because
 * on an ordered stream there is no innocent way to receive it.
 */
#include "internal.h"

enum { WAITING, GREETED, SIGNING_ON, OPEN, LEAVING, CLOSED };
enum { REQUESTS = 1, RESPONSES = 2 };

/* Working keys of one generation, ready for use. */
typedef struct {
    unsigned number;
    tt_mac send, receive;
    tt_seal seal, open;
} generation;

struct tt_session {
    tt_world world;
    const tt_credentials *credentials;
    tt_reader *reader;
    tt_buffer output;
    int state;
    char client_name[33];
    uint8_t client_nonce[16], server_nonce[16];
    uint16_t wanted_in_flight;
    uint64_t id, sent_sequence, seen_sequence, sign_on_serial, key_change_serial;
    tt_mac server_proof; /* of the sign-on response */
    generation keys;     /* number 0: none yet */
    const tt_record *shown;
    void *message;
    size_t message_size;
    char problem[96];
};

static size_t largest_struct(void)
{
    size_t i, largest = 1;
    for (i = 0; i < tt_frame_row_count; i++)
        if (tt_frame_rows[i].record->struct_size > largest)
            largest = tt_frame_rows[i].record->struct_size;
    return largest;
}

int tt_session_new(tt_session **made, const tt_credentials *credentials, const char *client_name,
                   const uint8_t client_nonce[16], unsigned wanted_in_flight, const tt_hooks *hooks)
{
    tt_world world;
    tt_session *session;
    int status;
    if (made == NULL || credentials == NULL || client_nonce == NULL || wanted_in_flight > 0xffff ||
        (client_name != NULL && strlen(client_name) > 32))
        return TT_ERROR_ARGUMENT;
    *made = NULL;
    tt_world_init(&world, hooks);
    session = tt_allocate(&world, sizeof *session);
    if (session == NULL)
        return TT_ERROR_MEMORY;
    session->world = world;
    session->credentials = credentials;
    session->wanted_in_flight = (uint16_t)wanted_in_flight;
    session->message_size = largest_struct();
    memcpy(session->client_nonce, client_nonce, 16);
    tt_format(session->client_name, sizeof session->client_name, "%s",
              client_name ? client_name : "tigertally-c");
    session->message = tt_allocate(&world, session->message_size);
    status = session->message ? tt_reader_new(&session->reader, hooks) : TT_ERROR_MEMORY;
    if (status != TT_OK) {
        tt_session_free(session);
        return status;
    }
    *made = session;
    return TT_OK;
}

static void wipe_keys(generation *keys)
{
    tt_mac_wipe(&keys->send);
    tt_mac_wipe(&keys->receive);
    tt_seal_wipe(&keys->seal);
    tt_seal_wipe(&keys->open);
    keys->number = 0;
}

void tt_session_free(tt_session *session)
{
    tt_world world;
    if (session == NULL)
        return;
    world = session->world;
    wipe_keys(&session->keys);
    tt_mac_wipe(&session->server_proof);
    tt_reader_free(session->reader);
    tt_buffer_free(&session->output, &world);
    tt_release_wiped(&world, session->message, session->message_size);
    tt_release_wiped(&world, session, sizeof *session);
}

tt_reader *tt_session_reader(tt_session *session) { return session->reader; }
int tt_session_open(const tt_session *session) { return session->state == OPEN; }
int tt_session_leaving(const tt_session *session) { return session->state == LEAVING; }
int tt_session_changing(const tt_session *session) { return session->key_change_serial != 0; }
uint64_t tt_session_id(const tt_session *session) { return session->id; }
const char *tt_session_problem(const tt_session *session) { return session->problem; }

int tt_session_feed(tt_session *session, const void *octets, size_t count)
{
    return tt_reader_feed(session->reader, octets, count);
}

const void *tt_session_output(const tt_session *session, size_t *count)
{
    *count = session->output.end - session->output.start;
    return *count ? session->output.octets + session->output.start : NULL;
}

void tt_session_sent(tt_session *session, size_t count) { tt_buffer_take(&session->output, count); }

/* ------------------------------------------------------------------------- to the server */

/* Room for a frame, its header written and its body copied. Nothing has changed if it fails. */
static int begin_frame(tt_session *session, const tt_frame_row *row, const uint8_t *body,
                       const tt_stamp *stamp, unsigned key_generation, int sealed, uint8_t **frame,
                       size_t *size)
{
    const tt_credentials *own = session->credentials;
    tt_header header;
    int status;
    if (stamp->serial == 0 || stamp->serial > TT_SERIAL_MAX)
        return TT_ERROR_ARGUMENT;
    *size = TT_WIRE_HEADER_LENGTH + row->record->body_size + TT_WIRE_MAC_LENGTH;
    status = tt_buffer_reserve(&session->output, &session->world, *size);
    if (status != TT_OK)
        return status;
    memset(&header, 0, sizeof header);
    header.total_length = (uint32_t)*size;
    header.transaction = row->transaction;
    header.kind = row->kind;
    header.flags = (uint8_t)((sealed ? TT_FLAG_SEALED : 0) | (stamp->retry ? TT_FLAG_RETRY : 0));
    header.channel_id = own->channel;
    header.serial = stamp->serial;
    header.sender_time = (uint64_t)stamp->now_ms;
    header.budget_ms = stamp->budget_ms;
    header.key_generation = (uint16_t)key_generation;
    header.suite = own->suite->id;
    header.field_cipher = own->cipher->id;
    header.session_id = session->id;
    header.sequence = session->sent_sequence + 1;
    header.schema = row->schema;
    header.business_day = stamp->business_day;
    *frame = session->output.octets + session->output.end;
    tt_header_write(&header, *frame);
    if (body != NULL)
        memcpy(*frame + TT_WIRE_HEADER_LENGTH, body, row->record->body_size);
    return TT_OK;
}

static int end_frame(tt_session *session, tt_mac *mac, uint8_t *frame, size_t size)
{
    int status = tt_mac_tag(mac, frame, size - TT_WIRE_MAC_LENGTH, frame + size - TT_WIRE_MAC_LENGTH);
    if (status == TT_OK) {
        session->output.end += size;
        session->sent_sequence++;
    }
    return status;
}

int tt_session_row(tt_session *session, const tt_frame_row *row, const uint8_t *body,
                   const tt_stamp *stamp)
{
    const tt_record *record = row->record;
    int sealed = record->secret_offset >= 0 && session->credentials->cipher->block != TT_BLOCK_NONE;
    uint8_t *frame, *secret;
    size_t size;
    int status;
    if (session->state != OPEN)
        return TT_ERROR_STATE;
    status = begin_frame(session, row, body, stamp, session->keys.number, sealed, &frame, &size);
    if (status != TT_OK)
        return status;
    if (sealed) {
        secret = frame + TT_WIRE_HEADER_LENGTH + record->secret_offset;
        tt_seal_close(&session->keys.seal, secret, record->secret_width, frame, REQUESTS,
                      session->sent_sequence + 1, secret + record->secret_width);
    }
    return end_frame(session, &session->keys.send, frame, size);
}

int tt_session_request(tt_session *session, unsigned transaction, const void *message,
                       const tt_stamp *stamp, const char **bad_field)
{
    const tt_frame_row *row = tt_frame_row_of(transaction, TT_KIND_OF_REQUEST, 1);
    uint8_t body[TT_WIRE_MAX_FRAME];
    int status;
    if (bad_field != NULL)
        *bad_field = NULL;
    if (row == NULL || transaction < TT_FIRST_BUSINESS || message == NULL || stamp == NULL)
        return TT_ERROR_ARGUMENT;
    status = tt_encode(row->record, session->credentials->gb18030 ? "gb18030" : "utf-8", message, body,
                       row->record->body_size, bad_field);
    if (status == TT_OK)
        status = tt_session_row(session, row, body, stamp);
    if (row->record->secret_offset >= 0)
        tt_wipe(body, row->record->body_size);
    return status;
}

static int bare(tt_session *session, unsigned transaction, const tt_stamp *stamp)
{
    return tt_session_row(session, tt_frame_row_of(transaction, TT_KIND_OF_REQUEST, 1), NULL, stamp);
}

int tt_session_heartbeat(tt_session *session, const tt_stamp *stamp)
{
    return bare(session, TT_TX_HEARTBEAT, stamp);
}

int tt_session_key_change(tt_session *session, const tt_stamp *stamp)
{
    int status = session->key_change_serial ? TT_ERROR_STATE : bare(session, TT_TX_KEY_CHANGE, stamp);
    if (status == TT_OK)
        session->key_change_serial = stamp->serial;
    return status;
}

int tt_session_sign_off(tt_session *session, const tt_stamp *stamp)
{
    int status = bare(session, TT_TX_SIGN_OFF, stamp);
    if (status == TT_OK)
        session->state = LEAVING;
    return status;
}

int tt_session_sign_on(tt_session *session, const tt_stamp *stamp)
{
    const tt_credentials *own = session->credentials;
    const tt_frame_row *row = tt_frame_row_of(TT_TX_SIGN_ON, TT_KIND_OF_REQUEST, 1);
    tt_sign_on_request message;
    uint8_t body[128], *frame;
    tt_mac proof;
    size_t size;
    int status;
    if (session->state != GREETED)
        return TT_ERROR_STATE;
    memset(&message, 0, sizeof message);
    memcpy(message.client_nonce, session->client_nonce, 16);
    memcpy(message.server_nonce, session->server_nonce, 16);
    memcpy(message.client_name, session->client_name, sizeof session->client_name);
    message.wanted_in_flight = session->wanted_in_flight;
    status = tt_encode(row->record, NULL, &message, body, row->record->body_size, NULL);
    if (status != TT_OK)
        return status;
    memset(&proof, 0, sizeof proof);
    status = tt_sign_on_keys(own->suite, own->master_key, own->channel, session->server_nonce, session->id,
                             &proof, &session->server_proof);
    if (status == TT_OK)
        status = begin_frame(session, row, body, stamp, own->key_version, 0, &frame, &size);
    if (status == TT_OK)
        status = end_frame(session, &proof, frame, size);
    tt_mac_wipe(&proof);
    if (status == TT_OK) {
        session->sign_on_serial = stamp->serial;
        session->state = SIGNING_ON;
    }
    return status;
}

/* ------------------------------------------------------------------------- from the server */

static int broken(tt_session *session, tt_event *event, const char *why)
{
    session->state = CLOSED;
    tt_format(session->problem, sizeof session->problem, "%s", why);
    event->type = TT_EVENT_BROKEN;
    return 1;
}

static int mac_holds(tt_mac *mac, const tt_frame *frame)
{
    uint8_t tag[16];
    size_t covered = frame->size - TT_WIRE_MAC_LENGTH;
    return tt_mac_tag(mac, frame->octets, covered, tag) == TT_OK &&
           tt_equal(tag, frame->octets + covered, sizeof tag);
}

/* Why the frame is not an authentic one of this session; NULL if it is one. */
static const char *judged(tt_session *session, const tt_frame *frame)
{
    const tt_header *h = &frame->header;
    if (h->session_id != session->id)
        return "not an authentic frame: BAD_SESSION";
    /* A reject about another channel's frame echoes that channel's number. */
    if (h->channel_id != session->credentials->channel && h->kind != TT_KIND_OF_REJECT)
        return "not an authentic frame: UNKNOWN_CHANNEL";
    if (h->suite != session->credentials->suite->id ||
        h->field_cipher != session->credentials->cipher->id)
        return "not an authentic frame: SUITE_MISMATCH";
    if (h->key_generation != session->keys.number)
        return "not an authentic frame: UNKNOWN_GENERATION";
    if (!mac_holds(&session->keys.receive, frame))
        return "not an authentic frame: BAD_MAC";
    if (h->sequence <= session->seen_sequence)
        return "not an authentic frame: BAD_SEQUENCE";
    session->seen_sequence = h->sequence;
    return NULL;
}

static int decoded(tt_session *session, const tt_frame *frame, const char *charset, tt_event *event)
{
    const char *field;
    char why[64];
    memset(session->message, 0, frame->record->struct_size);
    session->shown = frame->record;
    if (tt_decode(frame->record, charset, frame->octets + TT_WIRE_HEADER_LENGTH, frame->record->body_size,
                  session->message, &field) != TT_OK) {
        tt_format(why, sizeof why, "bad field from the server: %s", field ? field : "?");
        broken(session, event, why);
        return 0;
    }
    event->record = frame->record;
    event->message = session->message;
    return 1;
}

static int read_reject(tt_session *session, const tt_frame *frame, tt_event *event)
{
    if (tt_code_row_of(frame->header.return_code) == NULL)
        return broken(session, event, "a reject with an unknown code");
    event->authentic = session->keys.number != 0 && judged(session, frame) == NULL;
    if (!event->authentic)
        session->state = CLOSED;
    event->type = TT_EVENT_REJECT;
    return 1;
}

static int read_greeting(tt_session *session, const tt_frame *frame, tt_event *event)
{
    static const uint8_t no_mac[TT_WIRE_MAC_LENGTH];
    const tt_header *h = &frame->header;
    if (h->transaction != TT_TX_GREETING || h->session_id == 0)
        return broken(session, event, "the server did not greet");
    if (memcmp(frame->octets + frame->size - sizeof no_mac, no_mac, sizeof no_mac) != 0 || h->serial ||
        !h->sequence)
        return broken(session, event, "a malformed greeting");
    if (!decoded(session, frame, NULL, event))
        return 1;
    memcpy(&event->greeting, session->message, sizeof event->greeting);
    memcpy(session->server_nonce, event->greeting.server_nonce, sizeof session->server_nonce);
    session->id = h->session_id;
    session->seen_sequence = h->sequence;
    session->state = GREETED;
    event->type = TT_EVENT_GREETED;
    return 1;
}

/* ------------------------------------------------------------------------- working keys */

typedef struct {
    const uint8_t *wrapped, *check;
    uint8_t length;
} slot;

static int all_zero(const uint8_t *octets, size_t count)
{
    while (count > 0 && octets[count - 1] == 0)
        count--;
    return count == 0;
}

static int unwrap_slot(const tt_suite_row *suite, const uint8_t *kek, const slot *from, int block,
                       int algorithm, size_t length, uint8_t key[32])
{
    size_t used = tt_wrapped_size(suite->wrap, length);
    uint8_t check[3];
    int status;
    if (length == 0)
        return from->length == 0 && all_zero(from->wrapped, 40) && all_zero(from->check, 3)
                   ? TT_OK
                   : TT_ERROR_KEY;
    if (from->length != length || !all_zero(from->wrapped + used, 40 - used))
        return TT_ERROR_KEY;
    status = tt_unwrap(suite->wrap, kek, suite->kek_bytes, from->wrapped, used, key);
    if (status != TT_OK)
        return status;
    status = block ? tt_check_value_of_block(block, key, length, check)
                   : tt_check_value_of_mac(algorithm, key, length, check);
    if (status != TT_OK)
        return status;
    return tt_equal(check, from->check, 3) ? TT_OK : TT_ERROR_KEY;
}

static int keys_of(const tt_credentials *own, const uint8_t *kek, const slot slots[4], generation *keys)
{
    const tt_suite_row *suite = own->suite;
    const tt_cipher_row *cipher = own->cipher;
    uint8_t key[4][32];
    int status = TT_OK, i;
    memset(key, 0, sizeof key);
    for (i = 0; i < 4 && status == TT_OK; i++)
        status = unwrap_slot(suite, kek, &slots[i], i < 2 ? 0 : cipher->block, suite->mac,
                             i < 2 ? suite->mac_key_bytes : cipher->key_bytes, key[i]);
    /* A key for both directions would let answers be reflected. */
    if (status == TT_OK && (tt_equal(key[0], key[1], 32) ||
                            (cipher->block != TT_BLOCK_NONE && tt_equal(key[2], key[3], 32))))
        status = TT_ERROR_KEY;
    if (status == TT_OK)
        status = tt_mac_init(&keys->send, suite->mac, key[0], suite->mac_key_bytes);
    if (status == TT_OK)
        status = tt_mac_init(&keys->receive, suite->mac, key[1], suite->mac_key_bytes);
    if (status == TT_OK && cipher->block != TT_BLOCK_NONE)
        status = tt_seal_init(&keys->seal, cipher, key[2]);
    if (status == TT_OK && cipher->block != TT_BLOCK_NONE)
        status = tt_seal_init(&keys->open, cipher, key[3]);
    tt_wipe(key, sizeof key);
    return status;
}

#define SLOTS(m)                                                                                        \
    {                                                                                                   \
        {(m)->mac_request_wrapped, (m)->mac_request_check, (m)->mac_request_length},                    \
            {(m)->mac_response_wrapped, (m)->mac_response_check, (m)->mac_response_length},             \
            {(m)->field_request_wrapped, (m)->field_request_check, (m)->field_request_length},          \
            {(m)->field_response_wrapped, (m)->field_response_check, (m)->field_response_length},       \
    }

/* Both ways at once: the server sends under new keys right after it has told them. */
static int use_keys(tt_session *session, unsigned number, const slot slots[4])
{
    const tt_credentials *own = session->credentials;
    generation keys;
    uint8_t kek[32];
    int status = tt_kek(own->suite, own->master_key, own->channel, session->client_nonce,
                        session->server_nonce, session->id, number, kek);
    memset(&keys, 0, sizeof keys);
    if (status == TT_OK)
        status = keys_of(own, kek, slots, &keys);
    tt_wipe(kek, sizeof kek);
    if (status == TT_OK) {
        wipe_keys(&session->keys);
        session->keys = keys;
        session->keys.number = number;
        tt_wipe(&keys, sizeof keys);
    } else {
        wipe_keys(&keys);
    }
    return status;
}

static int read_signed_on(tt_session *session, const tt_frame *frame, tt_event *event)
{
    const tt_header *h = &frame->header;
    const tt_credentials *own = session->credentials;
    const tt_sign_on_response *message = session->message;
    if (h->transaction != TT_TX_SIGN_ON)
        return broken(session, event, "the server answered sign-on with something else");
    if (!mac_holds(&session->server_proof, frame))
        return broken(session, event, "the server's proof at sign-on is wrong");
    if (!decoded(session, frame, NULL, event))
        return 1;
    if (h->session_id != session->id || h->channel_id != own->channel || h->suite != own->suite->id ||
        h->field_cipher != own->cipher->id || h->key_generation != own->key_version ||
        h->serial != session->sign_on_serial || h->sequence <= session->seen_sequence ||
        h->return_code != TT_CODE_SIGNED_ON ||
        !tt_equal(message->client_nonce, session->client_nonce, 16) || message->generation == 0)
        return broken(session, event, "the sign-on response is not for our request");
    {
        const slot slots[4] = SLOTS(message);
        if (use_keys(session, message->generation, slots) != TT_OK)
            return broken(session, event, "working keys: they don't open, or a check value is wrong");
    }
    tt_mac_wipe(&session->server_proof);
    session->seen_sequence = h->sequence;
    session->state = OPEN;
    event->type = TT_EVENT_SIGNED_ON;
    event->signed_on.in_flight_limit = message->in_flight_limit;
    event->signed_on.heartbeat_s = message->heartbeat_s;
    event->signed_on.idle_s = message->idle_s;
    event->signed_on.key_life_s = message->key_life_s;
    event->signed_on.generation = message->generation;
    event->generation = message->generation;
    return 1;
}

static int read_keys(tt_session *session, const tt_frame *frame, tt_event *event)
{
    const tt_key_change_response *message = session->message;
    const slot slots[4] = SLOTS(message);
    if (!session->key_change_serial || frame->header.serial != session->key_change_serial)
        return broken(session, event, "new keys that nobody asked for");
    if (message->generation != session->keys.number + 1)
        return broken(session, event, "new keys of the wrong generation");
    if (use_keys(session, message->generation, slots) != TT_OK)
        return broken(session, event, "working keys: they don't open, or a check value is wrong");
    session->key_change_serial = 0;
    event->type = TT_EVENT_KEYS_CHANGED;
    event->generation = message->generation;
    return 1;
}

/* ------------------------------------------------------------------------- signed on */

/* 1: an event; 0: nothing to tell. */
static int read_notice(tt_session *session, const tt_frame *frame, tt_event *event)
{
    if (frame->header.serial)
        return broken(session, event, "a notice with a serial");
    if (frame->header.transaction == TT_TX_DRAIN) {
        event->type = TT_EVENT_DRAIN;
        event->grace_ms = ((const tt_drain *)session->message)->grace_ms;
        return 1;
    }
    if (frame->header.transaction == TT_TX_KEY_CHANGE_DUE) {
        event->type = TT_EVENT_KEY_CHANGE_DUE;
        event->grace_ms = ((const tt_key_change_due *)session->message)->grace_ms;
        return session->key_change_serial == 0;
    }
    return broken(session, event, "a second greeting");
}

static int read_response(tt_session *session, const tt_frame *frame, tt_event *event)
{
    const tt_header *h = &frame->header;
    if (tt_code_row_of(h->return_code) == NULL)
        return broken(session, event, "a response with an unknown code");
    if (h->transaction == TT_TX_SIGN_ON)
        return broken(session, event, "a second sign-on response");
    if (h->transaction == TT_TX_KEY_CHANGE) {
        if (h->return_code == TT_CODE_CHANGED)
            return read_keys(session, frame, event);
        session->key_change_serial = 0; /* it failed; the caller may ask again */
    }
    event->type = TT_EVENT_RESPONSE;
    if (h->transaction == TT_TX_HEARTBEAT && h->return_code == TT_CODE_ANSWERED)
        event->type = TT_EVENT_HEARTBEAT;
    if (h->transaction == TT_TX_SIGN_OFF && h->return_code == TT_CODE_SIGNED_OFF) {
        if (session->state != LEAVING)
            return broken(session, event, "the server sent what does not fit OPEN");
        session->state = CLOSED;
        event->type = TT_EVENT_SIGNED_OFF;
    }
    return 1;
}

static int unsealed(tt_session *session, const tt_frame *frame)
{
    const tt_record *record = frame->record;
    int sealed = (frame->header.flags & TT_FLAG_SEALED) != 0, status;
    /* The reader's memory is ours, and the frame's MAC has been compared. */
    uint8_t *octets = (uint8_t *)(uintptr_t)frame->octets, *secret;
    if (sealed != (record->secret_offset >= 0 && session->credentials->cipher->block != TT_BLOCK_NONE))
        return TT_ERROR_PROTOCOL;
    if (!sealed)
        return TT_OK;
    secret = octets + TT_WIRE_HEADER_LENGTH + record->secret_offset;
    status = tt_seal_open(&session->keys.open, secret, record->secret_width, frame->octets, RESPONSES,
                          frame->header.sequence, secret + record->secret_width);
    memset(secret + record->secret_width, 0, TT_TRAILER);
    return status;
}

static void forget_secrets(const tt_frame *frame)
{
    if (frame->record->secret_offset >= 0)
        tt_wipe((uint8_t *)(uintptr_t)frame->octets + TT_WIRE_HEADER_LENGTH + frame->record->secret_offset,
                frame->record->secret_width);
}

static int read_frame(tt_session *session, const tt_frame *frame, tt_event *event)
{
    const char *why;
    event->header = frame->header;
    event->code = frame->header.return_code;
    event->retry_after_ms = frame->header.budget_ms;
    if (frame->record == NULL)
        return read_reject(session, frame, event);
    if (session->state == WAITING)
        return read_greeting(session, frame, event);
    if (session->state == SIGNING_ON)
        return read_signed_on(session, frame, event);
    if (session->state == GREETED)
        return broken(session, event, "the server spoke before we signed on");
    why = judged(session, frame);
    if (why != NULL)
        return broken(session, event, why);
    if (unsealed(session, frame) != TT_OK)
        return broken(session, event, "a sealed block does not open, or sealing is not as agreed");
    if (!decoded(session, frame, session->credentials->gb18030 ? "gb18030" : "utf-8", event))
        return 1;
    forget_secrets(frame);
    if (frame->header.kind == TT_KIND_OF_NOTIFY)
        return read_notice(session, frame, event);
    return read_response(session, frame, event);
}

int tt_session_next(tt_session *session, tt_event *event)
{
    tt_frame frame;
    char why[64];
    int status;
    if (session->shown != NULL && session->shown->secret_offset >= 0)
        tt_wipe(session->message, session->shown->struct_size);
    session->shown = NULL;
    while (session->state != CLOSED) {
        memset(event, 0, sizeof *event);
        status = tt_reader_next(session->reader, &frame);
        if (status == 0)
            return 0;
        if (status < 0) {
            const char *name = tt_code_name(tt_reader_error(session->reader));
            tt_format(why, sizeof why, "unreadable frame: %s", name ? name : "?");
            return broken(session, event, why);
        }
        if (read_frame(session, &frame, event))
            return 1;
    }
    memset(event, 0, sizeof *event);
    return 0;
}
