/* SPDX-License-Identifier: ISC */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Errors of the world (not bugs, not lack of memory) as values.
 *
 * A function that can fail takes a struct err, fills it with one full phrase that names
 * the object ("cannot open 'x': Permission denied") and returns -1 or NULL.  The phrase
 * has no "volley: " before it and no newline: the code that prints it adds that.
 * Nothing below main prints an error twice or exits. */

#include <stdbool.h>
#include <stdint.h>

/* What volley's own exit status means; 1-101 count failed jobs. */
enum status {
	STATUS_OK = 0,
	STATUS_MANY_FAILED = 101, /* more than 100 jobs failed */
	STATUS_LOCKED = 122,	  /* another run holds the lock */
	STATUS_DEADLINE = 124,	  /* the deadline of the run passed */
	STATUS_USAGE = 125,	  /* bad option, template or run file */
	STATUS_ERROR = 126,	  /* volley failed, or cannot execute the command */
	STATUS_NOT_FOUND = 127,	  /* the command does not exist */
	STATUS_SIGNAL = 128,	  /* plus the signal's number */
};

/* Where in a file of the user's something was written, from 1; file NULL: not in one. */
struct place {
	const char *file;
	uint64_t line, column;
};

struct err {
	int status;	 /* what volley should exit with: an enum status */
	char text[2048]; /* the phrase; cut at the end when longer */
	bool placed;	 /* err_at was called */
};

/* Each fills err and returns -1, so that callers can write
 * "return err_set(err, ...)".  err_set and err_sys mean STATUS_ERROR,
 * err_usage means STATUS_USAGE; err_sys appends ": " and strerror(errno). */
int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_usage(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Put "FILE:LINE:COLUMN: " before the phrase, if the place is in a file.  Of several
 * calls for one error the first counts, which is that for the nearest place.  -1. */
int err_at(struct err *err, struct place at);

#endif
