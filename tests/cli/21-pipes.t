#!/bin/sh
# SPDX-License-Identifier: ISC
# What stdin and stdout may be: readers that exit or are slow, sockets, descriptors
# shared with other processes, input that does not arrive.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"
# shellcheck source=tests/launch.sh
. "$TOP_SRCDIR/tests/launch.sh"

child=$TOP_BUILDDIR/tests/helpers/child
far=$TOP_BUILDDIR/tests/helpers/far
mkfifo pipe in go
export child

# --- a reader who goes away

# gone_reader NAME [ARG]...: run volley with ARGs into "head -n 1".
gone_reader() {
	gone_name=$1
	shift
	rm -f up.*
	head -n 1 <pipe >got &
	launch "$@" >pipe 2>err
	finish
	is "$status-$(cat got err)" 141-first "$gone_name: volley dies of SIGPIPE, quietly"
	nothing_left "$gone_name: no process is left"
}

yes first >in &
yes=$!
gone_reader "endless input" -j2 "$child" line=first args <in
wait_for gone $yes
ok $? "the writer of endless input gets SIGPIPE at the end"

gone_reader "no more output" -j2 "$child" '{}' ::: line=first hang hang
gone_reader "output without end" -k -j2 -n0 'while :; do echo first; done' ::: 1 2 3
gone_reader "output that waits" -k -j2 "$child" line=first '{}' ::: out=3000000 hang
cat >deaf <<'EOF'
"$child" line=first
exec "$child" ignore=PIPE ignore=TERM ignore=HUP fork-hold hang
trap "" PIPE TERM; while :; do "$child" fork-hold line=more nap=10000; done
EOF
gone_reader "jobs that ignore signals" -j3 <deaf
gone_reader "jobs that fork" -k -j2 -n0 '"$child" line=first fork-hold; "$child" hang' ::: 1 2

: <pipe &
launch "$child" fork-hold hang ::: 1 >pipe 2>err
finish
is "$status-$(cat err)" 141- "a reader that exits before any output ends the run"
nothing_left "no process is left"

# --- other ends

run "$far" -s "$VOLLEY" -j4 "$child" out=1000000 line=end args ::: 1 2 3 4
is "$status-$(wc -c <out)-$(cat err)" 0-4000032-blocking "stdout can be a socket"
: >err
"$far" -s -w go "$VOLLEY" -j4 "$child" out=1000000 line=end args ::: 1 2 3 4 >out 2>err &
: >go
wait $!
is "$?-$(wc -c <out)-$(cat err)" 0-4000032-blocking "stdout can be a socket with a slow reader"
run "$far" -s -c 10 "$VOLLEY" -j4 "$child" out=1000000 args ::: 1 2 3 4
is "$status-$(cat err)" 141-blocking "a socket whose reader exits ends the run"

"$far" -n -w go "$VOLLEY" -j4 "$child" out=1000000 line=end args ::: 1 2 3 4 >out 2>err &
: >go
wait $!
is "$?-$(wc -c <out)-$(cat err)" 0-4000032-non-blocking "stdout can be a non-blocking pipe"

# --- flags of what others share

# is_blocking FILE...: no such descriptor of volley's is non-blocking
are_blocking() {
	for fd; do
		flags=$(sed -n 's/^flags:[^0-9]*/0/p' "/proc/$pid/fdinfo/$fd")
		[ $((flags & 04000)) -eq 0 ] || return
	done
}

rm -f up.*
exec 7<>in 8<>pipe
launch -k -j2 "$child" '{}' <&7 >&8 2>&8
printf '%s\n' out=3000000 touch=up.1 >&7
wait_for there up.1
are_blocking 0 1 2
ok $? "descriptors 0 to 2 remain blocking"
kill -TERM "$pid"
finish
exec 7<&- 8<&-
nothing_left "no process is left"

# --- a slow reader

