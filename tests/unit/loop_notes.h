/* SPDX-License-Identifier: ISC */
#ifndef LOOP_NOTES_H
#define LOOP_NOTES_H

/* A loop whose callbacks note what is reported to them. */

#include "base/buf.h"
#include "sys/loop.h"

static struct loop *loop;
static struct buf said; /* what callbacks have noted, in order */

static const char *heard(void)
{
	static struct buf copy;

	buf_reset(&copy);
	buf_addb(&copy, buf_bytes(&said));
	buf_reset(&said);
	return buf_cstr(&copy);
}

#define NAME(text) ((void *)(text)) /* the argument of a callback that notes it */

#endif
