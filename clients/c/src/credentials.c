/*
 * The channel credentials file, format 1, as `tigertally channel add --key-out` writes it. Refused when
 * others than its owner may read it, when its key's check value is wrong, and when it holds a member
 * that isn't known: a misspelt one shall be noticed. The key's text is wiped from every buffer.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 65536
#define DEFAULT_PORT "7117"

/* ------------------------------------------------------------------------- servers */

int tt_server_parse(const char *text, char *host, size_t host_size, char *port, size_t port_size)
{
    const char *end, *rest;
    size_t size;
    unsigned long number;
    if (*text == '[') {
        text++;
        end = strchr(text, ']');
        if (end == NULL)
            return 0;
        rest = end + 1;
        if (*rest != '\0' && *rest != ':')
            return 0;
    } else {
        end = text + strcspn(text, ":");
        rest = end;
    }
    size = (size_t)(end - text);
    if (size == 0 || size >= host_size)
        return 0;
    memcpy(host, text, size);
    host[size] = '\0';
    if (*rest == '\0') {
        tt_format(port, port_size, "%s", DEFAULT_PORT);
        return 1;
    }
    rest++;
    if (rest[0] == '\0' || strspn(rest, "0123456789") != strlen(rest) || strlen(rest) > 5)
        return 0;
    number = strtoul(rest, NULL, 10);
    if (number == 0 || number > 65535)
        return 0;
    tt_format(port, port_size, "%s", rest);
    return 1;
}

static int separates(char c) { return c == ',' || c == '\0'; }

char *tt_servers_copy(const tt_world *world, const char *list, size_t size, size_t *made_size, int *status)
{
    char *made = tt_allocate(world, size + 2), host[256], port[8];
    size_t from = 0, to = 0;
    *status = made ? TT_OK : TT_ERROR_MEMORY;
    while (made != NULL && from < size) {
        size_t begin = to;
        while (from < size && list[from] == ' ')
            from++;
        while (from < size && !separates(list[from]))
            made[to++] = list[from++];
        while (to > begin && made[to - 1] == ' ')
            to--;
        made[to] = '\0';
        from++;
        if (!tt_server_parse(made + begin, host, sizeof host, port, sizeof port)) {
            tt_release(world, made);
            *status = TT_ERROR_ARGUMENT;
            return NULL;
        }
        to++;
    }
    if (made != NULL && to == 0) {
        tt_release(world, made);
        *status = TT_ERROR_ARGUMENT;
        return NULL;
    }
    if (made != NULL) {
        made[to] = '\0';
        *made_size = size + 2;
    }
    return made;
}

/* ------------------------------------------------------------------------- JSON, as much as is needed */

typedef struct {
    const char *at, *end;
    char text[1024]; /* the string read last; may have held the key, so it is wiped */
    size_t text_size;
} json;

static void blanks(json *j)
{
    while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r'))
        j->at++;
}

static int take(json *j, char c)
{
    blanks(j);
    if (j->at >= j->end || *j->at != c)
        return 0;
    j->at++;
    return 1;
}

static int put(json *j, unsigned char c)
{
    if (j->text_size + 1 >= sizeof j->text)
        return 0;
    j->text[j->text_size++] = (char)c;
    return 1;
}