cat >many <<'EOF'
exec "$child" line="begin $1" out=12500000 line="end $1" touch="up.$1"
EOF
for seq in 1 2 3 4 5 6 7 8; do
	sh many $seq
done | cksum >want
rm -f up.*
"$child" wait=go copy <pipe | cksum >got &
reader=$!
# (AddressSanitizer would keep what is freed.)
launch_env="ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1" \
	launch -k -j4 --tmpdir . sh many {} ::: 1 2 3 4 5 6 7 8 >pipe 2>err
wait_for there up.2 up.3 up.4 up.5 up.6 up.7 up.8
most=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
[ "$most" -lt 90000 ]
ok $? "100 MB without a reader are not kept in memory (only $most kB are)"
! there up.1
ok $? "the job whose turn it is waits for the reader"
: >go
finish
wait $reader
is "$status-$(cat got err)" "0-$(cat want)" "all 100 MB arrive"
find . -name '*volley*' >out
is "$(cat out)" "" "no file is left"

# --- where events come from

mkfifo later
launch -a later "$child" args >out 2>err
exec 7>later
printf 'one\n' >&7
wait_for grep -q one out
ok $? "a FIFO without a writer is waited for, and its events run as they arrive"
exec 7>&-
finish
is "$status-$(cat out err)" "0-[one]" "the end of the FIFO ends the run"

run volley "$child" args </dev/null
is "$status-$(cat out err)" 0- "a FIFO without events runs no job"
run volley "$child" args <&-
is "$status-$(cat out err)" "126-volley: cannot read standard input: Bad file descriptor" \
	"a closed standard input is an error"
run volley "$child" args <.
is "$status-$(cat out err)" "126-volley: cannot read standard input: Is a directory" \
	"a directory as standard input is an error"

printf '%s\n' x y >lines
{
	run volley -j1 "$child" copy args ::: a b
	cat >rest
} <lines
is "$status-$(cat out rest)" "0-[a]
[b]
x
y" "with ::: neither volley nor jobs read standard input"
(cat lines; echo z) | {
	run volley -j1 "$child" copy args ::: a
	cat >rest
}
is "$(cat rest)" "x
y
z" "with ::: a pipe on standard input is not read"

# --- a block device

# attach FILE: make it a block device, whose name is then in $device.
attach() {
	[ "$(id -u)" = 0 ] && command -v losetup >/dev/null &&
		device=$(losetup -f --show "$1" 2>/dev/null)
}

truncate -s 64K image
if attach image; then
	(
		printf 'before '
		volley -j1 "$child" line={} ::: a b
		printf after
	) >"$device"
	is "$?-$(head -c 16 "$device")" "0-before a
b
after" "output to a block device continues at its current offset"
	losetup -d "$device"
else
	skip "output to a block device continues at its current offset" "no permission to make one"
fi

# --- descriptors that are closed

# (Whoever runs the tests may have left descriptors open above 9.)
fds=$("$child" fds)

run volley "$child" fds line=x eline=y args ::: a 0<&-
is "$status-$(cat out err)" "0-$fds
x
[a]
y" "stdin closed: jobs have a standard input"
volley "$child" fds eline=y args ::: a 2>err >&-
is "$?-$(cat err)" "126-volley: cannot write to stdout: Bad file descriptor" "stdout closed: an error is reported"
volley "$child" touch=done ::: close=2 2>err >&-
is "$?-$(cat err)" "0-" "stdout closed: no error if nothing is written"
volley "$child" fds eline=y args ::: a >out 2>&-
is "$?-$(cat out)" "0-$fds
[a]" "stderr closed: only what is written there is lost"
volley "$child" fds eline=y exit=3 ::: a >out 2>&-
is "$?-$(cat out)" "1-$fds" "stderr closed: the run with failures has the right status"
volley "$child" fds touch=done args ::: a <&- >&- 2>&-
is $? 126 "all closed: the status is right"

done_testing
