/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell.h"
#include "shell_bound.h"
#include "tap.h"

/* --- refusals */

static void check_error(const char *line, const char *want)
{
	struct fixture f = fixture_new();
	struct shell_line *l = compile(line, &f);

	is(l == NULL ? err.text : "accepted", want, "refused: %s", named(line));
	shell_free(l);
}

static void test_syntax_errors(void)
{
	check_error("echo {} 'x", "column 9: missing closing '");
	check_error("echo {} \"x", "column 9: missing closing \"");
	check_error("echo {} `x", "column 9: missing closing `");
	check_error("echo {} $(x", "column 10: missing closing )");
	check_error("echo {} (x", "column 9: missing closing )");
	check_error("echo {} $((1", "column 11: missing closing )");
	check_error("echo {} ${x", "column 9: missing closing } of ${");
	check_error("echo {} )", "column 9: unbalanced )");
	check_error("cat <<E {}", "column 11: a here-document without its body");
	check_error("echo $(cat <<E) {}", "column 15: a here-document without its body");
	check_error("cat << ; {}", "column 8: a here-document without a delimiter");
	check_error("cat <<E $(echo\n{})",
		    "column 15: a newline inside $( ) on a line that waits "
		    "for its here-document; split the line");
	check_error("echo `echo {} 'x`", "column 15: missing closing '");
}

static void test_refused_names(void)
{
	check_error("echo ${}",
		    "column 6: ${} is not a parameter of the shell; for a dollar sign "
		    "before the value write \\${}");
	check_error("echo \"${/}\"",
		    "column 7: ${/} is not a parameter of the shell; for a dollar "
		    "sign before the value write \\${/}");
	check_error("echo '${}'",
		    "column 7: ${} looks like a parameter of the shell; for a dollar "
		    "sign before the value write '$'{}, for the text itself $\\{}");
	check_error("echo ${{}}", "column 8: a placeholder cannot name a variable");
	check_error("echo ${#{}}", "column 9: a placeholder cannot name a variable");
	check_error("echo ${x{}}",
		    "column 9: a placeholder in a ${...} of unknown meaning");
	check_error("echo ${x@{}}",
		    "column 10: a placeholder in a ${...} of unknown meaning");
	check_error("echo ${(e){}}",
		    "column 11: a placeholder in a ${...} of unknown meaning");
	check_error("echo ${ echo {}; }",
		    "column 14: a placeholder in a ${...} of unknown meaning");
	check_error("echo ${x:={}}",
		    "column 11: a placeholder in an unquoted ${x:=...}, where it "
		    "would be split; write \"${x:=...}\"");
	check_error("echo ${x/{}/{}}",
		    "column 13: a placeholder in an unquoted ${x/a/...}, where it "
		    "would be split; write \"${x/a/...}\"");
	check_error("for {} in a; do :; done",
		    "column 5: a placeholder cannot name the variable of "
		    "a loop");
	check_error("read {}",
		    "column 6: a placeholder cannot name a variable ('read' would "
		    "evaluate it)");
	check_error("x=1 command read -r {}",
		    "column 21: a placeholder cannot name a variable "
		    "('read' would evaluate it)");
	check_error("if unset a{}; then :; fi",
		    "column 11: a placeholder cannot name a variable "
		    "('unset' would evaluate it)");
	check_error("export {}",
		    "column 8: a placeholder cannot name a variable ('export' would "
		    "evaluate it)");
	check_error("export x{}=1",
		    "column 9: a placeholder cannot name a variable ('export' would "
		    "evaluate it)");
	check_error("declare -n x={}",
		    "column 14: a placeholder cannot name a variable ('declare' "
		    "would evaluate it)");
}