static int put_character(json *j, unsigned long c)
{
    if (c == 0)
        return 0;
    if (c < 0x80)
        return put(j, (unsigned char)c);
    if (c < 0x800)
        return put(j, (unsigned char)(0xc0 | c >> 6)) && put(j, (unsigned char)(0x80 | (c & 0x3f)));
    if (c < 0x10000)
        return put(j, (unsigned char)(0xe0 | c >> 12)) &&
               put(j, (unsigned char)(0x80 | ((c >> 6) & 0x3f))) &&
               put(j, (unsigned char)(0x80 | (c & 0x3f)));
    return put(j, (unsigned char)(0xf0 | c >> 18)) && put(j, (unsigned char)(0x80 | ((c >> 12) & 0x3f))) &&
           put(j, (unsigned char)(0x80 | ((c >> 6) & 0x3f))) && put(j, (unsigned char)(0x80 | (c & 0x3f)));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int four_digits(json *j, unsigned long *value)
{
    int i;
    *value = 0;
    if (j->end - j->at < 4)
        return 0;
    for (i = 0; i < 4; i++) {
        int digit = hex_digit(*j->at++);
        if (digit < 0)
            return 0;
        *value = *value << 4 | (unsigned long)digit;
    }
    return 1;
}

static int escaped(json *j)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    unsigned long value, low;
    const char *found;
    if (j->at >= j->end)
        return 0;
    if (*j->at != 'u') {
        found = *j->at ? strchr(from, *j->at++) : NULL;
        return found != NULL && put(j, (unsigned char)to[found - from]);
    }
    j->at++;
    if (!four_digits(j, &value))
        return 0;
    if (value >= 0xd800 && value <= 0xdbff) {
        if (j->end - j->at < 6 || j->at[0] != '\\' || j->at[1] != 'u')
            return 0;
        j->at += 2;
        if (!four_digits(j, &low) || low < 0xdc00 || low > 0xdfff)
            return 0;
        value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
    } else if (value >= 0xdc00 && value <= 0xdfff) {
        return 0;
    }
    return put_character(j, value);
}

static int string(json *j)
{
    j->text_size = 0;
    if (!take(j, '"'))
        return 0;
    while (j->at < j->end && *j->at != '"') {
        unsigned char c = (unsigned char)*j->at++;
        if (c == '\\' ? !escaped(j) : c < 0x20 || !put(j, c))
            return 0;
    }
    if (j->at >= j->end)
        return 0;
    j->at++;
    j->text[j->text_size] = '\0';
    return 1;
}

static int number(json *j, unsigned long most, unsigned long *value)
{
    const char *begin;
    blanks(j);
    begin = j->at;
    *value = 0;
    while (j->at < j->end && *j->at >= '0' && *j->at <= '9') {
        *value = *value * 10 + (unsigned long)(*j->at++ - '0');
        if (*value > most)
            return 0;
    }
    return j->at > begin;
}

/* ------------------------------------------------------------------------- members */

enum {
    M_FORMAT, M_CHANNEL, M_NAME, M_INSTITUTION, M_SUITE, M_FIELD_CIPHER, M_CHARSET, M_KEY_VERSION,
    M_MASTER_KEY_HEX, M_CHECK_VALUE, M_SERVERS, MEMBERS
};

static const char *const member_names[MEMBERS] = {
    "format", "channel", "name", "institution", "suite", "field_cipher", "charset", "key_version",
    "master_key_hex", "check_value", "servers"};

typedef struct {
    tt_credentials *made;
    json j;
    unsigned seen;
    unsigned long format;
    size_t key_size;
    char check_value[8];
    char servers[1024];
    size_t servers_size;
    char why[128];
} parsing;

static int fault(parsing *p, const char *why)
{
    tt_format(p->why, sizeof p->why, "%s", why);
    return 0;
}

static int hex_key(parsing *p)
{
    size_t i;
    p->key_size = p->j.text_size / 2;
    if (p->j.text_size % 2 || p->key_size > sizeof p->made->master_key)
        return fault(p, "master_key_hex has not the suite's length");
    for (i = 0; i < p->key_size; i++) {
        int high = hex_digit(p->j.text[2 * i]), low = hex_digit(p->j.text[2 * i + 1]);
        if (high < 0 || low < 0)
            return fault(p, "master_key_hex is not hexadecimal");
        p->made->master_key[i] = (uint8_t)(high << 4 | low);
    }
    return 1;
}

static int server_list(parsing *p)
{
    if (!take(&p->j, '['))
        return fault(p, "servers is no list");
    p->servers_size = 0;
    do {
        if (!string(&p->j) || p->servers_size + p->j.text_size + 1 > sizeof p->servers)
            return fault(p, "servers is empty, or too long");
        memcpy(p->servers + p->servers_size, p->j.text, p->j.text_size + 1);
        p->servers_size += p->j.text_size + 1;
    } while (take(&p->j, ','));
    return take(&p->j, ']') || fault(p, "servers is no list");
}

