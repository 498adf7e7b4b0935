#!/bin/sh
# SPDX-License-Identifier: ISC
# The guardian, the second process, which kills the jobs if volley is killed.
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
is "$status" 122 "when volley is killed, its lock is held until the jobs are dead"
kill -CONT "$guardian"
run volley --lock lock --lock-wait 20 true ::: 1
is "$status" 0 "the lock is free when the jobs are dead"
gone "$(cat pid)"
ok $? "the jobs are dead when the lock is free"

guarded 'sh -c "env -i setsid ./child pidfile=pid hang & wait" & wait' ::: 1
kill -KILL $volley
wait $volley 2>/dev/null
wait_for gone "$(cat pid)"
ok $? "SIGKILL to volley kills processes that only their parents identify"

mkfifo go
guarded './child pidfile=pid wait=go line={}' ::: 1
kill -KILL "$guardian"
wait_for grep -q 'process that guards the jobs has died' err
ok $? "the death of the guardian is reported"
: >go
wait $volley
is "$?:$(cat out):$(wc -l <err)" 0:1:1 "the death of the guardian is reported once, and the run continues"

guarded './child pidfile=pid wait=go line={}' ::: 1
kill -STOP "$guardian"
: >go
wait_for gone $volley
wait $volley
is "$?:$(cat out err)" 0:1 "a stopped guardian does not delay the end of volley"
wait_for gone "$guardian"
ok $? "a stopped guardian ends with volley"

# keeps N: N descriptors of the guardian are open, but for its own of /proc; for
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
	ok $? "the guardian keeps only its pipe open, even without close_range"
	: >go
	wait
else
	skip "the guardian keeps only its pipe open, even without close_range" "no strace"
fi

done_testing
