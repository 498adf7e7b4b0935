/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell.h"
#include "shell_fixture.h"
#include "tap.h"

static struct err err;
static struct strv warnings;
static bool ansi, allow_nested;
static const char *marker;

/* A line as the name of a test. */
static const char *named(const char *line)
{
	static char name[256];
	size_t i = 0;

	for (; line[i] != '\0' && i + 1 < sizeof name; i++)
		name[i] = line[i];
	name[i] = '\0';
	for (i = 0; name[i] != '\0'; i++)
		if ((unsigned char)name[i] < ' ')
			name[i] = '~';
	return name;
}

static struct fixture fixture_new(void)
{
	struct fixture f = {.err = &err, .marker = marker};

	for (int i = 0; i < ID_COUNT; i++)
		f.values[i] = bytes_str("v");
	f.values[ID_NAME] = bytes_str("it's");
	f.lists[0][0] = "l1";
	f.lists[0][1] = "l2";
	f.lists[0][2] = "l3";
	f.lists[1][0] = "m1";
	f.lists[1][1] = "m2";
	f.lists[1][2] = "m3";
	f.nlists = 1;
	return f;
}

static struct shell_values values_of(struct fixture *f)
{
	return (struct shell_values){fixture_count, fixture_get, f};
}

static struct shell_line *compile(const char *line, struct fixture *f)
{
	struct shell_config cfg = {line, fixture_match, f, ansi, allow_nested};

	strv_clear(&warnings);
	err = (struct err){0};
	return shell_compile(&cfg, &warnings, &err);
}

/* The script and the values of a job: "SCRIPT | V1 | V2", or the error. */
static const char *bound(const char *line, struct fixture *f)
{
	static struct buf out;
	struct shell_line *l = compile(line, f);
	struct shell_values v = values_of(f);
	struct arena *a = arena_new();
	char **argv;
	size_t argc;

	buf_reset(&out);
	if (l == NULL) {
		buf_adds(&out, err.text);
	} else if (shell_bind(l, &v, a, &argv, &argc, &err) < 0) {
		buf_addf(&out, "failed: %s", err.text);
	} else {
		buf_adds(&out, argv[1]);
		for (size_t i = 3; i < argc; i++)
			buf_addf(&out, " | %s", argv[i]);
	}
	shell_free(l);
	arena_free(a);
	return buf_cstr(&out);
}

#define ONE "_volley_1=${1}; set --; "
#define TWO "_volley_1=${1} _volley_2=${2}; set --; "

/* --- what becomes of a line */

static void check_script(const char *line, const char *want)
{
	struct fixture f = fixture_new();
	const char *got = bound(line, &f);
	const char *values = strstr(got, " | v");

	if (values != NULL && values[4] == '\0')
		((char *)got)[values - got] = '\0';
	is(got, want, "script of: %s", named(line));
}

