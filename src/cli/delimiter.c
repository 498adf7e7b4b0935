/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "cli/delimiter.h"

static int hex_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits of a number in some base up to the end of the text; -1: not a byte. */
static int byte_value(const char *digits, int base)
{
	int value = 0;

	if (*digits == '\0')
		return -1;
	for (; *digits != '\0'; digits++) {
		int digit = hex_value(*digits);

		if (digit < 0 || digit >= base || value > 255)
			return -1;
		value = value * base + digit;
	}
	return value <= 255 ? value : -1;
}

int delimiter_parse(const char *text)
{
	static const char names[] = "ntr\\", values[] = "\n\t\r\\";
	const char *at;

	if (text[0] != '\\' || text[1] == '\0')
		return text[0] != '\0' && text[1] == '\0' ? (unsigned char)text[0] : -1;
	if (text[1] == 'x')
		return byte_value(text + 2, 16);
	if (isdigit((unsigned char)text[1]))
		return strlen(text) <= 4 ? byte_value(text + 1, 8) : -1;
	at = strchr(names, text[1]);
	return at != NULL && text[2] == '\0' ? values[at - names] : -1;
}
