/* SPDX-License-Identifier: ISC */

/* Checks a command as a whole: words that are code for another program, before the
 * first job; and values that a shell line may evaluate though no placeholder puts them
 * there, for each job. */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "command/environment.h"
#include "command/quote.h"
#include "command/shell/interpreters.h"
#include "command/shell/token.h"
#include "command/template.h"

/* --- a command without a shell */

static struct code_word code_word(const struct word *w, const struct placeholders *all,
				  struct arena *a)
{
	struct code_word code = {.refs = arena_alloc(a, (w->n + 1) * sizeof *code.refs)};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < w->n; i++) {
		const struct placeholder *p;

		if (w->pieces[i].text.p != NULL) {
			buf_addb(&text, w->pieces[i].text);
			continue;
		}
		p = &all->v[w->pieces[i].id];
		buf_addc(&text, WORD_REF);
		code.refs[code.n++] = (struct code_ref){
		    .name = arena_dup(a, p->spelling.p, p->spelling.len),
		    .sh = p->form == FORM_SH,
		    .waived = p->form == FORM_EVAL};
	}
	code.text = arena_bytes(a, (struct bytes){text.len > 0 ? text.data : "", text.len});
	buf_clear(&text);
	return code;
}

int template_check_words(const struct template *t, struct strv *warnings, struct err *err)
{
	struct code_word *code = arena_alloc(t->arena, (t->nwords + 1) * sizeof *code);
	struct code_check check = {t->arena, warnings, err, t->cfg.allow_nested};

	for (size_t i = 0; i < t->nwords; i++)
		code[i] = code_word(&t->words[i], &t->placeholders, t->arena);
	return code_check_words(&check, code, t->nwords);
}

void template_warn_of_operators(const struct template *t)
{
	char *const *words = t->cfg.words;
	static const char *const operators[] = {"|", ">", ">>", "<", "&&", "||", "2>&1"};
	struct buf line = BUF_INIT, quoted = BUF_INIT;
	const char *found = NULL;

	for (size_t i = 0; i < t->cfg.nwords; i++) {
		buf_addf(&line, "%s%s", i > 0 ? " " : "", words[i]);
		for (size_t k = 0; k < sizeof operators / sizeof operators[0]; k++)
			if (strcmp(words[i], operators[k]) == 0 && found == NULL)
				found = operators[k];
	}
	if (found != NULL) {
		quote_always(&quoted, buf_bytes(&line));
		msg_print("'%s' is passed to %s as an argument; for the shell to see it, "
			  "write one word: volley %s (or write -- before the "
			  "command if this is intended)",
			  found, words[0], buf_cstr(&quoted));
	}
	buf_clear(&line);
	buf_clear(&quoted);
}

/* --- a shell line */

/* {X:eval} somewhere in the line waives the check of X everywhere; so does {X:raw},
 * with which X is pasted anyway. */
bool template_waives(const struct template *t, const struct placeholder *p)
{
	for (size_t i = 0; i < t->nwaived; i++) {
		const struct placeholder *w = &t->waived[i];

		if (w->what == PLACEHOLDER_EVENT ||
		    (w->what == p->what && w->nth == p->nth && bytes_eq(w->name, p->name)))
			return true;
	}
	return false;
}

void template_find_waived(struct template *t, const struct placeholder_scope *scope,
			const char *line)
{
	struct placeholder p;
	struct err ignored;

	t->waived = arena_alloc(t->arena, (strlen(line) + 1) * sizeof *t->waived);
	t->nwaived = 0;
	if (strstr(line, ":eval") == NULL && strstr(line, ":raw") == NULL)
		return;
	for (const char *at = line; (at = strchr(at, '{')) != NULL; at++)
		if (placeholder_match(scope, bytes_str(at), &p, &ignored) > 0 &&
		    (p.form == FORM_EVAL || p.form == FORM_RAW))
			t->waived[t->nwaived++] = p;
}

