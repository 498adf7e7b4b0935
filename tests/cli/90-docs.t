#!/bin/sh
# SPDX-License-Identifier: ISC
# The documentation is correct: --help and the manual list the same options, and the
# examples in the manual and in README print what is shown below them.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

man=$TOP_SRCDIR/man/volley.1

# For the examples: volley under its own name.
mkdir bin
printf '#!/bin/sh\nexec %s "%s" "$@"\n' "${VOLLEY_WRAP:-}" "$VOLLEY" >bin/volley
chmod +x bin/volley
ln -s "$TOP_SRCDIR/scripts/volley-worker.py" bin/volley-worker.py

# --- the options, each as a line "stage|letter|name|argument"; [=HOW] is optional

# "Also spelled" and "which is also spelled": aliases, a line each.
aliases_of_man() {
	awk '
		/lso spelled$/ { on = 1; next }
		on && /^\.Fl Fl / { print "--" $3 }
		on && /^\.Fl [^F]/ { print "-" $2 }
		!/^\.Fl/ && $0 != "and" { on = 0 }' "$man"
}

options_of_help() {
	awk '
		/^[A-Z].*:$/ { stage = substr($0, 1, length($0) - 1) }
		/^  (-.,|   ) --/ {
			letter = $1 ~ /^--/ ? "" : substr($1, 2, 1)
			text = substr($0, 9)
			sub(/  .*/, "", text)
			name = text
			sub(/[ \[].*/, "", name)
			print stage "|" letter "|" name "|" substr(text, length(name) + 1)
		}' help
}

options_of_man() {
	awk '
		/^\.Sh / { inside = $2 == "OPTIONS" }
		/^\.Ss / { stage = substr($0, 5) }
		inside && /^\.It Fl / {
			line = $0
			sub(/^\.It /, "", line)
			letter = ""
			if (line ~ /^Fl [^F]/) {
				letter = substr(line, 4, 1)
				sub(/^Fl . , /, "", line)
			}
			sub(/^Fl Fl /, "", line)
			name = line
			sub(/ .*/, "", name)
			argument = substr(line, length(name) + 1)
			sub(/ Ns Op = Ns Ar /, "[=", argument)
			if (argument ~ /^\[/)
				argument = argument "]"
			sub(/ Ar /, " ", argument)
			print stage "|" letter "|" name "|" argument
		}' "$man"
}

# same FILE FILE NAME
same() {
	diff "$1" "$2" >differences
	ok $? "$3" || sed 's/^/#   /' differences
}

run volley --help
cp out help
options_of_help >of-help
options_of_man >of-man
same of-help of-man "the manual lists the options of --help, in the same order"

# --- options that are mentioned elsewhere

# kind SPELLING: print flag, needs or may (have an argument); nothing if unknown.
kind() {
	awk -v spelling="$1" '$1 == spelling { print $2 }' spellings
}

# Does volley have the option: "--name", "--name=ARG", "-x" or "-xyARG"?
has_option() {
	letters=${1#-?}
	case $1 in
	--*=*) case $(kind "${1%%=*}") in needs | may) ;; *) false ;; esac ;;
	--* | -?) [ -n "$(kind "$1")" ] ;;
	*)
		case $(kind "${1%"$letters"}") in
		needs) ;; # the rest is its argument
		flag) has_option "-$letters" ;;
		*) false ;;
		esac
		;;
	esac
}

