/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "command/context.h"
#include "command/environment.h"
#include "command/quote.h"

/* --- compiling */

/* A text is one text: {} in it is all of the event, also where it stands alone. */
static int compile_text(const char *text, const struct placeholder_scope *scope,
			struct placeholders *all, struct arena *a, struct word *out,
			struct err *err)
{
	if (word_compile_text(text, scope, all, a, out, err) < 0)
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		struct placeholder *p;

		if (out->pieces[i].text.p != NULL)
			continue;
		p = &all->v[out->pieces[i].id];
		if (p->form == FORM_RAW)
			return err_usage(err, "%.*s: {...:raw} is for shell lines",
					 (int)p->spelling.len, p->spelling.p);
		p->split = false;
	}
	return 0;
}

int context_compile(struct context *c, const struct template_config *cfg,
		    const struct placeholder_scope *scope, struct placeholders *all,
		    struct arena *a, struct err *err)
{
	struct placeholder_scope of_job = *scope;

	of_job.no_event = false;
	*c = (struct context){.cfg = cfg, .volley = getpid()};
	if (cfg->workdir != NULL &&
	    compile_text(cfg->workdir, scope, all, a, &c->dir, err) < 0)
		return -1;
	if (cfg->input != NULL &&
	    compile_text(cfg->input, &of_job, all, a, &c->input, err) < 0)
		return -1;
	c->env = arena_alloc(a, (cfg->nenv + 1) * sizeof *c->env);
	for (size_t i = 0; i < cfg->nenv; i++)
		if (compile_text(cfg->env[i].value, scope, all, a, &c->env[i], err) < 0)
			return -1;
	return 0;
}

int context_check_names(const struct context *c, const struct shell_dialect *dialect,
			struct err *err)
{
	for (size_t i = 0; i < c->cfg->nenv; i++)
		if (word_has_placeholder(&c->env[i]) &&
		    shell_name_kind(dialect, bytes_str(c->cfg->env[i].name)) != NAME_ORDINARY)
			return err_usage(err,
					 "--env %s: the shell itself uses this variable, so it "
					 "takes fixed text only; choose another name",
					 c->cfg->env[i].name);
	return 0;
}

bool context_variable_varies(const struct context *c, const struct command *out,
			     const char *variable, size_t name)
{
	for (size_t i = 0; i < out->options.nenv; i++)
		if (out->options.env[i] == variable)
			return true;
	for (size_t i = 0; i < c->cfg->nenv; i++)
		if (strlen(c->cfg->env[i].name) == name &&
		    memcmp(c->cfg->env[i].name, variable, name) == 0)
			return word_has_placeholder(&c->env[i]);
	return true;
}

/* --- expanding */

static int expand_input(const struct context *c, const struct placeholders *all,
			const struct bindings *b, struct arena *a, struct command *out,
			struct err *err)
{
	struct buf text = BUF_INIT;
	int result;

	out->input = out->options.input;
	if (c->cfg->input == NULL || out->input.p != NULL)
		return 0;
	result = word_add_all(&c->input, all, b, '\n', a, &text, err);
	out->input = (struct bytes){arena_dup(a, text.data, text.len), text.len};
	buf_clear(&text);
	return result;
}

/* What a worker cannot be given for one event. */
static int check_line(const struct command *out, struct err *err)
{
	if (memchr(out->input.p, '\n', out->input.len) != NULL)
		return err_set(err, "the event has a newline in it, so it cannot be one line "
				    "for a worker; send it as JSON: --stdin '{:json}'");
	if (out->options.workdir != NULL || out->options.nenv > 0)
		return err_set(err, "an event's own workdir and env are not for workers, "
				    "which run already");
	return 0;
}

static int check_variable(const char *name, const struct buf *text, struct err *err)
{
	if (memchr(text->data, '\0', text->len) != NULL)
		return err_set(err, "the value for the variable %s holds a NUL byte", name);
	if (text->len >= ENVIRONMENT_MAX_STRING)
		return err_set(err,
			       "the value for the variable %s is too long: the kernel takes "
			       "at most %d bytes; pass it through a file or stdin",
			       name, ENVIRONMENT_MAX_STRING - 1);
	return 0;
}

static char *expand_variable(const struct context *c, size_t i,
			     const struct placeholders *all, const struct bindings *b,
			     struct arena *a, struct err *err)
{
	const char *name = c->cfg->env[i].name;
	struct buf text = BUF_INIT;
	char *variable = NULL;

	buf_addf(&text, "%s=", name);
	if (word_add_all(&c->env[i], all, b, ' ', a, &text, err) == 0 &&
	    check_variable(name, &text, err) == 0)
		variable = arena_dup(a, text.data, text.len);
	buf_clear(&text);
	return variable;
}

static bool is_among(const char *variable, char *const *v, size_t n)
{
	size_t name = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < n; i++)
		if (strncmp(variable, v[i], name) == 0)
			return true;
	return false;
}

