#!/bin/sh
# SPDX-License-Identifier: ISC
# The terminal: the bar and the output above it, Ctrl-C and Ctrl-Z, jobs that want the
# terminal, --debug.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"
# shellcheck source=tests/launch.sh
. "$TOP_SRCDIR/tests/launch.sh"

child=$TOP_BUILDDIR/tests/helpers/child
helpers=$TOP_BUILDDIR/tests/helpers
mkfifo orders fifo fifo.1 fifo.2 fifo.3
export child

# on PTY-OPTIONS ARG...: volley on a terminal, whose screen is then in ./screen.
# columns=N must be set.
on() {
	pty_options=$1
	shift
	# shellcheck disable=SC2086
	"$helpers/pty" -c "$columns" -t typescript $pty_options \
		$VOLLEY_WRAP "$VOLLEY" "$@" </dev/null >out 2>err
	status=$?
	"$helpers/screen" "$columns" <typescript >screen
}

# start_on ...: the same in the background; it obeys "order TEXT", and end_on ends it.
start_on() {
	pty_options=$1
	shift
	rm -f typescript
	# shellcheck disable=SC2086
	env "$launch_mark" "$helpers/pty" -c "$columns" -t typescript -x orders $pty_options \
		"$@" </dev/null >out 2>err &
	pid=$!
}

end_on() {
	finish
	"$helpers/screen" "$columns" <typescript >screen
}

order() {
	echo "$1" >orders
}

# shows TEXT: the terminal has received TEXT; for wait_for.
shows() {
	grep -qaF "$1" typescript
}

# longer FILE N
longer() {
	[ "$(wc -c <"$1")" -gt "$2" ]
}

# --- where the bar is

for columns in 200 40; do
	on "-e" -k "$child" args ::: a b c
	is "$status-$(wc -l <screen)-$(cat out)" "0-1-[a]
[b]
[c]" "the bar is drawn on stderr if that is a terminal ($columns columns)"
	is "$(wc -m <screen)" $((columns + 1)) "the bar is $columns columns wide"
done
columns=200
like "$(cat screen)" '100%|██' "the bar remains at 100 %"
like "$(cat screen)" '██| 3/3 \[00:0' "the finished bar has its numbers"
like "$(cat screen)" 'job/s]' "the bar counts jobs"
run volley "$child" args ::: a
is "$status-$(cat out err)" "0-[a]" "no bar is drawn without a terminal"
on "-f 01" "$child" args ::: a
is "$(cat screen)" "[a]" "no bar is drawn if only stdout is a terminal"
for how in --progress=none --no-progress; do
	on "-e" $how "$child" args ::: a
	is "$(cat screen)" "" "no bar is drawn with $how"
done
on "-e" -u "$child" args ::: a
is "$(cat screen)" "" "no bar is drawn with -u"
TERM=dumb on "-e" "$child" args ::: a
like "$(cat screen)" '100%|████' "a bar is drawn on a dumb terminal"

LC_ALL=C on "-e" "$child" args ::: a
like "$(cat screen)" '100%|#######' "the bar consists of # without UTF-8"
LC_ALL='' LC_CTYPE='' LANG=C.UTF-8 on "-e" "$child" args ::: a
like "$(cat screen)" '100%|████' "an empty variable does not set the locale"
LC_ALL=C.UTF-8 on "-e" --unit query "$child" args ::: a
like "$(cat screen)" 'query/s]' "--unit is what the bar counts"

# --- totals

printf '%s\n' 1 2 3 >lines

# go_on N...: let the jobs that wait=fifo.N go on
go_on() {
	for number; do
		: >"fifo.$number"
	done
}

# first_count: what the first drawing of the bar counts
first_count() {
	tr '\r' '\n' <typescript | sed -n 's/.*| *\([0-9/]*\) \[.*/\1/p' | sed -n 1p
}

on -e -a lines "$child" args
is "$(first_count)" 0/3 "the total is known from the start for a file"
on -e "$child" args ::: 1 2 ::: 3 4
is "$(first_count)" 0/4 "the total is known for crossed arguments"
"$helpers/pty" -e -t typescript $VOLLEY_WRAP "$VOLLEY" -j1 "$child" args <lines >out 2>err
is "$(first_count)" 0/3 "the total is known for a file on stdin"
cat lines | "$helpers/pty" -e -t typescript $VOLLEY_WRAP "$VOLLEY" -j1 "$child" 'wait=fifo.{#}' args \
	>out 2>err &
pid=$!
wait_for shows '0/3 ['
ok $? "the total is known for a short pipe before a job has ended"
go_on 1 2 3
finish
"$helpers/pty" -e -t typescript $VOLLEY_WRAP "$VOLLEY" "$child" args <fifo >out 2>err &
pid=$!
exec 9>fifo
echo a >&9
wait_for shows '1job ['
ok $? "the bar shows a count while the total is unknown"
exec 9>&-
finish
like "$(cat typescript)" '1/1 [[]' "the bar shows the total after the end of the input"