static void test_contexts(void)
{
	check_script("echo {}", ONE "echo \"${_volley_1}\"");
	check_script("echo a{}b", ONE "echo a\"${_volley_1}\"b");
	check_script("echo \"a {} b\"", ONE "echo \"a ${_volley_1} b\"");
	check_script("echo 'a {} b'", ONE "echo 'a '\"${_volley_1}\"' b'");
	check_script("echo {} {}", ONE "echo \"${_volley_1}\" \"${_volley_1}\"");
	check_script("echo ${x:-{}}", ONE "echo ${x:-\"${_volley_1}\"}");
	check_script("echo \"${x:-{}}\"", ONE "echo \"${x:-${_volley_1}}\"");
	check_script("echo \"${x:-\"{}\"}\"", ONE "echo \"${x:-\"${_volley_1}\"}\"");
	check_script("echo \"${x:-'{}'}\"", ONE "echo \"${x:-'${_volley_1}'}\"");
	check_script("echo \"${x#{}}\"", ONE "echo \"${x#\"${_volley_1}\"}\"");
	check_script("echo ${x%%'{}'}", ONE "echo ${x%%''\"${_volley_1}\"''}");
	check_script("echo \"$(echo \"{}\" {} '{}')\"",
		     ONE "echo \"$(echo \"${_volley_1}\" \"${_volley_1}\" ''\"${_volley_1}\"'')\"");
	check_script("echo `echo {}`", ONE "echo $(echo \"${_volley_1}\")");
	check_script("echo `(echo {})`", ONE "echo $( (echo \"${_volley_1}\"))");
	check_script("echo `echo {} # x`", ONE "echo $(echo \"${_volley_1}\" # x\n)");
	check_script("echo `: \\`echo {}\\``", ONE "echo $(: $(echo \"${_volley_1}\"))");
	check_script("echo \"`echo \\\"{}\\\"`\"", ONE "echo \"$(echo \"${_volley_1}\")\"");
	check_script("echo `date` {}", ONE "echo `date` \"${_volley_1}\"");
	check_script("echo $((1+{}))", "failed: value of {} is used in arithmetic and is not an "
				       "integer: 'v'");
	check_script("echo $((echo {}) | cat)", ONE "echo $((echo \"${_volley_1}\") | cat)");
	check_script("((echo {}); echo)", ONE "((echo \"${_volley_1}\"); echo)");
	check_script("cat <<E\n\"{}\" '{}'\nE\n", ONE "cat <<E\n\"${_volley_1}\" '${_volley_1}'\nE\n");
	check_script("cat <<E\n${x:-{}} $(echo {})\nE",
		     ONE "cat <<E\n${x:-${_volley_1}} $(echo \"${_volley_1}\")\nE");
	check_script("cat <<'E'; echo\n$x `y` \\ {}\nE\necho",
		     ONE "cat <<VOLLEY_EOF; echo\n\\$x \\`y\\` \\\\ ${_volley_1}\nVOLLEY_EOF\necho");
	check_script("cat <<\\E\n{}\nVOLLEY_EOF\n\tVOLLEY_EOF_\nE\n",
		     ONE "cat <<VOLLEY_EOF__\n${_volley_1}\nVOLLEY_EOF\n\tVOLLEY_EOF_\n"
			 "VOLLEY_EOF__\n");
	check_script("cat <<-'E'\n\t{}\n\tE\necho", ONE "cat <<-VOLLEY_EOF\n\t${_volley_1}\n"
							"VOLLEY_EOF\necho");
	check_script("cat <<'E'\n$x\nE\necho {}", ONE "cat <<'E'\n$x\nE\necho \"${_volley_1}\"");
	check_script("cat <<E\na\\\nE\n{}\nE\n", ONE "cat <<E\na\\\nE\n${_volley_1}\nE\n");
	check_script("cat <<A <<'B'\n{}\nA\n{}\nB\n",
		     ONE "cat <<A <<VOLLEY_EOF\n${_volley_1}\nA\n${_volley_1}\nVOLLEY_EOF\n");
	check_script("(cat <<E) | cat\n{}\nE\n", ONE "(cat <<E) | cat\n${_volley_1}\nE\n");
	check_script("case {} in {}|(a) echo {};; esac",
		     ONE "case \"${_volley_1}\" in \"${_volley_1}\"|(a) echo \"${_volley_1}\";; esac");
	check_script("x=$(case a in a) echo {};; esac)",
		     ONE "x=$(case a in a) echo \"${_volley_1}\";; esac)");
	check_script("x={} a[1]={} y+={}; f() { echo {}; }",
		     ONE "x=\"${_volley_1}\" a[1]=\"${_volley_1}\" y+=\"${_volley_1}\"; "
			 "f() { echo \"${_volley_1}\"; }");
	check_script("cat < {} > a{} 2>{}", ONE "cat < \"${_volley_1}\" > a\"${_volley_1}\" "
						"2>\"${_volley_1}\"");
	check_script("echo $x{} $${} $?{} $", ONE "echo $x\"${_volley_1}\" $$\"${_volley_1}\" "
						  "$?\"${_volley_1}\" $");
	check_script("echo \\\\{} \"\\\\{}\"", ONE "echo \\\\\"${_volley_1}\" \"\\\\${_volley_1}\"");
	check_script("echo \\${} \"\\${}\"", ONE "echo \\$\"${_volley_1}\" \"\\$${_volley_1}\"");
	check_script("echo {} # {} it's \"", ONE "echo \"${_volley_1}\" # {} it's \"");
	check_script("echo a#{}", ONE "echo a#\"${_volley_1}\"");
	check_script("for i in {}; do echo {}; done", ONE "for i in \"${_volley_1}\"; do echo "
							  "\"${_volley_1}\"; done");
	check_script("a=( x {} ); b=(\n{}\n)", ONE "a=( x \"${_volley_1}\" ); b=(\n\"${_volley_1}\"\n)");
	check_script("cat <(echo {}) <<<{}", ONE "cat <(echo \"${_volley_1}\") <<<\"${_volley_1}\"");
	check_script("[[ {} == x* && ( {} < b ) ]]",
		     ONE "[[ \"${_volley_1}\" == x* && ( \"${_volley_1}\" < b ) ]]");
	check_script("echo @(a|{})", ONE "echo @(a|\"${_volley_1}\")");
	check_script("{ echo {}; }", ONE "{ echo \"${_volley_1}\"; }");
	check_script("-x {}", ONE "-x \"${_volley_1}\"");
	check_script("echo {}{1}{/}", "_volley_1=${1} _volley_2=${2} _volley_3=${3}; set --; echo "
				      "\"${_volley_1}\"\"${_volley_2}\"\"${_volley_3}\" | v | v | v");
}

