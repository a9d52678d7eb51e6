/*
 * flat: the call that COBOL and Tuxedo programs make, with the record that cobol/tigertally.cpy declares.
 *
 *   flat CREDENTIALS CUSTOMER CODE
 */
#include <stdio.h>
#include <string.h>
#include <tigertally.h>

/* TT-VERIFY-OTP-REQ: 188 octets; the fillers are zero. */
static void put(char *record, size_t offset, size_t width, const char *text)
{
    size_t size = strlen(text);
    memset(record + offset, ' ', width);
    memcpy(record + offset, text, size < width ? size : width);
}

int main(int count, char **arguments)
{
    char request[188], response[82], conninfo[1200], problem[160] = "";
    tt_flat_result result;
    tt_client *client;
    int status;
    if (count < 4) {
        fprintf(stderr, "usage: %s CREDENTIALS CUSTOMER CODE\n", arguments[0]);
        return 4;
    }
    snprintf(conninfo, sizeof conninfo, "credentials='%s'", arguments[1]);
    if (tt_client_open(&client, conninfo, NULL, problem, sizeof problem) != TT_OK) {
        fprintf(stderr, "%s\n", problem);
        return 4;
    }
    memset(request, 0, sizeof request);
    put(request, 0, 12, tt_client_institution(client));
    put(request, 12, 32, arguments[2]);
    put(request, 44, 24, "");
    put(request, 68, 32, "FLAT-1");
    put(request, 100, 40, "");
    put(request, 140, 10, arguments[3]);
    status = tt_flat_call(client, TT_TX_VERIFY_OTP, request, sizeof request, response, sizeof response, 5000,
                          0, &result);
    printf("status %.4s code %.4s approved %.1s %.32s\n", result.status, result.code, result.approved,
           result.code_name);
    tt_wipe(request, sizeof request);
    tt_client_close(client);
    return status == TT_OK && result.approved[0] == 'Y' ? 0 : 1;
}
