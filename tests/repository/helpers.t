#!/bin/sh
# SPDX-License-Identifier: ISC
# The programs that other tests use: tests/helpers/child and pty; and tap.sh.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

child=$TOP_BUILDDIR/tests/helpers/child
pty=$TOP_BUILDDIR/tests/helpers/pty

# --- child

run "$child" out=5000 err=3 exit=7
is "$status" 7 "child: exit= sets the exit status"
is "$(wc -c <out)" 5000 "child: out= writes that many bytes"
is "$(cat err)" aaa "child: err= writes to stderr"
is "$("$child" out=1000)" "$("$child" out=1000)" "child: the pattern is the same each time"

run "$child" line='a b' text=c line eline=d
is "$(cat out)" "a b
c" "child: line= and text= write to stdout"
is "$(cat err)" d "child: eline= writes to stderr"

run "$child" line=x args a '' 'b c' exit=3
is "$status-$(cat out)" "0-x
[a]
[]
[b c]
[exit=3]" "child: args shows words byte by byte and takes the rest"

run "$child" kill=TERM
is "$status" 143 "child: kill= ends it by that signal"
run "$child" ignore=USR1 sigs
is "$(cat out)" "blocked:
ignored: USR1" "child: sigs lists the ignored signals"
run "$child" ignore=TERM line=still kill=TERM
is "$status" 143 "child: kill= works even if the signal was ignored"

# (The tests may have inherited open descriptors above 9.)
run "$child" fds
read -r inherited <out
like "$inherited" "0 1 2" "child: fds lists descriptors"
exec 3</dev/null
run "$child" fds
is "$(cat out)" "0 1 2 3${inherited#0 1 2}" "child: fds lists inherited descriptors"
exec 3<&-
run "$child" close=0 fds
is "$(cat out)" "${inherited#0 }" "child: close= closes one"

mkdir dir
run env -C dir THERE=yes "$child" cwd env=THERE env=NOT_THERE
is "$(cat out)" "$scratch/dir
yes
(unset)" "child: cwd and env= print the directory and variables"

"$child" pidfile=number pid >out
is "$(cat out)" "$(cat number)" "child: pidfile= writes what pid prints"
printf 'a\0b' | "$child" copy >out
is "$(od -An -c out | tr -d ' ')" 'a\0b' "child: copy passes stdin on"

mkfifo fifo
"$child" wait=fifo line=after >>log &
echo before >>log
: >fifo
wait
is "$(cat log)" "before
after" "child: wait= waits for the other side"
"$child" post=fifo &
run "$child" wait=fifo touch=touched
[ "$status" -eq 0 ] && [ -e touched ]
ok $? "child: post= ends a wait=, touch= creates a file"

for how in fork-hold setsid-hold; do
	"$child" pgrp $how=holder line=parent >held
	is "$(sed -n 2p held)" parent "child: $how does not block the parent"
	read -r holder <holder
	! gone "$holder"
	ok $? "child: $how leaves a child"
	group=$(ps -o pgid= -p "$holder")
	[ $((group)) -eq "$(sed -n 1p held)" ]
	in_group=$?
	[ $how = fork-hold ] || in_group=$((! in_group))
	ok $in_group "child: $how: in the group it should be in"
	kill -9 "$holder"
	wait_for gone "$holder"
	ok $? "child: $how: the child can be killed"
done

run "$child" frobnicate
is "$status" 99 "child: a misspelt step is an error"
run "$child" exit=x
is "$status" 99 "child: an invalid number is an error"

printf '%s\n' 'line=a eline=b"c line=d' 'exit=3 line=not' 'pad=x' >lines
"$child" serve touch=over <lines >out
is "$(cat out)" '{"status":0,"stdout":"a\nd\n","stderr":"b\"c\n"}
{"status":3,"stdout":"","stderr":""}
{"status":0,"stdout":"","stderr":""}' "child: serve answers each line as its steps say"
ok "$([ -e over ]; echo $?)" "child: serve continues at the end of the lines"
printf '%s\n' 'line=a reply raw=b line=c reply quit=7' 'line=d' >lines
run "$child" serve <lines
is "$status-$(cat out)" '7-{"status":0,"stdout":"a\n","stderr":""}
b{"status":0,"stdout":"c\n","stderr":""}' "child: reply, raw= and quit= control the replies"

