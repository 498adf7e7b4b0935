#!/bin/sh
# SPDX-License-Identifier: ISC
# No value is ever parsed as code by the shell that volley starts: inert lines accept
# any value, other lines only values that mean nothing when read again.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck disable=SC2154,SC1083,SC1003  # status; {} is text
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

all='dash bash zsh ksh93 mksh busybox yash'

# shell_of NAME: the value of --shell, or nothing when it is not installed.
shell_of() {
	command -v "$1" >/dev/null || return
	case $1 in
	zsh) echo zsh -f ;;
	busybox) echo busybox sh ;;
	*) echo "$1" ;;
	esac
}

# first_line TEXT: the names of tests are lines.
first_line() {
	printf '%s\n' "$1" | head -n 1
}

# With hostile values, which leave a file MARK when a shell evaluates them.
{
	printf '%s\0' 'a[$(touch MARK)]' 'path[$(touch MARK)]' '$(touch MARK)' '`touch MARK`' \
		'; touch MARK' 'touch MARK' '([0]=$(touch MARK))' 'x=a[$(touch MARK)]' \
		'-va[$(touch MARK)]' '-v a[$(touch MARK)]' '\044(touch MARK)' '*(e:touch MARK:)' \
		"'; touch MARK; '" '"; touch MARK; "' ') ; touch MARK; (' '%n' '[$(touch MARK)]=1'
	printf 'a\ntouch MARK\n\0E\ntouch MARK\n\0'
} >values

