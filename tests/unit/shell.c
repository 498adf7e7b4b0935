/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell.h"
#include "shell_bound.h"
#include "tap.h"

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
	check_script(
	    "echo \"$(echo \"{}\" {} '{}')\"", ONE
	    "echo \"$(echo \"${_volley_1}\" \"${_volley_1}\" ''\"${_volley_1}\"'')\"");
	check_script("echo `echo {}`", ONE "echo $(echo \"${_volley_1}\")");
	check_script("echo `(echo {})`", ONE "echo $( (echo \"${_volley_1}\"))");
	check_script("echo `echo {} # x`", ONE "echo $(echo \"${_volley_1}\" # x\n)");
	check_script("echo `: \\`echo {}\\``", ONE "echo $(: $(echo \"${_volley_1}\"))");
	check_script("echo \"`echo \\\"{}\\\"`\"",
		     ONE "echo \"$(echo \"${_volley_1}\")\"");
	check_script("echo `date` {}", ONE "echo `date` \"${_volley_1}\"");
	check_script("echo $((1+{}))",
		     "failed: value of {} is used in arithmetic and is not an "
		     "integer: 'v'");
	check_script("echo $((echo {}) | cat)",
		     ONE "echo $((echo \"${_volley_1}\") | cat)");
	check_script("((echo {}); echo)", ONE "((echo \"${_volley_1}\"); echo)");
	check_script("cat <<E\n\"{}\" '{}'\nE\n",
		     ONE "cat <<E\n\"${_volley_1}\" '${_volley_1}'\nE\n");
	check_script("cat <<E\n${x:-{}} $(echo {})\nE",
		     ONE "cat <<E\n${x:-${_volley_1}} $(echo \"${_volley_1}\")\nE");
	check_script(
	    "cat <<'E'; echo\n$x `y` \\ {}\nE\necho", ONE
	    "cat <<VOLLEY_EOF; echo\n\\$x \\`y\\` \\\\ ${_volley_1}\nVOLLEY_EOF\necho");
	check_script("cat <<\\E\n{}\nVOLLEY_EOF\n\tVOLLEY_EOF_\nE\n",
		     ONE "cat <<VOLLEY_EOF__\n${_volley_1}\nVOLLEY_EOF\n\tVOLLEY_EOF_\n"
			 "VOLLEY_EOF__\n");
	check_script("cat <<-'E'\n\t{}\n\tE\necho",
		     ONE "cat <<-VOLLEY_EOF\n\t${_volley_1}\n"
			 "VOLLEY_EOF\necho");
	check_script("cat <<'E'\n$x\nE\necho {}",
		     ONE "cat <<'E'\n$x\nE\necho \"${_volley_1}\"");
	check_script("cat <<E\na\\\nE\n{}\nE\n",
		     ONE "cat <<E\na\\\nE\n${_volley_1}\nE\n");
	check_script("cat <<A <<'B'\n{}\nA\n{}\nB\n", ONE
		     "cat <<A <<VOLLEY_EOF\n${_volley_1}\nA\n${_volley_1}\nVOLLEY_EOF\n");
	check_script("(cat <<E) | cat\n{}\nE\n",
		     ONE "(cat <<E) | cat\n${_volley_1}\nE\n");
	check_script(
	    "case {} in {}|(a) echo {};; esac", ONE
	    "case \"${_volley_1}\" in \"${_volley_1}\"|(a) echo \"${_volley_1}\";; esac");
	check_script("x=$(case a in a) echo {};; esac)",
		     ONE "x=$(case a in a) echo \"${_volley_1}\";; esac)");
}

