#!/bin/sh
# SPDX-License-Identifier: ISC
# Combinations of options, values without effect, and files that are the same.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck disable=SC2154,SC1083  # status; {} is text
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

# refuses MESSAGE ARG...: status 125 and just that.
refuses() {
	want=$1
	shift
	run volley "$@" </dev/null
	is "$status:$(cat out):$(cat err)" "125::volley: $want" "refused: $*"
}

# takes ARG...: a run of two events succeeds.
takes() {
	run volley "$@" <events
	is "$status:$(grep '^volley:' err)" 0: "accepted: $*"
}
printf 'a\nb\n' >events

# --- one of two would have no effect

for option in -k '-o json' '--results r' '--tagstring x' --tag --line-buffer --only-failed \
	--print-stopped; do
	name=${option%% *}
	# shellcheck disable=SC2086  # an option and its argument
	refuses "-u and $name exclude each other: jobs then write to stdout themselves" \
		-u $option echo ::: a
done
for option in '-o json' '--results r' '--tagstring x' --tag --line-buffer --only-failed \
	--print-stopped --progress '--progress plain:1s'; do
	name=${option%% *}
	case $option in *plain*) option=--progress=plain:1s ;; esac
	# shellcheck disable=SC2086
	refuses "--debug and $name exclude each other: jobs then write to the terminal themselves" \
		--debug $option echo ::: a
done
for option in --debug -u '-n 2'; do
	# shellcheck disable=SC2086
	refuses "--worker and ${option%% *} exclude each other: a worker answers one event after the other" \
		$option --worker cat ::: a
done
for option in --tag '--tagstring x'; do
	# shellcheck disable=SC2086
	refuses "-o and ${option%% *} exclude each other: each record names its event" \
		-o yaml $option echo ::: a
done
refuses "-o and --line-buffer exclude each other: a record is written when its job has finished" \
	-o csv --line-buffer echo ::: a
refuses "-o and --print-stopped exclude each other: records have the output of stopped jobs anyway" \
	-o json --print-stopped echo ::: a
refuses "--line-buffer and --only-failed exclude each other: lines are shown before it is known whether the job fails" \
	--line-buffer --only-failed echo ::: a
for option in '--retries 2' '--retries 0' --event-options; do
	# shellcheck disable=SC2086
	refuses "-u and ${option%% *} exclude each other: output is shown before it is known whether the job will be tried again" \
		-u $option echo ::: a
	# shellcheck disable=SC2086
	refuses "--line-buffer and ${option%% *} exclude each other: lines are shown before it is known whether the job will be tried again" \
		--line-buffer $option echo ::: a
done
refuses "-n and --event-options exclude each other: a job of several events cannot have the options of each" \
	-n 2 --event-options echo ::: a
refuses "-0 and -d exclude each other" -0 -d , echo
refuses "-f null and -d exclude each other" -f null -d , echo
refuses "--header and --no-header exclude each other" --header --no-header echo
refuses "--crlf and --no-crlf exclude each other" --crlf --no-crlf echo

takes --tag --tagstring x echo
is "$(sort out | tr '\t\n' '- ')" 'x-a x-b ' "--tagstring replaces the text of --tag"
takes -k --line-buffer echo
takes --debug -j 4 -k -t true
takes --debug -u true
printf 'jobs: 3\nkeep-order: yes\ncolor: always\nunit: file\nheader: yes\nlink: yes\nmax-depth: 3\n' >profile.yaml
takes --run profile.yaml --debug true
takes --run profile.yaml --no-progress true
takes --run profile.yaml -u --no-keep-order true
takes --run profile.yaml true ::: a b
takes -u -o text --retries 1 --progress=none true
takes --debug --progress=auto true
takes --worker -n 1 cat
takes --worker -n 0 cat
takes --shell bash --tmpdir . --color=never --drain 1s --termseq KILL --unit event echo {}
echo x >x
run volley --debug --stdin 'given {}' cat ::: 1 <x
rm x
is "$(cat out)" 'given 1' "--stdin is also used with --debug"

# --- one needs another