# executes_nothing SHELLS LINE [OPTION]...: in each of the shells.
executes_nothing() {
	shells=$1 line=$2
	shift 2
	for name in $shells; do
		sh=$(shell_of "$name")
		if [ -z "$sh" ]; then
			skip "$name: $(first_line "$line")" "no $name"
			continue
		fi
		run volley -0 -a values --shell "$sh" "$@" "$line"
		[ ! -e MARK ]
		ok $? "$name: executes no value: $(first_line "$line")"
		rm -f MARK ./*MARK*
	done
}

executes_nothing bash 'echo $[ a[b] + {} ]'
executes_nothing bash 'declare -A m=(["a(b"]=3); echo $(( m["a(b"] * {} ))'
executes_nothing "$all" 'typeset -i x; : "${x:={}}"'
executes_nothing "$all" 'declare -i n; read n <<< {}'
executes_nothing "$all" 'print -rf "%d\n" {}'
executes_nothing "$all" 'f=%d; printf $f {}'
executes_nothing "$all" 'b=(1 2); echo $b[{}]'
executes_nothing "$all" 'declare -n r; r={}; echo $r'
executes_nothing "$all" 'printf -va{} x'
executes_nothing "$all" 'x={}; echo $((x))'
executes_nothing "$all" 'x={}; [[ $x -eq 1 ]]'
executes_nothing "$all" 'x={}; [ "$x" -eq 1 ]'
executes_nothing "$all" 'f() { echo $(($1)); }; f {}'
executes_nothing "$all" 'echo {} | while read n; do echo $((n)); done'
executes_nothing "$all" 'b={}; echo ${!b}'
executes_nothing "$all" 'x={}; echo "${x@P}"'
executes_nothing "$all" 'x={}; eval "echo $x"'
executes_nothing "$all" 'e=eval; $e "echo {}"'
executes_nothing "$all" 'x={}; trap "$x" EXIT'
executes_nothing "$all" 'set -- {}; wait "$@"'
executes_nothing "$all" 'x={}; [ $x = y ]'
executes_nothing "$all" 'x={}; exit $x'
executes_nothing "$all" 'for RANDOM in {}; do :; done'
executes_nothing "$all" 'echo {} >f; . ./f'
executes_nothing "$all" 'x={}; a=(1 2); echo ${a[$x]} ${a[x]}'
executes_nothing "$all" 'x={}; echo ${x:$x}'
executes_nothing "$all" 'function f g { eval $1; }; g {}'
executes_nothing "$all" 'x={}; alias q=$x; q'
executes_nothing "$all" 'x={}; : $~x ${(e)x} ${(P)x}'
executes_nothing "$all" 'PS4={}; set -x; :'
executes_nothing "$all" 'x={}; printf "%s %d" 1 $x'
executes_nothing "$all" 'ev""al "echo {}"'
executes_nothing "$all" 'e\
val "echo {}"'

executes_nothing "$all" 'x={}; echo `echo $((x))` "`echo \"$((x))\"`"'
executes_nothing "$all" "x={}; echo \"\${y#'}\"; eval \"\$x\" #'}\""
executes_nothing "$all" 'x={}; - eval "$x"'
executes_nothing "$all" 'x={}; {eval,} "$x"; ev?l "$x"; >eval; ev?l "$x"'
executes_nothing "$all" "x={}; \$'\\x65val' \"\$x\""
executes_nothing "$all" 'x={}; shopt -s nullglob; ./no-such* eval "$x"'
executes_nothing "$all" 'x={}; echo "$x" | tee f >/dev/null; . ./f'
executes_nothing zsh 'x={}; set -o globsubst; echo $x'
if command -v zsh >/dev/null; then
	run volley --shell 'zsh -f -o globsubst' 'x={}; echo $x' ::: '*(e:touch MARK:)'
	[ ! -e MARK ]
	ok $? "zsh with globsubst: an unquoted expansion is not inert"
fi

# Values that arrive otherwise.
printf '{"k":"a[$(touch MARK)]","c":1}\n' >events.json
executes_json() {
	for name in $all; do
		sh=$(shell_of "$name")
		[ -n "$sh" ] || continue
		run volley -f json -a events.json --shell "$sh" "$@"
		[ ! -e MARK ]
		ok $? "$name: executes no field: $*"
		rm -f MARK
	done
}
executes_json 'echo $((EVENT_k)) {c}'
executes_json -n0 'echo $((EVENT_k))'
executes_json --env X={k} 'echo $((X)) {c}'
executes_json --env X={k} -n0 'i=1; X=2; echo $((X + i))'
executes_json --stdin {k} 'read n; echo $((n)) {c}'
executes_json --workdir {k} 'x=EVENT_{c}; echo $((PWD))'
executes_nothing bash ': {}' --env BASH_ENV={}
like "$status:$(cat err)" '125:*the variable BASH_ENV*fixed text only*' "a special variable takes literal text only"
executes_nothing bash 'bash -c :' --env BASH_ENV={}
executes_nothing bash 'BASH_ENV={} bash -c :'
executes_nothing bash 'env BASH_ENV={} bash -c :'

# In command position.
for name in $all; do
	sh=$(shell_of "$name")
	[ -n "$sh" ] || continue
	run volley --shell "$sh" '{1} {2}' ::: eval ::: 'touch MARK'
	[ ! -e MARK ]
	ok $? "$name: a value as a command is a program"
	run volley --shell "$sh" 'command {1} {2}' ::: eval ::: 'touch MARK'
	[ ! -e MARK ]
	ok $? "$name: a value after 'command' is a program"
	run volley --shell "$sh" '{1} {2}; :' ::: basename ::: 'x/a b'
	is "$status:$(cat out)" '0:a b' "$name: the program runs"
	rm -f MARK
done

# Inner shells.
executes_nothing dash 'sh -c "cat <<E
{:sh}
E"'
like "$status:$(cat err)" "125:*inside a here-document*" "a shell-quoted copy is a word, not allowed in a here-document"
executes_nothing dash 'sh -c "echo a # {:sh}"'
executes_nothing dash 'sh -c "echo \"{:sh}\""'
executes_nothing dash 'sh -c "echo \\{:sh}"'
executes_nothing dash 'bash -c '\''echo `echo {:sh}`'\'
executes_nothing dash 'bash -c "echo \$(( {:sh} ))"'
executes_nothing dash 'bash -c "echo \${x:-{:sh}}"'
for line in 'flock -w 5 F -c "echo {}"' 'bash --rcfile F -c "echo {}"' \
	'bash -co errexit "echo {}"' 'exec $SHELL -c "echo {}"' 'env -u A bash -c "echo {}"' \
	'timeout -k 1 5 sh -c "echo {}"' 'volley "echo {}" ::: a' 'su - root -c "echo {}"' \
	'find . -exec sh -c "echo {}" \;' 'tar --to-command="echo {}" -xf a' \
	'git -c alias.x="!echo {}" x' 'nice -n 5 busybox sh -c "echo {}"' \
	'script -qc "echo {}" f' 'watch -n 1 "echo {}"' 'echo | xargs -I X sh -c "echo {}"' \
	'setsid -w sudo -u root sh -c "echo {}"' 'tmux new-session -d "echo {}"'; do
	executes_nothing dash "$line"
	like "$status:$(cat err)" '125:*inside the code of *' "a value in the code of an inner shell is refused: $line"
done
run volley 'no-such-wrapper sh "x {}"' ::: 1
like "$(cat err)" "*column *: {} is inside the code of 'sh'*" "a shell after an unknown wrapper is warned about"

# --- inert lines take any value

# passes SHELLS LINE [OPTION]...: the line runs for every value.
passes() {
	shells=$1 line=$2
	shift 2
	for name in $shells; do
		sh=$(shell_of "$name")
		[ -n "$sh" ] || continue
		run volley -0 -a values --shell "$sh" "$@" "$line"
		[ "$status" -eq 0 ] && [ ! -s err ] && [ ! -e MARK ]
		ok $? "$name: takes any value: $(first_line "$line")" || sed 's/^/# /' err
		rm -f MARK
	done
}
passes "$all" 'echo {} | cat'
passes "$all" 'x={}; y="a $x"; echo "$y" "${x#a}" "${x:-b}" ${#x}'
passes "$all" 'f() { echo "$1"; }; f {}'
passes "$all" 'for i in {} b; do echo "$i"; done'
passes "$all" 'if [ {} = a ] || [ -f {} ]; then echo yes; fi'
passes "$all" 'case {} in a*) echo a;; *) echo {};; esac'
passes "$all" 'echo {} | while read -r line; do echo "$line"; done'
passes "$all" 'i=0; while [ $i -lt 3 ]; do i=$((i + 1)); done; echo {} $i'
passes "$all" 'set -- {} b; shift; echo "$#"'
passes "$all" 'x=$(echo {}); echo "${x%b}"'
passes "$all" 'cat <<E
{}
E'
passes "$all" 'echo {} >out.txt 2>&1 && cat <out.txt'
passes "$all" 'trap "echo bye" EXIT; echo {}'
passes "$all" 'LC_ALL=C sort {} 2>/dev/null; PATH=/opt/bin:$PATH true {}; IFS=: ; echo {}'
passes 'dash busybox' 'x={}; : "$((1 + 2))"; [ "${#x}" -gt 0 ] && echo "$x"'
passes dash 'x={}; export y="$x"; [ -n "$x" -a -n "$y" ]'
passes 'bash zsh ksh93 mksh' 'if [[ {} == a* && -n {} ]]; then :; fi'
passes 'bash zsh ksh93 mksh' 'a=({} b); echo "${a[@]}" ${#a[@]} "${a[1]}"'
passes bash 'x={}; echo "${x/a/b}" "${x^^}" "${x@Q}" "${x:0:2}"'
passes bash 'for ((i = 0; i < 2; i++)); do echo $i {}; done'
passes bash 'mapfile -t lines < <(echo {}); echo "${lines[0]}"'

# --- the message, and the way out

run volley --shell bash 'x={}; echo $((x + 1))' ::: 'a[b]'
is "$status:$(sed -n 1p err)" "1:volley: job 1: value of {} has '[', and column 15: the variable x in arithmetic may be evaluated by bash as an expression: there it can hold only letters, digits, blanks and _./,:@+-'\"; use --shell sh, a script that takes it as \"\$1\", a variable that the program reads, or {:eval}" \
	"a refusal names the value, the character, the construct, and an alternative"
run volley --shell bash 'x={}; echo $((x + 1))' ::: 41
is "$status:$(cat out)" 0:42 "harmless values are accepted"
run volley --shell bash 'x={:eval}; echo $((x + 1))' ::: '6*7'
is "$status:$(cat out)" 0:43 "{:eval} waives the check"
run volley --shell bash 'x={:eval}; echo $((x + 1)) {}' ::: '6*7'
is "$status:$(cat out)" "0:43 6*7" "{:eval} waives the check wherever the value appears"
run volley -f json --shell bash 'x={n:eval}; echo $((x)) {n}' <<'END'
{"n": "2*3", "other": "a[1]"}
END
like "$status:$(cat err)" "1:*the field 'other' has '['*" "{:eval} does not waive the check of other values"
run volley echo {:eval} ::: 'a$b'
is "$status:$(cat out)" '0:a$b' "{:eval} in words is the value"
run volley 'eval "echo {:sh}"' ::: 'a  b;$x'
is "$status:$(cat out)" '0:a  b;$x' "a shell-quoted copy may be part of code"

# --- what this sh reads differently from bash

refuses() {
	run volley --shell dash "$1" ::: a
	is "$status:$(cat out)$(cat err)" "125:volley: column $2: $3, or use --shell bash" \
		"sh refuses: $1"
}
refuses 'true {} &>{}.log' 9 "&> means something else to sh than to bash; write > FILE 2>&1"
refuses 'true {} &>>{}.log' 9 "&> means something else to sh than to bash; write > FILE 2>&1"
refuses 'true {} |& cat' 9 "|& means something else to sh than to bash; write 2>&1 |"
refuses 'true {} >&log' 11 ">&FILE means something else to sh than to bash; write > FILE 2>&1"
refuses 'echo {1..3} {}' 6 "{1..3} means something else to sh than to bash; write \$(seq 1 3)"
refuses '[[ {} == a ]] && echo' 1 "[[ means something else to sh than to bash; write [ ]"
refuses '((1 < 2)); echo {}' 1 "(( means something else to sh than to bash; write \$(( )) with [ ] or :, or put a blank between the parentheses"
refuses "echo \$'a' {}" 6 "\$'...' means something else to sh than to bash; write \"\$(printf '...')\""
refuses 'a=(1 2); echo {}' 3 "an array means something else to sh than to bash; use set -- and \"\$@\""
refuses 'function f { echo; }; f {}' 1 "'function' means something else to sh than to bash; write NAME() { ...; }"
refuses 'source ./x; echo {}' 1 "sh has no 'source'; write . instead"
run volley --shell dash '((echo {}); echo b)' ::: a
is "$status:$(cat out)" "0:a
b" "nested subshells are not taken for arithmetic"

# --- what people bring

cat >functions <<'END'
f() { echo "f:$1"; }
export -f f
printf '%s\n' 'f a' 'f b | cat' 'echo c' | "$VOLLEY" -k
END
if command -v bash >/dev/null; then
	is "$(bash functions 2>&1)" "f:a
f:b
c" "an exported function works in events that are commands"
fi
run volley {} ::: 'echo a'
like "$(cat err)" "*'echo a': command not found (without a command, volley runs each event as a shell line)*" \
	"volley {} alone causes a hint"

done_testing