# --- size

start_on -e $VOLLEY_WRAP "$VOLLEY" -j1 "$child" wait=fifo.{} args ::: 1 2
wait_for shows '0/2'
before=$(wc -c <typescript)
order 'resize 50 24'
wait_for longer typescript "$before"
go_on 1 2
end_on
tail -c +$((before + 1)) typescript | "$helpers/screen" 50 >screen
is "$(tail -n 1 screen | wc -m)" 51 "after a resize the bar is as wide as the terminal"

# --- what passes above it

# above NAME ARG...: what volley shows above its bar is what it writes without one
above() {
	above_name=$1
	shift
	on "" "$@"
	grep job/s screen >bar
	grep -v 'job/s\|to rerun' screen >got
	"$helpers/pty" -c "$columns" $VOLLEY_WRAP "$VOLLEY" --progress=none "$@" </dev/null |
		"$helpers/screen" "$columns" | grep -v 'to rerun' >want
	cmp -s got want
	ok $? "$above_name" || diff got want | head -n 20 | sed 's/^/# /'
	is "$(wc -l <bar)" 1 "one bar is left after a resize"
}

above "short output passes above the bar" -j1 "$child" line={} ::: one two three
above "output as wide as the terminal" -j1 "$child" out=200 line= out=3000 args ::: x
above "stderr of jobs as well" -j1 "$child" line={} eline=err-{} args ::: one two three
above "and of jobs that fail" -j1 "$child" line={} eline=err-{} ::: one two three
above "lines without end" -j1 "$child" 'text=a b' args ::: ''
above "also on stderr" -j1 -n0 'printf x; printf y >&2' ::: 1
above "long output is printed in pieces with nothing in between" \
	-k -j4 "$child" line=begin-{} out=100000 line=end-{} args ::: 1 2 3 4
above "long stderr is printed in pieces with nothing in between" \
	-k -j4 "$child" eline=begin-{} err=100000 eline=end-{} args ::: 1 2 3 4
above "what streams under -k" -k -j2 \
	'printf "begin {} "; "$child" out=100000; printf "middle "; "$child" out=64' ::: 1 2 3
above "messages" -j1 ./{} ::: no such file
above "what -t shows" -j1 -t "$child" line={} ::: one two three

# A line that is not ended yet is not ended by the bar.
start_on "" $VOLLEY_WRAP "$VOLLEY" -k -j2 -n0 "$child" text=one-line- 'wait=fifo.{#}' line=x ::: 1 2
wait_for shows one-line
go_on 1 2
end_on
is "$(sed '$d' screen)" "one-line-x
one-line-x" "a line that arrives in two parts remains one line"

# Ctrl-S stops the terminal; what has to be said waits, and nothing is lost.
start_on "" $VOLLEY_WRAP "$VOLLEY" -j1 "$child" pidfile=pid.{} wait=fifo.{} line={} out=20000 line= \
	::: 1 2 3
wait_for there pid.1
order 'type ^S'
go_on 1 2 3
wait_for gone "$(cat pid.3)"
order 'type ^Q'
end_on
sed '$d' screen >got
for i in 1 2 3; do
	"$child" "line=$i" out=20000 line=
done >want
cmp -s got want
ok $? "Ctrl-S does not lose output" || diff got want | head -n 20 | sed 's/^/# /'

# --- failures, and other forms of progress

on -e -j1 "$child" '{}' ::: exit=0 exit=1 kill=TERM ./x
like "$(grep job/s screen)" '100%|█*| 4/4 [[]*job/s, failed=3]' "the bar shows the number of failures"

run volley --progress=bar "$child" args ::: a b
like "$(tr '\r' '\n' <err)" '100%|██████████| 2/2 [[]' "--progress=bar draws a bar without a terminal"
run volley --bar "$child" args ::: a b
like "$(tr '\r' '\n' <err)" '100%|██████████| 2/2 [[]' "--bar draws a bar without a terminal"
run volley --progress=bar -j1 ./{} ::: x y
is "$("$helpers/screen" 200 <err | grep -c '^ *volley: job [12]: .*not found')" 2 \
	"messages are on separate lines there"
run volley --progress=plain "$child" args ::: a b
like "$(cat err)" 'volley: 100% 2/2 [[]00:00<00:00, *job/s]' "--progress=plain writes a line at the end"
is "$(wc -l <err)" 1 "--progress=plain writes only one line for a short run"
launch --progress=plain:0.05s "$child" wait=fifo args ::: a >out 2>err
wait_for grep -q '0/1.*job/s' err
ok $? "--progress=plain:DUR writes a line at that interval"
: >fifo
finish
like "$(tail -n 1 err)" 'volley: 100% 1/1 [[]' "--progress=plain:DUR writes a line at the end"

