/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "output/outcome.h"

/* --- the status */

const char *outcome_word(const struct outcome *o)
{
	static const char *const words[] = {
	    [JOB_OK] = "ok",	       [JOB_FAILED] = "failed",
	    [JOB_SIGNALED] = "signal", [JOB_TIMEOUT] = "timeout",
	    [JOB_LOST] = "lost",       [JOB_NOT_STARTED] = "not-started",
	    [JOB_REFUSED] = "failed",  [JOB_STOPPED] = "stopped",
	};

	return words[o->status];
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
	static const char *const phrases[] = {
	    [JOB_OK] = "ok",	       [JOB_TIMEOUT] = "timed out",
	    [JOB_LOST] = "lost",       [JOB_NOT_STARTED] = "not started",
	    [JOB_STOPPED] = "stopped", [JOB_REFUSED] = "output refused",
	};

	if (o->status == JOB_FAILED)
		snprintf(text, size, "exit %d", o->code);
	else if (o->status != JOB_SIGNALED)
		snprintf(text, size, "%s", phrases[o->status]);
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

void outcome_add_time(struct buf *b, int64_t ns)
{
	int64_t ms = ns / NSEC_PER_MSEC;

	buf_addf(b, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
}
