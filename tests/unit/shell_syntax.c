/* SPDX-License-Identifier: ISC */
#include <config.h>

/* Lines that are called complete, in the real shells: "-n" accepts each.  They come from
 * a grammar of good lines, of which some get a part lost, doubled or moved.
 *
 * VOLLEY_SYNTAX_ROUNDS=N is the number of lines for each shell, VOLLEY_SYNTAX_SEED=S
 * another seed. */

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "command/quote.h"
#include "command/shell.h"
#include "command/shell_ask.h"
#include "shell_fixture.h"
#include "shell_full.h"
#include "shell_run.h"
#include "tap.h"

static struct random rng;
static struct err err;

static bool is_complete(const char *line, const struct shell_dialect *d, char **script)
{
	struct fixture f = {.err = &err};
	struct shell_config cfg = {
	    .line = line, .match = fixture_match, .arg = &f, .dialect = d};
	struct strv warnings = STRV_INIT;
	struct shell_line *l = shell_compile(&cfg, &warnings, &err);
	bool result = l != NULL && shell_is_complete(l);

	if (result && script != NULL)
		*script = xstrdup(shell_script(l));
	strv_clear(&warnings);
	shell_free(l);
	return result;
}

/* --- written lines */

static void test_written(void)
{
	static const char *const complete[] = {
	    "echo {}", "convert {} {}.png && rm {}", "sort < {} > {}.s 2>/dev/null",
	    "if [ -f {} ]; then cat {}; elif :; then :; else echo no; fi",
	    "for i in 1 2 {}; do echo \"$i {}\"; done", "while :; do break; done | cat",
	    "case {} in a|b) echo 1;; (*) echo 2 ;; esac", "x={}; echo ${x%.*}.gz ${#x}",
	    "f() { echo \"$1\"; }; f {}", "! ( cd {} && ls ) &", "echo \"$(wc -l < {})\"",
	    "cat <<E\n{} $x\nE\n", "cat <<'E' | sort\n{}\nE\necho", "echo $((1 + 2)) 'a {}'",
	    "echo a \\\n {}", "echo {} # done", "true", "{ echo {}; } > f", "a | b | c {}"};
	static const char *const unsure[] = {
	    "", "echo {};;", "if {}; then", "fi", "echo {} |", "&& a", "a && ; b", "; a", "a ; ; b",
	    "for i in a; echo", "for i in a do; done", "case a in a) echo", "case a in a b) ;; esac",
	    "{ echo {} }", "( )", "()", "f() echo", "export() { :; }", "echo `echo {}`", "echo >",
	    "echo > ; a", "> > a", "x=1 if a; then b; fi", "> f { a; }", "a\\\n&&b", "echo a |\\\n| b",
	    "echo \\", "echo h\xc3\xa9", "if a; then fi", "while a; do ; done", "! ! a", "a | ! b",
	    "$((1))$( (a) )", "((a)); b", "echo $((1+))$( ( a ) b )", "if a; then b; fi c",
	    "echo (a)", "time echo", "echo ${x:-'a'}", "done", "a; }", "a )", "case a in esac; b esac",
	    "> f", "> f x={} & a", "x=1 & a", "command > f", "for 1a in b; do c; done", "for \"i\" in b; do c; done", "a & | b", "x[1 2]=3"};
	const struct shell_dialect dash = {.kind = SHELL_DASH}, unknown = {0};

	for (size_t i = 0; i < sizeof complete / sizeof *complete; i++)
		ok(is_complete(complete[i], &dash, NULL), "complete: %.*s",
		   (int)strcspn(complete[i], "\n"), complete[i]);
	for (size_t i = 0; i < sizeof unsure / sizeof *unsure; i++)
		ok(!is_complete(unsure[i], &dash, NULL), "not sure: %.*s",
		   (int)strcspn(unsure[i], "\n"), unsure[i]);
	ok(!is_complete("echo {}", &unknown, NULL), "an unknown shell has to be asked");
	ok(!is_complete("x={}; echo $((x))", &(struct shell_dialect){.kind = SHELL_BASH}, NULL),
	   "so has one that evaluates the line");
}

/* --- generated lines */

struct parts {
	const char *v[512];
	size_t n;
	int budget;
};

static const char *one_of(const char *const *list, size_t n)
{
	return list[random_below(&rng, n)];
}

#define ONE_OF(list) one_of(list, sizeof(list) / sizeof *(list))

/* The first ones are the usual ones. */
#define MOSTLY(list, usual)                                                              \
	one_of(list, random_below(&rng, 8) > 0 ? (usual) : sizeof(list) / sizeof *(list))

static void add(struct parts *p, const char *text)
{
	if (p->n < sizeof p->v / sizeof *p->v)
		p->v[p->n++] = text;
}

static void add_list(struct parts *p);

