#!/bin/sh
# SPDX-License-Identifier: ISC
# scripts/mutate reads its list and applies its changes.  What it finds is for
# scripts/check --long.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

if ! command -v python3 >/dev/null; then
	skip "scripts/mutate" "python3 is not installed"
	done_testing
fi

mkdir scripts tests src
cp "$TOP_SRCDIR/scripts/mutate" scripts/
printf '\tint a;\n\tint b;\n\tint a;\n' >src/x.c

# list STATUS TEXT NAME: what it says of the mutants on stdin.
list() {
	cat >tests/mutants
	run scripts/mutate --list
	like "$status-$(cat err out)" "$1-$2" "$3"
}
list 0 "one src/x.c unit/x cli/y" "a change of lines that are there" <<'END'
# comment

one src/x.c unit/x cli/y
 int a;
-int b;
+int c;
END
list 1 "mutate: one: its lines are not in src/x.c" "lines that have changed" <<'END'
one src/x.c unit/x
-int d;
END
list 1 "mutate: one: its lines are not in src/x.c just once" "lines that are there twice" <<'END'
one src/x.c unit/x
-int a;
END
list 2 "mutate: one: changes nothing" "a change of nothing" <<'END'
one src/x.c unit/x
-int a;
+	int a;
END
list 2 "mutate: one: is in the list twice" "two of one name" <<'END'
one src/x.c unit/x
-int b;

one src/x.c unit/x
-int b;
END
run scripts/mutate two
is "$status-$(cat err)" "2-mutate: one: is in the list twice" "which are also told before a run"

run "$TOP_SRCDIR/scripts/mutate" --list
[ "$(grep -c ' src/' out)" -ge 80 ]
ok $? "there are at least 80"
run "$TOP_SRCDIR/scripts/mutate" no-such-name
is "$status-$(cat err)" "2-mutate: no-such-name: is not in tests/mutants" "names have to be in the list"

done_testing
