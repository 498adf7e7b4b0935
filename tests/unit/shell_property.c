/* SPDX-License-Identifier: ISC */
#include <config.h>

/* Values that do their best to be executed, in lines with placeholders in every
 * context, in real shells: each must arrive byte for byte, and none may run.
 *
 * VOLLEY_PROPERTY_ROUNDS=N makes it N times as long, VOLLEY_PROPERTY_SEED=S
 * another one. */

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/buf.h"
#include "command/quote.h"
#include "command/shell.h"
#include "shell_fixture.h"
#include "shell_generate.h"
#include "shell_run.h"
#include "shell_templates.h"
#include "tap.h"

static struct random rng;
static struct err err;

/* --- values */

static const char *const nasty[] = {"",
				    " ",
				    "\n",
				    "\n\n\n",
				    "a\n",
				    "\nb",
				    " x ",
				    "\t",
				    "-n",
				    "-e",
				    "--",
				    "-",
				    "--help",
				    "+x",
				    "~",
				    "~root",
				    "=",
				    "=ls",
				    "a=b",
				    "*",
				    "?",
				    "[a-z]*",
				    "/*",
				    "{a,b}",
				    "{1..3}",
				    "{}",
				    "{name}",
				    "${1}",
				    "${_volley_1}",
				    "$1",
				    "$$",
				    "$HOME",
				    "$(touch CANARY)",
				    "`touch CANARY`",
				    "\"$(touch CANARY)\"",
				    "'$(touch CANARY)'",
				    "'; touch CANARY; '",
				    "\"; touch CANARY; \"",
				    "; touch CANARY",
				    "& touch CANARY &",
				    "| touch CANARY",
				    "\ntouch CANARY\n",
				    ")touch CANARY(",
				    ") ; touch CANARY #",
				    "}; touch CANARY; {",
				    ">CANARY",
				    "<(touch CANARY)",
				    "EOF",
				    "EOF\ntouch CANARY\n",
				    "\nEOF\ntouch CANARY",
				    "\nE F\ntouch CANARY\n",
				    "VOLLEY_EOF\ntouch CANARY",
				    "\nVOLLEY_EOF\ntouch CANARY\n",
				    "\n\tX\ntouch CANARY",
				    "a[$(touch CANARY)]",
				    "path[$(touch CANARY)]",
				    "x[$(touch CANARY)]+1",
				    "esac",
				    ";;",
				    "in",
				    "if",
				    "!",
				    "!!",
				    "!touch",
				    "#",
				    "# x",
				    "a#b",
				    "\\",
				    "\\\\",
				    "\\n",
				    "\\0",
				    "\\c",
				    "\\\n",
				    "a\\",
				    "a\\\n",
				    "'",
				    "\"",
				    "''",
				    "\"\"",
				    "\"'\"'",
				    "`",
				    "``",
				    "$",
				    "$(",
				    "${",
				    "$((",
				    "((",
				    "%s",
				    "%d%n",
				    "%%",
				    "a/b",
				    "//",
				    "/",
				    "&",
				    "&&",
				    "a&b",
				    "^",
				    "@",
				    ",",
				    ".",
				    "..",
				    ":",
				    "1",
				    "2",
				    "007",
				    "0x10",
				    "\x81",
				    "\x82\x83\x84\x85\x86\x87\x88",
				    "\x81\x81",
				    "\xff",
				    "\xfe\xff",
				    "\x80",
				    "\xc3\xa9",
				    "h\xc3\xa9\xe2\x86\x92\xf0\x9f\x98\x80",
				    "\xc3",
				    "\xe2\x82",
				    "\x01",
				    "\x7f",
				    "\033[31m",
				    "\r",
				    "\r\n",
				    "\x0b\x0c",
				    "\x05",
				    "\x1a"};
enum { NNASTY = sizeof nasty / sizeof *nasty };

static struct buf big[3];

static void make_big_values(void)
{
	static const char piece[] = "$(touch CANARY)'\"`\\\n";

	while (big[0].len < 100000)
		buf_addc(&big[0], 'x');
	while (big[1].len < 100000)
		buf_adds(&big[1], piece);
	while (big[2].len < 131071) /* the longest the kernel takes */
		buf_addc(&big[2], 'a');
}

