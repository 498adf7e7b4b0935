#!/bin/sh
# SPDX-License-Identifier: ISC
# Results of jobs in formats that other programs read: -o and --results.
# shellcheck disable=SC2016  # what is in single quotes is for volley's shell
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

child=$TOP_BUILDDIR/tests/helpers/child

cat >events.yaml <<'EOF'
- {id: 1, name: "no"}
- {id: 2, name: "a \"b\", c\nd"}
- {id: 3, name: "café €"}
EOF

# --- JSON

run volley -k -o json -a events.yaml 'printf %s {name}; echo {id} >&2; exit $(({id} - 1))'
is "$status" 2 "-o json: failed jobs are counted"
is "$(jq -r '.event.id' <out | paste -sd' ')" "1 2 3" "-o json: the event is in each result"
is "$(jq -r 'select(.stdout != .event.name) | .seq' <out)" "" "-o json: the output is in each result"
is "$(jq -r '.stderr' <out | paste -sd' ')" "1  2  3 " "-o json: stderr is in each result"
is "$(jq -r '[.status, .exit, .signal] | join(" ")' <out)" "ok 0 
failed 1 
failed 2 " "-o json: the status of each job"
is "$(jq -r 'keys_unsorted | join(" ")' <out | uniq)" "seq event command status exit signal \
try slot start runtime user system maxrss truncated stdout stderr" "-o json: all keys, in order"
is "$(jq -r 'select(.seq == 2) | .command' <out | sh 2>&1)" 'a "b", c
d2' "-o json: the command does the same again"
is "$(grep -c '^[123]$' err)" 0 "-o json: jobs' stderr is not printed as well"

run volley -n0 -o json 'printf "a\000b"; kill -9 $$' ::: x
is "$(jq -r '[.status, .signal, .exit, .stdout_base64] | join(" ")' <out)" "signal 9  YQBi" \
	"-o json: a signal, and output that is not text in base64"
run volley -n2 -o json true ::: a b c
is "$(jq -c '.event' <out | LC_ALL=C sort)" '["a","b"]
["c"]' "-o json: a batch is an array"
run volley -o json true ::: a ::: b
is "$(jq -c '.event' <out)" '["a","b"]' "-o json: the values of several sources are an array"
run volley -o json ./{} ::: not-there
is "$(jq -c '[.status, .exit, .stdout]' <out)" '["not-started",127,""]' "-o json: not started"
run volley -n0 -o json --timeout 0.1 "$child" nap 10000 ::: x
is "$(jq -c '[.status, .exit, .stdout]' <out)" '["timeout",null,""]' "-o json: a timeout"
run volley -o json -k --only-failed 'exit {}' ::: 0 1 0 2
is "$(jq -c '.seq' <out | paste -sd' ')" "2 4" "-o json --only-failed: only those"
run volley -o json echo </dev/null
is "$status-$(cat out)" "0-" "-o json: without events there is no output"
run volley -o json --dry-run echo ::: a
is "$(cat out)" "echo a" "--dry-run shows commands, not results"
run volley -k -j4 -o json 'seq {}' ::: 5 4 3 2 1
is "$(jq -r .event <out | paste -sd' ')" "5 4 3 2 1" "-o json -k: records are in input order"

mkfifo go
run volley -j2 -o json 'if [ {} = late ]; then : <go; echo {}; else echo {}; : >go; fi' \
	::: late early
is "$(jq -j '.stdout' <out | sort | paste -sd' ')" "early late" \
	"-o json: jobs that wait for each other"

volley -n0 -o json "$child" out=3000000 ::: x >out
"$child" out=3000000 >want
jq -j .stdout <out | cmp -s - want
ok $? "-o json: 3 MB of output are unchanged"

# --- what a job has used

run volley -o json 'i=0; while [ $((i += 1)) -le {} ]; do :; done' ::: 200000
is "$(jq '.user > 0.01 and .user + .system <= .runtime + 0.1 and .maxrss > 65536' <out)" true \
	"-o json: CPU seconds, and the memory in bytes"
is "$(grep -c '"start":[0-9]*\.[0-9]\{6\},"runtime":[0-9]*\.[0-9]\{6\},"user":[0-9]*\.[0-9]\{6\},' \
	out)" 1 "-o json: times to the microsecond"
run volley -o json "$child" nap {} ::: 2
is "$(jq '.runtime >= 0.002 and .runtime != (.runtime * 1000 | floor / 1000)' <out)" true \
	"-o json: the run time is not rounded to milliseconds"
run volley -o json ./{} ::: not-there
is "$(jq -c '[.user, .system, .maxrss]' <out)" '[null,null,null]' \
	"-o json: a job that did not start has used nothing"
cat >worker <<'EOF'
while read -r event; do echo "got $event"; done
EOF
run volley -j1 -o json --worker sh worker ::: a b
is "$(jq -c '[.stdout, .user, .system, .maxrss]' <out | paste -sd' ')" \
	'["got a\n",null,null,null] ["got b\n",null,null,null]' \
	"-o json: resources used by a worker are not attributed to events"

# --- YAML