static void test_more_refused_names(void)
{
	check_error("printf -v {} x",
		    "column 11: a placeholder cannot name a variable ('printf -v' "
		    "would evaluate it)");
	check_error("printf {} {1}",
		    "column 8: a placeholder in printf's format says how the "
		    "others are read; write printf '%s' {}");
	check_error("[ -v {} ]",
		    "column 6: a placeholder cannot name a variable ('[' would "
		    "evaluate it)");
	check_error("[[ -v {} ]]",
		    "column 7: a placeholder cannot name a variable ('[[' would "
		    "evaluate it)");
	check_error("[[ ( -R {} ) ]]",
		    "column 9: a placeholder cannot name a variable ('[[' would "
		    "evaluate it)");
	check_error("test {} {1}",
		    "column 6: a placeholder cannot be an operator of 'test'");
	check_error("set -A {}",
		    "column 8: a placeholder cannot name a variable ('set' would "
		    "evaluate it)");
	check_error("wait -p {}",
		    "column 9: a placeholder cannot name a variable ('wait' would "
		    "evaluate it)");
	check_error("mapfile -t {}",
		    "column 12: a placeholder cannot name a variable ('mapfile' "
		    "would evaluate it)");
	check_error("getopts ab {}",
		    "column 12: a placeholder cannot name a variable ('getopts' "
		    "would evaluate it)");
	check_error("f() { local {}; }",
		    "column 13: a placeholder cannot name a variable ('local' "
		    "would evaluate it)");
	check_error("function f { read {}; }",
		    "column 19: a placeholder cannot name a variable "
		    "('read' would evaluate it)");
	check_error("coproc X { read {}; }",
		    "column 17: a placeholder cannot name a variable "
		    "('read' would evaluate it)");
	check_error("case x in x) read {};; esac",
		    "column 19: a placeholder cannot name a variable "
		    "('read' would evaluate it)");
	check_error("echo `read {}`",
		    "column 12: a placeholder cannot name a variable ('read' "
		    "would evaluate it)");
	check_error("PS4={}",
		    "column 5: a placeholder in PS4, which the shell evaluates");
}

static void test_refused_places(void)
{
	const char *subscript =
	    "a placeholder inside an array's subscript, which the shell "
	    "evaluates";
	static const char *const lines[] = {
	    "echo ${a[{}]}",   "echo ${a[$(echo {})]}",
	    "a[{}]=x",         "a[x{}y]+=x",
	    "a[b[{}]]=x",      "a=([{}]=x)",
	    "declare a[{}]=x", "declare -A a=( [\"{}\"]=x )"};
	char want[128];
	struct fixture f = fixture_new();

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(want, sizeof want, "column %d: %s",
			 (int)(strstr(lines[i], "{}") - lines[i]) + 1, subscript);
		check_error(lines[i], want);
	}
	(void)f;
	check_error("cat <<{}\nx\n",
		    "column 7: a placeholder cannot be the delimiter of a "
		    "here-document");
	check_error("cat <<'a{}'\nx\n",
		    "column 7: a placeholder cannot be the delimiter of a "
		    "here-document");
	check_error("echo >&{}",
		    "column 8: a placeholder cannot follow >& or <&: bash would "
		    "evaluate it; for a file write > {} 2>&1");
	check_error("echo $[{}]", "column 6: a placeholder inside $[ ]; write $(( ))");
	check_error("echo $'a{}'",
		    "column 6: a placeholder inside $'...', which not every sh knows; "
		    "put it outside: $'...'{}$'...', or use --shell bash");
	check_error("echo $'\\'' {}",
		    "column 6: the end of $'...' with \\' or \\\\ is not the same "
		    "in every sh; use --shell bash");
	check_error("echo *(e:{}:)",
		    "column 10: zsh would run a value in *(e:...:) or *(+...)");
	check_error("echo *(+{})",
		    "column 9: zsh would run a value in *(e:...:) or *(+...)");
	check_error("cat <<E\n`echo \\\"{}`\nE\n",
		    "column 10: \\\" in backquotes in ${...} or a "
		    "here-document is not the same in every shell; write $( )");
	check_error("echo {bad}", "no field 'bad'");
}

