# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154  # variables shared with the test
# For tests that signal volley, or look for what it leaves behind: to be sourced
# after tap.sh.

launch_mark=VOLLEY_TEST_RUN=$scratch

# launch ARG...: volley in the background, as a login shell would start it, with
# no signal ignored ($launch_env: more for env, as --ignore-signal=HUP or A=B;
# $launch_by: a command that executes another).  Stdin is the caller's.  $pid is
# volley's.
launch() {
	# shellcheck disable=SC2086  # these may be several words
	env --default-signal $launch_env "$launch_mark" $launch_by $VOLLEY_WRAP "$VOLLEY" \
		"$@" <&5 5<&- &
	pid=$!
} 5<&0

# finish: wait until volley has ended.  $status: as in $?, or "hangs".
finish() {
	if wait_until gone "$pid"; then
		wait "$pid"
		status=$?
	else
		kill -KILL "$pid"
		status=hangs
	fi
}

# there FILE...: they exist; for wait_for, jobs that say so with "touch=FILE".
there() {
	for file; do
		[ -e "$file" ] || return
	done
}

# launched: what descends from any launch and still runs, one "PID COMMAND" a line.
launched() {
	for file in $(grep -lzsxF "$launch_mark" /proc/[0-9]*/environ); do
		left=${file#/proc/}
		left=${left%/environ}
		printf '%s %s\n' "$left" "$(tr '\0' ' ' <"/proc/$left/cmdline")"
	done 2>/dev/null
}

none_launched() {
	[ -z "$(launched)" ]
}

# nothing_left NAME: no process is left of what was launched.
nothing_left() {
	wait_until none_launched
	ok $? "$1" || launched | while read -r left command; do
		echo "#   left: $left $command"
		kill -KILL "$left"
	done
}
