#!/bin/sh
# SPDX-License-Identifier: ISC
# --event-options: options that an event carries for its own job.
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
	"which win, for their own job, and hold no placeholders"

run volley -k -a a.yaml --env A=all "$line"
is "$(cat out)" "1 all  ${scratch##*/}${nl}2 all  ${scratch##*/}${nl}3 all  ${scratch##*/}" \
	"without --event-options they are data"
run volley -a a.yaml --only 2 'echo {volley}'
is "$(cat out)" '{"workdir":"e f","stdin":"in {id}","env":{"A":"own","B":"{id}"}}' \
	"and an ordinary field"

run volley -k -a a.yaml --event-options --dry-run 'cat {id}'
is "$(cat out)" "cat 1
printf %s 'in {id}' | (cd './e f' || exit; export B='{id}' A=own; cat 2)
(cd ./d || exit; cat 3)" "they are shown with the command"

cat >b.yaml <<'END'
- {id: 1}
- {id: 2, volley: {tiemout: 3}}
- {id: 3, volley: {timeout: 3x}}
- {id: 4, volley: {retries: [1]}}
- {id: 5, volley: {env: {A=B: 1}}}
- {id: 6, volley: fast}
END
run volley -k -a b.yaml --event-options echo '{id}'
is "$status-$(cat out)" 5-1 "a wrong option fails its event, and only that"
like "$(cat err)" "job 2 (b.yaml:2): unknown option 'volley.tiemout' (did you mean 'timeout'\\?)" \
	"an unknown one is told with its place"
like "$(cat err)" "job 3 (b.yaml:3): volley.timeout: '3x' is not a duration" \
	"a bad value as well"
like "$(cat err)" "job 4 (b.yaml:4): volley.retries takes one value" "and a list"
like "$(cat err)" "job 5 (b.yaml:5): volley.env: 'A=B' cannot be a variable's name" \
	"and a name"
like "$(cat err)" "job 6 (b.yaml:6): volley must be a mapping" "and no mapping"

run volley -n2 -a a.yaml --event-options echo
is "$status" 125 "a job of several events has no options of one"

done_testing
