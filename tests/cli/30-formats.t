#!/bin/sh
# SPDX-License-Identifier: ISC
# Events from every format: the same table gives the same results, errors have their
# place, and memory does not grow with the input.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

# --- one table

printf 'id\tname\tnote\n010\ta "b"\t1.0\n2\tc,d\t\n12345678901234567890123\t'\''e'\'' $f\tno\n' >t.txt
printf 'id,name,note\r\n010,"a ""b""",1.0\r\n2,"c,d",\r\n12345678901234567890123,'\''e'\'' $f,no\r\n' >t.csv
printf 'id\tname\tnote\n"010"\t"a ""b"""\t1.0\n2\tc,d\t""\n12345678901234567890123\t'\''e'\'' $f\tno' >t.tsv
cat >t.json <<'END'
[{"id": "010", "name": "a \"b\"", "note": 1.0},
 {"id": 2, "name": "c,d", "note": null},
 {"name": "'e' $f", "id": 12345678901234567890123, "note": "no"}]
END
cat >t.jsonl <<'END'
{"id":"010","name":"a \u0022b\u0022","note":1.0}

{"id":2,"name":"c,d","note":""}
{"id":12345678901234567890123,"name":"'e' $f","note":"no"}
END
cat >t.yaml <<'END'
- id: 010
  name: a "b"
  note: 1.0
- {id: 2, name: 'c,d', note: null}
- id: 12345678901234567890123
  name: "'e' $f"
  note: no
END
cp t.jsonl t.ndjson
cp t.yaml t.yml
cat >want <<'END'
010|a "b"|1.0|1
2|c,d||2
12345678901234567890123|'e' $f|no|3
END

for file in t.csv t.tsv t.json t.jsonl t.ndjson t.yaml t.yml; do
	run volley -k 'printf "%s|%s|%s|%s\n" {id} {name} "$EVENT_note" {#}' :::: $file
	is "$status-$(cat out)" "0-$(cat want)" "the extension selects the format: ${file#t.}"
done
for format in csv tsv json jsonl yaml; do
	run volley -k -f $format 'printf "%s|%s|%s|%s\n" {id} {name} "$EVENT_note" {#}' <t.$format
	is "$status-$(cat out)" "0-$(cat want)" "-f $format selects the format of standard input"
done
run volley -k -f json 'printf "%s|%s|%s|%s\n" {id} {name} "$EVENT_note" {#}' <t.jsonl
is "$status-$(cat out)" "0-$(cat want)" "-f json knows lines by the first byte"
run volley -k --header 'printf "%s|%s|%s|%s\n" {id} {name} "$EVENT_note" {#}' <t.txt
is "$status-$(cat out)" "0-$(cat want)" "--header names columns separated by tabs"
run volley -k --header : -C '\t' -a t.txt 'printf "%s|%s|%s|%s\n" {id} {name} {3} {#}'
is "$status-$(cat out)" "0-$(cat want)" "--header : is accepted, with columns by number"
for file in t.csv t.tsv t.json t.jsonl t.yaml; do
	{ printf '\357\273\277'; cat $file; } >"bom-$file"
	run volley -k 'printf "%s|%s|%s|%s\n" {id} {name} {note} {#}' :::: "bom-$file"
	is "$status-$(cat out)" "0-$(cat want)" "a byte order mark before ${file#t.} is skipped"
done
run volley -f tvs echo <t.tsv
is "$status" 125 "an unknown format is a usage error"
like "$(cat err)" "use lines, null, csv, tsv, json, jsonl or yaml (did you mean tsv?)" \
	"the message lists the known formats, and the nearest"
