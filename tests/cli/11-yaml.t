#!/bin/sh
# SPDX-License-Identifier: ISC
# Events from YAML: what is an event, values without conversion, errors with their
# place, fields in commands and in the environment.
# shellcheck disable=SC2016,SC2154  # $ in single quotes is the job's
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

child=$TOP_BUILDDIR/tests/helpers/child

# yaml TEXT ARG...: run volley in order on the printf format TEXT as t.yaml.
yaml() {
	# shellcheck disable=SC2059  # it is meant to be a format
	printf -- "$1" >t.yaml
	shift
	run volley -j1 -k -a t.yaml "$@"
}

# gives WANT NAME: that was the output, and all went well.
gives() {
	is "$status:$(cat out)$(cat err)" "0:$1" "$2"
}

# --- what is an event

yaml '- a\n- b c\n- "d"\n- '"'e'"'\n-\n- |\n  f\n' echo '[{}]'
gives '[a]
[b c]
[d]
[e]
[]
[f
]' "a list of values: one event each"
yaml '- {a: 1, b: x}\n- a: 2\n  b: y\n' echo '{a}{b}'
gives '1x
2y' "a list of mappings: one event each, with fields"
yaml 'a: 1\nb: x\n' echo '{a}{b}'
gives 1x "a document that is a mapping is one event"
yaml '---\n- a\n...\n---\n- b\n- c\n---\n---\n# nothing\n---\n{d: 1}\n' echo
gives 'a
b
c
{"d":1}' "several documents, empty ones among them"
yaml '# nothing\n' echo
gives '' "comments are not events"
yaml '- [a, 1]\n- [b, [2]]\n' echo '{2}{1}{}'
gives '1a["a",1]
[2]b["b",[2]]' "a list in the list: its values are columns"
printf -- '- a\n- b\n' >plain
for name in x.yaml x.yml x.YAML ./d.txt/x.yml; do
	mkdir -p d.txt
	cp plain "$name"
	run volley -k echo :::: "$name"
	gives 'a
b' "known by its name: $name"
done
run volley -k -f yaml -a plain echo
gives 'a
b' "-f yaml: whatever its name"
run volley -k -f yaml echo <plain
gives 'a
b' "-f yaml: standard input"
run volley -k -a x.yaml -a x.yml echo
gives 'a a
a b
b a
b b' "crossed with others"
yaml '- {a: 1}\n- {a: 2}\n' echo '{a}{2}' ::: x y
gives '1x
1y
2x
2y' "fields can be combined with other sources"
yaml '- echo a $((1 + 1))\n- |\n  echo b\n  echo c\n'
gives 'a 2
b
c' "events as commands"
yaml '- {a: b}\n'
is "$status:$(cat err)" "125:volley: an event that is a mapping is not a command line; give a command that uses its fields" \
	"an event that is a mapping is not a command"
yaml '- {a: 1, b: x}\n- {a: 2, b: y}\n- {a: 3, b: z}\n' -n2 "$child" args '{b}' 'a{a}'
gives '[x]
[y]
[a1]
[a2]
[z]
[a3]' "-n: a field becomes one word per event"

# A list's next entry shows that the one before has ended.
mkfifo in-fifo ran1 ran2 ran3
volley -j1 -f yaml "$child" 'post=ran{#}' line=got args {} <in-fifo >out 2>err &
exec 4>in-fifo
echo '- a' >&4
for entry in 1 2; do
	echo '- b' >&4
	"$child" wait=ran$entry # for ever, if it does not run
done
exec 4>&-
"$child" wait=ran3
wait $!
is "$?:$(tr '\n' ' ' <out)" "0:got [a] got [b] got [b] " "a job runs as soon as its entry has ended"

# --- values as they were written

cat >values <<'END'
no
on
y
010
1.0
1e3
0x1F
12345678901234567890123
~
null
12:30:45
2026-11-22
.5
+1
a#b
it's
\n
C:\dir
$HOME $(id) `id`
a  b
-x
é😀
END
sed 's/^/- /' values >t.yaml
run volley -k -a t.yaml printf '%s\n'
cmp out values
ok $? "plain values are not typed"
sed 's/.*/- {v: &}/' values >t.yaml
run volley -k -a t.yaml printf '%s\n' '{v}'
sed 's/^null$//; s/^~$//' values | cmp out -
ok $? "fields are not typed either, but null and ~ are empty"
cat >>values <<'END'

 blanks around 