static void test_not_placeholders(void)
{
	check_script("awk '{print $1}'", "awk '{print $1}'");
	check_script("echo {a,b} { }", "echo {a,b} { }");
	check_script("name=x; echo ${name} '${name}' \"${name}\"",
		     "name=x; echo ${name} '${name}' \"${name}\"");
	check_script("cat <<'E'\n${name}\nE\n", "cat <<'E'\n${name}\nE\n");
	check_script("echo {} ${name}", ONE "echo \"${_volley_1}\" ${name}");
	check_script("cat <<'E'\n${name}{}\nE\n",
		     ONE "cat <<VOLLEY_EOF\n\\${name}${_volley_1}\nVOLLEY_EOF\n");
	check_script("-x", " -x");
	check_script("+x", " +x");
	check_script("", "");
	check_script("# {bad}", "# {bad}");
	check_script("echo ${bad} '${bad}'", "echo ${bad} '${bad}'");
}

static void test_escapes(void)
{
	check_script("echo \\{}", "echo \\{\\}");
	check_script("echo '\\{}' \"\\{}\"", "echo '{}' \"{}\"");
	check_script("echo ${x:-\\{}} \"${x:-\\{}}\"", "echo ${x:-\\{\\}} \"${x:-{\\}}\"");
	check_script("cat <<E\n\\{}\nE\n", "cat <<E\n{}\nE\n");
	check_script("cat <<'E'\n\\{} {}\nE\n",
		     ONE "cat <<VOLLEY_EOF\n{} ${_volley_1}\nVOLLEY_EOF\n");
	check_script("cat <<'E'\n\\{}\nE\n", "cat <<VOLLEY_EOF\n{}\nVOLLEY_EOF\n");
	check_script("echo \\{bad} '\\{bad}'", "echo \\{bad\\} '{bad}'");
	check_script("echo '\\{print}' \\{print}", "echo '\\{print}' \\{print}");
	check_script("echo `echo \\{}`", "echo $(echo \\{\\})");
	ansi = true;
	check_script("echo $'a\\'b{}\\n\\{}'", ONE "echo $'a\\'b'\"${_volley_1}\"$'\\n{}'");
	ansi = false;
}

static void test_other_markers(void)
{
	marker = "@@";
	check_script("echo {} @@ '@@' \\@@", ONE "echo {} \"${_volley_1}\" ''\"${_volley_1}\"'' \\@\\@");
	marker = "%";
	check_script("echo ${x%.c} %", ONE "echo ${x%.c} \"${_volley_1}\"");
	marker = "X";
	check_script("echo aXb", ONE "echo a\"${_volley_1}\"b");
	marker = NULL;
}

/* Without a placeholder, what the shell takes is never refused. */
static void test_no_markers(void)
{
	static const char *const lines[] = {
	    "echo 'unbalanced", "echo $[1+2]", "echo ${ echo x; }", "echo )", "read x", "eval echo",
	    "echo ${(s.,.)PATH}", "x=$(cat <<E", "echo \"${x", "sh -c 'echo $1' sh x", "echo `",
	    "cat >&2", "printf -v x y", "$'a\\'b'"};
	struct fixture f = fixture_new();

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct shell_line *l = compile(lines[i], &f);

		ok(l != NULL && !shell_has_markers(l), "no placeholder: not refused: %s",
		   named(lines[i]));
		shell_free(l);
		check_script(lines[i], lines[i]);
	}
}

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
	check_error("cat <<E $(echo\n{})", "column 15: a newline inside $( ) on a line that waits "
					   "for its here-document; split the line");
	check_error("echo `echo {} 'x`", "column 15: missing closing '");
}

