/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_SHELL_FULL_H
#define TESTS_UNIT_SHELL_FULL_H

/* Random lines from the whole grammar of each shell, as far as it is known: not
 * from the grammar that volley takes for inert.  A value gets into variables,
 * parameters, arrays, functions, pipes and files, and is then used in every way
 * that a shell has to look at it.
 *
 * In the tables, upper case in < > stands for something to fill in. */

#include <string.h>

#include "base/buf.h"
#include "shell_generate.h"

struct full {
	struct random *random;
	int depth, budget;
};

static const char *const full_values[] = {"{}", "{}", "{}", "{name}", "{1}", "{l}"};

static const char *const full_names[] = {
    "x", "x", "x", "y", "n", "n", "a", "a", "m", "i", "r", "f", "_", "RANDOM", "SECONDS",
    "OPTIND", "COLUMNS", "LINES", "IFS", "REPLY", "OPTARG", "LINENO", "HISTSIZE", "TMOUT",
    "UID", "TIMEFORMAT", "SHLVL", "argv", "MAILCHECK", "CDPATH", "DIRSTACK", "match",
    "BASH_XTRACEFD", "status", "PWD", "OLDPWD", "HOME", "LC_ALL", "KEYTIMEOUT", "PS1"};

/* Expansions of a name or of a parameter. */
static const char *const full_pieces[] = {
    "<V>", "<V>", "<V>", "\"<V>\"", "'<V>'", "a<V>", "<V>b", "$<N>", "$<N>", "\"$<N>\"",
    "\"$<N>\"", "${<N>}", "\"${<N>}\"", "$1", "\"$1\"", "$2", "\"$@\"", "$*", "\"${1}\"",
    "${<N>:-<W>}", "\"${<N>:-<W>}\"", "${<N>:=<W>}", "\"${<N>:=<V>}\"", "${<N>=<W>}",
    "${<N>+<W>}", "${<N>:+<W>}", "${<N>#<W>}", "${<N>##<W>}", "${<N>%<W>}", "${<N>%%<W>}",
    "${<N>/<W>/<W>}", "\"${<N>//<W>/<V>}\"", "${<N>:<A>}", "${<N>:<A>:<A>}", "${<N>:1}",
    "${<N>^^}", "${<N>,,}", "${<N>^<W>}", "${<N>@Q}", "${<N>@P}", "${<N>@A}", "${<N>@E}",
    "${!<N>}", "\"${!<N>}\"", "${!<N>@}", "${#<N>}", "${#<N>[@]}", "${<N>[0]}",
    "${<N>[<A>]}", "\"${<N>[@]}\"", "${<N>[$<N>]}", "\"${<N>[<V>]}\"", "${<N>[*]}",
    "${(P)<N>}", "${(e)<N>}", "${(%)<N>}", "${(z)<N>}", "${(s.<V>.)<N>}", "${~<N>}", "$~<N>",
    "$=<N>", "$^<N>", "$+<N>", "${+<N>}", "${:-<W>}", "${${<N>}}", "$<N>[<A>]", "\"$<N>[<V>]\"",
    "$<N>:h", "${<N>:h}", "${<N>:s/<W>/<W>/}", "$#<N>", "$(<L>)", "\"$(<L>)\"", "`<B>`",
    "\"`<B>`\"", "$((<A>))", "\"$((<A>))\"", "$[<A>]", "$[ a[b] + <V> ]", "<(<L>)", ">(<L>)",
    "=(<L>)", "*(e:<V>:)", "*(+<N>)", "*(e:'<W>':)", "~<V>", "{<W>,<W>}", "{1..<W>}",
    "$'a<V>b'", "$\"<V>\"", "$'\\044(<N>)'", "@(a|<W>)", "+(<W>)", "$0", "$$", "$#", "$?", "$!",
    "$-", "0", "1", "a", "x", "-v", "-f", "--", "\\<V>", "a\\ b", "[<A>]", "[<V>]=1", "$<N>$<N>",
    "$(cat <<E\n<V> $<N>\nE\n)", "${.sh.<N>}", "$(( <A>", "${<N>:?<W>}", "%<N>", "$<N>/<W>"};

