/* SPDX-License-Identifier: ISC */
#include <config.h>

/* What a shell is, asked or known: both give the same, and the environment cannot
 * make one shell pass for another. */

#include "base/mem.h"
#include "command/shell_ask.h"
#include "scratch.h"
#include "sys/spawn.h"
#include "tap.h"

static const char *const unusual[] = {"ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS",
				      "POSIXLY_CORRECT"};

static const char words[] =
    "! { } [[ ]] case do done elif else esac fi for if in then until while function select "
    "time coproc . : break continue eval exec exit export readonly return set shift times "
    "trap unset alias bg cd command fg getopts hash jobs kill read type ulimit umask "
    "unalias wait echo printf test [ true false pwd source local typeset declare let "
    "builtin shopt pushd popd dirs disown enable logout suspend bind caller "
    "compgen complete compopt help mapfile readarray print whence chdir integer setopt "
    "sleep cat mkdir gzip sed nice env no-such-program array zmodload";

static struct bytes next_word(const char **at)
{
	const char *start = *at;
	size_t n = strcspn(start, " ");

	*at = start + n + (start[n] == ' ');
	return (struct bytes){start, n};
}

static bool is_there(const char *name)
{
	struct err ignored;
	char *path = spawn_find_program(name, &ignored);
	bool there = path != NULL;

	free(path);
	return there;
}

static void identify(struct shell_answers *a, struct strv *shell, const char *name,
		     const char *more)
{
	*shell = (struct strv)STRV_INIT;
	strv_add(shell, name);
	if (more != NULL)
		strv_add(shell, more);
	shell_identify(a, shell, "");
}

static void forget(struct shell_answers *a, struct strv *shell)
{
	shell_answers_clear(a);
	strv_clear(shell);
}

static enum shell_kind kind_of(const char *name, const char *more)
{
	struct shell_answers a;
	struct strv shell;
	enum shell_kind kind;

	identify(&a, &shell, name, more);
	kind = a.dialect.kind;
	forget(&a, &shell);
	return kind;
}

/* An option makes it ask. */
static void compare(const char *name)
{
	struct shell_answers known, asked;
	struct strv shell, with_option;
	long different = 0;

	identify(&known, &shell, name, NULL);
	identify(&asked, &with_option, name, "-e");
	ok(asked.own == NULL, "%s with an option is asked", name);
	is_int(known.dialect.kind, asked.dialect.kind, "%s is the same without", name);
	for (const char *at = words; *at != '\0';) {
		struct bytes word = next_word(&at);
		enum shell_word is = shell_look_up(&known.dialect, word),
				says = shell_look_up(&asked.dialect, word);

		different += is != says;
		if (is != says)
			printf("# %.*s: %d, but %s says %d\n", (int)word.len, word.p, is, name, says);
	}
	is_int(different, 0, "%s knows the same words", name);
	forget(&known, &shell);
	forget(&asked, &with_option);
}

static void test_kinds(void)
{
	static const struct {
		const char *name, *more;
		enum shell_kind kind;
	} shells[] = {
	    {"dash", NULL, SHELL_DASH},	   {"bash", NULL, SHELL_BASH},
	    {"bash", "-e", SHELL_BASH},	   {"bash", "--posix", SHELL_BASH},
	    {"zsh", NULL, SHELL_ZSH},	   {"zsh", "-e", SHELL_ZSH},
	   	   {"ksh93", NULL, SHELL_KSH},
	    {"mksh", NULL, SHELL_MKSH},	   {"busybox", "sh", SHELL_BUSYBOX},
	    {"yash", NULL, SHELL_YASH},
	};

	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
		if (!is_there(shells[i].name)) {
			ok(true, "%s # skip not installed", shells[i].name);
			continue;
		}
		is_int(kind_of(shells[i].name, shells[i].more), shells[i].kind, "%s %s is known",
		       shells[i].name, shells[i].more != NULL ? shells[i].more : "");
	}
}

/* Variables say what a shell is only together with what it does. */
static void test_claims(void)
{
	char mark[128], value[160];

	setenv("BASH_VERSION", "5.2", 1);
	is_int(kind_of("dash", "-e"), SHELL_UNKNOWN, "dash with BASH_VERSION is not bash");
	if (is_there("zsh"))
		is_int(kind_of("zsh", NULL), SHELL_UNKNOWN, "zsh with it is not bash");
	unsetenv("BASH_VERSION");
	setenv("ZSH_VERSION", "5.9", 1);
	is_int(kind_of("dash", "-e"), SHELL_UNKNOWN, "dash with ZSH_VERSION is not zsh");
	is_int(kind_of("bash", "-e"), SHELL_UNKNOWN, "nor is bash");
	unsetenv("ZSH_VERSION");
	snprintf(mark, sizeof mark, "%s/M", scratch);
	snprintf(value, sizeof value, "a[$(:>%s)]", mark);
	setenv("_a", value, 1);
	setenv("a", value, 1);
	kind_of("bash", "-e");
	ok(access(mark, F_OK) < 0, "nothing of the environment is evaluated");
	unsetenv("a");
	unsetenv("_a");
}

/* Whatever may change what the builtins are. */
static void test_unusual(void)
{
	struct err ignored;
	char *path = xstrdup(getenv("PATH")), *bash = spawn_find_program("bash", &ignored);
	struct shell_answers a;
	struct strv shell;
	char longer[8192];

	for (size_t i = 0; i < sizeof unusual / sizeof unusual[0]; i++) {
		setenv(unusual[i], "", 1);
		identify(&a, &shell, "dash", NULL);
		ok(a.own == NULL, "with %s the shell is asked", unusual[i]);
		is_int(a.dialect.kind, SHELL_DASH, "and answers");
		forget(&a, &shell);
		unsetenv(unusual[i]);
	}
	snprintf(longer, sizeof longer, "%s:/f%%func", path);
	setenv("PATH", longer, 1);
	identify(&a, &shell, "dash", NULL);
	ok(a.own == NULL, "with functions in the PATH it is asked");
	forget(&a, &shell);
	setenv("PATH", path, 1);
	snprintf(longer, sizeof longer, "%s/dash", scratch);
	if (bash != NULL && symlink(bash, longer) == 0)
		is_int(kind_of(longer, NULL), SHELL_BASH, "the name of a link proves nothing");
	free(bash);
	free(path);
}

int main(void)
{
	for (size_t i = 0; i < sizeof unusual / sizeof unusual[0]; i++)
		unsetenv(unusual[i]);
	scratch_make();
	compare("dash");
	compare("bash");
	test_kinds();
	test_claims();
	test_unusual();
	scratch_remove();
	return done_testing();
}
