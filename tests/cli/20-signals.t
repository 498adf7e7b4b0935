#!/bin/sh
# SPDX-License-Identifier: ISC
# Signals end a run immediately and completely, and leave no process.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"
# shellcheck source=tests/launch.sh
. "$TOP_SRCDIR/tests/launch.sh"

child=$TOP_BUILDDIR/tests/helpers/child
mkfifo fifo go

# --- how volley ends

for sig in INT TERM HUP QUIT; do
	rm -f up.*
	launch -j2 "$child" 'touch=up.{}' hang ::: 1 2 3 >out 2>err
	wait_for there up.1 up.2
	kill "-$sig" "$pid"
	finish
	is "$status" "$((128 + $(kill -l $sig 2>/dev/null || env kill -l $sig)))" \
		"$sig ends volley with 128+N"
	is "$(sed 's/after [0-9.]*s/after N s/' out err)" "volley: ended early: 0 done, 2 stopped, 1 not run
volley:   job 1: stopped after N s: $child touch=up.1 hang
volley:   job 2: stopped after N s: $child touch=up.2 hang
volley: to continue: volley -j2 --only 1- $child 'touch=up.{}' hang ::: 1 2 3" \
		"$sig: the summary has the jobs that were stopped, and how to continue"
done
nothing_left "no job is left"

# Unlike $?, xargs distinguishes death by a signal from an exit with 128+N.
cat >killed <<'EOF'
echo $$ >pid
exec env --default-signal "$@"
EOF
rm -f up.*
# shellcheck disable=SC2086
echo | xargs sh killed $VOLLEY_WRAP "$VOLLEY" "$child" touch=up.1 hang ::: x 2>err &
wait_for there up.1
kill -TERM "$(cat pid)"
wait $!
like "$(cat err)" "terminated by signal 15" "volley dies of the same signal"

# --- what volley ends

cat >tree <<'EOF'
# tree DEPTH FILE: a process that waits for another, and so on
if [ "$1" -gt 0 ]; then
	sh "$0" $(($1 - 1)) "$2" &
	wait
else
	"$child" touch="$2" hang
fi
EOF
cat >leaver <<'EOF'
# goes at the first TERM; its child does not hear it and holds no stream
trap 'exit 0' TERM
(trap '' TERM; exec "$child" touch="$1" hang) >/dev/null 2>&1 &
while :; do wait; done
EOF
cat >joblist <<'EOF'
exec "$child" ignore=TERM ignore=INT ignore=HUP touch=up.1 hang
exec "$child" touch=up.2 kill=STOP hang
exec "$child" ignore=TERM touch=up.3 kill=STOP hang
exec "$child" fork-hold ignore=TERM fork-hold touch=up.4 hang
exec "$child" ignore=TERM fork-hold touch=up.5
sh tree 6 up.6
sh leaver up.7
trap "" TERM; while :; do sh tree 1 up.8 & wait; done
"$child" ignore=TERM fork-hold line=x touch=up.9 >/dev/null 2>&1; "$child" hang
EOF
export child
for sig in TERM INT; do
	rm -f up.*
	launch -j20 --drain 1000 <joblist >out 2>err
	wait_for there up.1 up.2 up.3 up.4 up.5 up.6 up.7 up.8 up.9
	ok $? "jobs of all kinds are running"
	kill "-$sig" "$pid"
	finish
	like "$(cat err)" "0 done, 9 stopped, 0 not run" "$sig ends all jobs"
	nothing_left "$sig: jobs that fork, ignore TERM, are stopped or hold the pipe are gone"
done

# What is in a session of its own is the job's no more; it may hold the pipe.
rm -f up.*
launch -n0 --drain 1000 "$child" setsid-hold=holder touch=up.1 ::: x >out 2>err
wait_for there up.1
kill -TERM "$pid"
finish
is "$status" 143 "another process that holds a job's pipe does not delay the end"
kill "$(cat holder)"
nothing_left "no other process is left"

rm -f up.*
launch -n0 'setsid sh -c "while :; do echo line; done" & touch up.1' ::: x >out 2>err
wait_for there up.1
kill -TERM "$pid"
finish
is "$status" 143 "a process that keeps writing to the pipe does not delay the end"
nothing_left "the process that keeps writing dies of SIGPIPE"

# --- signals that were ignored stay ignored

rm -f up.*
launch_env='--ignore-signal=HUP --ignore-signal=INT' \
	launch -n0 "$child" touch=up.1 sigs wait=fifo line=end ::: x >out 2>err
wait_for there up.1
kill -HUP "$pid"
kill -INT "$pid"
: >fifo
finish
is "$status $(cat out err)" "0 blocked:
ignored: HUP INT
end" "signals that were ignored at the start remain ignored, by volley and its jobs"

# --- a second signal

rm -f up.*
launch "$child" ignore=TERM touch=up.1 hang ::: x >out 2>err
wait_for there up.1
kill -INT "$pid"
kill -INT "$pid"
kill -TERM "$pid" 2>/dev/null
finish
is "$status" 130 "further signals do no harm, and the first decides the status"
nothing_left "no process is left after several signals"

