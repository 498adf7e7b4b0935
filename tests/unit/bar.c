/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tap.h"
#include "vectors.h"
#include "watch/bar.h"
#include "watch/meter.h"

/* Where tqdm's clock stood; a millisecond. */
static const int64_t start = 1000 * NSEC_PER_SEC, ms = NSEC_PER_MSEC;

/* What the bar wrote, a "|" before each write; "\r" is shown as "<". */
static void keep_write(void *arg, struct bytes text)
{
	struct buf *log = arg;

	buf_addc(log, '|');
	for (size_t i = 0; i < text.len; i++)
		buf_addc(log, text.p[i] == '\r' ? '<' : text.p[i]);
}

/* --- what tqdm wrote ------------------------------------------------------ */

static int64_t nanoseconds(double seconds)
{
	return llround(seconds * 1e9);
}

static struct meter config_of(yajl_val params)
{
	return (struct meter){.total = vector_int(params, "total", METER_UNKNOWN),
			      .ncols = (int)vector_int(params, "ncols", METER_UNKNOWN),
			      .unit = vector_str(params, "unit"),
			      .ascii = YAJL_IS_TRUE(vector_get(params, "ascii"))};
}

static void play(yajl_val v, struct buf *log)
{
	struct meter c = config_of(vector_get(v, "params"));
	yajl_val events = vector_get(v, "events");
	int64_t now = start;
	struct bar *bar = bar_new(&c, keep_write, log, now);

	for (size_t i = 0; i < YAJL_GET_ARRAY(events)->len; i++) {
		yajl_val *event = YAJL_GET_ARRAY(YAJL_GET_ARRAY(events)->values[i])->values;

		now += nanoseconds(YAJL_GET_DOUBLE(event[0]));
		bar_update(bar, YAJL_GET_INTEGER(event[1]), now);
	}
	bar_close(bar, now + nanoseconds(vector_float(v, "close_after")));
	bar_free(bar);
}

static void check_vector(int line, yajl_val v)
{
	yajl_val params = vector_get(v, "params"), writes = vector_get(v, "writes");
	struct buf got = BUF_INIT, want = BUF_INIT;

	for (size_t i = 0; i < YAJL_GET_ARRAY(writes)->len; i++)
		keep_write(&want,
			   bytes_str(YAJL_GET_STRING(YAJL_GET_ARRAY(writes)->values[i])));
	play(v, &got);
	is(buf_cstr(&got), buf_cstr(&want), "vector %d: total %lld, %lld columns, %s",
	   line, (long long)vector_int(params, "total", METER_UNKNOWN),
	   (long long)vector_int(params, "ncols", METER_UNKNOWN),
	   YAJL_IS_TRUE(vector_get(params, "ascii")) ? "ASCII" : "blocks");
	buf_clear(&got);
	buf_clear(&want);
}

/* --- what volley adds ----------------------------------------------------- */

struct fixture {
	struct bar *bar;
	struct buf log;
};

/* A bar of 4 that has drawn itself and been read. */
static void set_up(struct fixture *f, const struct meter *like)
{
	struct meter c = *like;

	f->log = (struct buf)BUF_INIT;
	c.ascii = true;
	f->bar = bar_new(&c, keep_write, &f->log, start);
	buf_reset(&f->log);
}

static void tear_down(struct fixture *f)
{
	bar_free(f->bar);
	buf_clear(&f->log);
}

static void wrote(struct fixture *f, const char *want, const char *name)
{
	is(buf_cstr(&f->log), want, "%s", name);
	buf_reset(&f->log);
}

static struct meter four(int ncols)
{
	return (struct meter){.total = 4, .ncols = ncols, .unit = "it"};
}

static void test_width(void)
{
	struct meter c = four(50);
	struct fixture f;

	set_up(&f, &c);
	bar_set_width(f.bar, 40);
	wrote(&f, "", "a new width draws nothing");
	bar_redraw(f.bar, start);
	wrote(&f, "|<  0%|             | 0/4 [00:00<?, ?it/s]",
	      "the next draw has it and blanks nothing beyond it");
	bar_set_width(f.bar, 45);
	bar_redraw(f.bar, start);
	wrote(&f, "|<  0%|                  | 0/4 [00:00<?, ?it/s]", "a wider one too");
	bar_set_width(f.bar, 12);
	bar_erase(f.bar);
	wrote(&f, "|<            |<", "erasing stays within a width made smaller");
	tear_down(&f);

	c.total = METER_UNKNOWN;
	c.ncols = 10;
	set_up(&f, &c);
	bar_redraw(f.bar, start);
	wrote(&f, "|<0it [00:00", "a line without total is cut to the width");
	bar_set_width(f.bar, 0);
	bar_redraw(f.bar, start);
	wrote(&f, "|<0it [00:00, ?it/s]", "but not when only numbers are wanted");
	tear_down(&f);
}

