/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/given.h"
#include "cli/runfile.h"
#include "event/reader.h"
#include "tap.h"

static char path[] = "/tmp/volley-runfile.XXXXXX";

static void write_file(const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(text, 1, len, f) != len || fclose(f) != 0)
		exit(99);
}

/* A command line with its run files, and the settings that they make. */
struct call {
	struct arena *arena;
	struct given_list line, given;
	struct settings s;
};

/* argv ends with NULL. */
static int merge(struct call *c, char **argv, struct err *err)
{
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	c->arena = arena_new();
	given_init(&c->line, c->arena);
	given_init(&c->given, c->arena);
	settings_init(&c->s);
	if (argv_parse(&c->line, argc, argv, err) < 0 ||
	    runfile_merge(&c->line, &c->given, err) < 0)
		return -1;
	return given_apply(&c->given, &c->s, err);
}

static void clear(struct call *c)
{
	settings_clear(&c->s);
	given_clear(&c->given);
	given_clear(&c->line);
	arena_free(c->arena);
}

static int merge_text(struct call *c, const char *text, struct err *err)
{
	static char *argv[] = {(char *)"volley", (char *)"--run", path, NULL};

	write_file(text, strlen(text));
	return merge(c, argv, err);
}

/* The message without the file's name, whose length is fixed. */
static void refused(const char *text, const char *message, const char *name)
{
	struct call c;
	struct err err = {0};
	int result = merge_text(&c, text, &err);

	ok(result < 0 && err.status == STATUS_USAGE, "%s is refused", name);
	is(strncmp(err.text, path, strlen(path)) == 0 ? err.text + strlen(path) : err.text,
	   message, "%s is told", name);
	clear(&c);
}

/* --- the table */

static bool is_key(const char *name)
{
	struct buf text = BUF_INIT;
	struct err err = {0};
	struct call c;

	buf_addf(&text, "%s: 1\n", name);
	merge_text(&c, buf_cstr(&text), &err);
	clear(&c);
	buf_clear(&text);
	return strstr(err.text, " is for the command line, not for a run file") == NULL;
}

static void test_table(void)
{
	static const char *const exceptions[] = {"run", "print-run-file", "help",
						 "version"};
	const struct option *o;
	size_t excepted = 0;

	for (size_t i = 0; (o = option_at(i)) != NULL; i++) {
		bool listed = false;

		for (size_t k = 0; k < sizeof exceptions / sizeof *exceptions; k++)
			listed |= strcmp(o->name, exceptions[k]) == 0;
		excepted += listed;
		ok(is_key(o->name) == !listed, "--%s is %s run file", o->name,
		   listed ? "nothing for a" : "a key of the");
	}
	is_int(excepted, sizeof exceptions / sizeof *exceptions,
	       "all exceptions are options");
}

/* --- errors */

