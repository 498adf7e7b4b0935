/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <signal.h>

#include "engine_check.h"
#include "engine_local_subject.h"
#include "engine_worker_subject.h"
#include "sim_engine.h"
#include "tap.h"

/* --- the simulation: its tasks do one step of their script in each turn */

struct script {
	char text[128]; /* first, so that the task's argument is the script */
	const char *at; /* the next step */
	char pipe[64];	/* written to stdout, not yet read */
	bool ended;
	enum result_kind kind;
	int code;
};

static void sim_command(struct command *c, const char *text)
{
	struct script *s = xcalloc(1, sizeof *s);

	snprintf(s->text, sizeof s->text, "%s", text);
	s->at = s->text;
	c->path = "sim";
	c->argv[0] = xstrdup("sim");
	c->argv[1] = s->text;
	c->argv[2] = NULL;
}

static void end(size_t index, struct script *s, enum result_kind kind, int code)
{
	s->ended = true;
	s->kind = kind;
	s->code = code;
	sim_vacate(index);
}

static void do_step(size_t index, struct script *s, const char *step)
{
	char line[64];

	snprintf(line, sizeof line, "%s\n", step + strcspn(step, "=") + (*step != '\0'));
	if (strncmp(step, "line=", 5) == 0)
		strcat(s->pipe, line);
	else if (strncmp(step, "eline=", 6) == 0)
		sim_output(index, 1, line);
	else if (strncmp(step, "kill=", 5) == 0)
		end(index, s, RESULT_SIGNALED, step[5] == 'T' ? SIGTERM : SIGKILL);
	else if (strcmp(step, "missing") == 0 || strcmp(step, "forbidden") == 0)
		end(index, s, RESULT_NOT_STARTED, *step == 'm' ? 127 : 126);
	else
		end(index, s, RESULT_EXITED, atoi(line));
}

static void next_step(size_t index, struct script *s)
{
	size_t len = strcspn(s->at, " ");
	char step[64] = "";

	if (s->at == s->text && strchr("mf", *s->at) == NULL)
		sim_started(index);
	if (strcmp(s->at, "hang") == 0)
		return;
	memcpy(step, s->at, len);
	s->at += len + (s->at[len] == ' ');
	do_step(index, s, step);
}

static void read_pipe(size_t index, struct script *s)
{
	char line[sizeof s->pipe];

	if (*s->pipe == '\0')
		return;
	strcpy(line, s->pipe);
	*s->pipe = '\0';
	sim_output(index, 0, line);
}

static void play(void)
{
	for (size_t i = 0; i < sim_tasks();) {
		struct script *s = (struct script *)sim_task(i);
		int signo = sim_signaled(i);

		if (signo != 0 && signo != SIGSTOP && signo != SIGCONT && !s->ended) {
			sim_started(i);
			end(i, s, RESULT_SIGNALED, signo);
		}
		if (!s->ended)
			next_step(i, s);
		if (!sim_held(i) || signo != 0)
			read_pipe(i, s);
		if (s->ended && *s->pipe == '\0')
			sim_done(i, s->kind, s->code);
		else
			i++;
	}
}

static struct engine *sim_open(struct loop *loop, int64_t drain_ns, struct err *err)
{
	(void)drain_ns;
	(void)err;
	return sim_engine_open(loop);
}

static const struct engine_subject sim_subject = {
    .name = "sim", .open = sim_open, .command = sim_command, .play = play, .slots = 10};

int main(void)
{
	keep_descriptors_to_ourselves();
	engine_check(&sim_subject);
	engine_check(&engine_local_subject);
	engine_check(&engine_worker_subject);
	return done_testing();
}
