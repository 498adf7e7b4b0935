/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_CHECK_H
#define COMMAND_SHELL_CHECK_H

/* What a value must be: pure functions of values. */

#include "base/err.h"
#include "command/shell/grammar.h"

/* [+-]digits, or hexadecimal. */
bool value_is_integer(struct bytes b);
/* That, or 1.5, .5, 1e-3. */
bool value_is_number(struct bytes b);

/* Is the value harmless in a line of that class?  Else *at is the index of the
 * byte that is not (the value's length: none is, but it begins with a sign).
 *
 * As an expression, it must not hold what makes a subscript, an expansion or an
 * assignment: brackets, $, backquotes, backslashes, =, ++, --.  As code, it must be
 * one word that means itself. */
bool value_is_harmless(enum line_class class, struct bytes b, size_t *at);

/* Fill err: the value (called what) is not harmless where the line evaluates. */
int value_refuse(const struct verdict *v, const struct shell_dialect *d, const char *what,
		 const char *waiver, struct bytes b, size_t at, struct err *err);

/* Check one value against what its place demands.  -1 with err. */
int value_check_place(unsigned checks, const struct shell_dialect *d, const char *name,
		      struct bytes b, struct err *err);

#endif