static void test_errors(void)
{
	refused("command: x\njbos: 2\n", ":2:1: unknown key 'jbos' (did you mean 'jobs'?)",
		"an unknown key");
	refused("wd: /\n", ":1:1: unknown key 'wd' (did you mean 'workdir'?)",
		"an option's other name");
	refused("quux: 1\n", ":1:1: unknown key 'quux'; see volley-run(5)",
		"a key that is like no other");
	refused("help: yes\n", ":1:1: 'help' is for the command line, not for a run file",
		"an option that is none of the run file's");
	refused("jobs: 1\ncommand: a\njobs: 2\n",
		":3:1: key 'jobs' given twice (first on line 1)", "a key given twice");
	refused("jobs:\n", ":1:6: 'jobs' has no value; write '' for an empty one",
		"a key without a value");
	refused("jobs: [1]\n", ":1:7: 'jobs' is one value, not a list",
		"a list for a value");
	refused("argv: echo\n", ":1:7: 'argv' is a list, not a text", "a text for a list");
	refused("argv: []\n", ":1:7: 'argv' is empty", "a command of no words");
	refused("env: [A]\n", ":1:6: 'env' is a mapping of names to values, not a list",
		"a list for a mapping");
	refused("env: {A: 1, A: 2}\n", ":1:13: key 'A' given twice (first on line 1)",
		"a name given twice");
	refused("env: {A: 1, 2x: 1}\n",
		":1:13: env: 2x=1: write NAME=TEXT; a name is of letters, digits and _",
		"a name that is none");
	refused("env:\n  A: {}\n", ":2:6: 'A' is one value, not a mapping",
		"a mapping in a mapping");
	refused("keep-order: maybe\n", ":1:13: 'keep-order' is yes or no, not 'maybe'",
		"a flag that is neither yes nor no");
	refused("delay: 3x\n",
		":1:8: delay: 3x: not a duration; write 0.5, 30s, 1m30s, 2h",
		"a bad value");
	refused("only: 3-\n\njobs: 2\nmax-args: x\n", ":4:11: max-args: x: not a number",
		"a bad number");
	refused("jobs: 3\nonly: a\n",
		":2:7: only: a: not a list of event numbers; write 3,7-9,20-",
		"a list of numbers");
	refused("events: [a]\ninput: f\n", ":2:8: 'events' and 'input' exclude each other",
		"two sources of events");
	refused("command: a\nargv: [a]\n",
		":2:7: 'command' and 'argv' exclude each other", "two commands");
	refused("events: a\n", ":1:9: 'events' is a list of events, not a text",
		"events that are a text");
	refused("sources: []\n", ":1:10: 'sources' is empty", "no source");
	refused("sources:\n- {}\n",
		":2:3: a source is an input or values; this has neither",
		"an empty source");
	refused("sources:\n- {input: a, values: [b]}\n",
		":2:14: a source is either an input or values", "a double source");
	refused("sources:\n- {file: a}\n",
		":2:4: unknown key 'file' of a source (there are: input, values)",
		"an unknown key of a source");
	refused("[a]: b\n", ":1:1: a key is a word, not a list", "a key that is a list");
	refused("- a\n", ":1:1: a run file is a mapping: lines 'key: value'", "a list");
	refused("# nothing\n", ": the run file is empty", "an empty file");
	refused("jobs: 1\n---\njobs: 2\n",
		":2:1: a run file is one document; remove what follows '---'",
		"a second document");
	refused("jobs: 1\n\tcommand: a\n", ":2:1: a tab in the indentation; use blanks",
		"wrong syntax");
	refused("jobs: 1\ncommand: '\x01'\n",
		":2:11: control character U+0001; write it as \"\\u0001\" in double quotes",
		"a control character");
	refused("command: \"a\\0b\"\n", ":1:10: NUL (\\0) in a value; no argument can hold it",
		"a NUL");
	refused("command: caf\xe9\n",
		":1:13: not UTF-8 (byte e9); convert the input to UTF-8", "Latin-1");
	refused("jobs: &a 1\nworkdir: *a\n",
		":1:7: anchor '&a' is not supported; quote a value that begins with '&'",
		"an anchor");
	refused("jobs: *a\n",
		":1:7: alias '*a' is not supported; quote a value that begins with '*'",
		"an alias");
	refused("jobs: !!set 1\n",
		":1:7: tag '!!set' is not supported, only !!str, !!int, !!float, "
		"!!bool, !!null, !!map and !!seq; quote a value that begins with '!'",
		"a tag");
}

/* --- attacks: time would tell, as the tests are under a limit of time */

static void refused_long(const char *start, const char *again, size_t n,
			 const char *message, const char *name)
{
	struct buf text = BUF_INIT;

	buf_adds(&text, start);
	for (size_t i = 0; i < n; i++)
		buf_adds(&text, again);
	refused(buf_cstr(&text), message, name);
	buf_clear(&text);
}

