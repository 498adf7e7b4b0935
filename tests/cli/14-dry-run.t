#!/bin/sh
# SPDX-License-Identifier: ISC
# --dry-run and -t print a shell line that is equivalent to the job.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck disable=SC2154  # status
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child

{
	printf '%s\0' 'a b' "it's" '"' '$HOME' '$(touch CANARY)' '`touch CANARY`' 'x
y' '-n' '*' '~' '\' '\\n' "'\"'" '' ' ' '#' '; touch CANARY' '&' '|' '{}' '!!' '%s' 'é' \
		'=' 'a=b' 'if' '2' 'E
touch CANARY' ')' '
'
	printf '\001\033[1m\177\303\251\377\n\0'
	head -c 20000 /dev/zero | tr '\0' "'"
} >values

# same NAME ARG...: a shell that reads what --dry-run prints, writes what volley
# writes without it; and so for -t.
same() {
	name=$1
	shift
	volley -k -j1 "$@" >want 2>err <values
	volley -k -j1 --dry-run "$@" >script 2>>err <values
	volley -k -j1 -t "$@" 2>verbose >/dev/null <values
	for shell in dash bash; do
		cp err "err-$shell"
		$shell script >"got-$shell" 2>>"err-$shell" </dev/null
	done
	[ -s want ] && cmp want got-dash && cmp want got-bash && cmp script verbose &&
		cmp err-dash /dev/null && cmp err-bash /dev/null && [ ! -e CANARY ]
	ok $? "$name"
}

same "words" -0 ./child args
same "words that are no values" -0 ./child args "it's" '$HOME' '' 'a b' '*' '#' {} 'x{}y'
same "words: echo is the program" -0 echo
same "words: with -n" -0 ./child args {} 'x{}' --only 1-9,12-20
same "words: a batch" -0 -n3 ./child args {} 'x{}'
same "a plain line" -0 './child args {} "x {}" y\ z'
same "a line" -0 './child args {} "<{}>" '"'({})'"' x{} {}y; :'
same "a line: redirections, pipes and substitutions" -0 'v={}; ./child args "$v" $(./child text=1) 2>&1 | cat; ./child text={} >file; cat file'
same "a line with a comment" -0 './child args {} # comment {}'
same "a line of several lines" -0 './child args {}
./child args "{}"'
same "a line that leaves" -0 'cd / && pwd; [ -z {} ] || exit 0; pwd'
same "a line that returns what it is not" -0 -n0 'exec ./child line=x'
same "a line that leaves, with a comment" -0 'pwd; cd / && pwd; : {} # comment'
same "a here-document" -0 'cat <<E
<{}>
E'
same "a default" -0 './child args ${none:-{}} "${none:-{}}"'
same "a batch in a line" -0 -n3 './child args {} "x{}"; v={}; ./child args "$v"'
same "a case" -0 'case {} in {}) ./child args {} ;; *) echo no ;; esac'
same "sh -c LINE" -0 sh -c './child args {}; :'
same "bash, where it is asked for" -0 --shell bash './child args {}; [[ -n {} ]] && echo "$BASH_VERSION $0" <(:) | cut -c 1-12; :'
same "bash with flags" -0 --shell 'bash -u' './child args {} "$-"'
same "bash -c LINE" -0 bash -c './child args {} "$0" "$BASH_VERSION"'
same "pasted text" --only 1-2 './child args {:raw} {:raw}; :' ::: a 'b c'
same "a quoted copy" -0 'eval ./child args {:sh}'
same "arithmetic" 'echo $(({} * 2)); [ 3 -gt {} ] || echo {}' ::: 2 16 -3
same "numbers" -0 -n0 ./child args '{#}' '{0#}' '{##}' '{%}'
same "-I" -0 -I @ ./child args @ {} 'x@'
same "several sources" ./child args {} '{2}{1}' ::: a "it's" ::: '$x' ''
same "several sources in a line" './child args {} "{2}{1}"; :' ::: a "it's" ::: '$x' ''

