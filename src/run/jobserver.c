/* SPDX-License-Identifier: ISC */
/* Finds make's jobserver in MAKEFLAGS, then takes a byte from its pipe for each running
 * job but the first, and writes it back when the job ends.  The pipe is opened again
 * through /proc, because O_NONBLOCK on make's own description would affect every process
 * that shares it. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "run/jobserver.h"

struct jobserver {
	struct loop *loop;
	int read_fd;  /* a description of our own, non-blocking */
	int write_fd; /* make's, or the same FIFO */
	struct loop_fd watch;
	struct buf tokens; /* the bytes that are held */
	void (*ready)(void *arg);
	void *ready_arg;
	bool told; /* warned that its slots cannot be waited for */
};

/* --- MAKEFLAGS */

static bool is_fifo(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* Where the last word "--NAME=" has its value; NULL: nowhere. */
static const char *last_value(const char *flags, const char *name)
{
	const char *found = NULL;

	for (const char *at = flags; (at = strstr(at, name)) != NULL; at += strlen(name))
		if (at == flags || at[-1] == ' ')
			found = at + strlen(name);
	return found;
}

/* The first word holds single letters unless it begins with - or has a = in it. */
static bool has_letter(const char *flags, char letter)
{
	size_t len = strcspn(flags, " ");

	if (len == 0 || flags[0] == '-' || memchr(flags, '=', len) != NULL)
		return false;
	return memchr(flags, letter, len) != NULL;
}

static unsigned slots_of(const char *flags)
{
	for (const char *at = flags; (at = strstr(at, "-j")) != NULL; at += 2)
		if ((at == flags || at[-1] == ' ') && isdigit((unsigned char)at[2]))
			return (unsigned)strtoul(at + 2, NULL, 10);
	return 0;
}

/* To its end, or to a blank. */
static bool is_fifo_path(const char *text)
{
	char *path = xmemdup0(text, strcspn(text, " "));
	struct stat st;
	bool is = stat(path, &st) == 0 && S_ISFIFO(st.st_mode) &&
		  access(path, R_OK | W_OK) == 0;

	free(path);
	return is;
}

/* O_NONBLOCK on make's own description would affect make and all its other clients, so
 * the pipe is opened again.  This needs /proc and permission to read the pipe.  -1 with
 * errno. */
static int open_again(int fd)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static void probe_descriptors(struct jobserver_env *env, const char *value)
{
	int fd;

	env->why = "put + before the command in the makefile's recipe";
	if (sscanf(value, "%d,%d", &env->read_fd, &env->write_fd) != 2 ||
	    !is_fifo(env->read_fd) || !is_fifo(env->write_fd))
		return;
	env->why = "its pipe cannot be opened again through /proc";
	fd = open_again(env->read_fd);
	if (fd < 0)
		return;
	close(fd);
	env->kind = JOBSERVER_THERE;
}

void jobserver_probe(struct jobserver_env *env, const char *makeflags)
{
	const char *value;

	*env = (struct jobserver_env){.kind = JOBSERVER_NONE, .read_fd = -1,
				      .write_fd = -1};
	if (makeflags == NULL)
		return;
	env->dry_run = has_letter(makeflags, 'n');
	env->slots = slots_of(makeflags);
	value = last_value(makeflags, "--jobserver-auth=");
	if (value == NULL)
		value = last_value(makeflags, "--jobserver-fds=");
	if (value == NULL)
		return;
	env->kind = JOBSERVER_CLOSED;
	if (strncmp(value, "fifo:", 5) == 0) {
		env->path = value + 5;
		env->why = "its FIFO cannot be opened";
		if (is_fifo_path(env->path))
			env->kind = JOBSERVER_THERE;
	} else {
		probe_descriptors(env, value);
	}
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
	if (j->ready != NULL)
		j->ready(j->ready_arg);
}

static bool enter(void *arg, unsigned running)
{
	struct jobserver *j = arg;

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

static void on_ready(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
	struct jobserver *j = arg;

	j->ready = fn;
	j->ready_arg = fn_arg;
}

const struct gate_ops jobserver_gate = {enter, leave, on_ready};

/* --- life */

static int open_descriptors(struct jobserver *j, const struct jobserver_env *env,
			    struct err *err)
{
	j->read_fd = open_again(env->read_fd);
	if (j->read_fd < 0)
		return err_sys(err, "cannot open make's jobserver");
	j->write_fd = env->write_fd;
	return 0;
}

static int open_fifo(struct jobserver *j, const struct jobserver_env *env,
		     struct err *err)
{
	char *path = xmemdup0(env->path, strcspn(env->path, " "));

	j->read_fd = j->write_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (j->read_fd < 0)
		err_sys(err, "cannot open make's jobserver '%s'", path);
	free(path);
	return j->read_fd < 0 ? -1 : 0;
}

struct jobserver *jobserver_open(const struct jobserver_env *env, struct loop *loop,
				 struct err *err)
{
	struct jobserver *j = xcalloc(1, sizeof *j);

	j->loop = loop;
	j->watch = (struct loop_fd)LOOP_FD_INIT;
	if ((env->path != NULL ? open_fifo(j, env, err)
			       : open_descriptors(j, env, err)) == 0)
		return j;
	free(j);
	return NULL;
}

void jobserver_close(struct jobserver *j)
{
	if (j == NULL)
		return;
	while (j->tokens.len > 0)
		give_token(j);
	loop_fd_remove(j->loop, &j->watch);
	close(j->read_fd);
	buf_clear(&j->tokens);
	free(j);
}