refuses "--resume needs --joblog FILE" --resume true ::: 1
refuses "--resume-failed needs --joblog FILE" --resume-failed true ::: 1
refuses "--joblog-sync needs --joblog FILE" --joblog-sync=job true ::: 1
refuses "--lock-wait needs --lock FILE" --lock-wait 1s true ::: 1
refuses "--retry-delay needs --retries N" --retry-delay 1s true ::: 1
refuses "--retry-on needs --retries N" --retry-on exit true ::: 1
for option in '--reply json' '--window 2' '--worker-max 3'; do
	# shellcheck disable=SC2086
	refuses "${option% *} needs --worker" $option true ::: 1
done
takes --retry-delay 1s --event-options --header true
refuses "--color needs --tag" --color true ::: 1
refuses "--color needs --tag" --color=always true ::: 1
takes --color=always --tagstring x true
takes --color=auto true
for option in --no-progress --progress=none; do
	refuses "--unit and $option exclude each other: there is no bar" \
		--unit file $option true ::: 1
done
refuses "--unit and --debug exclude each other: there is no bar" --unit file --debug true ::: 1
refuses "--unit and -u exclude each other: there is no bar unless --progress asks for one" \
	--unit file -u true ::: 1
takes -u --unit file --progress=bar true
takes --reply line --worker cat

# --- the format of inputs

refuses "-f is for files and standard input, and no input is of that kind" -f json echo ::: '{"a":1}'
refuses "-0 is for lines, and no input is of that kind" -0 echo ::: a
refuses "-d is for lines, and no input is of that kind" -d , echo ::: a,b
refuses "-d is for lines, and no input is of that kind" -d , -f csv echo
refuses "-C is for lines, arguments and csv, and no input is of that kind" -C , -f yaml echo
refuses "-C is for lines, arguments and csv, and no input is of that kind" -C , -a x.json echo
refuses "-C  +: in csv, one byte separates fields, not a regular expression; use -f lines to split lines by one" \
	-C ' +' -a x.csv echo
refuses "--colsep ::: in csv, one byte separates fields, not a regular expression; use -f lines to split lines by one" \
	--colsep '::' -f csv echo
refuses "-C ;: in tsv, tabs separate fields; use -f csv" -C ';' -a x.csv -a x.tsv echo
refuses "-C \": a line break or quote cannot separate fields" -C '"' -f csv echo
refuses "--quote is for csv and tsv, and no input is of that kind" --quote no -f json echo
takes -C '\t' -f tsv echo
takes -C '"' --quote no -f csv echo
refuses "--path is for json and yaml, and no input is of that kind" --path a -a x.csv echo
for input in x.json x.csv x.tsv; do
	refuses "--header is for lines and arguments (csv and tsv have a header anyway), and no input is of that kind" \
		--header -a $input echo
	refuses "-r is for lines, and no input is of that kind" -r -a $input echo
done
refuses "-r is for lines, and no input is of that kind" -r echo ::: a
refuses "--max-event is for files and standard input, and no input is of that kind" \
	--max-event 1K echo ::: a
for format in lines csv; do
	refuses "--max-depth is for json and yaml, and no input is of that kind" \
		--max-depth 3 -f $format echo
done
refuses "--max-depth is for json and yaml, and no input is of that kind" --max-depth 3 echo ::: a
names="is for events with named fields (json, yaml, csv, tsv, or --header), and no input is of that kind"
refuses "--event-options $names" --event-options echo ::: a
refuses "--event-options $names" --event-options echo
refuses "--event-options $names" --event-options --no-header -f csv echo
takes --event-options --header echo ::: a b
takes --event-options -f csv echo
refuses "--link is for several inputs, and there is one" --link echo ::: a b
refuses "--link is for several inputs, and there is one" --link echo
takes --link echo ::: a b ::: c d
takes -r echo
refuses "--no-header is for csv and tsv, and no input is of that kind" --no-header echo
refuses "--crlf is for lines that end in a newline, and no input is of that kind" --crlf -0 echo
refuses "--no-crlf is for lines that end in a newline, and no input is of that kind" \
	--no-crlf -a x.csv echo