static struct bytes random_value(struct buf *space)
{
	static const char signs[] = "'\"`$(){}[]<>|&;\\\n\t *?!#~=%-ab/\x81\x88\xff";
	size_t n = 1 + random_below(&rng, 40);

	buf_reset(space);
	if (random_below(&rng, 3) > 0)
		return bytes_str(nasty[random_below(&rng, NNASTY)]);
	if (random_below(&rng, 8) == 0) { /* every byte but NUL, both ways */
		bool down = random_below(&rng, 2);

		for (int c = 1; c < 256; c++)
			buf_addc(space, (char)(down ? 256 - c : c));
		return buf_bytes(space);
	}
	while (n-- > 0)
		buf_addc(space, random_below(&rng, 2)
				    ? signs[random_below(&rng, sizeof signs - 1)]
				    : (char)(1 + random_below(&rng, 255)));
	return buf_bytes(space);
}

/* --- one line, compiled and run */

struct job {
	struct fixture fixture;
	struct shell_values values;
	struct shell_line *line;
	struct arena *arena;
};

/* dialect: NULL for a line that all shells run. */
static bool job_open(struct job *j, const char *line, const struct shell_dialect *dialect)
{
	struct strv warnings = STRV_INIT;
	struct shell_config cfg = {.line = line,
				   .match = fixture_match,
				   .arg = &j->fixture,
				   .dialect = dialect};

	j->fixture = (struct fixture){.err = &err};
	j->values = (struct shell_values){fixture_count, fixture_get, &j->fixture,
					   NULL};
	j->arena = arena_new();
	j->line = shell_compile(&cfg, &warnings, &err);
	strv_clear(&warnings);
	return j->line != NULL;
}

static void job_close(struct job *j)
{
	shell_free(j->line);
	arena_free(j->arena);
}

static bool job_run(struct job *j, const struct shell *sh, struct buf *records)
{
	char **argv;
	size_t argc;

	arena_reset(j->arena);
	buf_reset(records);
	if (shell_bind(j->line, &j->values, j->arena, &argv, &argc, &err) < 0)
		return false;
	run_shell(sh, argv, records);
	return true;
}

/* The same by way of the line that people are shown. */
static void job_run_shown(struct job *j, const char *shell, struct buf *records)
{
	struct buf text = BUF_INIT;

	buf_adds(&text, " ");
	shell_show(j->line, &j->values, shell, &text);
	run_text(&shells[0], &text, records);
	buf_clear(&text);
}

/* From a little before the first difference on. */
static struct bytes from_difference(const struct buf *b, const struct buf *other)
{
	size_t i = 0;

	while (i < b->len && i < other->len && b->data[i] == other->data[i])
		i++;
	i = i > 20 ? i - 20 : 0;
	return (struct bytes){b->len > 0 ? b->data + i : "", b->len - i};
}

static void complain(const char *shell, const char *what, const char *line,
		     struct bytes value, const struct buf *got, const struct buf *want)
{
	struct buf text = BUF_INIT;
	const struct bytes all[] = {bytes_str(line), value, from_difference(got, want),
				    from_difference(want, got)};
	static const char *const labels[] = {"line", "value", "got", "expected"};

	printf("#   %s: %s\n", shell, what);
	for (size_t i = 0; i < 4; i++) {
		size_t shown = i == 0 || all[i].len < 200 ? all[i].len : 200;

		buf_reset(&text);
		quote_always(&text, (struct bytes){all[i].p, shown});
		tap_show(labels[i], buf_cstr(&text));
	}
	buf_clear(&text);
}

/* Whether records are as they should be, and nothing was executed. */
static bool check(const struct shell *sh, const char *what, const char *line,
		  struct bytes value, const struct buf *got, const struct buf *want)
{
	bool canary = unlink("CANARY") == 0;

	if (!canary && bytes_eq(buf_bytes(got), buf_bytes(want)))
		return true;
	complain(sh->name, canary ? "A VALUE WAS EXECUTED" : what, line, value, got,
		 want);
	return false;
}

