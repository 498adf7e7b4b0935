#!/bin/sh
# SPDX-License-Identifier: ISC
# The summary at the end and the exit status; usage errors.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck disable=SC2154,SC1083  # status; {} is text
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child
tab=$(printf '\t')
PATH=$PATH:/usr/sbin:/sbin

# gives STATUS OUT ERR NAME
gives() {
	is "$status:$(cat out):$(cat err)" "$1:$2:$3" "$4"
}

# exits STATUS NAME ARG...: whatever it prints.
exits() {
	want=$1 name=$2
	shift 2
	run volley "$@"
	is "$status" "$want" "$name"
}

# --- jobs

run volley -k echo ::: a b
gives 0 "a
b" '' "0: all succeeded, silently"
run volley true :::
gives 0 '' '' "0: nothing to do, silently"
exits 1 "1: one job failed" sh -c 'exit {}' ::: 0 1 0
exits 2 "2: two did" sh -c 'exit {}' ::: 3 1 0
exits 1 "whatever its status was" sh -c 'exit {}' ::: 255
for code in 100 101 122 124 125 126 127 128 143; do
	exits 1 "even $code" sh -c 'exit {}' ::: $code
done
exits 1 "1: a job killed by a signal" ./child kill={} ::: KILL
exits 2 "a job that could not be started" {} ::: true /no/such ./folder
seq 100 >hundred
run volley false <hundred
is "$status" 100 "100: 100 jobs failed"
seq 101 >many
run volley false <many
is "$status" 101 "101: more than 100 jobs failed"
seq 150 >many
run volley -j4 '[ {} -le 20 ]' <many
is "$status" 101 "101: the summary has the exact number"

# --- volley itself

exits 125 "125: a wrong call" --no-such-option echo ::: a
exits 126 "126: no input" -a no-such-file echo
printf 'a\nb\0\n' >nul
run volley -j1 false <nul
is "$status:$(grep -c 'NUL byte' err):$(grep -c '1 of 1 job failed' err)" 126:1:1 \
	"an error of volley takes precedence over failures, which are still reported"
volley echo ::: a >/dev/full 2>err
is "$?" 126 "126: output cannot be written"
volley --version >/dev/full 2>err
is "$?" 126 "126: the version cannot be written"
: >not-executable
exits 126 "126: the command cannot be executed" ./not-executable ::: a
exits 127 "127: there is no such command" ./no-such-command ::: a
printf '#!/no/such/interpreter -x\n' >unrunnable
chmod +x unrunnable
run volley ./unrunnable ::: a b
is "$status:$(cat out):$(cat err)" "127::volley: cannot execute './unrunnable': its first line names \
'/no/such/interpreter', which does not exist" "127: the interpreter of a script does not exist"
PATH=$PATH:.
exits 127 "127: likewise when the script is found in PATH" unrunnable ::: a
printf '#! ./unrunnable\n' >second
chmod +x second
exits 1 "an interpreter that depends on the directory is looked for by the kernel" ./second ::: a
printf '#!%s\n' "$scratch/not-executable" >third
chmod +x third
exits 126 "126: the interpreter of a script cannot be executed" ./third ::: a
run volley A=1 echo ::: a
is "$status:$(cat err)" "127:volley: 'A=1': command not found; to set a variable for the \
command, write: env A=1 echo ..." "127: for an assignment as a word, the message mentions env"
exits 124 "124: the deadline has passed" --deadline 0.05 -n0 ./child hang ::: a
volley -n0 --lock lock '"$VOLLEY" --lock lock true ::: a; echo $?' ::: a >out 2>err
is "$?:$(cat out)" 0:122 "122: another run holds the lock"

exits 7 "--halt now,fail=1: the failing job's own status" --halt now,fail=1 -j1 sh -c 'exit {}' ::: 0 7 0
exits 137 "or 128 and its signal" --halt now,fail=1 -j1 ./child kill={} ::: KILL
exits 124 "or 124 when it took too long" --halt now,fail=1 --timeout 0.05 -j1 ./child {} ::: hang
exits 2 "--halt with more: the number of the failed" --halt now,fail=2 -j1 sh -c 'exit {}' ::: 0 7 8 9
exits 0 "--halt now,success=1: 0" --halt now,success=1 -j1 sh -c 'exit {}' ::: 0 1
exits 2 "--debug --halt never does not" --debug --halt never sh -c 'exit {}' ::: 7 0 7
exits 7 "--debug stops at the first failure with its status" --debug sh -c 'exit {}' ::: 0 7 0
is "$(cat err)" "(exit 0)
(exit 7)
volley: 1 of 2 jobs failed: 1 exit 7
volley:   job 2: exit 7: (exit 7)
volley: ended early: 2 done, 0 stopped, 1 not run
volley: to rerun it: volley --debug --only 2 sh -c 'exit {}' ::: 0 7 0
volley: to continue: volley --debug --only 2- sh -c 'exit {}' ::: 0 7 0" "the summary has the command that reruns the failed job"