int template_check_parameters(const struct template *t, char *const *parameters,
			    struct err *err)
{
	for (size_t i = 0; parameters != NULL && parameters[i] != NULL; i++)
		if (shell_check_value(t->line, "a word after the line", NULL,
				      bytes_str(parameters[i]), err) < 0)
			return -1;
	return 0;
}

static int check_field(const struct template *t, const struct field *f, struct err *err)
{
	struct placeholder p = {.what = PLACEHOLDER_FIELD, .name = f->name};
	char what[256], spelling[256];

	if (f->name.p == NULL || !environment_is_name(f->name) || template_waives(t, &p) ||
	    (t->cfg.event_options && bytes_is(f->name, "volley")))
		return 0;
	snprintf(what, sizeof what, "the field '%.*s'", (int)f->name.len, f->name.p);
	snprintf(spelling, sizeof spelling, "{%.*s}", (int)f->name.len, f->name.p);
	return shell_check_value(t->line, what, spelling, f->value, err);
}

static int check_fields(const struct template *t, const struct bindings *job, struct err *err)
{
	const struct event *e = job->events[0];

	for (size_t i = 0; job->nevents == 1 && i < e->nitems; i++)
		for (size_t f = 0; f < e->items[i].nfields; f++)
			if (check_field(t, &e->items[i].fields[f], err) < 0)
				return -1;
	return 0;
}

/* Does the value of a chosen variable depend on the event?  name: the length of its
 * name. */
static bool varies(const struct template *t, const struct command *out, const char *variable,
		   size_t name)
{
	for (size_t i = 0; i < out->options.nenv; i++)
		if (out->options.env[i] == variable)
			return true;
	for (size_t i = 0; i < t->cfg.nenv; i++)
		if (strlen(t->cfg.env[i].name) == name &&
		    memcmp(t->cfg.env[i].name, variable, name) == 0)
			return word_has_placeholder(&t->env[i]);
	return true;
}

/* The chosen variables, except those whose text the user fixed. */
static int check_variables(const struct template *t, const struct command *out,
			   struct err *err)
{
	char what[256];

	for (size_t i = 0; i < out->nchosen; i++) {
		const char *equals = strchr(out->env[i], '=');
		size_t n = (size_t)(equals - out->env[i]);

		if (!varies(t, out, out->env[i], n))
			continue;
		snprintf(what, sizeof what, "the variable %.*s", (int)n, out->env[i]);
		if (shell_check_value(t->line, what, NULL, bytes_str(equals + 1), err) < 0)
			return -1;
	}
	return 0;
}

/* What an event sets is never fixed text. */
static int check_names(const struct template *t, const struct command *out, struct err *err)
{
	for (size_t i = 0; i < out->options.nenv; i++) {
		const char *variable = out->options.env[i];
		struct bytes name = {variable, strcspn(variable, "=")};

		if (shell_name_kind(&t->answers.dialect, name) != NAME_ORDINARY)
			return err_set(err,
				       "the event's env sets %.*s, which the shell itself uses",
				       (int)name.len, name.p);
	}
	return 0;
}

int template_check_context(const struct template *t, const struct bindings *job,
			 const struct command *out, struct err *err)
{
	if (t->kind != TEMPLATE_WORDS && check_names(t, out, err) < 0)
		return -1;
	if (t->kind != TEMPLATE_LINE || !shell_evaluates(t->line))
		return 0;
	if (check_fields(t, job, err) < 0 || check_variables(t, out, err) < 0)
		return -1;
	if (out->dir != NULL && (out->options.workdir != NULL ||
				 word_has_placeholder(&t->dir)) &&
	    shell_check_value(t->line, "the directory", NULL, bytes_str(out->dir), err) < 0)
		return -1;
	if (out->input.p != NULL &&
	    (out->options.input.p != NULL || word_has_placeholder(&t->input)))
		return shell_check_value(t->line, "standard input", NULL, out->input, err);
	return 0;
}