static void add_words(struct parts *p)
{
	static const char *const words[] = {
	    "{}", "\"{}\"", "'{} b'", "a{}", "a b", "$x", "\"$x\"", "${x}", "\"${x:-a b}\"", "${x:-{}}",
	    "${x%.*}", "${x##*/}", "\"${x%.*}\"", "${#x}", "$1", "$#", "\"$@\"", "$((1 + 2))", "$((x*2))",
	    "*.[ch]", "-n", "a=b", "\\{\\}", "\\$", "\\\n", "if", "do", "}", "{", "in", "esac", "#", "a#b",
	    "${x:=a}", "$$", "\"a`b`\"", "!", "[", "]", "~", "~/a", "a,b", "{a,b}", "{1..3}", "''", "\"\"",
	    "\"a\\\"b\"", "'a\\'", "$'a'", "$'a\\'b'", "a(b)", "%d", "@", "[[", "]]", "$", "\"$\"", "^", "a^b",
	    "-", "--", "=", "==", "=a", "a=", "b[", "b[1]", "b[1]=", "c}", "{c", "x\\ty", "\"\t\"", "1", "2",
	    "${10}", "${x+a}", "\"${x#{}}\"", "\"${x:-'}\"", "$(())", "${x?}", "$!", "$-", "\"\\\n\"", "'\n'"};

	for (size_t n = random_below(&rng, 4); n > 0; n--) {
		if (random_below(&rng, 12) == 0 && p->budget > 0) {
			add(p, random_below(&rng, 2) ? "$(" : "\"$(");
			add_list(p);
			add(p, p->v[p->n - 1][0] == '"' ? ")\"" : ")");
		} else {
			add(p, MOSTLY(words, 24));
		}
	}
}

static void add_redirection(struct parts *p)
{
	static const char *const redirections[] = {
	    ">f", "> f", "2>&1", ">&2", "<f", ">>f", "2>/dev/null", ">|f", "<>f", "3<&-", "> {}",
	    "12>f", "2>", "<<E\na {}\nE\n", "<<'E'\n{} $x\nE\n", "<<-E\n\ta\n\tE\n", "<<E", "&>f",
	    ">&f", "<<<a", "< <(a)", "{fd}>f", "\\2>f", "<\\\nf", ">\"a b\"", ">$x", "<<E\na\nE"};

	add(p, MOSTLY(redirections, 16));
}

static void add_simple(struct parts *p)
{
	static const char *const starts[] = {"echo", "cat", ":", "true", "ls", "/bin/x", "x=1", "x={}",
					     "x={} a", "[ {} = a ]", "test -f {}", "cd", "{}", "x=$(a)", "[",
					     "", "a.b", "a-b", "f", "then", "for", "eval", "y=a x=b", "in",
					     "time", "select", "function", "repeat", "end", "coproc", "b[1]=2",
					     "x+=1", "command", "exec", "set --", "if", "\"if\"", "i\\\nf", "'{'"};

	if (random_below(&rng, 10) == 0)
		add_redirection(p);
	add(p, MOSTLY(starts, 14));
	add_words(p);
	if (random_below(&rng, 5) == 0)
		add_redirection(p);
	if (random_below(&rng, 9) == 0)
		add_words(p);
	if (random_below(&rng, 20) == 0)
		add(p, "# it's {} \" `$(\n");
}

static void add_separator(struct parts *p)
{
	static const char *const separators[] = {";", ";", ";", "\n", "\n", "&", "# c\n", ";\n"};

	add(p, ONE_OF(separators));
}

/* W a list W ... W: the keywords and the lists between them. */
static void add_compound(struct parts *p)
{
	static const char *const forms[][7] = {
	    {"if", "L", "then", "L", "fi"},	{"if", "L", "then", "L", "else", "L", "fi"},
	    {"if", "L", "then", "L", "elif", "L", "then"}, {"while", "L", "do", "L", "done"},
	    {"until", "L", "do", "L", "done"},	{"for i in", "W", ";", "do", "L", "done"},
	    {"for i in", "W", "\n", "do", "L", "done"}, {"for i", "do", "L", "done"},
	    {"case", "{}", "in", "a)", "L", ";;", "esac"}, {"case $x in", "(a|b)", "L", "esac"},
	    {"case a in", "*)", ";;", "esac"},	{"case a in", "esac"},
	    {"{", "L", "}"},			{"(", "l", ")"},
	    {"( (", "l", ") )"},		{"((", "l", "))"},
	    {"f()", "{", "L", "}"},		{"f ()", "(", "l", ")"},
	    {"f()", "if", "L", "then", "L", "fi"}, {"!", "l"},
	    {"g-h()", "{", "L", "}"},		{"end() {", "L", "}"},
	    {"case x in", "a)", "l", ";;", "b)", "l", "esac"}, {"for i in;", "do", "L", "done"},
	    {"if", "L", "then", "L", "fi", "> f"}};
	size_t form = random_below(&rng, sizeof forms / sizeof *forms);

	for (size_t i = 0; i < 7 && forms[form][i] != NULL; i++) {
		const char *part = forms[form][i];

		if (strcmp(part, "L") == 0 || strcmp(part, "l") == 0) {
			add_list(p);
			if (*part == 'L')
				add_separator(p);
		} else if (strcmp(part, "W") == 0) {
			add_words(p);
		} else {
			add(p, part);
		}
	}
	if (form == 2) {
		add_list(p);
		add(p, "; fi");
	}
}