static void test_more_contexts(void)
{
	check_script("x={} a[1]={} y+={}; f() { echo {}; }",
		     ONE "x=\"${_volley_1}\" a[1]=\"${_volley_1}\" y+=\"${_volley_1}\"; "
			 "f() { echo \"${_volley_1}\"; }");
	check_script("cat < {} > a{} 2>{}",
		     ONE "cat < \"${_volley_1}\" > a\"${_volley_1}\" "
			 "2>\"${_volley_1}\"");
	check_script("echo $x{} $${} $?{} $",
		     ONE "echo $x\"${_volley_1}\" $$\"${_volley_1}\" "
			 "$?\"${_volley_1}\" $");
	check_script("echo \\\\{} \"\\\\{}\"",
		     ONE "echo \\\\\"${_volley_1}\" \"\\\\${_volley_1}\"");
	check_script("echo \\${} \"\\${}\"",
		     ONE "echo \\$\"${_volley_1}\" \"\\$${_volley_1}\"");
	check_script("echo {} # {} it's \"", ONE "echo \"${_volley_1}\" # {} it's \"");
	check_script("echo a#{}", ONE "echo a#\"${_volley_1}\"");
	check_script("for i in {}; do echo {}; done",
		     ONE "for i in \"${_volley_1}\"; do echo "
			 "\"${_volley_1}\"; done");
	check_script("a=( x {} ); b=(\n{}\n)",
		     ONE "a=( x \"${_volley_1}\" ); b=(\n\"${_volley_1}\"\n)");
	check_script("cat <(echo {}) <<<{}",
		     ONE "cat <(echo \"${_volley_1}\") <<<\"${_volley_1}\"");
	check_script("[[ {} == x* && ( {} < b ) ]]",
		     ONE "[[ \"${_volley_1}\" == x* && ( \"${_volley_1}\" < b ) ]]");
	check_script("echo @(a|{})", ONE "echo @(a|\"${_volley_1}\")");
	check_script("{ echo {}; }", ONE "{ echo \"${_volley_1}\"; }");
	check_script("-x {}", ONE "-x \"${_volley_1}\"");
	check_script("echo {}{1}{/}",
		     "_volley_1=${1} _volley_2=${2} _volley_3=${3}; set --; echo "
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
	check_script("echo ${x:-\\{}} \"${x:-\\{}}\"",
		     "echo ${x:-\\{\\}} \"${x:-{\\}}\"");
	check_script("cat <<E\n\\{}\nE\n", "cat <<E\n{}\nE\n");
	check_script("cat <<'E'\n\\{} {}\nE\n",
		     ONE "cat <<VOLLEY_EOF\n{} ${_volley_1}\nVOLLEY_EOF\n");
	check_script("cat <<'E'\n\\{}\nE\n", "cat <<VOLLEY_EOF\n{}\nVOLLEY_EOF\n");
	check_script("cat <<'E'\na {}", ONE "cat <<VOLLEY_EOF\na ${_volley_1}\nVOLLEY_EOF");
	check_script("cat <<'E'\n{}\n", ONE "cat <<VOLLEY_EOF\n${_volley_1}\nVOLLEY_EOF");
	check_script("echo \\{bad} '\\{bad}'", "echo \\{bad\\} '{bad}'");
	check_script("echo '\\{print}' \\{print}", "echo '\\{print}' \\{print}");
	check_script("echo `echo \\{}`", "echo $(echo \\{\\})");
	ansi = true;
	check_script("echo $'a\\'b{}\\n\\{}'",
		     ONE "echo $'a\\'b'\"${_volley_1}\"$'\\n{}'");
	ansi = false;
}

static void test_other_markers(void)
{
	marker = "@@";
	check_script("echo {} @@ '@@' \\@@",
		     ONE "echo {} \"${_volley_1}\" ''\"${_volley_1}\"'' \\@\\@");
	marker = "%";
	check_script("echo ${x%.c} %", ONE "echo ${x%.c} \"${_volley_1}\"");
	marker = "X";
	check_script("echo aXb", ONE "echo a\"${_volley_1}\"b");
	marker = NULL;
}

/* Without a placeholder, what the shell takes is never refused. */
static void test_no_markers(void)
{
	static const char *const lines[] = {"echo 'unbalanced",
					    "echo $[1+2]",
					    "echo ${ echo x; }",
					    "echo )",
					    "read x",
					    "eval echo",
					    "echo ${(s.,.)PATH}",
					    "x=$(cat <<E",
					    "echo \"${x",
					    "sh -c 'echo $1' sh x",
					    "echo `",
					    "cat >&2",
					    "printf -v x y",
					    "$'a\\'b'"};
	struct fixture f = fixture_new();

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct shell_line *l = compile(lines[i], &f);

		ok(l != NULL && !shell_has_markers(l), "no placeholder: not refused: %s",
		   named(lines[i]));
		shell_free(l);
		check_script(lines[i], lines[i]);
	}
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
	check_list(
	    "cat {l}", 3,
	    "_volley_1=${1} _volley_2=${2} _volley_3=${3}; set --; cat \"${_volley_1}\" "
	    "\"${_volley_2}\" \"${_volley_3}\" | l1 | l2 | l3");
	check_list(
	    "cat a{l}-{m}'{}'", 2,
	    "_volley_1=${1} _volley_2=${2} _volley_3=${3} _volley_4=${4} _volley_5=${5}; "
	    "set --; cat a\"${_volley_1}\"-\"${_volley_2}\"''\"${_volley_3}\"'' "
	    "a\"${_volley_4}\"-\"${_volley_5}\"''\"${_volley_3}\"'' "
	    "| l1 | m1 | v | l2 | m2");
	check_list(
	    "cat \"{l}\" > {l}", 2,
	    "_volley_1=${1} _volley_2=${2} _volley_3=${3}; set --; cat \"${_volley_1}\" "
	    "\"${_volley_2}\" > \"${_volley_3}\" | l1 | l2 | l1 l2");
	check_list("x={l} cat <<E\n{l}\nE\n", 2,
		   ONE "x=\"${_volley_1}\" cat <<E\n${_volley_1}\nE\n | l1 l2");
	check_list(
	    "export x={l}; [ {l} = a ]; [[ {l} ]]", 2,
	    ONE
	    "export x=\"${_volley_1}\"; [ \"${_volley_1}\" = a ]; [[ \"${_volley_1}\" ]] "
	    "| l1 l2");
	check_list("for i in {l}; do :; done; a=( {l} )", 2,
		   TWO "for i in \"${_volley_1}\" \"${_volley_2}\"; do :; done; a=( "
		       "\"${_volley_1}\" \"${_volley_2}\" ) | l1 | l2");
	check_list(
	    "echo $(cat {l}) $(x={l})", 2,
	    "_volley_1=${1} _volley_2=${2} _volley_3=${3}; set --; echo $(cat "
	    "\"${_volley_1}\" \"${_volley_2}\") $(x=\"${_volley_3}\") | l1 | l2 | l1 l2");
	check_list("case {l} in {l}) ;; esac", 2,
		   ONE "case \"${_volley_1}\" in \"${_volley_1}\") ;; esac | l1 l2");
	check_list(
	    "echo $(({l}))", 2,
	    "failed: value of {l} is used in arithmetic and is not an integer: 'l1'");
	check_list(
	    "x=$(({l}))", 2,
	    "failed: value of {l} is used in arithmetic and is not an integer: 'l1 l2'");
	check_list("echo {l:raw}. {l}", 2,
		   TWO "echo l1. l2. \"${_volley_1}\" \"${_volley_2}\" | l1 | l2");
}