# Print the unknown options at the start of a command line.
unknown_at_start() {
	while [ $# -gt 0 ]; do
		case $1 in
		-- | - | [!-]*) return ;;
		esac
		has_option "$1" || echo "$1"
		[ "$(kind "$1")" != needs ] || shift
		[ $# -eq 0 ] || shift
	done
}

# Unknown options after "volley" in a line, and in backquotes.
unknown_options() {
	set -f
	sed -n 's/.*volley \(-.*\)/\1/p' "$1" | while read -r words; do
		# shellcheck disable=SC2086  # split at blanks
		unknown_at_start $words
	done
	set +f
	# shellcheck disable=SC2016  # backquotes are meant
	grep -o '`-[^` ]*' "$1" | tr -d '`' | while read -r word; do
		has_option "$word" || echo "$word"
	done
}

awk -F '|' '
	{ kind = $4 == "" ? "flag" : $4 ~ /^\[/ ? "may" : "needs" }
	{ print "--" $3, kind }
	$2 != "" { print "-" $2, kind }' of-help >spellings
aliases_of_man | sed 's/$/ flag/' >>spellings
for file in README CHANGES; do
	is "$(unknown_options "$TOP_SRCDIR/$file")" "" "every option in $file exists"
done

# --- examples

# The displays in EXAMPLES of the manual, indented as in README.
examples_of_man() {
	awk '
		/^\.Sh / { inside = $2 == "EXAMPLES" }
		inside && /^\.Ed/ { shown = 0; print "" }
		shown {
			gsub(/\\\(aq/, "\x27")
			gsub(/\\-/, "-")
			gsub(/\\e/, "\\")
			print "    " $0
		}
		inside && /^\.Bd/ { shown = 1 }' "$man"
}

# split_examples NAME: each indented block of stdin that begins with "$ " is an
# example; they go to the files NAME.1, NAME.2, ...
split_examples() {
	awk -v name="$1" '
		!/^    / { inside = 0; next }
		/^    \$ / && !inside { inside = 1; file = name "." ++n }
		inside { print substr($0, 5) >file }' /dev/stdin
}

# obey COMMAND PRINTED: run it; "cat X" first creates a missing X from PRINTED.
obey() {
	case $1 in
	'cat '*) [ -e "${1#cat }" ] || cp "$2" "${1#cat }" ;;
	esac
	PATH="$scratch/bin:$PATH" sh -c "$1" </dev/null 2>&1
}

# play EXAMPLE: run its commands, and print commands and output as a terminal would.
play() {
	command=:
	: >"$scratch/printed"
	while IFS= read -r line; do
		case $line in
		'$ '*)
			obey "$command" "$scratch/printed"
			: >"$scratch/printed"
			command=${line#'$ '}
			printf '%s\n' "$line"
			;;
		'> '*)
			command="$command
${line#> }"
			printf '%s\n' "$line"
			;;
		*) printf '%s\n' "$line" >>"$scratch/printed" ;;
		esac
	done <"$1"
	obey "$command" "$scratch/printed"
}

# check_examples NAME TITLE: run the examples of split_examples in one directory.
check_examples() {
	mkdir "$1"
	n=1
	while [ -e "$1.$n" ]; do
		name="$2, example $n: $(sed -n '1s/^\$ //p' "$1.$n" | tr -d '\\#')"
		if grep -q 'sqlite3\|queries\.yaml' "$1.$n" && ! command -v sqlite3 >/dev/null; then
			skip "$name" "sqlite3 is not installed"
		elif grep -q 'volley-worker\.py' "$1.$n" && ! command -v python3 >/dev/null; then
			skip "$name" "python3 is not installed"
		else
			(cd "$1" && play "../$1.$n") >played
			same "$1.$n" played "$name"
		fi
		n=$((n + 1))
	done
}

examples_of_man | split_examples man
split_examples readme <"$TOP_SRCDIR/README"
is "$(find . -name 'man.[0-9]*' | wc -l | tr -d ' ')" \
	"$(awk '/^\.Sh / { on = $2 == "EXAMPLES" } on && /^\.Bd/ { n++ } END { print n }' "$man")" \
	"every display in EXAMPLES of the manual is an example"
check_examples man manual
[ -e readme.5 ]
ok $? "README has at least five examples"
check_examples readme README

# --- markup of the manual pages

for page in "$TOP_SRCDIR"/man/*.[0-9]; do
	name=$(basename "$page")
	if command -v mandoc >/dev/null; then
		run mandoc -T lint -W warning "$page"
		is "$status-$(cat out err)" 0- "mandoc has no warning about $name"
	else
		skip "mandoc has no warning about $name" "mandoc is not installed"
	fi
	if command -v groff >/dev/null; then
		run groff -mandoc -ww -z -T utf8 "$page"
		is "$status-$(cat out err)" 0- "groff has no warning about $name"
	else
		skip "groff has no warning about $name" "groff is not installed"
	fi
done

done_testing
