/* SPDX-License-Identifier: ISC */
#ifndef CLI_SETUP_OUTPUT_H
#define CLI_SETUP_OUTPUT_H

/* From settings to what becomes of the jobs' output. */

#include "cli/settings.h"
#include "output/output.h"

/* Options that exclude each other.  -1 with a usage error. */
int setup_output_check(const struct settings *s, struct err *err);

/* How jobs are told apart: the template of their tags, or NULL. */
const char *setup_tag(const struct settings *s);

/* Fills what options say of the output, but not sink and results, which main owns:
 * each is NULL when there is none. */
void setup_output(const struct settings *s, struct output_config *cfg);
struct sink *setup_sink(const struct settings *s);
int setup_results(const struct settings *s, struct results **results, struct err *err);

/* A bar would be damaged by jobs that write past us. */
enum progress_kind setup_progress(const struct settings *s);

#endif