static void test_refused_names(void)
{
	check_error("echo ${}", "column 6: ${} is not a parameter of the shell; for a dollar sign "
				"before the value write \\${}");
	check_error("echo \"${/}\"", "column 7: ${/} is not a parameter of the shell; for a dollar "
				     "sign before the value write \\${/}");
	check_error("echo '${}'", "column 7: ${} looks like a parameter of the shell; for a dollar "
				  "sign before the value write '$'{}, for the text itself $\\{}");
	check_error("echo ${{}}", "column 8: a placeholder cannot name a variable");
	check_error("echo ${#{}}", "column 9: a placeholder cannot name a variable");
	check_error("echo ${x{}}", "column 9: a placeholder in a ${...} of unknown meaning");
	check_error("echo ${x@{}}", "column 10: a placeholder in a ${...} of unknown meaning");
	check_error("echo ${(e){}}", "column 11: a placeholder in a ${...} of unknown meaning");
	check_error("echo ${ echo {}; }", "column 14: a placeholder in a ${...} of unknown meaning");
	check_error("echo ${x:={}}", "column 11: a placeholder in an unquoted ${x:=...}, where it "
				     "would be split; write \"${x:=...}\"");
	check_error("echo ${x/{}/{}}", "column 13: a placeholder in an unquoted ${x/a/...}, where it "
				       "would be split; write \"${x/a/...}\"");
	check_error("for {} in a; do :; done", "column 5: a placeholder cannot name the variable of "
					       "a loop");
	check_error("read {}", "column 6: a placeholder cannot name a variable ('read' would "
			       "evaluate it)");
	check_error("x=1 command read -r {}", "column 21: a placeholder cannot name a variable "
					      "('read' would evaluate it)");
	check_error("if unset a{}; then :; fi", "column 11: a placeholder cannot name a variable "
						"('unset' would evaluate it)");
	check_error("export {}", "column 8: a placeholder cannot name a variable ('export' would "
				 "evaluate it)");
	check_error("export x{}=1", "column 9: a placeholder cannot name a variable ('export' would "
				    "evaluate it)");
	check_error("declare -n x={}", "column 14: a placeholder cannot name a variable ('declare' "
				       "would evaluate it)");
	check_error("printf -v {} x", "column 11: a placeholder cannot name a variable ('printf -v' "
				      "would evaluate it)");
	check_error("printf {} {1}", "column 8: a placeholder in printf's format says how the "
				     "others are read; write printf '%s' {}");
	check_error("[ -v {} ]", "column 6: a placeholder cannot name a variable ('[' would "
				 "evaluate it)");
	check_error("[[ -v {} ]]", "column 7: a placeholder cannot name a variable ('[[' would "
				   "evaluate it)");
	check_error("[[ ( -R {} ) ]]", "column 9: a placeholder cannot name a variable ('[[' would "
				       "evaluate it)");
	check_error("test {} {1}", "column 6: a placeholder cannot be an operator of 'test'");
	check_error("set -A {}", "column 8: a placeholder cannot name a variable ('set' would "
				 "evaluate it)");
	check_error("wait -p {}", "column 9: a placeholder cannot name a variable ('wait' would "
				  "evaluate it)");
	check_error("mapfile -t {}", "column 12: a placeholder cannot name a variable ('mapfile' "
				     "would evaluate it)");
	check_error("getopts ab {}", "column 12: a placeholder cannot name a variable ('getopts' "
				     "would evaluate it)");
	check_error("f() { local {}; }", "column 13: a placeholder cannot name a variable ('local' "
					 "would evaluate it)");
	check_error("function f { read {}; }", "column 19: a placeholder cannot name a variable "
					       "('read' would evaluate it)");
	check_error("coproc X { read {}; }", "column 17: a placeholder cannot name a variable "
					     "('read' would evaluate it)");
	check_error("case x in x) read {};; esac", "column 19: a placeholder cannot name a variable "
						   "('read' would evaluate it)");
	check_error("echo `read {}`", "column 12: a placeholder cannot name a variable ('read' "
				      "would evaluate it)");
	check_error("PS4={}", "column 5: a placeholder in PS4, which the shell evaluates");
}