static void test_raw(void)
{
	struct fixture f = fixture_new();

	f.values[ID_EVENT] = bytes_str("-x; $y");
	f.values[ID_NAME] = bytes_str("a.b");
	is(bound("{:raw}", &f), " -x; $y", "raw text is pasted");
	is(bound("echo {name} \"{:raw}\"", &f),
	   ONE "echo \"${_volley_1}\" \"-x; $y\" | a.b", "beside a bound value");
	is(bound("cat <<'E'\n{:raw} {name}\nE\n", &f),
	   ONE "cat <<VOLLEY_EOF\n-x; \\$y ${_volley_1}\nVOLLEY_EOF\n | a.b",
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
	is(first[2], "sh", "$0 is the shell");
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
	const char *got =
	    bound("echo {l} {m} {} {name} {1} {/} {:sh} {name:sh} {1:sh} {/:sh}", &f);

	ok(strstr(got, "_volley_10=${10}; set --; ") != NULL,
	   "the tenth parameter is ${10}");
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
		   "echo 'a b'\"$(printf '\\033')\"'[1m' \"\"'a b'\"$(printf "
		   "'\\033')\"'[1m'\"\" "
		   "'''a b'\"$(printf '\\033')\"'[1m'''");
	check_show("sh", "{} x", "'v' x");
	check_show("sh", "echo {/}>f {/}", "echo '2'>f 2");
	check_show("sh", "case {} in {}) echo {};; esac",
		   "case 'v' in 'v') echo v;; esac");
	check_show("sh", "echo *{}", "echo *'v'");
	check_show("sh", "x={} echo a", "x='v' echo a");
	check_show("sh", "cat {l} > {l}", "cat l1 l2 > 'l1 l2'");
	check_show("sh", "echo {name:raw}", "echo it's");
	check_show("sh", "echo hi | cat", "echo hi | cat");
	check_show("sh", "cd {} && make", "(cd v && make)");
	check_show("sh", "x() { exit {/}; }; x", "(x() { exit 2; }; x)");
	check_show("sh", "cd {} # there",
		   "sh -c '_volley_1=${1}; set --; cd \"${_volley_1}\" # "
		   "there' sh v");
	check_show("sh", "echo {} \"$#\"",
		   "sh -c '_volley_1=${1}; set --; echo "
		   "\"${_volley_1}\" \"$#\"' sh v");
	check_show("/bin/sh", "echo ${x:-{}}",
		   "/bin/sh -c '_volley_1=${1}; set --; echo "
		   "${x:-\"${_volley_1}\"}' sh v");
	check_show("bash -e", "echo {}",
		   "bash -e -c '_volley_1=${1}; set --; echo "
		   "\"${_volley_1}\"' sh v");
	check_show("bash", "echo x", "bash -c 'echo x' sh");
	check_show("sh", "echo a\necho {}",
		   "sh -c '_volley_1=${1}; set --; echo a\necho "
		   "\"${_volley_1}\"' sh v");
	check_show("sh", "echo 'a", "sh -c 'echo '\\''a' sh");
	check_show("sh", "echo $((1+{name}))",
		   "sh -c '_volley_1=${1}; set --; echo "
		   "$((1+${_volley_1}))' sh 'it'\\''s'");
}

