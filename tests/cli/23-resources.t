#!/bin/sh
# SPDX-License-Identifier: ISC
# Resources of jobs and of the run: descriptors, limits, signals, slots, memory.
# shellcheck disable=SC3045,SC1010,SC1083,SC2317  # ulimit -H; words and {} are text
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"
# shellcheck source=tests/launch.sh
. "$TOP_SRCDIR/tests/launch.sh"

child=$TOP_BUILDDIR/tests/helpers/child
mkfifo fifo
export child
seq 500 >lines

# (Whoever runs the tests may have left descriptors open above 9.)
fds=$("$child" fds)

# --- descriptors

run volley -j1 -n0 -a lines "$child" fds
is "$status-$(sort -u out)-$(wc -l <out)" "0-$fds-500" "a job at -j1 has descriptors 0, 1 and 2 only"

# The writer stays, so that all who wait go on, and others do not wait.
launch -j500 -a lines "$child" touch=up.{} wait=fifo fds >out 2>err
all_up() {
	[ "$(find . -name 'up.*' | wc -l)" -eq "$1" ]
}
wait_for all_up 500
exec 9<>fifo
finish
exec 9>&-
is "$status-$(sort -u out)-$(wc -l <out)" "0-$fds-500" "each of 500 jobs at a time has descriptors 0, 1 and 2 only"
is "$(cat err)" "" "500 jobs at a time cause no message"

exec 3<lines
run volley "$child" fds args ::: a
exec 3<&-
is "$(head -n 1 out)" "0 1 2 3${fds#0 1 2}" "jobs inherit other descriptors that volley inherited"

# --- limits

hard=$(ulimit -Hn)
if [ "$hard" = unlimited ] || [ "$hard" -ge 2000 ]; then
	run sh -c 'ulimit -Sn 100; ulimit -Sn; exec "$@"' sh \
		"$VOLLEY" -j500 'ulimit -Sn; :' ::: $(seq 500)
	is "$status-$(sort -u out)-$(wc -l <out)" 0-100-501 \
		"volley raises a soft limit on files, and jobs get the original one"
else
	skip "a soft limit on files" "the hard one is $hard"
fi
run sh -c 'ulimit -n 256; ulimit -Hn; exec "$@"' sh "$VOLLEY" -j500 'ulimit -Hn; :' ::: $(seq 500)
is "$status-$(sort -u out)-$(wc -l <out)" 0-256-501 "jobs run under a hard limit on files"
is "$(cat err)" "volley: 500 jobs at a time: 96 is what the limits on open files and processes allow \
(ulimit -Hn, -u)" "a hard limit on files is reported"
run sh -c 'ulimit -n 40; exec "$@"' sh "$VOLLEY" -j0 "$child" args ::: $(seq 20)
is "$status-$(wc -l <out)-$(cat err)" 0-20- "-j0 runs as many jobs as the limit allows, at least one"

# A limit on processes does not apply to root: the user nobody has it here.  That
# user may already have processes.
as_nobody="setpriv --reuid=65534 --clear-groups prlimit --nproc=20:20"
if $as_nobody "$child" 2>/dev/null >&2 && $as_nobody test -x "$VOLLEY"; then
	chmod 777 .
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
		$as_nobody env "$launch_mark" "$child" touch="nobody.$i" wait=fifo &
	done
	wait_for there nobody.13 nobody.1 nobody.7
	rm -f up.*
	run $as_nobody "$VOLLEY" -j10 "$child" nap=20 args ::: $(seq 30)
	is "$status-$(wc -l <out)" 0-30 "a job that cannot be started for lack of processes is started later"
	like "$(cat err)" "cannot start a process: Resource temporarily unavailable; running fewer jobs at a time" \
		"the lack of processes is reported"
	exec 9<>fifo
	wait
	exec 9>&-
else
	skip "a job for which there is no process left" "cannot run as another user"
fi

# --- signals

run env --default-signal --ignore-signal=USR1 --block-signal=USR2 \
	"$VOLLEY" -j1 "$child" sigs args ::: a
