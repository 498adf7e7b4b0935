/* SPDX-License-Identifier: ISC */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

/* Answers recorded from another program: files in tests/data with an object of
 * JSON on each line. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <yajl/yajl_tree.h>

/* The value under a key, NULL when it is missing or null. */
static inline yajl_val vector_get(yajl_val object, const char *key)
{
	const char *path[] = {key, NULL};
	yajl_val v = yajl_tree_get(object, path, yajl_t_any);

	return YAJL_IS_NULL(v) ? NULL : v;
}

static inline const char *vector_str(yajl_val object, const char *key)
{
	return YAJL_GET_STRING(vector_get(object, key));
}

static inline int64_t vector_int(yajl_val object, const char *key, int64_t otherwise)
{
	yajl_val v = vector_get(object, key);

	return YAJL_IS_INTEGER(v) ? YAJL_GET_INTEGER(v) : otherwise;
}

static inline double vector_float(yajl_val object, const char *key)
{
	yajl_val v = vector_get(object, key);

	return YAJL_IS_NUMBER(v) ? YAJL_GET_DOUBLE(v) : 0;
}

/* Call check with each line's number, from 1, and object; returns how many
 * lines there were.  Ends the test when the file cannot be read. */
static inline int vectors_each(const char *name, void (*check)(int line, yajl_val v))
{
	const char *dir = getenv("TOP_SRCDIR");
	char *text = NULL, path[4096], why[200];
	size_t cap = 0;
	int n = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/tests/data/%s", dir != NULL ? dir : ".", name);
	f = fopen(path, "r");
	while (f != NULL && getline(&text, &cap, f) > 0) {
		yajl_val v = yajl_tree_parse(text, why, sizeof why);

		if (v == NULL) {
			printf("Bail out! %s:%d: %s\n", path, n + 1, why);
			exit(1);
		}
		check(++n, v);
		yajl_tree_free(v);
	}
	if (f == NULL) {
		printf("Bail out! cannot open %s\n", path);
		exit(1);
	}
	free(text);
	fclose(f);
	return n;
}

#endif
