#!/bin/sh
# SPDX-License-Identifier: ISC
# Messages with a slow or stopped reader: the run continues, and no message is lost.
# shellcheck disable=SC2016,SC2154
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"
# shellcheck source=tests/launch.sh
. "$TOP_SRCDIR/tests/launch.sh"

child=$TOP_BUILDDIR/tests/helpers/child
export child
long=$(head -c 1000 /dev/zero | tr '\0' x)

# asleep: a pipe for stderr that is full, and has a reader that does not read.
asleep() {
	rm -f sleepy
	mkfifo sleepy
	exec 6<>sleepy
	head -c 65536 /dev/zero >&6
}

asleep
launch -t -j2 --timeout 0.5 --deadline 2 "$child" hang ::: $(seq 40) 2>sleepy >out
finish
is "$status" 124 "--timeout and --deadline act while messages wait"
nothing_left "no process is left"

asleep
launch -t --timeout 0.1 --deadline 1 "$child" hang ::: 1 2>sleepy >out
finish
is "$status" 124 "the deadline also ends a wait for messages after the last job"

for sig in INT TERM; do
	asleep
	rm -f up
	launch -t "$child" touch=up hang ::: 1 2 3 2>sleepy >out
	wait_for there up
	kill -$sig "$pid"
	finish
	is "$status" "$((128 + $(kill -l $sig 2>/dev/null || env kill -l $sig)))" \
		"$sig ends the run while its messages wait"
done

asleep
launch -t -n0 -j4 --deadline 3 "echo >>started; : $long" ::: $(seq 5000) 2>sleepy >out
finish
n=$(wc -l <started)
is "$status-$((n > 0 && n < 300))" 124-1 "no more jobs start while too many messages wait: $n were started"

asleep
launch --deadline 3 -j1 --worker sh -c 'read x; yes "$x" >&2' ::: "$long" 2>sleepy >out
finish
is "$status" 124 "a worker that writes too many messages is held back"
exec 6>&-

# --- a slow reader gets it all

mkfifo slow go
"$child" wait=go copy <slow >got &
reader=$!
launch -t -j4 'echo "{1} said {2}" >&2' ::: $(seq 300) ::: "$long" 2>slow >out
"$child" nap 200
"$child" post=go
finish
wait $reader
is "$status" 0 "a run with a slow reader succeeds"
is "$(grep -c "^[0-9]* said $long\$" got)" 300 "every line of every job is printed"
is "$(grep -c "^echo \"[0-9]* said $long\" >&2\$" got)" 300 "every message is printed"
is "$(wc -l <got)" 600 "every message is complete"
sed -n 's/^echo "\([0-9]*\) said.*/\1/p' got >order
seq 300 | cmp -s - order
ok $? "the messages are in order"

done_testing
