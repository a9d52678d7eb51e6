/* conninfo: "key=value key='a value'", as libpq reads it; unknown keys are refused. */
#include "settings.h"

#include <stdlib.h>

typedef struct {
    const char *name;
    size_t place;
    int least, most, initial;
} number_row;

#define ROW(name, least, most, initial) {#name, offsetof(tt_settings, name), least, most, initial}
#define MS(name, key, initial) {#key, offsetof(tt_settings, name), 1, 86400000, initial}

static const number_row numbers[] = {
    ROW(connections, 1, 1024, 2),
    MS(timeout, timeout_ms, 5000),
    MS(attempt_timeout, attempt_timeout_ms, 2000),
    MS(connect_timeout, connect_timeout_ms, 5000),
    MS(reconnect, reconnect_ms, 100),
    MS(reconnect_cap, reconnect_cap_ms, 10000),
    MS(repeat, repeat_ms, 50),
    MS(repeat_cap, repeat_cap_ms, 1000),
    MS(drain_away, drain_away_ms, 2000),
    MS(heartbeat_timeout, heartbeat_timeout_ms, 5000),
    MS(sign_off_timeout, sign_off_timeout_ms, 1000),
    ROW(in_flight, 1, 65535, 256),
    ROW(waiting, 1, 10000000, 65536),
    ROW(utc_offset_minutes, -1440, 1440, 480),
    ROW(instance, 0, 1023, -1),
    ROW(thread, 0, 1, 0),
};

void tt_settings_default(tt_settings *settings)
{
    size_t i;
    memset(settings, 0, sizeof *settings);
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
        memcpy((char *)settings + numbers[i].place, &numbers[i].initial, sizeof(int));
    tt_format(settings->client_name, sizeof settings->client_name, "tigertally-c");
}

static int blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* One word: 1 when there is one, 0 at the end, -1 where it is none. */
static int next_word(const char **at, char *key, size_t key_size, char *value, size_t value_size)
{
    const char *p = *at;
    size_t size = 0;
    int quoted;
    while (blank(*p))
        p++;
    if (*p == '\0')
        return 0;
    while (*p && *p != '=' && !blank(*p) && size + 1 < key_size)
        key[size++] = *p++;
    key[size] = '\0';
    while (blank(*p))
        p++;
    if (*p++ != '=' || size == 0)
        return -1;
    while (blank(*p))
        p++;
    quoted = *p == '\'';
    p += quoted;
    for (size = 0; *p && (quoted ? *p != '\'' : !blank(*p)); p++) {
        if (*p == '\\' && p[1])
            p++;
        if (size + 1 >= value_size)
            return -1;
        value[size++] = *p;
    }
    value[size] = '\0';
    if (quoted && *p++ != '\'')
        return -1;
    *at = p;
    return 1;
}

static int set_number(tt_settings *settings, const number_row *row, const char *value)
{
    char *end;
    long number = strtol(value, &end, 10);
    int small = (int)number;
    if (*value == '\0' || *end != '\0' || number < row->least || number > row->most)
        return 0;
    memcpy((char *)settings + row->place, &small, sizeof small);
    return 1;
}

static int set(tt_settings *settings, tt_texts *texts, const char *key, const char *value)
{
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(numbers[i].name, key) == 0)
            return set_number(settings, &numbers[i], value);
    if (strcmp(key, "credentials") == 0 && strlen(value) < sizeof texts->credentials)
        memcpy(texts->credentials, value, strlen(value) + 1);
    else if (strcmp(key, "servers") == 0 && strlen(value) < sizeof texts->servers)
        memcpy(texts->servers, value, strlen(value) + 1);
    else if (strcmp(key, "client_name") == 0 && *value && strlen(value) <= 32 &&
             strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@") ==
                 strlen(value))
        memcpy(settings->client_name, value, strlen(value) + 1);
    else
        return 0;
    return 1;
}

int tt_settings_parse(tt_settings *settings, tt_texts *texts, const char *conninfo, char *problem,
                      size_t problem_size)
{
    char key[32], value[1024];
    const char *at = conninfo ? conninfo : "";
    int found;
    tt_settings_default(settings);
    memset(texts, 0, sizeof *texts);
    while ((found = next_word(&at, key, sizeof key, value, sizeof value)) > 0)
        if (!set(settings, texts, key, value)) {
            /* The value is not told: somebody may have put a key there. */
            tt_format(problem, problem_size, "conninfo: %s is unknown, or its value can't be", key);
            return TT_ERROR_ARGUMENT;
        }
    if (found < 0) {
        tt_format(problem, problem_size, "conninfo: write key=value or key='a value'");
        return TT_ERROR_ARGUMENT;
    }
    if (settings->reconnect > settings->reconnect_cap || settings->repeat > settings->repeat_cap) {
        tt_format(problem, problem_size, "conninfo: a cap is smaller than what it caps");
        return TT_ERROR_ARGUMENT;
    }
    return TT_OK;
}
