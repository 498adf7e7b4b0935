#!/bin/sh
# SPDX-License-Identifier: ISC
# --run and --print-run-file.  What can be wrong in a run file: unit/runfile.c.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

nl='
'

cat >jobs.yaml <<'END'
#!/usr/bin/env -S volley --run
# greets
command: echo "$GREETING {name}" && cat
jobs: 2
keep-order: yes
stdin: |
  for {name}
env:
  GREETING: hello to {id}
events:
  - {id: 1, name: Ann}
  - id: 2
    name: "Bob's"
    volley: {env: {GREETING: bye}}
END
want="hello to 1 Ann${nl}for Ann${nl}bye Bob's${nl}for Bob's"
run volley --run jobs.yaml
is "$status-$(cat out)" "0-$want" "a run file is run"

for first in 'event-options: no' 'keep-order: yes'; do
	printf '%s\n' "$first" "command: 'echo {volley} >>tries; false'" \
		'events: [{id: 1, volley: {retries: 2}}]' 'event-options: no' | sort -u >plain.yaml
	printf '%s\n' "$first" "$(grep -v "$first" plain.yaml)" >first.yaml
	: >tries
	run volley --run first.yaml
	is "$status-$(cat tries)" '1-{"retries":2}' "event-options: no works at any place in the file ($first)"
done

mkdir bin
printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$VOLLEY_WRAP" "$VOLLEY" >bin/volley
chmod +x bin/volley jobs.yaml
PATH="$PWD/bin:$PATH" run ./jobs.yaml
is "$status-$(cat out)" "0-$want" "an executable run file is a program"
PATH="$PWD/bin:$PATH" run ./jobs.yaml --only 2
is "$(cat out)" "bye Bob's${nl}for Bob's" "a run file that is a program accepts options"

run volley --run jobs.yaml --stdin '' --env GREETING=hey
is "$(cat out)" "hey Ann${nl}bye Bob's" "the command line takes precedence"
cat >words.yaml <<'END'
argv: [printf, "<%s>\n", "a  b", "{}"]
events: [x, 'no', 010]
keep-order: yes
END
run volley --run words.yaml
is "$(cat out)" "<a  b>${nl}<x>${nl}<a  b>${nl}<no>${nl}<a  b>${nl}<010>" \
	"argv is words, values are as written"
run volley --run words.yaml ::: '*'
is "$(cat out)" "<a  b>${nl}<*>" "::: replaces the events"
echo line | run volley --run words.yaml -a -
is "$(cat out)" "<a  b>${nl}<line>" "-a replaces the events"
run volley --run words.yaml echo
is "$status" 125 "a second command is an error"
like "$(cat err)" "'echo': run file 'words.yaml' says what to run" "the message names the second command"
printf 'jobs: 1\nkeep-order: yes\n' >settings.yaml
run volley --run settings.yaml echo ::: a b
is "$(cat out)" "a${nl}b" "a run file may leave the command to the command line"
printf 'command: echo {1}{2}\nkeep-order: yes\nsources:\n- values: [a, b]\n- input: f\n' >two.yaml
printf '1\n2\n' >f
run volley --run two.yaml
is "$(cat out)" "a1${nl}a2${nl}b1${nl}b2" "several sources are crossed"
printf 'input: f\ncommand: echo\nkeep-order: yes\n' >input.yaml
run volley --run input.yaml
is "$(cat out)" "1${nl}2" "input names a file"
printf "events: ['a|b', '{}']\nargv: ['echo', '|']\nkeep-order: yes\n" >op.yaml
run volley --run op.yaml
is "$(cat out)-$(cat err)" "| a|b${nl}| {}-" "an operator in argv causes no warning"
{ echo 'command: echo {##}'; echo 'events:'; seq 9999 | sed 's/^/- event /'; } >total.yaml
run volley --run total.yaml --only 9998-
is "$(cat out)" "2${nl}2" "the number of events is known"
printf 'events: [a]\nargv: [echo hi]\n' >one.yaml
run volley --run one.yaml
is "$status-$(cat err)" "127-volley: one.yaml:2:8: 'echo hi': command not found" \
	"a single word of argv is not a shell line"

