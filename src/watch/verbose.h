/* SPDX-License-Identifier: ISC */
#ifndef WATCH_VERBOSE_H
#define WATCH_VERBOSE_H

/* -t: each command on stderr before it runs. */

#include "command/template.h"
#include "run/watcher.h"

/* arg of the watcher: the struct template. */
extern const struct watcher_ops verbose_ops;

#endif
