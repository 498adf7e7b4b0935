/* SPDX-License-Identifier: ISC */
/* Puts an outcome into words: its status for records and for people, its events as
 * JSON, and the record, which is the list of fields that all sinks write. */

#include <config.h>

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
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

static void add_event(struct buf *b, const struct event *e, struct arena *a)
{
	if (e->nitems == 1) {
		add_item(b, &e->items[0], a);
		return;
	}
	buf_addc(b, '[');
	for (size_t i = 0; i < e->nitems; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_item(b, &e->items[i], a);
	}
	buf_addc(b, ']');
}

void event_json(struct buf *b, const struct event *e)
{
	struct arena *a = arena_new();

	add_event(b, e, a);
	arena_free(a);
}

void outcome_event_json(struct buf *b, const struct outcome *o)
{
	struct arena *a = arena_new();

	if (o->batched)
		buf_addc(b, '[');
	for (size_t i = 0; i < o->bindings->nevents; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_event(b, o->bindings->events[i], a);
	}
	if (o->batched)
		buf_addc(b, ']');
	arena_free(a);
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

__attribute__((format(printf, 3, 4))) static void put_bare(struct record *r,
							   const char *key,
							   const char *format, ...)
{
	char text[64];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	put(r, key, VALUE_BARE, bytes_str(arena_str(r->arena, text)));
}

static void put_null(struct record *r, const char *key)
{
	put(r, key, VALUE_BARE, (struct bytes){"", 0});
}

/* In seconds, to the microsecond. */
static void put_time(struct record *r, const char *key, int64_t us)
{
	put_bare(r, key, "%lld.%06lld", (long long)(us / 1000000),
		 (long long)(us % 1000000));
}

static void put_usage(struct record *r, const struct outcome *o)
{
	if (!o->has_usage) {
		put_null(r, "user");
		put_null(r, "system");
		put_null(r, "maxrss");
		return;
	}
	put_time(r, "user", o->usage.ru_utime.tv_sec * INT64_C(1000000) +
				o->usage.ru_utime.tv_usec);
	put_time(r, "system", o->usage.ru_stime.tv_sec * INT64_C(1000000) +
				  o->usage.ru_stime.tv_usec);
	put_bare(r, "maxrss", "%lld", (long long)o->usage.ru_maxrss * 1024);
}

void outcome_record(const struct outcome *o, struct arena *a,
		    struct field fields[RECORD_FIELDS])
{
	struct record r = {fields, a};

	put_bare(&r, "seq", "%llu", (unsigned long long)o->bindings->seq);
	put(&r, "event", VALUE_JSON, o->event);
	put(&r, "command", VALUE_TEXT, o->command);
	put(&r, "status", VALUE_TEXT, bytes_str(outcome_word(o)));
	if (outcome_exit(o) >= 0)
		put_bare(&r, "exit", "%d", outcome_exit(o));
	else
		put_null(&r, "exit");
	if (outcome_signal(o) != 0)
		put_bare(&r, "signal", "%d", outcome_signal(o));
	else
		put_null(&r, "signal");
	put_bare(&r, "try", "%u", o->try);
	put_bare(&r, "slot", "%u", o->bindings->slot);
	put_time(&r, "start", o->start / 1000);
	put_time(&r, "runtime", o->runtime / 1000);
	put_usage(&r, o);
	put_bare(&r, "truncated", "%s", o->truncated ? "true" : "false");
	assert(r.next == fields + RECORD_FIELDS);
}
