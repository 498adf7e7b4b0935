#!/bin/sh
# SPDX-License-Identifier: ISC
# System calls that fail: the result is complete, or there is a message and a failure
# status; volley never hangs.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child
ASAN_OPTIONS=detect_leaks=0 # not under ptrace
export ASAN_OPTIONS
printf '1\n2\n3\n4\n' >events
seq 20000 >many
mkfifo fifo

# under CALL ERRNO WHICH ARG...: volley ARG... whose calls fail so, by strace's "when"
# syntax.  The minute is for one that hangs.
under() {
	inject=$1:error=$2:when=$3
	set -- "$1" "$@"
	call=$1
	shift 4
	timeout -k 1 60 strace -qq -o /dev/null -e trace="$call" --inject="$inject" \
		"$VOLLEY" "$@" >out 2>err
	status=$?
}

# fault CALL ERRNO WHICH [KIND]...: jobs that end at once (short), that live long enough
# to be watched (long), or workers' (worker).  All three, if there is no KIND.
fault() {
	fault="$1 $2 $3"
	shift 3
	[ $# -gt 0 ] || set -- short long worker
	for kind; do
		case $kind in
		short) set -- ./child line={} ;;
		long) set -- ./child nap 10 line={} nap 10 ;;
		worker) set -- --worker cat ;;
		esac
		rm -f log
		# shellcheck disable=SC2086  # three words
		under $fault -k -j2 -a events --joblog log --joblog-sync=job "$@"
		judge "$kind, $fault"
	done
}

# killed CALL ERRNO WHICH: a job that takes too long is killed, with a process that has
# left its group; or a message says that there may be some.
killed() {
	fault="$1 $2 $3"
	for kind in job worker; do
		set --
		[ $kind = job ] || set -- --worker
		rm -f pid
		# shellcheck disable=SC2086  # three words
		under $fault --timeout 0.5 "$@" sh -c './child setsid-hold=pid hang' ::: 1
		case $status in
		1 | 126) [ -s err ] ;;
		*) false ;;
		esac
		ok $? "$kind killed, $fault: status $status, with a message"
		grep -q 'outside their process groups' err ||
			[ ! -s pid ] || wait_for gone "$(cat pid)"
		ok $? "$kind killed, $fault: no process is left, or one is reported"
		[ ! -s pid ] || gone "$(cat pid)" || kill -KILL "$(cat pid)"
	done
}

# judge NAME: all output is there, or an error is reported.
judge() {
	case $status in
	0) is "$(tr '\n' ' ' <out)" '1 2 3 4 ' "$1: all is there" ;;
	[1-4] | 126 | 127 | 141)
		[ "$status" -eq 141 ] || [ -s err ]
		ok $? "$1: status $status, with a message"
		;;
	*) is "$status" "0 or a failure with a message" "$1" ;;
	esac
}

# whole CALL ERRNO WHICH: the result is whole all the same, of jobs that live long
# enough to be watched, of workers, and with a second input.
whole() {
	strace -qq -o /dev/null -e trace="$1" --inject="$1:error=$2:when=$3" \
		"$VOLLEY" -k -j2 -a events -a fifo ./child nap 20 line={} nap 20 >out 2>err &
	(./child nap 50 line=a nap 50 line=b) >fifo
	wait $!
	is "$?-$(tr '\n' ' ' <out)$(cat err)" '0-1 a 1 b 2 a 2 b 3 a 3 b 4 a 4 b ' \
		"$1 $2 $3: the output of jobs is complete"
	run strace -qq -o /dev/null -e trace="$1" --inject="$1:error=$2:when=$3" \
		"$VOLLEY" -k -j2 --worker cat <many
	cmp -s out many
	is "$?-$status-$(cat err)" 0-0- "$1 $2 $3: replies are complete"
}

if ! strace -qq -o /dev/null -e trace=none true 2>/dev/null; then
	skip "system calls that fail" "strace is not installed or not permitted to trace"
	done_testing
fi
for call in vfork clone3 pipe2; do
	fault $call EAGAIN 2
	fault $call EAGAIN 3+5
	fault $call EMFILE 1
	fault $call EMFILE 3+5
done
fault clone3 ENOSYS 1+
fault fdatasync EIO 1
fault fdatasync ENOSPC 3
for when in 1 2 3 4 5 6; do
	fault write EIO $when
	fault write EAGAIN $when
done
fault write ENOSPC 3
fault write EINTR 2+2
fault read EINTR 20+3
fault read EINTR 21+3
# Which one reads from a job depends on the build.
for when in 6 7 8 9 10 11 12 13 14 16 24 32; do
	fault read EIO $when
done
fault epoll_wait EINTR 2+2
fault fcntl EINVAL 5+3
fault openat EMFILE 10+
for when in 1 2 3 4 5 3+ 4+ 2+2; do
	whole epoll_ctl ENOSPC $when
done
for when in 1 2 3 4 3+; do
	fault epoll_ctl EPERM $when
done
fault openat EMFILE 30
for call in wait4 waitid; do
	fault $call EINTR 1+2
	fault $call EINTR 2+2
done
for when in 2 3 4 5 6; do
	whole waitid ECHILD $when
done

for error in EPERM EMFILE ENOSYS; do
	killed pidfd_open $error 1+
done
killed pidfd_send_signal EPERM 1+
killed getdents64 EIO 1+
killed getdents64 EINTR 1
killed openat EMFILE 20+
killed openat EACCES 20+
killed read EIO 30+3
for call in wait4 waitid; do
	killed $call EINTR 1+2
done
for when in 2 3 4 5 3+; do
	killed epoll_ctl ENOSPC $when
done

# A call that fails for ever ends the run, and its jobs.
for call in epoll_wait waitid; do
	rm -f pid
	under $call EINVAL 3+ -j2 ./child {1} {2} ::: pidfile=pid line=a :::+ hang line=b
	is "$status:$(cat err)" "126:volley: cannot wait for $([ $call = waitid ] &&
		echo 'the ends of jobs' || echo events): Invalid argument" "$call fails for ever"
	wait_for gone "$(cat pid)"
	ok $? "$call fails for ever: running jobs are killed"
done

# The log is forced to the disk when it is closed, at the latest.
under fdatasync EIO 1 --joblog log true ::: 1
like "$status:$(cat err)" "126:*cannot write the job log 'log' to the disk: Input/output error" \
	"the last sync of the log"

done_testing
