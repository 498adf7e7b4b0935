/* SPDX-License-Identifier: ISC */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

/* The parsers of the table of options: see option_parse in option.h. */

#include "cli/option.h"

/* Those that several options use, for the member at the option's offset. */
option_parse parse_flag, parse_text, parse_name, parse_count, parse_size, parse_duration,
    parse_choice;

option_parse parse_input, parse_delimiter, parse_colsep, parse_only, parse_env;
option_parse parse_jobs, parse_load, parse_timeout, parse_retries, parse_retry_delay,
    parse_retry_on, parse_halt, parse_termseq;
option_parse parse_output, parse_progress, parse_no_progress;

/* One more source of events, all zero; valid until the next. */
struct input *settings_add_input(struct settings *s);

#endif