same "events" ::: 'echo a  b' "echo \"it's\" '\$HOME'" 'echo $((1 + 1)) # comment' 'exit 0' 'cd /; pwd' \
	'cat <<E
a
E' 'echo a &&
echo b' 'pwd' 'echo "$0"' 'x=1; export x; set -u' 'echo $x' ''
same "events, several sources" ::: 'echo a' 'printf "<%s>"' ::: "'b c'" d
same "events for bash" --shell bash ::: 'echo "$0" {1..3}' "echo it\\'s" 'exit 0' '[[ a = a ]] && echo yes'
same "events from YAML" -f yaml -a "$TOP_SRCDIR/tests/data/queries.yaml" --only 1-40 echo '{query_id}' '{sql_statement}'

# --- directories and environment

mkdir -p ./- ./-P 'a b' "it's" '$HOME' '#x' CDPATH/sub sub
cp child sub
same "--workdir" --workdir {} -n0 pwd ::: . - -P 'a b' "it's" '$HOME' '#x' "$PWD" ../ sub
same "--workdir, a line" --workdir {} 'pwd; echo {} # comment' ::: . - -P 'a b' "it's" '$HOME' '#x' sub
same "--workdir, a program there" --workdir sub ./child cwd args ::: a
same "--workdir, events" --workdir sub ::: pwd 'pwd # comment' 'cat <<E
a
E' 'exit 0'
same "--workdir, bash" --workdir {} --shell bash 'pwd; echo {}' ::: - sub
CDPATH=$PWD/CDPATH
export CDPATH
same "--workdir, with a CDPATH" --workdir sub -n0 /bin/pwd ::: a
unset CDPATH
cat >fields.yaml <<'END'
- {a: "x  y", b: "it's $HOME", ab: no}
- {a: "", b: "l1\nl2\n", ab: "#"}
END
same "fields in the environment" -a fields.yaml -n0 'printf "<%s>" "$EVENT_a" "${EVENT_b}"; echo # comment'
same "fields in a program's environment" -a fields.yaml -n0 ./child env=EVENT_a env=EVENT_ab
same "both" -a fields.yaml --workdir sub -n0 'pwd; echo "$EVENT_b"'
volley -k --dry-run -a fields.yaml echo '{a}' >out
is "$(cat out)" "echo 'x  y'
echo ''" "fields that the command does not use are omitted"

# --- what it is not

run volley -j1 --dry-run touch ::: made 'ma de'
is "$status:$(cat out)$(cat err)" "0:touch made
touch 'ma de'" "--dry-run runs nothing"
[ ! -e made ] && [ ! -e 'ma de' ]
ok $? "--dry-run does not start the command at all"
run volley -k -j1 --dryrun 'touch {}; :' ::: made
is "$status:$(cat out)" "0:touch made; :" "--dryrun, as GNU parallel has it"
[ ! -e made ]
ok $? "commands are not run by a shell either"
run volley -j1 -t echo ::: a b
is "$status:$(cat out):$(cat err)" "0:a
b:echo a
echo b" "-t prints it on stderr before the job runs"
run volley --dry-run --joblog log --failed-to failed --results results -o json echo ::: a
is "$status:$(cat out):$(ls -d log failed results 2>/dev/null)" "0:echo a:" \
	"--dry-run writes no file and no records"
run volley --verbose false ::: 'a b'
like "$(sed -n 1p err)" "/false 'a b'" "--verbose"
volley --lock held -n0 'timeout 20 "$VOLLEY" --dry-run --memfree 900T --load 1 --delay 1h --lock held touch ::: made made' ::: a >out 2>err
is "$(cat out):$(cat err)" "touch made
touch made:" "nothing delays --dry-run"
seq 2000 >many
volley --dry-run -k echo <many >out
sed 's/^/echo /' many | cmp - out
ok $? "--dry-run prints many commands in order"
run volley -j1 --dry-run echo '{:-}' ::: "$(printf '\033]0;x\007')"
is "$(cat out)" "echo \"\$(printf '\\033')\"']0;x'\"\$(printf '\\007')\"" "control characters are not printed to the terminal"

done_testing
