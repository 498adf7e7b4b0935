#!/bin/sh
# SPDX-License-Identifier: ISC
# From a command and an event to a process: words, shell lines, events as commands,
# placeholders, refused commands, and the environment of a job.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck disable=SC2154,SC1083  # status; {} is text
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

child=$TOP_BUILDDIR/tests/helpers/child
cp "$child" child

# unless_wrapped NAME: under valgrind, what fails between fork and exec is unseen.
unless_wrapped() {
	[ -z "$VOLLEY_WRAP" ] || {
		skip "$1" "not visible under $VOLLEY_WRAP"
		return 1
	}
}

# gives WANT NAME: that was the output, and all went well.
gives() {
	is "$status:$(cat out)$(cat err)" "0:$1" "$2"
}

# first_line TEXT...: the names of tests are lines.
first_line() {
	printf '%s\n' "$*" | head -n 1
}

# does WANT NAME ARG...: volley ARG... gives that.
does() {
	want=$1 name=$2
	shift 2
	run volley -k "$@"
	gives "$want" "$name"
}

# refused STATUS MESSAGE NAME ARG...: volley says just that, and runs nothing.
refused() {
	want=$1:volley:\ $2 name=$3
	shift 3
	run volley "$@"
	is "$status:$(cat out)$(cat err)" "$want" "$name"
}

# usage MESSAGE LINE: a shell line that is refused.
usage() {
	refused 125 "$1" "refused: $(first_line "$2")" "$2" ::: 7
}

# --- values

# The parent of a program shows whether a shell was started.
cat >parent <<'END'
#!/bin/sh
echo "$(cat /proc/$PPID/comm):$*"
END
chmod +x parent
# (volley is called otherwise under valgrind)
self=$(volley -n0 sh -c 'cat /proc/$VOLLEY_PID/comm' ::: x)

{
	printf '%s\0' 'a b' "it's" '"' '$HOME' '$(touch CANARY)' '`touch CANARY`' 'x
y' '-n' '--' '*' '?[a]' '~' '\' '\\n' "'\"'" '' ' ' '#' '; touch CANARY' '& touch CANARY' \
		'|touch CANARY' '{}' '{1}' '\{}' '${x}' '!!' '%s' 'é' '=' 'a=b' 'if' 'E
touch CANARY'
	printf '\001\033[1m\177\377\0'
	head -c 100000 /dev/zero | tr '\0' "'"
	printf '\0'
} >values
xargs -0 -n1 ./child args <values >want
export x=y

# passes NAME ARG...: each value reaches child as one argument, unchanged.
passes() {
	name=$1
	shift
	run volley -0 -k -a values "$@"
	[ "$status" -eq 0 ] && [ ! -s err ] && cmp out want && [ ! -e CANARY ]
	ok $? "values are never split or parsed: $name"
}
passes 'a word' ./child args {}
passes 'appended' ./child args
passes 'a plain line' './child args {}'
passes 'a plain line, quoted' './child args "{}"'
passes 'a plain line, appended' './child args'
passes 'sh -c LINE' sh -c './child args {}'
passes 'an argument of sh -c' sh -c './child args "$1"' sh {}
for shell in dash bash mksh zsh 'busybox sh'; do
	command -v "${shell%% *}" >/dev/null || {
		skip "values are never split or parsed: --shell $shell" "no ${shell%% *}"
		continue
	}
	passes "--shell $shell" --shell "$shell" ': {} "{}" '"'{}'"'; v={}; ./child args "$v"'
done
passes 'single quotes' ":; ./child args '{}'"
passes 'double quotes' ':; ./child args "{}"'
passes 'a substitution' './child args "$(printf "%s." {})" | sed "1s/^\[//; \$s/\.]\$//" >x; ./child args "$(cat x; echo .)" >y; ./child args {}'
passes 'a function, a subshell and a pipe' 'f() { (./child args {}); }; set -- no; f no | cat'
xargs -0 -n1 printf '[%s]\n' <values >lines
volley -0 -k -a values 'cat <<E
[{}]
E' | cmp - lines
ok $? "values are never split or parsed: a here-document"
[ ! -e CANARY ]
ok $? "no value was executed"

# --- words, lines, events

