#!/bin/sh
# SPDX-License-Identifier: ISC
# The output of jobs and when it is printed; output that cannot be written.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck disable=SC2154  # status
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child

# Memory is measured without what the sanitizers keep of what was freed.
ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1
peak='sed -n "s/VmHWM:[[:blank:]]*\([0-9]*\) kB/\1/p" /proc/$VOLLEY_PID/status'

# gives WANT NAME: that was the output, and all went well.
gives() {
	is "$status:$(cat out)$(cat err)" "0:$1" "$2"
}

# --- the order of jobs

mkfifo f1 f2 f3 read-by-us
volley -j3 ./child wait=f{} line={} ::: 1 2 3 >read-by-us 2>err &
exec 4<read-by-us
order=
for job in 3 1 2; do
	: >f$job
	read -r line <&4
	order=$order$line
done
wait $!
is "$?:$order" 0:312 "output is printed when the job ends, in that order"
exec 4<&-

volley -k -j3 ./child wait=f{} line={} ::: 1 2 3 >out 2>err &
for job in 3 2 1; do
	: >f$job
done
wait $!
is "$?:$(tr -d '\n' <out)" 0:123 "-k: in the order of the events"
volley --keep-order -j2 ./child line=early{} wait=f{} line=late{} ::: 1 2 >read-by-us 2>err &
exec 4<read-by-us
read -r line <&4
: >f2
: >f1
is "$line $(cat <&4 | tr '\n' ' ')" "early1 late1 early2 late2 " "-k: the job whose turn it is streams"
wait $!
exec 4<&-
volley -j2 sh -c './child text=half{} wait=f{} line=full' ::: 1 2 >out 2>err &
: >f2
: >f1
wait $!
is "$(sort out | tr '\n' ' ')" "half1full half2full " "no job's output is divided by another's"
run volley -j4 'yes {} | head -n 20000' ::: 1 2 3 4 5 6 7 8
is "$(uniq -c out | sed 's/^ *//' | sort | tr '\n' ' ')" \
	"20000 1 20000 2 20000 3 20000 4 20000 5 20000 6 20000 7 20000 8 " "large output is not divided either"

# --- stdout and stderr

run volley -k sh -c 'echo e1 >&2; echo o1; echo e2 >&2; echo o2' -n0 ::: a
is "$status:$(cat out):$(cat err)" "0:o1
o2:e1
e2" "the streams stay apart"
volley -j1 'echo e{} >&2; echo o{}; echo E{} >&2; echo O{}' ::: 1 2 >out 2>&1
is "$(tr '\n' ' ' <out)" "o1 O1 e1 E1 o2 O2 e2 E2 " "a job's stdout is printed before its stderr, each as one block"
volley -k -j2 'echo e{} >&2; echo o{}' ::: 1 2 >out 2>&1
is "$(tr '\n' ' ' <out)" "o1 e1 o2 e2 " "-k: stdout of a job is printed before its stderr"
run volley -k printf %s ::: a b ''
gives ab "no newline is added"
run volley -k printf 'a\0b\377\n' -n0 ::: x
is "$(od -An -tx1 out)" " 61 00 62 ff 0a" "all bytes are passed on"

# --- much output

mkdir spill
sum=$({
	./child out=52428800
	./child out=52428800
} | cksum)
is "$(volley -j2 -n0 --tmpdir spill sh -c './child out=52428800; ls -l /proc/$VOLLEY_PID/fd >fds; '"$peak"' >>peaks' ::: a b 2>err | cksum)" \
	"$sum" "50 MB per job arrive complete"
is "$(ls -A spill)" "" "no file is left in --tmpdir"
is "$(volley -k -j2 -n0 --tmpdir spill ./child out=52428800 ::: a b | cksum)" "$sum" \
	"-k: 50 MB per job arrive complete"
is "$(volley -k -j2 -n0 ./child out=52428800 ::: a b | ./child nap 300 copy | cksum)" "$sum" \
	"-k: 50 MB arrive complete at a late reader"
for mode in '' -k; do
	# shellcheck disable=SC2086  # no word when it is empty
	volley $mode -j2 -n0 ./child out=52428800 ::: a b >much
	is "$(cksum <much)" "$sum" "50 MB arrive complete in a file ${mode:-in completion order}"
	# shellcheck disable=SC2086
	{
		volley $mode -j2 -n0 ./child out=52428800 ::: a b
		echo end
	} >>much
	is "$({ head -c 104857600 | cksum; head -c 104857600 | cksum; cat; } <much)" "$sum
$sum
end" "50 MB are appended to a file ${mode:-in completion order}"
done
rm much
is "$(volley -k -j2 -n0 './child line=$VOLLEY_SEQ out=5000000 nap 50 line=end' ::: a b | cksum)" \
	"$({
		./child line=1 out=5000000 line=end
		./child line=2 out=5000000 line=end
	} | cksum)" "large output between short lines arrives complete"
