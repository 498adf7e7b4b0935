#!/bin/sh
# SPDX-License-Identifier: ISC
# Unattended runs: silence, locks, progress in lines.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child

run volley echo ::: a
is "$status:$(cat out err)" '0:a' "without a terminal only the output of jobs is printed"
run volley --only-failed -j1 'echo out {}; echo err {} >&2; exit {}' ::: 0 1 0
is "$status:$(cat out)" '1:out 1' "--only-failed prints the output of failed jobs"
is "$(head -n 1 err)" 'err 1' "--only-failed prints the stderr of failed jobs"
run volley --only-failed 'echo {}' ::: a b
is "$status:$(cat out err)" '0:' "--only-failed prints nothing if all jobs succeed"
for way in -k '-k --tag'; do
	# shellcheck disable=SC2086  # two words
	run volley $way -j1 -n0 --only-failed "$TOP_BUILDDIR/tests/helpers/child" out=1000000 ::: a
	is "$status-$(wc -c <out)" 0-0 "$way --only-failed: no output is printed before the result is known"
done
run volley -j1 --only-failed -k 'echo {}; exit {}' ::: 1 0 2
is "$status:$(tr '\n' ' ' <out)" '2:1 2 ' "-k --only-failed: failed jobs are printed in order"

mkfifo go
"$VOLLEY" --lock lock -n0 './child touch=up wait=go' ::: 1 &
wait_for test -e up
run volley --lock lock echo ::: a
is "$status:$(cat out)$(cat err)" "122:volley: another run holds the lock 'lock'" \
	"a second run with the same --lock exits immediately with status 122"
run volley --lock lock --lock-wait 0.2 echo ::: a
is "$status" 122 "--lock-wait gives up after its time"
"$VOLLEY" --lock lock --lock-wait 20 echo ::: waited >second &
./child post=go
wait
is "$(cat second)" waited "--lock-wait runs when the first run has ended"
run volley --lock lock echo ::: a
is "$status" 0 "the lock is free after the runs"
"$VOLLEY" --lock lock -n0 './child touch=up2 hang' ::: 1 2>/dev/null &
wait_for test -e up2
kill -KILL $!
wait $! 2>/dev/null
run volley --lock lock --lock-wait 20 echo ::: a
is "$status" 0 "the lock is free after its holder was killed"
mkfifo go3
"$VOLLEY" --lock lock -n0 './child touch=up3 wait=go3' ::: 1 &
wait_for test -e up3
"$VOLLEY" --lock lock --lock-wait 60 echo ::: a >third 2>&1 &
listed=$!
"$VOLLEY" --lock lock --lock-wait 60 echo ::: b >fourth 2>&1 &
drained=$!
for pid in $listed $drained; do
	# shellcheck disable=SC2012  # links
	wait_for eval "ls -l /proc/$pid/fd | grep -q '/lock\$'"
done
kill -USR1 $listed
kill -USR2 $drained
./child post=go3
wait $listed
is "$?:$(grep -v ^volley: third)" 0:a "USR1 does not end a run that waits for the lock"
wait $drained
is "$?:$(grep -c 'starting no more jobs' fourth)" 0:1 \
	"USR2 has its effect when the lock is free"
wait
run volley --lock-wait 1 true ::: 1
is "$status" 125 "--lock-wait needs --lock"
run volley --lock no/such/lock true ::: 1
is "$status" 126 "a lock that cannot be opened is reported"

run volley --progress=plain true ::: 1 2 3
is "$status:$(cat out)" 0: "--progress=plain writes nothing to stdout"
run volley --joblog skipped true ::: 1 2 3
run volley --joblog skipped --resume --progress=plain true ::: 1 2 3
is "$(cat err)" 'volley: 100% 3/3 [00:00<?, ?job/s]' "skipped jobs count as done but not as work"
like "$(tail -n 1 err)" '3/3' "--progress=plain writes a last line to stderr"
is "$(grep -c "$(printf '\r')" err)" 0 "--progress=plain writes plain text only"

done_testing
