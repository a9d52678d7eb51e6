/* Structs to bodies and back, by the generated tables. Nothing is cut or repaired: what doesn't fit a
 * field's kind is refused and the field named. */
#include "internal.h"

#define PLACE(message, field) ((char *)(message) + (field)->place)

static int all_zero(const uint8_t *octets, size_t count)
{
    unsigned any = 0;
    while (count-- > 0)
        any |= *octets++;
    return any == 0;
}

/* Left-justified octets without the blanks behind them. */
static size_t trimmed(const uint8_t *octets, size_t count)
{
    while (count > 0 && octets[count - 1] == ' ')
        count--;
    return count;
}

static int characters_fit(const tt_field *field, int gb18030, const uint8_t *octets, size_t count)
{
    size_t i;
    switch (field->kind) {
    case TT_KIND_DIGITS:
        for (i = 0; i < count; i++)
            if (octets[i] < '0' || octets[i] > '9')
                return 0;
        return 1;
    case TT_KIND_IDENT:
        for (i = 0; i < count; i++)
            if (octets[i] < 0x21 || octets[i] > 0x7e)
                return 0;
        return 1;
    default:
        return tt_text_fits(gb18030, octets, count);
    }
}

static int write_string(const tt_field *field, int gb18030, const char *value, uint8_t *to)
{
    const char *end = memchr(value, 0, (size_t)field->width + 1);
    size_t count;
    if (end == NULL)
        return 0;
    count = (size_t)(end - value);
    if (field->kind == TT_KIND_TEXT)
        count = trimmed((const uint8_t *)value, count);
    if (!characters_fit(field, gb18030, (const uint8_t *)value, count))
        return 0;
    memcpy(to, value, count);
    memset(to + count, ' ', field->width - count);
    return 1;
}

static int write_field(const tt_field *field, int gb18030, const void *message, uint8_t *to)
{
    const char *value = (const char *)message + field->place;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (field->kind) {
    case TT_KIND_U8:
        *to = *(const uint8_t *)value;
        return 1;
    case TT_KIND_U16:
        memcpy(&u16, value, sizeof u16);
        tt_put16(to, u16);
        return 1;
    case TT_KIND_U32:
        memcpy(&u32, value, sizeof u32);
        tt_put32(to, u32);
        return 1;
    case TT_KIND_U64:
        memcpy(&u64, value, sizeof u64);
        tt_put64(to, u64);
        return 1;
    case TT_KIND_OCTETS:
        memcpy(to, value, field->width);
        return 1;
    case TT_KIND_DIGITS:
    case TT_KIND_IDENT:
    case TT_KIND_TEXT:
        return write_string(field, gb18030, value, to);
    default:
        memset(to, 0, field->width);
        return 1;
    }
}

static int read_field(const tt_field *field, int gb18030, const uint8_t *from, void *message)
{
    char *value = PLACE(message, field);
    size_t count;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (field->kind) {
    case TT_KIND_U8:
        *(uint8_t *)value = *from;
        return 1;
    case TT_KIND_U16:
        u16 = tt_get16(from);
        memcpy(value, &u16, sizeof u16);
        return 1;
    case TT_KIND_U32:
        u32 = tt_get32(from);
        memcpy(value, &u32, sizeof u32);
        return 1;
    case TT_KIND_U64:
        u64 = tt_get64(from);
        memcpy(value, &u64, sizeof u64);
        return 1;
    case TT_KIND_OCTETS:
        memcpy(value, from, field->width);
        return 1;
    case TT_KIND_DIGITS:
    case TT_KIND_IDENT:
    case TT_KIND_TEXT:
        count = trimmed(from, field->width);
        if (!characters_fit(field, gb18030, from, count))
            return 0;
        memcpy(value, from, count);
        memset(value + count, 0, field->width + 1 - count);
        return 1;
    default:
        return all_zero(from, field->width);
    }
}

static int refused(const tt_field *field, const char **bad_field)
{
    if (bad_field != NULL)
        *bad_field = field->name;
    return TT_ERROR_FIELD;
}

int tt_encode(const tt_record *record, const char *charset, const void *message, void *body,
              size_t body_size, const char **bad_field)
{
    int gb18030 = tt_charset_of(charset);
    size_t i;
    if (bad_field != NULL)
        *bad_field = NULL;
    if (record == NULL || gb18030 < 0 || message == NULL || body_size != record->body_size)
        return TT_ERROR_ARGUMENT;
    for (i = 0; i < record->field_count; i++) {
        const tt_field *field = &record->fields[i];
        if (!write_field(field, gb18030, message, (uint8_t *)body + field->offset))
            return refused(field, bad_field);
    }
    return TT_OK;
}

int tt_decode(const tt_record *record, const char *charset, const void *body, size_t body_size,
              void *message, const char **bad_field)
{
    int gb18030 = tt_charset_of(charset);
    size_t i;
    if (bad_field != NULL)
        *bad_field = NULL;
    if (record == NULL || gb18030 < 0 || message == NULL || body_size != record->body_size)
        return TT_ERROR_ARGUMENT;
    for (i = 0; i < record->field_count; i++) {
        const tt_field *field = &record->fields[i];
        if (!read_field(field, gb18030, (const uint8_t *)body + field->offset, message))
            return refused(field, bad_field);
    }
    return TT_OK;
}

int tt_message_init(unsigned transaction, int kind, void *message)
{
    const tt_record *record = tt_record_of(transaction, kind, 1);
    size_t i;
    if (record == NULL || message == NULL)
        return TT_ERROR_ARGUMENT;
    memset(message, 0, record->struct_size);
    for (i = 0; i < record->field_count; i++) {
        const tt_field *field = &record->fields[i];
        uint8_t number[8];
        if (field->kind > TT_KIND_U64 || field->initial == 0)
            continue;
        memset(number, 0, sizeof number);
        tt_put32(number + 4, field->initial);
        (void)read_field(field, 0, number + 8 - field->width, message);
    }
    return TT_OK;
}