static void add_list(struct parts *p)
{
	static const char *const joins[] = {";", ";", "&&", "||", "|", "\n", "&", "&&\n", "|\n", "\\\n"};

	p->budget--;
	for (size_t n = 1 + random_below(&rng, 3); n > 0; n--) {
		if (p->budget > 0 && random_below(&rng, 3) == 0)
			add_compound(p);
		else
			add_simple(p);
		if (n > 1)
			add(p, ONE_OF(joins));
	}
}

static void spoil(struct parts *p)
{
	size_t a = random_below(&rng, p->n), b = random_below(&rng, p->n);
	const char *part = p->v[a];

	switch (random_below(&rng, 3)) {
	case 0:
		p->v[a] = "";
		break;
	case 1:
		add(p, part);
		break;
	default:
		p->v[a] = p->v[b];
		p->v[b] = part;
	}
}

static void make_line(struct buf *out)
{
	struct parts p = {.budget = 3 + (int)random_below(&rng, 4)};

	buf_reset(out);
	add_list(&p);
	for (size_t n = random_below(&rng, 6); n > 3; n--)
		spoil(&p);
	for (size_t i = 0; i < p.n; i++)
		buf_addf(out, "%s%s", p.v[i], random_below(&rng, 12) > 0 ? " " : "");
}

static bool accepts(const struct shell_answers *shell, const char *name, const char *line,
		    const char *script)
{
	struct buf text = BUF_INIT;

	if (shell_check_syntax(shell, script, &err) == 0)
		return true;
	/* "zsh -n" has the status of "! :", without a word. */
	if (strcmp(name, "zsh") == 0 && strstr(err.text, "line: zsh:") == NULL)
		return true;
	quote_always(&text, bytes_str(line));
	printf("#   %s refuses a line that is called complete: %s\n", name, err.text);
	tap_show("line", buf_cstr(&text));
	buf_clear(&text);
	return false;
}

static void test_shell(const struct shell *sh, long rounds)
{
	struct shell_answers answers;
	struct strv words = STRV_INIT;
	struct buf line = BUF_INIT;
	long complete = 0, failed = 0, i;

	for (size_t k = 0; k < 3 && sh->words[k] != NULL; k++)
		strv_add(&words, sh->words[k]);
	shell_identify(&answers, &words, "");
	for (i = 0; i < rounds && failed < 10; i++) {
		char *script;

		if (i % 8 == 0) {
			buf_reset(&line);
			full_soup(&rng, &line);
		} else {
			make_line(&line);
		}
		if (!is_complete(buf_cstr(&line), &answers.dialect, &script))
			continue;
		complete++;
		failed += !accepts(&answers, sh->name, buf_cstr(&line), script);
		free(script);
	}
	ok(failed == 0, "%s accepts the lines that are called complete", sh->name);
	ok(complete > i / 50, "%s: some are", sh->name);
	printf("# %ld of %ld lines are complete\n", complete, i);
	shell_answers_clear(&answers);
	strv_clear(&words);
	buf_clear(&line);
}

/* --- lines as people write them */

static void test_common(void)
{
	const char *top = getenv("TOP_SRCDIR");
	struct shell_dialect dash = {.kind = SHELL_DASH};
	char path[4096], line[1024];
	long n = 0, complete = 0;
	FILE *lines;

	snprintf(path, sizeof path, "%s/tests/data/common-lines", top != NULL ? top : ".");
	lines = fopen(path, "r");
	while (lines != NULL && fgets(line, sizeof line, lines) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		complete += is_complete(line, &dash, NULL);
		n++;
	}
	if (lines != NULL)
		fclose(lines);
	ok(n > 0 && complete * 10 >= n * 8, "most common lines are complete");
	printf("# %ld of %ld\n", complete, n);
}

static long number(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? atol(text) : otherwise;
}

int main(void)
{
	rng.state = (uint64_t)number("VOLLEY_SYNTAX_SEED", 20240301) * 2654435761u + 1;
	test_written();
	test_common();
	enter_scratch();
	for (size_t i = 0; i < NALL; i++)
		if (is_installed(all_shells[i].words[0]))
			test_shell(&all_shells[i], number("VOLLEY_SYNTAX_ROUNDS", 600));
		else
			ok(true, "%s # skip not installed", all_shells[i].name);
	leave_scratch();
	return done_testing();
}