for format in yml:yaml ndjson:jsonl; do
	run volley -k -f ${format%:*} 'printf "%s|%s|%s|%s\n" {id} {name} "$EVENT_note" {#}' <t.${format#*:}
	is "$status-$(cat out)" "0-$(cat want)" "-f ${format%:*}, as files are called"
done
run volley -o jsn echo ::: a
is "$(cat err)" "volley: -o jsn: use text, json, yaml, csv or table (did you mean json?)" \
	"other choices are suggested, too"

# --- lines that look like another format

# looks INPUT COMMAND WANT: refused before any job, with advice
looks() {
	# shellcheck disable=SC2059  # it is a format
	printf -- "$1" >in
	run volley "$2" <in
	is "$status-$(cat out)" 125- "refused as lines: $1 for $2"
	like "$(cat err)" "looks like $3 (for the text itself, write " "and the message says why: $3"
}
looks '{"id":1,"name":"a"}\n' 'echo {id}' "JSON; use -f jsonl"
looks '{"id": {"x": 2}}\n' 'echo {id.x}' "JSON; use -f jsonl"
looks '  {"id" : 1}\r\n' 'echo {id/}' "JSON; use -f jsonl"
looks '\036{"id":1}\n' 'echo {id}' "JSON; use -f jsonl"
looks '{\n "id": 1\n}\n' 'echo {id}' "JSON; use -f jsonl"
looks '[{"id":1},\n{"id":2}]\n' 'echo {id}' "JSON; use -f json"
looks '[\n{"id":1}]\n' 'echo {id:-x}' "JSON; use -f json"
looks '- id: 1\n  name: a\n' 'echo {id}' "YAML; use -f yaml"
looks '- {name: a, id: 1}\n' 'echo {id}' "YAML; use -f yaml"
looks 'id: 1\nname: a\n' 'echo {id}' "YAML; use -f yaml"
looks '---\n- id: 1\n' 'echo {id}' "YAML; use -f yaml"
looks 'id,name\n1,a\n' 'echo {name}' "CSV; use -f csv"
looks '"id","name"\n1,a\n' 'echo {id}' "CSV; use -f csv"
looks '\357\273\277id;name\n1;a\n' 'echo {id}' "CSV; use -f csv -C ';'"
looks 'id\tname\n1\ta\n' 'echo {name}' "TSV; use -f tsv"
looks 'id\n1\n' 'echo {id}' "CSV; use -f csv"
printf '{"id":1}\n' >in
cp in in.data
run volley 'echo {id}' <in.data
is "$status-$(cat out)" 125- "a file as standard input is refused, too"
run volley -a in.data 'echo {id}'
is "$status-$(cat out)" 125- "so is a file without a known extension"
run volley echo '{id}' ::: x :::: in.data
is "$status-$(cat out)" 125- "also beside other sources, for words"
run volley --tagstring '{id}' echo <in
is "$status-$(cat out)" 125- "and in the text of another option"
# accepted OPTION...: the lines are meant as lines
accepted() {
	run volley "$@" <in
	is "$status-$(cat out)" "0-$want" "accepted: $*"
}
want='{id}'
accepted -f lines -n0 'echo {id}'
accepted -n0 echo '\{id}'
accepted -d '\n' -n0 echo '{id}'
accepted -n0 echo '{id}' ::: '{"id":1}'
want='{name}'
accepted -n0 'echo {name}'
printf 'id, name and more\nx: id\n' >in
want='{id}
{id}'
accepted -C ' ' -n0 echo '{id}'
printf 'the id: is\n"id" x\nids: 1\n' >in
want='{id} the id: is
{id} "id" x
{id} ids: 1'
accepted -k echo '{id}' {}

run volley 'echo {.sql}' :::: t.csv
is "$status-$(cat err)" "125-volley: {.sql}: no field '.sql' in the events (fields: id, name, note); for the text itself write \{.sql}" \
	"a part of a path before the name of a field is refused"
run volley -k 'echo {.sql}' ::: a
is "$(cat out)" '{.sql} a' "without fields it is text"

# --- values

echo '[{"a":{"b":[1.0,{"c.d":"x y"},null],"e":true},"a.e":"own","p":{"f":"/x/y.tar.gz"}},
{"a":{"b":[2]},"a.e":"","p":{"f":"z"}}]' >n.json
run volley -k 'echo {a.b.0} {a.b} {a.e} {p.f/.}' :::: n.json
is "$(cat out)" '1.0 [1.0,{"c.d":"x y"},null] own y.tar
2 [2]  z' "nested values by {a.b}"
run volley -k 'echo {a.b.1.c.d:-none} {a.b.2:-null} {a.b.0:json} {a.b:json}' :::: n.json
is "$(cat out)" 'x y null 1.0 [1.0,{"c.d":"x y"},null]
none null 2 [2]' "{a.b:-text} replaces missing nested values"
run volley -k 'echo {a.b.1.c.d}' :::: n.json
is "$status-$(cat out)" "1-x y" "a job whose nested value is missing fails"
like "$(cat err)" "no field 'a.b.1.c.d' in this event" "a missing nested value is reported"
run volley 'echo {a.x}' :::: n.json
is "$status" 125 "a nested value that the first event lacks is a usage error"
like "$(cat err)" "(fields: a, a.e, p)" "the message lists the existing fields"
printf -- '- a: {b: [1.0, no, null], c: "x"}\n' >n.yaml
run volley 'echo {a.b.0} {a.b.1} {a.b.2:-null} {a}' :::: n.yaml
is "$(cat out)" '1.0 no null {"b":[1.0,"no",null],"c":"x"}' "nested values are read from YAML, too"
run volley -k -f json 'echo {} {2}' <<'END'
[[1, "a b"], ["c", {"d": 1.0}]]
END
is "$(cat out)" '[1,"a b"] a b
["c",{"d":1.0}] {"d":1.0}' "an array in an array has columns"
printf '\357\273\277name;size\r\n"5"" disk; old";1,5\r\n6" disk;2\r\n' >s.csv
printf '%s\n' '5" disk; old=1,5' '6" disk=2' >want.csv
for option in -C --colsep; do
	run volley -k $option ';' -a s.csv 'echo {name}={size}'
	is "$status-$(cat out)" "0-$(cat want.csv)" "$option is the delimiter of a .csv file"
	run volley -k -f csv $option ';' 'echo {name}={size}' <s.csv
	is "$status-$(cat out)" "0-$(cat want.csv)" "-f csv $option is the delimiter of standard input"