static void test_refused_places(void)
{
	const char *subscript = "a placeholder inside an array's subscript, which the shell "
				"evaluates";
	static const char *const lines[] = {"echo ${a[{}]}",	"echo ${a[$(echo {})]}",
					    "a[{}]=x",		"a[x{}y]+=x",
					    "a[b[{}]]=x",	"a=([{}]=x)",
					    "declare a[{}]=x", "declare -A a=( [\"{}\"]=x )"};
	char want[128];
	struct fixture f = fixture_new();

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(want, sizeof want, "column %d: %s",
			 (int)(strstr(lines[i], "{}") - lines[i]) + 1, subscript);
		check_error(lines[i], want);
	}
	(void)f;
	check_error("cat <<{}\nx\n", "column 7: a placeholder cannot be the delimiter of a "
				     "here-document");
	check_error("cat <<'a{}'\nx\n", "column 7: a placeholder cannot be the delimiter of a "
					"here-document");
	check_error("echo >&{}", "column 8: a placeholder cannot follow >& or <&: bash would "
				 "evaluate it; for a file write > {} 2>&1");
	check_error("echo $[{}]", "column 6: a placeholder inside $[ ]; write $(( ))");
	check_error("echo $'a{}'", "column 6: a placeholder inside $'...', which not every sh knows; "
				   "put it outside: $'...'{}$'...', or use --shell bash");
	check_error("echo $'\\'' {}", "column 6: the end of $'...' with \\' or \\\\ is not the same "
				      "in every sh; use --shell bash");
	check_error("echo *(e:{}:)", "column 10: zsh would run a value in *(e:...:) or *(+...)");
	check_error("echo *(+{})", "column 9: zsh would run a value in *(e:...:) or *(+...)");
	check_error("cat <<E\n`echo \\\"{}`\nE\n", "column 10: \\\" in backquotes in ${...} or a "
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
	ok(l == NULL && strstr(err.text, "nested too deeply") != NULL, "endless nesting is refused");
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
	static const char *const lines[] = {
	    "echo $((1+{}))", "echo \"$(( ({}) ))\"", "((x={}))", "for ((i=0;i<{};i++)); do :; done",
	    "echo ${x:{}:1}", "echo ${x:1:{}}", "[ {} -eq 0 ]", "test 0 -lt \"{}\"",
	    "[[ {} -ge 3 ]]", "[[ ( x -ne {} ) ]]", "let x={}", "let \"x = {}\"", "exit {}",
	    "f() { return {}; }", "shift {}", "break {}", "ulimit -n {}", "[ -t {} ]",
	    "echo $((${x:-{}}))", "cat <<E\n$(({}))\nE\n", "COLUMNS={} ls", "export SECONDS={}",
	    "declare -i n={}", "n={}; declare -i n", "typeset -i n; for n in {}; do :; done",
	    "repeat {} do :; done", "echo $(( $(({})) ))"};
	static const char *const good[] = {"0", "-1", "+12", "0x1F", "007", "123456789012345678901"};
	static const char *const bad[] = {"", " 1", "1 ", "1+1", "a[$(x)]", "0x", "1.5", "\n1", "--1"};
	char want[256];

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		check_value(lines[i], good[i % (sizeof good / sizeof *good)], "bound");
		snprintf(want, sizeof want,
			 "value of {} is used in arithmetic and is not an integer: '%s'",
			 bad[i % (sizeof bad / sizeof *bad)]);
		check_value(lines[i], bad[i % (sizeof bad / sizeof *bad)], want);
	}
	check_value("echo $((1+{}))",
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa9xyz",
		    "value of {} is used in arithmetic and is not an integer: "
		    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'");
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

static void test_arrays(void)
{
	const char *want = "value of {} begins with '(', an array for the shell: '(x)'";

	check_value("declare -a y={}", "(x)", want);
	check_value("declare -a y={}", "x", "bound");
	check_value("y=(1); declare y={}", "(x)", want);
	check_value("export y={}", "(x)", "bound");
	check_value("y=(1); y={}", "(x)", "bound");
}

static void test_nul(void)
{
	struct fixture f = fixture_new();

	f.values[ID_EVENT] = (struct bytes){"a\0b", 3};
	is(bound("echo {}", &f),
	   "failed: value of {} holds a NUL byte, which no command can be given", "a NUL is refused");
}

/* --- other interpreters */

static void test_nested_shells(void)
{
	const char *rest = "'; which would";
	static const char *const lines[] = {
	    "sh -c 'echo {}'", "bash -lc \"echo {}\"", "find . -exec sh -c 'echo {}' \\;",
	    "sudo -u x /bin/sh -e -c 'a {}'", "$SHELL -c 'a {}'", "eval {}", "eval \"x={}\"",
	    "trap {} EXIT", "trap 'rm {}' EXIT", "alias x={}", "su -c 'x {}'", "su u -c 'x {}'",
	    "flock f -c 'x {}'", "bash <<E\necho {}\nE\n", "bash -s <<'E'\necho {}\nE\n",
	    "sh <<<{}", ". /dev/stdin <<E\n{}\nE\n", "compgen -W {}", "emulate sh -c {}",
	    "x=1 env A=b sh -c 'echo {}'", "if bash -o pipefail -c 'x {}'; then :; fi"};
	struct fixture f = fixture_new();

	(void)rest;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct shell_line *l = compile(lines[i], &f);

		ok(l == NULL && strstr(err.text, "is inside the code of '") != NULL,
		   "nested, refused: %s", named(lines[i]));
		shell_free(l);
		allow_nested = true;
		l = compile(lines[i], &f);
		ok(l != NULL && warnings.n == 0, "nested, allowed on demand: %s", named(lines[i]));
		shell_free(l);
		allow_nested = false;
	}
	check_error("sh -c 'echo {name}'",
		    "column 13: {name} is inside the code of 'sh -c', which would parse its "
		    "characters; pass it as an argument: sh -c '... \"$1\" ...' sh {name} (or write "
		    "{name:sh}, a shell-quoted copy, or use --allow-nested)");
	check_error("eval {}", "column 6: {} is inside the code of 'eval', which would parse its "
			       "characters; write {:sh}, a shell-quoted copy (or use --allow-nested)");
	check_error("sh -c \"echo '{:sh}'\"",
		    "column 14: {:sh} is inside quotes in the code of 'sh -c', which end at its own "
		    "quotes; write it outside of them");
}

static void test_nested_allowed(void)
{
	static const char *const lines[] = {
	    "sh -c {}", "sh -c 'echo \"$1\"' sh {}", "sh -c 'echo '{:sh}", "sh script {}",
	    "sh -c \"echo \\\\' {:sh}\"", "eval \"rm {:sh}\"", "sh -c 'echo {:raw}'",
	    "bash script <<E\n{}\nE\n", "bash -c 'cat' <<E\n{}\nE\n", "cat <<E\nsh -c {}\nE\n",
	    "bash <<E\necho {:sh}\nE\n", "echo sh {}", "a=(eval {})", "flock f gcc -c {}.c",
	    "ssh {} uptime", "ssh h \"rm {:sh}\"", "awk -v x={} '{print x}'", "awk -f p {}",
	    "awk '{print}' {}", "sed -n p {}", "sed -f s {}", "python3 x.py {}",
	    "python3 -m json.tool {}", "perl -I{} x", "jq --arg v {} '$v'", "jq . {}",
	    "read x; echo {}", "grep -v {}", "tar -czf {}.tgz {}", "eval \"$(cat {})\""};
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

	is(l != NULL && warnings.n == 1 ? warnings.v[0] : err.text, want, "warned of: %s", named(line));
	shell_free(l);
}

