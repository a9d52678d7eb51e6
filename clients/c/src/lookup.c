/* Looking things up in the generated tables; status and version in words. */
#include "internal.h"

static uint64_t key_of(unsigned transaction, int kind, unsigned schema)
{
    return ((uint64_t)transaction << 32) | ((uint64_t)(unsigned)kind << 16) | schema;
}

const tt_frame_row *tt_frame_row_of(unsigned transaction, int kind, unsigned schema)
{
    size_t low = 0, high = tt_frame_row_count;
    uint64_t wanted = key_of(transaction, kind, schema);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const tt_frame_row *row = &tt_frame_rows[middle];
        uint64_t key = key_of(row->transaction, row->kind, row->schema);
        if (key == wanted)
            return row;
        if (key < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

int tt_transaction_known(unsigned transaction, int kind)
{
    size_t i;
    for (i = 0; i < tt_frame_row_count; i++)
        if (tt_frame_rows[i].transaction == transaction && tt_frame_rows[i].kind == kind)
            return 1;
    return 0;
}

const tt_code_row *tt_code_row_of(uint32_t code)
{
    size_t low = 0, high = tt_code_row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tt_code_rows[middle].number == code)
            return &tt_code_rows[middle];
        if (tt_code_rows[middle].number < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const tt_suite_row *tt_suite_of(unsigned id)
{
    size_t i;
    for (i = 0; i < tt_suite_row_count; i++)
        if (tt_suite_rows[i].id == id)
            return &tt_suite_rows[i];
    return NULL;
}

const tt_cipher_row *tt_cipher_of(unsigned id)
{
    size_t i;
    for (i = 0; i < tt_cipher_row_count; i++)
        if (tt_cipher_rows[i].id == id)
            return &tt_cipher_rows[i];
    return NULL;
}

const tt_record *tt_record_of(unsigned transaction, int kind, unsigned schema)
{
    const tt_frame_row *row = tt_frame_row_of(transaction, kind, schema ? schema : 1);
    return row ? row->record : NULL;
}

const tt_record *tt_record_at(size_t number, unsigned *transaction, int *kind, unsigned *schema)
{
    const tt_frame_row *row = &tt_frame_rows[number];
    if (number >= tt_frame_row_count)
        return NULL;
    *transaction = row->transaction;
    *kind = row->kind;
    *schema = row->schema;
    return row->record;
}

static const tt_frame_row *any_row(unsigned transaction)
{
    size_t i;
    for (i = 0; i < tt_frame_row_count; i++)
        if (tt_frame_rows[i].transaction == transaction)
            return &tt_frame_rows[i];
    return NULL;
}

const char *tt_transaction_name(unsigned transaction)
{
    const tt_frame_row *row = any_row(transaction);
    return row ? row->transaction_name : NULL;
}

int tt_transaction_read_only(unsigned transaction)
{
    const tt_frame_row *row = any_row(transaction);
    return row != NULL && row->read_only;
}

const char *tt_code_name(uint32_t code)
{
    const tt_code_row *row = tt_code_row_of(code);
    return row ? row->name : NULL;
}

uint32_t tt_code_of(const char *name)
{
    size_t i;
    for (i = 0; i < tt_code_row_count; i++)
        if (strcmp(tt_code_rows[i].name, name) == 0)
            return tt_code_rows[i].number;
    return 0;
}

const char *tt_code_text(uint32_t code)
{
    const tt_code_row *row = tt_code_row_of(code);
    return row ? row->text : "a code that this library doesn't know";
}

int tt_code_class(uint32_t code)
{
    const tt_code_row *row = tt_code_row_of(code);
    return row ? row->cls : -1;
}

int tt_code_transient(uint32_t code)
{
    const tt_code_row *row = tt_code_row_of(code);
    return row != NULL && row->transient;
}

int tt_code_recorded(uint32_t code)
{
    const tt_code_row *row = tt_code_row_of(code);
    return row != NULL && row->recorded;
}

int tt_approved(const tt_answer *answer)
{
    return answer != NULL && answer->status == TT_OK && answer->code == TT_CODE_APPROVED;
}

const char *tt_status_text(int status)
{
    switch (status) {
    case TT_OK: return "done";
    case TT_ERROR_MEMORY: return "no memory";
    case TT_ERROR_ARGUMENT: return "an argument that can't be";
    case TT_ERROR_FIELD: return "a value doesn't fit its field; nothing was sent";
    case TT_ERROR_STATE: return "not possible now";
    case TT_ERROR_PROTOCOL: return "the server broke the protocol";
    case TT_ERROR_KEY: return "a key doesn't fit, or its check value is wrong";
    case TT_ERROR_CREDENTIALS: return "the credentials can't be used";
    case TT_ERROR_NETWORK: return "cannot connect, or the connection broke";
    case TT_ERROR_REFUSED: return "the server refused the sign-on";
    case TT_ERROR_NO_ANSWER: return "no answer before the deadline; not executed";
    case TT_ERROR_OUTCOME_UNKNOWN: return "the outcome is unknown; resolve it before asking again";
    case TT_ERROR_REJECTED: return "the server can't read this request; not executed";
    case TT_ERROR_CLOSED: return "closed; not executed";
    case TT_ERROR_FORKED: return "the handle belongs to another process";
    case TT_ERROR_SYSTEM: return "the system gave no descriptor, clock or randomness";
    case TT_ERROR_BUSY: return "too much is open here already; not sent";
    default: return "no status";
    }
}

const char *tt_version(void) { return TT_VERSION_STRING; }

int tt_version_number(void)
{
    return 10000 * TT_VERSION_MAJOR + 100 * TT_VERSION_MINOR + TT_VERSION_PATCH;
}
