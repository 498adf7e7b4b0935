#!/bin/sh
# SPDX-License-Identifier: ISC
# scripts/check-style, and shellcheck for the scripts and tests.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

# breach TEXT NAME: check a file of good style with the lines of stdin appended.
breach() {
	{
		echo '/* SPDX-License-Identifier: ISC */'
		echo '#include <config.h>'
		cat
	} >src/a.c
	run "$TOP_SRCDIR/scripts/check-style" "$scratch"
	is "$status-$(cat out)" "$1" "$2"
}

lines() {
	awk -v n="$1" 'BEGIN { while (n-- > 0) print "\tx();" }'
}

function_of() {
	printf 'void f(void)\n{\n'
	lines "$1"
	printf '}\n'
}

mkdir src tests scripts .ci
breach 0- "a file of good style has no violations" <<'END'
#include "base/msg.h"

void f(void)
{
	msg_print("no '%s' (have: Some, Others)", name);
	msg_once(&told,
		 "one; another");
	return err_sys(err, "cannot open '%s'", "Name");
}
END
breach "1-src/a.c:3: blanks at the end of the line" "blanks at the end of a line are reported" <<END
int a; 
END
breach "1-src/a.c:3: indent with tabs" "indentation with blanks is reported" <<END
        int a;
END
breach "1-src/a.c:3: a message begins in lower case" "a message with a capital letter is reported" <<'END'
	msg_print("Cannot do it");
END
breach "1-src/a.c:4: a message begins in lower case" "a message on the next line is checked" <<'END'
	err_usage(err,
		  "Cannot do it");
END
breach '1-src/a.c:3: msg adds "volley: " itself' "a message with a prefix is reported" <<'END'
	msg_once(&told, "volley: cannot do it");
END
breach '1-src/a.c:3: msg adds the newline itself' "a message with a newline is reported" <<'END'
	msg_print("cannot do it\n");
END
{ function_of 61; lines 640; } >body
breach 0- "long files and functions are not violations" <body
run "$TOP_SRCDIR/scripts/check-style" --sizes "$scratch"
is "$status-$(cat out)" "0-src/a.c:66: a function of 61 lines
src/a.c:701: longer than 700 lines" "--sizes reports long files and functions"

rm src/a.c
printf '/* SPDX-License-Identifier: ISC */\n#include <stdio.h>\n' >src/b.c
run "$TOP_SRCDIR/scripts/check-style" "$scratch"
is "$status-$(cat out)" "1-src/b.c:2: include <config.h> first" "another header before config.h is reported"
printf '/* SPDX-License-Identifier: ISC */\nint main(void);\n' >src/b.c
run "$TOP_SRCDIR/scripts/check-style" "$scratch"
is "$status-$(cat out)" "1-src/b.c:2: include <config.h> first" "a file without headers is reported"
rm src/b.c
printf '#!/bin/sh\n' >scripts/c
run "$TOP_SRCDIR/scripts/check-style" "$scratch"
is "$status-$(cat out)" "1-scripts/c:1: no line SPDX-License-Identifier" "a missing licence is reported"

run "$TOP_SRCDIR/scripts/check-style"
is "$status-$(cat out)" 0- "volley follows these rules"

if command -v shellcheck >/dev/null; then
	cd "$TOP_SRCDIR" || exit 99
	scripts=$(grep -L '^#!.*python' scripts/*) # the others are sh
	# shellcheck disable=SC2086  # names without blanks
	found=$(shellcheck -x -S warning .ci/run $scripts tests/tap.sh tests/cli/*.t tests/repository/*.t)
	cd "$scratch" || exit 99
	is "$found" "" "shellcheck finds nothing"
else
	skip "shellcheck finds nothing" "no shellcheck here"
fi

done_testing
