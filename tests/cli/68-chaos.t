#!/bin/sh
# SPDX-License-Identifier: ISC
# volley is killed repeatedly while jobs of all kinds run, and resumed: nothing is lost,
# no output is cut, no process is left.  "make chaos" does more of this.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

run "$TOP_SRCDIR/scripts/chaos" -j 150 -k 6 "$scratch/chaos"
cat out err
ok "$status" "150 jobs, volley killed 6 times: every event ran and was logged"
done_testing