# --- notes about the terminal

"$helpers/pty" -t typescript -x orders $VOLLEY_WRAP "$VOLLEY" --progress=none "$child" args >out 2>err &
pid=$!
wait_for shows 'reading events from the terminal; end with Ctrl-D'
ok $? "reading events from a terminal is announced"
order 'type word^M'
wait_for shows '[word]'
ok $? "lines typed on the terminal are events"
order 'type ^D'
finish
is $status 0 "Ctrl-D ends the events"
columns=200
on "" 
like "$status-$(cat screen)" "125-volley: no command and no events*usage: volley *volley --help" \
	"without command and events, a message says so and shows the usage"

# --- keys

start_on "" $VOLLEY_WRAP "$VOLLEY" -j2 "$child" touch=up.{} ignore=TERM fork-hold hang ::: 1 2 3
wait_for there up.1 up.2
order 'type ^C'
end_on
is "$status-$(grep 'ended early' screen)" "130-volley: ended early: 0 done, 2 stopped, 1 not run" \
	"Ctrl-C ends the run"
nothing_left "no job is left"

rm -f up.*
start_on "" $VOLLEY_WRAP "$VOLLEY" "$child" touch=up.{} ignore=HUP fork-hold hang ::: 1
wait_for there up.1
order close
finish
is "$status" 129 "a terminal that hangs up ends the run"
nothing_left "and then no job is left"

stopped() {
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	T*) return 0 ;;
	esac
	return 1
}
running() {
	! stopped "$1"
}

# An interactive shell on the terminal.  The SIGCONT of a hang-up can end the stop that
# a search for leaks waits for.
start_shell() {
	start_on "" env "ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0" bash --norc --noprofile -i
}

if command -v bash >/dev/null; then
	rm -f pid.*
	start_shell
	order "type PS1='ready> '^M"
	wait_for shows 'ready> '
	order "type '$VOLLEY' -j1 '$child' pidfile=pid.{} 'wait=fifo.{}' line=job-{}-done ::: 1 2^M"
	wait_for [ -s pid.1 ]
	order 'type ^Z'
	wait_for stopped "$(cat pid.1)"
	ok $? "Ctrl-Z stops the jobs"
	wait_for shows Stopped
	ok $? "Ctrl-Z stops volley, too"
	before=$(wc -c <typescript)
	order 'type fg^M'
	wait_for running "$(cat pid.1)"
	ok $? "fg continues the jobs"
	go_on 1
	wait_for shows job-1-done
	go_on 2
	wait_for shows job-2-done
	wait_for shows '2/2'
	order 'type exit^M'
	end_on
	like "$(tail -c "+$before" typescript | tr '\r' '\n')" '100%|██' "fg draws the bar again"
else
	skip "Ctrl-Z and fg" "no bash"
fi

# --- jobs that want the terminal

for wish in 'read -r line </dev/tty' 'stty -echo </dev/tty' 'sh -c "read -r line </dev/tty"'; do
	on "" -j2 -n0 "$wish; touch reached" ::: x
	is "$status-$(grep -c 'job 1: wanted the terminal; use --debug' screen)" 1-1 \
		"a job that wants the terminal fails with a message: $wish"
done
! there reached
ok $? "a job that wants the terminal is not continued: $wish"
like "$(cat screen)" "to rerun it: volley -j2 -n0 --debug --only 1" \
		"the command that reruns it has --debug: $wish"
is "$(grep -c '1 of 1 job failed: 1 wanted the terminal' screen)" 1 "the summary says that the job wanted the terminal: $wish"
nothing_left "a job that wants the terminal is not left running: $wish"

# --- --debug

start_on "" $VOLLEY_WRAP "$VOLLEY" --debug -n0 'read -r line; echo "line is $line"' ::: 1 2
wait_for shows 'read -r line'
order 'type first^M'
wait_for shows 'line is first'
ok $? "--debug: a job reads from the terminal"
order 'type second^M'
end_on
is "$status-$(grep -c '^read -r line' screen)" 0-2 "--debug: each command is printed"

seq 2 | "$helpers/pty" -f 12 -t typescript -x orders $VOLLEY_WRAP "$VOLLEY" --debug \
	'read -r line; echo "{} line is $line"' >out 2>err &
pid=$!
wait_for shows 'read -r line'
order 'type first^M'
wait_for shows '1 line is first'
order 'type second^M'
finish
is "$status-$(grep -ac 'line is second' typescript)" 0-1 \
	"--debug: a job reads from the terminal if the events come from a pipe"