# --- pty

run "$pty" -c 33 -r 7 sh -c 'stty size; echo err >&2; exit 4'
is "$status-$(tr -d '\r' <out)" "4-7 33
err" "pty: all three descriptors are a terminal of the given size"
run "$pty" "$child" kill=KILL
is "$status" 137 "pty: the status shows the signal that ended the command"
run "$pty" sh -c 'test -t 0 && test -t 1 && echo x >/dev/tty'
is "$status" 0 "pty: it is the controlling terminal"
run "$pty" "$child" sigs fds
is "$(tr -d '\r' <out)" "blocked:
ignored:
$inherited" "pty: the command inherits no descriptor of pty"

echo in >input
run "$pty" -e sh -c 'cat; test -t 1 || test ! -t 2 || echo out; echo err >&2' <input
is "$(cat out)" "in
out" "pty -e: stdin and stdout are unchanged"
is "$(od -An -c err | tr -d ' ')" 'err\r\n' "pty -e: stderr is the terminal"
run "$pty" -f 12 sh -c 'cat; test -t 1 && test ! -t 0 && echo yes' <input
is "$(tr -d '\r' <out)" "in
yes" "pty -f: any of the three can be the terminal"
run "$pty" -t seen -e sh -c 'echo err >&2'
cmp -s seen err
ok $? "pty -t: a transcript of what the terminal received"

printf 'hello\n\004' | "$pty" sh -c 'stty -echo; echo "<$(cat)>"' >out
like "$(cat out)" "<hello>" "pty: what it reads is typed"

"$pty" "$child" out=200000 >out
is "$(tr -d '\r' <out | wc -c)" 200000 "pty: no output is lost at the end"

mkfifo orders
: >seen
"$pty" -x orders -t seen sh -c 'trap "stty size" WINCH; trap "echo int; exit 5" INT
	echo ready; while :; do "$0" nap 10; done' "$child" >/dev/null &
wait_for grep -q ready seen
echo 'resize 40 24' >orders
wait_for grep -q '24 40' seen
ok $? "pty -x: resize"
echo 'type ^C' >orders
wait $!
is "$?" 5 "pty -x: type ^C interrupts"
: >seen
"$pty" -x orders -t seen sh -c 'trap "exit 6" HUP; echo ready
	while :; do "$0" nap 10; done' "$child" >/dev/null &
wait_for grep -q ready seen
echo close >orders
wait $!
is "$?" 6 "pty -x: close hangs up"

# --- tap.sh

# gives_up SCRIPT: run a test that waits for something that never happens
gives_up() {
	cat >gives-up.t <<'END'
. "$TOP_SRCDIR/tests/tap.sh"
wait_tries=2
END
	echo "$1" >>gives-up.t
	run sh gives-up.t
}
gives_up 'wait_for false it; ok 0 after; done_testing'
is "$status-$(cat out)" "99-Bail out! gave up waiting for: false it" "wait_for: giving up ends the test"
gives_up 'true | { wait_for false it; echo on; } >log; ok 0 after; done_testing'
is "$status-$(grep Bail out)" "99-Bail out! gave up waiting for: false it" "wait_for: giving up in a subshell ends the test"
gives_up 'wait_until false; ok $((! $?)) "no answer"; done_testing'
is "$status-$(cat out)" "0-ok 1 - no answer
1..1" "wait_until: giving up is reported to the test"

# --- pty

run "$pty"
is "$status" 99 "pty: no command is an error"
run "$pty" ./not-there
is "$status" 99 "pty: a missing command is an error"

done_testing
