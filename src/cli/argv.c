/* SPDX-License-Identifier: ISC */

/* The command line as a list of given options: splits words such as -kj4 and
 * --jobs=4 by the table, finds the command and the sources after it, and advises on
 * options that volley does not have.  Nothing is parsed further here. */

#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "cli/given.h"
#include "command/quote.h"

struct cursor {
	int argc, at;
	char *const *argv;
};

/* --- options that do not exist */

/* Known from xargs and GNU parallel, with what to do instead. */
static const struct {
	const char *spellings; /* with a blank on either side */
	const char *advice;
} foreign[] = {
    {" --pipe --pipepart --block ", "volley does not cut one input into blocks"},
    {" --sshlogin --sshloginfile -S --controlmaster --transfer --return --cleanup ",
     "jobs run on this machine; the command may be ssh"},
    {" --eta ", "the bar tells it; --bar draws one where there is no terminal"},
    {" --xargs -X -m ", "-n N gives each job N events"},
    {" -L -l --max-lines ", "an event is a line; -n N gives each job N of them"},
    {" --quote -q ", "there is no need: words and values are passed as they are"},
    {" --will-cite --citation ", "there is no need"},
    {" --retry-failed ", "it is --resume-failed with --joblog"},
    {" --group ", "output is grouped unless -u or --line-buffer is given"},
    {" --semaphore --fg --bg ", "--lock FILE keeps runs apart"},
};

/* NULL: it is none of these. */
static const char *foreign_advice(const char *spelling, size_t len)
{
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
		const char *at = foreign[i].spellings;

		while ((at = memmem(at, strlen(at), spelling, len)) != NULL) {
			if (at[-1] == ' ' && at[len] == ' ')
				return foreign[i].advice;
			at++;
		}
	}
	return NULL;
}

static int unknown(const char *word, size_t len, struct err *err)
{
	const char *advice = foreign_advice(word, len);

	if (advice != NULL)
		return err_usage(err, "there is no %.*s: %s", (int)len, word, advice);
	return err_usage(err, "unknown option '%.*s'; see volley --help", (int)len, word);
}

static int unknown_long(const char *word, size_t len, struct err *err)
{
	const struct option *o;
	struct suggestion near;

	suggest_begin(&near, (struct bytes){word + 2, len - 2});
	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		suggest_try(&near, o->name);
	if (near.best == NULL || foreign_advice(word, len) != NULL)
		return unknown(word, len, err);
	return err_usage(err, "unknown option '%.*s' (did you mean '--%s'?)", (int)len,
			 word, near.best);
}

static int missing_argument(const struct option *o, const char *spelling,
			    struct err *err)
{
	return err_usage(err, "%s needs an argument: %s", spelling, o->arg);
}

/* --- options */

static int add_negated(struct given_list *l, struct cursor *c, const char *word, size_t len,
		       struct err *err)
{
	const struct option *o = option_negated(word, len);

	if (o == NULL)
		return unknown_long(word, len, err);
	if (word[len] == '=')
		return err_usage(err, "%.*s takes no argument", (int)len, word);
	given_add(l, &(struct given){.option = o, .spelling = word, .off = true,
				     .word = c->at - 1, .nwords = 1});
	return 0;
}

/* "--keep-order", "--jobs 4", "--jobs=4", "--header :". */
static int parse_long(struct given_list *l, struct cursor *c, struct err *err)
{
	const char *word = c->argv[c->at++];
	size_t len = strcspn(word, "=");
	const struct option *o = option_long(word, len);
	struct given g = {.option = o, .word = c->at - 1};

	if (o == NULL)
		return add_negated(l, c, word, len, err);
	g.spelling = arena_dup(l->arena, word, len);
	if (word[len] == '=') {
		g.arg = word + len + 1;
		if (o->arg == NULL || (o->arg_optional && option_has_alias(o, word, len)))
			return err_usage(err, "%s takes no argument", g.spelling);
	} else if (o->arg != NULL && !o->arg_optional) {
		if (c->at == c->argc)
			return missing_argument(o, word, err);
		g.arg = c->argv[c->at++];
	} else if (o->swallow != NULL && c->at < c->argc &&
		   strcmp(c->argv[c->at], o->swallow) == 0) {
		c->at++;
	}
	g.nwords = c->at - g.word;
	given_add(l, &g);
	return 0;
}

