#!/bin/sh
# SPDX-License-Identifier: ISC
# Sources of events and their effect: lines, files, arguments, combinations, batches,
# selections.  YAML has tests of its own.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

child=$TOP_BUILDDIR/tests/helpers/child

# given INPUT ARG...: run volley in order with the printf format INPUT as stdin.
given() {
	# shellcheck disable=SC2059  # it is meant to be a format
	printf "$1" >in
	shift
	run volley -k "$@" <in
}

# gives WANT NAME: that was the output, and all went well.
gives() {
	is "$status:$(cat out)$(cat err)" "0:$1" "$2"
}

# refused STATUS MESSAGE NAME: it ended so, saying just that, and ran nothing.
refused() {
	is "$status:$(cat out)$(cat err)" "$1:volley: $2" "$3"
}

# --- lines

given 'a\nb c\n\n d \n' echo '[{}]'
gives '[a]
[b c]
[]
[ d ]' "each line is an event, unchanged, even an empty one"
given 'a\nb' echo
gives 'a
b' "a last line without a newline is an event"
given '' echo no
gives '' "empty input runs no job"
given '\n' echo '[{}]'
gives '[]' "an empty line is one event"
given '' -f yaml echo no
gives '' "empty input in another format runs no job"
given 'a\n\n \t\nb\n' -r echo '[{}]'
gives '[a]
[b]' "-r skips blank lines"
given 'a\n\nb\n' -r echo '{#}{}'
gives '1a
2b' "-r does not number the lines that it skips"
given 'a\nx\0y\n' -j1 echo
is "$status:$(cat out):$(cat err)" \
	"126:a:volley: (stdin):2:2: NUL byte in a line; use -0 if NUL ends each event" \
	"a NUL in a line is reported with its place, after the earlier events have run"

# --- delimiters

given 'a\nb\0c d\0' -0 echo '[{}]'
gives '[a
b]
[c d]' "-0: NUL ends each event"
given 'a\0b' -f null echo '[{}]'
gives '[a]
[b]' "-f null is -0"
for spelling in ',' '\x2c' '\x2C' '\54' '\054'; do
	given 'a,b\nc,d' -d "$spelling" echo '[{}]'
	gives '[a]
[b
c]
[d]' "-d '$spelling'"
done
given 'a\tb' -d '\t' echo '[{}]'
gives '[a]
[b]' "-d '\\t'"
given 'a\rb' --delimiter='\r' echo '[{}]'
gives '[a]
[b]' "--delimiter='\\r'"
given 'a\\b' -d '\\' echo '[{}]'
gives '[a]
[b]' "-d '\\\\'"
given 'a\\b' -d\\ echo '[{}]'
gives '[a]
[b]' "-d '\\'"
given 'a\0b' -d '\0' echo '[{}]'
gives '[a]
[b]' "-d '\\0'"
given 'a\nb\n' -d '\n' echo '[{}]'
gives '[a]
[b]' "-d '\\n'"
for bad in ab é '\q' '\x' '\x100' '\400' '\0000' '\9' ''; do
	run volley -d "$bad" echo ::: a
	refused 125 "-d ${bad:-''}: a delimiter is one byte: a character, or \\n \\t \\0 \\r \\\\ \\xHH \\ooo" \
		"-d '$bad' is refused"
done
given 'a' -0 -d , echo
refused 125 "-0 and -d exclude each other" "-0 with -d"

# --- CRLF

given 'a\r\nb\nc\r\nd\r' printf '%s|'
is "$(od -An -c out | tr -d ' ')" 'a|b|c|d|' "CRLF: if the first line ends in CRLF, every line loses its CR"
given 'a\nb\r\n' printf '%s|'
is "$(od -An -c out | tr -d ' ')" 'a|b\r|' "CRLF: otherwise a CR belongs to its line"
given 'a\nb\r\n' --crlf printf '%s|'
is "$(od -An -c out | tr -d ' ')" 'a|b|' "--crlf: a CR is removed"
given 'a\r\nb\r\n' --no-crlf printf '%s|'
is "$(od -An -c out | tr -d ' ')" 'a\r|b\r|' "--no-crlf: a CR is always kept"
given 'a\r\nb' --crlf --no-crlf echo
refused 125 "--crlf and --no-crlf exclude each other" "--crlf with --no-crlf"
given 'a\r\0b\r\0' -0 printf '%s|'
is "$(od -An -c out | tr -d ' ')" 'a\r|b\r|' "CRLF: only lines lose a CR, not NUL-terminated events"

# --- files

