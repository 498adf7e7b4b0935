/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <dirent.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "fuzz.h"
#include "tap.h"

/* Runs a target on each file of its corpus, and on each start of a short one:
 * what libFuzzer once found stays found, without libFuzzer. */

enum { SHORT = 512 };

static bool read_whole(const char *path, struct buf *to)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(buf_room(to, 4096), 1, 4096, f)) > 0)
		to->len += n;
	fclose(f);
	return true;
}

/* In memory of its own, so that reading beyond its end is found. */
static void run_copy(struct bytes input)
{
	uint8_t *copy = xmalloc(input.len);

	if (input.len > 0)
		memcpy(copy, input.p, input.len);
	LLVMFuzzerTestOneInput(copy, input.len);
	free(copy);
}

static void run_file(const char *dir, const char *name)
{
	struct buf path = BUF_INIT, input = BUF_INIT;

	buf_addf(&path, "%s/%s", dir, name);
	if (ok(read_whole(buf_cstr(&path), &input), "%s", name)) {
		for (size_t n = 0; input.len <= SHORT && n < input.len; n++)
			run_copy((struct bytes){input.data, n});
		run_copy(buf_bytes(&input));
	}
	buf_clear(&path);
	buf_clear(&input);
}

int main(void)
{
	const char *top = getenv("TOP_SRCDIR");
	struct buf dir = BUF_INIT;
	struct dirent **names;
	int n;

	buf_addf(&dir, "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".", fuzz_name);
	n = scandir(buf_cstr(&dir), &names, NULL, alphasort);
	ok(n > 2, "the corpus is there");
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			run_file(buf_cstr(&dir), names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	buf_clear(&dir);
	return done_testing();
}
