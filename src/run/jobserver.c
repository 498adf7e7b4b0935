/* SPDX-License-Identifier: ISC */
/* Finds make's jobserver in MAKEFLAGS, then takes a byte from its pipe for each running
 * job but the first, and writes it back when the job ends.  The pipe is opened again
 * through /proc, because O_NONBLOCK on make's own description would affect every process
 * that shares it. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/msg.h"
#include "run/jobserver.h"

/* --- MAKEFLAGS */

static bool is_fifo(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* What follows in a word that begins so; NULL: it does not. */
static const char *after(const char *word, const char *start)
{
	size_t n = strlen(start);

	return strncmp(word, start, n) == 0 ? word + n : NULL;
}

/* Returns where the jobserver is; NULL: there is none.  The last word counts. */
static const char *read_flags(struct jobserver *j, const char *flags)
{
	const char *auth = NULL, *fds = NULL, *value;
	size_t len = strcspn(flags, " ");

	/* The first word holds single letters unless it begins with - or has a = in it. */
	j->dry_run = flags[0] != '-' && memchr(flags, '=', len) == NULL &&
		     memchr(flags, 'n', len) != NULL;
	for (const char *word = flags; *word != '\0'; word += strspn(word, " ")) {
		if ((value = after(word, "--jobserver-auth=")) != NULL)
			auth = value;
		else if ((value = after(word, "--jobserver-fds=")) != NULL)
			fds = value;
		else if ((value = after(word, "-j")) != NULL && j->slots == 0)
			j->slots = (unsigned)strtoul(value, NULL, 10);
		word += strcspn(word, " ");
	}
	return auth != NULL ? auth : fds;
}

static void probe_descriptors(struct jobserver *j, const char *value)
{
	char path[32];
	int fd;

	j->why = "put + before the command in the makefile's recipe";
	if (sscanf(value, "%d,%d", &fd, &j->write_fd) != 2 || !is_fifo(fd) ||
	    !is_fifo(j->write_fd))
		return;
	/* O_NONBLOCK on make's own description would affect make and all its other
	 * clients, so the pipe is opened again. */
	j->why = "its pipe cannot be opened again through /proc";
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	j->read_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* The path goes to the end of the text, or to a blank. */
static void probe_fifo(struct jobserver *j, const char *text)
{
	char *path = xmemdup0(text, strcspn(text, " "));
	struct stat st;

	j->why = "its FIFO cannot be opened";
	if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
		j->read_fd = j->write_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	free(path);
}

void jobserver_probe(struct jobserver *j, const char *makeflags)
{
	const char *value;

	*j = (struct jobserver){
	    .kind = JOBSERVER_NONE, .read_fd = -1, .write_fd = -1, .watch = LOOP_FD_INIT};
	if (makeflags == NULL)
		return;
	value = read_flags(j, makeflags);
	if (value == NULL)
		return;
	if (strncmp(value, "fifo:", 5) == 0)
		probe_fifo(j, value + 5);
	else
		probe_descriptors(j, value);
	j->kind = j->read_fd >= 0 ? JOBSERVER_THERE : JOBSERVER_CLOSED;
}

/* --- tokens */

static bool take_token(struct jobserver *j)
{
	char token;
	ssize_t n;

	do
		n = read(j->read_fd, &token, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		return false;
	buf_addc(&j->tokens, token);
	return true;
}

/* The pipe has room: the byte came from there. */
static void give_token(struct jobserver *j)
{
	char token = j->tokens.data[--j->tokens.len];
	ssize_t n;

	do
		n = write(j->write_fd, &token, 1);
	while (n < 0 && errno == EINTR);
}

static void token_ready(void *arg, short events)
{
	struct jobserver *j = arg;

	(void)events;
	loop_fd_remove(j->loop, &j->watch); /* until a token is wanted again */
	j->ready(j->ready_arg);
}

static bool enter(void *arg, unsigned running, loop_call_fn ready, void *ready_arg)
{
	struct jobserver *j = arg;

	j->ready = ready;
	j->ready_arg = ready_arg;
	if (running < 1 + j->tokens.len || take_token(j))
		return true;
	if (j->watch.fd < 0 &&
	    loop_fd_add(j->loop, &j->watch, j->read_fd, POLLIN, token_ready, j) < 0)
		msg_once(&j->told, "cannot wait for make's job slots: %s",
			 strerror(errno));
	return false;
}

static void leave(void *arg, unsigned running)
{
	struct jobserver *j = arg;

	while (j->tokens.len > 0 && j->tokens.len + 1 > running)
		give_token(j);
}

const struct gate jobserver_gate = {enter, leave};

void jobserver_close(struct jobserver *j)
{
	if (j->read_fd < 0)
		return;
	while (j->tokens.len > 0)
		give_token(j);
	if (j->loop != NULL)
		loop_fd_remove(j->loop, &j->watch);
	close(j->read_fd);
	j->read_fd = -1;
	buf_clear(&j->tokens);
}
