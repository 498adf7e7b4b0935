/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SINK_FIXTURE_H
#define TESTS_SINK_FIXTURE_H

/* A finished job with two streams, and a place for what sinks make of it. */

#include "output/sink.h"
#include "tap.h"

static struct {
	struct spill *spill;
	struct spool streams[2];
	struct event event;
	const struct event *events[2];
	struct item items[2];
	struct field fields[4];
	struct bindings bindings;
	struct outcome outcome;
	struct buf json, out;
} t;

static inline struct bytes b(const char *text)
{
	return bytes_str(text);
}

static inline void give(int stream, const char *p, size_t n)
{
	struct err err;

	if (spool_add(&t.streams[stream], t.spill, (struct bytes){p, n}, &err) < 0)
		ok(false, "%s", err.text);
}

/* Job 3 of event "x", which ended well and wrote nothing. */
static inline void job(void)
{
	spool_clear(&t.streams[0], t.spill);
	spool_clear(&t.streams[1], t.spill);
	t.items[0] = (struct item){.text = b("x")};
	t.event = (struct event){.seq = 3, .items = t.items, .nitems = 1};
	t.events[0] = t.events[1] = &t.event;
	t.bindings = (struct bindings){
	    .seq = 3, .slot = 2, .events = t.events, .nevents = 1};
	t.outcome = (struct outcome){.bindings = &t.bindings,
				     .command = b("echo 'x'"),
				     .try = 1,
				     .start = INT64_C(1700000000123456789),
				     .runtime = 1500 * INT64_C(1000000),
				     .has_usage = true,
				     .usage = {.ru_utime = {2, 3},
					       .ru_stime = {0, 250000},
					       .ru_maxrss = 1500}};
}

/* Its event is a mapping. */
static inline void job_of_mapping(void)
{
	job();
	t.fields[0] = (struct field){b("id"), b("7"), VALUE_BARE};
	t.fields[1] = (struct field){b("name"), b("no"), VALUE_TEXT};
	t.fields[2] = (struct field){b("sub"), b("{\"a\":[1]}"), VALUE_JSON};
	t.fields[3] = (struct field){b("seq"), b("a\nb"), VALUE_TEXT};
	t.items[0] = (struct item){.mapping = true, .fields = t.fields, .nfields = 4};
}

static inline struct sink_job sink_job(void)
{
	buf_reset(&t.json);
	outcome_event_json(&t.json, &t.outcome);
	t.outcome.event = buf_bytes(&t.json);
	return (struct sink_job){&t.outcome, t.streams};
}

static inline int collect(void *arg, struct bytes data, struct err *err)
{
	(void)arg;
	(void)err;
	buf_addb(&t.out, data);
	return 0;
}

/* What the sink writes for the job; NULL when that fails. */
static inline const char *made(struct sink *s)
{
	struct err err;
	struct sink_out out = {collect, NULL, .err = &err};
	struct sink_job in = sink_job();

	buf_reset(&t.out);
	if (s->ops->header != NULL)
		s->ops->header(s, &in, &t.out);
	s->ops->job(s, &in, &out);
	if (sink_end(&out) < 0) {
		printf("# %s\n", err.text);
		return NULL;
	}
	return buf_cstr(&t.out);
}

static inline void fixture_open(void)
{
	t.spill = spill_new("/tmp", 1024 * 1024);
}

static inline void fixture_close(void)
{
	job();
	spill_free(t.spill);
	buf_clear(&t.json);
	buf_clear(&t.out);
}

#endif
