/* SPDX-License-Identifier: ISC */

/* Formats a message as one line and passes it to the installed writer, or to stderr if
 * there is none.  Control characters are escaped, because messages quote events, which may
 * come from anywhere; but a command that is shown may have several lines. */

#include <config.h>

#include <stdarg.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/msg.h"

static msg_write_fn writer;
static void *writer_arg;
static msg_full_fn full;
static void *full_arg;

static void __attribute__((format(printf, 1, 0))) vprint(const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT, line = BUF_INIT;

	buf_vaddf(&text, fmt, ap);
	buf_adds(&line, "volley: ");
	buf_add_printable(&line, buf_bytes(&text), "\n\t");
	buf_addc(&line, '\n');
	msg_raw(buf_bytes(&line));
	buf_clear(&text);
	buf_clear(&line);
}

void msg_set_writer(msg_write_fn fn, void *arg)
{
	writer = fn;
	writer_arg = arg;
}

void msg_set_full(msg_full_fn fn, void *arg)
{
	full = fn;
	full_arg = arg;
}

bool msg_is_full(void)
{
	return full != NULL && full(full_arg);
}

void msg_raw(struct bytes text)
{
	if (writer != NULL)
		writer(writer_arg, text);
	else
		bytes_write(STDERR_FILENO, text); /* a closed stderr is not an error */
}

void msg_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
}

void msg_once(bool *told, const char *fmt, ...)
{
	va_list ap;

	if (*told)
		return;
	*told = true;
	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
}