static void test_warnings(void)
{
	static const char *const lines[] = {
	    "awk '/{}/'", "awk -F: -v x=1 '/{}/' f", "sed s/x/{}/", "sed -n -e p -e 's/x/{}/'",
	    "sed --expression=s/x/{}/", "perl -ne 'print \"{}\"'", "perl -e'print {}'",
	    "ruby -e '{}'", "node --x -e '{}'", "php -r '{}'", "jq '.{}'",
	    "jq --arg x y '.{}'", "sudo -u me awk '/{}/'", "xargs -n 1 sed s/{}//",
	    "ssh -p 22 h rm {}", "ssh h 'cd {}; x'", "python3.11 -c 'print({})'",
	    "A=b Rscript -e 'x({})'", "lua -e 'x({})'"};
	struct fixture f = fixture_new();

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct shell_line *l = compile(lines[i], &f);

		is_int(warnings.n, 1, "one warning: %s", named(lines[i]));
		shell_free(l);
	}
	check_warning("awk '/{name}/'",
		      "column 7: {name} is inside the code of 'awk', which parses its characters; pass "
		      "it in the environment: V={name} awk '... ENVIRON[\"V\"] ...'");
	check_warning("ssh h rm {name}",
		      "column 10: {name} is inside the code of 'ssh', which parses its characters; "
		      "write {name:sh}, a shell-quoted copy");
}

/* --- lists and pasted text */

static void check_list(const char *line, size_t n, const char *want)
{
	struct fixture f = fixture_new();

	f.nlists = n;
	is(bound(line, &f), want, "%zu values in: %s", n, named(line));
	ok(!f.calls_bad, "and only lists are asked for more than one value");
}

static void test_lists(void)
{
	check_list("cat {l}", 1, ONE "cat \"${_volley_1}\" | l1");
	check_list("cat {l}", 3,
		   "_volley_1=${1} _volley_2=${2} _volley_3=${3}; set --; cat \"${_volley_1}\" "
		   "\"${_volley_2}\" \"${_volley_3}\" | l1 | l2 | l3");
	check_list("cat a{l}-{m}'{}'", 2,
		   "_volley_1=${1} _volley_2=${2} _volley_3=${3} _volley_4=${4} _volley_5=${5}; "
		   "set --; cat a\"${_volley_1}\"-\"${_volley_2}\"''\"${_volley_3}\"'' "
		   "a\"${_volley_4}\"-\"${_volley_5}\"''\"${_volley_3}\"'' "
		   "| l1 | m1 | v | l2 | m2");
	check_list("cat \"{l}\" > {l}", 2,
		   "_volley_1=${1} _volley_2=${2} _volley_3=${3}; set --; cat \"${_volley_1}\" "
		   "\"${_volley_2}\" > \"${_volley_3}\" | l1 | l2 | l1 l2");
	check_list("x={l} cat <<E\n{l}\nE\n", 2,
		   ONE "x=\"${_volley_1}\" cat <<E\n${_volley_1}\nE\n | l1 l2");
	check_list("export x={l}; [ {l} = a ]; [[ {l} ]]", 2,
		   ONE "export x=\"${_volley_1}\"; [ \"${_volley_1}\" = a ]; [[ \"${_volley_1}\" ]] "
		       "| l1 l2");
	check_list("for i in {l}; do :; done; a=( {l} )", 2,
		   TWO "for i in \"${_volley_1}\" \"${_volley_2}\"; do :; done; a=( "
		       "\"${_volley_1}\" \"${_volley_2}\" ) | l1 | l2");
	check_list("echo $(cat {l}) $(x={l})", 2,
		   "_volley_1=${1} _volley_2=${2} _volley_3=${3}; set --; echo $(cat "
		   "\"${_volley_1}\" \"${_volley_2}\") $(x=\"${_volley_3}\") | l1 | l2 | l1 l2");
	check_list("case {l} in {l}) ;; esac", 2,
		   ONE "case \"${_volley_1}\" in \"${_volley_1}\") ;; esac | l1 l2");
	check_list("echo $(({l}))", 2,
		   "failed: value of {l} is used in arithmetic and is not an integer: 'l1'");
	check_list("x=$(({l}))", 2,
		   "failed: value of {l} is used in arithmetic and is not an integer: 'l1 l2'");
	check_list("echo {l:raw}. {l}", 2,
		   TWO "echo l1. l2. \"${_volley_1}\" \"${_volley_2}\" | l1 | l2");
}