/* The field with the event's own options is no value for the job. */
static void drop_options(char **env)
{
	char **to = env;

	for (; *env != NULL; env++)
		if (strncmp(*env, "EVENT_volley=", 13) != 0)
			*to++ = *env;
	*to = NULL;
}

/* The event's own variables, then those for every job, then volley's; of each
 * name only the first. */
static int expand_env(const struct context *c, const struct placeholders *all,
		      const struct bindings *b, unsigned try, struct arena *a,
		      struct command *out, struct err *err)
{
	char **standard = c->cfg->worker ? environment_of_worker(b, c->volley, c->cfg->worker, a)
					 : environment_of_job(b, try, c->volley, a);
	size_t n = 0, more = 0;

	if (c->cfg->event_options)
		drop_options(standard);
	out->env = standard;
	out->nchosen = 0;
	if (out->options.nenv + c->cfg->nenv == 0)
		return 0;
	while (standard[more] != NULL)
		more++;
	out->env = arena_alloc(a, (out->options.nenv + c->cfg->nenv + more + 1) *
					  sizeof *out->env);
	for (size_t i = out->options.nenv; i-- > 0;) {
		char *variable = (char *)out->options.env[i];

		if (!is_among(variable, out->env, n))
			out->env[n++] = variable;
	}
	for (size_t i = 0; i < c->cfg->nenv; i++) {
		char *variable = expand_variable(c, i, all, b, a, err);

		if (variable == NULL)
			return -1;
		if (!is_among(variable, out->env, n))
			out->env[n++] = variable;
	}
	out->nchosen = n;
	for (size_t i = 0; i < more; i++)
		if (!is_among(standard[i], out->env, out->nchosen))
			out->env[n++] = standard[i];
	out->env[n] = NULL;
	return 0;
}

static int expand_dir(const struct context *c, const struct placeholders *all,
		      const struct bindings *b, struct arena *a, struct command *out,
		      struct err *err)
{
	out->dir = out->options.workdir;
	if (c->cfg->workdir == NULL || out->dir != NULL)
		return 0;
	out->dir = word_expand(&c->dir, all, b, 0, a, err);
	return out->dir != NULL ? 0 : -1;
}

int context_expand(const struct context *c, const struct placeholders *all,
		   const struct bindings *b, unsigned try, struct arena *a,
		   struct command *out, struct err *err)
{
	out->options = (struct event_options){0};
	if (c->cfg->event_options &&
	    event_options_parse(b->events[0], a, &out->options, err) < 0)
		return -1;
	if (expand_dir(c, all, b, a, out, err) < 0 ||
	    expand_input(c, all, b, a, out, err) < 0)
		return -1;
	out->line = c->cfg->worker != NULL;
	if (out->line && check_line(out, err) < 0)
		return -1;
	return expand_env(c, all, b, try, a, out, err);
}

/* --- showing */

static void show_variables(const struct command *command, struct buf *out)
{
	for (size_t i = 0; i < command->nchosen; i++) {
		size_t name = strcspn(command->env[i], "=") + 1;

		buf_addc(out, ' ');
		buf_add(out, command->env[i], name);
		quote_word(out, bytes_str(command->env[i] + name));
	}
}

/* A pipe binds closer than && and ;, and so does what is set up for the command:
 * only a simple command needs no parentheses. */
static bool needs_parentheses(const struct command *command, bool simple)
{
	return command->dir != NULL || command->nchosen > 0 ||
	       (command->input.p != NULL && !simple);
}

/* A relative path must not be an option or looked for in $CDPATH. */
static void show_directory(const char *dir, struct buf *out)
{
	size_t dots = strspn(dir, ".");
	struct buf path = BUF_INIT;

	if (*dir != '/' && (dots == 0 || dots > 2 || (dir[dots] != '\0' && dir[dots] != '/')))
		buf_adds(&path, "./");
	buf_adds(&path, dir);
	buf_adds(out, "cd ");
	quote_word(out, buf_bytes(&path));
	buf_adds(out, " || exit; ");
	buf_clear(&path);
}

void context_show_before(const struct command *command, bool simple, struct buf *out)
{
	if (command->input.p != NULL) {
		buf_adds(out, command->line ? "printf '%s\\n' " : "printf %s ");
		quote_word(out, command->input);
		buf_adds(out, " | ");
	}
	if (!needs_parentheses(command, simple))
		return;
	buf_addc(out, '(');
	if (command->dir != NULL) {
		show_directory(command->dir, out);
	}
	if (command->nchosen > 0) {
		buf_adds(out, "export");
		show_variables(command, out);
		buf_adds(out, "; ");
	}
}

void context_show_after(const struct command *command, bool simple, size_t from,
			struct buf *out)
{
	if (!needs_parentheses(command, simple))
		return;
	/* A comment may not swallow the parenthesis, nor may a here-document. */
	if (memchr(out->data + from, '#', out->len - from) != NULL ||
	    memchr(out->data + from, '\n', out->len - from) != NULL)
		buf_addc(out, '\n');
	buf_addc(out, ')');
}
