/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "command/environment.h"
#include "command/shell_ask.h"
#include "sys/spawn.h"

/* The shell and its flags, then more words; the strings stay their owners'. */
static char **arguments(const struct strv *shell, const char *const *more, size_t n)
{
	char **argv = calloc(shell->n + n + 1, sizeof *argv);

	if (argv == NULL)
		return NULL;
	memcpy(argv, shell->v, shell->n * sizeof *argv);
	for (size_t i = 0; i < n; i++)
		argv[shell->n + i] = (char *)more[i];
	return argv;
}

static int ask(const struct strv *shell, const char *const *more, size_t n, char *answer,
	       size_t size)
{
	char **argv = arguments(shell, more, n);
	int status;

	if (argv == NULL)
		return -1;
	status = spawn_ask(argv, answer, size);
	free(argv);
	return status;
}

bool shell_knows_word(const struct strv *shell, const char *word)
{
	const char *more[] = {"-c", "command -v \"$1\"", "sh", word};
	char answer[8];
	int status = ask(shell, more, 4, answer, sizeof answer);

	if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) != 0)
		return answer[0] != '\0'; /* nothing found, unless it complained */
	return status != 0 || answer[0] != '/';
}

static bool is_dash(const struct strv *shell)
{
	char path[4096];
	char *real = realpath(shell->v[0], NULL);
	bool dash = real != NULL && strlen(real) < sizeof path &&
		    strcmp(basename(real), "dash") == 0;

	free(real);
	return dash;
}

/* What people write who think of bash. */
static bool looks_like_bash(const char *script)
{
	static const char *const signs[] = {"[[", "<(", ">(", "<<<", "=(", "function ",
					    "&>", "|&", "$'", "{1..", "((", "${!", "//"};

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (strstr(script, signs[i]) != NULL)
			return true;
	return false;
}

int shell_check_syntax(const struct strv *shell, const char *script, struct err *err)
{
	const char *more[] = {"-n", "-c", script, "volley"};
	char answer[1024];
	int status = ask(shell, more, 4, answer, sizeof answer);

	if (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return 0; /* a shell that cannot be asked says so when it runs */
	answer[strcspn(answer, "\n")] = '\0';
	return err_usage(err, "the shell refuses the command line: %s%s",
			 answer[0] != '\0' ? answer : shell->v[0],
			 is_dash(shell) && looks_like_bash(script)
			     ? "; if the line is meant for bash, use --shell bash"
			     : "");
}

static size_t name_length(const char *s)
{
	return strcspn(s, " \t\n;|&()<>\"'`$={}*?[]#~!\\/");
}

bool shell_names_function(const char *line)
{
	while (*line != '\0') {
		size_t len = name_length(line);

		if (len == 0)
			len = 1;
		else if (environment_has_function((struct bytes){line, len}))
			return true;
		line += len;
	}
	return false;
}