run volley -k -o yaml -a events.yaml 'printf "%s\n\n" {name}; printf "\377" >&2'
cp out results.yaml
is "$(grep -c '^- seq: ' out)" 3 "-o yaml: a list with an item per job"
run volley -k -a results.yaml printf '%s|%s|%s|' '{seq}' '{event}' '{stdout}'
is "$(cat out)" '1|{"id":1,"name":"no"}|no

|2|{"id":2,"name":"a \"b\", c\nd"}|a "b", c
d

|3|{"id":3,"name":"café €"}|café €

|' "-o yaml: volley reads it back as events"
cat >same.py <<'EOF'
import yaml
given = yaml.safe_load(open("events.yaml"))
results = yaml.safe_load(open("results.yaml"))
assert len(results) == len(given)
for r, e in zip(results, given):
    assert r["event"] == e, (r, e)
    assert r["stdout"] == e["name"] + "\n\n", r
    assert r["stderr_base64"] == "/w==", r
    assert (r["status"], r["exit"], r["signal"], r["truncated"]) == ("ok", 0, None, False), r
    assert type(r["start"]) is float and type(r["seq"]) is int, r
print("same")
EOF
if python3 -c 'import yaml' 2>err; then
	run python3 same.py
	is "$(cat out)" same "-o yaml: another reader sees the same values and types"
else
	skip "-o yaml: another reader sees the same values and types" "no yaml for python3"
fi

cp "$child" short # a long path would be folded
run volley -j1 -o yaml --results big.yaml ./short '{}' 'line=#{#}' ::: out=70000000 line=b
is "$status-$(wc -l <out)-$(grep -c '^    #[12]$' out)" "0-1093785-2" \
	"-o yaml: a job with much output is a record like any other"
cmp -s out big.yaml
ok $? "--results FILE.yaml: a job with much output is a record like any other"
rm out big.yaml

# --- CSV

run volley -o csv -a events.yaml 'printf %s {name}; printf "\377" >&2'
cp out results.csv
is "$(head -n 1 out)" "id,name,seq,command,status,exit,signal,try,slot,start,runtime,user,\
system,maxrss,truncated,stdout,stderr,stdout_base64,stderr_base64" "-o csv: the event's fields come first"
is "$(sqlite3 :memory: -cmd '.import --csv results.csv r' \
	'select id, name = stdout, status, stderr, stderr_base64 from r order by 1')" \
	"1|1|ok||/w==
2|1|ok||/w==
3|1|ok||/w==" "-o csv: sqlite3 imports it"
run volley -k -o csv cat ::: /dev/null /dev/null
is "$(sed 's/,.*//' out | paste -sd' ')" "event /dev/null /dev/null" "-o csv: one header with -k"

# --- one table of many

volley -o table -j8 "printf 'id,\"na,me\"\n{},\"x\ny\"\n'" ::: 1 2 3 4 5 6 7 8 >table.csv
is "$(sqlite3 :memory: -cmd '.import --csv table.csv t' \
	'select sum(id), count(*), count(distinct "na,me") from t')" "36|8|1" \
	"-o table: eight small tables make one"
run volley -j1 -o table 'printf "id,%s\n%s,%s" {1} {2} {1}' ::: name nmae ::: 1 2
is "$(cat out)" "id,name
1,name
2,name" "-o table: tables with other columns are left out"
is "$status" 2 "-o table: jobs whose tables have other columns fail"
like "$(cat err)" "job 3: its table has the columns id,nmae, but that of job 1 has id,name" \
	"-o table: the reason is reported"
run volley -n0 -o table 'echo oops >&2; printf "a,b\n1\n"; exit 3' ::: x
is "$(cat out)" "" "-o table: output that is not a table is not printed"
like "$(cat err)" "oops" "-o table: stderr is passed on"
like "$(cat err)" "1 exit 3" "-o table: a job that failed anyway keeps its status"
run volley -j1 -o table --results table.json \
	'[ {} != 1 ] || { echo oops; echo e >&2; exit 1; }; printf "a,b\n{},2\n"; exit $(({} == 4))' \
	::: 1 2 3 4
is "$status-$(cat out)" "2-a,b
2,2
3,2" "-o table: failed jobs do not define columns and are not printed"
is "$(head -n 1 err)" e "-o table: the stderr of failed jobs is passed on"
is "$(jq -r 'select(.exit == 1) | .stdout' table.json)" "oops

a,b
4,2" "-o table: --results has the stdout of failed jobs"
run volley -j1 -o table --retries 2 'echo "try$VOLLEY_TRY"; test $VOLLEY_TRY = 2 -o {} = x' ::: a b
is "$status-$(cat out)-$(cat err)" "0-try2-" "-o table: a failed try does not define the columns"
run volley -n0 -o table --results refused.json 'printf "a,b\n1\n"' ::: x
is "$(jq -r '[.status, .stdout] | join(" ")' refused.json)" "failed a,b
1" "-o table: --results has the refused output"

# --- results beside stdout