static int named_suite(parsing *p)
{
    size_t i;
    for (i = 0; i < tt_suite_row_count; i++)
        if (strcmp(tt_suite_rows[i].name, p->j.text) == 0)
            p->made->suite = &tt_suite_rows[i];
    return p->made->suite != NULL || fault(p, "an unknown suite");
}

static int named_cipher(parsing *p)
{
    size_t i;
    for (i = 0; i < tt_cipher_row_count; i++)
        if (strcmp(tt_cipher_rows[i].name, p->j.text) == 0)
            p->made->cipher = &tt_cipher_rows[i];
    return p->made->cipher != NULL || fault(p, "an unknown field_cipher");
}

static int text_member(parsing *p, int member)
{
    tt_credentials *made = p->made;
    if (!string(&p->j))
        return fault(p, "not JSON, or damaged");
    switch (member) {
    case M_NAME:
        tt_format(made->name, sizeof made->name, "%s", p->j.text);
        return 1;
    case M_INSTITUTION:
        if (p->j.text_size > 12)
            return fault(p, "institution has more than 12 characters");
        tt_format(made->institution, sizeof made->institution, "%s", p->j.text);
        return 1;
    case M_SUITE:
        return named_suite(p);
    case M_FIELD_CIPHER:
        return named_cipher(p);
    case M_CHARSET:
        made->gb18030 = tt_charset_of(p->j.text);
        return made->gb18030 >= 0 || fault(p, "charset must be utf-8 or gb18030");
    case M_MASTER_KEY_HEX:
        return hex_key(p);
    default:
        if (p->j.text_size != 6)
            return fault(p, "check_value has six digits");
        memcpy(p->check_value, p->j.text, 7);
        return 1;
    }
}

static int one_member(parsing *p, int member)
{
    unsigned long value;
    if (p->seen & 1u << member)
        return fault(p, "a member stands twice");
    p->seen |= 1u << member;
    switch (member) {
    case M_FORMAT:
        return number(&p->j, 1000, &p->format) || fault(p, "format is no number");
    case M_CHANNEL:
        if (!number(&p->j, 0xffffffff, &value))
            return fault(p, "channel is no number");
        p->made->channel = (uint32_t)value;
        return 1;
    case M_KEY_VERSION:
        if (!number(&p->j, 0xffff, &value))
            return fault(p, "key_version is no number");
        p->made->key_version = (uint16_t)value;
        return 1;
    case M_SERVERS:
        return server_list(p);
    default:
        return text_member(p, member);
    }
}

static int members(parsing *p)
{
    int i;
    if (!take(&p->j, '{'))
        return fault(p, "not JSON, or damaged");
    do {
        if (!string(&p->j) || !take(&p->j, ':'))
            return fault(p, "not JSON, or damaged");
        for (i = 0; i < MEMBERS && strcmp(member_names[i], p->j.text) != 0; i++)
            continue;
        if (i == MEMBERS)
            return fault(p, "a member that this library doesn't know");
        if (!one_member(p, i))
            return 0;
    } while (take(&p->j, ','));
    if (!take(&p->j, '}'))
        return fault(p, "not JSON, or damaged");
    blanks(&p->j);
    if (p->j.at != p->j.end)
        return fault(p, "not JSON, or damaged");
    return p->seen == (1u << MEMBERS) - 1 || fault(p, "a member is missing");
}