static void test_attacks(void)
{
	struct buf bomb = BUF_INIT;

	buf_adds(&bomb, "events:\n- &a [x,x,x,x,x,x,x,x,x]\n");
	for (char c = 'b'; c <= 'j'; c++) {
		buf_addf(&bomb, "- &%c [", c);
		for (int i = 0; i < 9; i++)
			buf_addf(&bomb, "%s*%c", i > 0 ? "," : "", c - 1);
		buf_adds(&bomb, "]\n");
	}
	refused(buf_cstr(&bomb),
		":2:3: anchor '&a' is not supported; quote a value that begins with '&'",
		"a bomb of aliases");
	buf_clear(&bomb);
	refused_long("events: ", "[", 200000, ":1:41: nested deeper than 32 levels",
		     "a pile of lists");
	refused_long("events: ", "{a: ", 200000, ":1:137: nested deeper than 32 levels",
		     "a pile of mappings");
	refused_long("events:\n", "- ", 200000, ":2:65: nested deeper than 32 levels",
		     "a pile of block lists");
	refused_long("command: ", "xxxxxxxxx ", 300000,
		     ":1:8: what follows here is longer than 1048576 bytes; put it into a "
		     "file of its own",
		     "a huge value");
	refused_long("events: ['", "xxxxxxxxx ", 300000,
		     ":1:10: what follows here is longer than 1048576 bytes; put it into a "
		     "file of its own",
		     "a huge event");
	refused_long("", "xxxxxxxxxx", 300000,
		     ":1:1: what follows here is longer than 1048576 bytes; put it into a "
		     "file of its own",
		     "a huge key");
}

/* --- what is said where */

static void test_merging(void)
{
	static char *argv[] = {(char *)"volley", (char *)"-j2", (char *)"--env",
			       (char *)"B=line", (char *)"--no-keep-order",
			       (char *)"--no-crlf", (char *)"--run", path,
			       (char *)":::",	  (char *)"x", NULL};
	static const char text[] = "\xef\xbb\xbf# settings\njobs: 7\nworkdir: /x\n"
				   "env: {A: file, B: file}\nkeep-order: yes\ncrlf: yes\n"
				   "verbose: true\nprogress: ''\ninput: f\nargv: ['a b']\n";
	struct call c;
	struct settings *s = &c.s;
	struct err err = {0};

	write_file(text, strlen(text));
	is_int(merge(&c, argv, &err), 0, "a run file and a command line are merged");
	is(err.text, "", "without an error");
	is_int(s->jobs, 2, "the command line wins");
	is(s->template.workdir, "/x", "the file says the rest");
	ok(s->verbose && !s->sched.output.keep_order, "--no-NAME takes a flag back");
	ok(s->reader.crlf == CRLF_KEEP, "an option overrules what it excludes");
	is_int(s->nenv, 2, "variables are merged");
	is(s->env[0].value, "file", "one by one");
	is(s->env[1].value, "line", "and there too the command line wins");
	is_int(s->progress, PROGRESS_BAR, "an argument that may be missing is empty");
	ok(s->inputs.n == 1 && s->inputs.v[0].kind == INPUT_WORDS,
	   "events on the command line replace those of the file");
	ok(s->template.nwords == 1 && s->template.direct && strcmp(s->template.words[0], "a b") == 0 &&
	       s->template.words[1] == NULL,
	   "argv is words, even if there is one");
	clear(&c);

	argv[8] = (char *)"words";
	is_int(merge(&c, argv, &err), -1, "a second command is refused");
	ok(strstr(err.text, "'words': run file") == err.text, "and named");
	clear(&c);
	is_int(merge_text(&c, "jobs: 3\n", &err), 0, "a file may have no command");
	ok(s->template.nwords == 0 && s->inputs.n == 0, "and no events");
	clear(&c);
}

static void see(void *arg, const struct item *item, uint64_t line)
{
	struct arena *a = arena_new();
	struct bytes text = item_text(item, a);

	buf_addf(arg, "%llu:", (unsigned long long)line);
	buf_addb(arg, text);
	buf_adds(arg, item->kind == VALUE_BARE ? "(bare)\n" : "\n");
	arena_free(a);
}

