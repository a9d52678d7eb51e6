/* Bytes to frames; see tigertally.h. At most one unfinished frame is kept beyond what was fed. */
#include "internal.h"

void tt_header_parse(const uint8_t *p, tt_header *h)
{
    h->total_length = tt_get32(p + 4);
    h->transaction = tt_get16(p + 8);
    h->kind = p[10];
    h->flags = p[11];
    h->channel_id = tt_get32(p + 12);
    h->serial = tt_get64(p + 16);
    h->sender_time = tt_get64(p + 24);
    h->return_code = tt_get32(p + 32);
    h->budget_ms = tt_get32(p + 36);
    h->key_generation = tt_get16(p + 40);
    h->suite = p[42];
    h->field_cipher = p[43];
    h->session_id = tt_get64(p + 44);
    h->sequence = tt_get64(p + 52);
    h->schema = tt_get16(p + 60);
    h->business_day = tt_get16(p + 62);
}

void tt_header_write(const tt_header *h, uint8_t *p)
{
    tt_put16(p, TT_MAGIC);
    p[2] = TT_WIRE_VERSION;
    p[3] = TT_WIRE_HEADER_LENGTH;
    tt_put32(p + 4, h->total_length);
    tt_put16(p + 8, h->transaction);
    p[10] = h->kind;
    p[11] = h->flags;
    tt_put32(p + 12, h->channel_id);
    tt_put64(p + 16, h->serial);
    tt_put64(p + 24, h->sender_time);
    tt_put32(p + 32, h->return_code);
    tt_put32(p + 36, h->budget_ms);
    tt_put16(p + 40, h->key_generation);
    p[42] = h->suite;
    p[43] = h->field_cipher;
    tt_put64(p + 44, h->session_id);
    tt_put64(p + 52, h->sequence);
    tt_put16(p + 60, h->schema);
    tt_put16(p + 62, h->business_day);
}

int tt_reader_new(tt_reader **made, const tt_hooks *hooks)
{
    tt_world world;
    if (made == NULL)
        return TT_ERROR_ARGUMENT;
    tt_world_init(&world, hooks);
    *made = tt_allocate(&world, sizeof **made);
    if (*made == NULL)
        return TT_ERROR_MEMORY;
    (*made)->world = world;
    return TT_OK;
}

void tt_reader_free(tt_reader *reader)
{
    if (reader != NULL) {
        tt_world world = reader->world;
        tt_buffer_free(&reader->buffer, &world);
        tt_release(&world, reader);
    }
}

/* The frame that was given last is done with. */
static void drop(tt_reader *reader)
{
    if (reader->taken > 0) {
        tt_buffer_take(&reader->buffer, reader->taken);
        reader->taken = 0;
    }
}

int tt_reader_room(tt_reader *reader, size_t wanted, uint8_t **octets, size_t *room)
{
    int status;
    drop(reader);
    status = tt_buffer_reserve(&reader->buffer, &reader->world, wanted);
    if (status == TT_OK) {
        *octets = reader->buffer.octets + reader->buffer.end;
        *room = reader->buffer.capacity - reader->buffer.end;
    }
    return status;
}

void tt_reader_read(tt_reader *reader, size_t count)
{
    reader->buffer.end += count;
    if (reader->error)
        reader->buffer.start = reader->buffer.end = 0;
}

int tt_reader_feed(tt_reader *reader, const void *octets, size_t count)
{
    uint8_t *to;
    size_t room;
    int status;
    if (reader->error || count == 0)
        return TT_OK;
    status = tt_reader_room(reader, count, &to, &room);
    if (status == TT_OK) {
        memcpy(to, octets, count);
        tt_reader_read(reader, count);
    }
    return status;
}

static uint32_t judge(const uint8_t *p, tt_header *header, const tt_frame_row **row)
{
    *row = NULL;
    if (tt_get16(p) != TT_MAGIC)
        return TT_CODE_BAD_MAGIC;
    if (p[2] != TT_WIRE_VERSION)
        return TT_CODE_BAD_VERSION;
    tt_header_parse(p, header);
    if (p[3] != TT_WIRE_HEADER_LENGTH || header->flags & ~(TT_FLAG_SEALED | TT_FLAG_RETRY) ||
        header->kind < TT_KIND_OF_RESPONSE || header->kind > TT_KIND_OF_REJECT)
        return TT_CODE_BAD_HEADER;
    if (header->kind == TT_KIND_OF_REJECT)
        return header->total_length == TT_WIRE_REJECT_LENGTH ? 0 : TT_CODE_BAD_LENGTH;
    *row = tt_frame_row_of(header->transaction, header->kind, header->schema);
    if (*row == NULL)
        return tt_transaction_known(header->transaction, header->kind) ? TT_CODE_UNKNOWN_SCHEMA
                                                                       : TT_CODE_UNKNOWN_TRANSACTION;
    if (header->total_length !=
        TT_WIRE_HEADER_LENGTH + (*row)->record->body_size + TT_WIRE_MAC_LENGTH)
        return TT_CODE_BAD_LENGTH;
    if ((header->kind != TT_KIND_OF_RESPONSE && header->return_code) || header->flags & TT_FLAG_RETRY ||
        (header->flags & TT_FLAG_SEALED && (*row)->record->secret_offset < 0))
        return TT_CODE_BAD_HEADER;
    return 0;
}

static int ended(tt_reader *reader, uint32_t error)
{
    reader->error = error;
    reader->buffer.start = reader->buffer.end = 0;
    return TT_ERROR_PROTOCOL;
}

int tt_reader_next(tt_reader *reader, tt_frame *frame)
{
    const tt_frame_row *row;
    const uint8_t *octets;
    size_t held;
    uint32_t error;
    if (reader->error)
        return TT_ERROR_PROTOCOL;
    drop(reader);
    held = reader->buffer.end - reader->buffer.start;
    if (held == 0)
        return 0;
    octets = reader->buffer.octets + reader->buffer.start;
    if (held < TT_WIRE_HEADER_LENGTH) {
        /* Say at once that this is no peer of ours: it may never send 64 octets. */
        if (octets[0] != TT_MAGIC >> 8 || (held > 1 && octets[1] != (TT_MAGIC & 0xff)))
            return ended(reader, TT_CODE_BAD_MAGIC);
        return 0;
    }
    error = judge(octets, &frame->header, &row);
    if (error)
        return ended(reader, error);
    if (held < frame->header.total_length)
        return 0;
    frame->record = row ? row->record : NULL;
    frame->octets = octets;
    frame->size = reader->taken = frame->header.total_length;
    return 1;
}

uint32_t tt_reader_error(const tt_reader *reader) { return reader->error; }
