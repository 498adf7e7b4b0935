/* SPDX-License-Identifier: ISC */

/* The table of options: what --help and the manual page say of it, and each pair of
 * options.  A pair is refused by a column, or both options have an effect on the
 * settings; where the effect of one is to change what the other does, the pair is listed
 * here with the reason. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/given.h"
#include "cli/option.h"
#include "tap.h"

/* An argument that asks for something. */
static const struct {
	const char *name, *arg;
} arguments[] = {
    {"input", "in"},	     {"format", "null"},       {"delimiter", ","},
    {"colsep", ","},	     {"quote", "yes"},	       {"max-args", "2"},	       {"max-event", "2M"},
    {"max-depth", "3"},	     {"only", "1-2"},	       {"replace", "@"},
    {"shell", "bash"},	     {"workdir", "/"},	       {"stdin", "{}"},
    {"env", "A={}"},	     {"reply", "null"},	       {"window", "3"},
    {"worker-max", "4"},     {"run", "r.yaml"},	       {"jobs", "3"},
    {"delay", "1s"},	     {"load", "5"},	       {"memfree", "3M"},
    {"nice", "5"},	     {"lock", "lock"},	       {"lock-wait", "2s"},
    {"timeout", "3s"},	     {"retries", "3"},	       {"retry-delay", "4s"},
    {"retry-on", "exit"},    {"halt", "soon,fail=2"},  {"deadline", "5s"},
    {"termseq", "KILL"},     {"joblog", "log"},	       {"joblog-sync", "job"},
    {"failed-to", "failed"}, {"drain", "6s"},	       {"output", "table"},
    {"results", "results"},  {"tagstring", "{#}"},     {"color", "always"},
    {"tmpdir", "/tmp"},	     {"progress", "plain:7s"}, {"unit", "file"},
    {"path", "a.b"},
};

/* Both are accepted; the first decides what the second does. */
static const struct {
	const char *first, *others, *why;
} decided[] = {
    {"tagstring", "tag", "is the text of the tag"},
    {"resume-failed", "resume", "skips less"},
    {"no-progress", "progress", "the later of both counts"},
    {"format", "null", "both say that NUL ends an event"},
    {"debug", "verbose jobs ungroup keep-order",
     "one job at a time on the terminal, each command is shown"},
    {"dry-run", "lock lock-wait delay load memfree jobs results failed-to output",
     "runs nothing, and shows the commands"},
    {"help", NULL, "prints the help, and that is all"},
    {"version", NULL, "prints the version, and that is all"},
    {"print-run-file", NULL, "prints the run file, and that is all"},
};

static const char *argument_of(const struct option *o)
{
	if (o->arg == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
		if (strcmp(arguments[i].name, o->name) == 0)
			return arguments[i].arg;
	ok(false, "--%s has an argument to test it with", o->name);
	return o->arg;
}

static void add(struct given_list *l, const struct option *o)
{
	given_add(l, &(struct given){
			 .option = o, .spelling = o->name, .arg = argument_of(o)});
}

/* --- columns */

static bool excludes(const struct option *a, const struct option *b)
{
	for (const struct exclusion *e = a->excludes; e != NULL && e->others != NULL; e++)
		if (option_list_has(e->others, b->name) &&
		    (e->when == NULL || strcmp(e->when, argument_of(a)) == 0))
			return true;
	return false;
}

static bool is_excluded(const struct option *a, const struct option *b)
{
	return excludes(a, b) || excludes(b, a);
}

static void check_names(const char *names, const char *what, const struct option *o)
{
	while (names != NULL && *names != '\0') {
		struct bytes name = option_list_next(&names);
		const char *arg = memchr(name.p, '=', name.len);

		if (arg != NULL)
			name.len = (size_t)(arg - name.p);
		ok(option_named(name) != NULL || bytes_is(name, "command"),
		   "--%s %s %.*s, an option", o->name, what, (int)name.len, name.p);
	}
}

static void test_columns(void)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(i)) != NULL; i++) {
		ok(option_named(bytes_str(o->name)) == o, "--%s is there once", o->name);
		ok(o->letter == '\0' || option_short(o->letter) == o, "and its letter");
		ok(o->parse != NULL && o->help != NULL, "it has a parser and help");
		ok(!option_list_has(o->needs, "command") || o->needs_why != NULL,
		   "and says why it needs a command, if so");
		ok((o->inputs != 0) == (o->inputs_why != NULL), "and for which inputs it is");
		ok(o->use == USE_NONE || o->arg != NULL, "and which file it names");
		check_names(o->needs, "needs", o);
		check_names(o->instead_of, "is instead of", o);
		for (const struct exclusion *e = o->excludes; e != NULL && e->others != NULL;
		     e++)
			check_names(e->others, "excludes", o);
	}
}

/* --- pairs */

/* The first that the option needs and that goes with the other; NULL: there is none, or
 * it needs nothing else. */
static const struct option *needed(const struct option *o, const struct option *other)
{
	const char *names = o->needs != NULL ? o->needs : "";

	while (*names != '\0') {
		const struct option *n = option_named(option_list_next(&names));

		if (n != NULL && n != other && !is_excluded(n, other))
			return n;
	}
	return NULL;
}

/* Is all that the option needs excluded by the other? */
static bool is_blocked(const struct option *o, const struct option *other)
{
	return o->needs != NULL && !option_list_has(o->needs, "command") &&
	       !option_list_has(o->needs, other->name) && needed(o, other) == NULL;
}

static bool effects_differ(const struct settings *a, const struct settings *b)
{
	/* each parser writes a member, or what a member points to */
	return memcmp(a, b, sizeof *a) != 0;
}

