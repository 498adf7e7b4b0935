#!/bin/sh
# SPDX-License-Identifier: ISC
# System calls that fail: each gives the whole result, or a message and a status
# that says so; never a hang.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child
ASAN_OPTIONS=detect_leaks=0 # not under ptrace
export ASAN_OPTIONS
printf '1\n2\n3\n4\n' >events
seq 20000 >many
mkfifo fifo

# fault CALL ERRNO WHICH: volley's calls fail so, by strace's "when" syntax.
fault() {
	rm -f log
	timeout -k 1 8 strace -qq -o /dev/null -e trace="$1" \
		--inject="$1:error=$2:when=$3" \
		"$VOLLEY" -k -j2 -a events --joblog log --joblog-sync=job ./child line={} \
		>out 2>err
	status=$?
	case $status in
	0) is "$(tr '\n' ' ' <out)" '1 2 3 4 ' "$1 $2 $3: all is there" ;;
	4 | 126 | 127 | 141)
		[ "$status" -eq 141 ] || [ -s err ]
		ok $? "$1 $2 $3: status $status, with a message"
		;;
	*) is "$status" "0 or a failure that is told" "$1 $2 $3" ;;
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
		"$1 $2 $3: jobs are whole"
	run strace -qq -o /dev/null -e trace="$1" --inject="$1:error=$2:when=$3" \
		"$VOLLEY" -k -j2 --worker cat <many
	cmp -s out many
	is "$?-$status-$(cat err)" 0-0- "$1 $2 $3: answers are whole"
}

if ! strace -qq -o /dev/null -e trace=none true 2>/dev/null; then
	skip "system calls that fail" "there is no strace, or it may not trace"
	done_testing
fi
for call in vfork pipe2; do
	for error in EAGAIN EMFILE; do
		fault $call $error 2
		fault $call $error 3+5
	done
done
fault fdatasync EIO 1
fault fdatasync ENOSPC 3
fault write EIO 1
fault write ENOSPC 3
fault write EINTR 2+2
fault write EAGAIN 3
fault read EINTR 20+3
fault read EINTR 21+3
fault epoll_wait EINTR 2+2
for when in 1 2 3 4 5 3+ 4+ 2+2; do
	whole epoll_ctl ENOSPC $when
done
for when in 1 2 3 4 3+; do
	fault epoll_ctl EPERM $when
done
fault openat EMFILE 30
fault wait4 EINTR 1+2

done_testing