# A run whose job is volley shows how volley ended.
for signal in INT TERM HUP QUIT; do
	export signal
	run volley -n0 'exec "$VOLLEY" -n0 "kill -$signal \$VOLLEY_PID; exec ./child hang" ::: x' ::: x
	is "$status:$(sed -n 's/.*job failed: //p' err)" "1:1 SIG$signal" "128+N: volley dies of SIG$signal"
done
yes | volley -j2 echo 2>err | head -n 1 >out
is "$(cat out err)" y "a reader that goes away ends the run without a message"

# --- the summary

run volley -j1 sh -c 'exit {}' ::: 1 2 0 1 3 1 1 1
gives 7 '' "volley: 7 of 8 jobs failed: 5 exit 1, 1 exit 2, 1 exit 3
volley:   job 1: exit 1: (exit 1)
volley:   job 2: exit 2: (exit 2)
volley:   job 4: exit 1: (exit 1)
volley:   job 5: exit 3: (exit 3)
volley:   job 6: exit 1: (exit 1)
volley:   and 2 more
volley: to rerun these: volley -j1 --only 1-2,4-8 sh -c 'exit {}' ::: 1 2 0 1 3 1 1 1" \
	"the summary has numbers, reasons, the first jobs, and a command to rerun them"
run volley -j1 {} ::: false ./no-such ./child
is "$status:$(sed -n '2,3p; $p' err)" "2:volley: 2 of 3 jobs failed: 1 exit 1, 1 not started
volley:   job 1: exit 1: false
volley: to rerun these: volley -j1 --only 1-2 '{}' ::: false ./no-such ./child" "the summary groups reasons of several kinds"
seq 14 | volley -j1 'exit {}' 2>err
like "$(sed -n 1p err)" ", 1 exit 12, 2 other" "the reasons beyond the twelfth are counted together"
mkfifo go
run volley -j2 'case {} in 1) : <go; exit 1 ;; 2) exit 2 ;; 3) : >go ;; esac' ::: 1 2 3
is "$(sed -n 's/^volley:   \(job .: exit .\): .*/\1/p' err)" "job 1: exit 1
job 2: exit 2" "failed jobs are shown by their numbers, not as they ended"
printf 'a\nb c\n' >lines
run volley -j1 -a lines false
like "$(sed -n 3p err)" "volley:   job 2 (lines:2): exit 1: */false 'b c'" "an event from a file is reported with its line"
run volley -j1 'false {} | false' ::: "a
b${tab}c" "$(head -c 1000 /dev/zero | tr '\0' x)"
is "$(sed -n 2p err)" "volley:   job 1: exit 1: false 'a b c' | false" "a command is printed on one line"
[ "$(sed -n 3p err | wc -c)" -le 201 ]
ok $? "a long command is cut"
is "$(sed -n 3p err | tail -c 4)" "..." "a cut command is marked as such"
{
	seq 0 2 400
} >even
run volley -j4 '[ $(({} / 2 % 2)) = 0 ]' <even
like "$(tail -n 1 err)" "to rerun these: volley -j4 --only 2,4,6,*,200 " "many numbers are listed as ranges"
volley --shuf -j1 '[ {} = 50 ]' <hundred 2>err
like "$(tail -n 1 err)" "--only 1-49,51-100 " "adjacent numbers are ranges, regardless of the order of failures"
seq 1000 >thousand
run volley -j4 '[ $(({} % 2)) = 0 ]' <thousand
is "$status:$(grep -c again err)" 101:0 "the numbers are omitted if there are too many"

# --- how to run again

# fails_again NAME EXPECTED ARG...: the command that the summary prints runs just
# what had failed.  Each job notes its event in the file ran.
mkdir bin
cat >bin/volley <<'END'
#!/bin/sh
exec "$VOLLEY" "$@"
END
chmod +x bin/volley
cat >job <<'END'
#!/bin/sh
echo "$*" >>ran
case $* in
*bad*) exit 1 ;;
esac
END
chmod +x job
fails_again() {
	name=$1 want=$2
	shift 2
	rm -f ran
	run volley -j1 "$@" <events
	: >ran
	sed -n 's/^volley: to rerun [a-z]*: //p' err >again
	PATH=$PWD/bin:$PATH sh again <events >out 2>err
	is "$(cat ran)" "$want" "run again: $name"
}
printf '%s\n' good1 bad1 good2 bad2 bad3 good3 "it's bad \$HOME" good4 >events
fails_again "lines" "bad1
bad2
bad3
it's bad \$HOME" ./job
fails_again "a shell line" "x bad1 y
x bad2 y
x bad3 y
x it's bad \$HOME y" 'true && ./job "x {} y"'
fails_again "arguments with anything in them" "it's bad \$HOME
bad *
bad 'a' \"b\"" ./job ::: "it's bad \$HOME" good 'bad *' "bad 'a' \"b\""
fails_again "several sources" "bad 1
bad 2" ./job ::: good bad ::: 1 2
fails_again "batches in order" "good1 bad1
good2 bad2
bad3 good3
it's bad \$HOME good4" -n2 ./job
printf '%s\n' good1 good2 bad1 bad2 good3 good4 bad3 >events
fails_again "a batch that is not the first" "bad1 bad2
bad3" -n2 ./job
fails_again "a choice" "bad2" --only 1,4-6 ./job
fails_again "after --" "| bad1
| bad2
| bad3" -- ./job '|'
printf './job good\n./job bad 1; false\n./job "bad 2"\n' >events
fails_again "events as commands" "bad 1
bad 2"
printf -- '- {a: good, b: 1}\n- {a: bad, b: 2}\n- {a: good, b: 3}\n- {a: bad, b: 4}\n' >events
fails_again "YAML" "bad 2
bad 4" -f yaml ./job '{a} {b}'

