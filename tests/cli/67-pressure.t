#!/bin/sh
# SPDX-License-Identifier: ISC
# Output under pressure: large output, slow readers, full disks.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child

# 12 jobs of 6 MB do not fit the memory that output may take.
run volley -j 12 --tmpdir . -n0 ./child out=6000000 ::: 1 2 3 4 5 6 7 8 9 10 11 12
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do ./child out=6000000; done >want
cmp out want
is "$?:$status" 0:0 "output larger than memory is printed completely"
is "$(find . -name '*volley*' | wc -l)" 0 "no file is left"

mkfifo pipe
"$VOLLEY" -j 3 -n0 ./child out=3000000 ::: 1 2 3 >pipe 2>err &
{
	./child nap 300
	dd bs=4k 2>/dev/null
} <pipe | cksum >got
wait $!
is "$?:$(cat got)" "0:$({ ./child out=3000000; ./child out=3000000; ./child out=3000000; } | cksum)" "a slow reader gets every byte"

"$VOLLEY" -j 3 -n0 ./child out=3000000 ::: 1 2 3 2>err | head -c 1000 >out
is "$(wc -c <out):$(cat err)" 1000: "a reader that exits ends the run without a message"

"$VOLLEY" -n0 ./child out=100000 ::: 1 2 3 >/dev/full 2>err
is $? 126 "a full disk under stdout stops the run"
like "$(cat err)" 'cannot write to stdout: No space left' "a full disk under stdout is reported"

mkdir small
cat >in_small <<'END'
mount -t tmpfs -o size=2m none small || exit 77
"$@"
END
unshare -rm sh in_small true 2>/dev/null
if [ $? -eq 0 ]; then
	run unshare -rm sh in_small "$VOLLEY" -j 9 --tmpdir small -n0 ./child out=6000000 \
		::: 1 2 3 4 5 6 7 8 9
	is "$status" 126 "a full temporary directory stops the run"
	like "$(cat err)" "temporary file in 'small'" "the full temporary directory is reported, with a suggestion"
	run unshare -rm sh in_small "$VOLLEY" -j1 --results small/r -n0 ./child out=6000000 ::: 1
	is "$status" 126 "a full disk under the results stops the run"
	cat >fill <<-'END'
		head -c 4000000 /dev/zero >small/fill 2>/dev/null
		exec "$VOLLEY" -j1 --joblog small/log echo ::: 1 2 3
	END
	run unshare -rm sh in_small sh fill
	is "$status" 126 "a full disk under the job log stops the run"
	like "$(cat err)" 'the job log' "a full disk under the job log is reported"
else
	skip "a full temporary directory stops the run" "unshare cannot mount here"
fi

done_testing
