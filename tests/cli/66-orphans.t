#!/bin/sh
# SPDX-License-Identifier: ISC
# Nothing that a job has started outlives its being killed, wherever it hides;
# and what a job that ended normally has left, does.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child

# How a job may hide a process; each writes the number of it to ./pid.
hides() {
	case $1 in
	setsid) echo './child setsid-hold=pid hang' ;;
	orphan) echo 'sh -c "setsid ./child pidfile=pid hang &"; exec ./child hang' ;;
	timeout) echo 'timeout 72 ./child pidfile=pid hang' ;;
	setm) echo 'set -m; ./child pidfile=pid hang & wait' ;;
	deaf) echo './child ignore=TERM ignore=HUP pidfile=pid hang' ;;
	volley) echo '"$VOLLEY" -n0 "setsid ./child pidfile=pid hang & wait" ::: 1' ;;
	esac
}
export VOLLEY

for how in setsid orphan timeout setm deaf volley; do
	rm -f pid
	run volley -n0 --timeout 0.5 "$(hides $how)" ::: 1
	wait_for gone "$(cat pid)"
	is "$?:$status" 0:1 "a timeout kills: $how"
	for signal in TERM KILL; do
		rm -f pid
		"$VOLLEY" -n0 --termseq TERM,50,KILL "$(hides $how)" ::: 1 >out 2>err &
		wait_for test -s pid
		kill -$signal $!
		wait $! 2>/dev/null
		wait_for gone "$(cat pid)"
		ok $? "SIG$signal to volley kills: $how"
	done
done

rm -f pid
run volley -n0 --deadline 0.5 "$(hides setsid)" ::: 1
wait_for gone "$(cat pid)"
is "$?:$status" 0:124 "a deadline kills: setsid"
rm -f pid
run volley -j2 --halt now,fail=1 \
	'case {} in a) '"$(hides setsid)"';; *) while ! test -s pid; do ./child nap 10; done; exit 3;; esac' ::: a b
wait_for gone "$(cat pid)"
is "$?:$status" 0:3 "a halt kills: setsid"

rm -f pid
run volley -n0 'setsid ./child pidfile=pid hang >/dev/null 2>&1 & while ! test -s pid; do ./child nap 10; done' ::: 1
gone "$(cat pid)"
is "$?:$status" 1:0 "a daemon of a job that ended lives on"
mv pid daemon
"$VOLLEY" -n0 "$(hides setsid)" ::: 1 >out 2>err &
wait_for test -s pid
kill -KILL $!
wait $! 2>/dev/null
wait_for gone "$(cat pid)"
ok $? "when a later run is killed its jobs die"
gone "$(cat daemon)"
is $? 1 "and that daemon does not"
kill -9 "$(cat daemon)"

done_testing
