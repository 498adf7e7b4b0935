#!/bin/sh
# SPDX-License-Identifier: ISC
# volley as a client of make's jobserver: under GNU make, and with a FIFO that the test
# fills and counts.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child
export VOLLEY

# A job that notes how many of its kind run at this moment: when there were $FULL of
# them for once, and perhaps more a moment later.
cat >job <<'END'
#!/bin/sh
mkdir "run/$$"
tries=0
until [ -e full ] || [ "$tries" -eq 500 ]; do
	[ "$(ls run | wc -l)" -lt "${FULL:-1}" ] || : >full
	./child nap 20
	tries=$((tries + 1))
done
./child nap 20
ls run | wc -l >>counts
rmdir "run/$$"
exit "${STATUS:-0}"
END
chmod +x job

# most: the largest number of jobs at a time; forgets it.
most() {
	sort -n counts | tail -n 1
	rm -rf counts run full
	mkdir run
}
mkdir run

# --- a FIFO of our own

# fill N: a jobserver with N tokens.
fill() {
	rm -f fifo
	mkfifo fifo
	exec 9<>fifo
	printf '%.*s' "$1" 'abcdefgh' >&9
	MAKEFLAGS=" -j$(($1 + 1)) --jobserver-auth=fifo:$PWD/fifo"
	export MAKEFLAGS
}
# tokens: which are there, in order; none is after that.
tokens() {
	printf '\n' >&9
	read -r left <&9
	printf '%s\n' "$left" | fold -w1 | sort | tr -d '\n'
}

fill 2
FULL=3 run "$VOLLEY" -n0 ./job ::: 1 2 3 4 5 6 7 8
is "$status:$(most):$(tokens)" 0:3:ab "FIFO: one job more than tokens, and all tokens are returned"
fill 2
FULL=2 run "$VOLLEY" -j2 -n0 ./job ::: 1 2 3 4 5
is "$status:$(most):$(tokens)" 0:2:ab "FIFO: -j is an additional limit"
fill 0
run "$VOLLEY" -n0 ./job ::: 1 2 3
is "$status:$(most):$(tokens)" 0:1: "FIFO: without tokens one job at a time"
fill 3
FULL=4 STATUS=1 run "$VOLLEY" -n0 ./job ::: 1 2 3 4 5
is "$status:$(most):$(tokens)" 5:4:abc "FIFO: tokens are returned after failures"
fill 3
run "$VOLLEY" --halt now,fail=1 'case {} in 4) ./child nap 60; exit 1;; *) exec ./child hang;; esac' ::: 1 2 3 4
is "$status:$(tokens)" 1:abc "FIFO: tokens are returned after a halt"
fill 2
run "$VOLLEY" --joblog log -n0 true ::: 1 2 3 4 5 6
run "$VOLLEY" --joblog log --resume -n0 true ::: 1 2 3 4 5 6
is "$status:$(wc -l <log):$(tokens)" 0:7:ab "FIFO: a skipped job keeps no token"
rm log
for signal in INT TERM HUP; do
	fill 3
	rm -f up.*
	env --default-signal=INT "$VOLLEY" './child touch=up.{} hang' ::: 1 2 3 4 5 >out 2>err &
	wait_for eval '[ "$(ls up.* | wc -l)" -eq 4 ]'
	kill -$signal $!
	wait $! 2>/dev/null
	is "$(tokens)" abc "FIFO: tokens are returned after SIG$signal"
done
fill 2
run "$VOLLEY" -n0 '"$VOLLEY" -n0 ./job ::: a b c d' ::: 1 2 3
most >max
is "$(($(cat max) <= 3)):$(tokens)" 1:ab "FIFO: volley under volley shares the tokens"
MAKEFLAGS=" -j4 --jobserver-auth=fifo:/no/such" run "$VOLLEY" -n0 ./job ::: 1 2 3
is "$status:$(most)" 0:1 "a missing FIFO: one job at a time"
like "$(cat err)" 'its FIFO cannot be opened' "a missing FIFO is reported"

fill 0
MAKEFLAGS="n$MAKEFLAGS" run "$VOLLEY" -k echo ::: 1 2
is "$status:$(cat out):$(tokens)" "0:echo 1
echo 2:" "a dry run takes no tokens"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && [ -z "$VOLLEY_WRAP" ]; then
	cp "$VOLLEY" volley.other
	chmod 755 . volley.other
	chmod 600 fifo
	MAKEFLAGS=" -j3 --jobserver-auth=9,9" ASAN_OPTIONS=detect_leaks=0 run \
		setpriv --reuid 64321 --regid 64321 --clear-groups ./volley.other -k echo ::: 1 2
	is "$status:$(cat out):$(cat err)" "0:1
2:volley: make's jobserver is not available here: its pipe cannot be opened again through /proc; running one job at a time" \
		"a pipe that cannot be opened again: one job at a time"
else
	skip "a pipe that cannot be opened again: one job at a time" "root and setpriv are needed"
fi

# --- GNU make

unset MAKEFLAGS
exec 9>&-

if ! make --version 2>/dev/null | grep -q 'GNU Make'; then
	skip "under GNU make" "GNU make is not installed"
	done_testing
fi
cat >Makefile <<'END'
with:
	+$(VOLLEY) -n0 ./job ::: 1 2 3 4 5 6
without:
	$(VOLLEY) -n0 ./job ::: 1 2 3
explicit:
	$(VOLLEY) -j2 -n0 ./job ::: 1 2 3
two: one other
one other:
	+$(VOLLEY) -n0 ./job ::: 1 2 3 4 5 6
fails:
	+STATUS=1 $(VOLLEY) -n0 ./job ::: 1 2 3
nested:
	+$(VOLLEY) -n0 '$$VOLLEY -n0 ./job ::: 1 2 3; make -s one' ::: 1 2
END
FULL=3 run make -s -j3 with
is "$status:$(most)" 0:3 "make -j3: three jobs at a time"
[ ! -s err ] || cat err
ok $? "make -j3: there is no warning"
run make -s -j3 two
is "$status:$(($(most) <= 3))" 0:1 "make -j3: two volleys together run three jobs at a time"
[ ! -s err ] || cat err
ok $? "make -j3: no token is lost"
run make -s -j4 nested
is "$status:$(($(most) <= 4))" 0:1 "make -j4: make and volley under volley share its tokens"
unlike "$(cat err)" 'tokens available' "make -j4: no token is lost"
FULL=3 run make -s -j3 fails
is "$status:$(most)" 2:3 "make -j3: failures reach make"
unlike "$(cat err)" 'tokens available' "make -j3: failures lose no token"
run make -s -j3 without
is "$status:$(most)" 0:1 "a recipe without +: one job at a time"
like "$(cat err)" 'put + before the command' "a recipe without +: the warning shows the solution"
FULL=2 run make -s -j3 explicit
is "$status:$(most)" 0:2 "a recipe without +: -j sets the number of jobs"
run make -n -j3 with
is "$status:$(tail -n 1 out)" '0:./job' "make -n: the commands are shown"
is "$(ls run)$(cat counts 2>/dev/null)" '' "make -n: no command is run"
MAKEFLAGS=n run "$VOLLEY" --joblog log --failed-to failed --results results echo ::: a
is "$status:$(cat out):$(ls -d log failed results 2>/dev/null)" "0:echo a:" "make -n: no file is written"
run make -s with
is "$status" 0 "a make without -j has no jobserver"

done_testing