static const char *const full_arithmetic[] = {
    "1", "2", "<N>", "<N>", "$<N>", "${<N>}", "<V>", "$1", "<A>+<A>", "<A>*<A>", "<N>=<A>",
    "<N>++", "--<N>", "<N>[<A>]", "<N>[$<N>]", "a[<V>]", "(<A>)", "<A>?<A>:<A>", "<A><<1",
    "$(<L>)", "`<B>`", "${<N>:-<V>}", "${#<N>}", "<A>,<A>", "16#<V>", "\"<V>\"", "'<N>'",
    "m[\"a(b\"]*<V>", "<N>+=<A>", "$#", "<A>==<A>", "!<A>", "$((<A>))", "x$<N>", "##<N>"};

static const char *const full_tests[] = {
    "<W>", "-n <W>", "-z <W>", "-f <W>", "-v <W>", "-v <N>", "-v <N>[<W>]", "-R <W>", "-t <W>",
    "-o <W>", "<W> = <W>", "<W> == <W>", "<W> != <W>", "<W> -eq <W>", "<W> -lt 1", "1 -ge <W>",
    "<W> -nt <W>", "<W> -ef <W>", "! <T>", "<T> -a <T>", "<T> -o <T>", "\\( <T> \\)",
    "<W> \\< <W>", "<W> <W>", "<W> <W> <W>", "-a <W>", "<W> -a <W>", "-e <W>", "<N> -eq <N>"};

static const char *const full_conditions[] = {
    "<W>", "-n <W>", "<W> == <W>", "<W> = <W>", "<W> != <W>", "<W> =~ <W>", "<W> =~ ^(<W>)$",
    "<W> < <W>", "<W> > <W>", "<W> -eq <W>", "<A> -lt <A>", "<N> -gt 1", "-v <W>", "-v <N>",
    "-v <N>[<W>]", "-R <N>", "-t <W>", "-o <W>", "-f <W>", "! <C>", "<C> && <C>", "<C> || <C>",
    "( <C> )", "<W> -nt <W>", "<W> == @(a|<W>)", "-e <W>"};

/* Ways for a value to get somewhere. */
static const char *const full_flows[] = {
    "<N>=<W>", "<N>=<V>", "<N>=<V>", "x={}", "n={}", "<N>+=<W>", "<N>=(<W> <W>)", "<N>+=(<V>)",
    "<N>[<A>]=<W>", "<N>[1]=<V>", "<N>=([<A>]=<W> [1]=<V>)", "m=([k]=<V>)", "a=(1 2 3)",
    "set -- <W> <W>", "set -- <V>", "export <N>=<W>", "export <N>=<V>", "readonly r=<W>",
    "typeset <N>=<W>", "typeset -i <N>", "typeset -i <N>=<W>", "declare -i n", "declare -A m",
    "declare -a a=<V>", "declare -a a=(<V>)", "declare -n r", "declare -n r=<V>", "declare <N>=<V>",
    "declare -x <N>=<V>", "typeset -A m", "typeset -n r=<N>", "integer n", "float n", "nameref r=<N>",
    "local <N>=<W>", "typeset -F n=<V>", "typeset -Z3 <N>=<V>", "typeset -u <N>=<V>",
    "read <N> <<< <W>", "read -r <N> <<< <V>", "read -ra a <<< <V>", "read -A a <<< <V>",
    "echo <V> | read <N>", "read <N> <<E\n<V>\nE\n", "read -r <N> <f", "printf '%s\\n' <V> > f",
    "echo <V> >f", "cat <<E >f\n<V> $<N>\nE\n", "mapfile -t a <<< <V>", "mapfile a <f",
    "printf -v <N> %s <W>", "printf -v <N> '%b' <V>", "printf -v<N> %s <V>", "print -v <N> <V>",
    ": ${<N>:=<V>}", ": \"${<N>=<W>}\"", "for <N> in <W> <W>; do <L>; done",
    "for <N> in <V>; do <L>; done", "select <N> in <V>; do <L>; break; done <f",
    "getopts <W> <N> <W>", "getopts ab: <N> -b <V>", "while read -r <N>; do <L>; done <f",
    "echo <V> | while read <N>; do <L>; done", "f() { <L>; }; f <W> <W>", "f() { <L>; }; f <V>",
    "function f { <L>; }; f <V>", "f() { local <N>=$1; <L>; }; f <V>", "f() { typeset -i n=$1; }; f <V>",
    "let <N>=<A>", "(( <N>=<A> ))", "<N>=$((<A>))", "IFS=<W>", "exec 3<f; read -r <N> <&3",
    "<N>=$(cat f)", "<N>=$(<f)", "<N>=`echo <V>`", "x=y; y=<V>", "x='<N>'", "unset <N>", "unset <N>[<W>]",
    "coproc cat <f", "zparseopts a=<N>", "set -A a <W> <W>", "set -A <V> x", "trap 'x=<V>' EXIT",
    "eval <N>=x", "[[ <W> =~ (.*) ]]", "cd <W>", "pushd <W>"};

