#!/bin/sh
# SPDX-License-Identifier: ISC
# Jobs that fail: timeout, retries, halt, deadline, --failed-to.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck disable=SC2154,SC1083  # status; {} is text
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child

# ends STATUS OUT NAME ARG...: volley ARG... ends so, with that on stdout.
ends() {
	want=$1:$2 name=$3
	shift 3
	run volley "$@"
	is "$status:$(tr '\n' ' ' <out)" "$want" "$name"
}

# --- timeout

# column N: of the job log's second line
column() {
	sed -n 2p log | cut -f"$1" | tr -d ' '
}

run volley --joblog log --timeout 0.5 ./child hang ::: 1
is "$status:$(column 7):$(column 8)" 1:-1:15 "a job that times out has failed"
awk -v t="$(column 4)" 'BEGIN { exit t < 0.5 }'
ok $? "0.5 is half a second ($(column 4))"
like "$(cat err)" '1 timed out' "a timeout has a reason of its own in the summary"
# CONT ends it only when it has written, however late the machine runs it.
ends 1 'early ' "what it wrote is shown" --timeout 0.2 --termseq CONT,60000,KILL \
	'trap "exit 3" CONT; echo early; while :; do ./child nap 20; done; : {}' ::: 1
ends 0 'x ' "one that is quicker is none" --timeout 10 echo ::: x
ends 1 'a b c ' "a percentage of the median is a timeout" -j1 -k --timeout 300% \
	'case {} in d) exec ./child hang;; *) ./child nap 100; echo {};; esac' ::: a b c d
run volley --timeout 0.2 --termseq INT,100,KILL --joblog log \
	./child ignore=INT hang ::: 1
is "$status" 1 "--termseq: the last signal ends the job"
like "$(cat err)" 'timed out' "--termseq: a job that timed out is reported as such"

# --- retries

cat >flaky <<'END'
#!/bin/sh
echo x >>"tries.$1"
echo "try $VOLLEY_TRY"
[ "$(wc -l <"tries.$1")" -ge "$2" ]
END
chmod +x flaky
ends 0 'try 3 ' "--retries counts tries; only the last one's output is shown" \
	--retries 3 ./flaky a 3 ::: x
ends 1 'try 2 ' "when all fail the job has failed" --retries 2 ./flaky b 3 ::: x
ends 0 'try 5 ' "0 means without end" --retries 0 ./flaky c 5 ::: x
ends 1 'try 1 ' "--retry-on may leave a failure out" --retries 5 --retry-on timeout,9 \
	./flaky d 5 ::: x
ends 0 'try 2 ' "or name it" --retries 5 --retry-on 1 ./flaky e 2 ::: x
run volley --retries 3 --joblog log ./flaky f 3 ::: x
is "$(wc -l <log)" 2 "the job log has one line for it"
ends 0 'slot try 2 ' "while a job waits for its next try another uses the slot" -j1 \
	--retries 2 --retry-delay 0.2 'case {} in a) ./flaky g 2;; *) echo slot;; esac' \
	::: a b
printf '{"a":1}\n{"a"' >broken.jsonl
run volley -j1 --retries 2 --retry-delay 0.1 -a broken.jsonl 'echo {a}: try "$VOLLEY_TRY"; [ "$VOLLEY_TRY" = 2 ]'
is "$status:$(cat out)" "126:1: try 2" "an error in the input does not end the wait for a retry"
run volley --retry-delay 1s true ::: 1
is "$status:$(cat err)" '125:volley: --retry-delay needs --retries N' \
	"--retry-delay without --retries is a usage error"
run volley --retry-on exit true ::: 1
is "$status" 125 "--retry-on without --retries is a usage error"

# --- halt: statuses as GNU parallel 20221122 gives them