static void test_depth(void)
{
	char line[3 * 5000 + 16] = "";
	struct fixture f = fixture_new();
	struct shell_line *l;

	for (size_t i = 0; i < 5000; i++)
		memcpy(line + 2 * i, "$(", 2);
	memcpy(line + 10000, "{}", 3);
	l = compile(line, &f);
	ok(l == NULL && strstr(err.text, "nested too deeply") != NULL,
	   "endless nesting is refused");
	shell_free(l);
	for (size_t i = 0; i < 5000; i++)
		memcpy(line + 3 * i, "$((", 3);
	memcpy(line + 15000, "{}", 3);
	l = compile(line, &f);
	ok(l == NULL, "and so is that of $((, in reasonable time");
	shell_free(l);
}

/* --- values the shell computes with */

static void check_value(const char *line, const char *value, const char *want)
{
	struct fixture f = fixture_new();
	struct shell_line *l;
	struct shell_values v = values_of(&f);
	struct arena *a = arena_new();
	char **argv;
	size_t argc;
	const char *got = "bound";

	for (int i = 0; i < ID_COUNT; i++)
		f.values[i] = bytes_str(value);
	l = compile(line, &f);
	if (l == NULL || shell_bind(l, &v, a, &argv, &argc, &err) < 0)
		got = err.text;
	is(got, want, "value %zu bytes in: %s", strlen(value), named(line));
	shell_free(l);
	arena_free(a);
}

static void test_integers(void)
{
	static const char *const lines[] = {"echo $((1+{}))",
					    "echo \"$(( ({}) ))\"",
					    "((x={}))",
					    "for ((i=0;i<{};i++)); do :; done",
					    "echo ${x:{}:1}",
					    "echo ${x:1:{}}",
					    "[ {} -eq 0 ]",
					    "test 0 -lt \"{}\"",
					    "[[ {} -ge 3 ]]",
					    "[[ ( x -ne {} ) ]]",
					    "let x={}",
					    "let \"x = {}\"",
					    "exit {}",
					    "f() { return {}; }",
					    "shift {}",
					    "break {}",
					    "ulimit -n {}",
					    "[ -t {} ]",
					    "echo $((${x:-{}}))",
					    "cat <<E\n$(({}))\nE\n",
					    "COLUMNS={} ls",
					    "export SECONDS={}",
					    "echo $(( $(({})) ))"};
	static const char *const good[] = {"0",    "-1",  "+12",
					   "0x1F", "007", "123456789012345678901"};
	static const char *const bad[] = {"",   " 1",  "1 ",  "1+1", "a[$(x)]",
					  "0x", "1.5", "\n1", "--1"};
	char want[256];

	dialect.kind = SHELL_BASH;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		check_value(lines[i], good[i % (sizeof good / sizeof *good)], "bound");
		snprintf(want, sizeof want,
			 "value of {} is used in arithmetic and is not an integer: '%s'",
			 bad[i % (sizeof bad / sizeof *bad)][0] == '\n'
			     ? "\\n1"
			     : bad[i % (sizeof bad / sizeof *bad)]);
		check_value(lines[i], bad[i % (sizeof bad / sizeof *bad)], want);
	}
	check_value(
	    "echo $((1+{}))",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa9xyz",
	    "value of {} is used in arithmetic and is not an integer: "
	    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'");
	dialect.kind = SHELL_UNKNOWN;
}

static void test_glob_subst(void)
{
	struct fixture f = fixture_new();

	dialect = (struct shell_dialect){.kind = SHELL_ZSH, .glob_subst = true};
	is(bound("echo \"${x[{}]}\"", &f),
	   "column 11: a placeholder inside an array's subscript, which the shell evaluates",
	   "zsh with globsubst: a placeholder in a subscript");
	dialect = (struct shell_dialect){0};
}