/* Ways to look at it. */
static const char *const full_uses[] = {
    "echo <W> <W>", ": <W> <W>", ": <W>", "printf %s <W>", "printf '%d' <W>", "printf '%s %d' <W> <W>",
    "printf <W> <W>", "printf '%n' <W>", "printf '%b' <W>", "printf '%*s' <W> <W>", "printf '%q' <W>",
    "printf '%(%F)T' <W>", "printf -- <W> <W>", "f=%d; printf $f <W>", "print <W>", "print -r <W>",
    "print -r -- <W>", "print -f %d <W>", "print -rf '%d' <W>", "print -P <W>", "print -u <W> x",
    "[ <T> ]", "test <T>", "[[ <C> ]]", "if [ <T> ]; then <L>; fi", "while [[ <C> ]]; do break; done",
    "(( <A> ))", "let <W>", "let \"<A>\"", ": $((<A>))", "exit <W>", "f() { return <W>; }; f",
    "shift <W>", "break <W>", "ulimit -n <W>", "umask <W>", "wait <W>", "wait -n -p <W>", "kill -0 <W>",
    "eval <W>", "eval \"<W>\"", "eval echo <W>", "eval \"echo $<N>\"", "eval 'echo $<N>'",
    "e=eval; $e <W>", "e=eval; $e \"echo <V>\"", "<W> <W>", "command <W> <W>", "builtin <W> <W>",
    "exec <W>", "command eval <W>", "builtin printf %d <W>", "\\eval <W>", "'eval' \"<W>\"",
    "trap <W> EXIT", "trap 'echo $<N>' EXIT", "trap 'eval $<N>' EXIT", "trap \"echo <W>\" EXIT",
    "alias q=<W>", "alias q='eval'\nq <W>", "unalias <W>", "unset <W>", "unset '<N>[<W>]'",
    "export <W>", "readonly <W>", "typeset <W>", "declare <W>", "declare -p <W>", "typeset -f <W>",
    "read <W> <f", "getopts <W> <W>", "hash <W>", "type <W>", "command -v <W>", "whence <W>",
    "enable <W>", "complete -W <W> x", "compgen -W <W>", "compgen -C <W>", "bind <W>", "fc -s <W>",
    "history -s <W>", "dirs +<W>", "pushd +<W>", "popd +<W>", "cd -<W>", "caller <W>", "jobs <W>", "fg <W>",
    "disown <W>", "shopt -s <W>", "set -o <W>", "set <W>", "set -<W>", "setopt <W>", "emulate sh -c <W>",
    "source <W>", ". ./f", ". /dev/stdin <f", "autoload <W>", "functions <W>", "zmodload <W>",
    "repeat <W> :", "sched <W>", "vared <W>", "mapfile -C <W> -c 1 a <f", "readarray -t <W> <f",
    "echo $<N> > <W>", ": < <W>", ": >& <W>", ": <& <W>", ": &> <W>", ": <<< <W>", "exec {<N>}>f",
    "exec 3>&<W>", "cat <<E\n<W> ${<N>} $((<A>)) $(<L>) `<B>`\nE\n", "cat <<'E'\n<V>\nE\n",
    "cat <<-E\n\t<V>\n\tE\n", "case <W> in <W>) <L>;; *) <L>;; esac", "case <W> in (<W>|<W>) ;; esac",
    "for ((<N>=<A>; <A><1; <A>)); do break; done", "time : <W>", "! : <W>", "{ <L>; }", "( <L> )",
    "(<L>) | cat", "<L> &", "<L> && <L>", "<L> || <L>", "<L> | cat", "if <L>; then <L>; else <L>; fi",
    "until <L>; do break; done", "<N>=<W> :", "<N>=<W> eval :", "<N>=<W> f2 <W>", "IFS= read -r <N> <f",
    "sh -c : <W>", "env <W> true", "cat f", "noglob : <W>", "- : <W>", "nocorrect : <W>", "coproc : <W>",
    "f() eval $1; f <V>", "function f g { eval $1; }; g <V>", "() { <L> } <V>", "if (( <A> )) { <L> }",
    "for <N> (<W>) <L>", "foreach <N> (<W>); <L>; end", "{ <L> } always { <L> }", "select <N> in <W>; do break; done <f",
    "PS4=<W>; :", "PROMPT_COMMAND=<W>", "TIMEFORMAT=<W>; time :", "BASH_ENV=<W> bash -c :", "ENV=<W> sh -c :",
    "set -k; : <W>", "set -e; <L>", "set -u; <L>", "shopt -s extglob; <L>", "shopt -s expand_aliases; <L>",
    "setopt globsubst; <L>", "setopt promptsubst; print -P <W>", "typeset -T <W> <W>", "private <N>=<W>",
    "array <N>", "a[<W>]=x", "a[<W>]+=x", "m[<V>]=1", "x=<V>; a[x]=1", "echo $[<A>]", "# <V>\n<L>",
    ": # <W>", "true; # '\n<L>", "\\\n<L>", "e\\\nval <W>", "ev''al <W>", "\"eva\"l <W>", "$(echo eval) <W>",
    "select", "times <W>", "logout <W>", "suspend <W>", "sleep <W>", "cat <W>", "ulimit <W>", "stat <W>",
    "strftime <W> 1", "zstyle -e <W> x y", "zformat -f <N> <W> a:<W>", "zregexparse <W> <W>"};

