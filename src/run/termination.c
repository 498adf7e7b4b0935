/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/units.h"
#include "run/termination.h"

const struct termination termination_default = {
    .steps = {{SIGTERM, 200}, {SIGTERM, 100}, {SIGTERM, 50}, {SIGKILL, 25}},
    .n = 4,
};

static int signal_number(const char *name)
{
	uint64_t n;

	if (units_uint(name, &n) == 0)
		return n >= 1 && n < NSIG ? (int)n : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int signo = 1; signo < NSIG; signo++) {
		const char *known = sigabbrev_np(signo);

		if (known != NULL && strcasecmp(known, name) == 0)
			return signo;
	}
	return -1;
}

static int parse_steps(char *text, struct termination *t)
{
	char *save, *word = strtok_r(text, ",", &save);
	uint64_t ms;

	t->n = 0;
	for (; word != NULL; word = strtok_r(NULL, ",", &save)) {
		struct termination_step *step = &t->steps[t->n];

		if (t->n == TERMINATION_MAX_STEPS)
			return -1;
		*step = (struct termination_step){signal_number(word), 0};
		if (step->signo < 0)
			return -1;
		t->n++;
		word = strtok_r(NULL, ",", &save);
		if (word == NULL)
			break;
		if (units_uint(word, &ms) < 0 || ms > 3600000)
			return -1;
		step->wait_ms = (int)ms;
	}
	return t->n > 0 ? 0 : -1;
}

int termination_parse(const char *text, struct termination *t, struct err *err)
{
	char *copy = xstrdup(text);
	int bad = parse_steps(copy, t) < 0;

	free(copy);
	if (bad)
		return err_usage(err,
				 "--termseq %s: write signals and milliseconds in turn: "
				 "TERM,200,TERM,100,KILL,25",
				 text);
	return 0;
}
