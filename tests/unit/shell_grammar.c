/* SPDX-License-Identifier: ISC */
#include <config.h>

/* What the grammar says of lines: inert, or evaluating expressions or code, by the shell. */

#include "command/shell.h"
#include "command/shell/dialect.h"
#include "command/shell/token.h"
#include "shell_bound.h"
#include "tap.h"

enum { ALL = -1 };
enum {
	DASH = 1 << SHELL_DASH,
	BASH = 1 << SHELL_BASH,
	ZSH = 1 << SHELL_ZSH,
	KSH = 1 << SHELL_KSH,
	MKSH = 1 << SHELL_MKSH,
	NOT_DASH = BASH | ZSH | KSH | MKSH,
};

static enum shell_word look_up(void *arg, struct bytes word)
{
	(void)arg;
	return is_listed(word, "q")		   ? SHELL_WORD_ALIAS
	       : is_listed(word, "nothing")	   ? SHELL_WORD_NONE
	       : shell_is_builtin_somewhere(word) ? SHELL_WORD_OWN
						  : SHELL_WORD_PROGRAM;
}

/* 'i' inert, 'x' expressions, 'c' code, 'r' refused. */
static char class_of(enum shell_kind kind, const char *line)
{
	struct fixture f = fixture_new();
	struct shell_line *l;
	char class = 'r';

	dialect = (struct shell_dialect){.kind = kind, .look_up = look_up};
	l = compile(line, &f);
	if (l != NULL)
		class = shell_check_value(l, "v", NULL, bytes_str("$"), &err) == 0   ? 'i'
			: shell_check_value(l, "v", NULL, bytes_str("a b"), &err) == 0 ? 'x'
										       : 'c';
	shell_free(l);
	return class;
}