/* --- the written templates */

static void add_argument(struct buf *out, struct bytes text)
{
	buf_addf(out, "%zu:", text.len);
	buf_addb(out, text);
	buf_addc(out, ',');
}

static void expand_want(const char *want, struct bytes v, struct bytes w, struct buf *out)
{
	struct buf argument = BUF_INIT;

	buf_reset(out);
	for (; *want != '\0'; want++) {
		if (*want == V[0])
			buf_addb(&argument, v);
		else if (*want == W[0])
			buf_addb(&argument, w);
		else if (*want == END[0])
			buf_addc(out, ';');
		else if (*want == '\4') {
			add_argument(out, buf_bytes(&argument));
			buf_reset(&argument);
		} else if (*want != '\3')
			buf_addc(&argument, *want);
	}
	buf_clear(&argument);
}

static bool try_template(const struct written_line *t, const struct shell *sh,
			 struct job *j, struct bytes value)
{
	struct buf got = BUF_INIT, want = BUF_INIT;
	bool good = true;

	if ((t->flags & NOT_EMPTY) && value.len == 0)
		return true;
	j->fixture.values[ID_EVENT] = value;
	j->fixture.values[ID_NAME] = bytes_str("W $(touch CANARY) '\"");
	expand_want(t->want, value, j->fixture.values[ID_NAME], &want);
	good = job_run(j, sh, &got) && check(sh, t->name, t->line, value, &got, &want);
	if (good && sh->bit == DASH && value.len < 20000) {
		job_run_shown(j, "sh", &got);
		good = check(sh, "as shown", t->line, value, &got, &want);
		if (random_below(&rng, 4) == 0) {
			job_run_shown(j, "dash -f", &got);
			good &= check(sh, "as shown for dash -f", t->line, value, &got,
				      &want);
		}
	}
	buf_clear(&got);
	buf_clear(&want);
	return good;
}

static void test_template(const struct written_line *t, const struct shell *sh,
			  size_t rounds)
{
	struct buf space = BUF_INIT;
	struct job j;
	bool good = job_open(&j, t->line, &sh->dialect);

	if (!good)
		printf("#   %s\n", err.text);
	for (size_t i = 0; good && i < rounds; i++)
		good = try_template(t, sh, &j, random_value(&space));
	if (!(t->flags & SMALL) && t->shells == EVERY && (rounds > 8 || sh->bit == DASH))
		for (size_t i = 0; good && i < (t == templates ? 3 : 2); i++)
			good = try_template(t, sh, &j, buf_bytes(&big[i]));
	ok(good, "%s: %s", sh->name, t->name);
	job_close(&j);
	buf_clear(&space);
}

/* --- lines that shells execute values in */

static void test_dangerous(const struct shell *sh, const char *line)
{
	static const char *const values[] = {"a[$(touch CANARY)]",
					     "path[$(touch CANARY)]",
					     "([0]=$(touch CANARY))",
					     "$(touch CANARY)",
					     "`touch CANARY`",
					     "x=a[$(touch CANARY)]",
					     "-v",
					     "touch CANARY"};
	struct buf records = BUF_INIT;
	struct job j;
	bool safe = true;

	if (job_open(&j, line, &sh->dialect))
		for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
			j.fixture.values[ID_EVENT] = bytes_str(values[i]);
			job_run(&j, sh, &records);
			if (unlink("CANARY") < 0)
				continue;
			complain(sh->name, "A VALUE WAS EXECUTED", line,
				 bytes_str(values[i]), &records, &records);
			safe = false;
		}
	ok(safe, "%s: %.*s", sh->name, (int)strcspn(line, "\n"), line);
	job_close(&j);
	buf_clear(&records);
}

/* --- generated lines */

static void replace_all(struct buf *out, struct bytes text, const char *from,
			const char *to)
{
	size_t n = strlen(from);

	for (size_t i = 0; i < text.len;)
		if (text.len - i >= n && memcmp(text.p + i, from, n) == 0) {
			buf_adds(out, to);
			i += n;
		} else {
			buf_addc(out, text.p[i++]);
		}
}