done
printf 'a|b\n1|2\n' >p.csv
for bar in '|' '\|'; do
	run volley -C "$bar" 'echo {a}-{b}' :::: p.csv
	is "$status-$(cat out)" 0-1-2 "-C '$bar' is a byte"
done
run volley 'echo {name}' :::: s.csv
like "$status-$(cat err)" "126-volley: s.csv:2:16: a quote that *; use -C ';'" "another delimiter after a quote is noticed"
printf 'name;size\n1;2\n' >one.csv
run volley 'echo {name}' :::: one.csv
is "$status-$(cat err)" "125-volley: {name}: no field 'name' in the events (fields: name;size); use -C ';'? For the text itself write \{name}" \
	"a header with another delimiter is noticed"
printf 'name\tsize\n1\t2\n' >tabs.csv
run volley 'echo {name}' :::: tabs.csv
like "$(cat err)" "; use -f tsv?" "a header with tabs is noticed"
run volley --header 'echo {b}' <<'END'
a,b
1,2
END
like "$(cat err)" "(fields: a,b); use -C ,?" "--header: a first line with commas is noticed"
run volley -C ';' -a s.csv -a p.csv echo
is "$status" 0 "-C is for each CSV file"
printf 'chr1\ttest\tgene_id "X"; note "a b";\n"chr2"\t"t\t2"\t"\n' >g.tsv
run volley -k --no-header 'echo {1}={2}={3}' :::: g.tsv
is "$status-$(cat out)" "0-chr1=test=gene_id \"X\"; note \"a b\";
chr2=t	2=\"" "TSV: a field is quoted only as a whole"
run volley -k --no-header --quote no 'echo {1}={3}' :::: g.tsv
is "$status-$(cat out)" "126-chr1=gene_id \"X\"; note \"a b\";" "TSV: with --quote no, tabs always separate fields"
run volley -k --no-header --quote yes 'echo {1}' :::: g.tsv
is "$status-$(cat out)" 126- "TSV: with --quote yes, quotes inside a field are errors"
printf 'a\n"x" y\n"z\n' >q.csv
run volley -k --quote no 'echo {a}' :::: q.csv
is "$status-$(cat out)" '0-"x" y
"z' "CSV: with --quote no, quotes are text"
printf 'a\nx"y\n' >q.csv
run volley -k --quote yes 'echo {a}' :::: q.csv
like "$status-$(cat err)" "126-*q.csv:2:2: a quote that neither" "CSV: with --quote yes, a quote in a field is an error"
printf '1,"a ""b"""\r\n2,c\r\n' >columns.csv
run volley -k --no-header 'echo {2}={1} {}' :::: columns.csv
is "$(cat out)" 'a "b"=1 1,"a ""b"""
c=2 2,c' "CSV without a header has columns"
run volley -k -f json 'echo {a}' <<'END'
{
  "a": 1
}
{"a":
 2}