# --- wrong calls

# wrong MESSAGE ARG...: status 125 and just that.
wrong() {
	want=$1
	shift
	run volley "$@" </dev/null
	gives 125 '' "volley: $want" "wrong: $*"
}
wrong "unknown option '--keep-ordr' (did you mean '--keep-order'?)" --keep-ordr echo ::: a
wrong "unknown option '--job' (did you mean '--jobs'?)" --job=2 echo ::: a
wrong "unknown option '--xyzzy'; see volley --help" --xyzzy echo ::: a
wrong "unknown option '--semap'; see volley --help" --semap echo ::: a
wrong "unknown option '--vers' (did you mean '--version'?)" --vers
wrong "unknown option '--time' (did you mean '--timeout'?)" --time 3 echo ::: a
wrong "unknown option '--linebuf'; see volley --help" --linebuf echo ::: a
wrong "unknown option '--no-joblog' (did you mean '--joblog'?)" --no-joblog echo ::: a
exits 127 "(a dash alone is no option)" - ::: a
wrong "unknown option '-y'; see volley --help" -y echo ::: a
wrong "there is no --pipe: volley does not cut one input into blocks" --pipe echo ::: a
wrong "there is no -X: -n N gives each job N events" -kX echo ::: a
wrong "unknown option '-y'; see volley --help" -ky echo ::: a
wrong "-j needs an argument: N" -j
wrong "--jobs needs an argument: N" --jobs
wrong "-a needs an argument: FILE" -ka
wrong "--keep-order takes no argument" --keep-order=yes echo ::: a
wrong "--bar takes no argument" --bar=x echo ::: a
for bad in x 0x1 -- 1.5 '' ' 1' %; do
	run volley -j "$bad" echo ::: a
	is "$status:$(cat out):$(sed 's/: how many .*//' err)" "125::volley: -j ${bad:-''}" "wrong: -j '$bad'"
done
wrong "--delay x: not a duration; write 0.5, 30s, 1m30s, 2h" --delay x echo ::: a
wrong "--drain -1: not a duration; write 0.5, 30s, 1m30s, 2h" --drain -1 echo ::: a
wrong "--timeout 0: write a duration (0.5, 30s, 1m30s) or a percentage of the median run time (200%)" \
	--timeout 0 echo ::: a
wrong "--progress=x: use bar, plain, plain:30s, auto or none" --progress=x echo ::: a
wrong "--progress=plain:0: use bar, plain, plain:30s, auto or none" --progress=plain:0 echo ::: a
wrong "-n 1.5: not a number" -n 1.5 echo ::: a
wrong "the command is empty" '' ::: a
for jobs in 1 +1 -1 -100 0 50% 200% 100%; do
	exits 0 "(right: -j $jobs)" -j "$jobs" true ::: a
done
exits 0 "(right: -kj2)" -kj2 true ::: a
exits 0 "(right: -P 2, as xargs has it)" -P 2 true ::: a
exits 0 "(right: --max-procs=2)" --max-procs=2 true ::: a
run volley -k echo -n0 --keep-order ::: a
gives 0 "-n0 --keep-order a" '' "options end at the command"

# --- help

run volley --help
is "$status:$(cat err):$(sed -n 1p out)" \
	"0::usage: volley [OPTION]... COMMAND [ARG]... [::: VALUE...]... [:::: FILE...]..." "--help"
[ "$(awk '{ if (length > most) most = length } END { print most }' out)" -le 80 ]
ok $? "--help fits 80 columns"
cp out help
run volley -h
cmp help out
ok $? "-h"
run volley --version
like "$status:$(cat out)$(cat err)" "0:volley [0-9]*.[0-9]*" "--version"
cp out version
run volley -V
cmp out version
ok $? "-V"

done_testing
