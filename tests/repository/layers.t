#!/bin/sh
# SPDX-License-Identifier: ISC
# The stages of the pipeline know only what stands below them.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

# The check itself is checked on a small tree of its own.
layers() {
	run "$TOP_SRCDIR/scripts/check-layers" "$scratch/src"
}

include() {
	mkdir -p "$(dirname "src/$1")"
	echo "#include \"$2\"" >"src/$1"
}

include main.c cli/options.h
include run/sched.c run/halt.h
include run/halt.c base/buf.h
include watch/bar.c run/job.h
layers
is "$status-$(cat out)" 0- "what stands in the same stage or below may be included"

include run/halt.c watch/bar.h
layers
is "$status-$(cat out)" "1-run/halt.c:1: run may not know watch: watch/bar.h" \
	"what stands above, not"
include run/halt.c base/buf.h

include base/buf.h sys/loop.h
layers
is "$status-$(cat out)" "1-base/buf.h:1: base may not know sys: sys/loop.h" \
	"and not from a header either"
include base/buf.h base/mem.h

include run/halt.c halt.h
layers
is "$status-$(cat out)" '1-run/halt.c:1: include it as "STAGE/NAME.h": halt.h' \
	"an include names its stage"
include run/halt.c base/buf.h

include extra/thing.c base/buf.h
layers
like "$status-$(cat out)" "1-extra/thing.c:1: no such stage" "there are no other stages"

run "$TOP_SRCDIR/scripts/check-layers"
is "$status-$(cat out)" 0- "volley keeps to this"

done_testing
