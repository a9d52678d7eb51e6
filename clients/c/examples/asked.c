#define _POSIX_C_SOURCE 200809L

#include "asked.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER (1 << 20)
#define ID 32

enum { FREE, EXPECTED, CAME, DONE };

struct inbox_message {
    char id[ID + 1];
    uint8_t state;
    asked what;
};

int asked_put(asked_queue *queue, const asked *one)
{
    if (queue->count == queue->room) {
        size_t room = queue->room ? 2 * queue->room : 256, i;
        asked *items = calloc(room, sizeof *items);
        if (items == NULL)
            return 0;
        for (i = 0; i < queue->count; i++)
            items[i] = queue->items[(queue->first + i) % queue->room];
        free(queue->items);
        queue->items = items;
        queue->room = room;
        queue->first = 0;
    }
    queue->items[(queue->first + queue->count++) % queue->room] = *one;
    return 1;
}

int asked_take(asked_queue *queue, asked *one)
{
    if (queue->count == 0)
        return 0;
    *one = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->room;
    queue->count--;
    return 1;
}

/* ------------------------------------------------------------------------- messages by their ids */

/* Ids are random hexadecimal digits: any of them spread well. */
static struct inbox_message *place_of(struct inbox_message *messages, size_t room, const char *id)
{
    char first[16];
    size_t at;
    memcpy(first, id, 15);
    first[15] = '\0';
    at = (size_t)strtoull(first, NULL, 16) & (room - 1);
    while (messages[at].state != FREE && memcmp(messages[at].id, id, ID) != 0)
        at = (at + 1) & (room - 1);
    return &messages[at];
}

/* A new place where there is none; those that are done go when the table grows. */
static struct inbox_message *message_of(inbox *box, const char *id)
{
    struct inbox_message *found;
    if (2 * (box->held + 1) > box->room) {
        size_t room = box->room ? 2 * box->room : 1024, i, held = 0;
        struct inbox_message *messages = calloc(room, sizeof *messages);
        if (messages == NULL)
            return NULL;
        for (i = 0; i < box->room; i++)
            if (box->messages[i].state == EXPECTED || box->messages[i].state == CAME) {
                *place_of(messages, room, box->messages[i].id) = box->messages[i];
                held++;
            }
        free(box->messages);
        box->messages = messages;
        box->room = room;
        box->held = held;
    }
    found = place_of(box->messages, box->room, id);
    if (found->state == FREE) {
        memcpy(found->id, id, ID);
        box->held++;
    }
    return found;
}

int inbox_expect(inbox *box, const char *message_id, const asked *one)
{
    struct inbox_message *message;
    if (strlen(message_id) != ID || (message = message_of(box, message_id)) == NULL)
        return 0;
    if (message->state != CAME) {
        message->what = *one;
        message->state = EXPECTED;
        return 1;
    }
    /* The text may be there before the answer that names it. */
    message->state = DONE;
    memcpy(message->what.challenge, one->challenge, sizeof one->challenge);
    message->what.customer = one->customer;
    return asked_put(&box->codes, &message->what);
}

static int came(inbox *box, const char *id, const char *code)
{
    struct inbox_message *message = message_of(box, id);
    if (message == NULL)
        return 0;
    memcpy(message->what.text, code, 6);
    message->what.text[6] = '\0';
    if (message->state != EXPECTED) {
        message->state = CAME;
        return 1;
    }
    message->state = DONE;
    return asked_put(&box->codes, &message->what);
}

/* ------------------------------------------------------------------------- the file */

int inbox_open(inbox *box, const char *path)
{
    struct stat about;
    box->path = path;
    box->file = -1;
    box->at = stat(path, &about) == 0 ? (uint64_t)about.st_size : 0;
    box->buffer = malloc(BUFFER + 1);
    return box->buffer != NULL;
}

/* The one group of six digits of a line's text, which ends at the quote. */
static const char *code_in(const char *text)
{
    while (*text != '\0' && *text != '"') {
        size_t digits = strspn(text, "0123456789");
        if (digits == 6)
            return text;
        text += digits ? digits : 1;
    }
    return NULL;
}

static int take_line(inbox *box, const char *line)
{
    const char *id = strstr(line, "\"id\":\""), *text = strstr(line, "\"text\":\""), *code;
    if (id == NULL || text == NULL || strcspn(id + 6, "\"") != ID)
        return 1;
    code = code_in(text + 8);
    return code == NULL || came(box, id + 6, code);
}

int inbox_look(inbox *box)
{
    ssize_t got;
    if (box->file < 0 && (box->file = open(box->path, O_RDONLY | O_CLOEXEC)) < 0)
        return 1; /* it comes with the first message */
    while ((got = pread(box->file, box->buffer + box->rest, BUFFER - box->rest, (off_t)box->at)) > 0) {
        char *line = box->buffer, *end = box->buffer + box->rest + got, *stop;
        box->at += (uint64_t)got;
        *end = '\0';
        for (; (stop = memchr(line, '\n', (size_t)(end - line))) != NULL; line = stop + 1) {
            *stop = '\0';
            if (!take_line(box, line))
                return 0;
        }
        box->rest = (size_t)(end - line);
        memmove(box->buffer, line, box->rest);
    }
    return 1;
}
