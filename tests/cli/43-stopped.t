#!/bin/sh
# SPDX-License-Identifier: ISC
# Jobs that are stopped because the run ends early: their records and their output.
# shellcheck disable=SC2016  # what is in single quotes is for volley's shell
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

child=$TOP_BUILDDIR/tests/helpers/child
END='exit 3'
export child END

mkfifo go never
# Event "long" writes and waits, until "end", which begins after it has written, ends.
line='if [ {} = long ]; then echo part; echo error >&2; : >go; exec "$child" wait=never
else : <go; eval "$END"; fi'
record='[.seq, .status, .exit, .signal, .stdout, .stderr] | tojson'

# --- records

run volley -j2 -k --halt now,fail=1 -o json "$line" ::: long end
is "$status-$(jq -r "$record" <out)" '3-[1,"stopped",null,null,"part\n","error\n"]
[2,"failed",3,null,"",""]' "--halt now: the stopped job has a record, with what it wrote"
is "$(jq -c 'select(.seq == 1) | .runtime > 0 and .maxrss > 0' <out)" true \
	"and with what it used"

END='kill -TERM $VOLLEY_PID; exec "$child" wait=never'
run volley -j2 -k -o json "$line" ::: long end
is "$status-$(jq -r "$record" <out)" '143-[1,"stopped",null,null,"part\n","error\n"]
[2,"stopped",null,null,"",""]' "a signal: both jobs have"

# Long enough for both jobs to start, however slow the machine is.
END=': >started; exec "$child" wait=never'
for deadline in 0.3 1 5 25; do
	run volley -j2 --deadline "$deadline" -o yaml "$line" ::: long end
	[ ! -e started ] || break
done
is "$status-$(grep -c '^  status: stopped$' out)" 124-2 "a deadline: also in YAML"
END='exit 3'

run volley -j2 --halt now,fail=1 -o csv "$line" ::: long end
cp out stopped.csv
is "$(sqlite3 :memory: -cmd '.import --csv stopped.csv r' \
	'select status, exit, stdout from r order by event desc')" "stopped||part

failed|3|" "and in CSV"

run volley -j2 --halt now,fail=1 --results r.json --joblog log "$line" ::: long end
is "$status-$(jq -r "$record" <r.json | sort)" '3-[1,"stopped",null,null,"part\n","error\n"]
[2,"failed",3,null,"",""]' "--results FILE: has the record"
is "$(cat out)$(grep -c '^error$' err)" 0 "but its output is not shown"
is "$(cut -f 1 log | paste -sd' ')" "Seq 2" "and the job log does not have it, since it is to run again"

run volley -j2 --halt now,fail=1 --results dir "$line" ::: long end
is "$(jq -r '.status' dir/1/result)-$(cat dir/1/stdout dir/1/stderr)" "stopped-part
error" "--results DIR: has its files"

run volley -j2 -k --tag --halt now,fail=1 --results tagged.json "$line" ::: long end
is "$(jq -r 'select(.seq == 1) | .stdout' tagged.json)" part "with tags, its output without them"

run volley -j1 -o json --retries 3 --retry-delay 1h \
	'echo {}; if [ {} = a ]; then exit 1; else kill -TERM $VOLLEY_PID; exec "$child" wait=never; fi' \
	::: a b
is "$status-$(jq -r "$record" <out | sort)" '143-[1,"stopped",null,null,"",""]
[2,"stopped",null,null,"b\n",""]' "a job that waits for its next try has a record without output"

run volley -j1 -n0 -o json '"$child" out=3000000; kill -TERM $VOLLEY_PID; exec "$child" wait=never' \
	::: x
is "$(jq -r .stdout <out | wc -c)" 3000001 "much output is in the record whole"

# --- text

run volley -j2 --halt now,fail=1 "$line" ::: long end
is "$status:$(cat out)-$(grep -c '^error$' err)" 3:-0 "text: the output of stopped jobs is not shown"
run volley -j2 --halt now,fail=1 --print-stopped "$line" ::: long end
is "$status:$(cat out)-$(grep -c '^error$' err)" 3:part-1 "--print-stopped shows it"
END='echo done; exit 3'
run volley -j2 -k --halt now,fail=1 --print-stopped "$line" ::: long end
is "$(cat out)" "part
done" "in the order of events with -k"
END='exit 3'
run volley -j2 --halt now,fail=1 --print-stopped --line-buffer --tag "$line" ::: long end
is "$(cat out)" "long	part" "and in lines with --line-buffer"
like "$(cat err)" "1 done, 1 stopped" "the summary still counts it as stopped"
run volley -j2 --halt now,fail=1 --print-stopped --failed-to again "$line" ::: long end
is "$(sort again | paste -sd' ')" "end long" "and --failed-to has it"

done_testing
