/* SPDX-License-Identifier: ISC */

/* Bytes are checked before libyaml sees them, because it changes some line breaks and
 * reports bad bytes without their place.  Its own messages name rules of the grammar; a
 * table maps them to what the author of a list of events has to change. */

#include <config.h>

#include <string.h>

#include "base/utf8.h"
#include "base/width.h"
#include "event/yaml_check.h"

/* --- bytes */

static enum yaml_fault judge(uint32_t c)
{
	if (c == 0x85 || c == 0x2028 || c == 0x2029)
		return YAML_LINE_BREAK;
	if (c == 0xfeff)
		return YAML_MARK;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff)
		return YAML_CONTROL;
	return YAML_FINE;
}

/* The length of the character at the start, 0 when it is incomplete or at fault. */
static size_t check(struct bytes text, enum yaml_fault *fault)
{
	struct utf8 c = {0};

	for (size_t n = 0; n < text.len;) {
		if (!utf8_add(&c, (unsigned char)text.p[n++])) {
			*fault = YAML_NOT_UTF8;
			return 0;
		}
		if (c.need == 0) {
			*fault = judge(c.code);
			return *fault == YAML_FINE ? n : 0;
		}
	}
	return 0;
}

/* LF, CR and CR LF each end a line, as libyaml counts them. */
static void step_break(struct yaml_scan *s, unsigned char c)
{
	if (c == '\r' || !s->after_cr)
		s->line++;
	s->column = 1;
	s->after_cr = c == '\r';
}

size_t yaml_scan(struct yaml_scan *s, struct bytes data, enum yaml_fault *fault)
{
	size_t i = 0;

	*fault = YAML_FINE;
	while (i < data.len) {
		unsigned char c = (unsigned char)data.p[i];
		size_t n = 1;

		if (c == '\n' || c == '\r') {
			step_break(s, c);
			i++;
			continue;
		}
		if ((c < 0x20 && c != '\t') || c >= 0x7f)
			n = check((struct bytes){data.p + i, data.len - i}, fault);
		if (n == 0)
			break;
		s->column++;
		s->after_cr = false;
		i += n;
	}
	return i;
}

void yaml_describe_fault(struct buf *b, enum yaml_fault fault, struct bytes at)
{
	unsigned char first = (unsigned char)*at.p;
	uint32_t c = 0;

	utf8_first(at, &c);
	if (fault == YAML_NOT_UTF8)
		buf_addf(b, "not UTF-8 (byte %02x); convert the input to UTF-8", first);
	else if (fault == YAML_MARK)
		buf_adds(b, "byte order mark (U+FEFF) inside the input; remove it");
	else if (fault == YAML_LINE_BREAK)
		buf_addf(b,
			 "U+%04X, which YAML takes for the end of a line; write it as "
			 "\"\\u%04x\" in double quotes",
			 (unsigned)c, (unsigned)c);
	else if (c == 0)
		buf_adds(b, "NUL byte; if this is UTF-16, convert it to UTF-8");
	else
		buf_addf(b,
			 "control character U+%04X; write it as \"\\u%04x\" in double "
			 "quotes",
			 (unsigned)c, (unsigned)c);
}

/* --- events */

enum { SHOWN = 40 }; /* columns of a name */

static const char standard[] = "tag:yaml.org,2002:";

/* The core tags, and what each is for. */
static const struct {
	const char *name;
	yaml_event_type_t node;
} core[] = {
    {"str", YAML_SCALAR_EVENT},	  {"int", YAML_SCALAR_EVENT},
    {"float", YAML_SCALAR_EVENT}, {"bool", YAML_SCALAR_EVENT},
    {"null", YAML_SCALAR_EVENT},  {"map", YAML_MAPPING_START_EVENT},
    {"seq", YAML_SEQUENCE_START_EVENT},
};

static void add_mark(struct buf *phrase, const char *what, const char *sign,
		     const char *name)
{
	buf_addf(phrase, "%s '%s%.*s' ", what, sign,
		 (int)width_fit(bytes_str(name), SHOWN), name);
}

static bool check_tag(const char *tag, yaml_event_type_t node, struct buf *phrase)
{
	size_t n = sizeof standard - 1;

	if (tag == NULL || strcmp(tag, "!") == 0)
		return true;
	if (strncmp(tag, standard, n) != 0) {
		add_mark(phrase, "tag", "!", *tag == '!' ? tag + 1 : tag);
	} else {
		add_mark(phrase, "tag", "!!", tag + n);
		for (size_t i = 0; i < sizeof core / sizeof *core; i++)
			if (strcmp(tag + n, core[i].name) == 0) {
				buf_adds(phrase, "is not for a value of this kind");
				return core[i].node == node;
			}
	}
	buf_adds(phrase, "is not supported, only !!str, !!int, !!float, !!bool, !!null, "
			 "!!map and !!seq; quote a value that begins with '!'");
	return false;
}