# --- what finished before the signal

rm -f up.*
launch -j2 -k "$child" '{}' 'touch=up.{#}' hang ::: line=1 out=300000 >out 2>err
wait_for there up.1 up.2
kill -TERM "$pid"
finish
is "$(wc -c <out)" 2 "-k: the job whose turn it was has its output printed, even if unfinished"

rm -f up.*
launch -j2 -k "$child" 'touch=up.{#}' '{}' ::: hang out=300000 hang >out 2>err
wait_for there up.1 up.2 up.3
kill -TERM "$pid"
finish
is "$(wc -c <out)" 300000 "-k: all output of finished jobs is printed, regardless of their turn"

# --- when something is stuck

is_full() {
	! dd if=/dev/zero of=pipe bs=4096 count=1 oflag=nonblock conv=notrunc 2>/dev/null
}

# A pipe that is not read but has a reader: the test has it open as 9.
new_pipe() {
	rm -f pipe up.*
	mkfifo pipe
	exec 9<>pipe
}

new_pipe
launch -j2 "$child" '{}' ::: touch=up.1 out=300000 out=300000 hang >&9 2>err
wait_for is_full
kill -TERM "$pid"
finish
is "$status" 143 "a full pipe without a reader does not delay the end"

new_pipe
launch -j2 "$child" '{}' ::: out=300000 out=300000 hang >&9 2>&9
wait_for is_full
kill -TERM "$pid"
finish
is "$status" 143 "a full stderr does not delay the end either"

new_pipe
launch -k "$child" '{}' ::: out=3000000 hang >&9 2>err
wait_for is_full
kill -TERM "$pid"
finish
is "$status" 143 "-k: a full pipe does not delay the end while a job is held back"

new_pipe
launch -j1 -t "$child" out=10 args '{}' ::: $(seq 3000) >/dev/null 2>&9
wait_for is_full
kill -TERM "$pid"
finish
is "$status" 143 "messages without a reader do not delay the end"
nothing_left "no job is left"

new_pipe
launch -j1 "$child" 'pidfile=up.{#}' '{}' ::: out=300000 hang >&9 2>err
wait_for [ -s up.2 ] && wait_for is_full
kill -TERM "$pid"
wait_for gone "$(cat up.2)"
cat <pipe 9>&- >got &
reader=$!
finish
exec 9>&-
wait $reader
is "$status-$(tr -d '\0' <got | wc -c)" 143-300000 "a slow reader gets the output of finished jobs"

exec 9<>fifo
rm -f up.*
launch "$child" '{}' <&9 >out 2>err
echo touch=up.1 >&9
wait_for there up.1
kill -TERM "$pid"
finish
exec 9>&-
is "$status" 143 "a signal ends a wait for events"

rm -f up.*
launch --delay 1000 "$child" '{}' ::: touch=up.1 touch=up.2 >out 2>err
wait_for there up.1
kill -TERM "$pid"
finish
is "$status" 143 "a signal ends a wait between starts"

rm -f up.*
mkdir bin
cat >bin/sh <<'EOF'
#!/bin/sh
exec "$child" touch=up.1 hang
EOF
chmod +x bin/sh
launch --shell "$scratch/bin/sh" 'echo {};' ::: x >out 2>err
wait_for there up.1
kill -TERM "$pid"
finish
is "$status" 143 "a shell that hangs while it is examined does not delay the end"
nothing_left "the shell that hangs is killed"

# --- when volley has no say

# What a job has forked outlives it.
only_forked() {
	[ "$(launched | wc -l)" -le 1 ]
}

rm -f up.*
launch -j3 "$child" '{}' 'touch=up.{#}' hang ::: ignore=TERM ignore=HUP fork-hold >out 2>err
wait_for there up.1 up.2 up.3
kill -KILL "$pid"
finish
is "$status" 137 "volley dies of SIGKILL"

wait_for only_forked
ok $? "the jobs die with volley"
launched | while read -r left _; do
	kill -KILL "$left"
done

# --- processes that are not like others

run volley -j1 --timeout 20 "$child" traceme=true ::: 1
is "$status:$(cat err)" 0: "a job that asks to be traced by its parent continues"
printf '%s\n' '#!/bin/sh' 'read -r line; echo "got $line"' >worker
chmod +x worker
run volley -j1 --timeout 20 --worker "$child" traceme=./worker ::: 1
is "$status:$(cat out)" "0:got 1" "a worker that asks to be traced by its parent continues"

if strace -qq -o /dev/null -e trace=none true 2>/dev/null && [ -z "$VOLLEY_WRAP" ]; then
	# no search for leaks, which would need to trace
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -o calls -e trace=clone3 \
		"$VOLLEY" -j1 "$child" line={} ::: 1 2 >out 2>err
	is "$?:$(cat out):$(grep -c 'clone3.*CLONE_VM' calls)" "0:1
2:0" "a traced volley starts no children that share its memory"
else
	skip "a volley that is traced lets no children run beside it" "no strace"
fi

done_testing