a # b
a: b
- x
{a}
[
]
*
%
@
!
&a
'
''
"
`
---
END
sed "s/'/''/g; s/.*/- '&'/" values >t.yaml
run volley -k -a t.yaml printf '%s\n'
cmp out values
ok $? "values in single quotes are read"
sed 's/[\\"]/\\&/g; s/.*/- {v: "&"}/' values >t.yaml
run volley -k -a t.yaml printf '%s\n' '{v}'
cmp out values
ok $? "values in double quotes are read"
yaml '- "a\\tb\\\\c\\"d\\u00e9\\x41\\n"\n' printf '%s'
is "$(od -An -c out | tr -d ' ')" 'a\tb\c"d303251A\n' "escapes in double quotes are decoded"
yaml '- >\n  a\n  b\n\n  c\n- a\n  b\n\n  c\n' echo '[{}]'
gives '[a b
c
]
[a b
c]' "folded values are folded"
yaml '- !!str 010\n- ! no\n' echo
gives '010
no' "tags that mean text are accepted"
yaml '- a\r\n- |\r\n  b\r\n  c\r\n' printf '%s.'
is "$(od -An -c out | tr -d ' ')" 'a.b\nc\n.' "CRLF ends a line like LF"

# Block scalars: four spaces before each line, whatever it holds.
cat >value <<'END'
SELECT "a", 'b''c', `d`, \n, \\ -- trailing blanks:   
	a tab, # no comment
   more blanks: and a colon
- no list
{no: mapping} [no list] *no alias &no anchor !no tag %no directive @ |
$HOME $(id) é 😀 — 

after an empty line
--- no document
... 
END
sed 's/^\(.\)/    \1/' value >indented
{
	echo '- |' && cat indented
	echo '- |-' && cat indented
	echo '- |+' && cat indented && echo && echo
	echo '- |2' && sed 's/^\(.\)/     \1/' value
} >t.yaml
run volley -j1 -a t.yaml sh -c 'printf %s {} >got{#}'
is "$status:$(tail -n +2 err)" "0:" "block scalars are read"
cmp got1 value
ok $? "|: byte for byte, and the newline at the end"
printf %s "$(cat value)" | cmp - got2
ok $? "|-: without it"
{
	cat value
	echo
	echo
} | cmp - got3
ok $? "|+: with all that follow"
sed 's/^\(.\)/   \1/' value | cmp - got4
ok $? "|2: blanks that are meant"
{
	echo '- v: |' && cat indented
	echo '  w: |+' && cat indented && echo
} >t.yaml
run volley -a t.yaml sh -c 'printf %s {v} >v; printf %s {w} >w; printf %s "$EVENT_w" >e'
cmp v value && {
	cat value
	echo
} | cmp - w && cmp w e
ok $? "the same in a field"

# --- {} of a mapping

yaml '- b: "x\\ty\\"\\\\\\u00e9\\u0001"\n  a: [1, {c: no}, ~]\n  "k\\n": 1.50\n  t: true\n  n: null\n  z: "1"\n  o: 010\n  e: |\n    l1\n    l2\n' echo '[{}]'
gives '[{"b":"x\ty\"\\é\u0001","a":[1,{"c":"no"},null],"k\n":1.50,"t":true,"n":null,"z":"1","o":"010","e":"l1\nl2\n"}]' \
	"{} of a mapping is one line of compact JSON, in the order of the fields"
if command -v jq >/dev/null; then
	run volley -k -a "$TOP_SRCDIR/tests/data/queries.yaml" printf '%s\n' '{}'
	jq -r .sql_statement <out >statements
	volley -k -a "$TOP_SRCDIR/tests/data/queries.yaml" printf '%s\n' '{sql_statement}' | cmp - statements
	ok $? "jq finds in it what was written"
else
	skip "jq finds in it what was written" "no jq"
fi

# --- fields in commands

yaml '- {file: /d/a.tar.gz, n: 1}\n' echo '{file/}' '{file//}' '{file.}' '{file/.}' '{n:-x}' '{m:-x}' '{file:json}' '{file:sh}'
gives "a.tar.gz /d /d/a.tar a.tar 1 x \"/d/a.tar.gz\" '/d/a.tar.gz'" "parts and forms of a field"
yaml '- {a.b: 1, a: {b: 2}, x-y: 3, "p q": 4, é: 5}\n' echo '{a.b}' '{a}' '{x-y}' '{p q}' '{é}' '{1}'
gives '1 {"b":2} 3 4 5 1' "names of all kinds, and by number"
yaml '- {a: 1}\n- {a: 2}\n' echo '{a}' '\{a}' '{a b}' '{}'
gives '1 {a} {a b} {"a":1}
2 {a} {a b} {"a":2}' "\\{a} is text, and so is what cannot be a field"
yaml '- {a: 1, b: 2}\n' echo '{a}' '{name}'
is "$status:$(cat out):$(cat err)" \
	"125::volley: {name}: no field 'name' in the events (fields: a, b); for the text itself write \\{name}" \
	"a field that the first event lacks is a usage error"
yaml '- {a: 1, b: 2}\n' 'echo {a} {name}'
is "$status:$(cat out):$(cat err)" \
	"125::volley: {name}: no field 'name' in the events (fields: a, b); for the text itself write \\{name}" \
	"an unknown field in a shell line is a usage error, too"
yaml '- {a: 1, b: 2}\n' 'echo {a} \{name}'
gives '1 {name}' "the suggested \\{name} works in a shell line"
yaml '- {a: 1, b: 2}\n' echo '{.}'
is "$status:$(cat out):$(cat err)" "125::volley: {.}: a mapping has no path; name a field: {name.}" \
	"{.} of a mapping is refused"
yaml '- {a: 1, b: 2}\n- {a: 3}\n- {a: 4, b: 5}\n' echo '{a}{b}'
is "$status:$(cat out):$(sed -n 1p err)" \
	"1:12
45:volley: job 2 (t.yaml:2): no field 'b' in this event" \
	"a later event without the field fails"
yaml '- {a: 1, b: 2}\n- {a: 3}\n' 'echo {a}{b}'
is "$status:$(cat out):$(sed -n 1p err)" \
	"1:12:volley: job 2 (t.yaml:2): no field 'b' in this event" "a later event without the field fails a shell line, too"
yaml '- {a: 1, b: ""}\n- {a: 3}\n' echo '{a}{b:-none}'
gives '1none
3none' "a default replaces empty and missing fields"
yaml '- {a: 1}\n- text\n' echo '{a}'
is "$status:$(cat out):$(grep -c 'among plain values' err)" "1:1:1" \
	"plain values among mappings fail, with a warning"

# --- fields in the environment

yaml '- {a: "x y", _b1: "", "c d": 3, 1e: 4, f-g: 5, h: |\n    l1\n    l2\n }\n' true
yaml '- a: "x  y"\n  _b1: ""\n  "c d": 3\n  1e: 4\n  f-g: 5\n  h: |\n    l1\n    l2\n' -n0 \
	'env | grep "^EVENT_" | sort; printf %s "$EVENT_h" | od -An -c'
gives 'EVENT__b1=
EVENT_a=x  y
EVENT_h=l1
   l   1  \n   l   2  \n' "EVENT_<key> is set for keys that are identifiers"
EVENT_a=outer EVENT_z=outer
export EVENT_a EVENT_z
yaml '- a: inner\n' -n0 'echo $EVENT_a $EVENT_z'
unset EVENT_a EVENT_z
gives 'inner outer' "EVENT_ variables of an outer run are replaced"
{
	printf -- '- short: x\n  long: '
	head -c 200000 /dev/zero | tr '\0' l
	echo
} >t.yaml
run volley -a t.yaml -n0 'echo ${#EVENT_short} ${#EVENT_long}'
gives '1 0' "a value that is too long for the environment is omitted"

# --- anchors

yaml '- &defaults {host: db, port: 5432}\n- <<: *defaults\n  name: a\n- name: b\n  <<: *defaults\n  port: 1\n' \
	echo '{host}:{port} {name:-none} {}'
gives 'db:5432 none {"host":"db","port":5432}
db:5432 a {"host":"db","port":5432,"name":"a"}
db:1 b {"name":"b","host":"db","port":1}' "common settings: an anchor, and << in each event"
yaml '- cmd: &c |\n    a\n    b\n- cmd: *c\n- {cmd: !!str 1}\n- {cmd: }\n' echo '[{cmd}]{}'
gives '[a
b
]{"cmd":"a\nb\n"}
[a
b
]{"cmd":"a\nb\n"}
[1]{"cmd":"1"}
[]{"cmd":null}' "an alias of a field; a tag; a value that is missing"
{
	echo '- &a0 lol'
	for i in 1 2 3 4 5 6 7 8 9; do
		a="*a$((i - 1))"
		echo "- &a$i [$a,$a,$a,$a,$a,$a,$a,$a,$a]"
	done
} >laughs.yaml
run volley -a laughs.yaml -n0 true
is "$status:$(cat err)" "126:volley: laughs.yaml:7:16: the values with anchors are larger than 1 MiB together; --max-event raises the limit (a 16th of it)" \
	"an alias bomb is refused"

# --- a list below a key

yaml 'defaults: &d {db: x}\njobs:\n  queries:\n  - {<<: *d, id: 1}\n  - {<<: *d, id: 2}\nlater: 1\n' \
	--path jobs.queries echo '{id} {db}'
gives '1 x
2 x' "--path: the events are the list below a key"
yaml 'queries: [{id: 1}]\n' echo '{id}'
is "$status:$(cat err)" "125:volley: {id}: no field 'id' in the events (fields: queries); it is in the list 'queries', whose members are the events with --path queries" \
	"a field that is in a list one level below: the message names --path"
yaml 'a: [{b: 1}]\n' --path queries echo '{id}'
is "$status:$(cat err)" "126:volley: t.yaml:1:1: no 'queries' (--path) here; there are: a" \
	"--path with a key that is missing"
yaml 'q: [a]\n' --path q --failed-to t.yaml false
is "$status:$(cat err):$(cat t.yaml)" "125:volley: --failed-to would replace its input 't.yaml', of which --path reads only a part; name another file:q: [a]" \
	"--failed-to does not replace a file that --path reads a part of"

# --- what is refused, and where

# refuses TEXT LINE:COLUMN MESSAGE NAME: after the event of its first line.
first='- ok'
refuses() {
	# shellcheck disable=SC2059
	printf -- "$first\n$1" >t.yaml
	run volley -j1 -a t.yaml -n0 echo ran
	is "$status:$(cat out):$(cat err)" "126:ran:volley: t.yaml:$2: $3" "$4"
}
refuses '- *x\n' 2:3 "alias '*x' without an anchor '&x' before it; quote a value that begins with '*'" "an alias without an anchor"
refuses '- &x [*x]\n' 2:7 "alias '*x' is inside the value that it stands for" "an alias inside its own value"
refuses '- !x a\n' 2:3 "tag '!x' is not supported, only !!str, !!int, !!float, !!bool, !!null, !!map and !!seq; quote a value that begins with '!'" "a tag"
refuses '- !!binary aGk=\n' 2:3 "tag '!!binary' is not supported, only !!str, !!int, !!float, !!bool, !!null, !!map and !!seq; quote a value that begins with '!'" "binary data"
refuses '--- null\n' 2:5 "the document is null, not a list or a mapping; write [] for no events" "a null document"
first='- {a: b}'
refuses '- {a: 1, <<: b}\n' 2:10 "'<<' needs a mapping or a list of mappings; quote it to have it as a key" "a merged value that is not a mapping"
refuses '- a: 1\n  b: 2\n  a: 3\n' 4:3 "duplicate key 'a'; remove one of them" "a duplicate key"
refuses '- {a: {b: 1, b: 2}}\n' 2:14 "duplicate key 'b'; remove one of them" "a duplicate key inside"
refuses '- {[a]: 1}\n' 2:4 "a key must be a text, not a list or a mapping" "a key that is a list"
refuses '- ? {a: 1}\n  : 1\n' 2:5 "a key must be a text, not a list or a mapping" "a key that is a mapping"
first='- ok'
refuses '- "a\\0b"\n' 2:3 "NUL (\\0) in a value; no argument can hold it" "NUL, escaped"
refuses '- a\0b\n' 2:4 "NUL byte; if this is UTF-16, convert it to UTF-8" "NUL, raw"
refuses '- a\033b\n' 2:4 'control character U+001B; write it as "\u001b" in double quotes' "a control character"
refuses '- \303\251\177\n' 2:4 'control character U+007F; write it as "\u007f" in double quotes' "DEL; columns are characters"
refuses '- caf\351\n' 2:6 "not UTF-8 (byte e9); convert the input to UTF-8" "Latin-1"
refuses '- a\300\257\n' 2:4 "not UTF-8 (byte c0); convert the input to UTF-8" "an overlong encoding"
refuses '- a\355\240\200\n' 2:4 "not UTF-8 (byte ed); convert the input to UTF-8" "a surrogate"
refuses '- a\303' 2:4 "not UTF-8 (byte c3); convert the input to UTF-8" "half a character at the end"
refuses '- a\302\205b\n' 2:4 'U+0085, which YAML takes for the end of a line; write it as "\u0085" in double quotes' "the line break NEL"
refuses '- a\342\200\250b\n' 2:4 'U+2028, which YAML takes for the end of a line; write it as "\u2028" in double quotes' "LS"
refuses '- |\n  a\342\200\251b\n' 3:4 'U+2029, which YAML takes for the end of a line; write it as "\u2029" in double quotes' "PS, in a block"
refuses '- \357\273\277a\n' 2:3 "byte order mark (U+FEFF) inside the input; remove it" "a byte order mark that is not at the start"
refuses '-\tb: c\n' 2:2 "a tab in the indentation; use blanks" "a tab after the dash"
refuses '- @x\n' 2:3 "a value cannot begin with '@'; quote it" "a reserved character: @"
refuses '- %%d\n' 2:3 "a value cannot begin with '%'; quote it" "a reserved character: %"
refuses '- `x`\n' 2:3 "a value cannot begin with '\`'; quote it" "a reserved character: \`"
refuses '- *.txt\n' 2:3 "a value cannot begin with '*' or '&'; quote it" "a pattern that looks like an alias"
refuses '- "a\n' 2:3 "this quote is never closed" "a quote that is not closed"
refuses '- "\\q"\n' 2:4 "unknown escape in double quotes; write \\\\ for a backslash, or use single quotes" "an unknown escape"
refuses '- [a\n' 2:3 "no ',' or ']' where one is expected in this list; close it, or quote the value" "a list that is not closed"
refuses '- | a\n' 2:5 "text after the '|' or '>' that begins a block; put it on the next line, indented, or quote the value" "text after |"
first='- a: b'
refuses ' - c\n' 2:2 "this does not continue the list; check the indentation, and quote all of a value that begins with a quote" "an indentation that does not fit"
refuses '- c: d: e\n' 2:7 "': ' inside a value, or an indentation that does not fit; quote the value" "a colon in a plain value"
first='- ok'
refuses "$(head -c 40 /dev/zero | tr '\0' '[' | sed 's/^/- /')" 2:35 \
	"nested deeper than 32 levels; --max-depth raises the limit, or give it as a quoted text" "unbounded nesting"
refuses '---\nb\n' 3:1 "a list or a mapping is expected; begin each event with '- '" "a document that is neither"
yaml '\376\377\0-\0 \0a\0\n' echo
is "$status:$(cat out):$(cat err)" "126::volley: t.yaml:1:1: the input is UTF-16; convert it to UTF-8 (iconv -f UTF-16)" "UTF-16"
yaml '\357\273\277- a\n- b\n' echo
gives 'a
b' "a byte order mark at the start is accepted"
printf -- '- ok\n- *x\n' | volley -f yaml echo >out 2>err
is "$?:$(cat out):$(cat err)" \
	"126:ok:volley: (stdin):2:3: alias '*x' without an anchor '&x' before it; quote a value that begins with '*'" \
	"errors on standard input have the same form"
{
	printf -- '- ok\n- '
	head -c 20000 /dev/zero | tr '\0' l
	printf '\n- never\n'
} >t.yaml
run volley -j1 -a t.yaml --max-event 10K echo
is "$status:$(cat out):$(cat err)" \
	"126:ok:volley: t.yaml:2:1: event longer than 10 KiB; --max-event raises the limit" \
	"an event that is too long ends the run"
head -c 300000 /dev/zero | tr '\0' '[' >deep.yaml
run volley -a deep.yaml echo
is "$status:$(cat err)" "126:volley: deep.yaml:1:34: nested deeper than 32 levels; --max-depth raises the limit, or give it as a quoted text" \
	"hundreds of thousands of brackets are refused immediately"
yaml '- a\n- b: c\n- d\n- {e: f}\n' echo '[{}]'
is "$status:$(cat out):$(cat err)" '0:[a]
[{"b":"c"}]
[d]
[{"e":"f"}]:volley: t.yaml:2: a mapping among plain values; if it is meant as one value, quote it' \
	"mappings among plain values cause one warning"

# --- 217 queries

queries=$TOP_SRCDIR/tests/data/queries.yaml
if ! command -v sqlite3 >/dev/null; then
	skip "217 queries" "no sqlite3"
else
	sqlite3 shop.db <"$TOP_SRCDIR/tests/data/shop.sql"
	failing=$(grep -c '^# fails:' "$queries")
	run volley -k -j4 -a "$queries" sqlite3 shop.db '{sql_statement}'
	is "$status:$(sed -n '/jobs failed/s/ failed:.*//p' err)" \
		"$failing:volley: $failing of 217 jobs" "217 queries: exactly those marked to fail do fail"
	mv out words
	run volley -k -j4 -a "$queries" 'sqlite3 shop.db "{sql_statement}"'
	cmp out words
	ok $? "217 queries: a shell line gives the same results"
	volley -a "$queries" echo '{query_id}' | sort -n >ids
	seq 217 | cmp - ids
	ok $? "217 queries: each ran once"
fi

done_testing