does "$self:a" "a program given as words has no shell" ./parent ::: a
does "$self:a b x" "a plain line has none, either" './parent {}' ::: 'a b x'
does "$self:a x y" "quotes or not" "'./parent' \"{}\" x\\ y" ::: a
does sh:a "any other line has" './parent {}; :' ::: a
echo '#' >rc
BASH_ENV=rc
export BASH_ENV
does sh:a "and so has every line when BASH_ENV is set" './parent {}' ::: a
unset BASH_ENV
does dash:a "or --shell is given" --shell 'dash -e' './parent {}' ::: a
does 'a\tb' "echo in a plain line is the shell's" --shell bash 'echo {}' ::: 'a\tb'
does 'a	b' "whichever it is" 'echo {}' ::: 'a\tb'
does 'a\tb' "as a word it is the program" "$(command -v echo)" {} ::: 'a\tb'
printf 'echo $((1 + 1))\necho "a  b" | tr a c\n-x 2>/dev/null || echo {} $x\n' >commands
run volley -k -a commands
gives '2
c  b
{} y' "an event is a shell line if there is no command"
run volley -k -a commands --shell bash
gives '2
c  b
{} y' "event lines are run by the shell that --shell names"
does 'a
b' "from arguments" ::: 'echo a' 'echo b'
refused 125 "-n needs a command: events that are commands run one by one" "not several at a time" -n2 ::: a b
refused 125 "the command is empty" "an empty command" '' ::: a

# --- where an event goes that has no placeholder

does 'x a' "the event is appended after the last word" echo x ::: a
does 'x a b' "one word each of several sources" printf '%s %s %s' x ::: a ::: b
does 'x a  b' "the event is appended to a shell line that ends in a command" 'true; echo x' ::: 'a  b'
does 'x a' "in a pipeline, too" 'true | echo x' ::: a
does 'x' "nowhere with -n0" -n0 echo x ::: a
does 'x' "nowhere with -n0, in a line" -n0 '(echo x)' ::: a
for line in '(echo x)' '{ echo x; }' 'if true; then echo x; fi' 'echo x # comment' 'echo x &' 'cat <<E
E' 'echo x;'; do
	refused 125 "the command line has no placeholder and does not end in a simple command; say where the event goes with {}, or use -n0" \
		"the event is not appended to: $(first_line "$line")" "$line" ::: a
done
does 'x a' "a redirection is part of a command" 'echo x 2>&1' ::: a

# --- SHELL -c LINE

does 'a b' "sh -c LINE" sh -c 'echo {}' ::: 'a b'
does 'x a b' "without a placeholder the event is an argument, as with xargs" sh -c 'echo x "$0"' ::: 'a b'
does 'x a b' "and after words of its own" sh -c 'echo "$0" "$1"' x ::: 'a b'
does "bash  it's" "bash -c LINE: \$0 and \$1 are not the value" bash -c 'echo "$0" "$1" {}' ::: "it's"
does "it's X:a:b:it's." "with a placeholder in LINE, more words are its parameters" bash -c 'echo {} "$0:$1:$2"' X:a b "{}." ::: "it's"
does 'echo a' "a LINE that is only a placeholder is executed unchanged" sh -c {} ::: 'echo echo a'
does 'echo a' "in one word, too" 'sh -c {}' ::: 'echo echo a'
run volley sh -ec 'false; echo {}' ::: a
is "$status:$(cat out)" 1: "sh -ec: flags count"
does a "bash -o pipefail -c" bash -o pipefail -c 'false | true || echo {}' ::: a
export HOME="$PWD" # a login shell reads no other's profile
does a "bash -lc" bash -lc 'echo {}' ::: a
does 'sh it'"'"'s' "arguments after LINE are its \$0 and \$1" bash -c 'echo "$0" "$1"' sh ::: "it's"
does 'echo a' "-- makes it no different" -- sh -c 'echo {}' ::: 'echo a'

# --- code of other interpreters

in_code() {
	refused 125 "$1 is inside the code of '$2', which would parse its characters; pass it as an argument: $2 '... \"\$1\" ...' sh $1 (or write {:sh}, a shell-quoted copy, or use --allow-nested)" "$3" "$4" "$5" "$6" "$7" "$8" ::: '$(touch CANARY)'
}
in_code {} 'sh -c' "env sh -c LINE" env sh -c 'echo {}' x
in_code {} 'sh -c' "find -exec sh -c LINE" find -exec sh -c 'echo {}'
does '$(id)' "--allow-nested" --allow-nested env sh -c "echo '{}'" ::: '$(id)'
does "it's" "{:sh} is accepted there" env sh -c 'echo {:sh}' ::: "it's"
refused 125 "{:sh} is inside quotes in the code of 'sh -c', which end at its own quotes; write it outside of them" \
	"but not in quotes" env sh -c 'echo "{:sh}"' ::: a
