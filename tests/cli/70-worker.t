#!/bin/sh
# SPDX-License-Identifier: ISC
# --worker: processes that are started once and answer many events.
# shellcheck disable=SC2016,SC2317  # the text is for the shells of workers
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"
# shellcheck source=tests/launch.sh
. "$TOP_SRCDIR/tests/launch.sh"

nl='
'
loop='while IFS= read -r x; do echo "$$ $x"; done'

# --- replies

run volley -k --worker cat ::: a 'b  c' '' "it's"
is "$status-$(cat out)" "0-a${nl}b  c$nl${nl}it's" "each event and each reply is a line"
run volley -j2 --worker sh -c "$loop" ::: $(seq 50)
is "$status-$(wc -l <out)" 0-50 "every event is answered"
is "$(cut -d' ' -f1 out | sort -u | wc -l)" 2 "every event is answered by one process per slot"
printf '%s\n' '- {a: 1, b: [x, "2"]}' >e.yaml
run volley -a e.yaml --worker cat
is "$(cat out)" '{"a":1,"b":["x","2"]}' "a mapping is a line of JSON"
run volley -a e.yaml --stdin '<{a}>' --worker cat
is "$(cat out)" '<1>' "--stdin sets the line"
run volley -k -I X --worker cat ::: a '{}'
is "$status-$(cat out)" "0-a${nl}{}" "-I: the text for the event does not change what a worker gets"
run volley -k -I X --stdin '<X{}>' --worker cat ::: a b
is "$status-$(cat out)" "0-<a{}>${nl}<b{}>" "-I: --stdin uses the replacement text"
nulls='while read -r x; do printf "%s\nmore\n\0" "$x"; done'
run volley -k --tag --reply null --worker sh -c "$nulls" ::: a b
is "$(cat out)" "a	a${nl}a	more${nl}b	b${nl}b	more" "--reply null: up to a NUL"
run volley -k --reply json --worker cat ::: '{"status":0,"stdout":"a\n"}' \
	'{"status":3,"stdout":"b\n","stderr":"c\n"}' '{}'
is "$status-$(cat out)" "1-a${nl}b" "--reply json: a status"
like "$(cat err)" "c$nl" "--reply json: a text for stderr"
like "$(cat err)" "1 exit 3" "--reply json: the event fails with the status"
run volley -o json --reply json --worker cat ::: '{"status":3,"stdout":"b","stderr":"c"}'
like "$(cat out)" '"status":"failed","exit":3' "--reply json: the status is in the record"
like "$(cat out)" '"stdout":"b","stderr":"c"' "--reply json: both streams are in the record"
run volley --worker printf 'no newline' ::: a
is "$(cat out)" "no newline" "--reply line: the last newline may be missing"
run volley -j1 --worker sh -c 'read -r x; printf "half of"; kill -9 $$' ::: a
is "$status-$(cat out)" 1- "--reply line: half a reply of a crashed worker is not a reply"
run volley -j1 --worker sh -c 'read -r x; printf "half of"; exit 3' ::: a
is "$status-$(cat out)" 1- "--reply line: half a reply of a failed worker is not a reply"

# --- the command

run volley -j1 --worker sh -c 'read x; echo "$x {%} $VOLLEY_SLOT"' ::: a
is "$(cat out)" "a 1 1" "{%} is the worker's number"
for p in '{}' '{#}' '{1}' '{/}'; do
	run volley --worker cat "$p" ::: a
	is "$status" 125 "$p has no value in the command"
done
like "$(cat err)" "reads them from its stdin" "the message explains why there is no value"
run volley -I X --worker cat X ::: a
is "$status" 125 "the text of -I has no value in the command"
run volley --tagstring '{}:{#}' --worker cat ::: a
is "$(cat out)" "a:1	a" "$p has a value in a tag"
run volley --dry-run --worker cat ::: 'a b'
is "$(cat out)" "printf '%s\\n' 'a b' | cat" "an event is shown as a command that does the same"
run volley --worker nosuchprogram ::: a
is "$status" 127 "a missing program ends the run"
run volley --worker ::: a
is "$status" 125 "a worker requires a command"
run volley --reply json cat ::: a
is "$status" 125 "--reply requires --worker"
run volley --worker -u cat ::: a
is "$status" 125 "-u is refused with --worker"
run volley --reply words --worker cat ::: a
is "$status" 125 "an unknown --reply is refused"

# --- what goes wrong

