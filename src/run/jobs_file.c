/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/jobs_file.h"
#include "run/slots.h"

int jobs_file_read(const char *path, unsigned cpus, unsigned most, unsigned *slots,
		   struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct err reason;
	char text[64];
	ssize_t n;

	if (fd < 0)
		return err_sys(err, "-j: cannot open '%s'", path);
	n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n < 0)
		return err_sys(err, "-j: cannot read '%s'", path);
	text[n] = '\0';
	text[strcspn(text, " \t\r\n")] = '\0';
	if (slots_parse(text, cpus, most, slots, &reason) == 0)
		return 0;
	return err_usage(err, "%s: %s", path, reason.text);
}

static void look(void *arg)
{
	struct jobs_file *f = arg;
	unsigned slots;
	struct err err;

	if (jobs_file_read(f->path, f->cpus, f->most, &slots, &err) < 0) {
		msg_once(&f->told, "%s; going on with %u jobs at a time", err.text,
			 f->slots);
	} else if (slots != f->slots) {
		f->slots = slots;
		f->told = false;
		sched_set_slots(f->sched, slots);
	}
	loop_timer_set(f->loop, &f->timer, clock_in(NSEC_PER_SEC), look, f);
}

void jobs_file_watch(struct jobs_file *f)
{
	loop_timer_set(f->loop, &f->timer, clock_in(NSEC_PER_SEC), look, f);
}

void jobs_file_clear(struct jobs_file *f)
{
	loop_timer_cancel(f->loop, &f->timer);
}
