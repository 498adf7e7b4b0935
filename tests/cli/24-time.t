#!/bin/sh
# SPDX-License-Identifier: ISC
# Time: unlimited durations, and what counts while volley is stopped.
# shellcheck disable=SC2016,SC2154
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"
# shellcheck source=tests/launch.sh
. "$TOP_SRCDIR/tests/launch.sh"

child=$TOP_BUILDDIR/tests/helpers/child
export child
mkfifo go

# opened PID FILE: the process has a descriptor of it.
opened() {
	find -L "/proc/$1/fd" -samefile "$2" 2>/dev/null | grep -q .
}

# --- durations that end after the clock does

for forever in 9223372036s 9223372036.854775807 106751d 99999999999999999999h; do
	run volley --timeout $forever --deadline $forever --drain $forever echo ::: a
	is "$status-$(cat out err)" 0-a "$forever: nothing is cut short"
	rm -f up.a
	launch -j2 --delay $forever "$child" 'touch=up.{}' ::: a b >out 2>err
	wait_for there up.a
	kill -TERM "$pid"
	finish
	[ ! -e up.b ]
	ok $? "--delay $forever: the second job is not started"
	launch -j1 --retries 2 --retry-delay $forever 'echo {} >>tries; exit {}' ::: 1 0 \
		>out 2>err
	wait_for grep -q 0 tries
	kill -TERM "$pid"
	finish
	is "$(tr -d '\n' <tries)" 10 "--retry-delay $forever: the second try is not started"
	rm -f tries
	launch -n0 --drain $forever 'echo $$ >shell; (: <go; echo late) & echo early' ::: a \
		>out 2>err
	wait_for test -s shell
	wait_for gone "$(cat shell)"
	"$child" post=go
	finish
	is "$status-$(tr '\n' ' ' <out)$(cat err)" '0-early late ' \
		"--drain $forever: a silent job in the background is waited for"
	rm -f shell
	launch --lock lock "$child" 'touch=held' wait=go ::: a
	holder=$pid
	wait_for there held
	launch --lock lock --lock-wait $forever echo ::: second >out 2>err
	wait_for opened "$pid" lock
	"$child" post=go
	finish
	is "$status-$(cat out err)" 0-second "--lock-wait $forever: the lock is waited for"
	wait "$holder"
	rm -f held
	run volley -j1 --progress=plain:$forever true ::: 1 2 3 4 5
	is "$status-$(wc -l <err)" 0-1 "--progress=plain:$forever: only the last line"
	printf '{"a":1,"volley":{"timeout":"%s"}}\n' $forever >events.jsonl
	run volley -a events.jsonl --event-options echo '{a}'
	is "$status-$(cat out err)" 0-1 "an event's own timeout of $forever does not end the job"
done

# --- volley is stopped while its jobs run on

stopped() {
	case $(sed 's/.*) //' "/proc/$1/stat") in T*) return 0 ;; esac
	return 1
}

# Stopped alone, volley learns too late that its job has ended in time, and with one slot
# only then that it was the last.
launch -j1 -n0 --timeout 3 --deadline 3 'echo $$ >job; exec "$child" touch=up wait=go' ::: 1 \
	>out 2>err
wait_for there up
kill -STOP "$pid"
wait_for stopped "$pid"
"$child" post=go
wait_for gone "$(cat job)"
"$child" nap 3100
kill -CONT "$pid"
finish
is "$status-$(cat out err)" 0- "a job that ended while volley was stopped has not timed out"

# --- volley is stopped, and so are its jobs

# As a job of another volley it has a process group that the kernel lets be stopped.
cat >inner <<'EOF'
echo $$ >inner.pid
exec $VOLLEY_WRAP "$VOLLEY" -n0 --timeout 3 --deadline 3 --joblog log \
	'echo $$ >job; exec "$child" touch=up wait=go' ::: 1
EOF
rm -f up
began=$(date +%s%N)
launch -n0 sh inner ::: 1 >out 2>err
wait_for there up
kill -TSTP "$(cat inner.pid)"
wait_for stopped "$(cat inner.pid)"
wait_for stopped "$(cat job)"
ok $? "the job is stopped with volley"
from=$(date +%s%N)
"$child" nap 3100
to=$(date +%s%N)
kill -CONT "$(cat inner.pid)"
"$child" post=go
finish
is "$status-$(cat out err)" 0- "the time while the job was stopped does not count"
most=$((($(date +%s%N) - began - (to - from)) / 1000000))
awk -F '\t' -v most=$most 'NR == 2 { exit !($4 * 1000 <= most) }' log
ok $? "the run time excludes the time while the job was stopped: $(cut -f 4 log | tail -n 1) s of $most ms"

done_testing