END
is "$(cat out)" "1
2" "JSON values may take several lines"

# --- columns of lines

printf 'a b  c\nd\n' >lines
run volley -k -C ' +' 'echo {3}{2}{1} {}' :::: lines
is "$(cat out)" "cba a b  c
d d" "-C splits lines where the expression matches"
run volley -k -C , 'echo {2}{1}' ::: a,b c,d
is "$(cat out)" "ba
dc" "-C splits arguments"
run volley -k -C , 'echo {1}{2}{3}' ::: a,b ::: c d
is "$(cat out)" "abc
abd" "columns of several sources are numbered consecutively"
run volley -k --header 'echo {x}{y}' ::: x a b ::: y 1 2
is "$(cat out)" "a1
a2
b1
b2" "--header names a source of arguments as well"
printf 'x\ty\n1\n' >in
run volley --header 'echo {x}-{y}-' <in
is "$(cat out)" "1--" "missing columns of a short line are empty"
for bad in '-C x*' '-C [' '-C \d' '-f json -C ,' '-f csv -0' '-f yaml --no-header' \
	'--header --no-header' '--max-depth 1001' '--max-depth x'; do
	# shellcheck disable=SC2086
	run volley $bad echo ::: a
	is "$status-$(cat out)" 125- "$bad is a usage error"
done
printf '\357\273\277a\r\nb\r\n' >in
run volley -k echo <in
is "$(od -An -c out | tr -d ' \n')" 'a\nb\n' "a byte order mark before lines is skipped, and CRLF known"
printf '\357\273\277a\0' >in
run volley -0 'printf %s {} | wc -c' <in
is "$(cat out)" 4 "a byte order mark is kept if NUL ends events"

# --- side by side

run volley -k echo ::: a b c :::+ 1 2
is "$(cat out)" "a 1
b 2" ":::+ pairs, up to the shortest"
run volley -k echo ::: a b :::+ 1 2 ::: x y
is "$(cat out)" "a 1 x
a 1 y
b 2 x
b 2 y" "pairs are crossed with the rest"
printf '1\n2\n' >numbers
run volley -k echo ::: a b ::::+ numbers numbers
is "$(cat out)" "a 1 1
b 2 2" "::::+ pairs with files"
run volley -k --link echo ::: a b c ::: 1 2
is "$(cat out)" "a 1
b 2
c 1" "--link starts shorter inputs over"
run volley -k --link -a numbers -a lines echo
is "$(cat out)" "1 a b  c
2 d" "--link starts shorter files over"
run volley echo :::+ a
is "$status" 125 ":::+ needs something before it"
like "$(cat err)" ":::+ has nothing before it" "a missing source before :::+ is reported"

# --- errors: reported with their place, between the events before and after

# bad FORMAT PLACE STDOUT INPUT: the input is printf's
bad() {
	# shellcheck disable=SC2059  # it is a format
	printf -- "$4" >in
	run volley -k -f "$1" echo <in
	is "$status-$(cat out)" "126-$3" "$1: what is before the error has run, nothing else"
	like "$(cat err)" "volley: (stdin):$2: " "$1: the error is reported with its place"
}
bad json 1:6 "1
2" '[1,2,x,4]'
bad json 3:1 1 '1\n{"a":1,\n"a":2}\n3\n'
bad json 2:3 1 '1\n2 3\n4\n'
bad jsonl 2:2 1 '1\n"\\ud800"\n'
printf 'id,n\n1,2\n' | iconv -t UTF-16LE >u16
for format in csv tsv json jsonl yaml; do
	run volley -f $format echo <u16
	is "$status-$(cat err)" "126-volley: (stdin):1:1: the input is UTF-16LE; convert it to UTF-8 (iconv -f UTF-16LE)" \
		"$format: UTF-16 is recognized"
	{ printf '\377\376'; cat u16; } | run volley -f $format echo
	like "$(cat err)" "the input is UTF-16;" "$format: UTF-16 with a mark is recognized"
