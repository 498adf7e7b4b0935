#!/bin/sh
# SPDX-License-Identifier: ISC
# --failed-to: the events of failed jobs, read again, are the same events.
# shellcheck disable=SC2016  # $ in single quotes is the job's
# shellcheck disable=SC2154,SC1083,SC1003  # status; {} is text; \\ is printf's
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

nl='
'
cr=$(printf '\r')
bom=$(printf '\357\273\277')

# events ARG...: all jobs fail; what each event was and became.
events() {
	volley -k -j1 -o json "$@" false x{}y 2>err | sed 's/,"status":.*//'
}

# back EXTENSION INPUT NAME ARG...: printf INPUT is written by --failed-to and
# read back as the same events.
back() {
	ext=$1 input=$2 name=$3
	shift 3
	# shellcheck disable=SC2059  # it is a format
	printf -- "$input" >"in.$ext"
	events "$@" -a "in.$ext" --failed-to "again.$ext" >want
	events "$@" -a "again.$ext" >got
	[ -s want ] && cmp want got
	ok $? "$ext: $name" || od -c "again.$ext" | sed 's/^/# /'
}

# same EXTENSION INPUT NAME ARG...: also the bytes are those of the input.
same() {
	back "$@"
	cmp "in.$1" "again.$1"
	ok $? "$1: byte for byte: $3"
}

# --- lines

same txt 'a\nb b\n"c"\n' "lines"
same txt 'a\r\nb\r\n\r\nc\r\n' "CRLF"
same txt '\na\n\n' "blank lines"
same txt 'a\nb\r\nc\r\n' "a CR that belongs to its line"
same txt 'caf\303\251\n\342\202\254\n\377\n' "UTF-8, and what is not"
same txt ' a \n\ta\t\n' "blanks"
same txt 'a\r\nb\n' "--no-crlf" --no-crlf
same txt 'a\r\nb\r\n' "--crlf" --crlf
same txt 'a\0b\nb\0\0\r\0c\r\0' "-0" -0
same txt '\357\273\277a\0b\0' "-0 with a mark" -0
same txt 'a,b\r,,c\n,' "-d" -d ,
same txt 'n\tv\na\t1\nb\t2\n' "--header" --header
same txt 'n,v\r\na,1\r\nb,2\r\n' "--header -C, with CRLF" --header -C ,
back txt 'a\r\nb\n' "mixed ends"
back txt '\r\n\r\r\nb\r\r\n' "CR before CRLF"
back txt '\r' "nothing but a CR"
back txt 'a\nb' "a last line without a newline"
back txt '\357\273\277a\nb\n' "a mark"
back txt '\357\273\277\357\273\277a\nb\n' "two marks"
back txt '\357\273\277\r\n\357\273\277\r\n' "marks and CRLF"
# of each input all begins, as any line may be the first that fails
printf 'a\n%sb\n\r\n%s%s\nc\r\r\n\nd' "$bom" "$bom" "$bom" >tails
for first in 2 3 4 5 6 7; do
	events -a tails --only "$first-" --failed-to again.txt >want
	events -a again.txt >got
	sed 's/^{"seq":[0-9]*,//' want >want.plain
	sed 's/^{"seq":[0-9]*,//' got | cmp want.plain -
	ok $? "lines from line $first on"
done
for seed in 1 2 3 4 5 6 7 8; do
	random=$(awk "BEGIN {
		srand($seed)
		split(\"a \\\\r \\\\n \\\\r\\\\n \\\\357\\\\273\\\\277 x\", part, \" \")
		for (i = 0; i < 40; i++)
			printf \"%s\", part[int(rand() * 6) + 1]
	}")
	back txt "$random" "random lines: $random"
done

# --- arguments

# words NAME OPTION WORD...: the same for arguments; OPTION reads them back.
words() {
	name=$1 option=$2
	shift 2
	volley -k -j1 -o json --failed-to again false x{}y ::: "$@" 2>err |
		sed 's/,"status":.*//' >want
	cp err told
	events "$option" -a again >got
	[ -s want ] && cmp want got
	ok $? "arguments: $name"
}
words "words" -flines a '' ' b ' "c$cr" "${bom}d"
words "a CR in the first" -flines "a$cr" b "${bom}d"
words "a mark in the first" -flines "${bom}a" b
unlike "$(cat told)" NUL "no message is printed about arguments without newlines"
words "newlines" -0 "a${nl}b" "$nl" c "d$cr"
like "$(cat told)" "volley: --failed-to: each event in 'again' ends with a NUL, since some hold a newline; read it with -0 -a" \
	"a message says that the arguments are ended by NUL"

# --- csv, tsv

same csv 'id,text\n1,x\n2,"a ""b"", c"\n3,"two\nlines"\n4,"two\r\nlines"\n' "quotes and line breaks"
same csv 'id,text\r\n1,x\r\n2,"a\nb"\r\n' "CRLF"
same csv 'id\n""\nx\n' "a single column"
same csv '" id",b\n" x",""\n' "blanks"
same csv '1,"a"\n"2",b\r\n' "rows as they are without a header" --no-header
same csv 'id;text\n1;x\n2;"a;b"\n3;a,b\n' "-C" -C ';'
same csv '"id";b\n"1;x"\n"";" y\n' "--quote no" -C ';' --quote no
back csv '\357\273\277\357\273\277id,b\n1,2\n' "--quote no with two marks" --quote no
back csv 'id,b\n5" disk,"x"\n' "a quote that is text"
back tsv 'id\tb\nx "y"\t"z\n"""a"""\tb"\n1\t"2\n3"\n' "quotes that are text"
same tsv 'id\ttext\n1\ta,b\n2\t"a\tb"\n' "tabs"
back csv '\357\273\277id,b\n1,2\n' "a mark"
back csv '"\357\273\277id",b\n1,2\n' "a name that begins with a mark"
back csv '\357\273\277\357\273\277id,b\n1,2\n' "marks without a header" --no-header
back csv 'id,b\n1,"\r"\n"\r\n",2\n,\n' "CR and empty values"
back csv 'id,b\n1,2' "a last row without a newline"
back tsv 'id\tb\r\n\303\251\t" \t "\r\n' "UTF-8 and blanks"

# --- json, yaml

back json '[1,-0.0,1e400,true,null,"","a\\nb\\r",[],[1,[2]]]' "values"
back json '[{"a":"x\\n","b":[1,{"c":null}],"c":{"d":1}},{"a":"","b":null}]' "mappings"
back json '{"a":1}\n{"a":"\\ud83d\\ude00\\u2028\\u007f"}\n' "JSON Lines"
back jsonl '{"a":"two\\nlines"}\n[1,2]\n"\\ufeff"\n' "values"
back yaml '- a\n- "b\\nc\\r"\n- |\n  x\n   y\n- ""\n- ~\n- null\n- 010\n' "values"
back yaml '- {a: "x: y # z", b: [1, ~, null], c: "\\u2028\\ufeff\\x85"}\n- {a: |-\n    t\n    u\n  , b: }\n' "mappings"
back yaml 'a: 1\n---\na: "\\t"\n---\n- 2\n' "documents"

done_testing
