#ifndef TT_SETTINGS_H
#define TT_SETTINGS_H

#include "link.h"

#include <stddef.h>

typedef struct {
    char credentials[1024], servers[1024];
} tt_texts;

int tt_settings_parse(tt_settings *settings, tt_texts *texts, const char *conninfo, char *problem,
                      size_t problem_size);

#endif