static bool is_decided(const struct option *a, const struct option *b)
{
	for (size_t i = 0; i < sizeof decided / sizeof *decided; i++) {
		bool first = strcmp(decided[i].first, a->name) == 0;
		bool second = strcmp(decided[i].first, b->name) == 0;

		if ((first || second) &&
		    (decided[i].others == NULL ||
		     option_list_has(decided[i].others, first ? b->name : a->name)))
			return true;
	}
	return false;
}

static void apply(struct settings *s, const struct option *o)
{
	struct err err;

	o->parse(s, &(struct given){.option = o, .arg = argument_of(o)}, &err);
}

/* The settings with both options are those of neither alone. */
static bool both_have_effect(const struct option *a, const struct option *b)
{
	const struct option *v[] = {a, b};
	struct settings both, one;
	bool result = true;

	settings_init(&both);
	for (int i = 0; i < 2; i++)
		apply(&both, v[i]);
	for (int i = 0; i < 2; i++) {
		settings_init(&one);
		apply(&one, v[i]);
		result = result && effects_differ(&both, &one);
		settings_clear(&one);
	}
	settings_clear(&both);
	return result;
}

/* 1: refused by a column; 0: accepted, and both have an effect; -1: neither. */
static int check_pair(const struct option *a, const struct option *b)
{
	struct arena *arena = arena_new();
	char *words[] = {(char *)"true", NULL};
	struct given_list l;
	struct err err = {0};
	int refused;

	given_init(&l, arena);
	l.words = words;
	l.nwords = 1;
	if (needed(a, b) != NULL)
		add(&l, needed(a, b));
	if (needed(b, a) != NULL)
		add(&l, needed(b, a));
	add(&l, a);
	add(&l, b);
	refused = given_check(&l, ~0u, &err) < 0;
	given_clear(&l);
	arena_free(arena);
	if (is_blocked(a, b) || is_blocked(b, a))
		return refused ? 1 : -1;
	if (refused != is_excluded(a, b)) {
		printf("# --%s --%s: %s\n", a->name, b->name, refused ? err.text : "accepted");
		return -1;
	}
	if (refused)
		return strstr(err.text, a->name) != NULL && strstr(err.text, b->name) != NULL
			   ? 1
			   : -1;
	if (is_decided(a, b) || both_have_effect(a, b))
		return 0;
	printf("# --%s --%s: one has no effect on the settings\n", a->name, b->name);
	return -1;
}

static void test_pairs(void)
{
	const struct option *a, *b;

	for (size_t i = 0; (a = option_at(i)) != NULL; i++) {
		int undecided = 0;

		for (size_t k = 0; k < i; k++) {
			b = option_at(k);
			undecided += check_pair(a, b) < 0;
		}
		is_int(undecided, 0, "--%s: each pair with an option before it is decided",
		       a->name);
	}
}

static void test_decisions(void)
{
	for (size_t i = 0; i < sizeof decided / sizeof *decided; i++) {
		const struct option *first = option_named(bytes_str(decided[i].first));
		const char *names = decided[i].others != NULL ? decided[i].others : "";

		ok(first != NULL, "%s is an option: %s", decided[i].first, decided[i].why);
		while (*names != '\0') {
			const struct option *o = option_named(option_list_next(&names));

			ok(o != NULL && !is_excluded(first, o), "and its pair is accepted");
		}
	}
}

/* --- help and manual */

static void test_help(void)
{
	struct buf help = BUF_INIT, line = BUF_INIT;
	const struct option *o;

	option_help(&help);
	for (size_t i = 0; (o = option_at(i)) != NULL; i++) {
		buf_reset(&line);
		if (o->letter != '\0')
			buf_addf(&line, "\n  -%c, --%s", o->letter, o->name);
		else
			buf_addf(&line, "\n      --%s", o->name);
		ok(strstr(buf_cstr(&help), buf_cstr(&line)) != NULL, "--help has --%s",
		   o->name);
	}
	buf_clear(&help);
	buf_clear(&line);
}

/* "--bar" and "-P" as the manual page writes them: a line "Fl Fl bar", "Fl P". */
static bool man_has(const char *man, struct bytes alias)
{
	bool is_long = alias.len > 2, found = false;
	struct buf line = BUF_INIT;
	const char *at = man;

	buf_adds(&line, is_long ? "\n.Fl Fl " : "\n.Fl ");
	buf_add(&line, alias.p + 1 + is_long, alias.len - 1 - is_long);
	while (!found && (at = strstr(at, buf_cstr(&line))) != NULL) {
		at += line.len;
		found = *at == '\n' || *at == ' ';
	}
	buf_clear(&line);
	return found;
}

static void test_aliases(void)
{
	struct buf path = BUF_INIT;
	char *man = calloc(1, 1 << 20);
	const struct option *o;
	FILE *f;

	buf_addf(&path, "%s/man/volley.1", getenv("TOP_SRCDIR"));
	f = fopen(buf_cstr(&path), "r");
	ok(f != NULL && fread(man, 1, (1 << 20) - 1, f) > 0, "the manual page can be read");
	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		for (const char *rest = o->aliases; rest != NULL && *rest != '\0';) {
			struct bytes alias = option_list_next(&rest);

			ok(man_has(man, alias), "the manual page has %.*s", (int)alias.len,
			   alias.p);
		}
	if (f != NULL)
		fclose(f);
	free(man);
	buf_clear(&path);
}

int main(void)
{
	test_columns();
	test_pairs();
	test_decisions();
	test_help();
	test_aliases();
	return done_testing();
}
