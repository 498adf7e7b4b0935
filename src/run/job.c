/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "run/job.h"

static void signal_name(int signo, char *text, size_t size)
{
	const char *name = sigabbrev_np(signo);

	if (name != NULL)
		snprintf(text, size, "SIG%s", name);
	else
		snprintf(text, size, "signal %d", signo);
}

char *job_reason(const struct job *job, char *text, size_t size)
{
	switch (job->status) {
	case JOB_OK:
		snprintf(text, size, "ok");
		break;
	case JOB_FAILED:
		snprintf(text, size, "exit %d", job->code);
		break;
	case JOB_SIGNALED:
		if (job->wanted_terminal)
			snprintf(text, size, "wanted the terminal");
		else
			signal_name(job->code, text, size);
		break;
	case JOB_TIMEOUT:
		snprintf(text, size, "timed out");
		break;
	case JOB_NOT_STARTED:
		snprintf(text, size, "not started");
		break;
	case JOB_LOST:
		snprintf(text, size, "lost");
		break;
	case JOB_REFUSED:
		snprintf(text, size, "output refused");
		break;
	case JOB_STOPPED:
		snprintf(text, size, "stopped");
		break;
	}
	return text;
}