run volley -k awk 'BEGIN { print {} }' ::: 1 2
is "$status:$(cat out):$(cat err)" '0:1
2:volley: {} is inside the code of '"'awk'"', which parses its characters; pass it in the environment: V={} awk '"'... ENVIRON[\"V\"] ...'" \
	"code in other languages causes one warning"
run volley -k 'awk "BEGIN { print {} }"' ::: 1
is "$status:$(cat out):$(cat err)" '0:1:volley: column 20: {} is inside the code of '"'awk'"', which parses its characters; pass it in the environment: V={} awk '"'... ENVIRON[\"V\"] ...'" \
	"the warning for a shell line has the column"
column() {
	usage "column $1: {} is inside the code of '$2', which would parse its characters; pass it as an argument: $2 '... \"\$1\" ...' sh {} (or write {:sh}, a shell-quoted copy, or use --allow-nested)" "$3"
}
column 13 'sh -c' "sh -c 'echo {}'"
column 19 'bash -c' 'nohup bash -c "rm {}"'
column 10 'su -c' "su -c 'x {}'"
code() {
	usage "column $1: {} is inside the code of '$2', which would parse its characters; write {:sh}, a shell-quoted copy (or use --allow-nested)" "$3"
}
code 12 eval 'eval "echo {}"'
code 10 trap "trap 'rm {}' EXIT"
code 15 bash 'bash <<E
echo {}
E'

# --- lines that are refused

usage "column 8: a placeholder cannot name a variable" 'echo ${{}}'
usage 'column 6: ${} is not a parameter of the shell; for a dollar sign before the value write \${}' 'echo ${}'
usage "column 5: a placeholder cannot name the variable of a loop" 'for {} in a; do :; done'
usage "column 6: a placeholder cannot name a variable ('read' would evaluate it)" 'read {}'
usage "column 7: a placeholder cannot name a variable ('unset' would evaluate it)" 'unset {}'
usage "column 8: a placeholder cannot name a variable ('export' would evaluate it)" 'export {}'
usage "column 9: a placeholder cannot name a variable ('declare' would evaluate it)" 'declare {}=1'
usage "column 11: a placeholder cannot name a variable ('printf -v' would evaluate it)" 'printf -v {} x'
usage "column 9: a placeholder cannot name a variable ('test' would evaluate it)" 'test -v {}'
usage "column 9: a placeholder cannot name a variable ('mapfile' would evaluate it)" 'mapfile {}'
usage "column 9: a placeholder cannot name a variable ('getopts' would evaluate it)" 'getopts {} x'
usage "column 8: a placeholder cannot follow >& or <&: bash would evaluate it; for a file write > {} 2>&1" 'echo >&{}'
usage "column 7: a placeholder cannot be the delimiter of a here-document" 'cat <<{}'
usage "column 6: a placeholder inside \$'...', which not every sh knows; put it outside: \$'...'{}\$'...', or use --shell bash" "echo \$'{}'"
usage "column 10: a placeholder inside an array's subscript, which the shell evaluates" 'echo ${a[{}]}'
usage "column 3: a placeholder inside an array's subscript, which the shell evaluates" 'a[{}]=x'
usage 'column 6: a placeholder inside $[ ]; write $(( ))' 'echo $[{}]'
usage "column 6: missing closing '" "echo '{}"
usage "column 9: unbalanced )" 'echo {} )'
usage "column 3: a placeholder cannot be an operator of '['" '[ {1} {} ]'
usage "the shell refuses the command line: sh: 1: Syntax error: Unterminated quoted string" "echo 'a"
usage 'the shell refuses the command line: sh: 1: Syntax error: end of file unexpected (expecting "then")' 'if {}'
usage 'the shell refuses the command line: sh: 1: Syntax error: "(" unexpected; if the line is meant for bash, use --shell bash' 'cat <(echo {})'
does 7 "which is the way" --shell bash 'cat <(echo {})' ::: 7
does 7 "\$'...' is known to bash" --shell bash "echo \$'{}'" ::: 7

# --- arithmetic

run volley -k 'echo $(({} + 1))' ::: 1 'a[$(touch CANARY)]' -3 '' 0x1F '1+1' +7
is "$status:$(cat out):$(sed -n 1,3p err)" "3:2
-2
32
8:volley: job 2: value of {} is used in arithmetic and is not an integer: 'a[\$(touch CANARY)]'
volley: job 4: value of {} is used in arithmetic and is not an integer: ''
volley: job 6: value of {} is used in arithmetic and is not an integer: '1+1'" \
	"in arithmetic, a value that is not an integer fails before the job starts"
run volley -k '[ {} -gt 3 ] && echo {}' ::: 5 'x[$(touch CANARY)]'
is "$status:$(cat out)" "1:5" "in a numeric comparison, a value that is not an integer fails"
[ ! -e CANARY ]
ok $? "the value was not executed"

# --- operators as words

run volley -k ./child args '|' '>' '&&' {} '2>&1' ::: a b
is "$status:$(cat out):$(cat err)" "0:[|]
[>]
[&&]
[a]
[2>&1]
[|]
[>]
[&&]
[b]
[2>&1]:volley: '|' is passed to ./child as an argument; for the shell to see it, write one word: volley './child args | > && {} 2>&1' (or write -- before the command if this is intended)" \
	"operators as words are passed on, with one warning"
does '[||]' "-- says that this is intended" -n0 -- ./child args '||' ::: a
does '[a|b]' "in a longer word they are none" ./child args '{}|b' ::: a

# --- shells

if command -v yash >/dev/null; then
	for locale in C C.UTF-8; do
		run env LC_ALL=$locale "$VOLLEY" --shell yash 'echo {} end' ::: "$(printf 'a\351b')"
		is "$status-$(cat out)" 1- "yash: a value that is no text in the locale $locale is refused"
		like "$(cat err)" "yash would make it empty*" "and the message says why ($locale)"
	done
	run env LC_ALL=C "$VOLLEY" --shell yash ::: "echo $(printf '\351')"
	is "$status-$(cat out)" 1- "yash: so is an event that is a command line"
	run env LC_ALL=C.UTF-8 "$VOLLEY" --shell yash 'echo {} end' ::: "$(printf 'a\303\251b')"
	is "$status-$(cat out)" "0-$(printf 'a\303\251b end')" "yash: text in a UTF-8 locale arrives"
else
	skip "yash and values that are no text" "no yash"
fi
if command -v zsh >/dev/null; then
	run volley --shell 'zsh -f' '! test -e {} && { f() echo "$1"; f {} }' ::: none
	is "$status-$(cat out)" 0-none "zsh: a line that begins with ! is not refused"
else
	skip "zsh: a line that begins with ! is not refused" "no zsh"
fi
run volley -k echo '{1}-{2:-no}-{-3:-none}' ::: a b
is "$status-$(cat out)" "0-a-no-none
b-no-none" "a default holds for a value that no event has"
for shell in csh fish; do
	run volley "$shell -c 'echo {1:sh}'" ::: a
	like "$status-$(cat err)" "125-*pass it in a variable that the code reads: env V={1} $shell -c '...'*" \
		"the advice for a value in the code of $shell is one that works"
	printf '#!/bin/sh\nprintf "%%s" "$V"\n' >$shell
	chmod +x $shell
	run env PATH="$PWD:$PATH" "$VOLLEY" env 'V={1}' $shell -c '...' ::: 'a  $b'
	is "$status-$(cat out)" '0-a  $b' "and works"
	rm $shell
done
refused 125 "{...:raw} is for shell lines: a single word without blanks has no shell to paste into" "{:raw} in one word" '{:raw}' ::: true
refused 125 "'python3' is not a shell that volley can bind values for; use one of the Bourne family (sh, bash, dash, ksh, zsh)" \
	"--shell with a program that is not a Bourne-like shell" --shell python3 'print {}' ::: a
refused 127 "'no-shell': command not found" "--shell that is not there" --shell no-shell 'echo {}' ::: a
run volley --shell 'bash -eu' 'echo $-; false; echo {}' ::: a
is "$status:$(cat out)" 1:ehuBc "--shell with flags"
VOLLEY_SHELL='bash -u'
export VOLLEY_SHELL
does 'huBc a' "\$VOLLEY_SHELL" 'echo $- {}' ::: a
run volley --shell dash 'echo ${BASH_VERSION-none} {}' ::: a
gives 'none a' "--shell overrides \$VOLLEY_SHELL"
VOLLEY_SHELL=
does 'a' "an empty \$TMPDIR is ignored" 'echo {} | cat' ::: a
unset VOLLEY_SHELL
cat >bash-functions <<'END'
f() { echo "f:$#:$1:${BASH_VERSION%%.*}"; }
export -f f
"$VOLLEY" -k f ::: 'a b'
"$VOLLEY" -k 'f {}' ::: 'a b'
"$VOLLEY" -k 'f x | cat; echo {}' ::: 'a b'
"$VOLLEY" -k 'g() { f {}; }; g' ::: 'a b'
END
if command -v bash >/dev/null; then
	bash bash-functions >out 2>err
	major=$(bash -c 'echo ${BASH_VERSINFO[0]}')
	is "$(cat out err)" "f:1:a b:$major
f:1:a b:$major
f:1:x:$major
a b
f:1:a b:$major" "an exported bash function runs under bash, as a word or in a line"
else
	skip "an exported bash function runs under bash, as a word or in a line" "no bash"
fi

# --- the program

refused 127 "'no-such-program': command not found" "a missing program is reported once" no-such-program ::: a b c
refused 127 "'no-such-program': command not found" "in a plain line, too" 'no-such-program {}' ::: a b c
refused 127 "'./no/such': command not found" "with a path" ./no/such ::: a b c
echo 'echo "script:$0:$*"' >script
refused 126 "cannot execute './script': Permission denied" "a program that must not be executed is reported once" ./script ::: a b c
refused 126 "cannot execute './script': Permission denied" "in a plain line, too" './script {}' ::: a b c
mkdir folder
refused 126 "cannot execute './folder': Is a directory" "a directory" ./folder ::: a b
chmod +x script
if unless_wrapped "a script without #! is run by sh"; then
	does 'script:./script:a b' "a script without #! is run by sh" ./script ::: 'a b'
fi
if unless_wrapped "from a line, too"; then
	does 'script:./script:a b' "from a line, too" './script {}' ::: 'a b'
fi
if unless_wrapped "and just that"; then
	does 'script:./script:x
x' "and just that" -j1 {} x ::: ./script echo
fi
run volley -j1 {} x ::: echo no-such-program ./folder
is "$status:$(cat out):$(sed -n 1,2p err)" "2:x:volley: job 2: 'no-such-program': command not found
volley: job 3: cannot execute './folder': Is a directory" "a missing program named by the event fails only that event"
run volley -j1 {} x ::: no-such-1 no-such-2 no-such-3 no-such-4 no-such-5 no-such-6 \
	no-such-7 no-such-8 no-such-9 no-such-10 no-such-11 no-such-12
is "$status:$(grep -c '^volley: job .*: command not found' err):$(grep -c 'more of these messages' err)" \
	12:10:1 "at most ten such messages are printed"
printf '#!no/such/interpreter\n' >badly
chmod +x badly
if unless_wrapped "a missing interpreter is reported"; then
	run volley ./badly ::: a
	is "$status:$(sed -n 1p err)" "1:volley: job 1: cannot execute './badly': there is no such file, or the interpreter named in its first line does not exist" \
		"a missing interpreter is reported"
fi

# --- values that are too long

{
	head -c 131072 /dev/zero | tr '\0' x
	echo
	head -c 131071 /dev/zero | tr '\0' x
	echo
	echo z
} >long
run volley -k -j1 -a long sh -c 'echo ${#1}' sh {}
is "$status:$(cat out):$(sed -n 1p err)" "1:131071
1:volley: job 1 (long:1): an argument of 131072 bytes is too long: the kernel takes at most 131071; pass it through a file or stdin" \
	"a value that is too long for the kernel fails its event"
run volley -k -j1 -a long 'printf %s {} | wc -c'
is "$status:$(cat out):$(sed -n 1p err | cut -c 1-71)" "1:131071
1:volley: job 1 (long:1): an argument of 131072 bytes is too long: the ke" "a value in a shell line that is too long fails its event"
head -c 3000000 /dev/zero | tr '\0' x | fold -w 100000 >many
if unless_wrapped "many values that are too long together fail their event"; then
	run volley -k -j1 -n30 -a many true
	is "$status:$(sed -n 1p err)" "1:volley: job 1 (many:1): its arguments and environment together are too long for the kernel" \
		"many values that are too long together fail their event"
fi
volley -k -j1 -n15 -a many ./child args | wc -c >size
is "$(($(cat size)))" $((30 * 100003)) "half as many values succeed"

# --- placeholders

printf '%s\n' a/b.tar.gz /a .hidden dir/ a.b/c ./x.y '' n >paths
run volley -k -a paths echo '[{}][{.}][{/}][{//}][{/.}]'
gives '[a/b.tar.gz][a/b.tar][b.tar.gz][a][b.tar]
[/a][/a][a][/][a]
[.hidden][][.hidden][.][]
[dir/][dir/][][.][]
[a.b/c][a.b/c][c][a.b][c]
[./x.y][./x][x.y][.][x]
[][][][.][]
[n][n][n][.][n]' "{} {.} {/} {//} {/.}"
mv out words
run volley -k -a paths 'echo "[{}]"'"'[{.}]'"'"[{/}]""[{//}]""[{/.}]" | cat'
cmp out words
ok $? "path placeholders are the same in a shell line"
does 'b x a x
b y a y' "{1} {2} {-1} {-2}" echo '{1} {2} {-1} {-2}' ::: b ::: x y ::: a
does 'b a a b' "{N} of several sources" echo '{2} {1} {-2} {-1}' ::: a ::: b
does 'd/e.f d/e e.f d e' "{N.} {N/} {N//} {N/.}" echo '{2} {2.} {2/} {2//} {-1/.}' ::: a ::: d/e.f
does 'a b' "{} of several sources, inside a word" ./child text={} ::: a ::: b
does '[a]
[b c]' "{} of several sources, as a word of its own" ./child args {} ::: a ::: 'b c'
does '[a]
[b c]' "{} in a shell line with several values is several words" './child args {} && :' ::: a ::: 'b c'
refused 125 '{3}: an event has only 2 values here; for the text itself write \{3}' "a source there is not" echo {3} ::: a ::: b
refused 125 '{-3}: an event has only 2 values here; for the text itself write \{-3}' "counted from the end" 'echo {-3}' ::: a ::: b
run volley -j1 -n0 echo '{#} {0#} {##} {%}' ::: 1 2 3 4 5 6 7 8 9 10
is "$status:$(sed -n '1p; 10p' out)" '0:1 01 10 1
10 10 10 1' "{#} {0#} {##} {%}"
does '01' "{0%}" -j10 -n0 echo '{0%}' ::: a
mkfifo endless
volley echo {##} <endless >out 2>err &
exec 4>endless
echo a >&4
wait $!
is "$?:$(cat out err)" "125:volley: {##}: the number of events is not known before the first job; read them from a file, or give them with ':::'" \
	"{##} is refused if the number is not known"
exec 4>&-
does '"a\"b\\" '"'it'\\''s'" "{N:json} {N:sh}" echo '{1:json} {2:sh}' ::: 'a"b\' ::: "it's"
does '"a\"b\\" '"'it'\\''s'" ":json and :sh in a shell line" --shell bash 'echo {1:json} {2:sh}' ::: 'a"b\' ::: "it's"
does 'none a:b
x x' "{X:-default}" echo '{:-none} {:-a:b}' ::: '' x
does "it's it's
x x" "in a shell line it is a value" "echo {:-it's} \"{:-it's}\" | cat" ::: '' x
does 'a b;echo c
a b
c' "{:raw} is pasted" 'echo "{}"; echo {:raw} | cat' ::: 'a b;echo c'
refused 125 "{...:raw} is for shell lines: a command given as several words has no shell to paste into" "{:raw} in words" echo {:raw} ::: a
does '{} {1} {.} x{/}y v' "\\{X} is text" echo '\{} \{1}' '\{.}' 'x\{/}y' {} ::: v
does '{} {1} {.} {/} v' "in every quoting of a shell line" "echo \\{} \"\\{1}\" '\\{.}' \\{/} {} | cat" ::: v
does '{a,b} {print $1} {x y} {{.Names}} {0} {:upper} v' "text in braces that cannot be a placeholder is unchanged" \
	echo '{a,b}' '{print $1}' '{x y}' '{{.Names}}' {0} {:upper} {} ::: v
x=yes does 'yes v' "\${x} is the shell's" 'echo ${x} {} | cat' ::: v
does 'a b {} a v.c
c b {} c v.c' "-I: another spelling of {}" -I XX echo {1} b {} XX ::: a c ::: v.c
does "it's {} it's" "-I in a shell line" -I % 'echo % "{}" %' ::: "it's"
does 'v.c {} v' "-I leaves {.}" -I@ echo @ {} {.} ::: v.c
refused 125 "-I '': the name is empty" "-I ''" -I '' echo ::: a

# --- what a job finds

volley -j2 -k './child env=VOLLEY_SEQ env=VOLLEY_SLOT env=VOLLEY_TRY env=PARALLEL_SEQ env=PARALLEL_JOBSLOT env=_volley_1; [ "$VOLLEY_PID" = "$PPID" ] && echo {}' ::: a >out 2>err
is "$?:$(tr '\n' ' ' <out)$(cat err)" "0:1 1 1 1 1 (unset) a " "the numbers of job, slot, try and volley's process in the environment"
# Each job has its own; a run or a worker under a job has nothing of that job's.
for name in VOLLEY_SEQ VOLLEY_SLOT VOLLEY_TRY VOLLEY_REPLY PARALLEL_SEQ PARALLEL_JOBSLOT _volley_1 \
	_volley_; do
	case $name in
	VOLLEY_REPLY | _volley_*) want='(unset)' ;;
	*) want=1 ;;
	esac
	run env "$name=outer" "$VOLLEY" -n0 ./child env=$name ::: a
	is "$status:$(cat out)" "0:$want" "a job does not inherit $name"
	[ $name = VOLLEY_REPLY ] && want=line
	case $name in *_SEQ | *_SLOT | *_JOBSLOT | *_TRY) want=1 ;; esac
	[ $name = PARALLEL_SEQ ] && want='(unset)'
	run env "$name=outer" "$VOLLEY" --worker sh -c "read -r event; ./child env=$name" ::: a
	is "$status:$(cat out)" "0:$want" "a worker does not inherit $name either"
