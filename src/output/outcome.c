/* SPDX-License-Identifier: ISC */
/* Puts an outcome into words: its status for records and for people, its events as
 * JSON, and the record, which is the list of fields that all sinks write. */

#include <config.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/err.h"
#include "base/utf8.h"
#include "output/outcome.h"

/* --- the status */

/* The only table of status names: the word in records, and the phrase for people
 * (NULL: made of the code). */
static const struct {
	const char *word, *phrase;
} statuses[] = {
    [JOB_OK] = {"ok", "ok"},
    [JOB_FAILED] = {"failed", NULL},
    [JOB_SIGNALED] = {"signal", NULL},
    [JOB_TIMEOUT] = {"timeout", "timed out"},
    [JOB_NOT_STARTED] = {"not-started", "not started"},
    [JOB_LOST] = {"lost", "lost"},
    [JOB_STOPPED] = {"stopped", "stopped"},
    [JOB_REFUSED] = {"failed", "output refused"},
};

const char *outcome_word(const struct outcome *o)
{
	return statuses[o->status].word;
}

int outcome_exit(const struct outcome *o)
{
	switch (o->status) {
	case JOB_OK:
	case JOB_FAILED:
	case JOB_REFUSED:
	case JOB_NOT_STARTED:
		return o->code;
	default:
		return -1;
	}
}

int outcome_signal(const struct outcome *o)
{
	return o->status == JOB_SIGNALED ? o->code : 0;
}

int outcome_shell_status(const struct outcome *o)
{
	if (o->status == JOB_TIMEOUT)
		return STATUS_DEADLINE;
	return o->status == JOB_SIGNALED ? STATUS_SIGNAL + o->code : o->code;
}

static void add_signal_name(int signo, char *text, size_t size)
{
	const char *name = sigabbrev_np(signo);

	if (name != NULL)
		snprintf(text, size, "SIG%s", name);
	else
		snprintf(text, size, "signal %d", signo);
}

char *outcome_reason(const struct outcome *o, char *text, size_t size)
{
	if (statuses[o->status].phrase != NULL)
		snprintf(text, size, "%s", statuses[o->status].phrase);
	else if (o->status == JOB_FAILED)
		snprintf(text, size, "exit %d", o->code);
	else if (o->wanted_terminal)
		snprintf(text, size, "wanted the terminal");
	else
		add_signal_name(o->code, text, size);
	return text;
}

/* --- as JSON */

static void add_item(struct buf *b, const struct item *item, struct arena *a)
{
	if (item->mapping)
		buf_addb(b, item_text(item, a));
	else
		json_add_value(b, item->text, item->kind);
}

void event_json(struct buf *b, const struct event *e)
{
	struct arena *a = arena_new();

	if (e->nitems != 1)
		buf_addc(b, '[');
	for (size_t i = 0; i < e->nitems; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_item(b, &e->items[i], a);
	}
	if (e->nitems != 1)
		buf_addc(b, ']');
	arena_free(a);
}

void outcome_event_json(struct buf *b, const struct outcome *o)
{
	if (o->batched)
		buf_addc(b, '[');
	for (size_t i = 0; i < o->bindings->nevents; i++) {
		if (i > 0)
			buf_addc(b, ',');
		event_json(b, o->bindings->events[i]);
	}
	if (o->batched)
		buf_addc(b, ']');
}

/* --- the record */

struct record {
	struct field *next;
	struct arena *arena;
};

static void put(struct record *r, const char *key, enum value_kind kind, struct bytes value)
{
	*r->next++ = (struct field){bytes_str(key), value, kind};
}

/* What is not known is null. */
static void put_number(struct record *r, const char *key, bool known, int64_t n)
{
	char text[32] = "";

	if (known)
		snprintf(text, sizeof text, "%lld", (long long)n);
	put(r, key, VALUE_BARE, bytes_str(arena_str(r->arena, text)));
}

/* In seconds, to the microsecond. */
static void put_time(struct record *r, const char *key, bool known, int64_t us)
{
	char text[32] = "";

	if (known)
		snprintf(text, sizeof text, "%lld.%06lld", (long long)(us / 1000000),
			 (long long)(us % 1000000));
	put(r, key, VALUE_BARE, bytes_str(arena_str(r->arena, text)));
}

static int64_t microseconds(const struct timeval *t)
{
	return t->tv_sec * INT64_C(1000000) + t->tv_usec;
}

/* An event that is one text, but not UTF-8, is base64, so that it can be read back. */
static void put_event(struct record *r, const struct outcome *o)
{
	const struct event *e = o->bindings->events[0];
	bool one = !o->batched && e->nitems == 1 && e->items[0].text.p != NULL;
	struct utf8_check check = {0};
	struct base64 state = {0};
	struct buf b = BUF_INIT;

	if (one)
		utf8_check_add(&check, e->items[0].text);
	if (utf8_check_passes(&check)) {
		put(r, "event", VALUE_JSON, o->event);
		return;
	}
	base64_add(&state, e->items[0].text, &b);
	base64_end(&state, &b);
	put(r, "event_base64", VALUE_TEXT, arena_bytes(r->arena, buf_bytes(&b)));
	buf_clear(&b);
}

void outcome_record(const struct outcome *o, struct arena *a,
		    struct field fields[RECORD_FIELDS])
{
	struct record r = {fields, a};

	put_number(&r, "seq", true, (int64_t)o->bindings->seq);
	put_event(&r, o);
	put(&r, "command", VALUE_TEXT, o->command);
	put(&r, "status", VALUE_TEXT, bytes_str(outcome_word(o)));
	put_number(&r, "exit", outcome_exit(o) >= 0, outcome_exit(o));
	put_number(&r, "signal", outcome_signal(o) != 0, outcome_signal(o));
	put_number(&r, "try", true, o->try);
	put_number(&r, "slot", true, o->bindings->slot);
	put_time(&r, "start", true, o->start / 1000);
	put_time(&r, "runtime", true, o->runtime / 1000);
	put_time(&r, "user", o->has_usage, microseconds(&o->usage.ru_utime));
	put_time(&r, "system", o->has_usage, microseconds(&o->usage.ru_stime));
	put_number(&r, "maxrss", o->has_usage, (int64_t)o->usage.ru_maxrss * 1024);
	put(&r, "truncated", VALUE_BARE, bytes_str(o->truncated ? "true" : "false"));
	assert(r.next == fields + RECORD_FIELDS);
}
