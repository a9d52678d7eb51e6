/*
 * async: many requests from one event loop. The library gives a descriptor; the loop is yours.
 *
 *   async CREDENTIALS CUSTOMER [COUNT]
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <tigertally.h>

typedef struct {
    unsigned left, found;
} tally;

static void told(void *context, const tt_answer *answer, const void *response)
{
    const tt_query_user_response *user = response;
    tally *t = context;
    t->left--;
    if (answer->status != TT_OK)
        fprintf(stderr, "serial %llu: %s\n", (unsigned long long)answer->ticket.serial, answer->problem);
    else if (answer->code == TT_CODE_ANSWERED && user->token_count > 0)
        t->found++;
}

int main(int count, char **arguments)
{
    tt_query_user_request request;
    tt_client *client;
    tally t = {0, 0};
    char conninfo[1200], problem[160] = "";
    unsigned number = count > 3 ? (unsigned)strtoul(arguments[3], NULL, 10) : 100, sent;
    struct pollfd mine;
    if (count < 3) {
        fprintf(stderr, "usage: %s CREDENTIALS CUSTOMER [COUNT]\n", arguments[0]);
        return 4;
    }
    snprintf(conninfo, sizeof conninfo, "credentials='%s'", arguments[1]);
    if (tt_client_open(&client, conninfo, NULL, problem, sizeof problem) != TT_OK) {
        fprintf(stderr, "%s\n", problem);
        return 4;
    }
    tt_message_init(TT_TX_QUERY_USER, TT_KIND_OF_REQUEST, &request);
    snprintf(request.institution, sizeof request.institution, "%s", tt_client_institution(client));
    snprintf(request.customer, sizeof request.customer, "%s", arguments[2]);
    for (sent = 0; sent < number; sent++)
        if (tt_client_submit(client, TT_TX_QUERY_USER, &request, 5000, NULL, told, &t) == TT_OK)
            t.left++;
    mine.fd = tt_client_fd(client);
    mine.events = POLLIN;
    while (t.left > 0) {
        if (mine.fd >= 0)
            poll(&mine, 1, -1); /* beside your own descriptors */
        tt_client_process(client, mine.fd >= 0 ? 0 : -1);
    }
    printf("%u asked, %u with a token\n", number, t.found);
    tt_client_close(client);
    return t.left ? 1 : 0;
}