static void test_classes(void)
{
	static const struct {
		int kinds;
		char class;
		const char *line;
	} lines[] = {
	    /* words */
	    {BASH, 'c', "x={}; $'ev\\x61l' \"$x\""},
	    {BASH, 'c', "x={}; ev'al' \"$x\""},
	    {ALL, 'c', "echo {:raw} {name:raw}; x{name:raw}=1"},
	    {ALL, 'i', "echo '{}' \"{}\" a{}b"},
	    {ALL, 'c', "'if' {}"},
	    {ALL, 'i', "echo if {}; if a {}; then b; fi"},
	    {NOT_DASH, 'x', "x={}; [ $x = a ]"},
	    {NOT_DASH, 'i', "x={}; [ \"$x\" = a ]"},
	    {KSH, 'x', "set -- {}; [ \"$@\" = a ]"},
	    {KSH, 'x', "[ \"${a[@]}\" = a ]; : {}"},
	    {DASH, 'i', "x={}; [ $x = a ]; [ \"$x\" -eq 1 ]"},
	    /* arithmetic and what computes */
	    {NOT_DASH, 'x', "x={}; echo $((x))"},
	    {NOT_DASH, 'x', "x={}; echo $(($x + 1))"},
	    {NOT_DASH, 'i', "x=1; echo $((x + 1)) {}"},
	    {NOT_DASH, 'x', "x=1; x={}; echo $((x))"},
	    {NOT_DASH, 'x', "x={}; x=1; echo $((x))"},
	    {NOT_DASH, 'i', "x=$#; echo $((x + $# + ${#x})) {}"},
	    {NOT_DASH, 'x', "y=1; echo $((x$y))"},
	    {DASH, 'i', "x={}; echo $((x))"},
	    {KSH | MKSH | ZSH, 'x', "x={}; exit $x"},
	    {NOT_DASH, 'i', "x=1; kill -9 $x; : {}"},
	    {NOT_DASH, 'x', "x={}; kill $x"},
	    {DASH, 'i', "x={}; kill $x; umask $x; wait $x"},
	    {NOT_DASH, 'x', "x={}; wait $x"},
	    {NOT_DASH, 'i', "a & x=$!; wait $x; : {}"},
	    {BASH, 'x', "x={}; [[ $x -eq 1 ]]"},
	    {BASH, 'i', "x={}; [ \"$x\" -eq 1 ]"},
	    {KSH | MKSH | ZSH, 'x', "x={}; [ \"$x\" -eq 1 ]"},
	    {NOT_DASH, 'x', "[ a = {} -o b = c ]"},
	    {NOT_DASH, 'i', "[ ! a = {} ]; test -f {}; [ -t 1 ]"},
	    {NOT_DASH, 'x', "[ ! ! -f {} ]"},
	    {BASH, 'i', "[[ ! ! {} = a && {} =~ a ]]"},
	    {KSH, 'x', "[[ {} =~ a ]]"},
	    {BASH, 'x', "let 1; : {}"},
	    /* expansions */
	    {BASH, 'x', "x={}; echo ${!x}"},
	    {BASH, 'x', "x={}; echo \"${!x}\""},
	    {BASH, 'x', "x={}; echo ${x@P}"},
	    {BASH, 'i', "x={}; echo ${x@Q} ${x^^} ${x/a/b} ${x:1}"},
	    {BASH, 'x', "x={}; echo ${x:y}"},
	    {BASH, 'x', "x={}; echo ${a[x]}"},
	    {BASH, 'x', "x={}; echo ${a[$x]}"},
	    {BASH, 'i', "x={}; echo ${a[0]} ${a[@]}"},
	    {BASH, 'c', "x={}; echo ${x&y}"},
	    {ZSH, 'c', "x={}; echo $x[1]"},
	    {ZSH, 'c', "x={}; echo $x:h"},
	    {BASH, 'i', "x={}; echo $x[1] $x:h"},
	    {ZSH, 'c', "x={}; echo ${x:h}"},
	    {ALL, 'c', "x={}; echo `echo \\\"$x`"},
	    {DASH, 'c', "x={}; echo \"${y#'}'}$x\""},
	    {BASH, 'c', "x={}; echo *(a) $x"},
	    {BASH, 'i', "x=(1 {}); x+=({}); echo \"${x[0]}\""},
	    {BASH, 'x', "x[$y]={}"},
	    /* assignments */
	    {NOT_DASH, 'x', "RANDOM={}a"},
	    {NOT_DASH, 'x', "for SECONDS in {}; do :; done"},
	    {NOT_DASH, 'x', ": \"${OPTIND:={}}\""},
	    {ALL, 'c', "PATH={}; ls"},
	    {ALL, 'i', "PATH=/b:$PATH ls {}"},
	    {ALL, 'c', "IFS=$x; : {}"},
	    {ALL, 'c', "PS3={}"},
	    {ALL, 'c', "BASH_X={}"},
	    {ZSH, 'c', "path={}"},
	    {DASH | BASH, 'i', "path={}"},
	    {DASH, 'c', "x={}; export y=$x"},
	    {BASH, 'i', "x={}; export y=$x; readonly z={}"},
	    {DASH, 'i', "x={}; export y=\"$x\""},
	    {BASH, 'x', "typeset -i x; : {}"},
	    {BASH, 'x', "local -i x; : {}"},
	    {BASH, 'i', "local -r x={}"},
	    {BASH, 'x', "a=(1); local a={}"},
	    /* builtins */
	    {ALL, 'i', "read -r x y; : {}"},
	    {BASH, 'i', "read -rd '' x; read -n 3 x; : {}"},
	    {BASH, 'x', "x={}; read -n $x y"},
	    {BASH, 'x', "read -ra x; : {}"},
	    {NOT_DASH & ~BASH, 'x', "read -s x; : {}"},
	    {BASH, 'i', "mapfile -t x; : {}"},
	    {BASH, 'c', "mapfile -C x y; : {}"},
	    {ZSH, 'c', "mapfile x; : {}"},
	    {BASH, 'x', "unset $x; : {}"},
	    {ALL, 'i', "unset x; set -- {} -a; set -eu; set -o noglob; shift"},
	    {ALL, 'c', "x={}; set $x"},
	    {ALL, 'c', "set -o globsubst; : {}"},
	    {ALL, 'c', "set -eo vi; : {}"},
	    {ALL, 'c', "set -k; : {}"},
	    {ALL, 'i', "getopts ab x {}"},
	    {ALL, 'x', "x={}; getopts $x y a"},
	    {ALL, 'i', "printf '%s %%\\n' {}; printf {}"},
	    {ZSH | KSH | MKSH, 'x', "x={}; printf '%s %d' a $x"},
	    {ZSH | KSH | MKSH, 'i', "x={}; printf '%s %d' \"$x\" 7"},
	    {ZSH | KSH | MKSH, 'x', "x={}; printf '%s %d' $x 7 8"},
	    {ZSH | KSH | MKSH, 'x', "x={}; printf '%*s' \"$x\" a"},
	    {ALL, 'x', "x={}; printf '%n' x"},
	    {ALL, 'x', "x={}; printf $x y"},
	    {KSH, 'i', "print -r -- {}"},
	    {KSH, 'c', "x={}; print $x"},
	    {BASH, 'c', "shopt -s extdebug; : {}"},
	    {BASH, 'i', "shopt -s nullglob; : {}"},
	    {ALL, 'c', "x={}; eval \"echo $x\""},
	    {ALL, 'c', "x={}; eval eval '$x'"},
	    {ALL, 'i', "x={}; eval 'echo $x'; trap 'rm \"$x\"' EXIT"},
	    {ALL, 'c', "x={}; trap \"$x\" EXIT"},
	    {BASH, 'x', "x={}; trap 'echo $((x))' EXIT"},
	    {ALL, 'i', ". ./lib; echo {}"},
	    {ALL, 'c', "echo {} > lib; . ./other"},
	    {ALL, 'c', "tee lib {}; . ./lib"},
	    {ALL, 'c', ". /dev/fd/3; : {}"},
	    /* commands */
	    {ALL, 'i', "f() { echo \"$1\"; }; f {}"},
	    {ALL, 'c', "f=eval; $f {}"},
	    {ALL, 'i', "./$x {}; {} a; /bin/{} b"},
	    {ALL, 'c', "ev?l {}"},
	    {ALL, 'c', "q {}"},
	    {ALL, 'i', "nothing {}; command ls {}; command -v {}"},
	    {ALL, 'c', "command -x ls {}"},
	    {BASH, 'c', "bind x; : {}"},
	    {ALL, 'c', "eval() { :; }; eval \"$x\"; : {}"},
	    {ALL, 'c', "echo a >&$x; : {}"},
	    {ALL, 'i', "echo a 2>&1 >&2 3<&- > {}"},
	    {BASH, 'c', "exec {x}>f; : {}"},
	    {KSH, 'c', "select x in {}; do :; done"},
	    {ZSH, 'c', "echo } {}"},
	    {ALL, 'c', "cat <<E\n{}"},
	    {DASH, 'r', "[[ {} = a ]]"},
	    {DASH, 'r', "echo {} &> f"},
	    {DASH, 'r', "cat {} |& b"},
	    {DASH, 'r', "echo {} {1..3}"},
	    {DASH, 'r', "x=(1 {})"},
	    {BASH, 'i', "echo {} {1..3} &> f |& cat"},
	    {BASH, 'i', "function f { echo {}; }; f"},
	    {1 << SHELL_UNKNOWN, 'c', "x=(1 {})"},
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		for (int kind = SHELL_DASH; kind <= SHELL_MKSH; kind++) {
			char got;

			if (!(lines[i].kinds & (1 << kind)))
				continue;
			got = class_of((enum shell_kind)kind, lines[i].line);
			if (!ok(got == lines[i].class, "%s: %s", shell_kind_name(&dialect),
				named(lines[i].line)))
				printf("#   got: %c\n#   expected: %c\n", got, lines[i].class);
		}
}

/* What a value may hold where the line evaluates it. */
static void test_values(void)
{
	static const struct {
		const char *line, *value;
		bool harmless;
	} values[] = {
	    {"x={}; echo $((x))", "a-1 +2", true}, {"x={}; echo $((x))", "a--", false},
	    {"x={}; echo $((x))", "a++", false},   {"x={}; echo $((x))", "h\xc3\xa9 'x'", true},
	    {"x={}; echo $((x))", "a=1", false},   {"x={}; echo $((x))", "-a", true},
	    {"x={}; eval $x", "a-b++", true},	   {"x={}; eval $x", "-a", false},
	    {"x={}; eval $x", "+a", false},	   {"x={}; eval $x", "a b", false},
	    {"x={}; eval $x", "h\xc3\xa9", false}, {"x={}; echo $x", "$(x)", true},
	};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct fixture f = fixture_new();
		struct shell_line *l;

		dialect = (struct shell_dialect){.kind = SHELL_BASH};
		l = compile(values[i].line, &f);
		ok(l != NULL && (shell_check_value(l, "v", NULL, bytes_str(values[i].value),
						   &err) == 0) == values[i].harmless,
		   "%s: '%s' is%s harmless", values[i].line, values[i].value,
		   values[i].harmless ? "" : " not");
		shell_free(l);
	}
}

int main(void)
{
	test_classes();
	test_values();
	strv_clear(&warnings);
	return done_testing();
}
