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
fault epoll_ctl ENOMEM 3
fault epoll_ctl ENOSPC 5
fault openat EMFILE 30
fault wait4 EINTR 1+2

done_testing
