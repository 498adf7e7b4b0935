#!/bin/sh
# SPDX-License-Identifier: ISC
# A pid is not an identity: it is reused, it may mean something else in the mounted
# /proc, and the calls that pin it may be refused.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child
export VOLLEY
ASAN_OPTIONS=detect_leaks=0 # not under ptrace
export ASAN_OPTIONS

# --- pids that are used again

# next_pid N: the next process that starts gets it, if it is free.
cat >lib.sh <<'END'
next_pid() { echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid; }
gone() {
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in '' | Z*) return 0 ;; esac
	return 1
}
until_it() {
	n=0
	until "$@" 2>/dev/null; do
		n=$((n + 1))
		[ "$n" -lt 1000 ] || exit 1
		./child nap 20
	done
}
END

# alone NAME: run ./NAME.sh, where pids are all its own and can be chosen.
alone() {
	timeout 60 unshare -pf --mount-proc sh -c '. ./lib.sh; . ./"$1"' sh "$1.sh" >out 2>err
}

cat >probe.sh <<'END'
next_pid 4000
./child nap 0 &
[ $! -eq 4000 ]
END
cat >draining.sh <<'END'
$VOLLEY -n0 --drain 1000 --timeout 1000 \
	'echo $$ >leader; ./child pidfile=holder hang & until test -s holder; do ./child nap 10; done' ::: 1 &
volley=$!
until_it test -s holder
until_it gone "$(cat leader)"
next_pid "$(cat leader)"
./child hang &
stranger=$!
[ "$stranger" -ne "$(cat leader)" ] || echo "the pid was given to another process"
kill -TERM $volley
wait $volley
until_it gone "$(cat holder)"
! gone $stranger || echo "an unrelated process was killed"
END
cat >earlier.sh <<'END'
next_pid 5000
$VOLLEY -n0 'setsid ./child pidfile=daemon hang >/dev/null 2>&1 & until test -s daemon; do ./child nap 10; done' ::: 1 &
[ $! -eq 5000 ] || echo "the pid could not be chosen"
wait $!
next_pid 5000
$VOLLEY -n0 './child pidfile=job hang' ::: 1 &
[ $! -eq 5000 ] || echo "the pid could not be chosen"
until_it test -s job
kill -KILL $!
until_it gone "$(cat job)"
until_it gone "$(pgrep -x volley-guard || echo 0)"
! gone "$(cat daemon)" || echo "the daemon of another run was killed"
END
cat >stray.sh <<'END'
$VOLLEY -n0 --timeout 0.3 --termseq TERM,1000000,KILL \
	'env -i setsid ./child ignore=TERM pidfile=stray wait=fifo & echo $$ >leader; wait' ::: 1 &
volley=$!
until_it test -s stray
until_it gone "$(cat leader)"
: >fifo
until_it gone "$(cat stray)"
wait $volley
echo $?
END

if alone probe; then
	alone draining
	is "$(cat out)" "" "while a job's output drains, its pid is not reused"
	alone earlier
	is "$(cat out)" "" "a daemon of an earlier run with the same pid is not killed"
	mkfifo fifo
	alone stray
	is "$(cat out)" 1 "a job whose last stray exits is done immediately"
else
	skip "pids that are used again" "pids cannot be chosen on this system"
fi

# --- no /proc, or that of others

# blind SETUP: run a job whose rest ignores SIGTERM, after SETUP in a mount namespace.
blind() {
	rm -f pid
	timeout 60 unshare "$1" sh -c "$2"'
		"$VOLLEY" -n0 --timeout 0.5 --termseq TERM,1000000,KILL \
			"./child ignore=TERM pidfile=pid hang & ./child hang" ::: 1' >out 2>err
	status=$?
}

