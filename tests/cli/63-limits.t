#!/bin/sh
# SPDX-License-Identifier: ISC
# What delays starts: -j FILE, load, memory, too few processes or descriptors.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child

echo 2 >slots
run volley -j slots 'echo {%}' ::: 1 2 3 4
is "$status:$(sort -u out | tr '\n' ' ' | tr -d ' 12')" 0: "-j FILE takes the number from there"
run volley -j 8x true ::: 1
like "$status:$(cat err)" "125:volley: -j 8x: how many jobs" "-j: the message names what it refuses"
echo many >bad
run volley -j bad true ::: 1
is "$status" 125 "-j FILE: invalid text is refused"
echo 1 >slots
mkfifo go.1 go.2 go.3 go.4 go.5
"$VOLLEY" -j slots './child touch=up.{} wait=go.{}' ::: 1 2 3 4 5 >out 2>err &
wait_for test -e up.1
echo 3 >slots
wait_for eval '[ -e up.2 ] && [ -e up.3 ]'
ok $? "the file is read again while volley runs"
echo many >slots
wait_for grep -q "slots': .*continuing with 3 jobs" err
ok $? "-j FILE: invalid text during the run is reported and ignored"
printf '4\tfor the night\r\n' >slots
wait_for test -e up.4
ok $? "-j FILE: only the first word is used"
echo more >slots
wait_for grep -q "slots': .*continuing with 4 jobs" err
ok $? "-j FILE: another error is reported again"
echo 5 >slots
wait_for test -e up.5
ok $? "-j FILE: the file is read until the end of the run"
for i in 1 2 3 4 5; do ./child post=go.$i; done
wait
run volley --nice 5 -n0 nice ::: 1
is "$(cat out)" "$(($(nice) + 5 > 19 ? 19 : $(nice) + 5))" "--nice increases the niceness of jobs"
run nice -n 3 "$VOLLEY" --nice 4 -n0 nice ::: 1
is "$(cat out)" "$(($(nice) + 7 > 19 ? 19 : $(nice) + 7))" "--nice adds to volley's own niceness"
run nice -n 10 "$VOLLEY" --nice 12 -n0 nice ::: 1
is "$(cat out)" 19 "--nice goes up to 19"
run volley --nice 20 true ::: 1
is "$status" 125 "--nice does not go above 19"
run volley --memfree 1K echo ::: a
is "$status:$(cat out)" 0:a "--memfree with enough memory"
"$VOLLEY" --memfree 1000T echo ::: a >out 2>err &
wait_for grep -q 'nothing starts while only' err
ok $? "--memfree without enough memory reports why nothing starts"
kill -TERM $!
wait $!
is "$?:$(cat out)" 143: "a signal ends a wait for memory"
run timeout 60 "$VOLLEY" --memfree 1000T --load 1% --delay 1h echo </dev/null
is "$status:$(cat out err)" 0: "--memfree does not wait if there are no events"
run timeout 60 "$VOLLEY" --delay 1h echo ::: a
is "$status:$(cat out)" 0:a "--delay does not delay the end"
run volley --memfree much true ::: 1
is "$status" 125 "--memfree is a size"
run volley --load 100000 echo ::: a
is "$status:$(cat out)" 0:a "--load above the load"
run volley --load no true ::: 1
is "$status" 125 "--load is a number"

# few SHELL-LIMIT ARG...: volley under that limit
few() {
	limit=$1
	shift
	(eval "$limit" && exec "$VOLLEY" "$@") >out 2>err
	status=$?
}
few 'ulimit -n 24' -j 20 './child nap 100; echo {}' ::: 1 2 3 4 5 6 7 8 9 10 11 12
is "$status:$(sort -n out | tr '\n' ' ')" '0:1 2 3 4 5 6 7 8 9 10 11 12 ' \
	"too few descriptors: fewer jobs at a time"
is "$(grep -c ' at a time' err)" 1 "too few descriptors cause one warning"

for files in 8 10 13; do
	few "ulimit -n $files" -j 1 'echo {} | cat' ::: 1 2 3
	is "$status:$(cat out):$(grep -c "the limit on open files is $files (ulimit -n), and one job needs [12]" err)" \
		126::1 "$files descriptors: too few for one job, which is an error at the start"
done
needs=$(sed -n 's/.*one job needs //p' err)
few "ulimit -n $needs" -j 1 'echo {} | cat' ::: 1 2 3
is "$status:$(tr '\n' ' ' <out)" "0:1 2 3 " "as many as that message asks for are enough"
few 'ulimit -n 12' --worker cat </dev/null
is "$status:$(grep -c 'one job needs' err)" 126:1 "and for a worker"

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && dash -c 'ulimit -p 10' 2>/dev/null &&
	[ -z "$VOLLEY_WRAP" ]; then
	cp "$VOLLEY" volley.other && chmod 755 . volley.other child
	(ASAN_OPTIONS=detect_leaks=0 exec setpriv --reuid 64321 --regid 64321 --clear-groups \
		dash -c 'ulimit -p 6; exec ./volley.other -j 20 ./child nap 100 line={} \
			::: 1 2 3 4 5 6 7 8 9 10 11 12') >out 2>err
	is "$?:$(sort -n out | tr '\n' ' ')" '0:1 2 3 4 5 6 7 8 9 10 11 12 ' \
		"too few processes: fewer jobs at a time"
	is "$(grep -c ' at a time' err)" 1 "too few processes cause one warning"
else
	skip "too few processes: fewer jobs at a time" "root and setpriv are needed"
fi

done_testing