static void test_raw(void)
{
	struct fixture f = fixture_new();

	f.values[ID_EVENT] = bytes_str("-x; $y");
	f.values[ID_NAME] = bytes_str("a $b");
	is(bound("{:raw}", &f), " -x; $y", "raw text is pasted");
	is(bound("echo {name} \"{:raw}\"", &f), ONE "echo \"${_volley_1}\" \"-x; $y\" | a $b",
	   "beside a bound value");
	is(bound("cat <<'E'\n{:raw} {name}\nE\n", &f),
	   ONE "cat <<VOLLEY_EOF\n-x; \\$y ${_volley_1}\nVOLLEY_EOF\n | a $b",
	   "and means the same in a here-document that was rewritten");
}

static void test_shared_script(void)
{
	struct fixture f = fixture_new();
	struct shell_line *l = compile("echo {} {l}", &f);
	struct shell_values v = values_of(&f);
	struct arena *a = arena_new();
	char **first, **second;
	size_t n;

	shell_bind(l, &v, a, &first, &n, &err);
	is_int(n, 5, "-c, the script, $0 and the values");
	ok(first[n] == NULL, "the vector ends with NULL");
	is(first[0], "-c", "-c first");
	is(first[2], "volley", "$0 is volley");
	shell_bind(l, &v, a, &second, &n, &err);
	ok(first[1] == second[1], "jobs share one script");
	f.nlists = 2;
	shell_bind(l, &v, a, &second, &n, &err);
	ok(first[1] != second[1], "unless a list has several values");
	shell_free(l);
	arena_free(a);
}

static void test_many(void)
{
	struct fixture f = fixture_new();
	const char *got = bound("echo {l} {m} {} {name} {1} {/} {:sh} {name:sh} {1:sh} {/:sh}", &f);

	ok(strstr(got, "_volley_10=${10}; set --; ") != NULL, "the tenth parameter is ${10}");
}

/* --- showing */

static void check_show(const char *shell, const char *line, const char *want)
{
	struct fixture f = fixture_new();
	struct shell_line *l;
	struct shell_values v = values_of(&f);
	struct buf out = BUF_INIT;

	f.values[ID_ONE] = bytes_str("a b\033[1m");
	f.values[ID_BASE] = bytes_str("2");
	f.nlists = 2;
	l = compile(line, &f);
	shell_show(l, &v, shell, &out);
	is(buf_cstr(&out), want, "shown by %s: %s", shell, named(line));
	buf_clear(&out);
	shell_free(l);
}

static void test_show(void)
{
	check_show("sh", "echo {} a{}.b --x={}/{}", "echo v av.b --x=v/v");
	check_show("sh", "echo {name} \"{name}\" '{name}'",
		   "echo 'it'\\''s' \"\"'it'\\''s'\"\" 'it'\\''s'");
	check_show("sh", "echo \"a {}\" \"$x{}\" '{}'", "echo \"a v\" \"$x\"'v'\"\" 'v'");
	check_show("sh", "echo {1} \"{1}\" '{1}'",
		   "echo 'a b'\"$(printf '\\033')\"'[1m' \"\"'a b'\"$(printf '\\033')\"'[1m'\"\" "
		   "'''a b'\"$(printf '\\033')\"'[1m'''");
	check_show("sh", "{} x", "'v' x");
	check_show("sh", "echo {/}>f {/}", "echo '2'>f 2");
	check_show("sh", "case {} in {}) echo {};; esac", "case 'v' in 'v') echo v;; esac");
	check_show("sh", "echo *{}", "echo *'v'");
	check_show("sh", "x={} echo a", "x='v' echo a");
	check_show("sh", "cat {l} > {l}", "cat l1 l2 > 'l1 l2'");
	check_show("sh", "echo {name:raw}", "echo it's");
	check_show("sh", "echo hi | cat", "echo hi | cat");
	check_show("sh", "cd {} && make", "(cd v && make)");
	check_show("sh", "x() { exit {/}; }; x", "(x() { exit 2; }; x)");
	check_show("sh", "cd {} # there", "sh -c '_volley_1=${1}; set --; cd \"${_volley_1}\" # "
					  "there' volley v");
	check_show("sh", "echo {} \"$#\"", "sh -c '_volley_1=${1}; set --; echo "
					   "\"${_volley_1}\" \"$#\"' volley v");
	check_show("/bin/sh", "echo ${x:-{}}", "/bin/sh -c '_volley_1=${1}; set --; echo "
					       "${x:-\"${_volley_1}\"}' volley v");
	check_show("bash -e", "echo {}", "bash -e -c '_volley_1=${1}; set --; echo "
					 "\"${_volley_1}\"' volley v");
	check_show("bash", "echo x", "bash -c 'echo x' volley");
	check_show("sh", "echo a\necho {}", "sh -c '_volley_1=${1}; set --; echo a\necho "
					    "\"${_volley_1}\"' volley v");
	check_show("sh", "echo 'a", "sh -c 'echo '\\''a' volley");
	check_show("sh", "echo $((1+{name}))", "sh -c '_volley_1=${1}; set --; echo "
					       "$((1+${_volley_1}))' volley 'it'\\''s'");
}

