#!/bin/sh
# SPDX-License-Identifier: ISC
# Signals that steer a run, and exported functions of bash as commands.
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
like "$(cat err)" 'volley: 1 running, 0 done, 0 failed' "USR1 says how the run stands"
like "$(cat err)" "./child touch=up.1 wait=go" "and what runs"
grep -Eq 'running for [0-9]+\.[0-9]s: job 1, pid [0-9]+: ' err
ok $? "for how long, and its process"
kill -USR2 $pid
wait_for grep -q 'starting no more' err
ok $? "USR2 says that it drains"
kill -USR2 $pid
./child post=go
wait $pid
is "$?:$(echo up.*)" '0:up.1' "and the run ends when what runs has ended"
is "$(grep -c 'starting no more' err)" 1 "once, also when it is asked again"
like "$(cat err)" '1 done, 0 stopped, 2 not run' "which is told"

if command -v bash >/dev/null; then
	cat >with.bash <<-'END'
		greet() { local a=("$@"); echo "hello ${a[*]}"; }
		export -f greet
		"$VOLLEY" greet ::: 'a  b'
		"$VOLLEY" 'greet {} | tr h H' ::: c
	END
	run bash with.bash
	is "$status:$(tr '\n' '|' <out)" '0:hello a  b|Hello c|' "a function of bash is a command"
else
	skip "a function of bash is a command" "there is no bash"
fi

done_testing