is "$(volley --line-buffer -j2 -n0 './child out=52428800' ::: a b | sort | cksum)" \
	"$({
		./child out=52428800
		./child out=52428800
	} | sort | cksum)" "--line-buffer: 50 MB arrive as complete lines"
like "$(cat fds)" "$PWD/spill/*(deleted)" "an unnamed temporary file was in use during the run"
if [ -n "$VOLLEY_WRAP" ]; then
	skip "memory is bounded" "no measurement under $VOLLEY_WRAP"
else
	[ "$(sort -n peaks | tail -n 1)" -lt 80000 ]
	ok $? "memory is bounded (kB: $(tr '\n' ' ' <peaks))"
fi
TMPDIR=$PWD/spill volley -j2 -n0 './child out=5000000; ls -l /proc/$VOLLEY_PID/fd >fds' ::: a >/dev/null
like "$(cat fds)" "$PWD/spill/*(deleted)" "\$TMPDIR is used without --tmpdir"
TMPDIR='' volley -j2 -n0 './child out=5000000; ls -l /proc/$VOLLEY_PID/fd >fds' ::: a >/dev/null
like "$(cat fds)" "-> /tmp/*(deleted)" "an empty \$TMPDIR is ignored"

# With -k and a first job that does not end, some may wait and no more are
# started: then it is the only one that runs.
# shellcheck disable=SC2317  # wait_for calls it
only_one_runs() {
	for _ in 1 2 3 4 5; do
		[ "$(running_jobs)" -eq 1 ] || return 1
		./child nap 5
	done
}

# The children of volley but its guardian.
# shellcheck disable=SC2013  # these are words
running_jobs() {
	for one in $(cat "/proc/$pid/task/$pid/children"); do
		cat "/proc/$one/comm"
	done | grep -vc '^volley-guard$'
}
mkfifo first
mkdir started
if [ -n "$VOLLEY_WRAP" ]; then
	skip "-k with a slow first job: few wait" "no measurement under $VOLLEY_WRAP"
	skip "-k with a slow first job: memory is bounded" "no measurement under $VOLLEY_WRAP"