static void test_failed(void)
{
	struct meter c = four(METER_UNKNOWN);
	struct fixture f;

	c.unit = "job";
	set_up(&f, &c);
	bar_meter(f.bar)->failed = 1;
	wrote(&f, "", "a failure draws nothing");
	bar_redraw(f.bar, start);
	wrote(&f, "|<  0%|          | 0/4 [00:00<?, ?job/s, failed=1]",
	      "the next draw shows it");
	bar_meter(f.bar)->failed = 0;
	bar_redraw(f.bar, start);
	wrote(&f, "|<  0%|          | 0/4 [00:00<?, ?job/s]          ",
	      "a line that becomes shorter is blanked to its old end");
	tear_down(&f);
}

static void test_failed_narrow(void)
{
	static const struct {
		int ncols;
		const char *want;
	} cases[] = {
	    {50, "|<  0%|           | 0/4 [00:00<?, ?job/s, failed=12]"},
	    {40, "|<  0%| | 0/4 [00:00<?, ?job/s, failed=12]"},
	    {39, "|<  0%|        | 0/4 [00:00<?, failed=12]"},
	    {31, "|<  0%|         | 0/4 [failed=12]"},
	    {23, "|<  0%| | 0/4 [failed=12]"},
	    {10, "|<  0%| | 0/"},
	};
	struct meter c = four(50);
	struct fixture f;

	c.unit = "job";
	set_up(&f, &c);
	bar_meter(f.bar)->failed = 12;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bar_set_width(f.bar, cases[i].ncols);
		bar_redraw(f.bar, start);
		wrote(&f, cases[i].want, "failures are shown first where there is little room");
	}
	bar_meter(f.bar)->total = METER_UNKNOWN;
	bar_set_width(f.bar, 25);
	bar_redraw(f.bar, start);
	wrote(&f, "|<0job [00:00, failed=12]", "also without a total");
	tear_down(&f);
}

static void test_total(void)
{
	struct meter c = four(METER_UNKNOWN);
	struct fixture f;

	c.total = METER_UNKNOWN;
	set_up(&f, &c);
	bar_meter(f.bar)->total = 4;
	wrote(&f, "", "a total draws nothing");
	bar_update(f.bar, 1, start + 1000 * ms);
	wrote(&f, "|< 25%|##5       | 1/4 [00:01<00:03,  1.00it/s]",
	      "a total that becomes known brings the bar");
	bar_meter(f.bar)->total = METER_UNKNOWN;
	bar_redraw(f.bar, start + 1000 * ms);
	wrote(&f, "|<1it [00:01,  1.00it/s]                       ",
	      "and one that is taken back removes it");
	tear_down(&f);
}

static void test_tick(void)
{
	struct meter c = four(METER_UNKNOWN);
	struct fixture f;

	set_up(&f, &c);
	bar_tick(f.bar, start + 999 * ms);
	wrote(&f, "", "a tick within a second of the last draw does nothing");
	bar_tick(f.bar, start + 1000 * ms);
	wrote(&f, "|<  0%|          | 0/4 [00:01<?, ?it/s]", "after a second it draws");
	bar_tick(f.bar, start + 1999 * ms);
	wrote(&f, "", "and then after another");
	bar_tick(f.bar, start + 2000 * ms);
	wrote(&f, "|<  0%|          | 0/4 [00:02<?, ?it/s]", "second");
	bar_update(f.bar, 1, start + 2099 * ms);
	wrote(&f, "", "no update draws within 0.1 s of a tick");
	bar_update(f.bar, 1, start + 2500 * ms);
	wrote(&f, "|< 50%|#####     | 2/4 [00:02<00:02,  1.25s/it]",
	      "later it does, and a tick is no sample of the rate");
	bar_tick(f.bar, start + 3000 * ms);
	wrote(&f, "", "an update counts for the tick");
	tear_down(&f);
}