static void full_expand(struct full *g, struct buf *out, const char *pattern);

static void full_one(struct full *g, struct buf *out, const char *const *table, size_t n)
{
	full_expand(g, out, table[random_below(g->random, n)]);
}

#define FULL_ONE(g, out, table) full_one(g, out, table, sizeof(table) / sizeof *(table))

static void full_statement(struct full *g, struct buf *out)
{
	g->budget--;
	if (random_below(g->random, 5) < 2)
		FULL_ONE(g, out, full_flows);
	else
		FULL_ONE(g, out, full_uses);
}

static void full_list(struct full *g, struct buf *out)
{
	full_statement(g, out);
	while (g->budget > 0 && random_below(g->random, 3) == 0) {
		buf_adds(out, out->data[out->len - 1] == '\n' ? "" : "; ");
		full_statement(g, out);
	}
}

/* A backslash before what backquotes would end at. */
static void full_backquoted(struct full *g, struct buf *out)
{
	struct buf inner = BUF_INIT;

	full_list(g, &inner);
	for (size_t i = 0; i < inner.len; i++) {
		if (strchr("\\`$", inner.data[i]) != NULL && random_below(g->random, 8) > 0)
			buf_addc(out, '\\');
		buf_addc(out, inner.data[i]);
	}
	buf_clear(&inner);
}

static void full_fill(struct full *g, struct buf *out, char what)
{
	bool deep = g->depth > 5 || g->budget < 0;

	g->depth++;
	switch (what) {
	case 'V':
		FULL_ONE(g, out, full_values);
		break;
	case 'N':
		buf_adds(out, full_names[random_below(g->random, deep ? 12
							      : sizeof full_names /
								    sizeof *full_names)]);
		break;
	case 'W':
		deep ? full_expand(g, out, full_pieces[random_below(g->random, 12)])
		     : FULL_ONE(g, out, full_pieces);
		break;
	case 'A':
		deep ? full_expand(g, out, full_arithmetic[random_below(g->random, 8)])
		     : FULL_ONE(g, out, full_arithmetic);
		break;
	case 'T':
		deep ? buf_adds(out, "-n \"$x\"") : FULL_ONE(g, out, full_tests);
		break;
	case 'C':
		deep ? buf_adds(out, "-n $x") : FULL_ONE(g, out, full_conditions);
		break;
	case 'L':
		deep ? buf_adds(out, "echo \"$x\" $1") : full_list(g, out);
		break;
	case 'B':
		deep ? buf_adds(out, "echo {}") : full_backquoted(g, out);
		break;
	}
	g->depth--;
}

