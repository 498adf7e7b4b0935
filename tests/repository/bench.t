#!/bin/sh
# SPDX-License-Identifier: ISC
# scripts/bench runs and reports.  The figures themselves are not checked.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

bench() {
	run "$TOP_SRCDIR/scripts/bench" -b "$TOP_BUILDDIR" -r 1 -s 0.002 "$@"
}

run "$TOP_SRCDIR/scripts/bench" --help
like "$status-$(cat out)" "0-usage: scripts/bench *Sections: jobs *" "bench --help prints the usage"
bench nonsense
is "$status" 2 "an unknown section is a usage error"
like "$(cat err)" "no section 'nonsense' (there are: jobs " "the message lists the sections"

run "$TOP_SRCDIR/scripts/bench" -b "$scratch"
like "$status-$(cat err)" "2-bench: no volley in '$scratch'" "a missing program is reported with its directory"

bench startup scale
is "$status" 0 "a tiny round succeeds"
like "$(cat out)" "one job, whole program*volley is*volley * ms*/bin/true itself * x as fast*" \
	"the results are printed as a table"
like "$(cat bench.json)" '"who": "volley"' "the results are written as JSON"
is "$(ls)" "$(printf 'bench.json\nerr\nout')" "no other file is left"

done_testing