done
{ printf '\377\376'; cat u16; } | run volley echo
like "$(cat err)" "(stdin):1:4: the input is UTF-16;" "lines: UTF-16 with a mark is recognized"
nasty=$(printf 'a\033[31m\nb\177\302\233c.json')
printf '[1,\001x\033]' >"$nasty"
run volley -k echo :::: "$nasty"
is "$(cat err)" "volley: a\\x1b[31m\\nb\\x7f\\xc2\\x9bc.json:1:4: '\\x01x\\x1b' is not JSON; write a text in double quotes" \
	"messages have no control characters, in a value or the name of a file"
rm "$nasty"
run volley -k echo :::: "$nasty"
is "$(cat err)" "volley: cannot open 'a\\x1b[31m\\nb\\x7f\\xc2\\x9bc.json': No such file or directory" \
	"also when it cannot be opened"
bad json 1:3 "" '1 x\n'
bad csv 3:4 '{"a":"1"}' 'a\n1\n"2"3\n3\n'
bad tsv 3:1 '{"a":"1","b":"2"}' 'a\tb\n1\t2\n3\n'
bad yaml 2:3 a '- a\n- !x y\n- b\n'
bad lines 2:2 a 'a\nb\0c\nd\n'

# nested MAX-DEPTH FORMAT INPUT
nested() {
	printf '%s' "$3" >in
	run volley --max-depth "$1" -f "$2" echo <in
}
nested 2 json '[[[[1]]]]'
is "$status" 126 "nested values have a limit"
like "$(cat err)" "1:4: nested deeper than 2 levels; --max-depth raises" "nesting that is too deep is reported"
nested 3 json '[[[[1]]]]'
is "$status-$(cat out)" '0-[[[1]]]' "--max-depth raises the limit"
nested 3 yaml '- [[[1]]]'
is "$status-$(cat out)" '0-[[[1]]]' "--max-depth raises the limit for YAML"

printf 'x,y\na,1\nb,2,3\nc,4\n' >in
run volley -k --header -C , 'echo {x}' <in
is "$status-$(cat out)" "126-a" "a line with more columns than names is an error"
like "$(cat err)" "(stdin):3:5: more columns than the header has names" "a line with too many columns is reported with its place"
{ printf '"'; head -c 100000 /dev/zero | tr '\0' x; } >in
for format in lines json csv yaml; do
	run volley -f $format --max-event 64K echo <in
	is "$status" 126 "$format: an event that is too long is refused"
	like "$(cat err)" ":1:1: event longer than 64 KiB; --max-event raises" \
		"$format: the message suggests --max-event"
done

# --- live: a job starts as soon as its event is complete

# live FORMAT FIRST [REST]: the producer goes on when the first event's job has
# opened the FIFO
mkfifo go
live() {
	# shellcheck disable=SC2059
	{
		printf "$2"
		: >go
		printf "${3:-}"
	} | volley -j1 -n0 -f "$1" cat go
	is $? 0 "$1: a job starts while the producer waits for it"
}
live lines 'a\n'
live json '{"a":1}\n'
live jsonl '[1]\n'
live json '[{"a":1}' ']'
live csv 'a\n1\n'
live tsv 'a\n1\n'

# --- memory: what is piped in is not held

# piped FORMAT COUNT LINE [FIRST]: COUNT lines, and a job only for the last one
piped() {
	{
		[ -z "${4:-}" ] || echo "$4"
		yes -- "$3" | head -n "$2"
	} | (
		# shellcheck disable=SC3045  # dash and bash have it
		ulimit -v 60000
		run volley -f "$1" --only "$2" echo {}
		is "$status-$(wc -l <out)" 0-1 "$1: a large input is read in little memory"
		exit "$tap_failed"
	) || tap_failed=1
	tap_count=$((tap_count + 1))
}
case $(nm "$VOLLEY" 2>/dev/null) in
*__asan_init*)
	skip "a large input is read in little memory" "the sanitizer needs address space"
	;;
*)
	piped lines 3000000 'a line of some length, again and again and again'
	piped jsonl 1000000 '{"a":[1,2,3],"b":"a text of some length, again and again"}'
	piped csv 1500000 '1,"a text of some length, again and again",2' a,b,c
	piped yaml 300000 '- {a: 1, b: a text of some length, again and again}'
	;;
esac

done_testing
