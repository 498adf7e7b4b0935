/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <locale.h>

#include "tap.h"
#include "vectors.h"
#include "watch/cells.h"
#include "watch/columns.h"
#include "watch/meter.h"

/* --- what tqdm answered --------------------------------------------------- */

static struct number number_of(yajl_val v)
{
	if (YAJL_IS_INTEGER(v))
		return number_int(YAJL_GET_INTEGER(v));
	return number_float(YAJL_IS_NUMBER(v) ? YAJL_GET_DOUBLE(v) : 0);
}

/* ascii is a charset of one's own, or whether to use plain characters. */
static const char *charset_of(yajl_val v)
{
	if (YAJL_IS_STRING(v))
		return YAJL_GET_STRING(v);
	return YAJL_IS_TRUE(v) ? CELLS_ASCII : CELLS_BLOCKS;
}

static void add_meter(struct buf *out, yajl_val args)
{
	yajl_val scale = vector_get(args, "unit_scale");
	struct meter_args a = {
	    .n = vector_int(args, "n", 0),
	    .initial = vector_int(args, "initial", 0),
	    .total = vector_int(args, "total", METER_UNKNOWN),
	    .elapsed = vector_float(args, "elapsed"),
	    .ncols = (int)vector_int(args, "ncols", METER_UNKNOWN),
	    .rate_given = vector_get(args, "rate") != NULL,
	    .rate = vector_float(args, "rate"),
	    .desc = vector_str(args, "prefix"),
	    .postfix = vector_str(args, "postfix"),
	    .unit = vector_str(args, "unit"),
	    .charset = charset_of(vector_get(args, "ascii")),
	    .colour = vector_str(args, "colour"),
	    .format = vector_str(args, "bar_format"),
	    .si = YAJL_IS_TRUE(scale),
	    .divisor = vector_int(args, "unit_divisor", 0),
	    .scale = number_of(scale),
	};

	meter_format(out, &a);
}

static void add_answer(struct buf *out, const char *fn, yajl_val args)
{
	struct number n = number_of(vector_get(args, "n"));

	if (strcmp(fn, "meter") == 0)
		add_meter(out, args);
	else if (strcmp(fn, "interval") == 0)
		meter_interval(out, number_value(n));
	else if (strcmp(fn, "sizeof") == 0)
		meter_sizeof(out, number_value(n), vector_str(args, "unit"),
			     vector_int(args, "unit_divisor", 0));
	else if (strcmp(fn, "num") == 0)
		meter_num(out, n);
}

static void check_vector(int line, yajl_val v)
{
	yajl_val classes = vector_get(v, "class");
	struct buf got = BUF_INIT, name = BUF_INIT;

	for (size_t i = 0; i < YAJL_GET_ARRAY(classes)->len; i++) {
		const char *class = YAJL_GET_STRING(YAJL_GET_ARRAY(classes)->values[i]);

		buf_addf(&name, " %s", class != NULL ? class : "?");
	}
	add_answer(&got, vector_str(v, "fn"), vector_get(v, "args"));
	is(buf_cstr(&got), vector_str(v, "out"), "vector %d:%s", line, buf_cstr(&name));
	buf_clear(&got);
	buf_clear(&name);
}

/* --- what the vectors do not reach ---------------------------------------- */

static void is_line(const struct meter_args *args, const char *want, const char *name)
{
	struct buf got = BUF_INIT;

	meter_format(&got, args);
	is(buf_cstr(&got), want, "%s", name);
	buf_clear(&got);
}

static void test_format(void)
{
	struct meter_args a = {.n = 1, .total = 2, .ncols = 0, .elapsed = 1, .desc = "d"};

	is_line(&a, "d:  50% 1/2 [00:01<00:01,  1.00it/s]", "0 columns: no bar");
	a.format = "{nothing} {n {desc}}";
	a.ncols = METER_UNKNOWN;
	is_line(&a, "{nothing} {n d}", "a field that there is not is text");
	a.format = "{percentage} {elapsed_s:f}";
	is_line(&a, "50.0 1.000000", "numbers without width and decimals");
	a.format = "[{bar:-20}]";
	is_line(&a, "[]", "a bar without room is empty");
	a = (struct meter_args){.n = 1, .ncols = METER_UNKNOWN, .format = "{desc}: {n}"};
	is_line(&a, ": 1", "without total the colon of no description stays");
	a.total = 2;
	is_line(&a, "1", "with one it goes");
	a = (struct meter_args){.n = 1500, .ncols = METER_UNKNOWN, .scale = number_int(1)};
	is_line(&a, "1.50kit [00:00, ?it/s]", "a scale of 1 is none, but prefixes");
	a = (struct meter_args){.n = 3, .initial = 5, .total = 9, .elapsed = 10,
				.ncols = METER_UNKNOWN, .format = "{remaining}"};
	is_line(&a, "-1:59:30", "time that runs backwards");
}

