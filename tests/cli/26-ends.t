#!/bin/sh
# SPDX-License-Identifier: ISC
# Runs that end early: their exit status, and that no job is started afterwards.  All
# combinations, with a simulated engine: tests/unit/sched_end.c.
# shellcheck disable=SC2154  # pid is set by launch
# How a run ends early: that it does, with which status, and that nothing starts
# afterwards.  All combinations, with a simulated engine: tests/unit/sched_end.c.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/launch.sh"
ln -s "$TOP_BUILDDIR/tests/helpers/child" child
mkfifo ready go out.fifo

# ends STATUS NAME: what was launched ends, with this status, and leaves nothing
ends() {
	finish
	is "$status" "$1" "$2"
	nothing_left "no process is left"
}

# --- an error after the reason to end

launch --halt now,fail=1 'echo x; exit 1;:' ::: a >/dev/full 2>err
ends 126 "a halted run whose output cannot be written ends"
launch -j2 -k --deadline 0.2 './child line=x touch=up.{} hang' ::: a b >/dev/full 2>err
ends 126 "a run past its deadline whose output cannot be written ends"
launch --halt now,fail=1 --results /dev/full/x 'exit 1;:' ::: a 2>err
ends 126 "results that cannot be opened end the run before the first job"
ln -s /dev/full full.json
launch -j1 --halt now,fail=1 --results full.json 'exit 1;:' ::: a b >out 2>err
ends 126 "a halted run whose results cannot be written ends"

# --- a reader that goes away, or reads nothing

exec 6<>out.fifo
launch -j1 --halt now,fail=1 './child out=2000000; exit 1;:' ::: a b >out.fifo 2>err 6>&-
head -c 1000 <&6 >/dev/null
exec 6>&-
ends 141 "a halted run whose reader exits dies of SIGPIPE"
is "$(cat err)" "" "quietly"
exec 6<>out.fifo
launch -j1 --deadline 0.3 './child out=8000000 touch=up.r{}' ::: a b >out.fifo 2>err 6>&-
ends 124 "a run past its deadline does not wait for a reader that reads nothing"
exec 6>&-
exec 6<>out.fifo
launch -j1 --halt soon,fail=1 './child out=3000000 exit=1' ::: a b >out.fifo 2>err 6>&-
exec 7<out.fifo 6>&-
wc -c <&7 >size
exec 7<&-
ends 1 "a halted run waits for its reader"
is "$(cat size)" 3000000 "the reader of a halted run gets everything"

# --- half a batch starts no more

exec 6<>ready
launch -n2 -j2 --halt soon,fail=1 './child' 'line=started-{1}' wait=go exit=1 \
	<ready >out 2>err 6>&-
printf 'a\nb\nc\n' >&6
: >go
ends 1 "a run halted with half a batch collected ends"
is "$(cat out)" "started-a" "the half batch is not started"

launch -n2 -j2 './child touch=drain.{1} wait=go' <ready >out 2>err 6>&-
printf 'a\nb\nc\n' >&6
wait_for there drain.a
kill -USR2 "$pid"
wait_for grep -q 'starting no more' err
: >go
ends 0 "a run drained with half a batch collected ends"
[ ! -e drain.c ]
ok $? "the half batch is not started"
like "$(cat err)" "1 done, 0 stopped, the rest not run" "the events of the half batch are reported"

# --- the status, when more fail than the halt counted

mkfifo go.1 go.2 go.3 go.4
launch -j4 --halt soon,fail=2 './child touch=h.{} wait=go.{} exit=3' ::: 1 2 3 4 >out 2>err
wait_for there h.1 h.2 h.3 h.4
for i in 1 2 3 4; do : >go.$i; done
ends 4 "the status after soon,fail=2 is the total number of failed jobs"
like "$(cat err)" "4 of 4 jobs failed" "the summary has the same number of failed jobs"

# --- a preview is whole, whatever the run would wait for

run volley --dry-run --halt now,done=1 echo ::: a b c
is "$status-$(cat out)" "0-echo a
echo b
echo c" "--dry-run shows all jobs in spite of --halt"
run volley --dry-run --memfree 900T --load 1 echo ::: a
is "$status-$(cat out)" "0-echo a" "--dry-run does not wait for memory or load"

done_testing