printf 'command: echo\njbos: 2\n' >bad.yaml
run volley --run bad.yaml
is "$status-$(cat err)" "125-volley: bad.yaml:2:1: unknown key 'jbos' (did you mean 'jobs'?)" \
	"an error is reported with its place and a suggestion"
run volley --run nothing.yaml
is "$status-$(cat err)" \
	"125-volley: cannot open run file 'nothing.yaml': No such file or directory" \
	"a missing file is reported"
run volley --run .
is "$status-$(cat err)" "125-volley: cannot read run file '.': Is a directory" \
	"a file that cannot be read is reported"
printf 'command: echo {id}\nevents:\n- {id: 1}\n- {id: 2, volley: {tiemout: 2}}\n- {id: 3, id: 4}\n' >bad.yaml
run volley -k --run bad.yaml
is "$status-$(cat out)" 126-1 "invalid events are reported when they are reached"
like "$(cat err)" "(bad.yaml:4): unknown option 'volley.tiemout'" "an error in an event is reported with its place"
like "$(cat err)" "bad.yaml:5:11: duplicate key 'id'" "the place of an invalid event is that in the run file"
head -c 70000000 /dev/zero | tr '\0' '#' >large.yaml
run volley --run large.yaml
is "$status" 125 "a file that is too large is refused"
rm large.yaml
run volley --run jobs.yaml --help
is "$status" 0 "--help does not need the file"

# --- places, and several files

