#!/bin/sh
# SPDX-License-Identifier: ISC
# Output by lines: --tag, --tagstring, --color, --line-buffer; and -u, which does not
# capture it.
# shellcheck disable=SC2016  # what is in single quotes is for volley's shell
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

child=$TOP_BUILDDIR/tests/helpers/child
pty=$TOP_BUILDDIR/tests/helpers/pty
tab=$(printf '\t')

# --- tags

run volley -k --tag 'printf "%s\n\nlast" {}; echo e >&2' ::: a 'b c'
is "$(cat out)" "a${tab}a
a${tab}
a${tab}last
b c${tab}b c
b c${tab}
b c${tab}last" "--tag: the event and a tab before each line; a last newline is added"
is "$(cat err)" "a${tab}e
b c${tab}e" "--tag: also on stderr"
run volley --tag true ::: a
is "$(cat out)" "" "--tag: without a line there is no tag"
run volley --tag echo x ::: 1 ::: a
is "$(cat out)" "1 a${tab}x 1 a" "--tag: several values are joined"
run volley -n2 --tag echo ::: 1 2
is "$(cat out)" "1 2${tab}1 2" "--tag: the events of a batch are joined"
run volley -I R --tag echo R ::: 1
is "$(cat out)" "1${tab}1" "--tag: also with -I"
printf -- '- {a: 1}\n' >events.yaml
run volley --tag -a events.yaml echo '{a}'
is "$(cat out)" "{\"a\":1}${tab}1" "--tag: a mapping as JSON"
printf 'x\ny\033[2J\0' >nul
run volley -0 --tag -a nul 'echo z; : {}'
is "$(cat out)" "x\\ny\\x1b[2J${tab}z" "--tag: control characters are escaped"
run volley -k --tagstring '{#}/{##} {a}:' -a events.yaml echo '{a}'
is "$(cat out)" "1/1 1:${tab}1" "--tagstring: a template, and a tab"
run volley --tagstring '{b}' -a events.yaml echo '{a}'
is "$status" 125 "--tagstring: an unknown field is a usage error"
run volley --dry-run --tag echo ::: a
is "$(cat out)" "echo a" "--dry-run: no tags"
run volley --tag --retries 2 'echo "$VOLLEY_TRY"; exit {}' ::: 1
is "$(cat out)" "1${tab}2" "--tag --retries: only the last try"

# --- colour

esc=$(printf '\033')
run volley --tag --color echo ::: a
is "$(cat out)" "${esc}[32ma${esc}[m${tab}a" "--color: only the tag is colored"
run volley --tag --color=auto echo ::: a
is "$(cat out)" "a${tab}a" "--color=auto: no color in a file"
run env TERM=xterm "$pty" -f 1 "$VOLLEY" --tag echo ::: a
like "$(cat out)" "${esc}?32ma${esc}?m${tab}a" "--color=auto: color on a terminal"
run env TERM=xterm NO_COLOR=1 "$pty" -f 1 "$VOLLEY" --tag echo ::: a
unlike "$(cat out)" "$esc" "--color=auto: NO_COLOR turns color off"
run env TERM=xterm NO_COLOR= "$pty" -f 1 "$VOLLEY" --tag echo ::: a
like "$(cat out)" "${esc}?32ma${esc}?m${tab}a" "--color=auto: an empty NO_COLOR is ignored"
run env TERM=xterm "$pty" -f 2 "$VOLLEY" --tag 'echo o{}; echo e{} >&2' ::: a
like "$(cat out err)" "a${tab}oa*${esc}?32ma${esc}?m${tab}ea" "--color=auto: stdout and stderr are decided separately"
run env TERM=xterm "$pty" -f 1 "$VOLLEY" --tag --color=never echo ::: a
unlike "$(cat out)" "$esc" "--color=never: no color on a terminal"

# --- whole lines as they come

# The first job has written a line and a half when the second one writes all it
# has; only then the first goes on.
mkfifo go
run volley -j2 --line-buffer 'if [ {} = 1 ]; then
		printf "1a\n1"; : <go; printf "b\n1c"
	else
		printf "2a\n2b"; : >go
	fi' ::: 1 2
