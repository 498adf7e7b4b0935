#!/bin/sh
# SPDX-License-Identifier: ISC
# The layers of the source include only themselves and lower ones.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

# The check is tested on a small tree first.
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
is "$status-$(cat out)" 0- "a layer may include itself and lower ones"

include run/halt.c watch/bar.h
layers
is "$status-$(cat out)" "1-run/halt.c:1: run may not know watch: watch/bar.h" \
	"a layer may not include a higher one"
include run/halt.c base/buf.h

include base/buf.h sys/loop.h
layers
is "$status-$(cat out)" "1-base/buf.h:1: base may not know sys: sys/loop.h" \
	"a header may not include a higher layer either"
include base/buf.h base/mem.h

include run/halt.c halt.h
layers
is "$status-$(cat out)" '1-run/halt.c:1: include it as "STAGE/NAME.h": halt.h' \
	"an include must name its directory"
include run/halt.c base/buf.h

include extra/thing.c base/buf.h
layers
like "$status-$(cat out)" "1-extra/thing.c:1: no such stage" "an unknown directory is reported"

rm -r src/extra

include sys/a.c sys/b.h
include sys/b.h base/buf.h
echo '#include "sys/c.h"' >>src/sys/b.h
include sys/b.c sys/b.h
include sys/c.c sys/d.h
layers
is "$status-$(cat out)" 0- "modules of a layer may include each other in one direction"
include sys/d.h sys/b.h
layers
is "$status-$(cat out)" \
	"1-sys/b -> sys/c -> sys/d -> sys/b: modules that include each other in a circle" \
	"modules may not include each other in a circle"
rm src/sys/d.h

run "$TOP_SRCDIR/scripts/check-layers"
is "$status-$(cat out)" 0- "volley's source follows these rules"

done_testing