/* All events of an INPUT_TEXT, or the error. */
static char *read_events(const struct input *in, struct buf *out)
{
	struct reader_config cfg = {.name = "f", .emit = see, .arg = out};
	struct reader *r = reader_open(&reader_yaml_ops, &cfg);
	struct err err;

	if (reader_feed(r, in->text, &err) < 0 || reader_finish(r, &err) < 0)
		buf_adds(out, err.text);
	reader_close(r);
	return buf_cstr(out);
}

static void events_are(const char *text, const char *want, const char *name)
{
	struct buf out = BUF_INIT;
	struct call c;
	struct err err = {0};

	is_int(merge_text(&c, text, &err), 0, "%s are found", name);
	is(c.s.inputs.n == 1 ? read_events(&c.s.inputs.v[0], &out) : err.text, want,
	   "%s are read, at their lines", name);
	clear(&c);
	buf_clear(&out);
}

static void test_events(void)
{
	events_are("events:\n- a\n- {b: 1}\n# last\njobs: 2\n",
		   "2:a\n3:{\"b\":1}\n", "events in the middle");
	events_are("jobs: 1\nevents:\n- a\n- 1\n", "3:a\n4:1(bare)\n", "events at the end");
	events_are("events:\n  - |\n    a\n     b\n\n  - c\n", "2:a\n b\n\n6:c\n",
		   "events that are blocks");
	events_are("{workdir: \xc3\xa9, events: [a,\n b], jobs: 1}", "1:a\n2:b\n",
		   "events in a mapping of one line");
	events_are("events: {a: b}\njobs: 1\n", "1:{\"a\":\"b\"}\n",
		   "an event that is a mapping");
	events_are("events:\n  a: b\n  c: [d]\njobs: 1\n", "2:{\"a\":\"b\",\"c\":[\"d\"]}\n",
		   "an event that is a block mapping");
	events_are("events: []\n", "", "no events");
	events_are("jobs: 1\r\nevents:\r\n- a\r\n- b\r\n", "3:a\n4:b\n",
		   "events in CRLF lines");
	events_are("{workdir: \xc3\xa9, events: [{a: 1, a: 2}]}",
		   "f:1:30: duplicate key 'a'; remove one of them",
		   "events with an error behind other characters");
	events_are("workdir: \xc3\xa9\xe2\x82\xac\nevents:\n- {a: 1, a: 2}\njobs: 1\n",
		   "f:3:10: duplicate key 'a'; remove one of them",
		   "events with an error");
}

/* --- there and back */

static uint32_t seed = 1;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static const char *const nasty[] = {
    "a",      "",	"a b",	 "no",	  "010",   "null",  "~",	"{} {x}", "- a",
    "x: y",   "#c",	"a #c",	 "'q'",	  "\"d\"", "a\nb",  "a\n\n",	"\n a",	  " lead",
    "trail ", "\ttab",	"caf\xc3\xa9", "\x01\x7f", "[a, b]", "{a: b}", "&a",	"*a",
    "!x",     "%d",	"|",	 ">",	  "@x",	   "a\\b",  "\xe2\x80\xa8", "\xc2\x85",
    "a very long text of many words that a writer of YAML would like to fold at column "
    "eighty or so, and  keeps  its  blanks",
    "\xef\xbb\xbf" "bom", "---", "...", "--- a", "? x", "1.0", "\r", "a\r\nb", "yes"};

/* What some options will have: those of which none of the above is right. */
static const char *const decent[] = {"3",    "1.5",  "1M",    "1-3",  "now,fail=1",
				     "yaml", "exit", "TERM,100,KILL,25", "x", "plain:5s",
				     "A=1",  "json", "always", "lines", "50%", "job", "auto"};

static const char *any_text(void)
{
	return nasty[pick(sizeof nasty / sizeof *nasty)];
}

