/* Text in the channel's charset: what may stand in a field; conversion where iconv is there. */
#include "internal.h"

#include <errno.h>

#if defined(TT_WITH_ICONV)
#include <iconv.h>
#endif

int tt_charset_of(const char *name)
{
    if (name == NULL || strcmp(name, "utf-8") == 0)
        return 0;
    return strcmp(name, "gb18030") == 0 ? 1 : -1;
}

/* Octets of the character at `p` (RFC 3629), 0 if it is none or a control character. */
static size_t utf8_character(const uint8_t *p, size_t left)
{
    uint32_t value;
    size_t size, i;
    if (p[0] < 0x80)
        return p[0] >= 0x20 && p[0] != 0x7f;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        size = 2;
    else if ((p[0] & 0xf0) == 0xe0)
        size = 3;
    else if (p[0] >= 0xf0 && p[0] <= 0xf4)
        size = 4;
    else
        return 0;
    if (left < size)
        return 0;
    value = p[0] & (0x7fu >> size);
    for (i = 1; i < size; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        value = (value << 6) | (p[i] & 0x3f);
    }
    if (value < 0xa0 || (size == 3 && value < 0x800) || (size == 4 && value < 0x10000))
        return 0;
    return value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? 0 : size;
}

/* The same of GB 18030: four octets stand for linear numbers. */
static size_t gb18030_character(const uint8_t *p, size_t left)
{
    uint32_t linear;
    if (p[0] < 0x80)
        return p[0] >= 0x20 && p[0] != 0x7f;
    if (p[0] == 0x80 || p[0] == 0xff || left < 2)
        return 0;
    if (p[1] >= 0x40 && p[1] != 0x7f && p[1] != 0xff)
        return 2;
    if (left < 4 || p[1] < 0x30 || p[1] > 0x39 || p[2] < 0x81 || p[2] == 0xff || p[3] < 0x30 ||
        p[3] > 0x39)
        return 0;
    linear = (((uint32_t)(p[0] - 0x81) * 10 + (p[1] - 0x30u)) * 126 + (p[2] - 0x81u)) * 10 + (p[3] - 0x30u);
    /* The first 32 are U+0080 to U+009F; 39419 is U+FFFF; 189000 to 1237575 are planes 1 to 16. */
    if (linear < 32 || (linear > 39419 && linear < 189000) || linear > 1237575)
        return 0;
    return 4;
}

int tt_text_fits(int gb18030, const uint8_t *octets, size_t count)
{
    size_t at = 0;
    while (at < count) {
        size_t size = gb18030 ? gb18030_character(octets + at, count - at)
                              : utf8_character(octets + at, count - at);
        if (size == 0)
            return 0;
        at += size;
    }
    return 1;
}

static int copied(const char *text, char *to, size_t to_size)
{
    size_t size = strlen(text);
    if (size >= to_size)
        return TT_ERROR_FIELD;
    memcpy(to, text, size + 1);
    return TT_OK;
}

static int converted(const char *from_set, const char *to_set, const char *text, char *to, size_t to_size)
{
#if defined(TT_WITH_ICONV)
    iconv_t conversion = iconv_open(to_set, from_set);
    char *in = (char *)(uintptr_t)text, *out = to;
    size_t in_left = strlen(text), out_left = to_size - 1, odd;
    if (conversion == (iconv_t)-1)
        return TT_ERROR_SYSTEM;
    odd = iconv(conversion, &in, &in_left, &out, &out_left);
    iconv_close(conversion);
    *out = '\0';
    return odd == 0 && in_left == 0 ? TT_OK : TT_ERROR_FIELD;
#else
    (void)from_set;
    (void)to_set;
    (void)text;
    (void)to;
    (void)to_size;
    return TT_ERROR_SYSTEM;
#endif
}

static int convert(const char *charset, const char *text, char *to, size_t to_size, int from_utf8)
{
    int gb18030 = tt_charset_of(charset);
    if (gb18030 < 0 || text == NULL || to == NULL || to_size == 0)
        return TT_ERROR_ARGUMENT;
    if (!gb18030)
        return tt_text_fits(0, (const uint8_t *)text, strlen(text)) ? copied(text, to, to_size)
                                                                   : TT_ERROR_FIELD;
    return from_utf8 ? converted("UTF-8", "GB18030", text, to, to_size)
                     : converted("GB18030", "UTF-8", text, to, to_size);
}

int tt_text_from_utf8(const char *charset, const char *utf8, char *to, size_t to_size)
{
    return convert(charset, utf8, to, to_size, 1);
}

int tt_text_to_utf8(const char *charset, const char *text, char *to, size_t to_size)
{
    return convert(charset, text, to, to_size, 0);
}
