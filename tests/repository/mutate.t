#!/bin/sh
# SPDX-License-Identifier: ISC
# scripts/mutate reads its list and applies its changes.  The mutants themselves are
# tried by scripts/check --long.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

if ! command -v python3 >/dev/null; then
	skip "scripts/mutate" "python3 is not installed"
	done_testing
fi

mkdir scripts tests src
cp "$TOP_SRCDIR/scripts/mutate" scripts/
printf '\tint a;\n\tint b;\n\tint a;\n' >src/x.c

# list STATUS TEXT NAME: check the output of --list for the mutants on stdin.
list() {
	cat >tests/mutants
	run scripts/mutate --list
	like "$status-$(cat err out)" "$1-$2" "$3"
}
list 0 "one src/x.c unit/x cli/y" "a mutant whose lines are in the source is listed" <<'END'
# comment

one src/x.c unit/x cli/y
 int a;
-int b;
+int c;
END
list 1 "mutate: one: its lines are not in src/x.c" "lines that are not in the source are reported" <<'END'
one src/x.c unit/x
-int d;
END
list 1 "mutate: one: its lines are not in src/x.c exactly once" "lines that occur twice are reported" <<'END'
one src/x.c unit/x
-int a;
END
list 2 "mutate: one: changes nothing" "a mutant that changes nothing is refused" <<'END'
one src/x.c unit/x
-int a;
+	int a;
END
list 2 "mutate: one: is in the list twice" "two mutants with the same name are refused" <<'END'
one src/x.c unit/x
-int b;

one src/x.c unit/x
-int b;
END
run scripts/mutate two
is "$status-$(cat err)" "2-mutate: one: is in the list twice" "a bad list is also refused before a run"

run "$TOP_SRCDIR/scripts/mutate" --list
[ "$(grep -c ' src/' out)" -ge 80 ]
ok $? "there are at least 80 mutants"
run "$TOP_SRCDIR/scripts/mutate" no-such-name
is "$status-$(cat err)" "2-mutate: no-such-name: is not in tests/mutants" "an unknown name is a usage error"

done_testing
