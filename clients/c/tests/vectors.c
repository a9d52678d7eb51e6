#include "vectors.h"

#include <stdlib.h>
#include <string.h>

int vector_open(vector_file *file, const char *folder, const char *name)
{
    char path[512];
    FILE *stream;
    long size;
    memset(file, 0, sizeof *file);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    stream = fopen(path, "rb");
    if (stream == NULL)
        return 0;
    fseek(stream, 0, SEEK_END);
    size = ftell(stream);
    rewind(stream);
    file->text = malloc((size_t)size + 1);
    if (file->text == NULL || fread(file->text, 1, (size_t)size, stream) != (size_t)size)
        abort();
    file->text[size] = '\0';
    fclose(stream);
    file->next = file->text;
    return 1;
}

static char *line_of(vector_file *file)
{
    char *line = file->next, *end;
    if (line == NULL || *line == '\0')
        return NULL;
    end = strchr(line, '\n');
    if (end != NULL)
        *end++ = '\0';
    file->next = end;
    return line;
}

int vector_next(vector_file *file)
{
    char *line, *sign;
    file->count = 0;
    do {
        line = file->at ? file->at : line_of(file);
        file->at = NULL;
        if (line == NULL)
            return 0;
    } while (*line != '[');
    snprintf(file->kind, sizeof file->kind, "%.*s", (int)strcspn(line + 1, "]"), line + 1);
    while ((line = line_of(file)) != NULL) {
        if (*line == '[') {
            file->at = line;
            break;
        }
        sign = strstr(line, " =");
        if (*line == '\0' || *line == '#' || sign == NULL)
            continue;
        if (file->count == BLOCK_LINES)
            abort();
        *sign = '\0';
        sign += 2;
        file->lines[file->count].name = line;
        file->lines[file->count++].value = *sign == ' ' ? sign + 1 : sign;
    }
    return 1;
}

void vector_close(vector_file *file)
{
    free(file->text);
    file->text = NULL;
}

const char *vector_maybe(const vector_file *file, const char *name)
{
    size_t i;
    for (i = 0; i < file->count; i++)
        if (strcmp(file->lines[i].name, name) == 0)
            return file->lines[i].value;
    return NULL;
}

const char *vector_get(const vector_file *file, const char *name)
{
    const char *value = vector_maybe(file, name);
    if (value == NULL) {
        fprintf(stderr, "no line %s in a block %s\n", name, file->kind);
        abort();
    }
    return value;
}

unsigned long long vector_number(const vector_file *file, const char *name)
{
    return strtoull(vector_get(file, name), NULL, 10);
}

uint8_t *unhex(const char *text, size_t *count)
{
    size_t size = strlen(text) / 2, i;
    uint8_t *octets = malloc(size ? size : 1);
    if (octets == NULL)
        abort();
    for (i = 0; i < size; i++) {
        unsigned value;
        sscanf(text + 2 * i, "%2x", &value);
        octets[i] = (uint8_t)value;
    }
    if (count != NULL)
        *count = size;
    return octets;
}

uint8_t *vector_octets(const vector_file *file, const char *name, size_t *count)
{
    return unhex(vector_get(file, name), count);
}
