/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "sys/file_limit.h"

void file_limit_raise(struct rlimit *old)
{
	struct rlimit more;

	getrlimit(RLIMIT_NOFILE, old);
	more = *old;
	more.rlim_cur = more.rlim_max;
	setrlimit(RLIMIT_NOFILE, &more);
}