halts() {
	want=$1 how=$2
	shift 2
	run volley -j1 --halt "$how" 'exit {}' ::: "$@"
	is "$status" "$want" "--halt $how: $*"
}
halts 7 now,fail=1 0 7 0 9
halts 7 soon,fail=1 0 7 0 9
halts 2 now,fail=2 0 7 0 9 0
halts 3 now,fail=1% 7 8 9 0
halts 0 now,success=1 3 0 4
halts 2 now,success=1 3 4
halts 1 now,done=1 5 6
halts 0 now,done=1 0 6
halts 2 soon,done=2 5 6 7
halts 3 never 5 6 7
halts 7 2 0 7 9
halts 7 1 0 7 9
halts 0 -1 1 0 9
halts 2 0 1 0 9
run volley -j1 --halt now,fail=1 'kill -9 $$' ::: 1
is "$status" 137 "--halt: the status for a signal is 128+N"
run volley -j1 --halt now,fail=1 --timeout 0.1 ./child hang ::: 1
is "$status" 124 "--halt: the status for a timeout is 124"
run volley --halt sometimes true ::: 1
is "$status" 125 "--halt: other words are refused"
ends 1 'a ' "soon waits for what runs" -j2 --halt soon,fail=1 \
	--joblog log \
	'case {} in a) until grep -q "	1	0	" log; do ./child nap 20; done; echo a;; b) exit 1;; *) echo {};; esac' \
	::: a b c d
ends 1 '' "now does not, and shows nothing of it" -j2 --halt now,fail=1 \
	'case {} in a) echo part; exec ./child hang;; *) exit 1;; esac' ::: a b c d
like "$(cat err)" '1 stopped, 2 not run' "--halt: the summary counts stopped jobs and jobs not run"

# --- deadline

ends 124 '' "a deadline ends the run" -j1 --deadline 0.4 -n0 ./child hang ::: a b c
like "$(cat err)" '0 done, 1 stopped, 2 not run' "a deadline: the summary counts stopped jobs and jobs not run"
ends 0 'a ' "one that is not reached does nothing" --deadline 1h echo ::: a

# --- --failed-to: what is in the file, and that reading it gives the same events

# again NAME INPUT WANT ARG...: of INPUT, WANT is written when some jobs fail
again() {
	name=$1 input=$2 want=$3
	shift 3
	run volley "$@" -a "$input" --failed-to "again.${input##*.}" \
		'case {#} in 2|3) exit 1;; esac'
	is "$(cat "again.${input##*.}")" "$want" "--failed-to: $name"
}
# same NAME FILE ARG...: those events are the input's second and third
same() {
	name=$1 input=$2
	shift 2
	volley "$@" -k -j1 -a "$input" --only 2,3 -o json echo | sed 's/.*"event":\(.*\),"command.*/\1/' >want
	volley "$@" -k -j1 -a "again.${input##*.}" -o json echo | sed 's/.*"event":\(.*\),"command.*/\1/' >got
	[ -s want ] && cmp got want
	ok $? "reads back as the same events: $name"
}
printf 'a\n b \n\nd\n' >in.txt
again lines in.txt ' b ' -j1
same lines in.txt
printf 'id,text\n1,x\n2,"a ""b"", c"\n3,"two\nlines"\n4,y\n' >in.csv
again csv in.csv 'id,text
2,"a ""b"", c"
3,"two
lines"' -j1
same csv in.csv
printf 'id\ttext\n1\tx\n2\ta,b\n3\t\n' >in.tsv
again tsv in.tsv 'id	text
2	a,b
3	""' -j1
same tsv in.tsv
printf '[{"a":1},{"a":"x","b":[1,2]},{"a":"\\u00e9"},{"a":4}]' >in.json
again json in.json '[
{"a":"x","b":[1,2]},
{"a":"é"}
]' -j1
same json in.json
printf '{"a":1}\n[2]\n[3]\n' >in.jsonl
again jsonl in.jsonl '[2]
[3]' -j1
same jsonl in.jsonl
cat >in.yaml <<'END'
- {a: no, b: 010}
- a: "x\u2028\x7f\u0085 'y' # not"
  b: 010
  c: ~
  d: |
    text: here
      more