run volley -k --worker cat ::: "a${nl}b" c
is "$status-$(cat out)" 1-c "an event with a newline fails"
like "$(cat err)" "--stdin '{:json}'" "an event with a newline is reported with a suggestion"
run volley --stdin '{:json}' --worker cat ::: "a${nl}b"
is "$(cat out)" '"a\nb"' "the suggestion for an event with a newline works"
run volley -j1 --worker sh -c 'read x; echo 1; echo 2; cat' ::: a
is "$status" 126 "more replies than events end the run"
like "$(cat err)" "more replies" "more replies than events are reported"
run volley -j1 --reply json --worker cat ::: a
is "$status" 126 "an invalid reply ends the run"

mortal='while read -r x; do [ "$x" != 2 ] || exit 7; echo "$$ $x"; done'
run volley -k -j1 --window 1 --worker sh -c "$mortal" ::: 1 2 3
is "$status-$(cut -d' ' -f2 out | tr '\n' ' ')" "1-1 3 " "a worker that ends loses its event"
like "$(cat err)" "its worker ended with status 7 before it answered" "a worker that ends is reported"
is "$(cut -d' ' -f1 out | sort -u | wc -l)" 2 "a new worker gets the next event"
run volley -k -j1 --window 8 --worker sh -c "$mortal" ::: 1 2 3 4 5
is "$status-$(cut -d' ' -f2 out | tr '\n' ' ')" "1-1 3 4 5 " "events that a worker has not read go to the next worker"
run volley -k --worker --window 4 -j1 'read -r x; echo "$x"' ::: $(seq 100)
is "$status-$(wc -l <out)" 0-100 "a worker that exits while it is sent more events loses one event"
second='while read -r x; do [ "$x$(ls seen)" != 2 ] || { touch seen/x; kill -9 $$; }; echo "$x"; done'
mkdir seen
run volley -k -j1 --window 1 --retries 2 --worker sh -c "$second" ::: 1 2 3
is "$status-$(tr '\n' ' ' <out)" "0-1 2 3 " "--retries retries lost events"
rm -r seen
run volley -j2 --worker sh -c 'exec nosuchprogram' ::: $(seq 100)
is "$status" 127 "a worker that cannot be executed ends the run immediately"
like "$(cat err)" "the worker ended with status 127: its command could not be executed" "the summary says that the worker cannot be executed"
run volley -j2 --worker sh -c 'read x; exit 3' ::: $(seq 100)
is "$status" 126 "workers that keep exiting end the run"
like "$(cat err)" "without one reply; the last ended with status 3" "workers that keep exiting are reported"
[ "$(grep -c 'lost' err)" -lt 30 ]
ok $? "soon"
run volley -j1 --worker sh -c 'read x; exit 127' ::: 1 2
like "$status-$(cat err)" "127-*1 of 1 job failed: 1 lost*ended early: 1 done, 0 stopped, 1 not run*" \
	"the event of a worker that ends the run is lost, not stopped"

hangs='while read -r x; do [ "$x" != 2 ] || exec sleep 1000; echo "$$ $x"; done'
printf '{"x":%s}\n' 1 '2,"volley":{"timeout":0.3}' 3 4 >one-hangs.jsonl
run volley -k -j1 --window 8 --event-options --stdin '{x}' -a one-hangs.jsonl --worker sh -c "$hangs"
is "$status-$(cut -d' ' -f2 out | tr '\n' ' ')" "1-1 3 4 " \
	"a timeout is for one event; those after it go to the next worker"
like "$(cat err)" "1 timed out" "the status of the event is timeout"
run volley -j1 --halt now,fail=1 --window 1 --worker sh -c "$mortal" ::: 1 2 3
is "$status-$(wc -l <out)" 126-1 "--halt"
run volley -k --joblog log --worker sh -c "$mortal" ::: 1 3
is "$(wc -l <log)" 3 "the job log has the events"

run volley -j1 --worker sh -c 'while read x; do echo "e$x" >&2; echo "$x"; done; printf end >&2' ::: 1 2
is "$(cat err)" "e1${nl}e2${nl}end" "stderr is passed on line by line"

# --- the life of a worker

run volley -j1 --worker-max 2 --worker sh -c "$loop" ::: 1 2 3 4 5
is "$(cut -d' ' -f1 out | uniq -c | awk '{ printf "%s ", $1 }')" "2 2 1 " "--worker-max"
run volley -j1 --worker sh -c 'cat; echo ended >last' ::: a
is "$(cat last)" ended "a worker exits at the end of its stdin"
run volley -j1 --drain 0.1 --worker sh -c 'trap "" TERM; read x; echo $x; exec sleep 1000' ::: a
is "$status-$(cat out)" 0-a "a worker that does not exit is killed"

mkfifo go
exec 5</dev/null
launch -j2 --worker sh -c 'sleep 1000 & echo x >>"ready$VOLLEY_SLOT"; while read x; do sleep 1000; done' \
	::: 1 2 >out 2>err
