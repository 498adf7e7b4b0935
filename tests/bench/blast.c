/* SPDX-License-Identifier: ISC */

/* blast MIB: write MIB mebibytes of text to stdout, in blocks of 64 KiB. */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024, LINE = 100 };

int main(int argc, char **argv)
{
	static char block[BLOCK];
	long left = (argc > 1 ? atol(argv[1]) : 1) * 1024 * 1024;

	memset(block, 'x', sizeof block);
	for (int i = LINE - 1; i < BLOCK; i += LINE)
		block[i] = '\n';
	while (left > 0) {
		ssize_t n = write(1, block, left < BLOCK ? (size_t)left : BLOCK);

		if (n <= 0)
			return 1;
		left -= n;
	}
	return 0;
}