- {a: "12"}
- {a: last}
END
again yaml in.yaml '- {"a":"x\u2028\u007f\u0085 '"'y'"' # not","b":"010","c":null,"d":"text: here\n  more\n"}
- {"a":"12"}' -j1
same yaml in.yaml
printf 'a\0b\nb\0c\0' >in.nul
run volley -0 -a in.nul --failed-to again.nul 'case {#} in 2) exit 1;; esac'
printf 'b\nb\0' | cmp - again.nul
ok $? "--failed-to: the delimiter is the input's"
printf 'id\n1\n2\n' | volley -j1 -f csv --failed-to again.piped '[ {id} = 1 ]' 2>err
is "$(cat again.piped)" 'id
2' "--failed-to: the format of standard input"
printf 'n\tv\na\t1\nb\t2\n' | volley --header --failed-to again.h '[ {n} = a ]' 2>err
is "$(cat again.h)" 'n	v
b	2' "--failed-to: a header of columns"
run volley --failed-to x -j1 'exit {}' ::: 1 2 ::: 3
is "$status:$([ -e x ] || echo none)" 125:none "--failed-to: crossed inputs are refused"
printf '1\n0\n2\n' >loop
run volley -a loop --failed-to loop 'exit {}'
is "$status:$(sort loop | tr '\n' ' ')" '2:1 2 ' "--failed-to: the file may be an input"
# left NAME ARG...: loop, the input, is unchanged
left() {
	name=$1
	shift
	printf '1\n0\n2\n' >loop
	run volley "$@" --failed-to loop "$command" </dev/null
	is "$(tr '\n' ' ' <loop):$(echo loop*)" '1 0 2 :loop' "--failed-to: the input is unchanged $name"
}
command='exit {}'
left 'when the run ends early' -j1 --halt now,fail=1 -a loop
like "$(cat err)" "--failed-to: 'loop' is unchanged: it is the input" "--failed-to: a message says that the input is unchanged"
left 'with --only' --only 2- -a loop
left 'whatever its name' -j1 --halt soon,fail=1 -f lines -a "$PWD/loop"
command=no-such-command
left 'when there is no such command' -a loop
unlike "$(cat err)" 'unchanged' "--failed-to: a missing command causes no message about the input"
left 'or no such event' --only 7 -a loop
printf '1\n0\n2\n' >loop
volley --failed-to loop -f lines -j1 --halt now,fail=1 'exit {}' <loop 2>err
is "$(tr '\n' ' ' <loop)" '1 0 2 ' "--failed-to: the file may be standard input"
echo old >list
run volley -a loop --failed-to list no-such-command
is "$status:$(echo list*):$(cat list)" '127:list:old' "--failed-to: without a job nothing is replaced"
run volley -j1 -a loop --failed-to f --halt now,fail=1 true
is "$status:$(cat f)" '0:' "--failed-to: nothing is written if no job failed"
run volley -j2 --failed-to f --halt now,fail=1 \
	'case {} in a) exec ./child hang;; *) exit 1;; esac' ::: a b
is "$(sort f | tr '\n' ' ')" 'a b ' "--failed-to: events of stopped jobs are written, too"
seq 400 >many
run volley --failed-to /dev/full false ::: 1
is "$status" 126 "--failed-to: a file that cannot be written is an error"
like "$(cat err)" "cannot write '/dev/full': No space left" "--failed-to: the message names the file"
echo old >kept
(ulimit -f 1 && exec "$VOLLEY" --failed-to kept false <many) >/dev/null 2>&1
is "$?:$(cat kept)" 126:old "--failed-to: an incomplete file does not replace an existing one"
printf '[1,2]' | volley -f json --failed-to none true
is "$?:$(cat none)" 0: "--failed-to: no brackets when nothing failed"
run volley --failed-to no/such/file true ::: 1
is "$status" 126 "--failed-to: an invalid path is reported before the first job"

# --- what --failed-to writes to

mkdir real
echo old >real/list
chmod 640 real/list
ln -s real/list link
run volley --failed-to link false ::: a
is "$(readlink link):$(cat real/list):$(stat -c %a real/list):$(ls real)" \
	"real/list:a:640:list" "--failed-to: a symbolic link is followed, and the mode is kept"
ln -s real/new dangling
run volley --failed-to dangling false ::: a
is "$(readlink dangling):$(cat real/new)" "real/new:a" "--failed-to: also to a file that does not exist yet"
ln -s /dev/stdout out-link
for name in /dev/stdout out-link /proc/self/fd/1; do
	run volley --failed-to "$name" 'echo first; false {}' ::: a
	is "$status:$(cat out)" "1:first
a" "--failed-to $name: standard output when it is a file is not cut or replaced"
	is "$("$VOLLEY" --failed-to "$name" 'echo first; false {}' ::: a 2>/dev/null | cat)" "first
a" "--failed-to $name: standard output when it is a pipe"
done
is "$(readlink out-link)" /dev/stdout "--failed-to: the link to a stream stays"
mkfifo fifo
cat fifo >from-fifo &
run volley --failed-to fifo false ::: a
wait $!
is "$(cat from-fifo)" a "--failed-to: a FIFO is written to"

