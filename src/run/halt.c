/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "run/halt.h"

enum { PERCENT_FROM = 3 }; /* percentages mean something from here on */

static int refuse(const char *text, struct err *err)
{
	return err_usage(err,
			 "--halt %s: write never, or when and why: now,fail=1 soon,fail=3 "
			 "now,fail=10%% now,success=1 soon,done=5",
			 text);
}

/* The forms of long ago, still in people's fingers. */
static const char *modern_form(const char *text)
{
	static const char *const forms[][2] = {{"0", "never"},
					       {"1", "soon,fail=1"},
					       {"2", "now,fail=1"},
					       {"-1", "soon,success=1"},
					       {"-2", "now,success=1"}};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (strcmp(text, forms[i][0]) == 0)
			return forms[i][1];
	return text;
}

static bool take(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) != 0)
		return false;
	*text += len;
	return true;
}

static bool parse_amount(const char *text, struct halt *halt)
{
	size_t len = strlen(text);
	char digits[24];

	halt->percent = len > 0 && text[len - 1] == '%';
	len -= halt->percent;
	if (len >= sizeof digits)
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	return units_uint(digits, &halt->count) == 0 && halt->count > 0 &&
	       (!halt->percent || halt->count <= 100);
}

int halt_parse(const char *text, struct halt *halt, struct err *err)
{
	const char *p = modern_form(text);

	*halt = (struct halt){.when = HALT_NEVER};
	if (strcmp(p, "never") == 0)
		return 0;
	halt->when = HALT_SOON;
	if (strchr(p, ',') == NULL && parse_amount(p, halt) && halt->percent)
		return 0;
	if (take(&p, "now,"))
		halt->when = HALT_NOW;
	else if (!take(&p, "soon,"))
		return refuse(text, err);
	if (take(&p, "fail="))
		halt->why = HALT_FAIL;
	else if (take(&p, "success="))
		halt->why = HALT_SUCCESS;
	else if (take(&p, "done="))
		halt->why = HALT_DONE;
	else
		return refuse(text, err);
	return parse_amount(p, halt) ? 0 : refuse(text, err);
}

bool halt_reached(const struct halt *halt, uint64_t ok, uint64_t failed)
{
	uint64_t finished = ok + failed, counted = finished;

	if (halt->when == HALT_NEVER)
		return false;
	if (halt->why == HALT_FAIL)
		counted = failed;
	else if (halt->why == HALT_SUCCESS)
		counted = ok;
	if (!halt->percent)
		return counted >= halt->count;
	return finished >= PERCENT_FROM && counted * 100 >= halt->count * finished;
}
