/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "command/environment.h"
#include "event_make.h"
#include "tap.h"

/* Variables, one a line. */
static const char *lines(char *const *env)
{
	static struct buf text;

	buf_reset(&text);
	for (; *env != NULL; env++)
		buf_addf(&text, "%s\n", *env);
	return buf_cstr(&text);
}

/* What a job's environment has beyond the six variables that all have. */
static const char *fields(const char *event)
{
	struct made m = made_new(event);
	const char *text = lines(environment_of_job(made_bindings(&m), getpid(), false, m.arena) + 6);

	arena_free(m.arena);
	return text;
}

static void test_common(void)
{
	static char *outer[] = {(char *)"A=1",
				(char *)"VOLLEY_SEQ=9",
				(char *)"VOLLEY_SLOT=9",
				(char *)"VOLLEY_TRY=9",
				(char *)"VOLLEY_RUN=9",
				(char *)"VOLLEY_PID=9",
				(char *)"VOLLEY_REPLY=9",
				(char *)"PARALLEL_SEQ=9",
				(char *)"PARALLEL_JOBSLOT=9",
				(char *)"_volley_1=9",
				(char *)"VOLLEY_SEQUENCE=stays",
				(char *)"VOLLEY=stays",
				(char *)"EVENT_x=stays",
				(char *)"odd",
				(char *)"A=2",
				NULL};
	static char *none[] = {NULL};
	char **old = environ;
	struct strv env = STRV_INIT;

	environ = outer;
	environment_base(&env);
	is(lines(env.v), "A=1\nVOLLEY_SEQUENCE=stays\nVOLLEY=stays\nEVENT_x=stays\nodd\nA=2\n",
	   "volley's own environment is passed on, without what volley sets itself");
	strv_clear(&env);
	environ = none;
	environment_base(&env);
	ok(env.v != NULL && env.v[0] == NULL && env.n == 0, "an empty environment is still a vector");
	strv_clear(&env);
	environ = old;
}

static void test_job(void)
{
	struct made m = made_new("x");
	char want[256];

	snprintf(want, sizeof want,
		 "VOLLEY_SEQ=7\nVOLLEY_SLOT=3\nVOLLEY_TRY=2\nVOLLEY_PID=%ld\n"
		 "PARALLEL_SEQ=7\nPARALLEL_JOBSLOT=3\n",
		 (long)getpid());
	is(lines(environment_of_job(made_bindings(&m), getpid(), false, m.arena)), want,
	   "a job gets its number, its slot and its try");
	arena_free(m.arena);
	is(fields("a=1,b=x y,c="), "EVENT_a=1\nEVENT_b=x y\nEVENT_c=\n", "and the fields of its event");
	is(fields("n=#1,l=@[2]"), "EVENT_n=1\nEVENT_l=[2]\n", "fields are spelled as in the input");
	is(fields("a;b"), "", "columns without names are left out");
	is(fields("_=1,A9=2,9a=3,a-b=4,a.b=5,a b=6,\303\244=7,=8"), "EVENT__=1\nEVENT_A9=2\n",
	   "so are names that no shell can read");
	is(fields("a=1+b=2+x"), "EVENT_a=1\nEVENT_b=2\n", "the fields of all sources are there");
	is(fields("a=1+a=2"), "EVENT_a=1\n",
	   "of two with the same name the first, as {a} is: shells differ in which they take");
	is(fields("a=1&a=2"), "", "a batch has no fields of its own");
}

static void test_odd_values(void)
{
	static char big[ENVIRONMENT_MAX_STRING];
	struct field f = {{"a", 1}, {"x\0y", 3}, VALUE_TEXT};
	struct item item = {.mapping = true, .fields = &f, .nfields = 1};
	struct event event = {.items = &item, .nitems = 1};
	const struct event *events[] = {&event};
	struct bindings b = {.events = events, .nevents = 1};
	struct arena *a = arena_new();

	is(lines(environment_of_job(&b, getpid(), false, a) + 6), "", "a value with a NUL is left out");
	memset(big, 'x', sizeof big);
	f.value = (struct bytes){big, sizeof big - strlen("EVENT_a=") - 1};
	is_int(strlen(environment_of_job(&b, getpid(), false, a)[6]) + 1, ENVIRONMENT_MAX_STRING,
	       "a value that just fits the kernel's limit is passed");
	f.value.len++;
	ok(environment_of_job(&b, getpid(), false, a)[6] == NULL, "a longer one is left out");
	arena_free(a);
}

static void test_names(void)
{
	setenv("BASH_FUNC_greet%%", "() {  echo hello\n}", 1);
	setenv("BASH_FUNC_odd", "x", 1);
	ok(environment_has_function(bytes_str("greet")), "an exported function is found");
	ok(!environment_has_function(bytes_str("gree")) &&
	       !environment_has_function(bytes_str("greet2")) &&
	       !environment_has_function(bytes_str("")),
	   "only by its whole name");
	ok(!environment_has_function(bytes_str("odd")), "a variable that only looks like one is not");
	ok(environment_is_name(bytes_str("_a9")) && !environment_is_name(bytes_str("9a")) &&
	       !environment_is_name(bytes_str("")) && !environment_is_name(bytes_str("a-b")),
	   "names of variables are recognised");
}

int main(void)
{
	test_common();
	test_job();
	test_odd_values();
	test_names();
	return done_testing();
}
