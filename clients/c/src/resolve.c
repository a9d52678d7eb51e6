/* On top of calls: the end of an unknown outcome, and the flat records of COBOL and Tuxedo. */
#include "internal.h"

#include <stdio.h>

/* What a query's or a cancellation's answer proves about the serial it speaks of. */
static int execution_of(const tt_answer *answer, const tt_query_response *told)
{
    if (answer->status != TT_OK)
        return TT_EXECUTION_UNKNOWN;
    if (told->of_state == TT_QUERY_STATE_RECORDED && told->of_result != TT_CODE_NONE &&
        told->of_result != TT_CODE_OUTCOME_UNKNOWN && tt_code_name(told->of_result) != NULL)
        return TT_EXECUTED;
    if (told->of_state == TT_QUERY_STATE_CANCELLED &&
        (tt_code_recorded(answer->code) || answer->code == TT_CODE_ANSWERED))
        return TT_NOT_EXECUTED;
    return TT_EXECUTION_UNKNOWN;
}

int tt_client_resolve(tt_client *client, const tt_ticket *ticket, const char *operator_name,
                      int timeout_ms, int *execution, uint32_t *result, tt_answer *answer,
                      tt_query_response *evidence)
{
    tt_query_serial_request query;
    tt_cancel_serial_request cancel;
    tt_query_response own;
    tt_answer own_answer;
    if (ticket == NULL || execution == NULL ||
        (operator_name != NULL && strlen(operator_name) >= sizeof cancel.operator_))
        return TT_ERROR_ARGUMENT;
    evidence = evidence ? evidence : &own;
    answer = answer ? answer : &own_answer;
    *execution = TT_EXECUTION_UNKNOWN;
    memset(evidence, 0, sizeof *evidence);
    memset(&query, 0, sizeof query);
    query.serial = ticket->serial;
    query.business_day = ticket->business_day;
    if (tt_query_serial(client, &query, evidence, timeout_ms, answer) != TT_OK)
        return answer->status;
    *execution = execution_of(answer, evidence);
    if (*execution == TT_EXECUTION_UNKNOWN) {
        memset(&cancel, 0, sizeof cancel);
        cancel.serial = ticket->serial;
        cancel.business_day = ticket->business_day;
        if (operator_name != NULL)
            memcpy(cancel.operator_, operator_name, strlen(operator_name));
        if (tt_cancel_serial(client, &cancel, evidence, timeout_ms, answer) != TT_OK)
            return answer->status;
        *execution = execution_of(answer, evidence);
    }
    if (result != NULL)
        *result = *execution == TT_EXECUTED ? evidence->of_result : 0;
    return TT_OK;
}

/* ------------------------------------------------------------------------- flat records */

static void digits(char *to, size_t width, uint64_t value)
{
    for (; width > 0; value /= 10)
        to[--width] = (char)('0' + value % 10);
}

static void padded(char *to, size_t width, const char *text)
{
    size_t size = strlen(text);
    memset(to, ' ', width);
    memcpy(to, text, size < width ? size : width);
}

static uint64_t digits_of(const char *from, size_t width)
{
    uint64_t value = 0;
    for (; width > 0 && *from >= '0' && *from <= '9'; from++, width--)
        value = 10 * value + (uint64_t)(*from - '0');
    return value;
}

static void tell(tt_flat_result *result, const tt_answer *answer)
{
    const char *name = answer->status == TT_OK ? tt_code_name(answer->code) : NULL;
    digits(result->status, sizeof result->status, (uint64_t)-answer->status);
    digits(result->code, sizeof result->code, answer->status == TT_OK ? answer->code : 0);
    result->approved[0] = tt_approved(answer) ? 'Y' : 'N';
    digits(result->serial, sizeof result->serial, answer->ticket.serial);
    digits(result->business_day, sizeof result->business_day, answer->ticket.business_day);
    digits(result->retry_after_ms, sizeof result->retry_after_ms, answer->retry_after_ms);
    padded(result->bad_field, sizeof result->bad_field, answer->bad_field);
    padded(result->code_name, sizeof result->code_name, name ? name : "");
}

/* COBOL has no NUL: fields that a program left LOW-VALUES count as blank. */
static void blanked(const tt_record *record, uint8_t *body)
{
    size_t i, at;
    for (i = 0; i < record->field_count; i++) {
        const tt_field *field = &record->fields[i];
        if (field->kind != TT_KIND_DIGITS && field->kind != TT_KIND_IDENT && field->kind != TT_KIND_TEXT)
            continue;
        for (at = field->width; at > 0 && body[field->offset + at - 1] == 0; at--)
            body[field->offset + at - 1] = ' ';
    }
}

static int flat(tt_client *client, unsigned transaction, const tt_record *ask, const tt_record *told,
                const void *request, void *response, int timeout_ms, const tt_ticket *ticket,
                tt_answer *answer)
{
    /* A struct is at most one octet a field longer than its body, and padding. */
    union {
        uint64_t aligned;
        uint8_t octets[2 * TT_WIRE_MAX_FRAME];
    } in, out;
    uint8_t body[TT_WIRE_MAX_FRAME];
    const char *charset = tt_client_charset(client), *bad = NULL;
    int status;
    memcpy(body, request, ask->body_size);
    blanked(ask, body);
    status = tt_decode(ask, charset, body, ask->body_size, in.octets, &bad);
    if (status == TT_OK)
        status = tt_client_call(client, transaction, in.octets, out.octets, timeout_ms, ticket, answer);
    else
        tt_format(answer->bad_field, sizeof answer->bad_field, "%s", bad ? bad : "");
    if (status == TT_OK)
        status = tt_encode(told, charset, out.octets, response, told->body_size, NULL);
    answer->status = status;
    tt_wipe(&in, sizeof in);
    tt_wipe(&out, sizeof out);
    tt_wipe(body, sizeof body);
    return status;
}

int tt_flat_call(tt_client *client, unsigned transaction, const void *request, size_t request_size,
                 void *response, size_t response_size, int timeout_ms, int again, tt_flat_result *result)
{
    const tt_record *ask = tt_record_of(transaction, TT_KIND_OF_REQUEST, 1);
    const tt_record *told = tt_record_of(transaction, TT_KIND_OF_RESPONSE, 1);
    tt_ticket ticket;
    tt_answer answer;
    memset(&answer, 0, sizeof answer);
    memset(&ticket, 0, sizeof ticket);
    if (result == NULL)
        return TT_ERROR_ARGUMENT;
    if (again) {
        ticket.serial = digits_of(result->serial, sizeof result->serial);
        ticket.business_day = (uint16_t)digits_of(result->business_day, sizeof result->business_day);
        ticket.repeated = 1;
        answer.ticket = ticket;
    }
    if (client == NULL || request == NULL || response == NULL || ask == NULL || told == NULL ||
        request_size != ask->body_size || response_size != told->body_size || (again && !ticket.serial)) {
        answer.status = TT_ERROR_ARGUMENT;
    } else {
        memset(response, 0, response_size);
        (void)flat(client, transaction, ask, told, request, response, timeout_ms, again ? &ticket : NULL,
                   &answer);
    }
    tell(result, &answer);
    return answer.status;
}