bool yaml_check_event(const yaml_event_t *e, struct buf *phrase)
{
	const yaml_char_t *tag = NULL;

	if (e->type == YAML_SCALAR_EVENT) {
		if (memchr(e->data.scalar.value, '\0', e->data.scalar.length) != NULL) {
			buf_adds(phrase, "NUL (\\0) in a value; no argument can hold it");
			return false;
		}
		tag = e->data.scalar.tag;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		tag = e->data.sequence_start.tag;
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		tag = e->data.mapping_start.tag;
	}
	return check_tag((const char *)tag, e->type, phrase);
}

const char *yaml_anchor(const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return (const char *)e->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return (const char *)e->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return (const char *)e->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

bool yaml_is_plain_data(const yaml_event_t *e, struct buf *phrase)
{
	const char *anchor = yaml_anchor(e);
	bool alias = e->type == YAML_ALIAS_EVENT;

	if (anchor == NULL && !alias)
		return yaml_check_event(e, phrase);
	if (alias)
		add_mark(phrase, "alias", "*", (const char *)e->data.alias.anchor);
	else
		add_mark(phrase, "anchor", "&", anchor);
	buf_addf(phrase, "is not supported; quote a value that begins with '%c'",
		 alias ? '*' : '&');
	return false;
}

bool yaml_is_text(const yaml_event_t *e)
{
	const char *tag = (const char *)e->data.scalar.tag;

	if (tag == NULL)
		return e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0;
}

/* --- syntax */

struct advice {
	const char *problem; /* libyaml's words */
	const char *phrase;  /* ours */
	bool at_start;	     /* the place that matters is where the thing began */
};

static const struct advice table[] = {
    {"did not find expected alphabetic or numeric character",
     "a value cannot begin with '*' or '&'; quote it", true},
    {"did not find expected comment or line break",
     "text after the '|' or '>' that begins a block; put it on the next line, indented, "
     "or quote the value",
     false},
    {"did not find expected node content",
     "a value is missing here, or begins with one of , ] } ; quote it", false},
    {"mapping values are not allowed in this context",
     "': ' inside a value, or an indentation that does not fit; quote the value", false},
    {"block sequence entries are not allowed in this context",
     "a list cannot begin here; put it on the next line, or quote the value", false},
    {"did not find expected '-' indicator",
     "this does not continue the list; check the indentation, and quote all of a value "
     "that begins with a quote",
     false},
    {"did not find expected key",
     "this does not continue the mapping; check the indentation, and quote all of a "
     "value that begins with a quote",
     false},
    {"could not find expected ':'",
     "a key without a ': ' after it; check the line before this one", false},
    {"found unexpected end of stream", "this quote is never closed", true},
    {"did not find expected ',' or ']'",
     "no ',' or ']' where one is expected in this list; close it, or quote the value",
     true},
    {"did not find expected ',' or '}'",
     "no ',' or '}' where one is expected in this mapping; close it, or quote the value",
     true},
    {"found unknown escape character",
     "unknown escape in double quotes; write \\\\ for a backslash, or use single quotes",
     false},
    {"did not find expected hexdecimal number",
     "hexadecimal digits are expected in this escape; write \\\\ for a backslash", false},
    {"found invalid Unicode character escape code",
     "not a character's code; write it as \\U and eight digits, or as itself", false},
    {"found a tab character that violates indentation",
     "a tab in the indentation; use blanks", false},
    {"found a tab character where an indentation space is expected",
     "a tab in the indentation; use blanks", false},
    {"found unknown directive name",
     "a line that begins with '%' is a directive, and this one is not known; quote the "
     "value",
     true},
    {"did not find expected <document start>",
     "something follows the end of the list or mapping; put '---' between documents, and "
     "give JSON Lines the format json",
     true},
    {"found undefined tag handle",
     "unknown kind of tag; quote the value if it begins with '!'", true},
    {"found incompatible YAML document", "only YAML 1.1 and 1.2 are known", false},
};

static void add_bad_start(struct buf *phrase, unsigned char c)
{
	if (c == '\t')
		buf_adds(phrase, "a tab in the indentation; use blanks");
	else if (c < 0x80)
		buf_addf(phrase, "a value cannot begin with '%c'; quote it", c);
	else
		buf_adds(phrase, "a value cannot begin with this; quote it");
}

static yaml_mark_t where_it_began(const yaml_parser_t *p)
{
	return p->context != NULL ? p->context_mark : p->problem_mark;
}

yaml_mark_t yaml_advice(const yaml_parser_t *p, struct buf *phrase)
{
	const char *problem = p->problem != NULL ? p->problem : "not YAML";

	if (strcmp(problem, "found character that cannot start any token") == 0) {
		add_bad_start(phrase, *p->buffer.pointer);
		return p->problem_mark;
	}
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (strcmp(problem, table[i].problem) != 0)
			continue;
		buf_adds(phrase, table[i].phrase);
		return table[i].at_start ? where_it_began(p) : p->problem_mark;
	}
	buf_adds(phrase, problem);
	return p->problem_mark;
}