static void full_expand(struct full *g, struct buf *out, const char *pattern)
{
	for (; *pattern != '\0'; pattern++) {
		if (pattern[0] == '<' && pattern[1] >= 'A' && pattern[1] <= 'Z' &&
		    pattern[2] == '>') {
			full_fill(g, out, pattern[1]);
			pattern += 2;
		} else {
			buf_addc(out, *pattern);
		}
	}
}

/* A line of quotes and parentheses in which a value is evaluated somewhere, if the shell
 * takes that place for a command: what the lexer must see as the shell does. */
static inline void full_soup(struct random *r, struct buf *out)
{
	static const char *const tokens[] = {
	    "eval \"$x\"", "eval \"$x\"", "eval \"$x\"", "$((x))", "`eval \"$x\"`", "$(eval $x)",
	    "\neval \"$x\"\n", ";eval \"$x\";", " ", " ", " ", "\n", "; ", "'", "'", "\"", "\"",
	    "`", "`", "\\", "\\", "\\\n", "\\`", "\\\"", "\\'", "$(", "$(", ")", ")", "$((", "((",
	    "))", "(", "( ", "${y:-", "${y#", "${y%", "${y/a/", "${y+", "${#", "${", "}", "}", "{ ",
	    "; }", "[[ ", " ]]", "[ ", " ]", "<<E\n", "\nE\n", "E\n", "<<'E'\n", "<<-E\n", "\tE\n",
	    "<<\\E\n", "<<<", "> f ", "&& ", "| ", "|| ", "& ", ";; ", "case a in ", "a) ", "(a) ",
	    "*) ", " in ", "esac", "if :; ", "then ", "else ", "fi", "for q in a; ", "for q ", "do ",
	    "done", "while :; ", "f() ", "function f ", "a=( ", "a+=(", "b[", "]=", "y=", "#", " # ",
	    "$'", "$\"", "$", "$[", "]", "!", "*", "?(", "@(", "echo ", "echo ", ": ", "a", "b", "E",
	    "time ", "\t", "<(", ">(", "=(", "$#", "$$", "${#y}", "\r", "~", "{}", "{name}", "||",
	    "select q in a; ", "coproc ", "repeat 1 ", "trap 'echo ", "' EXIT", "eval 'echo ", "-"};
	size_t n = 2 + random_below(r, 16);

	buf_adds(out, "x={}; ");
	while (n-- > 0)
		buf_adds(out, tokens[random_below(r, sizeof tokens / sizeof *tokens)]);
}

/* A value that is in a variable and in a parameter, and just one use of it: what is
 * wrong there is not hidden by another use that makes the line evaluate. */
static inline void full_simple(struct random *r, struct buf *out)
{
	static const char *const starts[] = {"x={}; n={}; ", "set -- {}; x=$1; ",
					     "read -r x <<E\n{}\nE\n", "x={}; set -- {}; ",
					     "for x in {}; do :; done; ", "x={}; a=({}); ",
					     "x={}; y=x; r=x; "};
	struct full g = {.random = r, .depth = 4 + (int)random_below(r, 3)};

	FULL_ONE(&g, out, starts);
	if (random_below(r, 4) == 0)
		full_expand(&g, out, "echo <W>");
	else
		FULL_ONE(&g, out, full_uses);
}

/* One line: some flows and a use, in any order. */
static inline void full_line(struct random *r, struct buf *out)
{
	struct full g = {.random = r, .budget = 4 + (int)random_below(r, 5)};

	for (size_t n = 1 + random_below(r, 3); n > 0; n--) {
		if (out->len > 0 && out->data[out->len - 1] != '\n')
			buf_adds(out, random_below(r, 8) == 0 ? "\n" : "; ");
		full_statement(&g, out);
	}
}

#endif
