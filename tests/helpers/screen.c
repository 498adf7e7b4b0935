/* SPDX-License-Identifier: ISC */
#include <config.h>

/* screen COLUMNS: print what a terminal would show for the bytes on stdin, one line for
 * each line that was ever on the screen, without trailing blanks.
 *
 * Supports \r, \n, \b, line wrap as in xterm (a full line wraps with the next
 * character) and UTF-8 with characters of one cell.  Any other control character is
 * shown as <XX>, since volley writes none. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 1000, CELL = 8 };

struct screen {
	char cells[MAX_COLUMNS][CELL]; /* of the line with the cursor */
	int columns, used, at;
};

static void end_line(struct screen *s)
{
	while (s->used > 0 && strcmp(s->cells[s->used - 1], " ") == 0)
		s->used--;
	for (int i = 0; i < s->used; i++)
		fputs(s->cells[i], stdout);
	putchar('\n');
	s->used = 0;
}

static void put(struct screen *s, const char *text)
{
	if (s->at == s->columns) {
		end_line(s);
		s->at = 0;
	}
	for (; s->used < s->at; s->used++)
		strcpy(s->cells[s->used], " ");
	snprintf(s->cells[s->at++], CELL, "%s", text);
	if (s->used < s->at)
		s->used = s->at;
}

static void put_control(struct screen *s, int c)
{
	char text[CELL];

	if (c == '\r') {
		s->at = 0;
	} else if (c == '\b') {
		s->at -= s->at > 0;
	} else if (c == '\n') {
		end_line(s); /* the cursor stays in its column */
	} else {
		snprintf(text, sizeof text, "<%02X>", c);
		put(s, text);
	}
}

static void put_character(struct screen *s, int c)
{
	char text[CELL] = {(char)c};
	size_t n = 1;

	while (n < 4 && (c = getchar()) != EOF && (c & 0xc0) == 0x80)
		text[n++] = (char)c;
	ungetc(c, stdin);
	put(s, text);
}

int main(int argc, char **argv)
{
	struct screen s = {.columns = argc == 2 ? atoi(argv[1]) : 0};
	int c;

	if (s.columns < 1 || s.columns > MAX_COLUMNS) {
		fputs("usage: screen COLUMNS\n", stderr);
		return 99;
	}
	while ((c = getchar()) != EOF) {
		if (c < 0x20 || c == 0x7f)
			put_control(&s, c);
		else if (c < 0x80)
			put(&s, (char[]){(char)c, '\0'});
		else
			put_character(&s, c);
	}
	if (s.used > 0)
		end_line(&s);
	return 0;
}
