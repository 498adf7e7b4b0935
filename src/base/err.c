/* SPDX-License-Identifier: ISC */

/* Formats a phrase and an exit status into a struct err.  All functions return -1, so
 * that a caller can fill the error and return in one statement. */

#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static void __attribute__((format(printf, 3, 0)))
fill(struct err *err, int status, const char *fmt, va_list ap)
{
	err->status = status;
	vsnprintf(err->text, sizeof err->text, fmt, ap);
}

int err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, STATUS_ERROR, fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *err, const char *fmt, ...)
{
	const char *reason = strerror(errno);
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	fill(err, STATUS_ERROR, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", reason);
	return -1;
}

int err_usage(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, STATUS_USAGE, fmt, ap);
	va_end(ap);
	return -1;
}