is "$status-$(cat out)" "0-blocked: USR2
ignored: USR1
[a]" "jobs have the blocked and ignored signals that volley inherited"
run env --ignore-signal=PIPE --ignore-signal=CHLD --ignore-signal=WINCH \
	"$VOLLEY" "$child" sigs exit=3 args ::: a
like "$status-$(cat out)" "1-blocked:?ignored:* PIPE WINCH" "jobs inherit an ignored SIGPIPE"
run env --block-signal=CHLD --block-signal=TERM "$VOLLEY" "$child" args ::: a b
is $status 0 "volley reaps its children even if SIGCHLD was blocked"

# --- children

# A process that a job leaves becomes a child of volley when its parent exits.
reaped() {
	for file in left.*; do
		[ ! -e "/proc/$(cat "$file")" ] || return
	done
}
mkfifo later events
launch -j2 <events >out 2>err &
exec 9>events
for i in 1 2 3 4; do
	echo "\"\$child\" wait=later </dev/null >/dev/null 2>&1 & echo \$! >left.$i"
done >&9
echo "echo done" >&9
wait_for grep -q done out
exec 8>later
wait_for reaped
ok $? "processes left by jobs do not remain zombies while volley runs"
exec 8>&- 9>&-
wait

# --- slots

# slots WANT NAME ARG...: volley ARG... runs exactly WANT jobs at a time
slots() {
	slots_want=$1
	slots_name=$2
	shift 2
	rm -f up.*
	launch "$@" "$child" touch=up.{#} wait=fifo line={%} ::: $(seq 20) >out 2>err
	wait_for all_up "$slots_want"
	exec 9<>fifo
	finish
	exec 9>&-
	is "$status-$(sort -n out | tail -n 1)-$(wc -l <out)" "0-$slots_want-20" "$slots_name"
}

slots 3 "-j3 is three at a time" -j3
slots 20 "-j0 is as many as there are" -j0
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
if command -v taskset >/dev/null; then
	on_one_cpu() {
		launch_by="taskset -c $cpu" slots "$@"
	}
	on_one_cpu 1 "the default is one job if one CPU may be used"
	on_one_cpu 3 "-j +2 is two more" -j +2
	on_one_cpu 1 "-j -5 is one at least" -j -5
	on_one_cpu 4 "-j 400% is four times as many" -j 400%
	on_one_cpu 1 "-j 20% is one at least" -j 20%
else
	skip "slots by CPUs" "no taskset"
fi
for bad in x -x 1.5 +5% '' 10%%; do
	run volley -j "$bad" "$child" ::: a
	like "$status-$(cat err)" "125-volley: -j ${bad:-''}: how many" "-j '$bad' is refused"
done

run volley -j4 --delay 0.2 --joblog log -n0 true ::: 1 2 3
sed 1d log | cut -f3 | sort -n |
	awk 'NR > 1 && $1 - last < 0.1 { bad = 1 } { last = $1 } END { exit bad || NR != 3 }'
ok $? "--delay separates starts"

# --- memory

# memory_of EVENTS ARG...: into $kb, what volley ARG... has used when it has run them
memory_of() {
	memory_events=$1
	shift
	exec 8<>events
	# (AddressSanitizer would keep what is freed.)
	launch_env="ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1" \
		launch "$@" <events 8>&- >out 2>err
	exec 9>events 8>&-
	seq "$memory_events" >&9
	wait_for has_lines "$memory_events"
	kb=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
	exec 9>&-
	finish
}
has_lines() {
	[ "$(wc -l <out)" -eq "$1" ]
}

memory_of 20000 --dry-run true {}
few=$kb
memory_of 300000 --dry-run true {}
[ "$kb" -lt $((few + 4000)) ]
ok $? "300000 events need no more memory than 20000 ($kb kB, $few kB)"
memory_of 200 -j2 "$child" args
few=$kb
memory_of 3000 -j2 "$child" args
[ "$kb" -lt $((few + 4000)) ]
ok $? "3000 jobs need no more memory than 200 ($kb kB, $few kB)"

done_testing
