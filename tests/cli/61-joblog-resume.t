#!/bin/sh
# SPDX-License-Identifier: ISC
# The job log, and runs that continue an earlier one.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child
tab=$(printf '\t')

# --- the same columns as GNU parallel's

run volley -j1 --joblog log 'exit {}' ::: 0 3
is "$(head -n 1 log)" "Seq${tab}Host${tab}Starttime${tab}JobRuntime${tab}Send${tab}Receive${tab}Exitval${tab}Signal${tab}Command" \
	"the header is GNU parallel's"
run volley -j1 --joblog log 'printf abc; kill -{} $$' ::: 9
is "$(sed -n 2p log | cut -f1,2,5-8)" "1${tab}:${tab}0${tab}3${tab}0${tab}9" \
	"the columns of a job killed by a signal are GNU parallel's"
sed -n 2p log | grep -Eq "^1${tab}:${tab}[0-9]{10}\.[0-9]{3}${tab} +[0-9]+\.[0-9]{3}${tab}"
ok $? "times have three decimals"
is "$(sed -n 2p log | cut -f4 | wc -c)" 11 "the run time is ten characters wide"
if [ -n "$(command -v parallel)" ] && parallel --version 2>/dev/null | grep -q GNU; then
	parallel --will-cite -j1 --joblog theirs 'echo {}; exit {}' ::: 0 3 >/dev/null 2>&1
	volley -j1 --joblog ours 'echo {}; exit {}' ::: 0 3 >/dev/null 2>&1
	# times become 9s, all else stays
	for f in ours theirs; do
		cut -f1-8 $f | sed 's/[0-9]\{10\}\.[0-9]*/T/; s/ *[0-9]*\.[0-9]*/R/' >$f.shape
	done
	cmp ours.shape theirs.shape
	ok $? "a real log of GNU parallel has the same fields"
else
	skip "a real log of GNU parallel has the same fields" "GNU parallel is not installed"
fi
run volley --joblog log 'echo a' '{}' ::: 1 2>/dev/null
run volley --joblog log 'echo "{}"' ::: 'a
b'
is "$(sed -n 2p log | tr '\0' '@' | cut -f9 | grep -c @)" 1 "a newline is a NUL"
run volley -j1 --joblog log 'exit {}' ::: 0 1
is "$(cut -f7 log | tr '\n' ' ')" 'Exitval 0 1 ' "each job has a line"

run volley --joblog log --retries 2 'echo abc; [ "$VOLLEY_TRY" = {} ]' ::: 2
is "$(sed -n 2p log | cut -f6)" 4 "the number of bytes is that of the last try"

# --- resume

# did WANT NAME OPTION... -- VALUE...: these values are run.
did() {
	want=$1 name=$2
	shift 2
	run volley -j1 --joblog log "$@"
	is "$(tr '\n' ' ' <out)" "$want" "$name"
}
rm log
did 'a b c ' "a first run" --resume echo ::: a b c
did '' "--resume runs nothing again" --resume echo ::: a b c
did 'd ' "but what is new" --resume echo ::: a b c d
did '' "of which progress knows" --resume --progress=plain echo ::: a b c d
like "$(cat err)" 'volley: 100% 4/4 ' "--resume skips the jobs that were run before"
did 'x ' "in any order" --resume echo ::: d x c b a
did '' "repeated resumes converge" --resume echo ::: d x c b a
did 'a ' "--resume: a value that occurs twice and was run once runs once more" \
	--resume echo ::: a a b c d x
did '' "and then no more" --resume echo ::: a a b c d x
did 'q ' "a misfit" --resume echo ::: q
like "$(cat err)" 'has the command or the input changed?' "commands in the log that are not in the run are reported"
run volley --joblog failing --resume false ::: a
like "$(cat err)" "volley --joblog failing --resume --resume-failed false ::: a" \
	"the summary suggests --resume-failed to rerun failed jobs"
did 'b ' "without --resume the log is truncated" echo ::: b
is "$(wc -l <log)" 2 "the suggestion is one line"

rm log
run volley -j1 --joblog log 'test ! -e "$0.{}"; s=$?; echo {}; exit $s' ::: a
run volley -j1 --joblog log 'echo {}; test {} != "$(cat bad 2>/dev/null)"' ::: a b c
echo b >bad
run volley -j1 --joblog log 'echo {}; test {} != "$(cat bad)"' ::: a b c
like "$(cat err)" '--resume-failed' "the summary says how to run these again"
echo none >bad
did 'b d ' "--resume-failed runs what failed, and what is new" --resume-failed \
	'echo {}; test {} != "$(cat bad)"' ::: a b c d
did '' "until it succeeds" --resume-failed 'echo {}; test {} != "$(cat bad)"' ::: a b c d
did '' "which --resume sees, too" --resume 'echo {}; test {} != "$(cat bad)"' ::: a b c d