run volley -k --results dir 'echo {}; echo e{} >&2; exit {}' ::: 0 7
is "$(cat out)" "0
7" "--results: stdout is unchanged"
is "$(cat dir/2/stdout dir/2/stderr)" "7
e7" "--results DIR: a directory per job"
is "$(jq -r '[.seq, .event, .exit, .stdout] | join(" ")' dir/2/result)" "2 7 7 " \
	"--results DIR: the result, without outputs"
is "$(ls -A dir/1)" "result
stderr
stdout" "--results DIR: there are no other files"
run volley --results dir true ::: 0
is "$status:$(cat err)" "126:volley: results directory 'dir' has results of another run, \
which are not overwritten; remove it or name another" "--results DIR: the results of another run are kept"
run volley --results dir --only 2 'echo new; exit {}' ::: 0 7
is "$(cat dir/1/stdout dir/2/stdout)" "0
new" "--results DIR: the results of rerun jobs are replaced"

for type in json csv yaml; do
	run volley --results r.$type echo ::: a b
	[ "$status" -eq 0 ] && [ "$(grep -c 'echo [ab]' r.$type)" -eq 2 ]
	ok $? "--results FILE.$type: a record per job"
	run volley --results r.$type echo ::: a b
	is "$status-$(cat out)" "126-" "--results FILE.$type: a file that is not empty ends the run before the first job"
	like "$(cat err)" "'r.$type' has contents" "--results FILE.$type: a file that is not empty is reported"
	run volley --results r.$type --only 2 echo ::: a b
	is "$(grep -c 'echo [ab]' r.$type)" 3 "--results FILE.$type: --only appends"
done
is "$(grep -c '^event,' r.csv)" 1 "--results FILE.csv: one header"
for type in json csv yaml; do
	for how in '' '--joblog log'; do
		rm -f again.$type log bad good
		# shellcheck disable=SC2086  # options are words
		run volley $how --results again.$type 'echo "<{}>"; [ -e good ] || [ {} = a ]' ::: a b c
		rerun=$(sed -n 's/^volley: [^:]*: volley /volley /p' err)
		touch good
		eval "run $rerun"
		is "$status-$(sort out | paste -sd' ')" "0-<b> <c>" \
			"--results FILE.$type $how: the command in the summary works"
		is "$(volley -k -a again.$type echo '{command}' | wc -l)" 5 \
			"--results FILE.$type $how: that command appends its results"
	done
done
is "$(grep -c '^event,' again.csv)" 1 "--results FILE.csv: still one header"
rm log again.json
run volley -j1 --joblog log --results again.json echo ::: a b
run volley --joblog log --resume --results again.json echo ::: a b c
is "$status-$(jq -r .event again.json | paste -sd' ')" "0-a b c" "--results FILE with --resume: new results are appended"
run volley --results r.csv --only 1 -a events.yaml echo '{id}'
is "$status" 126 "--results FILE.csv: other columns are an error"

for how in -k --line-buffer --tag; do
	rm -f both.json
	run volley -n0 $how --results both.json 'printf "x\ny"; echo e >&2' ::: a
	is "$(jq -r '.stdout + "|" + .stderr' both.json)" "x
y|e" "--results with $how: the output is unchanged"
done
rm -f r.json
run volley --retries 2 --results r.json 'echo "$VOLLEY_TRY"; exit {}' ::: 1
is "$(jq -r '[.try, .stdout] | join(" ")' r.json)" "2 2" "--results: only the last try counts"
rm -f r.json
run volley --only-failed --results r.json 'echo {}' ::: 1
is "$(cat out)$(jq -r '.stdout' r.json)" 1 "--results: output that --only-failed drops is kept"

ln -s /dev/full full.json
run volley -j1 --results full.json echo ::: a b c
is "$status" 126 "--results: a write that fails ends the run"
like "$(cat err)" "'full.json': No space left" "--results: the message names the file"
run volley --results no/such/dir echo ::: a
is "$status-$(cat out)" "126-" "--results: a directory that cannot be created is an error"
rm -f r.json
run volley --results r.json --dry-run echo ::: a
[ ! -e r.json ]
ok $? "--dry-run makes no results"

# --- what does not go together

for options in '-o xml' '-o json --tag' '-o csv --tagstring x' '-o table --line-buffer' \
	'-u -k' '-u -o json' '-u --results d' '-u --tag' '-u --line-buffer' '--debug -o json' \
	'--debug --results d' '-u --retries 2' '--line-buffer --retries 2' \
	'--line-buffer --only-failed' '-o table --only-failed' '--color=blue'; do
	# shellcheck disable=SC2086  # options are words
	run volley $options echo ::: a
	is "$status-$(cat out)" "125-" "$options is a usage error"
done

# --- events that are not UTF-8

printf 'a\377\nb\376\ncaf\303\251\n' >names
for format in json yaml; do
	run volley -k -o $format true :::: names
	cp out "again.$format"
	run volley -k 'printf "%s\n" {event}' :::: "again.$format"
	cmp names out
	ok $? "$format: events that are not UTF-8 are read back as they were"
done
is "$(grep -c '"event_base64":"' again.json)-$(grep -c '"event":"' again.json)" 2-1 \
	"they are base64, as output is"

done_testing
