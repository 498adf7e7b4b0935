/* SPDX-License-Identifier: ISC */
#ifndef CLI_FILES_H
#define CLI_FILES_H

/* No file for two purposes: what would be overwritten or mixed is found before
 * the run. */

#include <stdbool.h>

#include "base/err.h"
#include "cli/settings.h"

/* -1 with a usage error that names both options. */
int files_check(const struct settings *s, struct err *err);

/* One file, by whatever path, also one that is not there yet?  Devices and pipes may
 * serve several purposes, and are never the same. */
bool files_same(const char *a, const char *b);

#endif
