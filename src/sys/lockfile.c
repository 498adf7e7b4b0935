/* SPDX-License-Identifier: ISC */
/* Locks a file with flock, trying every 50 ms until the time is up, since flock itself
 * has no timeout.  The descriptor stays open as long as the process lives. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/lockfile.h"

enum { POLL_MS = 50 };

/* flock has no timeout, and a signal should still end the wait: so try repeatedly. */
static int lock(int fd, int64_t until)
{
	const struct timespec nap = {0, POLL_MS * NSEC_PER_MSEC};

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || clock_mono() >= until)
			return -1;
		nanosleep(&nap, NULL);
	}
	return 0;
}

static int held = -1;

int lockfile_held(void)
{
	return held;
}

int lockfile_take(const char *path, int64_t wait_ns, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0)
		return err_sys(err, "cannot open the lock file '%s'", path);
	if (lock(fd, clock_in(wait_ns)) == 0) {
		held = fd;
		return 0;
	}
	if (errno == EWOULDBLOCK) {
		err_set(err, "another run holds the lock '%s'", path);
		err->status = STATUS_LOCKED;
	} else {
		err_sys(err, "cannot lock '%s'", path);
	}
	close(fd);
	return -1;
}