printf '1\n2\n3\n' >numbers
printf 'x\ny\n' >letters
run volley -k -a numbers echo
gives '1
2
3' "-a FILE"
run volley -k --input=numbers echo
gives '1
2
3' "--input=FILE"
run volley -k --arg-file numbers echo
gives '1
2
3' "--arg-file FILE, as xargs has it"
given 'p\nq\n' -a - echo
gives 'p
q' "-a -: standard input"
run volley -k -a numbers -a letters echo
gives '1 x
1 y
2 x
2 y
3 x
3 y' "-a twice: the inputs are crossed, the last one varies fastest"
given 'p\nq\n' -a letters -a - echo
gives 'x p
x q
y p
y q' "-a - among others"
run volley -k echo :::: letters
gives 'x
y' ":::: FILE"
printf 'p\n' >in
run volley -k echo :::: letters - <in
gives 'x p
y p' ":::: FILE -"
run volley -k echo ::: a b :::: letters ::: '' 'c d'
gives 'a x 
a x c d
a y 
a y c d
b x 
b x c d
b y 
b y c d' "sources of several kinds, in the order of the command line"
run volley -k -a letters echo '{2}{1}' ::: 1 2
gives '1x
2x
1y
2y' "-a comes before the sources after the command"
run volley echo :::
gives '' "::: without values runs no job"
run volley echo ::: a :::
gives '' "::: without values crossed with another source runs no job"
run volley echo ::::
refused 125 ":::: needs the name of a file" ":::: without a file"
printf 'rest\n' >in
{
	volley echo ::: a
	status=$?
	cat
} <in >out 2>err
gives 'a
rest' "standard input is left alone when events come from elsewhere"

for how in '-a none echo' 'echo :::: none' 'echo ::: a :::: none' '-a numbers -a none echo'; do
	# shellcheck disable=SC2086  # words
	run volley $how
	refused 126 "cannot open 'none': No such file or directory" "a file that is missing: $how"
done
mkdir folder
run volley -a folder echo
refused 126 "cannot read 'folder': Is a directory" "a directory cannot be an input"
run volley echo <folder
refused 126 "cannot read standard input: Is a directory" "a directory on standard input is refused"
for how in '-a - -a - echo' 'echo :::: - -' '-a - echo :::: -'; do
	# shellcheck disable=SC2086
	run volley $how <numbers
	refused 125 "standard input is given as an input twice" "standard input twice: $how"
done
printf 'a,b' >list.csv
run volley -k -a list.csv -d , echo
gives 'a
b' "-d overrides the file's extension"
printf -- '- a\n- b\n' >list.txt
run volley -k -f lines -a list.txt echo
gives '- a
- b' "-f lines"
run volley -f nonsense echo ::: a
refused 125 "-f nonsense: use lines, null, csv, tsv, json, jsonl or yaml" "-f with an unknown format is refused"

# --- how long an event may be

given '123456789\n1234567890\n12345678901\n' -j1 --max-event 10 echo
is "$status:$(cat out):$(cat err)" "126:123456789
1234567890:volley: (stdin):3:1: event longer than 10 bytes; --max-event raises the limit" \
	"--max-event"
given '' --max-event 1x echo
refused 125 "--max-event 1x: not a size above 0; write 64K, 500M, 2G" "--max-event with an invalid size is refused"
given '' --max-event 0 echo ::: a
refused 125 "--max-event 0: not a size above 0; write 64K, 500M, 2G" "--max-event 0"

# --- batches

given '1\n2\n3\n4\n5\n' -n2 echo
gives '1 2
3 4
5' "-n: each job gets N events, the last one the rest"
given '1\n2\n3\n' -n 2 "$child" args '{}' 'a{}b' c
gives '[1]
[2]
[a1b]
[a2b]
[c]
[3]
[a3b]
[c]' "-n: {} as a word becomes N words, and is repeated with its surroundings inside a word"
given 'a b\n$x\n' -n 2 'for i in {} x{}y; do echo "[$i]"; done; v={}; echo "$v"'
gives '[a b]
[$x]
[xa by]
[x$xy]
a b $x' "-n: the same in shell lines; values are joined where a list is impossible"
given '1\n2\n3\n' --max-args=2 'echo "{}"'
gives '1 2
3' "--max-args: also in quotes"
given '1\n2\n3\n' -N 2 echo '{#}'
gives '1
2' "-n: {#} counts jobs"
run volley -k -n 2 echo ::: a b ::: 1 2
gives 'a 1 a 2
b 1 b 2' "-n with several sources"
given '1\n2\n3\n' -n 10 echo
gives '1 2 3' "-n: more than the number of events"
given 'a\nb\n' -n0 echo x
gives 'x
x' "-n0: one job per event, nothing appended"
given 'a\nb\n' -n0 'echo x'
gives 'x
x' "-n0: nothing is appended to a shell line"
given 'a\nb\n' -n0 'echo {}'
gives 'a
b' "-n0: {} is still the event"
given 'a\n' -n x echo
refused 125 "-n x: not a number" "-n with an invalid number is refused"
given 'a\n' -n 2
refused 125 "-n needs a command: events that are commands run one by one" "-n without a command"

