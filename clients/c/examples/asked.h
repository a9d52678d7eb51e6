/* What customers were asked and haven't answered yet: questions, and codes by SMS, which come out of the
 * file into which the server's file gateway writes. */
#ifndef ASKED_H
#define ASKED_H

#include <stddef.h>
#include <stdint.h>

/* `text`: the question, or the code. */
typedef struct {
    uint64_t customer;
    char challenge[33], text[9];
} asked;

/* First in, first out. */
typedef struct {
    asked *items;
    size_t room, first, count;
} asked_queue;

/* All of these: 0 where there is no memory. */
int asked_put(asked_queue *queue, const asked *one);
int asked_take(asked_queue *queue, asked *one); /* or nothing waits */

/* Messages on their way, and those that came before the answer that names them. */
typedef struct {
    asked_queue codes; /* of messages that came */
    struct inbox_message *messages;
    size_t room, held, rest;
    char *buffer;
    const char *path;
    int file;
    uint64_t at;
} inbox;

int inbox_open(inbox *box, const char *path); /* only what is written from now on counts */
int inbox_expect(inbox *box, const char *message_id, const asked *one);
int inbox_look(inbox *box); /* reads what came; never waits */

#endif
