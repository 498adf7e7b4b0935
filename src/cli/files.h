/* SPDX-License-Identifier: ISC */
#ifndef CLI_FILES_H
#define CLI_FILES_H

/* No file for two purposes: what would be overwritten or mixed is found before
 * the run. */

#include "base/err.h"
#include "cli/settings.h"

/* -1 with a usage error that names both options. */
int files_check(const struct settings *s, struct err *err);

#endif
