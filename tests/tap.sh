# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Test Anything Protocol for sh, and a scratch directory per script.
#
# Source it, call the checks below, and end with done_testing.  "run" runs a command,
# sets $status, and writes the files out and err in the scratch directory, which is
# also the current directory.

tap_count=0
tap_failed=0
export LC_ALL=C.UTF-8
unset VOLLEY_SHELL BASH_ENV ENV MAKEFLAGS MAKELEVEL MFLAGS

exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&- # descriptors of the test driver and of make

# shellcheck disable=SC2317  # a trap
tap_exit() {
	tap_status=$?
	cat "$scratch/gave-up" 2>/dev/null && tap_status=99
	cd / && rm -rf "$scratch"
	exit "$tap_status"
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/volley-test.XXXXXX") || exit 99
trap 'tap_exit' EXIT
trap 'exit 99' HUP INT TERM
cd "$scratch" || exit 99

# volley ARG...: the program under test; VOLLEY_WRAP may be "valgrind -q ...".
volley() {
	$VOLLEY_WRAP "$VOLLEY" "$@"
}

# run COMMAND ARG...: stdout to ./out, stderr to ./err, exit status to $status.
run() {
	"$@" >out 2>err
	# shellcheck disable=SC2034  # used by the test
	status=$?
}

# ok STATUS NAME: pass when STATUS is 0.
ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		printf '%s\n' "ok $tap_count - $2"
	else
		printf '%s\n' "not ok $tap_count - $2"
		tap_failed=$((tap_failed + 1))
		return 1
	fi
}

# is GOT WANT NAME
is() {
	[ "$1" = "$2" ]
	ok $? "$3" || {
		printf '%s\n' "     got: $1" "expected: $2" | sed 's/^/#   /'
		[ ! -s err ] || sed 's/^/#   stderr: /' err | head -n 20
	}
}

# like TEXT PATTERN NAME: a shell pattern, matched anywhere in TEXT.
like() {
	# shellcheck disable=SC2254  # the pattern is meant to be one
	case $1 in
	*$2*) ok 0 "$3" ;;
	*)
		ok 1 "$3"
		printf '%s\n' "     got: $1" "expected: *$2*" | sed 's/^/#   /'
		;;
	esac
}

# unlike TEXT PATTERN NAME
unlike() {
	# shellcheck disable=SC2254
	case $1 in
	*$2*)
		ok 1 "$3"
		printf '%s\n' "         got: $1" "not expected: *$2*" | sed 's/^/#   /'
		;;
	*) ok 0 "$3" ;;
	esac
}

# skip NAME REASON
skip() {
	tap_count=$((tap_count + 1))
	printf '%s\n' "ok $tap_count - $1 # SKIP $2"
}

# wait_until COMMAND ARG...: repeat it until it succeeds; fail after about a minute.
# For conditions without a FIFO (a process is gone, a screen has changed).
wait_tries=3000
wait_until() {
	tap_tries=0
	until "$@" 2>/dev/null; do
		tap_tries=$((tap_tries + 1))
		[ "$tap_tries" -lt "$wait_tries" ] || return 1
		"$TOP_BUILDDIR/tests/helpers/child" nap 20
	done
}

# wait_for COMMAND ARG...: the same, but giving up ends the whole test, also from a
# subshell, because the following checks would be meaningless.
wait_for() {
	wait_until "$@" || {
		echo "Bail out! gave up waiting for: $*" >>"$scratch/gave-up"
		kill -TERM $$
		exit 99
	}
}

# gone PID: the process has ended, and may be a zombie.
gone() {
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	'' | Z*) return 0 ;;
	esac
	return 1
}

done_testing() {
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit
}
