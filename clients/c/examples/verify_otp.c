/*
 * verify_otp: is this one-time code right? The shortest complete program.
 *
 *   verify_otp CREDENTIALS CUSTOMER [CODE [REFERENCE]]
 *
 * Without CODE it is asked for: what stands on a command line can be seen by others on the machine.
 * Exit status: 0 approved, 1 not approved, 2 no answer, 3 unknown even after asking, 4 wrong use.
 */
#include <stdio.h>
#include <string.h>
#include <tigertally.h>

static int explain(tt_client *client, const tt_answer *answer)
{
    tt_answer asked;
    uint32_t result = 0;
    int execution = TT_EXECUTION_UNKNOWN;
    fprintf(stderr, "serial %llu: %s\n", (unsigned long long)answer->ticket.serial, answer->problem);
    if (answer->status != TT_ERROR_OUTCOME_UNKNOWN)
        return 2; /* certainly not executed: the customer may try again */
    if (tt_client_resolve(client, &answer->ticket, NULL, 5000, &execution, &result, &asked, NULL) != TT_OK ||
        execution == TT_EXECUTION_UNKNOWN)
        return 3; /* write the ticket down and resolve it later */
    printf("%s\n", execution == TT_EXECUTED ? tt_code_name(result) : "not executed, and never will be");
    return execution == TT_EXECUTED && result == TT_CODE_APPROVED ? 0 : 1;
}

static int ask(char *code, size_t size)
{
    fprintf(stderr, "code: ");
    if (fgets(code, (int)size, stdin) == NULL)
        return 0;
    code[strcspn(code, "\r\n")] = '\0';
    return 1;
}

int main(int count, char **arguments)
{
    tt_verify_otp_request request;
    tt_verify_otp_response response;
    tt_answer answer;
    tt_client *client;
    char conninfo[1200], problem[160] = "";
    int status;
    if (count < 3) {
        fprintf(stderr, "usage: %s CREDENTIALS CUSTOMER [CODE [REFERENCE]]\n", arguments[0]);
        return 4;
    }
    snprintf(conninfo, sizeof conninfo, "credentials='%s' timeout_ms=5000", arguments[1]);
    if (tt_client_open(&client, conninfo, NULL, problem, sizeof problem) != TT_OK) {
        fprintf(stderr, "%s\n", problem);
        return 4;
    }
    tt_message_init(TT_TX_VERIFY_OTP, TT_KIND_OF_REQUEST, &request);
    snprintf(request.institution, sizeof request.institution, "%s", tt_client_institution(client));
    snprintf(request.customer, sizeof request.customer, "%s", arguments[2]);
    if (count > 3)
        snprintf(request.otp, sizeof request.otp, "%s", arguments[3]);
    else if (!ask(request.otp, sizeof request.otp))
        return 4;
    if (count > 4)
        snprintf(request.reference, sizeof request.reference, "%s", arguments[4]);

    if (tt_verify_otp(client, &request, &response, 0, &answer) == TT_OK) {
        printf("%s: %s\n", tt_code_name(answer.code), tt_code_text(answer.code));
        status = tt_approved(&answer) ? 0 : 1;
    } else if (answer.status == TT_ERROR_FIELD) {
        fprintf(stderr, "%s doesn't fit\n", answer.bad_field);
        status = 4;
    } else {
        status = explain(client, &answer);
    }
    tt_wipe(&request, sizeof request);
    tt_client_close(client);
    return status;
}
