/* SPDX-License-Identifier: ISC */

/* echo [-e]: a minimal worker, which answers each line with the same line; with -e also
 * with an empty line, which marks the end of an answer in some protocols. */

#include <config.h>

#include <stdbool.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	bool end = argc > 1;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	(void)argv;
	while ((n = getline(&line, &size, stdin)) > 0) {
		fwrite(line, 1, (size_t)n, stdout);
		if (end)
			putchar('\n');
		if (fflush(stdout) != 0)
			return 1;
	}
	return 0;
}
