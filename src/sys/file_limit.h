/* SPDX-License-Identifier: ISC */
#ifndef SYS_FILE_LIMIT_H
#define SYS_FILE_LIMIT_H

/* The limit on open files, RLIMIT_NOFILE. */

#include <sys/resource.h>

/* Raise it to the hard limit, which is ours to use: with two pipes a job the
 * usual 1024 is soon reached.  *old: what it was, for the jobs and for later. */
void file_limit_raise(struct rlimit *old);

#endif