/* A value that the option accepts, in a, or NULL when it was none this time. */
static const char *value_for(const struct option *o, struct arena *a)
{
	enum { NDECENT = sizeof decent / sizeof *decent };
	bool accepted = false;
	const char *text;
	struct settings s;
	struct err err;

	if (o->yaml == YAML_MAP) {
		struct buf pair = BUF_INIT;

		buf_addf(&pair, "%c=%s", "ABC"[pick(3)], any_text());
		text = arena_str(a, buf_cstr(&pair));
		buf_clear(&pair);
		return text;
	}
	for (unsigned i = 0, first = pick(NDECENT); i <= NDECENT && !accepted; i++) {
		text = i == 0 ? any_text() : decent[(first + i) % NDECENT];
		settings_init(&s);
		accepted = o->parse(&s, &(struct given){.option = o, .arg = text}, &err) == 0;
		settings_clear(&s);
	}
	if (!accepted)
		ok(false, "no value for --%s: add one to \"decent\"", o->name);
	return accepted ? text : NULL;
}

static void add_option(struct buf *line, const struct option *o, struct arena *a)
{
	const char *value = o->arg != NULL ? value_for(o, a) : NULL;

	if (o->arg != NULL && value == NULL)
		return;
	buf_addf(line, "--%s%s", o->parse == parse_flag && pick(4) == 0 ? "no-" : "",
		 o->name);
	if (value != NULL && !(o->arg_optional && pick(2) == 0))
		buf_addf(line, "=%s", value);
	buf_addc(line, '\0');
}

static void add_words(struct buf *line)
{
	for (uint32_t n = pick(4); n > 0; n--) {
		const char *word = any_text();

		buf_adds(line, word[0] == '-' ? "x" : "");
		buf_addf(line, "%s%c", word, '\0');
	}
}

/* A command line at random: its words, one behind the other, each ended by NUL. */
static void invent(struct buf *line, struct arena *a)
{
	const struct option *o;

	buf_addf(line, "volley%c", '\0');
	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		if (o->yaml != YAML_NOT && pick(4) == 0)
			add_option(line, o, a);
	add_words(line);
	for (uint32_t n = pick(3); n > 0; n--) {
		buf_addf(line, "%s%c", ":::", '\0');
		add_words(line);
	}
	if (pick(4) == 0)
		buf_addf(line, "::::%cf%c-%c", '\0', '\0', '\0');
}