rm -f pid.*
printf 'a\nb\nc\n' >given
run volley --debug -n0 'read -r line; echo "line is $line"' ::: 1 2 <given
is "$(cat out)" "line is a
line is b" "--debug: jobs read volley's standard input if no events come from there"
run volley --debug -n0 'cat; echo end' <given
is "$(cat out)" "end
end
end" "--debug: but not the events"

start_on "" $VOLLEY_WRAP "$VOLLEY" --debug "$child" pidfile=pid.{} hang ::: 1 2
wait_for [ -s pid.1 ]
order 'type ^C'
end_on
like "$status-$(cat screen)" "130-*volley: 1 of 1 job failed: 1 SIGINT" "--debug: Ctrl-C ends the job and the run"
like "$(cat screen)" "volley: ended early: 1 done, 0 stopped, 1 not run" "--debug: Ctrl-C is reported as an early end"
like "$(cat screen)" "volley: to rerun it: volley --debug --only 1 $child" \
	"--debug: the summary has the command that reruns the failed job"
[ ! -e pid.2 ]
ok $? "--debug: no other job is started after Ctrl-C"

if command -v bash >/dev/null; then
	rm -f pid.*
	start_shell
	order "type PS1='ready> '^M"
	wait_for shows 'ready> '
	order "type '$VOLLEY' --debug -n0 'echo \$\$ >pid.1; read -r line; echo \"line is \$line\"' ::: 1^M"
	wait_for [ -s pid.1 ]
	order 'type ^Z'
	wait_for shows Stopped && stopped "$(cat pid.1)"
	ok $? "--debug: Ctrl-Z stops the job and volley"
	order 'type fg^M'
	wait_for running "$(cat pid.1)"
	order 'type typed^M'
	wait_for shows 'line is typed'
	ok $? "--debug: after fg the job reads from the terminal"
	order 'type exit^M'
	end_on
else
	skip "--debug and Ctrl-Z" "no bash"
fi

# interrupted HOW OPTION...: "status number-of-jobs-that-were-started" after HOW was
# typed while the first of two jobs had the terminal.
interrupted() {
	how=$1
	shift
	rm -f pid.* typescript
	start_on "" $VOLLEY_WRAP "$VOLLEY" --debug "$@" "$child" 'pidfile=pid.{#}' hang ::: 1 2
	wait_for [ -s pid.1 ]
	order "type $how"
	end_on
	set -- pid.*
	echo "$status $#"
}
is "$(interrupted ^C --halt never)" "130 1" "--debug --halt never: Ctrl-C ends the run"
is "$(interrupted ^C --retries 3)" "130 1" "--debug --retries: Ctrl-C ends the run"
is "$(interrupted '^\\' --halt never)" "131 1" "--debug: Ctrl-\\ ends the run"
run volley --debug --halt never "$child" kill=INT ::: 1 2
is "$status" 2 "without a terminal, a job that dies of SIGINT fails like any other"

# suspends TEXT: Ctrl-Z in a shell that runs the command line TEXT stops it all, and fg
# continues it.
suspends() {
	rm -f pid.* typescript
	start_shell
	order "type PS1='ready> '^M"
	wait_for shows 'ready> '
	order "type $1^M"
	wait_for [ -s pid.1 ]
	order 'type ^Z'
	wait_for shows Stopped && stopped "$(cat pid.1)"
	ok $? "--debug: Ctrl-Z stops $2"
	order 'type fg^M'
	wait_for running "$(cat pid.1)"
	go_on 1
	wait_for shows job-1-done
	ok $? "--debug: fg continues $2"
	order close # the rest of the pipeline may still run
	end_on
}
job="'$child' pidfile=pid.{} 'wait=fifo.{}' line=job-{}-done ::: 1"
if command -v bash >/dev/null; then
	suspends "'$VOLLEY' --debug $job | cat" "a pipeline that volley begins"
	suspends "'$child' hang | '$VOLLEY' --debug $job; echo ended" "a pipeline that volley ends"
else
	skip "--debug and Ctrl-Z in a pipeline" "no bash"
fi

# --- stty tostop

cat >tostop <<'END'
stty tostop
"$@"
END
on_tostop() {
	"$helpers/pty" $VOLLEY_WRAP sh ./tostop "$VOLLEY" "$@" </dev/null | tr -d '\r' >out 2>err
}
on_tostop -u -j1 -n0 'echo stdout; echo stderr >&2' ::: 1
is "$(cat out)" "stdout
stderr" "stty tostop: a job that has the terminal as its output may write to it"
on_tostop -u -j1 -n0 'read -r line </dev/tty; touch reached.2' ::: 1
grep -q 'job 1: wanted the terminal' out && ! there reached.2
ok $? "stty tostop: such a job may not read from the terminal"
nothing_left "no process is left"

done_testing