static void test_not_integers(void)
{
	check_value("x=$((1+2)); echo {}", "text", "bound");
	check_value("echo $(( $(echo {} | wc -c) ))", "text", "bound");
	check_value("[ {} = 0 ] && [ 1 -eq 1 ]", "text", "bound");
	check_value("grep -v {} -eq 0", "text", "bound");
	check_value("n={}; declare -i m", "text", "bound");
	check_value("test -n {} -a -f x", "text", "bound");
}

static void test_numbers(void)
{
	const char *want = "value of {} is printed as a number and is not one: 'x'";

	check_value("printf %d {}", "x", want);
	check_value("printf '%s %5.2f\\n' a {}", "x", want);
	check_value("printf '%*s' {} y", "x", want);
	check_value("printf %s%d a 1 {} 2", "x", "bound");
	check_value("printf %s%d a 1 2 {}", "x", want);
	check_value("printf %f {}", "-1.5e3", "bound");
	check_value("printf '%f %%' {}", ".5", "bound");
	check_value("printf '%s %% %b' {} {}", "x", "bound");
	check_value("printf '%(%F)T %s' -1 {}", "x", "bound");
	check_value("printf %d \"'{}\"", "x", "bound");
	check_value("printf {}", "%d", "bound");
	check_value("print -f %d {}", "x", want);
}

static void test_nul(void)
{
	struct fixture f = fixture_new();

	f.values[ID_EVENT] = (struct bytes){"a\0b", 3};
	is(bound("echo {}", &f),
	   "failed: value of {} holds a NUL byte, which no command can be given",
	   "a NUL is refused");
}

/* --- other interpreters */

static void test_nested_shells(void)
{
	const char *rest = "'; which would";
	static const char *const lines[] = {"sh -c 'echo {}'",
					    "bash -lc \"echo {}\"",
					    "find . -exec sh -c 'echo {}' \\;",
					    "sudo -u x /bin/sh -e -c 'a {}'",
					    "$SHELL -c 'a {}'",
					    "eval {}",
					    "eval \"x={}\"",
					    "trap {} EXIT",
					    "trap 'rm {}' EXIT",
					    "alias x={}",
					    "su -c 'x {}'",
					    "su u -c 'x {}'",
					    "flock f -c 'x {}'",
					    "bash <<E\necho {}\nE\n",
					    "bash -s <<'E'\necho {}\nE\n",
					    "sh <<<{}",
					    ". /dev/stdin <<E\n{}\nE\n",
					    "compgen -W {}",
					    "emulate sh -c {}",
					    "x=1 env A=b sh -c 'echo {}'",
					    "if bash -o pipefail -c 'x {}'; then :; fi"};
	struct fixture f = fixture_new();

	(void)rest;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct shell_line *l = compile(lines[i], &f);

		ok(l == NULL && strstr(err.text, "is inside the code of '") != NULL,
		   "nested, refused: %s", named(lines[i]));
		shell_free(l);
		allow_nested = true;
		l = compile(lines[i], &f);
		ok(l != NULL && warnings.n == 0, "nested, allowed on demand: %s",
		   named(lines[i]));
		shell_free(l);
		allow_nested = false;
	}
	check_error(
	    "sh -c 'echo {name}'",
	    "column 13: {name} is inside the code of 'sh -c', which would parse its "
	    "characters; pass it as an argument: sh -c '... \"$1\" ...' sh {name} (or "
	    "write "
	    "{name:sh}, a shell-quoted copy, or use --allow-nested)");
	check_error(
	    "eval {}",
	    "column 6: {} is inside the code of 'eval', which would parse its "
	    "characters; write {:sh}, a shell-quoted copy (or use --allow-nested)");
	check_error("sh -c \"echo '{:sh}'\"", "column 14: {:sh} is inside quotes in the "
					      "code of 'sh -c', which end at its own "
					      "quotes; write it outside of them");
}