# --- a choice of events

for list in 2-3,7,9-:237910 5:5 9-,2:2910 3-4,4-5:345 1-:12345678910 20-: 10-30:10; do
	run volley -k -j1 --only "${list%:*}" printf '%s' ::: 1 2 3 4 5 6 7 8 9 10
	gives "${list#*:}" "--only ${list%:*}"
done
given 'a\nb\nc\n' --only 2- echo '{#}{}'
gives '2b
3c' "--only: events keep their numbers"
given 'a\nx\0y\n' --only 1 echo
gives a "--only: input after the last selected event is not read"
run volley --only 1,9 echo ::: a b
is "$status-$(cat out err)" "126-a
volley: event 9 is selected, but the input has only 2" "--only: a missing event is reported"
run volley --only 2-9 echo ::: a b
is "$status-$(cat out err)" 0-b "--only: a range may end after the last event"
run volley --only 9- echo ::: a b
is "$status-$(cat out err)" 0- "--only: an open range may begin after the last event"
for bad in 0 3-2 a '1,' ',' 1-2-3 -3 '1 2' ''; do
	run volley --only "$bad" echo ::: a
	refused 125 "--only ${bad:-''}: not a list of event numbers; write 3,7-9,20-" "--only '$bad' is refused"
done

seq 1000 >thousand
volley -k --shuf -n1000 printf '%s\n' <thousand >shuffled
! cmp -s thousand shuffled
ok $? "--shuf: the order changes"
sort -n shuffled | cmp -s - thousand
ok $? "--shuf: every event runs exactly once"
given 'a\nb\nc\n' --shuf -j1 echo '{#}{}'
is "$(sort out)" '1a
2b
3c' "--shuf: events keep their numbers"
given 'a\nb\nc\n' --shuf --only 2-3 echo
is "$(sort out)" 'b
c' "--shuf with --only"

# --- events are pulled as they are needed

# Whoever writes one line and waits for its job before the next, gets it.
mkfifo in-fifo ran1 ran2
volley -j1 "$child" 'post=ran{#}' line=got args {} <in-fifo >out 2>err &
exec 4>in-fifo
for line in 1 2; do
	echo $line >&4
	"$child" wait=ran$line # for ever, if it does not run
done
exec 4>&-
wait $!
is "$?:$(cat out)" "0:got
[1]
got
[2]" "a job runs as soon as its line has arrived"

# The offset of a file on standard input shows how far it was read.
seq 100000 >many
volley -j1 'sed -n "s/pos:[[:blank:]]*//p" /proc/$VOLLEY_PID/fdinfo/0 >position; kill -TERM $VOLLEY_PID; : {}' <many 2>err
position=$(cat position)
[ "$position" -gt 0 ] && [ "$position" -le 65536 ]
ok $? "at most one buffer is read ahead ($position bytes)"

# Memory is that of the sanitizers and valgrind, where they are: freed memory
# that they keep is not ours.
peak='sed -n "s/VmHWM:[[:blank:]]*\([0-9]*\) kB/\1/p" /proc/$VOLLEY_PID/status'
ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1
if [ -n "$VOLLEY_WRAP" ]; then
	skip "endless input in constant memory" "no measurement under $VOLLEY_WRAP"
	skip "millions of events in constant memory" "no measurement under $VOLLEY_WRAP"
else
	yes | volley -j2 'case {#} in 300|1500) '"$peak"' >peak{#} ;; 1510) kill -TERM $VOLLEY_PID ;; esac' 2>err
	status=$?
	[ "$status" -eq 143 ] && [ $(($(cat peak1500) - $(cat peak300))) -lt 1024 ]
	ok $? "endless input needs constant memory (kB: $(cat peak300), $(cat peak1500))"
	yes | volley -j1 --only 1000,1000000 "$peak; : {}" >out 2>err
	[ $(($(sed -n 2p out) - $(sed -n 1p out))) -lt 1024 ]
	ok $? "a million events need constant memory (kB: $(tr '\n' ' ' <out))"
fi

done_testing
