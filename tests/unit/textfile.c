/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/textfile.h"
#include "tap.h"

static void check(struct bytes text, const char *name)
{
	char *got = xmalloc(text.len + 2);
	int fd = textfile_hold(text);
	size_t len = 0;
	ssize_t n;

	ok(fd > 2, "%s becomes a file", name);
	while ((n = read(fd, got + len, text.len + 2 - len)) > 0)
		len += (size_t)n;
	ok(len == text.len && (len == 0 || memcmp(got, text.p, len) == 0),
	   "which is read from its start to its end");
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "which no child gets by accident");
	ok(write(fd, "x", 1) < 0 && ftruncate(fd, (off_t)text.len + 1) < 0,
	   "and cannot be changed");
	close(fd);
	free(got);
}

int main(void)
{
	struct bytes large = {xcalloc(3, 1024 * 1024), 3 * 1024 * 1024};
	struct rlimit old, few;

	check((struct bytes){"", 0}, "an empty text");
	check((struct bytes){"a\0b\n", 4}, "a text with a NUL");
	check(large, "one larger than any pipe");
	free((char *)large.p);

	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	few.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &few);
	errno = 0;
	ok(textfile_hold(bytes_str("x")) == -1 && errno == EMFILE,
	   "without a descriptor it fails, with errno");
	setrlimit(RLIMIT_NOFILE, &old);
	return done_testing();
}
