/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <unistd.h>

#include "engine/lease.h"
#include "sys/terminal.h"

bool lease_possible(struct lease *l)
{
	if (l->fd < 0)
		l->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return l->fd >= 0 && tcgetpgrp(l->fd) == getpgrp();
}

void lease_give(struct lease *l, pid_t group)
{
	if (!lease_possible(l))
		return;
	terminal_give(l->fd, group);
	l->lent = true;
}

void lease_end(struct lease *l)
{
	if (l->lent)
		terminal_give(l->fd, getpgrp());
	l->lent = false;
}

void lease_clear(struct lease *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
