/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_SHELL_TEMPLATES_H
#define TESTS_UNIT_SHELL_TEMPLATES_H

/* Lines with placeholders in every context there is, and what "show" must have
 * been given.  V stands for the value of {}, W for that of {name}. */

enum shell_bit { DASH = 1, BASH = 2, MKSH = 4, ZSH = 8, BUSYBOX = 16, EVERY = 31 };

enum template_flag {
	SMALL = 1,     /* no big values: too slow, or joined past the kernel's limit */
	NOT_EMPTY = 2, /* the shells differ about the empty value */
};

#define V "\1"
#define W "\2"
#define A(text) "\3" text "\4"	/* an argument */
#define END "\5"		/* of a record */

struct template {
	const char *name, *line, *want;
	unsigned shells, flags;
};

static const struct template templates[] = {
    {"unquoted", "show {}", A(V) END, EVERY, 0},
    {"affixes", "show a{}.bak --f={} {name}", A("a" V ".bak") A("--f=" V) A(W) END, EVERY, SMALL},
    {"double quotes", "show \"a {} b\" \"{}{name}\"", A("a " V " b") A(V W) END, EVERY, SMALL},
    {"single quotes", "show 'a {} b' '{}'\"{}\"{}", A("a " V " b") A(V V V) END, EVERY, SMALL},
    {"beside variables", "x=1; show $x{} \"$x{}y\" \"{}[0]\" {}\"[0]\"",
     A("1" V) A("1" V "y") A(V "[0]") A(V "[0]") END, EVERY, SMALL},
    {"escapes", "show \\{} \"\\{}\" '\\{}' \"\\\\{}\" \"\\\"{}\\\"\" \\\\{} ${u:-\\{}} \"${u:-\\{}}\"",
     A("{}") A("{}") A("{}") A("\\" V) A("\"" V "\"") A("\\" V) A("{}") A("{}") END, EVERY, SMALL},
    {"command substitution", "show \"$(show -stdin {} </dev/null)x\"",
     A("-stdin") A(V) A("") END A("x") END, EVERY, 0},
    {"nested substitution", "show \"$(: \"$(show \"q{}\" '{}')\")\"",
     A("q" V) A(V) END A("") END, EVERY, SMALL},
    {"case in a substitution", "x=$(case {} in {}) show {} ;; esac); show e",
     A(V) END A("e") END, EVERY, SMALL},
    {"case in a substitution, ( )", "x=$(case {} in (a) show;; (*) show {} ;; esac); show e",
     A(V) END A("e") END, EVERY, SMALL},
    {"backquotes", "x=`show {} \"b {}\" '{}'`; show z", A(V) A("b " V) A(V) END A("z") END, EVERY, SMALL},
    {"backquotes in quotes", "x=\"`show {} \\\"b {}\\\" `\"; show \"$x\"",
     A(V) A("b " V) END A("") END, EVERY, SMALL},
    {"nested backquotes", "x=`: \\`show {}\\``; show z", A(V) END A("z") END, EVERY, 0},
    {"comments", "show {} # it's \"{}\n#{} `$(\nshow {name} a#{}",
     A(V) END A(W) A("a#" V) END, EVERY, SMALL},
    {"here-document", "show -stdin <<EOF\n\"{}\" '{}' $((1+1)) \\{} \\$ \\\\\nEOF\nshow {}",
     A("-stdin") A("\"" V "\" '" V "' 2 {} $ \\\n") END A(V) END, EVERY, 0},
    {"literal here-document",
     "show -stdin <<'E F' {name}\n\"{}\" '{}' $((1+1)) `x` \\\\ \\$ \\\nE F\nshow {}",
     A("-stdin") A(W) A("\"" V "\" '" V "' $((1+1)) `x` \\\\ \\$ \\\n") END A(V) END, EVERY, 0},
    {"tabs in a here-document",
     "show -stdin <<-\\X\n\t\t{}\n\t$x\n\tX\nshow -stdin <<-Y\n\t{}\n\tY\n",
     A("-stdin") A(V "\n$x\n") END A("-stdin") A(V "\n") END, EVERY, 0},
    {"here-document in a substitution", "x=$(show -stdin <<EOF\n{}\nEOF\n); show end",
     A("-stdin") A(V "\n") END A("end") END, EVERY, 0},
    {"here-document of a subshell", "(show -stdin) <<A; (show -stdin <<B)\n{}\nA\n{name}\nB\n",
     A("-stdin") A(V "\n") END A("-stdin") A(W "\n") END, EVERY & ~MKSH, 0},
    {"defaults", "unset x; show ${x:-{}} \"${x:-a{}b}\" \"${x-{}}\" ${x:-\"{}\"} ${x:-'{}'}",
     A(V) A("a" V "b") A(V) A(V) A(V) END, EVERY, SMALL},
    {"quotes in a quoted default", "unset x; show \"${x:-\"{}\"}\"", A(V) END, EVERY, 0},
    {"nested defaults", "unset x; show ${x:-${x:-{}}} \"${x:-${x:-{}}}\" \"${x:-$(show {})}\"",
     A(V) END A(V) A(V) A("") END, EVERY, SMALL},
    {"patterns",
     "x={}tail; y=head{}; show \"${x#{}}\" ${x#{}} \"${y%{}}\" \"${y%%\"{}\"}\" \"${x#'{}'}\"",
     A("tail") A("tail") A("head") A("head") A("tail") END, EVERY, SMALL},
    {"default in a here-document", "unset x; show -stdin <<EOF\n${x:-{}} ${x:-\\{}}\nEOF",
     A("-stdin") A(V " {}\n") END, EVERY, 0},
    {"case", "case {} in {}) show yes;; *) show no;; esac; case \"x{}\" in \"x\"{}) show yes;; esac",
     A("yes") END A("yes") END, EVERY, SMALL},
    {"assignments", "x={} y=a{}; show \"$x\" \"$y\"; z={name} show {}",
     A(V) A("a" V) END A(V) END, EVERY, SMALL},
    {"export", "export x={}; readonly y={}; show \"$x\" \"$y\"", A(V) A(V) END, EVERY, SMALL},
    {"redirections", "mkdir -p d; : > d/x; show -stdin {} < d/x > d/y 2>&1",
     A("-stdin") A(V) A("") END, EVERY, 0},
    {"set and shift", "set -- p q; show {} \"$1\" \"$#\"; shift; show {}",
     A(V) A("p") A("2") END A(V) END, EVERY, SMALL},
    {"no arguments", "show \"$#\" \"$@\" \"$0\" {}", A("0") A("volley") A(V) END, EVERY, 0},
    {"functions", "f() { show {} \"$1\"; }; f zz; show {name}",
     A(V) A("zz") END A(W) END, EVERY, 0},
    {"compound commands", "(show {}); { show {}; }; if true; then show {}; fi",
     A(V) END A(V) END A(V) END, EVERY, 0},
    {"for", "for i in {} \"{name}\" b; do show \"$i\" {}; done",
     A(V) A(V) END A(W) A(V) END A("b") A(V) END, EVERY, SMALL},
    {"while", "i=; while [ \"$i\" != aa ]; do i=a$i; show {} $i; done",
     A(V) A("a") END A(V) A("aa") END, EVERY, SMALL},
    {"pipes", "printf %s. {} | show -stdin {name} && show {} || show no",
     A("-stdin") A(W) A(V ".") END A(V) END, EVERY, SMALL},
    {"test", "[ {} = {} ] && [ -n a{} ] && test \"x{}\" = x{} && show {}", A(V) END, EVERY, SMALL},
    {"set -eu", "set -eu; show {}; x=${y-{}}; show \"$x\"", A(V) END A(V) END, EVERY, SMALL},
    {"IFS", "IFS=abc/\\ ; show {} \"{}\"; x={}; show \"$x\"", A(V) A(V) END A(V) END, EVERY, SMALL},
    {"globs", "show {}\"*\"", A(V "*") END, EVERY, SMALL},
    {"traps", "trap : EXIT; (show {}); show {}", A(V) END A(V) END, EVERY, 0},
    {"arithmetic beside", "show $((1+2)) {} $(( (3) * 2 )) \"$((1))\"{}",
     A("3") A(V) A("6") A("1" V) END, EVERY, SMALL},
    {"(( as two subshells", "((show {}); show {name})", A(V) END A(W) END, EVERY & ~MKSH, 0},
    {"braces that are text", "show '{print $1}' 'BEGIN{x}' {}",
     A("{print $1}") A("BEGIN{x}") A(V) END, EVERY, 0},
    {"not exported", "env | grep -c ^_volley_ ; show {}", A(V) END, EVERY, 0},
    {"an argument of sh -c", "sh -c 'show \"$1\"' sh {}", A(V) END, EVERY, 0},
    {"a leading plus", "+x {} 2>/dev/null; show {}", A(V) END, EVERY, SMALL},
    {"continuation lines", "show \\\n{} \"a\\\n{}\"", A(V) A("a" V) END, EVERY, SMALL},
    {"$'...'", "show $'a\\tb{}c' $'it\\'s{}'", A("a\tb" V "c") A("it's" V) END, EVERY & ~DASH, SMALL},
    {"[[ ]]", "[[ {} == {} ]] && show y; [[ x{} == x* && ( {} != \"q{}\" ) ]] && show {}",
     A("y") END A(V) END, BASH | MKSH | ZSH, SMALL},
    {"[[ =~ ]]", "[[ \"a\"{} =~ ^a{}$ ]] && show y", A("y") END, BASH, SMALL},
    {"process substitution", "cat <(show {}); show {name}", A(V) END A(W) END, BASH | ZSH, 0},
    {"here-string", "show -stdin <<<{}", A("-stdin") A(V "\n") END, BASH | MKSH | ZSH, 0},
    {"arrays", "a=( x {} case ); show \"${a[@]}\"", A("x") A(V) A("case") END, BASH | MKSH | ZSH, 0},
    {"replacement", "x=1a2; show \"${x/a/{}}\"; show -stdin <<E\n${x/a/{}}\nE\n",
     A("1" V "2") END A("-stdin") A("1" V "2\n") END, BASH | ZSH, SMALL},
    {"function f", "function f { show {} \"$1\"; }; f zz", A(V) A("zz") END, BASH | MKSH | ZSH, 0},
    {"arithmetic for", "for ((i=0; i<2; i++)); do show {} $i; done",
     A(V) A("0") END A(V) A("1") END, BASH | ZSH, 0},
};

#endif
