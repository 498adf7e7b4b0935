/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "cli/runfile.h"
#include "cli/runfile_internal.h"

static const struct runfile_key own_keys[] = {
    {"command", SHAPE_TEXT, NULL},
    {"argv", SHAPE_LIST, NULL},
    {"events", SHAPE_EVENTS, NULL},
    {"sources", SHAPE_SOURCES, NULL},
};

enum { NOWN = sizeof own_keys / sizeof *own_keys };

static enum runfile_shape shape_of(const struct option *o)
{
	if (o->yaml == YAML_LIST)
		return SHAPE_LIST;
	if (o->yaml == YAML_MAP)
		return SHAPE_MAP;
	return o->arg == NULL ? SHAPE_FLAG : SHAPE_TEXT;
}

/* The options that are no keys are left out of the count. */
static const struct option *nth_option(size_t n)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		if (o->yaml != YAML_NOT && n-- == 0)
			return o;
	return NULL;
}

bool runfile_key_at(size_t i, struct runfile_key *key)
{
	const struct option *o;

	if (i < NOWN) {
		*key = own_keys[i];
		return true;
	}
	o = nth_option(i - NOWN);
	if (o == NULL)
		return false;
	*key = (struct runfile_key){o->name, shape_of(o), o};
	return true;
}

bool runfile_key_find(struct bytes name, struct runfile_key *key)
{
	for (size_t i = 0; runfile_key_at(i, key); i++)
		if (bytes_is(name, key->name))
			return true;
	return false;
}

bool runfile_key_is_for_line(struct bytes name)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		if (o->yaml == YAML_NOT && bytes_is(name, o->name))
			return true;
	return false;
}

/* Another spelling of an option on the command line, such as --wd. */
static const char *find_alias(struct bytes name)
{
	struct buf spelling = BUF_INIT;
	struct runfile_key key;
	const char *found = NULL;

	buf_adds(&spelling, name.len == 1 ? "-" : "--");
	buf_addb(&spelling, name);
	for (size_t i = NOWN; found == NULL && runfile_key_at(i, &key); i++)
		if (option_has_alias(key.option, spelling.data, spelling.len) ||
		    (name.len == 1 && name.p[0] == key.option->letter))
			found = key.name;
	buf_clear(&spelling);
	return found;
}

const char *runfile_key_suggest(struct bytes name)
{
	const char *alias = find_alias(name);
	struct suggestion near;
	struct runfile_key key;

	if (alias != NULL)
		return alias;
	suggest_begin(&near, name);
	for (size_t i = 0; runfile_key_at(i, &key); i++)
		suggest_try(&near, key.name);
	return near.best;
}

bool runfile_has_key(const char *name)
{
	struct runfile_key key;

	return runfile_key_find(bytes_str(name), &key);
}
