/* SPDX-License-Identifier: ISC */
#ifndef RUN_LIMITS_H
#define RUN_LIMITS_H

/* --load and --memfree: start nothing while the machine is busy or short of memory. */

#include <stdbool.h>
#include <stdint.h>

struct limits {
	const char *root; /* put before /proc: "" except in tests */
	unsigned load;	  /* most processes that want to run; 0: no limit */
	uint64_t memfree; /* bytes that must be available; 0: no limit */

	/* Its own. */
	unsigned refusals; /* in a row, while no job ran */
	bool warned;
};

/* May one more job start?  running: how many run now.  Warns once if the
 * load or the shortage is not caused by them. */
bool limits_allow(struct limits *l, unsigned running);

#endif