done
run env VOLLEY_PID=outer "$VOLLEY" -n0 sh -c '[ "$VOLLEY_PID" = "$PPID" ]' ::: a
is "$status" 0 "a job does not inherit VOLLEY_PID"
for name in VOLLEY_SEQUENCE VOLLEY _volle EVENT_x; do
	run env "$name=outer" "$VOLLEY" -n0 ./child env=$name ::: a
	is "$status:$(cat out)" 0:outer "a job does inherit $name"
done
run env EVENT_a=outer EVENT_b=outer "$VOLLEY" -f json -n0 ./child env=EVENT_a env=EVENT_b <<'END'
{"a": "inner"}
END
is "$(tr '\n' ' ' <out)" 'inner outer ' "a field replaces the variable of an outer run"
run env A=outer B=outer "$VOLLEY" --env A=inner -n0 sh -c 'env | grep "^[AB]="' ::: a
is "$(sort out | tr '\n' ' ')" 'A=inner B=outer ' "--env replaces a variable of volley's environment"

echo input >in
run volley -n0 -k sh -c 'readlink /proc/self/fd/0; cat' ::: a <in
gives /dev/null "standard input is /dev/null"
exec 8<in 9>/dev/null
run volley -n0 ./child fds ::: a
exec 8<&- 9>&-
like "$(cat out) " "0 1 2 *" "a job has descriptors 0, 1 and 2"
unlike " $(cat out) " " [3-7] " "a job has none of volley's own descriptors"
run volley -n0 ./child sigs ::: a
is "$(cat out)" "blocked:
ignored:" "no signal is blocked or ignored"

# --- directories

here=$PWD
mkdir 'd 1' d2
cp parent d2/here
does "$here/d 1
$here/d2" "--workdir with a placeholder" --workdir {} -n0 pwd ::: 'd 1' d2
does "$here/d 1 a" "--wd" --wd 'd 1' 'echo "$PWD" {}' ::: a
does "$here/d2 x.c" "parts of a path" --workdir {//} 'echo "$PWD" {/}' ::: d2/x.c
does "$self:d2" "a program's path is seen from there" --workdir {} ./here ::: d2
if unless_wrapped "a missing working directory fails its event"; then
	run volley -j1 --workdir {} -n0 pwd ::: d2 none in
	is "$status:$(cat out):$(sed -n 1,2p err)" "2:$here/d2:volley: job 2: cannot change to directory 'none': No such file or directory
volley: job 3: cannot change to directory 'in': Not a directory" "a missing working directory fails its event"
fi
refused 126 "cannot change to directory 'none': No such file or directory" "a missing working directory of all jobs is reported once" --workdir none pwd ::: a b
refused 126 "cannot change to directory 'in': Not a directory" "or is none" --workdir in pwd ::: a b

done_testing