/* A burst makes miniters high; then jobs become slow. */
static void test_burst(void)
{
	struct meter c = four(METER_UNKNOWN);
	int64_t now = start + 1000 * ms;
	struct fixture f;

	c.total = 2500;
	set_up(&f, &c);
	bar_update(f.bar, 1000, now);
	wrote(&f, "|< 40%|####      | 1000/2500 [00:01<00:01, 1000.00it/s]", "a burst");
	for (int i = 0; i < 9; i++)
		bar_update(f.bar, 1, now += 1000 * ms);
	bar_tick(f.bar, now);
	wrote(&f, "|< 40%|####      | 1009/2500 [00:10<00:01, 1000.00it/s]",
	      "updates alone do not draw soon after it, but ticks do");
	bar_update(f.bar, 0, now + 500 * ms);
	wrote(&f, "", "nor do they before maxinterval");
	bar_tick(f.bar, now += 1000 * ms);
	buf_reset(&f.log);
	bar_update(f.bar, 1, now += 1000 * ms);
	wrote(&f, "|< 40%|####      | 1010/2500 [00:12<00:24, 60.68it/s]  ",
	      "after maxinterval they draw again, with a new rate");
	tear_down(&f);
}

static void test_redraw(void)
{
	struct meter c = four(METER_UNKNOWN);
	struct fixture f;

	set_up(&f, &c);
	bar_update(f.bar, 1, start + 50 * ms);
	wrote(&f, "", "an update too soon does not draw");
	bar_redraw(f.bar, start + 50 * ms);
	wrote(&f, "|< 25%|##5       | 1/4 [00:00<00:00, 20.00it/s]",
	      "a redraw draws the current state at once");
	bar_update(f.bar, 1, start + 100 * ms);
	wrote(&f, "|< 50%|#####     | 2/4 [00:00<00:00, 20.00it/s]",
	      "and delays no update");
	tear_down(&f);
}

/* Updates by 0 may draw, but a rate is made of what was done. */
static void test_nothing_done(void)
{
	struct meter c = four(METER_UNKNOWN);
	struct fixture f;

	set_up(&f, &c);
	bar_update(f.bar, 0, start + 1000 * ms);
	wrote(&f, "|<  0%|          | 0/4 [00:01<?, ?it/s]", "an update by 0 draws");
	bar_update(f.bar, 2, start + 2000 * ms);
	wrote(&f, "|< 50%|#####     | 2/4 [00:02<00:01,  2.00it/s]",
	      "and does not count for the rate");
	tear_down(&f);
}

/* Jobs of an earlier run are done, and took none of this run's time. */
static void test_skip(void)
{
	struct meter c = four(METER_UNKNOWN);
	struct fixture f;

	set_up(&f, &c);
	bar_skip(f.bar, 2);
	wrote(&f, "", "skipping draws nothing");
	bar_update(f.bar, 1, start + 1000 * ms);
	wrote(&f, "|< 75%|#######5  | 3/4 [00:01<00:01,  1.00it/s]",
	      "what was skipped is in the count but not in the rate");
	bar_close(f.bar, start + 2000 * ms);
	wrote(&f, "|< 75%|#######5  | 3/4 [00:02<00:02,  2.00s/it]|\n",
	      "nor in the average");
	tear_down(&f);
}

static void test_erase(void)
{
	struct meter c = four(20);
	struct fixture f;

	set_up(&f, &c);
	bar_erase(f.bar);
	wrote(&f, "|<                    |<", "erasing blanks the line and goes back");
	bar_erase(f.bar);
	wrote(&f, "", "and does nothing a second time");
	bar_set_width(f.bar, 10);
	bar_redraw(f.bar, start);
	wrote(&f, "|<  0%| | 0/", "a redraw after it has nothing to blank");
	tear_down(&f);
}

static void test_close(void)
{
	struct meter c = four(METER_UNKNOWN);
	struct fixture f;

	set_up(&f, &c);
	bar_update(f.bar, 4, start + 1000 * ms);
	buf_reset(&f.log);
	bar_close(f.bar, start + 2000 * ms);
	wrote(&f, "|<100%|##########| 4/4 [00:02<00:00,  2.00it/s]|\n",
	      "closing draws the average rate");
	bar_close(f.bar, start + 9000 * ms);
	bar_update(f.bar, 1, start + 20000 * ms);
	bar_tick(f.bar, start + 30000 * ms);
	bar_redraw(f.bar, start + 40000 * ms);
	bar_erase(f.bar);
	wrote(&f, "", "a closed bar stays as it is");
	tear_down(&f);
	bar_free(NULL);
}

int main(void)
{
	is_int(vectors_each("tqdm-writes.jsonl", check_vector), 40, "all vectors were there");
	test_width();
	test_failed();
	test_failed_narrow();
	test_total();
	test_tick();
	test_burst();
	test_redraw();
	test_nothing_done();
	test_skip();
	test_erase();
	test_close();
	return done_testing();
}