/* --- lines without a shell */

static const char *split(const char *line)
{
	static struct buf out;
	struct fixture f = fixture_new();
	struct shell_config cfg = {.line = line, .match = fixture_match, .arg = &f};
	struct shell_line *l = shell_compile(&cfg, &warnings, &err);
	const struct word *words;
	size_t n = l != NULL ? shell_plain_words(l, &words) : 0;

	buf_reset(&out);
	if (n == 0)
		buf_adds(&out, "shell");
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
	shell_free(l);
	return buf_cstr(&out);
}

static void test_split(void)
{
	static const char *const shell[] = {
	    "",         "  ",       "''",        "'' a",        "a;",      "a #b",
	    "a\nb",     "a\rb",     "a 'b",      "a \"b",       "a b\\",   "a\\\nb",
	    "a $x",     "a \"$x\"", "a \"`x`\"", "a ~",         "a *",     "a [b]",
	    "a b?",     "a (b)",    "a <b",      "a >b",        "a |b",    "a &",
	    "x=y a",    "a =b",     "{} a",      "a{} b",       "'a'{} b", "a {:raw}",
	    "a {b,c}",  "a !",      "a ^b",      "echo {}",     "cd x",    "if a",
	    "'echo' a", "ec\\ho a", "a {bad}",   "true",    "[ a ]",
	    "a \001"};
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
	    {"a '${name}'", "[a][${name}]"},
	};

	for (size_t i = 0; i < sizeof shell / sizeof *shell; i++)
		is(split(shell[i]), "shell", "needs a shell: %s", named(shell[i]));
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		is(split(plain[i].line), plain[i].words, "needs none: %s",
		   named(plain[i].line));
}

static void test_takes_argument(void)
{
	const struct {
		const char *line;
		bool want;
	} table[] = {{"echo", true},
		     {"a | b c", true},
		     {"cd x && make", true},
		     {"echo \"a\"", true},
		     {"! grep x", true},
		     {"cat <f", true},
		     {"x=1 make", true},
		     {"a `b`", true},
		     {"echo $(x)", true},
		     {"cat x 2>&1", true},
		     {"", false},
		     {"a;", false},
		     {"a |", false},
		     {"a &", false},
		     {"a &&", false},
		     {"(a)", false},
		     {"{ a; }", false},
		     {"if a; then b; fi", false},
		     {"for i in a; do b; done", false},
		     {"a # b", false},
		     {"a \\", false},
		     {"x=1", false},
		     {"a >", false},
		     {"case a in a) b;; esac", false},
		     {"case a in b", false},
		     {"[[ a ]]", false},
		     {"a 'b", false},
		     {"cat <<E\nx\nE\n", false},
		     {"cat <<E", false},
		     {"f()", false},
		     {"((1))", false},
		     {"for x in a", false},
		     {"a\n", false}};
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
	test_more_contexts();
	test_not_placeholders();
	test_escapes();
	test_other_markers();
	test_no_markers();
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