takes -f lines -d ' ' -a - echo ::: x
takes -C , --header echo ::: a,b 1,2
takes --header echo
takes --crlf echo
printf 'command: echo {}\ninput: in.csv\nno-header: yes\n' >run.yaml
run volley --run run.yaml ::: 1
is "$status:$(cat out)" 0:1 "a run file may set options for an input that the command line replaces"
refuses "-I needs a command: events that are commands hold no placeholders" -I X ::: 'echo X'
takes -I X --tagstring X -a /dev/null

# --- values that mean nothing

refuses "--deadline 0: write a duration above 0" --deadline 0 true ::: 1
refuses "--deadline 0: write a duration above 0" --deadline=0 true ::: 1
refuses "--max-depth 0: write 1 to 1000" --max-depth 0 true ::: 1
for load in 0 0% +2 -1 '' % 12345678 x; do
	refuses "--load ${load:-''}: write a number of processes (8), or a percentage of the CPUs (100%)" \
		--load "$load" true ::: 1
done
for size in 0 0K '' -1 K; do
	refuses "--memfree ${size:-''}: not a size above 0; write 64K, 500M, 2G" --memfree "$size" true ::: 1
done
for option in -a --run --lock --joblog --failed-to --results --tmpdir --workdir --shell; do
	refuses "$option '': the name is empty" $option '' true ::: 1
done
takes --lock-wait 0 --delay 0 --drain 0 --nice 0 true

for number in -1 -99 1000000001 99999999999999999999; do
	refuses "-n $number: write 0 to 1000000000" -n $number true ::: 1
	refuses "--retries $number: write 0 to 1000000000" --retries $number true ::: 1
	refuses "--window $number: write 0 to 1000000000" --worker --window $number true ::: 1
	refuses "--worker-max $number: write 0 to 1000000000" --worker --worker-max $number true ::: 1
	refuses "--nice $number: write 0 to 19" --nice $number true ::: 1
	refuses "--max-depth $number: write 1 to 1000" --max-depth $number true ::: 1
done
for number in - -x x 1x ''; do
	refuses "-n ${number:-''}: not a number" -n "$number" true ::: 1
done
# --- one file for two purposes

mkdir dir
ln -s dir link
: >old
ln old hard
ln -s old soft
for other in x ./x "$PWD/x" dir/../x; do
	refuses "--joblog x and --failed-to $other are the same file" \
		--joblog x --failed-to $other false ::: 1
done
refuses "--joblog dir/x and --results link/x are the same file" \
	--joblog dir/x --results link/x false ::: 1
for other in hard soft; do
	refuses "--joblog old and --failed-to $other are the same file" \
		--joblog old --failed-to $other false ::: 1
	refuses "--lock old and --joblog $other are the same file" \
		--lock old --joblog $other false ::: 1
	refuses "-a $other and --joblog old are the same file" -a $other --joblog old false
	refuses "-a $other and --results old are the same file" -a $other --results old false
done
refuses ":::: old and --joblog old are the same file" --joblog old true ::: a :::: events old
refuses "--results dir and --failed-to link are the same file" \
	--results dir --failed-to link false ::: 1
refuses "-a in.part and the temporary file of --failed-to in.part are the same file" \
	-a in.part --failed-to in true
refuses "--joblog in.part and the temporary file of --failed-to in.part are the same file" \
	--joblog in.part --failed-to in true ::: a
cp run.yaml run.copy
refuses "--run run.copy and --failed-to run.copy are the same file" \
	--run run.copy --failed-to run.copy ::: a
cmp run.yaml run.copy
ok $? "a run file is not overwritten"
echo 2 >number
refuses "-j number and --failed-to number are the same file" -j number --failed-to number true ::: a
takes -a old --failed-to old true
takes -a old --lock old true
takes -j 2 --failed-to 2 true
takes -j 2 --failed-to 2 true
takes --joblog /dev/null --failed-to /dev/null true
takes --joblog dir/x --failed-to x --results dir/y true

done_testing