static void test_numbers(void)
{
	static const struct {
		double value;
		const char *text;
	} floats[] = {
	    {0, "0.0"},
	    {50, "50.0"},
	    {16.5, "16.5"},
	    {-0.1, "-0.1"},
	    {0.0001, "0.0001"},
	    {0.00001, "1e-05"},
	    {0.1 + 0.2, "0.30000000000000004"},
	    {1.0 / 3, "0.3333333333333333"},
	    {2.5e-300, "2.5e-300"},
	    {1e15, "1000000000000000.0"},
	    {9007199254740991.0, "9007199254740991.0"},
	    {1e16, "1e+16"},
	};
	struct buf out = BUF_INIT;
	struct number big = number_mul(number_int(INT64_MAX), number_int(2));

	for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
		buf_reset(&out);
		number_add(&out, number_float(floats[i].value));
		is(buf_cstr(&out), floats[i].text, "the float %s", floats[i].text);
	}
	ok(big.is_float && big.f == 18446744073709551614.0, "a product too large is a float");
	big = number_sub(number_int(INT64_MIN), number_int(1));
	ok(big.is_float && big.f < -9e18, "and so is a difference");
	is_int(number_sub(number_int(INT64_MAX), number_int(1)).i, INT64_MAX - 1,
	       "one that fits is exact");
	buf_reset(&out);
	meter_interval(&out, 1e300);
	is(buf_cstr(&out), "2555555555555555:33:20", "times without end have one");
	buf_clear(&out);
}

static void test_columns(void)
{
	struct buf line = BUF_INIT;

	is_int(columns_count(bytes_str("進捗\033[1;31mé\033[0m")), 5,
	       "wide characters take two columns, sequences none");
	is_int(columns_count(bytes_str("e\xcc\x81\xff")), 3,
	       "combining characters and bad bytes take one");
	is_int(columns_count(bytes_str("か\xe3\x82\x99")), 4, "kana marks two");
	is_int(columns_count(bytes_str("\033[\033[9")), 5, "half a sequence is text");
	buf_adds(&line, "keep進捗");
	columns_cut(&line, 4, 3);
	is(buf_cstr(&line), "keep進", "no half of a wide character is left");
	buf_reset(&line);
	buf_adds(&line, "\033[31mred\033[0m!");
	columns_cut(&line, 0, 2);
	is(buf_cstr(&line), "\033[31mre\033[0m", "a cut colour is reset");
	columns_cut(&line, 0, 2);
	is(buf_cstr(&line), "\033[31mre\033[0m", "once");
	buf_reset(&line);
	buf_adds(&line, "abc");
	columns_cut(&line, 0, 0);
	is_int(line.len, 0, "nothing fits no columns");
	columns_cut(&line, 0, 0);
	is_int(line.len, 0, "not even nothing");
	buf_clear(&line);
}

static void test_cells(void)
{
	static const struct {
		const char *colour, *want;
	} rows[] = {
	    {NULL, "#5  "},
	    {"Red", "\033[31m#5  \033[0m"},
	    {"#0aFf00", "\033[38;2;10;255;0m#5  \033[0m"},
	    {"#0aFf0", "#5  "},
	    {"#0aFf0g", "#5  "},
	    {"#0aFf00x", "#5  "},
	    {"reds", "#5  "},
	    {"re", "#5  "},
	    {"", "#5  "},
	};
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_reset(&out);
		cells_add(&out, 0.375, 4, CELLS_ASCII, rows[i].colour);
		is(buf_cstr(&out), rows[i].want, "the colour \"%s\"",
		   rows[i].colour != NULL ? rows[i].colour : "(none)");
	}
	buf_reset(&out);
	cells_add(&out, 1, -3, CELLS_ASCII, NULL);
	is_int(out.len, 0, "fewer than no cells are none");
	buf_clear(&out);
}

/* Make a locale with a decimal comma in the folder and switch to it. */
static bool comma_locale(const char *dir)
{
	char command[200];

	snprintf(command, sizeof command,
		 "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", dir);
	setenv("LOCPATH", dir, 1);
	return system(command) == 0 && setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void test_locale(void)
{
	struct meter_args a = {.n = 1, .total = 2, .ncols = METER_UNKNOWN, .elapsed = 0.25,
			       .charset = CELLS_ASCII, .scale = number_float(0.5)};
	char dir[] = "/tmp/volley-locale-XXXXXX", command[100];

	if (mkdtemp(dir) == NULL || !comma_locale(dir))
		ok(true, "the locale has no say # SKIP no locale with a decimal comma");
	else
		is_line(&a, " 50%|#####     | 0.5/1.0 [00:00<00:00,  2.00it/s]",
			"the locale has no say");
	setlocale(LC_ALL, "C");
	snprintf(command, sizeof command, "rm -r %s", dir);
	ok(system(command) == 0, "and the locale made for it is gone");
}

int main(void)
{
	is_int(vectors_each("tqdm-format.jsonl", check_vector), 400, "all vectors were there");
	test_format();
	test_numbers();
	test_columns();
	test_cells();
	test_locale();
	return done_testing();
}
