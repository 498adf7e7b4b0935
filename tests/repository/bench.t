#!/bin/sh
# SPDX-License-Identifier: ISC
# scripts/bench works; what it measures is nobody's business here.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

bench() {
	run "$TOP_SRCDIR/scripts/bench" -b "$TOP_BUILDDIR" -r 1 -s 0.002 "$@"
}

run "$TOP_SRCDIR/scripts/bench" --help
like "$status-$(cat out)" "0-scripts/bench *Sections: jobs *" "it tells how"
bench nonsense
is "$status" 2 "it knows its sections"
like "$(cat err)" "no section 'nonsense' (there are: jobs " "and names them"

run "$TOP_SRCDIR/scripts/bench" -b "$scratch"
like "$status-$(cat err)" "2-bench: no volley in '$scratch'" "it says where it looked"

bench startup scale
is "$status" 0 "a tiny round runs"
like "$(cat out)" "one job, whole program*volley is*volley * ms*/bin/true itself * x as fast*" \
	"and is told as a table"
like "$(cat bench.json)" '"who": "volley"' "and as JSON"
is "$(ls)" "$(printf 'bench.json\nerr\nout')" "and leaves nothing else behind"

done_testing
