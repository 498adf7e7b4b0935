#!/bin/sh
# SPDX-License-Identifier: ISC
# --event-options: options that an event sets for its own job.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

nl='
'
mkdir d 'e f'

cat >a.yaml <<'END'
- {id: 1}
- {id: 2, volley: {workdir: e f, stdin: "in {id}", env: {A: own, B: "{id}"}}}
- id: 3
  volley.workdir: d
END
line='echo "{id} $A $B $(basename "$PWD")"; cat'

run volley -k -a a.yaml --event-options --env A=all --stdin 'all{id}' "$line"
is "$status" 0 "events may carry options"
is "$(cat out)" "1 all  ${scratch##*/}${nl}all12 own {id} e f${nl}in {id}3 all  d${nl}all3" \
	"event options take precedence for their own job, without placeholders"

run volley -k -a a.yaml --event-options --workdir d "$line"
is "$(cat out)" "1   d${nl}2 own {id} e f${nl}in {id}3   d" \
	"event options take precedence over --workdir"

run volley -k -a a.yaml --env A=all "$line"
is "$(cat out)" "1 all  ${scratch##*/}${nl}2 all  ${scratch##*/}${nl}3 all  ${scratch##*/}" \
	"without --event-options the options are data"
run volley -a a.yaml --only 2 'echo {volley}'
is "$(cat out)" '{"workdir":"e f","stdin":"in {id}","env":{"A":"own","B":"{id}"}}' \
	"without --event-options the key is an ordinary field"

run volley -k -a a.yaml --event-options --dry-run 'cat {id}'
is "$(cat out)" "cat 1
printf %s 'in {id}' | (cd './e f' || exit; export B='{id}' A=own; cat 2)
(cd ./d || exit; cat 3)" "event options are shown with the command"

cat >b.yaml <<'END'
- {id: 1}
- {id: 2, volley: {tiemout: 3}}
- {id: 3, volley: {timeout: 3x}}
- {id: 4, volley: {retries: [1]}}
- {id: 5, volley: {env: {A=B: 1}}}
- {id: 6, volley: fast}
END
run volley -k -a b.yaml --event-options echo '{id}'
is "$status-$(cat out)" 5-1 "an invalid option fails only its event"
like "$(cat err)" "job 2 (b.yaml:2): unknown option 'volley.tiemout' (did you mean 'timeout'\\?)" \
	"an unknown option is reported with its place"
like "$(cat err)" "job 3 (b.yaml:3): volley.timeout: '3x' is not a duration" \
	"an invalid value is reported with its place"
like "$(cat err)" "job 4 (b.yaml:4): volley.retries takes one value" "a list is reported with its place"
like "$(cat err)" "job 5 (b.yaml:5): volley.env: 'A=B' cannot be a variable's name" \
	"an invalid variable name is reported with its place"
like "$(cat err)" "job 6 (b.yaml:6): volley must be a mapping" "an option value that is not a mapping is reported"

# An event succeeds at its third try, or never.
cat >third <<'END'
#!/bin/sh
echo "$1" >>tries
[ "$1" != never ] && [ "$VOLLEY_TRY" -ge 3 ]
END
chmod +x third
cat >c.yaml <<'END'
- {id: endless, volley: {retries: 0}}
- {id: two, volley: {retries: 2}}
- {id: never, volley: {retries: 1}}
- {id: usual}
- {id: null-is-usual, volley: {retries: null}}
END
run volley -j1 -a c.yaml --event-options ./third '{id}'
is "$status:$(sort tries | uniq -c | awk '{ print $2 "=" $1 }' | tr '\n' ' ')" \
	"4:endless=3 never=1 null-is-usual=1 two=2 usual=1 " \
	"retries: 0 is unlimited, and each event has its own number"
rm tries
run volley -j1 -a c.yaml --event-options --retries 3 ./third '{id}'
is "$status:$(sort tries | uniq -c | awk '{ print $2 "=" $1 }' | tr '\n' ' ')" \
	"2:endless=3 never=1 null-is-usual=3 two=2 usual=3 " "retries of an event takes precedence over --retries"
rm tries
run volley -j1 -a c.yaml --event-options --retries 0 --only 1-4 ./third '{id}'
is "$status:$(sort tries | uniq -c | awk '{ print $2 "=" $1 }' | tr '\n' ' ')" \
	"2:endless=3 never=1 two=2 usual=3 " "retries of an event takes precedence over unlimited --retries"
for bad in -1 1.5 x 18446744073709551616; do
	run volley -f csv --event-options ./third x <<END
id,volley.retries
1,$bad
END
	like "$status:$(cat err)" "1:volley: job 1 (stdin:2): volley.retries: '$bad' is not a number of tries" \
		"retries: $bad is refused"
done
run volley -k -a c.yaml --event-options --only 1 'echo {id}: try "$VOLLEY_TRY"; ./third {id}'
is "$status-$(cat out)" "0-endless: try 3" "only the output of the last try is printed"

child=$TOP_BUILDDIR/tests/helpers/child
export child
printf '{"id":1,"volley":{"timeout":0.2}}\n{"id":2}\n' >d.jsonl
run volley -k -a d.jsonl --event-options --timeout 1h '[ {id} = 2 ] || exec "$child" hang; echo {id}'
is "$status-$(cat out)" 1-2 "an event may have a shorter timeout"
printf '{"id":1,"volley":{"timeout":"1h"}}\n' >d.jsonl
run volley -a d.jsonl --event-options --timeout 0.05 '"$child" nap 500; echo {id}'
is "$status-$(cat out)" 0-1 "an event may have a longer timeout"

run volley -n2 -a a.yaml --event-options echo
is "$status" 125 "event options are refused with several events per job"

done_testing