static char **split(const struct buf *line, struct arena *a)
{
	char **argv = arena_alloc(a, (line->len + 1) * sizeof *argv);
	size_t n = 0;

	for (size_t at = 0; at < line->len; at += strlen(line->data + at) + 1)
		argv[n++] = line->data + at;
	argv[n] = NULL;
	return argv;
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_words(char *const *a, size_t na, char *const *b, size_t nb)
{
	for (size_t i = 0; na == nb && i < na; i++)
		if (!same_text(a[i], b[i]))
			return false;
	return na == nb;
}

static const struct given *last(const struct given_list *l, const struct option *o)
{
	for (size_t i = l->n; i-- > 0;)
		if (l->v[i].option == o && !l->v[i].implied)
			return &l->v[i];
	return NULL;
}

/* Variables and sources are compared in the settings. */
static bool same_given(const struct option *o, const struct call *a, const struct call *b)
{
	const struct given *ga = last(&a->given, o), *gb = last(&b->given, o);

	if (ga == NULL || gb == NULL || o->yaml != YAML_DEFAULT)
		return ga == gb || o->yaml != YAML_DEFAULT;
	return ga->off == gb->off && same_text(ga->arg, gb->arg);
}

/* The values of ::: come back as events. */
static bool same_events(const struct input *words, const struct input *text)
{
	struct buf got = BUF_INIT;
	struct reader_config cfg = {.name = "f", .emit = see, .arg = &got};
	struct reader *r = reader_open(&reader_yaml_ops, &cfg);
	struct err err;
	char *at;
	bool same;

	same = reader_feed(r, text->text, &err) == 0 && reader_finish(r, &err) == 0;
	reader_close(r);
	at = buf_cstr(&got);
	for (size_t i = 0; same && i < words->nwords; i++) { /* but for the line */
		at = strchr(at, ':');
		same = at++ != NULL && strncmp(at, words->words[i],
					       strlen(words->words[i])) == 0;
		at += same ? strlen(words->words[i]) : 0;
		same = same && *at++ == '\n';
	}
	same = same && *at == '\0';
	buf_clear(&got);
	return same;
}

static bool same_input(const struct input *a, const struct input *b)
{
	if (a->kind == INPUT_WORDS && b->kind == INPUT_TEXT)
		return same_events(a, b);
	return a->kind == b->kind && same_text(a->path, b->path) &&
	       same_words(a->words, a->nwords, b->words, b->nwords);
}

static const char *difference(const struct call *ca, const struct call *cb)
{
	const struct settings *a = &ca->s, *b = &cb->s;
	const struct option *o;

	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		if (!same_given(o, ca, cb))
			return o->name;
	if (!same_words(a->template.words, a->template.nwords, b->template.words,
			b->template.nwords))
		return "words";
	if (a->progress != b->progress || a->progress_ns != b->progress_ns)
		return "progress";
	if (a->nenv != b->nenv || a->inputs.n != b->inputs.n)
		return "how many variables or sources";
	for (size_t i = 0; i < a->nenv; i++)
		for (size_t k = 0; k < b->nenv; k++)
			if (strcmp(a->env[i].name, b->env[k].name) == 0 &&
			    strcmp(a->env[i].value, b->env[k].value) != 0)
				return "a variable";
	for (size_t i = 0; i < a->inputs.n; i++)
		if (!same_input(&a->inputs.v[i], &b->inputs.v[i]))
			return "a source";
	return NULL;
}

/* Print what a command line says, load that, and compare. */
static const char *round_trip(char **argv, struct buf *text, struct err *err)
{
	static char *load[] = {(char *)"volley", (char *)"--run", path, NULL};
	struct call a, b;
	struct buf again = BUF_INIT;
	const char *result = err->text;

	if (merge(&a, argv, err) < 0 || runfile_print(&a.given, text, err) < 0) {
		clear(&a);
		return err->text;
	}
	write_file(text->data, text->len);
	if (merge(&b, load, err) == 0)
		result = difference(&a, &b);
	if (result == NULL && (runfile_print(&b.given, &again, err) < 0 ||
			       strcmp(buf_cstr(text), buf_cstr(&again)) != 0))
		result = "the second print";
	clear(&a);
	clear(&b);
	buf_clear(&again);
	return result;
}

static void test_round_trips(void)
{
	enum { TRIPS = 300 };
	int good = 0;

	for (int i = 0; i < TRIPS; i++) {
		struct arena *a = arena_new();
		struct buf line = BUF_INIT, text = BUF_INIT;
		struct err err = {0};
		const char *result;
		char **argv;

		if (i == 0) /* a command line of no words too */
			buf_addf(&line, "volley%c", '\0');
		else
			invent(&line, a);
		argv = split(&line, a);
		result = round_trip(argv, &text, &err);
		good += result == NULL;
		if (result != NULL && good == i) {
			printf("# trip %d: %s\n", i, result);
			for (char **w = argv; *w != NULL; w++)
				tap_show("word", *w);
			tap_show("file", buf_cstr(&text));
		}
		buf_clear(&line);
		buf_clear(&text);
		arena_free(a);
	}
	is_int(good, TRIPS, "a printed run file says what the command line said");
}

static void test_print_errors(void)
{
	static char *argv[] = {(char *)"volley", (char *)"echo", (char *)"\xff", NULL};
	struct buf out = BUF_INIT;
	struct call c;
	struct err err;

	is_int(merge(&c, argv, &err), 0, "bytes that are not UTF-8 are fine as a word");
	is_int(runfile_print(&c.given, &out, &err), -1, "but cannot be printed");
	ok(strstr(err.text, "not UTF-8") != NULL, "and that is told");
	clear(&c);
	buf_clear(&out);
}

int main(void)
{
	close(mkstemp(path));
	test_table();
	test_errors();
	test_attacks();
	test_merging();
	test_events();
	test_round_trips();
	test_print_errors();
	unlink(path);
	return done_testing();
}
