#!/bin/sh
# SPDX-License-Identifier: ISC
# No output is lost, cut or duplicated with slow or late readers and full disks.
# shellcheck disable=SC2016  # what is in single quotes is for volley's shell
# shellcheck disable=SC2154  # status
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

child=$TOP_BUILDDIR/tests/helpers/child
tab=$(printf '\t')
mkfifo go reader

# --- what was shown already is in the results, too

for how in -k '-k --line-buffer' --line-buffer '-k --tag'; do
	rm -f r.json
	# shellcheck disable=SC2086  # options are words
	volley -n0 $how --results r.json 'echo one; : <go; echo two' ::: a >reader 2>err &
	run=$!
	exec 5<reader
	case $how in
	*tag) want="a${tab}one" ;;
	*) want=one ;;
	esac
	IFS= read -r line <&5
	is "$line" "$want" "$how --results: a job streams"
	: >go
	cat <&5 >rest
	exec 5<&-
	wait $run
	is "$?-$(jq -r .stdout r.json)" "0-one
two" "$how --results: the results have all output"
done

# --- a last line without end, larger than any pipe

# The reader is late: a job has written all, whose turn it need not be, or both.
# shellcheck disable=SC2317  # wait_for calls it
either_over() {
	[ -e over.a ] || [ -e over.b ]
}
# shellcheck disable=SC2317
both_over() {
	[ -e over.a ] && [ -e over.b ]
}
long=$(head -c 3000000 /dev/zero | tr '\0' x | cksum)
for how in --line-buffer '-k --line-buffer' '--line-buffer --tag' --tag ''; do
	rm -f over.*
	# shellcheck disable=SC2086
	"$VOLLEY" -j2 $how 'echo {}1; head -c 3000000 /dev/zero | tr "\0" x; : >over.{}' \
		::: a b >reader 2>err &
	run=$!
	exec 5<reader
	case $how in
	*-buffer*) wait_for either_over ;; # the other one may be held
	*) wait_for both_over ;;
	esac
	cat <&5 >out
	exec 5<&-
	wait $run
	is "$?-$(cat err)" 0- "${how:-text}: the run succeeds"
	for job in a b; do
		grep -c "${job}1" out
		tr -d "ab1$tab\n" <out | head -c 3000000 | cksum
	done >got
	is "$(cat got) $(tr -dc x <out | wc -c)" "1
$long
1
$long 6000000" "${how:-text}: a last line without a newline, larger than the pipe"
done

# --- a reader that is silent for longer than --drain

# Reads until the job has ended, then nothing for long, then the rest.
for how in -k '-k --line-buffer' --line-buffer '-k --results r2.json' '-k --tag'; do
	rm -f over r2.json
	# shellcheck disable=SC2086
	{
		"$VOLLEY" -n0 $how --drain 0.02 "$child" out=6000001 touch=over ::: a 2>err
		echo $? >status
	} | {
		while [ ! -e over ]; do
			head -c 4096
		done
		"$child" nap 300
		cat
	} >out
	is "$(cat status err)-$(tr -d "a$tab" <out | cksum)" \
		"0-$({ "$child" out=6000001; case $how in *-buffer | *tag) echo ;; esac; } |
			tr -d "a$tab" | cksum)" \
		"$how: a reader may be silent for longer than --drain"
done

# --- results that cannot be written

# full NAME FILE MESSAGE OPTION...: the run ends, and says so.
full() {
	full_name=$1
	full_file=$2
	shift 2
	run volley -j1 "$@" 'echo {}; echo {} >&2; exit 1' ::: a b c
	is "$status" 126 "$full_name: a full disk is an error"
	like "$(cat err)" "'$full_file': No space left on device" "$full_name: the message names the file"
	is "$(grep -c 'No space' err)" 1 "$full_name: the error is reported once"
}
for type in json yaml csv; do
	ln -s /dev/full full.$type
	full "--results FILE.$type" full.$type --results full.$type
done
for name in stdout stderr .result; do
	rm -rf full
	mkdir -p full/1
	ln -s /dev/full full/1/$name
	full "--results DIR, $name" "full/1/$name" --only 1 --results full
	[ ! -e full/1/result ]
	ok $? "--results DIR, $name: incomplete output has no result file"
done
ln -s /dev/full failed.part
full --failed-to failed --failed-to failed
[ ! -e failed ]
ok $? "--failed-to: no incomplete file is left"

# A file on a full disk ends with its last whole record, and the run can go on.
if unshare -m true 2>/dev/null; then
	mkdir small
	cat >on-small.sh <<'END'
mount -t tmpfs -o size=1m none small || exit 99
"$VOLLEY" -j1 --joblog log --results small/r.$1 "$CHILD" out=200000 'line={}' ::: \
	1 2 3 4 5 6 7 8 >out 2>err
echo $?
cp small/r.$1 first.$1
mount -o remount,size=100m small
"$VOLLEY" -j1 --joblog log --resume --results small/r.$1 "$CHILD" out=200000 'line={}' ::: \
	1 2 3 4 5 6 7 8 >>out 2>>err
echo $?
cp small/r.$1 all.$1
END
	for type in json yaml csv; do
		rm -f log
		is "$(CHILD=$child unshare -m sh on-small.sh $type)" "126
0" "--results FILE.$type: a full disk ends the run, which can be resumed"
		volley -k -a first.$type echo '{seq}' >first
		seq "$(wc -l <first)" | cmp -s - first && [ -s first ]
		ok $? "--results FILE.$type: all records are complete"
		is "$(volley -k -a all.$type echo '{seq}' | paste -sd' ')" "1 2 3 4 5 6 7 8" \
			"--results FILE.$type: each job is recorded once in the end"
	done
else
	skip "results on a full disk end with a whole record" "no permission to mount one"
fi

done_testing
