/* SPDX-License-Identifier: ISC */

/* Append the arguments to the file $SHOW_OUT, byte for byte: one record per call, with
 * "LENGTH:BYTES," for each argument and a ";" at the end.  "show -stdin ..." adds
 * standard input as one more argument. */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *record;
static size_t length, capacity;

static void add(const void *p, size_t n)
{
	if (capacity - length < n) {
		capacity = 2 * capacity + n;
		record = realloc(record, capacity);
		if (record == NULL)
			exit(9);
	}
	memcpy(record + length, p, n);
	length += n;
}

static void add_argument(const char *p, size_t n)
{
	char head[32];

	add(head, (size_t)snprintf(head, sizeof head, "%zu:", n));
	add(p, n);
	add(",", 1);
}

static void add_stdin(void)
{
	static char data[1 << 20];
	size_t n = 0;
	ssize_t got;

	while (n < sizeof data && (got = read(0, data + n, sizeof data - n)) > 0)
		n += (size_t)got;
	add_argument(data, n);
}

int main(int argc, char **argv)
{
	int fd = open(getenv("SHOW_OUT"), O_WRONLY | O_APPEND | O_CREAT, 0600);

	for (int i = 1; i < argc; i++)
		add_argument(argv[i], strlen(argv[i]));
	if (argc > 1 && strcmp(argv[1], "-stdin") == 0)
		add_stdin();
	add(";", 1);
	/* One write: records of two processes do not mix. */
	return fd < 0 || write(fd, record, length) != (ssize_t)length;
}