/* "-k", "-kj4", "-j4", "-j 4". */
static int parse_short(struct given_list *l, struct cursor *c, struct err *err)
{
	const char *letters = c->argv[c->at++] + 1;

	for (; *letters != '\0'; letters++) {
		const struct option *o = option_short(*letters);
		char spelling[3] = {'-', *letters, '\0'};
		struct given g = {.option = o};

		if (o == NULL)
			return unknown(spelling, 2, err);
		if (o->arg != NULL) {
			g.arg = letters + 1;
			if (*g.arg == '\0' && c->at == c->argc)
				return missing_argument(o, spelling, err);
			if (*g.arg == '\0')
				g.arg = c->argv[c->at++];
		}
		g.spelling = arena_str(l->arena, spelling);
		given_add(l, &g);
		if (o->arg != NULL)
			break;
	}
	return 0;
}

static int parse_options(struct given_list *l, struct cursor *c, struct err *err)
{
	while (c->at < c->argc) {
		const char *word = c->argv[c->at];

		if (word[0] != '-' || word[1] == '\0')
			return 0;
		if (strcmp(word, "--") == 0) {
			l->literal = true;
			c->at++;
			return 0;
		}
		if ((word[1] == '-' ? parse_long(l, c, err) : parse_short(l, c, err)) < 0)
			return -1;
	}
	return 0;
}

/* --- sources */

static bool is_separator(const char *word)
{
	return strcmp(word, ":::") == 0 || strcmp(word, "::::") == 0 ||
	       strcmp(word, ":::+") == 0 || strcmp(word, "::::+") == 0;
}

/* The words after one separator: a source, or one for each file. */
static void add_source(struct given_list *l, const char *separator, char **words, size_t n)
{
	bool files = strncmp(separator, "::::", 4) == 0;
	bool linked = separator[strlen(separator) - 1] == '+';

	if (!files)
		inputs_add(&l->inputs, (struct input){.kind = INPUT_WORDS, .words = words,
						      .nwords = n, .linked = linked});
	for (size_t i = 0; files && i < n; i++)
		inputs_add(&l->inputs, (struct input){.kind = INPUT_FILE, .path = words[i],
						      .linked = linked});
}

static int parse_sources(struct given_list *l, struct cursor *c, struct err *err)
{
	while (c->at < c->argc) {
		const char *separator = c->argv[c->at++];
		int first = c->at;

		while (c->at < c->argc && !is_separator(c->argv[c->at]))
			c->at++;
		if (strncmp(separator, "::::", 4) == 0 && first == c->at)
			return err_usage(err, "%s needs the name of a file", separator);
		if (separator[strlen(separator) - 1] == '+' && !given_has_inputs(l))
			return err_usage(err,
					 "%s has nothing before it to be linked with; begin "
					 "with ::: or ::::",
					 separator);
		add_source(l, separator, (char **)c->argv + first, (size_t)(c->at - first));
	}
	return 0;
}

int argv_parse(struct given_list *l, int argc, char *const *argv, struct err *err)
{
	struct cursor c = {argc, 1, argv};
	int first;

	l->argv = argv;
	l->argc = argc;
	if (parse_options(l, &c, err) < 0)
		return -1;
	first = l->options_end = c.at;
	while (c.at < argc && !is_separator(argv[c.at]))
		c.at++;
	if (c.at > first) {
		l->words = (char **)argv + first;
		l->nwords = (size_t)(c.at - first);
	}
	return parse_sources(l, &c, err);
}

/* --- the command line again */

/* Is the word of an option that is left out? */
static bool is_left_out(const struct given_list *l, int word, const char *option)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct given *g = &l->v[i];

		if (word >= g->word && word < g->word + g->nwords &&
		    strcmp(g->option->name, option) == 0)
			return true;
	}
	return false;
}

void argv_again(const struct given_list *l, const char *without, struct buf *before,
		struct buf *after)
{
	int split = l->options_end - l->literal;

	for (int i = 0; i < l->argc; i++) {
		struct buf *out = i < split ? before : after;

		if (i > 0 && i < split && is_left_out(l, i, without))
			continue;
		if (out->len > 0)
			buf_addc(out, ' ');
		quote_word(out, bytes_str(i == 0 ? "volley" : l->argv[i]));
	}
}