static void test_nested_allowed(void)
{
	static const char *const lines[] = {"sh -c {}",
					    "sh -c 'echo \"$1\"' sh {}",
					    "sh -c 'echo '{:sh}",
					    "sh script {}",
					    "sh -c \"echo \\\\' {:sh}\"",
					    "eval \"rm {:sh}\"",
					    "sh -c 'echo {:raw}'",
					    "bash script <<E\n{}\nE\n",
					    "bash -c 'cat' <<E\n{}\nE\n",
					    "cat <<E\nsh -c {}\nE\n",
					    "bash <<E\necho {:sh}\nE\n",
					    "echo sh {}",
					    "a=(eval {})",
					    "flock f gcc -c {}.c",
					    "ssh {} uptime",
					    "ssh h \"rm {:sh}\"",
					    "awk -v x={} '{print x}'",
					    "awk -f p {}",
					    "awk '{print}' {}",
					    "sed -n p {}",
					    "sed -f s {}",
					    "python3 x.py {}",
					    "python3 -m json.tool {}",
					    "perl -I{} x",
					    "jq --arg v {} '$v'",
					    "jq . {}",
					    "read x; echo {}",
					    "grep -v {}",
					    "tar -czf {}.tgz {}",
					    "eval \"$(cat {})\""};
	struct fixture f = fixture_new();

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct shell_line *l = compile(lines[i], &f);

		ok(l != NULL && warnings.n == 0, "no nested code: %s", named(lines[i]));
		shell_free(l);
	}
}

static void check_warning(const char *line, const char *want)
{
	struct fixture f = fixture_new();
	struct shell_line *l = compile(line, &f);

	is(l != NULL && warnings.n == 1 ? warnings.v[0] : err.text, want, "warned of: %s",
	   named(line));
	shell_free(l);
}

static void test_warnings(void)
{
	static const char *const lines[] = {"awk '/{}/'",
					    "awk -F: -v x=1 '/{}/' f",
					    "sed s/x/{}/",
					    "sed -n -e p -e 's/x/{}/'",
					    "sed --expression=s/x/{}/",
					    "perl -ne 'print \"{}\"'",
					    "perl -e'print {}'",
					    "ruby -e '{}'",
					    "node --x -e '{}'",
					    "php -r '{}'",
					    "jq '.{}'",
					    "jq --arg x y '.{}'",
					    "sudo -u me awk '/{}/'",
					    "xargs -n 1 sed s/{}//",
					    "ssh -p 22 h rm {}",
					    "ssh h 'cd {}; x'",
					    "python3.11 -c 'print({})'",
					    "A=b Rscript -e 'x({})'",
					    "lua -e 'x({})'",
					    "frob --in bash 'x {}'"};
	struct fixture f = fixture_new();
	struct shell_line *none = compile("echo sh 'x {}'", &f);

	is_int(warnings.n, 0, "echo runs no shell");
	shell_free(none);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct shell_line *l = compile(lines[i], &f);

		is_int(warnings.n, 1, "one warning: %s", named(lines[i]));
		shell_free(l);
	}
	check_warning("awk '/{name}/'",
		      "column 7: {name} is inside the code of 'awk', which parses its "
		      "characters; pass "
		      "it in the environment: V={name} awk '... ENVIRON[\"V\"] ...'");
	check_warning(
	    "ssh h rm {name}",
	    "column 10: {name} is inside the code of 'ssh', which parses its characters; "
	    "write {name:sh}, a shell-quoted copy");
}

int main(void)
{
	test_syntax_errors();
	test_refused_names();
	test_more_refused_names();
	test_refused_places();
	test_depth();
	test_integers();
	test_glob_subst();
	test_not_integers();
	test_numbers();
	test_nul();
	test_nested_shells();
	test_nested_allowed();
	test_warnings();
	strv_clear(&warnings);
	return done_testing();
}
