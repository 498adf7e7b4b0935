/* SPDX-License-Identifier: ISC */
#ifndef CLI_DELIMITER_H
#define CLI_DELIMITER_H

/* The argument of -d: "C", "\n", "\x1e", "\036".  One byte, or -1. */
int delimiter_parse(const char *text);

#endif
