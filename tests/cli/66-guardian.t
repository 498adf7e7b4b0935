#!/bin/sh
# SPDX-License-Identifier: ISC
# The second process, which kills the jobs when volley has been killed.
# shellcheck disable=SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child

# guardian_of PID: the number of the process that guards the jobs of volley PID.
guardian_of() {
	sed -n "s/ (volley-guard) . $1 .*//p" /proc/[0-9]*/stat 2>/dev/null
}

# guarded ARG...: volley with a job in a session of its own, which is then in
# ./pid; the guardian is $guardian.
guarded() {
	rm -f pid
	"$VOLLEY" -n0 "$@" >out 2>err &
	volley=$!
	wait_for test -s pid
	guardian=$(guardian_of $volley)
}

guarded --lock lock "./child setsid-hold=pid hang" ::: 1
kill -STOP "$guardian"
kill -KILL $volley
wait $volley 2>/dev/null
run volley --lock lock true ::: 1
is "$status" 122 "when volley is killed, its lock is held until the jobs are"
kill -CONT "$guardian"
run volley --lock lock --lock-wait 20 true ::: 1
is "$status" 0 "and not longer"
gone "$(cat pid)"
ok $? "by then they are dead"

guarded 'sh -c "env -i setsid ./child pidfile=pid hang & wait" & wait' ::: 1
kill -KILL $volley
wait $volley 2>/dev/null
wait_for gone "$(cat pid)"
ok $? "SIGKILL to volley kills what only its parents tell of"

mkfifo go
guarded './child pidfile=pid wait=go line={}' ::: 1
kill -KILL "$guardian"
wait_for grep -q 'process that guards the jobs has died' err
ok $? "volley says that its guardian has died"
: >go
wait $volley
is "$?:$(cat out):$(wc -l <err)" 0:1:1 "once, and goes on"

guarded './child pidfile=pid wait=go line={}' ::: 1
kill -STOP "$guardian"
: >go
wait_for gone $volley
wait $volley
is "$?:$(cat out err)" 0:1 "a stopped guardian does not keep volley from ending"
wait_for gone "$guardian"
ok $? "and ends with it"

# keeps N: so many descriptors of the guardian are open, but for its own of /proc; for
# wait_for, as it may be about to close them.
keeps() {
	[ "$(find "/proc/$guardian/fd" -type l ! -lname /proc | wc -l)" -eq "$1" ]
}

if strace -qq -o /dev/null -e trace=none true 2>/dev/null && [ -z "$VOLLEY_WRAP" ]; then
	rm -f pid
	ASAN_OPTIONS=detect_leaks=0 strace -qq -f -o /dev/null -e trace=close_range -e inject=close_range:error=EPERM \
		"$VOLLEY" -n0 './child pidfile=pid wait=go' ::: 1 7<err &
	wait_for test -s pid
	guardian=$(guardian_of "$(sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$(cat pid)/stat")")
	wait_for keeps 1
	ok $? "without close_range, too, the guardian keeps nothing open but its pipe"
	: >go
	wait
else
	skip "without close_range, too, the guardian keeps nothing open but its pipe" "no strace"
fi

done_testing
