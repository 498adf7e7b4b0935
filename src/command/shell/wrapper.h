/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_WRAPPER_H
#define COMMAND_SHELL_WRAPPER_H

/* Programs that run a command which is given to them as words or as code. */

#include "base/bytes.h"

enum then {
	THEN_COMMAND, /* the words after its options and operands */
	THEN_CODE,    /* the same, joined and given to a shell */
	THEN_NOTHING,
};

struct wrapper {
	const char *names;
	const char *valued;	 /* letters of options that take an argument */
	const char *long_valued; /* and the long ones */
	const char *code;	 /* options whose argument is code for a shell */
	size_t operands;
	enum then then;
};

/* By the program's name without folders; NULL: it is not in the table. */
const struct wrapper *wrapper_find(struct bytes name);

#endif
