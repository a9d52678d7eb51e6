/* Reads tests/vectors/client/ (see the README there): one block of `name = value` lines at a time. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>
#include <stdio.h>

#define BLOCK_LINES 4096

typedef struct {
    char *name, *value;
} vector_line;

typedef struct {
    char kind[32];
    vector_line lines[BLOCK_LINES];
    size_t count;
    char *text, *at, *next;
} vector_file;

/* 0 where the file can't be read. */
int vector_open(vector_file *file, const char *folder, const char *name);
/* The next block; 0 behind the last. */
int vector_next(vector_file *file);
void vector_close(vector_file *file);
/* The first line of this name; aborts where there is none. */
const char *vector_get(const vector_file *file, const char *name);
const char *vector_maybe(const vector_file *file, const char *name);
unsigned long long vector_number(const vector_file *file, const char *name);
/* Octets of hexadecimal text into memory from malloc. */
uint8_t *unhex(const char *text, size_t *count);
uint8_t *vector_octets(const vector_file *file, const char *name, size_t *count);

#endif