/* --- lines without a shell */

static const char *split(const char *line)
{
	static struct buf out;
	struct fixture f = fixture_new();
	struct shell_config cfg = {line, fixture_match, &f, false, false};
	struct arena *a = arena_new();
	struct word *words;
	size_t n;

	buf_reset(&out);
	if (!shell_split(&cfg, a, &words, &n)) {
		arena_free(a);
		return "shell";
	}
	for (size_t i = 0; i < n; i++) {
		buf_addc(&out, '[');
		for (size_t k = 0; k < words[i].n; k++) {
			struct word_piece *p = &words[i].pieces[k];

			if (p->text.p == NULL)
				buf_addf(&out, "<%d>", p->id);
			else
				buf_addb(&out, p->text);
		}
		buf_addc(&out, ']');
	}
	arena_free(a);
	return buf_cstr(&out);
}

static void test_split(void)
{
	static const char *const shell[] = {
	    "", "  ", "''", "'' a", "a;", "a #b", "a\nb", "a\rb", "a 'b", "a \"b", "a b\\", "a\\\nb",
	    "a $x", "a \"$x\"", "a \"`x`\"", "a ~", "a *", "a [b]", "a b?", "a (b)", "a <b", "a >b",
	    "a |b", "a &", "x=y a", "a =b", "{} a", "a{} b", "'a'{} b", "a {:raw}", "a {b,c}", "a !",
	    "a ^b", "echo {}", "cd x", "if a", "'echo' a", "ec\\ho a", "a {bad}", "a '${name}'",
	    "true", "[ a ]", "a \001"};
	const struct {
		const char *line, *words;
	} plain[] = {
	    {"a", "[a]"},
	    {" gzip  -9\t{} ", "[gzip][-9][<0>]"},
	    {"a {}{name}.x", "[a][<0><1>.x]"},
	    {"a 'b {} $x' \"{} \\$ \\n \\\" \"", "[a][b <0> $x][<0> $ \\n \" ]"},
	    {"a '' \"\" ''b", "[a][][][b]"},
	    {"a b=c --x={}", "[a][b=c][--x=<0>]"},
	    {"a \\{} '\\{}' \"\\{}\" \\$x \\\\{}", "[a][{}][{}][{}][$x][\\<0>]"},
	    {"a \"b\\\nc\"", "[a][bc]"},
	    {"./a \xc3\xa9 %1 a@b +x", "[./a][\xc3\xa9][%1][a@b][+x]"},
	    {"'my prog' {l}", "[my prog][<4>]"},
	    {"a '\n'", "[a][\n]"},
	};

	for (size_t i = 0; i < sizeof shell / sizeof *shell; i++)
		is(split(shell[i]), "shell", "needs a shell: %s", named(shell[i]));
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		is(split(plain[i].line), plain[i].words, "needs none: %s", named(plain[i].line));
}

static void test_takes_argument(void)
{
	const struct {
		const char *line;
		bool want;
	} table[] = {
	    {"echo", true}, {"a | b c", true}, {"cd x && make", true}, {"echo \"a\"", true},
	    {"! grep x", true}, {"cat <f", true}, {"x=1 make", true}, {"a `b`", true},
	    {"echo $(x)", true}, {"cat x 2>&1", true},
	    {"", false}, {"a;", false}, {"a |", false}, {"a &", false}, {"a &&", false},
	    {"(a)", false}, {"{ a; }", false}, {"if a; then b; fi", false},
	    {"for i in a; do b; done", false}, {"a # b", false}, {"a \\", false}, {"x=1", false},
	    {"a >", false}, {"case a in a) b;; esac", false}, {"case a in b", false},
	    {"[[ a ]]", false}, {"a 'b", false}, {"cat <<E\nx\nE\n", false}, {"cat <<E", false},
	    {"f()", false}, {"((1))", false}, {"for x in a", false}, {"a\n", false}};
	struct fixture f = fixture_new();

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct shell_line *l = compile(table[i].line, &f);

		ok(shell_takes_argument(l) == table[i].want, "%s one more argument: %s",
		   table[i].want ? "takes" : "does not take", table[i].line);
		shell_free(l);
	}
}

int main(void)
{
	test_contexts();
	test_not_placeholders();
	test_escapes();
	test_other_markers();
	test_no_markers();
	test_syntax_errors();
	test_refused_names();
	test_refused_places();
	test_depth();
	test_integers();
	test_not_integers();
	test_numbers();
	test_arrays();
	test_nul();
	test_nested_shells();
	test_nested_allowed();
	test_warnings();
	test_lists();
	test_raw();
	test_shared_script();
	test_many();
	test_show();
	test_split();
	test_takes_argument();
	strv_clear(&warnings);
	return done_testing();
}
