#!/bin/sh
# SPDX-License-Identifier: ISC
# Signals that control a run, and exported functions of bash as commands.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child
mkfifo go

"$VOLLEY" -j1 './child touch=up.{} wait=go' ::: 1 2 3 >out 2>err &
pid=$!
wait_for test -e up.1
# Until volley has seen the start of its job, that "waits for its turn".
asked() {
	kill -USR1 "$pid"
	grep -q 'running for' err
}
wait_for asked
like "$(cat err)" 'volley: 1 running, 0 done, 0 failed' "USR1 prints the state of the run"
like "$(cat err)" "./child touch=up.1 wait=go" "USR1 prints the running jobs"
grep -Eq 'running for [0-9]+\.[0-9]s: job 1, pid [0-9]+: ' err
ok $? "USR1 prints the run time and the process of a job"
kill -USR2 $pid
wait_for grep -q 'starting no more' err
ok $? "USR2 is acknowledged by a message"
kill -USR2 $pid
./child post=go
wait $pid
is "$?:$(echo up.*)" '0:up.1' "after USR2 the run ends when the running jobs have ended"
is "$(grep -c 'starting no more' err)" 1 "a second USR2 prints no second message"
like "$(cat err)" '1 done, 0 stopped, 2 not run' "after USR2 the summary counts jobs not run"

if command -v bash >/dev/null; then
	cat >with.bash <<-'END'
		greet() { local a=("$@"); echo "hello ${a[*]}"; }
		export -f greet
		"$VOLLEY" greet ::: 'a  b'
		"$VOLLEY" 'greet {} | tr h H' ::: c
	END
	run bash with.bash
	is "$status:$(tr '\n' '|' <out)" '0:hello a  b|Hello c|' "an exported bash function is a command"
else
	skip "an exported bash function is a command" "bash is not installed"
fi

done_testing