for line in 'output: x' 'reply: x' 'joblog-sync: x' 'nice: 20' 'max-depth: 0' 'load: x' \
	'memfree: x' 'jobs: -x' 'halt: x'; do
	printf 'verbose: no\n%s\n' "$line" >bad.yaml
	run volley --run bad.yaml true ::: a
	column=$((${#line} - $(printf %s "${line#*: }" | wc -c) + 1))
	like "$status-$(cat err)" "125-volley: bad.yaml:2:$column: $line: " \
		"an error names line, column and key: $line"
done
# places STATUS PLACE MESSAGE LINE...: the run file of these lines, with an event, is refused.
places() {
	want="$1-volley: bad.yaml:$2: $3"
	shift 3
	printf '%s\n' "$@" >bad.yaml
	run volley --run bad.yaml
	case "$status-$(cat err)" in
	"$want"*) ok 0 "an error names its place in the run file: $*" ;;
	*) is "$status-$(cat err)" "$want" "an error names its place in the run file: $*" ;;
	esac
}
e='events: [{a: 1}]'
places 125 2:10 "{nope}: no field 'nope'" "$e" 'command: echo {nope}; true'
places 125 2:10 "{nope}: no field 'nope'" "$e" 'command: echo{nope}'
places 125 4:3 "{nope}: no field 'nope'" "$e" argv: '- echo' '- "{nope}"'
places 125 2:10 "the shell refuses the command line: " "$e" 'command: echo {a}; then'
places 127 2:8 "'nosuch': command not found" "$e" 'shell: nosuch' 'command: echo {a}; true'
places 127 2:10 "'nosuch': command not found" "$e" 'command: nosuch'
places 125 2:8 "{nope}: no field 'nope'" "$e" 'stdin: "{nope}"' 'command: cat'
places 125 2:10 "{nope}: no field 'nope'" "$e" 'workdir: "{nope}"' 'command: "true"'
places 126 2:10 "cannot change to directory '/no/such'" "$e" 'workdir: /no/such' 'command: "true"'
places 125 2:12 "{nope}: no field 'nope'" "$e" 'tagstring: "{nope}"' 'command: "true"'
places 125 3:3 "{nope}: no field 'nope'" "$e" env: '  A: "{nope}"' 'command: "true"'
places 125 3:10 "joblog x and results ./x are the same file" "$e" 'joblog: x' 'results: ./x' 'command: "true"'
places 126 1:8 "cannot open 'nothing'" 'input: nothing' 'command: echo'
places 126 3:10 "cannot open 'nothing'" sources: '- values: [a]' '- input: nothing' 'command: echo'
places 126 2:9 "cannot " "$e" 'joblog: no/such' 'command: echo'
places 126 2:10 "cannot " "$e" 'results: no/such.json' 'command: echo'
places 126 2:12 "--failed-to: cannot " "$e" 'failed-to: no/such' 'command: echo'
places 126 2:7 "cannot " "$e" 'lock: no/such' 'command: echo'
for option in 'retry-on: exit' 'retry-delay: 1s'; do
	places 125 2:$((${#option} - $(printf %s "${option#*: }" | wc -c) + 1)) \
		"${option%%:*} needs retries: N" "$e" "$option" 'command: "true"'
done
printf '%s\n' "$e" 'event-options: yes' 'retry-on: exit' 'command: "true"' >bad.yaml
run volley --run bad.yaml
is "$status" 0 "with event-options in the run file, events may ask for retries"
places 125 2:9 'resume needs joblog: FILE' "$e" 'resume: yes' 'command: echo'
places 125 2:16 'resume-failed needs joblog: FILE' "$e" 'resume-failed: yes' 'command: echo'
places 125 2:12 'lock-wait needs lock: FILE' "$e" 'lock-wait: 3' 'command: echo'
places 125 1:10 'the command is empty' "command: ''" "$e"
places 125 2:9 'colsep: x+: in csv' "$(printf 'input: f.csv')" 'colsep: x+' 'command: echo'
printf 'events: [a]\ncommand: echo\njbos: 1\n' >stdin.yaml
run volley --run - <stdin.yaml
is "$status-$(cat err)" "125-volley: (stdin):3:1: unknown key 'jbos' (did you mean 'jobs'?)" \
	"errors in a run file on standard input are reported with their place"
sed 3d stdin.yaml >good.yaml
run volley --run - <good.yaml
is "$status-$(cat out)" 0-a "--run - reads the run file from standard input"
echo 'command: echo' >good.yaml
run volley --run - <good.yaml
is "$status-$(cat err)" "125-volley: standard input is the run file, so events must come from elsewhere" \
	"standard input is not read twice"
printf 'events: [{a: 1}]\n' >only.yaml
run volley --run only.yaml --shell nosuch 'echo {a}; true'
is "$status-$(cat err)" "127-volley: 'nosuch': command not found" "an error of the command line has no place"
printf 'jobs: 900\nkeep-order: yes\nverbose: no\nretries: 2\n' >many.yaml
run sh -c 'ulimit -n 200; exec "$@"' sh "$VOLLEY" --run many.yaml true ::: a
is "$status-$(grep -c 'at a time' err)" 0-1 "the limit on jobs is reported once"
printf 'jobs: 1\ntag: yes\nkeep-order: yes\n' >profile.yaml
printf 'command: echo {}\nevents: [a]\ntag: no\n' >base.yaml
run volley --run base.yaml --run profile.yaml
is "$status-$(cat out)" "0-a	a" "a later run file wins over an earlier one"
run volley --run profile.yaml --run base.yaml
is "$status-$(cat out)" "0-a" "in either order"
run volley --run base.yaml --run profile.yaml --no-tag ::: b
is "$status-$(cat out)" "0-b" "the command line wins over all of them"
run volley --run profile.yaml -u true ::: a
is "$status-$(cat err)" "125-volley: profile.yaml:3:13: -u and keep-order exclude each other: \
jobs then write to stdout themselves" "options that exclude each other are named as they were given"
run volley --only 2-3 false ::: a b c
like "$(cat err)" "volley --only 2-3 false ::: a b c" "all selected jobs failed"
run volley --only 2-3 'test {} = b' ::: a b c
like "$(cat err)" "volley --only 3 'test {} = b' ::: a b c" "--only is replaced in the command that reruns"

# --- printing

run volley -j3 -k --env A='{} x' --stdin "a$nl" --no-verbose --print-run-file 'cat; echo "$A"' ::: a 010 'b  c'
is "$status" 0 "a command line is printed as a run file"
is "$(cat out)" "#!/usr/bin/env -S volley --run
command: cat; echo \"\$A\"
jobs: 3
keep-order: yes
env:
  A: '{} x'
stdin: |
  a
verbose: no
events:
- 'a'
- '010'
- 'b  c'" "a printed run file is readable"
mv out printed.yaml
run volley --run printed.yaml
is "$(cat out)" "a${nl}a x${nl}a${nl}010 x${nl}a${nl}b  c x" "a printed run file has the same effect"
run volley --run printed.yaml -j1 --print-run-file
is "$(cat out)" "$(sed '3d; /^verbose/a\jobs: 1' printed.yaml)" \
	"a run file combined with a command line can be printed"
run volley --run jobs.yaml --print-run-file
is "$(cat out)" "$(sed '2d' jobs.yaml)" "the printed run file has the events unchanged"
run volley --print-run-file echo {} ::: a b :::: f
is "$(sed 1,4d out)" "sources:
- values:
  - 'a'
  - 'b'
- input: 'f'" "several sources"
# same WORD...: does the printed run file do what the command line does?
same() {
	run volley "$@"
	cp out expected
	run volley --print-run-file "$@"
	cp out again.yaml
	run volley --run again.yaml
	is "$status-$(cat out)" "0-$(cat expected)" "does the same from a run file: $*"
}
same -k --header echo '{x}' ::: x 1 2
same -k -C , echo '{2}' ::: a,b c,d
same -k -n 2 echo ::: 1 2 3
same -k --header -C , echo '{x}' '{y}' ::: x,y 1,2
for linked in ':::+ c d' '::::+ f'; do
	# shellcheck disable=SC2086  # two words
	run volley --print-run-file echo '{1}{2}' ::: a b $linked
	is "$status-$(cat err)" "125-volley: ':::+' and '::::+' cannot be written to a run file; use --link" \
		"refuses to print sources linked by ${linked%% *}"
done
run volley --print-run-file -j 2x echo
is "$status" 125 "invalid options are not printed"
run volley --print-run-file echo "$(printf '\377')"
is "$status" 125 "text that YAML cannot represent is not printed"
full() {
	volley --print-run-file echo >/dev/full
}
run full
is "$status" 126 "a full disk is reported"

# --- attacks

{ printf 'command: echo\nevents: '; head -c 200000 /dev/zero | tr '\0' '['; } >deep.yaml
run volley --run deep.yaml
is "$status-$(cat err)" "125-volley: deep.yaml:2:41: nested deeper than 32 levels" \
	"deep nesting is refused"
{ printf 'command: '; head -c 50000000 /dev/zero | tr '\0' 'x'; } >huge.yaml
run volley --run huge.yaml
is "$status" 125 "a huge value is refused"

# --- volley-run(5)

# In its displays "$ cat FILE" shows a file, and any other command its output.
man=$TOP_SRCDIR/man/volley-run.5
if command -v mandoc >/dev/null; then
	run mandoc -T lint -W warning "$man"
	is "$status-$(cat out err)" 0- "the manual page is clean"
else
	skip "the manual page is clean" "no mandoc"
fi
sed -n '/^\.Bd -literal/,/^\.Ed/ { /^\.[BE]d/d; s/\\e/\\/g; s/\\(aq/'"'"'/g; s/\\&//; p; }' "$man" >displays
export PATH="$PWD/bin:$PATH"
awk '
	/^\$ cat / { file = $3; next }
	/^\$ / { file = ""; n++; print substr($0, 3) >("command." n); next }
	file != "" { print >file; next }
	{ print >("want." n) }
	END { print n >"commands" }' displays
for i in $(seq "$(cat commands)"); do
	[ -e "want.$i" ] || : >"want.$i"
	sh "./command.$i" >got 2>&1
	is "$(cat got)" "$(cat "want.$i")" "the manual page's example works: $(cat "command.$i")"
done
is "$(cat commands)" 3 "all examples were run"

done_testing