wait_for there ready1 ready2
kill -TERM "$pid"
finish
is "$status" 143 "a signal ends the run"
nothing_left "a signal ends every worker and its processes"
launch -j2 --worker sh -c 'echo x >"set$VOLLEY_SLOT"; setsid sleep 1000 & while read x; do sleep 1000; done' \
	::: 1 2 >out 2>err
wait_for there set1 set2
kill -KILL "$pid"
finish
nothing_left "SIGKILL to volley leaves no process"

# a worker whose pipe is full may not stop the others
head -c 3000000 /dev/zero | tr '\0' x >big
{ cat big; echo; cat big; echo; } >bigs
run volley -j1 --window 2 -a bigs --worker sh -c 'while read -r x; do echo ${#x}; done'
is "$(cat out)" "3000000${nl}3000000" "lines larger than a pipe arrive"
run volley -j1 --window 4 -a bigs --worker cat
is "$(wc -c <out)" 6000002 "large lines in both directions do not block"

launch -j1 --worker sh -c 'read -r x; exec cat go' ::: 1 >out 2>slow
slow=$pid
launch -j1 --worker awk '{ print; getline; }' ::: 1 >out 2>err
grep_err() { grep -q "has answered nothing" err; }
wait_for grep_err
ok $? "a worker that does not flush its replies is reported"
is "$(cat slow)" "" "a worker that is slow is not reported"
kill -TERM "$pid" "$slow"
finish
pid=$slow
finish

# --- the programs of the manual

awk '
	function text(line) {
		gsub(/\\\(aq/, "\x27", line)
		gsub(/\\-/, "-", line)
		gsub(/\\e/, "\\", line)
		return line
	}
	/^\.Ed/ { file = "" }
	file { print text($0) >file }
	shown && / file: / { file = $3 }
	{ shown = /^\.Bd/ }' "$TOP_SRCDIR/man/volley-worker.7"

# marks COMMAND ARG...: does it put each event in < >?
marks() {
	run volley -k -j2 --worker "$@" ::: a 'b c' d
	is "$status-$(cat out)" "0-<a>$nl<b c>$nl<d>" "the manual's worker: $*"
}
marks sh worker.sh
case $(awk -W version 2>&1 </dev/null) in
mawk*) marks awk -W interactive -f worker.awk ;;
*) marks awk -f worker.awk ;;
esac
if ${CC:-cc} -o worker worker.c 2>err; then
	marks ./worker
else
	skip "the manual's worker in C" "no compiler is installed"
