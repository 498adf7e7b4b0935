/* SPDX-License-Identifier: ISC */
/* Reads the start of a small file, and puts a text into a file without a name that a job
 * can have as its standard input. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sys/textfile.h"

/* Without stdio, which would take a large part of the time that volley needs to start. */
ssize_t textfile_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

int textfile_hold(struct bytes text)
{
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd = memfd_create("volley-stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING), error;

	if (fd < 0)
		return -1;
	if (bytes_write(fd, text) == 0 && fcntl(fd, F_ADD_SEALS, seals) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}