is "$(sort out)" "1a
1b
1c
2a
2b" "--line-buffer: lines are never mixed, and a last newline is added"
is "$(grep '^1' out | paste -sd' ')" "1a 1b 1c" "--line-buffer: a job's lines keep their order"

mkfifo reader
volley -n0 --line-buffer 'echo one; echo e >&2; : <go; echo two' ::: x >reader 2>err &
run=$!
exec 5<reader
IFS= read -r line <&5
is "$line" one "--line-buffer: a line is shown while its job runs"
wait_for grep -q e err
ok $? "--line-buffer: also on stderr"
: >go
is "$(cat <&5)" two "--line-buffer: the next line is shown later"
exec 5<&-
wait $run
volley -n0 -k --line-buffer 'printf "one\ntw"; echo e >&2; : <go; echo o' ::: x >reader 2>err &
run=$!
exec 5<reader
IFS= read -r line <&5
is "$line" one "-k --line-buffer: the first job's lines are shown while it runs"
wait_for grep -q e err
ok $? "-k --line-buffer: also on stderr"
: >go
is "$(cat <&5)" two "-k --line-buffer: a line waits for its end"
exec 5<&-
wait $run
run volley -k -j2 --line-buffer 'if [ {} = 1 ]; then echo 1; : <go; echo 11
	else echo 2; : >go; fi' ::: 1 2
is "$(cat out)" "1
11
2" "-k --line-buffer: the others wait for their turn"
run volley -k --tag --line-buffer 'printf "%s\nx" {}' ::: 1 2
is "$(cat out)" "1${tab}1
1${tab}x
2${tab}2
2${tab}x" "--line-buffer --tag"
volley -j4 --lb "$child" line={} out=1000000 line={} ::: a b c d >out
volley "$child" line={} out=1000000 line={} ::: a b c d | sort >want
sort out | cmp -s - want
ok $? "--line-buffer: 4 MB of lines of four jobs are complete"

# The job is over long before its lines are written.
volley -n0 --line-buffer "$child" out=320000 touch=over ::: x >reader &
run=$!
exec 5<reader
wait_for [ -e over ]
is "$(wc -c <&5 | tr -d ' ')" 320000 "--line-buffer: no output is lost with a slow reader"
exec 5<&-
wait $run

# A reader that goes away while jobs are held back: every "yes" has filled its pipe
# and sleeps, and so it stays.
# shellcheck disable=SC2317  # wait_for calls it
all_held() {
	for _ in 1 2 3 4 5; do
		states=$(ps -o comm=,stat= --ppid "$1" | sed -n 's/^yes *\(.\).*/\1/p')
		case $states in
		'' | *[!S[:space:]]*) return 1 ;;
		esac
		"$child" nap 5
	done
}
for how in --line-buffer -k '-k --line-buffer'; do
	# shellcheck disable=SC2086  # options are words
	"$VOLLEY" -n0 $how yes ::: a b >reader 2>err &
	run=$!
	exec 5<reader
	wait_for all_held $run
	exec 5<&-
	wait $run
	is "$?-$(cat err)" "141-" "$how: the reader of endless output goes away"
done

# Where both streams go to one pipe, what that does not take at once is not to be torn.
for how in --line-buffer '-k --line-buffer'; do
	# shellcheck disable=SC2086
	volley $how -j2 -n0 'yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | head -n 100000 &
		yes bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb | head -n 100000 >&2
		wait' ::: 1 2 2>&1 | sort | uniq -c | sed 's/^ *//' >out
	is "$(cat out)" "200000 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
200000 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" "$how: stdout and stderr in one pipe"
done

# --- ungrouped

run volley -n0 -u 'readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 | cat' ::: x <events.yaml
is "$(cat out)" "/dev/null
$scratch/out
$scratch/err" "-u: jobs have volley's stdout and stderr, and no stdin"
run volley -j1 -u 'echo {}; exit {}' ::: 0 3
is "$status-$(cat out)" "1-0
3" "-u: everything else is unchanged"
run "$pty" "$VOLLEY" -u echo ::: a
is "$(tr -d '\r' <out)" a "-u: no bar is drawn"

done_testing