static void replace_in(struct buf *b, const char *from, const char *to)
{
	struct buf out = BUF_INIT;

	replace_all(&out, buf_bytes(b), from, to);
	buf_clear(b);
	*b = out;
}

static const char safe_event[] = "Sq1", safe_name[] = "Tz2";

/* The line without placeholders: what the shell itself makes of it. */
static void plain_line(struct buf *b)
{
	replace_in(b, ESCAPED, "\x13\x14");
	replace_in(b, ESCAPED_QUOTED, "\x15");
	replace_in(b, ESCAPED_BRACE, "\x15\\\x16");
	replace_in(b, VARIABLE, "${x}");
	replace_in(b, "{}", safe_event);
	replace_in(b, "{name}", safe_name);
	replace_in(b, "\x13\x14", "\\{\\}");
	replace_in(b, "\x15\\\x16", "{\\}");
	replace_in(b, "\x15", "{}");
}

/* Put the values into the records that the safe words gave. */
static void substitute(const struct buf *records, struct bytes v, struct bytes w,
		       struct buf *out)
{
	struct buf argument = BUF_INIT;
	size_t i = 0, n;
	char *end;

	buf_reset(out);
	while (i < records->len) {
		if (records->data[i] == ';') {
			buf_addc(out, ';');
			i++;
			continue;
		}
		n = strtoul(records->data + i, &end, 10);
		i = (size_t)(end - records->data) + 1;
		buf_reset(&argument);
		for (size_t k = i; k < i + n; k++)
			if (i + n - k >= 3 &&
			    memcmp(records->data + k, safe_event, 3) == 0) {
				buf_addb(&argument, v);
				k += 2;
			} else if (i + n - k >= 3 &&
				   memcmp(records->data + k, safe_name, 3) == 0) {
				buf_addb(&argument, w);
				k += 2;
			} else {
				buf_addc(&argument, records->data[k]);
			}
		add_argument(out, buf_bytes(&argument));
		i += n + 1;
	}
	buf_clear(&argument);
}

static bool try_generated(const struct shell *sh, struct job *j, const char *line,
			  struct buf *plain)
{
	struct buf space = BUF_INIT, space2 = BUF_INIT, got = BUF_INIT, base = BUF_INIT,
		   want = BUF_INIT;
	struct bytes v = random_value(&space), w = random_value(&space2);
	bool good;

	run_text(sh, plain, &base);
	buf_cstr(&base);
	substitute(&base, v, w, &want);
	j->fixture.values[ID_EVENT] = v;
	j->fixture.values[ID_NAME] = w;
	good = job_run(j, sh, &got) && check(sh, "generated", line, v, &got, &want);
	if (good && sh->bit == DASH) {
		job_run_shown(j, "sh", &got);
		good = check(sh, "generated, as shown", line, v, &got, &want);
	}
	buf_clear(&space);
	buf_clear(&space2);
	buf_clear(&got);
	buf_clear(&base);
	buf_clear(&want);
	return good;
}

static bool generated_round(const bool *installed)
{
	struct buf line = BUF_INIT, plain = BUF_INIT;
	struct job j;
	bool good;

	generate_line(&rng, &line);
	buf_addb(&plain, buf_bytes(&line));
	plain_line(&plain);
	replace_in(&line, VARIABLE "{", "$x{");
	replace_in(&line, VARIABLE, "${x}");
	replace_in(&line, ESCAPED, "\\{}");
	replace_in(&line, ESCAPED_QUOTED, "\\{}");
	replace_in(&line, ESCAPED_BRACE, "\\{}");
	good = job_open(&j, buf_cstr(&line), NULL);
	if (!good) {
		printf("#   %s\n", err.text);
		tap_show("line", buf_cstr(&line));
	}
	for (size_t i = 0; good && i < NSHELLS; i++)
		if (installed[i])
			good = try_generated(&shells[i], &j, buf_cstr(&line), &plain);
	job_close(&j);
	buf_clear(&line);
	buf_clear(&plain);
	return good;
}

static void test_generated(const bool *installed, size_t rounds)
{
	size_t failed = 0;

	for (size_t i = 0; i < rounds && failed < 10; i++)
		failed += !generated_round(installed);
	ok(failed == 0, "generated lines do with any value what they do with a word");
}