fi
if command -v python3 >/dev/null; then
	marks python3 worker.py
	PATH=$TOP_SRCDIR/scripts:$PATH
	run volley -k --worker -a events.yaml volley-worker.py mymodule:my_function
	is "$status-$(cat out)" "0-abab${nl}c" "volley-worker.py: mappings are keyword arguments"
	run volley -k --worker volley-worker.py mymodule:my_function ::: x
	is "$(cat out)" x "volley-worker.py: any other event is the argument"
	cat >several.py <<-'END'
		import datetime, subprocess, sys, time
		def one(event): return event["a"]
		def two(row, times=3): return row["a"] * times
		def any(**fields): return str(fields)
		def text(x): return "1\n2\n" if x == "n" else x
		def odd(x): return {"day": datetime.date(2026, 1, 2), "set": {x}}
		def count(x): yield x
		def leave(x): sys.exit(int(x))
		def nothing(x): return None
		def quits(x): sys.exit()
		def nul(x): return "a\0b"
		def nulls(x): raise ValueError("a\0b")
		def whole(event): return str(event)
		def starts(x): return subprocess.run("wc -c; echo " + x, shell=True,
		                                     stdout=subprocess.PIPE, text=True).stdout
		def prints(x): print("note"); time.sleep(1000)
		def fails(x): return 1 // int(x)
	END
	worker() {
		run volley -k "$@"
		got="$status-$(cat out)"
	}
	worker --worker -a e.yaml volley-worker.py several:one
	is "$got" 0-1 "a mapping is the argument of a function whose parameters it does not fit"
	worker --worker -a e.yaml volley-worker.py several:two
	is "$got" 0-3 "a mapping is the argument of a function with further optional parameters"
	worker --worker volley-worker.py several:one ::: '{"event": {"a": "x"}}'
	is "$got" 0-x "a mapping whose keys fit becomes keyword arguments"
	worker --worker volley-worker.py several:one ::: '{"event": 1, "a": "x"}'
	is "$got" 0-x "a mapping that fits all parameters becomes keyword arguments"
	worker --worker -a e.yaml volley-worker.py several:any
	is "$got" "0-{'a': 1, 'b': ['x', '2']}" "a mapping becomes keyword arguments if any keyword is accepted"
	worker --worker volley-worker.py json:loads ::: '[1, 2]'
	is "$got" "0-[1, 2]" "a function of any module can be called"
	worker --worker volley-worker.py several:text ::: n x
	is "$got" "0-1${nl}2${nl}x" "a returned string is printed unchanged"
	worker --worker python3 "$TOP_SRCDIR/scripts/volley-worker.py" several:text ::: n x
	is "$got" "0-1${nl}2${nl}x" "replies are JSON also if an interpreter precedes volley-worker.py"
	worker --worker --reply line volley-worker.py several:text ::: n x
	is "$got" '0-"1\n2"'"${nl}x" "--reply line prints any result as one line"
	worker --worker --reply null volley-worker.py several:text ::: n x
	is "$got" "0-1${nl}2${nl}x" "--reply null prints a result up to a NUL"
	worker --worker volley-worker.py several:odd ::: x
	is "$got" '0-{"day": "2026-01-02", "set": ["x"]}' "a result without a JSON type is converted to text"
	worker --worker volley-worker.py several:count ::: x
	like "$got-$(cat err)" "1--*a generator cannot be a result" "a generator as result fails its event"
	worker --worker volley-worker.py several:nothing ::: x
	is "$got" 0- "None is no output"
	worker --worker volley-worker.py several:quits ::: x
	is "$got-$(cat err)" 0-- "sys.exit without a status is no output"
	worker -j1 --worker volley-worker.py several:nul ::: x y
	like "$got-$(cat err)" "2--*the result contains a NUL*2 of 2 jobs failed: 2 exit 1*" "a NUL fails its event"
	worker -j1 --worker volley-worker.py several:nulls ::: x y
	like "$got-$(cat err)" "2--*2 of 2 jobs failed: 2 exit 1*" "a NUL in an exception's text is escaped"
	worker --worker volley-worker.py several:whole ::: '{"self": 1}'
	is "$got" "0-{'self': 1}" "a mapping may have any keys"
	worker --worker volley-worker.py several:leave ::: 4 0
	is "$status" 1 "sys.exit ends the event, not the worker"
	like "$(cat err)" "1 exit 4" "the status of sys.exit is the event's"
	worker --worker volley-worker.py several:starts ::: x
	is "$got" "0-0${nl}x" "a process started by a function has an empty stdin"
	launch --worker volley-worker.py several:prints ::: x >out 2>err
	wait_for grep -q '^note$' err
	ok $? "text printed by a function goes to stderr immediately"
	kill -TERM "$pid"
	finish
	worker --worker volley-worker.py several:fails ::: 0 1
	is "$got" 1-1 "an exception fails its event"
	like "$(cat err)" "Traceback*several.py*ZeroDivisionError" "the traceback is the event's stderr"
	is "$(grep -c volley-worker.py err)" 2 "the traceback shows only the function"
	worker --worker --reply line --window 1 volley-worker.py several:fails ::: 0 1
	like "$got-$(cat err)" "1-1-Traceback*with --reply json only its event fails*" \
		"with --reply line an exception ends the worker"
	printf 'a\377\nb\n' >bytes
	worker --worker -a bytes volley-worker.py several:text
	is "$got" 1-b "a result that JSON cannot represent fails its event"
	worker --worker --reply line -a bytes volley-worker.py several:text
	is "$(od -An -c out | tr -d ' ')" 'a377\nb\n' "with --reply line such a result is printed"
	run volley --worker volley-worker.py several:one -a e.yaml </dev/null ::: 1
	like "$status-$(cat err)" "126-*options of volley come before volley-worker.py" \
		"options of volley after volley-worker.py are refused"
	run volley volley-worker.py several:one ::: 1
	like "$(cat err)" "is volley's --worker missing?" "a missing --worker is reported"
	run volley --worker volley-worker.py several:one --reply line ::: 1
	like "$status-$(cat err)" "126-*volley expects --reply json" "--reply that differs from volley's is refused"
	run volley -j1 --worker volley-worker.py several:none ::: 1 2 3
	like "$status-$(cat err)" "126-*has no attribute 'none'${nl}volley: the worker ended*" \
		"a missing function ends the run immediately"
	printf '\nimport nosuchmodule\n' >imports.py
	run volley -j1 --worker volley-worker.py imports:f ::: 1 2 3
	like "$(cat err)" "*imports.py:2: cannot import 'imports': ModuleNotFoundError*" \
		"a module that cannot be imported is reported with the place"
else
	skip "workers in Python" "python3 is not installed"
fi

done_testing