rm log
did 'a b ' "before a kill" echo ::: a b
printf '3\t:\t17000' >>log
did 'c ' "a torn last line is run again" --resume echo ::: a b c
is "$(wc -l <log)" 4 "an incomplete line is removed"
did 'x1 ' "a line with {#} in it" echo 'x{#}' ::: a
did 'x2 ' "is matched as any other" --resume echo 'x{#}' ::: a b
is "$(cat err)" '' "silently"
printf 'bad line\n' >>log
run volley --joblog log --resume true ::: 1
is "$status:$(cat err)" '126:volley: log:4: not a line of a job log; fix or remove it' \
	"an invalid line is reported with its number"

rm log
did '' "before a halt" test '{}' -lt 3 ::: 1 2
did '' "a halt after it" --resume --halt now,fail=1 test '{}' -lt 3 ::: 1 2 3 4 5
like "$(cat err)" 'ended early: 1 done, 0 stopped, 2 not run' \
	"the summary does not count skipped jobs as not run"

# --- duplicates, numbers and slots

# An event succeeds once the file good holds it.
cat >try <<'END'
#!/bin/sh
echo "$1"
grep -qx "$1" good
END
chmod +x try
: >good
rm log
did 'a a b ' "values that are there twice" ./try ::: a a b
did '' "--resume leaves those that failed" --resume ./try ::: a a b
did 'a a b ' "--resume-failed runs both" --resume-failed ./try ::: a a b
did 'a a b ' "again and again" --resume-failed ./try ::: a a b
is "$(cut -f5 log | tr '\n' ' ')" 'Send 0 0 0 1 1 1 1 1 1 ' "the log marks reruns of failed jobs"
echo a >good
did 'x a a b ' "also when they have moved" --resume-failed ./try ::: x a a b
did 'x b ' "until they succeed" --resume-failed ./try ::: x a a b
did 'a ' "a new duplicate of a failed event that has moved is run" --resume ./try ::: x a a b a
did '' "and then no more" --resume ./try ::: x a a b a
did 'b ' "a duplicate of one that fails still" --resume ./try ::: x a a b a b
did '' "is run once by --resume" --resume ./try ::: x a a b a b
did 'x b b ' "and with the first by --resume-failed" --resume-failed ./try ::: x a a b a b
did '' "what was removed and comes back" --resume ./try ::: b x a
did '' "was run" --resume ./try ::: x a a b a b

rm log
run volley -j3 --joblog log 'echo {%} {}; ./try {}' ::: a b c d e f
run volley -j2 --joblog log --resume 'echo {%} {}; ./try {}' ::: f e d c b a g
is "$(sed -n 's/^[12] //p' out)" g "the slot of a job does not matter"
is "$(grep -c 'is among\|matched' err)" 0 "a different slot causes no warning"
printf '%s\n' b c d e f g >>good
run volley -j1 --joblog log --resume-failed 'echo {%} {}; ./try {}' ::: a b c d e f g
is "$(sed -n 's/^1 //p' out | tr '\n' ' ')" 'b c d e f g ' "--resume-failed: a different slot causes no warning"
run volley -j1 --joblog log --resume-failed 'echo {%} {}; ./try {}' ::: a b c d e f g
is "$status:$(cat out):$(cat err)" 0:: "twice"
rm log
did '1 a 2 b ' "a command with {#} in it" echo '{#} {}' ::: a b
did '1 c 2 a 3 b ' "is another under another number" --resume echo '{#} {}' ::: c a b
did '' "and then was run, too" --resume echo '{#} {}' ::: c a b

# --- what may not be

rm log
did 'a ' "a log" echo ::: a
cp log before
run volley --joblog log --resume --dry-run echo ::: a b
is "$(cat out)" 'echo b' "--dry-run --resume prints the remaining jobs"
cmp log before
ok $? "--dry-run --resume does not change the log"
run volley --joblog log --dry-run echo ::: a
cmp log before
ok $? "--dry-run does not change the log"
run volley --dry-run --joblog none --resume echo ::: a
is "$status:$(cat out):$(ls -d none 2>/dev/null)" "0:echo a:" "--dry-run --resume neither needs nor creates a log"
echo 'Dear all' >letter
run volley --joblog letter true ::: 1
is "$status:$(cat letter)" '126:Dear all' "a file that is not a job log is not changed"
run volley --resume true ::: 1
is "$status" 125 "--resume needs a job log"
mkfifo go
volley --joblog log -n0 ./child touch=up wait=go ::: 1 &
wait_for test -e up
run volley --joblog log --resume true ::: 1
is "$status" 126 "two runs cannot share a log"
like "$(cat err)" 'another run writes the job log' "a log that another run writes is reported"
./child post=go
wait
run volley --joblog /dev/full true ::: 1 2
is "$status" 126 "a log that cannot be written stops the run"
like "$(cat err)" 'No space left' "a log that cannot be written is reported"
run volley -j1 --joblog log --halt now,fail=1 --joblog-sync=job 'exit {}' ::: 0 1 0
is "$(wc -l <log)" 3 "jobs that did not run are not in the log"
"$VOLLEY" -j2 --joblog log 'case {} in 1) ;; *) exec ./child touch=up.2 hang;; esac' ::: 1 2 2>err &
wait_for eval '[ -e up.2 ] && [ "$(wc -l <log)" -eq 2 ]'
kill -TERM $!
wait $!
is "$?:$(wc -l <log)" 143:2 "stopped jobs are not in the log"

done_testing