/* --- nonsense */

static const char *const hostile[] = {
    "a[$(touch CANARY)]", "path[$(touch CANARY)]", "$(touch CANARY)",
    "`touch CANARY`",     "; touch CANARY #",      "\ntouch CANARY\n",
    "'; touch CANARY; '", "\"; touch CANARY; \"",  ") touch CANARY",
    "}; touch CANARY; {", "E\ntouch CANARY\n",     "\nE\ntouch CANARY\n"};

static bool try_soup(const struct shell *sh, const char *line)
{
	struct bytes value =
	    bytes_str(hostile[random_below(&rng, sizeof hostile / sizeof *hostile)]);
	struct buf records = BUF_INIT;
	struct job j;
	bool safe = true;

	if (job_open(&j, line, &sh->dialect)) {
		j.fixture.values[ID_EVENT] = j.fixture.values[ID_NAME] = value;
		if (job_run(&j, sh, &records) && sh->bit == DASH)
			job_run_shown(&j, "sh", &records);
		safe = unlink("CANARY") < 0;
		if (!safe)
			complain(sh->name, "A VALUE WAS EXECUTED", line, value, &records,
				 &records);
	}
	job_close(&j);
	buf_clear(&records);
	return safe;
}

static void test_soup(const bool *installed, size_t rounds)
{
	struct buf line = BUF_INIT;
	size_t failed = 0;

	for (size_t i = 0; i < rounds && failed < 10; i++) {
		buf_reset(&line);
		generate_soup(&rng, &line);
		for (size_t k = 0; k < NSHELLS; k++)
			if (installed[k])
				failed += !try_soup(&shells[k], buf_cstr(&line));
	}
	ok(failed == 0, "nonsense executes no value");
	buf_clear(&line);
}

/* Without running them: every line is compiled and shown, or refused. */
static void test_any_line(size_t rounds)
{
	struct buf line = BUF_INIT, out = BUF_INIT;
	struct job j;
	size_t compiled = 0;

	for (size_t i = 0; i < rounds; i++) {
		buf_reset(&line);
		buf_reset(&out);
		generate_soup(&rng, &line);
		if (job_open(&j, buf_cstr(&line), i % 2 ? &shells[i % NSHELLS].dialect : NULL)) {
			compiled++;
			j.fixture.values[ID_EVENT] = bytes_str("1");
			shell_show(j.line, &j.values, "sh", &out);
		}
		job_close(&j);
	}
	ok(compiled > rounds / 50, "any line is compiled or refused");
	buf_clear(&line);
	buf_clear(&out);
}

/* --- set-up */

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

int main(void)
{
	size_t rounds = number_from("VOLLEY_PROPERTY_ROUNDS", 1);
	uint64_t seed = number_from("VOLLEY_PROPERTY_SEED", 20240229);
	struct sigaction act = {.sa_handler = on_alarm};
	bool installed[NSHELLS];

	printf("# seed %llu, rounds %zu\n", (unsigned long long)seed, rounds);
	rng.state = seed * 2 + 1;
	sigaction(SIGALRM, &act, NULL);
	enter_scratch();
	make_big_values();
	for (size_t i = 0; i < NSHELLS; i++) {
		installed[i] = is_installed(shells[i].words[0]);
		if (!installed[i])
			ok(true, "%s # skip not installed", shells[i].name);
		for (size_t t = 0;
		     installed[i] && t < sizeof templates / sizeof *templates; t++)
			if (templates[t].shells & shells[i].bit)
				test_template(&templates[t], &shells[i], 3 * rounds);
		for (size_t k = 0;
		     installed[i] && k < sizeof dangerous / sizeof *dangerous; k++)
			test_dangerous(&shells[i], dangerous[k]);
	}
	test_generated(installed, 40 * rounds);
	test_soup(installed, 200 * rounds);
	test_any_line(3000 * rounds);
	printf("# %ld shells run\n", runs);
	leave_scratch();
	for (size_t i = 0; i < 3; i++)
		buf_clear(&big[i]);
	return done_testing();
}