else
	{
		echo wait=first
		yes out=1000 | head -n 100000
	} | "$VOLLEY" -k -j2 ./child '{}' 'touch=started/{#}' >out 2>err &
	pid=$!
	wait_for test -e started/1000
	wait_for only_one_runs
	waiting=$(find started -type f | wc -l)
	memory=$(sed -n 's/VmHWM:[[:blank:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
	: >first
	wait_for test -e started/1500
	kill "$pid"
	wait "$pid" 2>/dev/null
	[ "$waiting" -gt 1000 ] && [ "$waiting" -le 1100 ]
	ok $? "-k with a slow first job: few jobs wait ($waiting)"
	[ "$memory" -lt 40000 ]
	ok $? "-k with a slow first job: memory is bounded ($memory kB)"
fi

# Less than what goes to the file at once, but together more than the limit.
mkdir waiting
if [ -n "$VOLLEY_WRAP" ]; then
	skip "what waits is in memory up to a limit" "no measurement under $VOLLEY_WRAP"
else
	{
		echo wait=first
		yes out=900000 | head -n 100
	} | "$VOLLEY" -k -j2 --tmpdir spill ./child '{}' 'touch=waiting/{#}' >/dev/null 2>err &
	pid=$!
	wait_for test -e waiting/101
	wait_for only_one_runs
	memory=$(sed -n 's/VmHWM:[[:blank:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
	: >first
	wait "$pid"
	[ "$?:$(ls -A spill)" = 0: ] && [ "$memory" -lt 70000 ]
	ok $? "waiting output is kept in memory up to a limit ($memory kB)"
fi

# --- a job that is killed while its output is not read

for mode in '' -k --tag; do
	# shellcheck disable=SC2086  # no word when it is empty
	{
		volley $mode -n0 --timeout 0.3 ./child pidfile=killed out=1500000 hang ::: a 2>err
		echo $? >status
	} | {
		wait_for test -s killed
		wait_for gone "$(cat killed)"
		wc -c
	} >out
	rm killed
	if [ "$mode" = --tag ]; then
		want=$((1500000 + 2 * (1500000 / 64 + 1) + 1)) # and the end of the last line
	else
		want=1500000
	fi
	is "$(cat status out)" "1
$want" "all its output is printed ${mode:+($mode)}"
	unlike "$(cat err)" "left a process that" "no message says that it left a process ${mode:+($mode)}"
done

# --- what cannot be written

# broken STATUS MESSAGE NAME: it ended so and says just that, before the summary.
broken() {
	is "$1:$(sed '/: ended early: /,$d' err)" "126:volley: $2" "$3"
}
seq 10000 >many
volley -j2 echo >/dev/full 2>err <many
broken $? "cannot write to stdout: No space left on device" "a full disk under stdout ends the run"
grep -q 'ended early: [0-9]* done, [0-9]* stopped, .* not run' err
ok $? "the message says that the run ended early"
volley echo ::: a >/dev/full 2>err
broken $? "cannot write to stdout: No space left on device" "a full disk under stdout ends a run with one job"
volley --dry-run echo ::: a >/dev/full 2>err
broken $? "cannot write to stdout: No space left on device" "a full disk under stdout ends --dry-run"
volley --help >/dev/full 2>err
broken $? "cannot write to stdout: No space left on device" "a full disk under stdout ends --help"
volley -n0 sh -c 'echo a >&2; echo b' ::: a >out 2>/dev/full
is "$?:$(cat out)" 126:b "a full disk under stderr ends the run"

(
	ulimit -f 100
	volley -n0 ./child out=300000 ::: a >out 2>err
)
broken $? "cannot write to stdout: File too large" "a limit on the size of files ends the run"

run volley -j2 -n0 --tmpdir no-such ./child out=52428800 ::: a b
broken "$status" "cannot create a temporary file in 'no-such': No such file or directory" "a missing --tmpdir is reported"
if unshare -m true 2>/dev/null; then
	mkdir full
	run unshare -m sh -c 'mount -t tmpfs -o size=4m none full || exit 99
		"$VOLLEY" -j2 -n0 --tmpdir full ./child out=52428800 ::: a b c; status=$?
		ls -A full; exit $status'
	broken "$status" "cannot write to a temporary file in 'full' (--tmpdir names another directory): No space left on device" \
		"a full --tmpdir ends the run"
	[ ! -s out ]
	ok $? "no file is left in the full --tmpdir"
else
	skip "a full --tmpdir ends the run" "no permission to mount one"
	skip "no file is left in the full --tmpdir" "no permission to mount one"
fi
volley echo ::: a >&- 2>err
broken $? "cannot write to stdout: Bad file descriptor" "a closed stdout is an error"
volley true ::: a >&- 2>err
is "$?:$(cat err)" 0: "a closed stdout is no error if nothing is written"
volley sh -c 'echo o{}; echo e{} >&2' ::: a >out 2>&-
is "$?:$(cat out)" 0:oa "a closed stderr is not an error"
volley -k echo ::: a b >out 2>&-
is "$?:$(tr '\n' ' ' <out)" "0:a b " "a closed stderr is no error if nothing is written"
volley -k echo ::: a b >out 2>err <&-
is "$?:$(tr '\n' ' ' <out)$(cat err)" "0:a b " "a closed stdin is no error if it is not read"
volley echo >out 2>err <&-
is "$?:$(cat out):$(cat err)" "126::volley: cannot read standard input: Bad file descriptor" "a closed stdin is an error if it is read"
volley -n0 ./child fds ::: a >out 2>err <&-
like "$(cat out) " "0 1 2 *" "a job has descriptors 0 to 2 even if volley's are closed"

# --- a process left in the background

run volley -j2 -k --drain 0.05 './child fork-hold=pid{}; echo {}' ::: 1 2
is "$status:$(cat out):$(grep -c 'left a process that kept its output open' err)" "0:1
2:1" "output that is held open is closed after --drain, with one warning"
! gone "$(cat pid1)" && ! gone "$(cat pid2)"
ok $? "the process in the background continues"
kill "$(cat pid1)" "$(cat pid2)"
rm pid1
volley -j1 --drain 1h 'case {} in
	1) ./child fork-hold=pid1; echo 1 ;;
	2) kill $(cat pid1); echo 2 ;;
	esac' ::: 1 2 >out 2>err
is "$?:$(sort out | tr '\n' ' ')$(cat err)" "0:1 2 " "the slot is free meanwhile, and the process may end by itself"
run volley --drain 1h './child fork-hold=pid1 >/dev/null 2>&1; echo {}' ::: 1
is "$status:$(cat out err)" 0:1 "a background process that does not hold the output is not waited for"
kill "$(cat pid1)"
wait_for gone "$(cat pid1)" && wait_for gone "$(cat pid2)"
mkfifo go
volley -j1 --drain 1h './child line=now pidfile=pid1 wait=go line=late & echo {}' ::: 1 >out 2>err &
wait_for test -s pid1
: >go
wait $!
is "$?:$(sort out | tr '\n' ' ')$(cat err)" "0:1 late now " "output written before --drain expires belongs to the job"

done_testing
