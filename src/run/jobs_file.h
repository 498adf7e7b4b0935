/* SPDX-License-Identifier: ISC */
#ifndef RUN_JOBS_FILE_H
#define RUN_JOBS_FILE_H

/* -j FILE: the number of slots stands in a file, in any form that -j takes, and
 * may be changed while volley runs. */

#include "base/err.h"
#include "run/sched.h"
#include "sys/loop.h"

struct jobs_file {
	const char *path;
	unsigned cpus, most; /* see slots_parse */
	struct loop *loop;
	struct sched *sched;

	/* Its own. */
	struct loop_timer timer;
	unsigned slots;
	bool told; /* that the file is bad */
};

/* The number in the file now.  -1 with err. */
int jobs_file_read(const char *path, unsigned cpus, unsigned most, unsigned *slots,
		   struct err *err);

/* Look at the file once a second from now on.  What is bad there is told once,
 * and the old number stays. */
void jobs_file_watch(struct jobs_file *f);
void jobs_file_clear(struct jobs_file *f);

#endif