# --- the commands that rerun and continue

# last LINES: the end of the messages, without "volley: ".
last() {
	tail -n "$1" err | sed 's/^volley: //'
}
printf '%s\n' 0 1 2 >'my list'
run volley 'exit {}' <'my list'
is "$(last 1)" "to rerun these: volley --only 2-3 'exit {}' <'my list'" \
	"a list on standard input is named in the command that reruns"
run sh -c "printf '0\\n1\\n' | $VOLLEY_WRAP \"$VOLLEY\" 'exit {}'"
is "$(last 1)" "to rerun it, with the same input: volley --only 2 'exit {}'" \
	"a pipe has to be repeated by the user"
run sh -c "printf '0\\n1\\n' | $VOLLEY_WRAP \"$VOLLEY\" --failed-to again.txt 'exit {}'"
is "$(last 1)" "to rerun it: volley --failed-to again.txt -a again.txt 'exit {}'" \
	"or its events are read from the file that --failed-to has written"
run sh -c "printf '0\\n1\\n' | $VOLLEY_WRAP \"$VOLLEY\" --failed-to again.csv 'exit {}'"
is "$(last 1)" "to rerun it: volley --failed-to again.csv -a again.csv -f lines 'exit {}'" \
	"in their format, whatever its extension says"

run sh -c "echo '{\"a\":[1]}' | $VOLLEY_WRAP \"$VOLLEY\" -f json --path a --failed-to again.json 'exit {}'"
is "$(last 1)" "to rerun it, with the same input: volley -f json --path a --failed-to again.json --only 1 'exit {}'" \
	"but not with --path, which does not apply to that file"

run volley -j1 --halt now,fail=1 --only 2-4,6- 'exit {}' ::: 0 0 3 0 5 0 0
is "$(last 3)" "ended early: 2 done, 0 stopped, 3 not run
to rerun it: volley -j1 --halt now,fail=1 --only 3 'exit {}' ::: 0 0 3 0 5 0 0
to continue: volley -j1 --halt now,fail=1 --only 3-4,6- 'exit {}' ::: 0 0 3 0 5 0 0" \
	"to continue: what is left of the events that --only selects"
run volley -j1 --halt now,fail=1 --joblog log 'exit {}' ::: 0 3 0
is "$(last 1)" "to rerun what failed and continue: volley -j1 --halt now,fail=1 --joblog log --resume-failed 'exit {}' ::: 0 3 0" \
	"to continue with a job log"
run volley -j1 --halt now,success=1 --joblog log 'exit {}' ::: 0 3 0
is "$status:$(last 1)" "0:to continue: volley -j1 --halt now,success=1 --joblog log --resume 'exit {}' ::: 0 3 0" \
	"to continue with a job log when nothing failed"
run volley -j1 -n2 --halt now,fail=1 'exit {1}' ::: 0 0 1 1 0 0
is "$(last 1)" "to continue: volley -j1 -n2 --halt now,fail=1 --only 3- 'exit {1}' ::: 0 0 1 1 0 0" \
	"to continue with batches: by the numbers of events"
mkfifo go
run volley -j2 --halt now,fail=1 'if [ {} = b ]; then : <go; exit 1; else : >go; exec ./child hang; fi' ::: a b c
is "$(sed -n 's/after [0-9.]*s.*/after N s/; s/volley:   \(job .*stopped\)/\1/p' err)" \
	"job 1: stopped after N s" "a job that was stopped is listed with its run time"

run volley -j1 ./child kill=KILL ::: x
like "$(cat err)" "did not send this SIGKILL; memory may have run out" \
	"a job killed by SIGKILL: the summary mentions memory"
run volley -n0 './child kill=KILL; exit' ::: x
like "$(cat err)" "did not send this SIGKILL" "also if the shell reports it"
run volley -j1 ./child kill=TERM ::: x
unlike "$(cat err)" "did not send" "but not for other signals"
run volley -k -f jsonl -a - 'echo {a.b}' <<-'END'
	{"a":{"b":1}}
	{"a":{}}
END
like "$(cat err)" "job 2 (stdin:2): not started: no field 'a.b'" \
	"a command that cannot be expanded is listed with the reason"

done_testing