static int checked(parsing *p)
{
    tt_credentials *made = p->made;
    uint8_t value[3];
    int i, status;
    if (p->format != 1)
        return fault(p, "another format than 1");
    if (!(made->suite->field_ciphers & 1u << made->cipher->id))
        return fault(p, "the field cipher doesn't go with the suite");
    if (p->key_size != made->suite->master_key_bytes)
        return fault(p, "master_key_hex has not the suite's length");
    if (tt_check_value_of_master(made->suite, made->master_key, value) != TT_OK)
        return fault(p, "the master key doesn't fit the suite");
    for (i = 0; i < 3; i++)
        if (hex_digit(p->check_value[2 * i]) != value[i] >> 4 ||
            hex_digit(p->check_value[2 * i + 1]) != (value[i] & 15))
            return fault(p, "the master key's check value is wrong; the key was altered or mistyped");
    made->servers =
        tt_servers_copy(&made->world, p->servers, p->servers_size - 1, &made->servers_size, &status);
    return made->servers != NULL || fault(p, "servers must be host:port");
}

int tt_credentials_parse(tt_credentials **made, const void *text, size_t size, const tt_hooks *hooks,
                         char *problem, size_t problem_size)
{
    tt_world world;
    parsing *p;
    int good;
    if (made == NULL || text == NULL)
        return TT_ERROR_ARGUMENT;
    *made = NULL;
    tt_world_init(&world, hooks);
    p = tt_allocate(&world, sizeof *p);
    if (p != NULL)
        p->made = tt_allocate(&world, sizeof *p->made);
    if (p == NULL || p->made == NULL) {
        tt_release(&world, p);
        return TT_ERROR_MEMORY;
    }
    p->made->world = world;
    p->j.at = text;
    p->j.end = p->j.at + size;
    good = members(p) && checked(p);
    if (good)
        *made = p->made;
    else {
        tt_format(problem, problem_size, "credentials: %s", p->why);
        tt_credentials_free(p->made);
    }
    tt_release_wiped(&world, p, sizeof *p);
    return good ? TT_OK : TT_ERROR_CREDENTIALS;
}

static int guarded(int file, char *problem, size_t problem_size)
{
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        tt_format(problem, problem_size, "credentials: not a regular file");
        return 0;
    }
    if (about.st_mode & (S_IRWXG | S_IRWXO)) {
        tt_format(problem, problem_size, "credentials: open to other users; run chmod 600");
        return 0;
    }
    return 1;
}

int tt_credentials_load(tt_credentials **made, const char *path, const tt_hooks *hooks, char *problem,
                        size_t problem_size)
{
    tt_world world;
    char *text;
    size_t size = 0;
    ssize_t got = 1;
    int file, status = TT_ERROR_CREDENTIALS;
    if (made == NULL || path == NULL)
        return TT_ERROR_ARGUMENT;
    *made = NULL;
    tt_world_init(&world, hooks);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        tt_format(problem, problem_size, "credentials: cannot open the file: %s",
                  errno == ENOENT ? "there is none" : "no permission");
        return TT_ERROR_CREDENTIALS;
    }
    text = tt_allocate(&world, FILE_MAX);
    if (text == NULL) {
        close(file);
        return TT_ERROR_MEMORY;
    }
    if (guarded(file, problem, problem_size)) {
        while (size < FILE_MAX && got > 0) {
            got = read(file, text + size, FILE_MAX - size);
            size += got > 0 ? (size_t)got : 0;
        }
        status = tt_credentials_parse(made, text, size, hooks, problem, problem_size);
    }
    close(file);
    tt_release_wiped(&world, text, FILE_MAX);
    return status;
}

void tt_credentials_free(tt_credentials *credentials)
{
    if (credentials != NULL) {
        tt_world world = credentials->world;
        tt_release(&world, credentials->servers);
        tt_release_wiped(&world, credentials, sizeof *credentials);
    }
}

uint32_t tt_credentials_channel(const tt_credentials *credentials) { return credentials->channel; }

const char *tt_credentials_institution(const tt_credentials *credentials)
{
    return credentials->institution;
}

const char *tt_credentials_charset(const tt_credentials *credentials)
{
    return credentials->gb18030 ? "gb18030" : "utf-8";
}

const char *tt_credentials_server(const tt_credentials *credentials, size_t n)
{
    const char *server = credentials->servers;
    while (n-- > 0 && *server)
        server += strlen(server) + 1;
    return *server ? server : NULL;
}
