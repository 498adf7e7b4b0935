/* SPDX-License-Identifier: ISC */
#include <config.h>

/* Lines from each shell's whole grammar, with values that leave a mark when a shell
 * evaluates them: the compiled scripts run under the real shells, and no mark may be
 * there afterwards.
 *
 * VOLLEY_HOSTILE_ROUNDS=N is the number of lines for each shell,
 * VOLLEY_HOSTILE_SECONDS=N how long all of it may take at most,
 * VOLLEY_HOSTILE_SEED=S another seed, VOLLEY_HOSTILE_SHELL=NAME just that shell. */

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "command/quote.h"
#include "command/shell.h"
#include "command/shell_ask.h"
#include "shell_fixture.h"
#include "shell_full.h"
#include "shell_run.h"
#include "tap.h"

#define MARK "$(:>M)"

static const char *const hostile[] = {
    "a[" MARK "]", "path[" MARK "]", "x[" MARK "]", "argv[" MARK "]", "1+a[" MARK "]", MARK,
    "`:>M`", "\"" MARK "\"", "';:>M;'", "\";:>M;\"", ";:>M", "\n:>M\n", "([0]=" MARK ")",
    "(" MARK ")", "[a[" MARK "]]=1", "[" MARK "]=1", "x=a[" MARK "]", "-v a[" MARK "]",
    "-va[" MARK "]", "-pa[" MARK "]", "-pPATH", "-v", "-p", "-f%d", "*(e::>M:)", "*(e:':>M':)",
    "*(+:>M)", "\\$(:>M)", "\\044(:>M)", "$((a[" MARK "]))", "${x:-" MARK "}", "${x[" MARK "]}",
    ") ; :>M #", "}; :>M; {", "))\n:>M", "E\n:>M\n", "\nE\n:>M\n", "eval :>M", ":>M", "{:>M;}",
    "f(){ :>M;};f", "%d", "%n", "a=b", "!!", "<(:>M)", "=(:>M)", "x,path[" MARK "]",
    "EXIT", ("PS4=" MARK), "PATH=.", "-c:>M", "@P", "x@P", "!x", "x[@]", "x", "a", "m", "n", "eval",
    "path", "_volley_1", "_volley_2", "-", "--", "1", "0x1", "a b", "a'b", "x++", "-i", "-n"};

static struct random rng;
static struct err err;
static struct strv warnings;
static long refused, ran;
static time_t deadline;

static struct bytes pick_value(void)
{
	return bytes_str(hostile[random_below(&rng, sizeof hostile / sizeof *hostile)]);
}

static void fill_values(struct fixture *f)
{
	*f = (struct fixture){.err = &err, .nlists = 1 + random_below(&rng, 2)};
	for (size_t i = 0; i < ID_COUNT; i++)
		f->values[i] = pick_value();
	for (size_t i = 0; i < 4; i++)
		f->lists[0][i] = pick_value().p;
	for (size_t i = 0; i < 4; i++)
		f->lists[1][i] = pick_value().p;
}

static void complain(const struct shell *sh, const char *line, const struct fixture *f)
{
	struct buf text = BUF_INIT;
	const struct bytes all[] = {bytes_str(line), f->values[ID_EVENT], f->values[ID_NAME],
				    f->values[ID_ONE], bytes_str(f->lists[0][0])};
	static const char *const labels[] = {"line", "{}", "{name}", "{1}", "{l}"};

	printf("#   %s: A VALUE WAS EXECUTED\n", sh->name);
	for (size_t i = 0; i < 5; i++) {
		buf_reset(&text);
		quote_always(&text, all[i]);
		tap_show(labels[i], buf_cstr(&text));
	}
	buf_clear(&text);
}

static void clear_folder(void)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)"rm -rf ./*", NULL};

	run(argv);
}

/* What a line may read; nothing of what the line before wrote there. */
static void write_file(void)
{
	int fd = open("f", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, "a b\n", 4) < 0)
		printf("# cannot write f\n");
	close(fd);
}

static bool is_marked(const struct shell *sh, const char *line, const struct fixture *f)
{
	if (unlink("M") < 0)
		return false;
	complain(sh, line, f);
	return true;
}

/* True when no value was executed. */
static bool try_line(const struct shell *sh, const struct shell_dialect *dialect,
		     const char *line)
{
	struct fixture f;
	struct shell_config cfg = {.line = line,
				   .match = fixture_match,
				   .arg = &f,
				   .dialect = dialect,
				   .allow_nested = random_below(&rng, 4) == 0};
	struct shell_values values = {fixture_count, fixture_get, &f, NULL};
	struct arena *a = arena_new();
	struct shell_line *l;
	struct buf records = BUF_INIT;
	bool good = true;
	char **argv;
	size_t argc;

	fill_values(&f);
	l = shell_compile(&cfg, &warnings, &err);
	strv_clear(&warnings);
	for (int tries = 0; l != NULL && good && tries < 6; tries++) {
		fill_values(&f);
		if (shell_bind(l, &values, a, &argv, &argc, &err) < 0) {
			refused++;
			continue;
		}
		ran++;
		run_shell(sh, argv, &records);
		good = !is_marked(sh, line, &f);
		break;
	}
	refused += l == NULL;
	shell_free(l);
	buf_clear(&records);
	arena_free(a);
	return good;
}

/* A yash that traces itself with a command in PS4 never ends. */
static bool is_endless(const char *line)
{
	return strstr(line, "PS4") != NULL && strstr(line, "x") != NULL;
}

static void test_shell(const struct shell *sh, long rounds)
{
	struct shell_answers answers;
	struct strv words = STRV_INIT;
	struct buf line = BUF_INIT;
	long failed = 0, i;

	for (size_t k = 0; k < 3 && sh->words[k] != NULL; k++)
		strv_add(&words, sh->words[k]);
	shell_identify(&answers, &words, "");
	refused = ran = 0;
	for (i = 0; i < rounds && failed < 10 && time(NULL) < deadline; i++) {
		if (i % 64 == 0)
			clear_folder();
		write_file();
		buf_reset(&line);
		if (i % 2 == 0)
			full_simple(&rng, &line);
		else if (i % 4 == 1)
			full_line(&rng, &line);
		else
			full_soup(&rng, &line);
		if (!is_endless(buf_cstr(&line)))
			failed += !try_line(sh, &answers.dialect, buf_cstr(&line));
	}
	ok(failed == 0, "%s: no value is executed", sh->name);
	printf("# %ld lines, %ld runs, %ld refused\n", i, ran, refused);
	shell_answers_clear(&answers);
	strv_clear(&words);
	buf_clear(&line);
}

static long number(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? atol(text) : otherwise;
}

int main(void)
{
	long rounds = number("VOLLEY_HOSTILE_ROUNDS", 150);
	long seconds = number("VOLLEY_HOSTILE_SECONDS", 600);
	const char *only = getenv("VOLLEY_HOSTILE_SHELL");
	struct sigaction act = {.sa_handler = on_alarm};

	rng.state = (uint64_t)number("VOLLEY_HOSTILE_SEED", 20240229) * 2654435761u + 1;
	sigaction(SIGALRM, &act, NULL);
	patience = 5;
	enter_scratch();
	for (size_t i = 0; i < NALL; i++) {
		if (only != NULL && strcmp(only, all_shells[i].name) != 0)
			continue;
		deadline = time(NULL) + seconds / NALL + 1;
		if (is_installed(all_shells[i].words[0]))
			test_shell(&all_shells[i], rounds);
		else
			ok(true, "%s # skip not installed", all_shells[i].name);
	}
	leave_scratch();
	return done_testing();
}
