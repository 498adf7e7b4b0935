#!/bin/sh
# SPDX-License-Identifier: ISC
# --stdin and --env: the standard input and the variables of jobs.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

nl='
'

run volley -k --stdin 'x{}y' cat ::: a 'b  c'
is "$status-$(cat out)" "0-xayxb  cy" "the job reads exactly the text"
run volley -k --stdin "{}$nl" 'wc -l; echo more' ::: a b
is "$(tr -d ' ' <out)" "1${nl}more${nl}1${nl}more" "a shell line reads the text"
run volley --stdin hello echo got ::: a
is "$(cat out)" got "with --stdin the event is not appended"
run volley --stdin '{}' 'cat; echo " {}"' ::: "it's"
is "$(cat out)" "it's it's" "with --stdin the event may be in the command as well"

printf '%s\n' '- {a: 1, b: [x, "2"]}' >e.yaml
run volley -a e.yaml --stdin '{}' cat
is "$(cat out)" '{"a":1,"b":["x","2"]}' "a mapping is a line of JSON"
run volley -a e.yaml --stdin '{a}{nope:-none}' cat
is "$(cat out)" 1none "a field is its value"
run volley -a e.yaml --stdin '{nope}' cat
is "$status" 125 "an unknown field is a usage error"
like "$(cat err)" "no field 'nope'" "the message names the unknown field"
run volley --stdin '{:raw}' cat ::: a
is "$status" 125 "nothing is pasted into a text"

run volley -k -n2 --stdin '<{}>' cat ::: a b c
is "$(cat out)" "<a>$nl<b><c>" "with a batch the text is repeated on separate lines"
run volley --stdin '{}' cat ::: a ::: b
is "$(cat out)" "a b" "the values of several sources are one text"

# larger than a pipe, and not read
head -c 3000000 /dev/zero | tr '\0' 'x' >big
{ printf -- '- "'; cat big; printf '"\n'; } >big.yaml
run volley -a big.yaml --stdin '{}' wc -c
is "$(tr -d ' ' <out)" 3000000 "the text may have any length"
run volley -a big.yaml --stdin '{}' true
is "$status-$(cat err)" 0- "a job need not read the text"
run volley -a big.yaml --stdin '{}' head -c 3
is "$(cat out)" xxx "a job need not read all of the text"

run volley cat ::: a
is "$status" 1 "without --stdin the standard input is empty"
run volley --dry-run --stdin "it's {}" cat ::: 'a b'
is "$(cat out)" "printf %s 'it'\\''s a b' | cat" "the command is shown with a pipe"
mv out shown
run sh shown
is "$(cat out)" "it's a b" "the command shown with a pipe does the same"
run volley --dry-run --stdin '{}' --env A='{} *' --workdir / 'cat; echo "$A"; pwd # x' ::: q
is "$(cat out)" "printf %s q | (cd / || exit; export A='q *'; cat; echo \"\$A\"; pwd # x$nl)" \
	"the command is shown with its directory and variables"
mv out shown
run sh shown
is "$(cat out)" "qq *$nl/" "the command shown with directory and variables does the same"
run volley --dry-run --stdin '{}' 'true && cat' ::: q
is "$(cat out)" "printf %s q | (true && cat)" "all commands of a shell line read the text"

run volley -k -n0 --env A='<{}>' --env B=2 'echo "$A $B"' ::: a 'b  c'
is "$(cat out)" "<a> 2$nl<b  c> 2" "--env sets a variable for each job"
HOME=/x run volley -n0 --env HOME=/y --env HOME='/{}' 'echo $HOME; env | grep -c ^HOME=' ::: z
is "$(cat out)" "/z${nl}1" "--env replaces inherited variables, and the last one is used"
run volley -a e.yaml --env EVENT_a=mine --env VOLLEY_SEQ=9 -n0 \
	'echo $EVENT_a $VOLLEY_SEQ; env | grep -c "^EVENT_a="'
is "$(cat out)" "mine 9${nl}1" "--env replaces variables that volley sets"
run env EVENT_a=outer EVENT_z=outer "$VOLLEY" -n0 -a e.yaml grep -zc '^EVENT_a=' /proc/self/environ
is "$(cat out)" 1 "a variable of an outer run is replaced"
run env A=outer "$VOLLEY" --env AB=1 'echo $A $AB' ::: z
is "$(cat out)" "outer 1 z" "names with a common beginning are different"
run volley --env 2A=x true ::: a
is "$status" 125 "an invalid name is refused"
run volley --env A true ::: a
is "$status" 125 "a name without a value is refused"
run volley --stdin
is "$status" 125 "--stdin needs its text"

done_testing