if unshare -m sh -c 'mount -t tmpfs none /proc' 2>/dev/null; then
	blind -m 'mount -t tmpfs none /proc;'
	wait_for gone "$(cat pid)"
	is "$?:$status" 0:1 "without /proc a job and its group are killed"
	like "$(cat err)" "outside their process groups" "without /proc a message says which processes are not found"
	is "$(grep -c 'outside their process groups' err)" 1 "once"
	blind -pf ''
	is "$status" 1 "with the /proc of another pid namespace nothing is waited for"
	like "$(cat err)" "pid namespace" "a /proc of another pid namespace is reported"
	rm -f pid
	unshare -m sh -c 'mount -t tmpfs none /proc
		exec "$VOLLEY" -n0 "./child pidfile=pid hang & wait" ::: 1' >out 2>err &
	wait_for test -s pid
	kill -KILL $!
	wait_for gone "$(cat pid)"
	ok $? "when volley is killed there, the group of its job is killed"
	run timeout 60 unshare -m sh -c 'mount -t tmpfs none /proc; exec "$VOLLEY" -j2 echo ::: a b'
	is "$(sort out | tr '\n' ' ')$(grep '^volley:' err)" "a b " "the message is printed only if a job is killed"
else
	skip "a /proc that is not ours" "mount namespaces are not available"
fi

# --- calls that are refused

# refused CALL ERRNO: a stray with a clean environment is killed all the same.
refused() {
	rm -f pid
	timeout 60 strace -qq -o /dev/null -e trace="$1" --inject="$1:error=$2" \
		"$VOLLEY" -n0 --timeout 0.5 --termseq TERM,50,KILL \
		'env -i setsid ./child ignore=TERM pidfile=pid hang & wait' ::: 1 >out 2>err
	status=$?
	wait_for gone "$(cat pid)"
	is "$?:$status" 0:1 "$1 that fails with $2 does not save a stray"
}

if strace -qq -o /dev/null -e trace=none true 2>/dev/null; then
	refused pidfd_open EPERM
	refused pidfd_open ENOSYS
	refused pidfd_open EMFILE
	refused pidfd_send_signal EPERM
	rm -f pid fifo
	mkfifo fifo
	strace -qq -o /dev/null -e trace=kill --inject=kill:error=EPERM \
		"$VOLLEY" -n0 --timeout 0.5 ./child pidfile=pid wait=fifo ::: 1 >out 2>err &
	wait_for grep -q 'cannot be killed' err
	: >fifo
	wait $!
	is "$?:$(grep -c 'volley: process [0-9]* of a job runs as another user and cannot be killed' err)" 1:1 \
		"a job that must not be signalled is waited for, with a message"
	run timeout 60 strace -qq -o /dev/null -e trace=openat --inject=openat:error=EMFILE:when=60+ \
		"$VOLLEY" -n0 --timeout 0.5 'setsid ./child pidfile=pid hang & ./child hang' ::: 1
	case $(cat err) in
	*"Too many open files"*) ok 0 "strays that survive for lack of descriptors are reported" ;;
	*)
		wait_for gone "$(cat pid)"
		ok $? "strays that survive for lack of descriptors are reported"
		;;
	esac
	kill -9 "$(cat pid)" 2>/dev/null
else
	skip "calls that are refused" "strace is not installed or not permitted to trace"
fi

# --- held processes count

# Each job is held, as a zombie, until what it has left lets go of its output.
u=$((100000 + $$ % 100000))
as_user() {
	timeout 60 setpriv --reuid $u --regid $u --clear-groups prlimit --nproc=24 "$@"
}
chmod 755 .
if as_user "$VOLLEY" echo ::: 1 >/dev/null 2>&1; then
	run as_user "$VOLLEY" -j8 --drain 30 './child nap 300 & echo {}' ::: 1 2 3 4 5 6 7 8 9 10 \
		11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
	is "$status:$(wc -l <out)" 0:30 "processes that are held leave room for running ones"
else
	skip "processes that are held" "limits on the processes of a user have no effect here"
fi

done_testing
