#!/bin/sh
# SPDX-License-Identifier: ISC
# Killing a job kills all processes that it started, wherever they are; processes left
# by a job that ended normally survive.
# shellcheck disable=SC2016,SC2154,SC1083
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

cp "$TOP_BUILDDIR/tests/helpers/child" child
cp child volley-guard
mkdir named
ln -s "$VOLLEY" named/volley-guard

# How a job may hide a process; each writes the number of it to ./pid.
hides() {
	case $1 in
	setsid) echo './child setsid-hold=pid hang' ;;
	orphan) echo 'sh -c "setsid ./child pidfile=pid hang &"; exec ./child hang' ;;
	timeout) echo 'timeout 72 ./child pidfile=pid hang' ;;
	setm) echo 'set -m; ./child pidfile=pid hang & wait' ;;
	deaf) echo './child ignore=TERM ignore=HUP pidfile=pid hang' ;;
	deep) echo 'sh -c "trap \"\" TERM; setsid ./child pidfile=pid hang & wait" & wait' ;;
	clean) echo 'env -i setsid ./child ignore=TERM pidfile=pid hang & wait' ;;
	adopted) echo 'sh -c "env -i setsid ./child ignore=TERM pidfile=pid hang & exec ./child hang" & wait' ;;
	named) echo 'setsid ./volley-guard ignore=TERM pidfile=pid hang & wait' ;;
	link) echo 'setsid named/volley-guard -n0 "./child ignore=TERM pidfile=pid hang" ::: 1 & wait' ;;
	volley) echo '"$VOLLEY" -n0 "setsid ./child pidfile=pid hang & wait" ::: 1' ;;
	esac
}
export VOLLEY

for how in setsid orphan timeout setm deaf deep clean adopted named link volley; do
	rm -f pid
	run volley -n0 --timeout 0.5 "$(hides $how)" ::: 1
	wait_for gone "$(cat pid)"
	is "$?:$status" 0:1 "a timeout kills: $how"
	for signal in TERM KILL; do
		rm -f pid
		"$VOLLEY" -n0 --termseq TERM,50,KILL "$(hides $how)" ::: 1 >out 2>err &
		wait_for test -s pid
		kill -$signal $!
		wait $! 2>/dev/null
		wait_for gone "$(cat pid)"
		ok $? "SIG$signal to volley kills: $how"
	done
done

rm -f pid
run volley -n0 --deadline 0.5 "$(hides setsid)" ::: 1
wait_for gone "$(cat pid)"
is "$?:$status" 0:124 "a deadline kills: setsid"
rm -f pid
run volley -j2 --halt now,fail=1 \
	'case {} in a) '"$(hides setsid)"';; *) while ! test -s pid; do ./child nap 10; done; exit 3;; esac' ::: a b
wait_for gone "$(cat pid)"
is "$?:$status" 0:3 "a halt kills: setsid"

rm -f pid
# A process that was found once by its parent is known when that is gone.
rm -f pid leader
"$VOLLEY" -n0 --timeout 0.5 --termseq TERM,1000000,KILL \
	'echo $$ >leader; '"$(hides clean)" ::: 1 >out 2>err &
wait_for test -s pid
wait_for gone "$(cat leader)"
gone "$(cat pid)"
is $? 1 "a stray that ignores SIGTERM is killed after the other signals"
kill -KILL $!
wait $! 2>/dev/null
wait_for gone "$(cat pid)"
ok $? "a stray is killed if volley is killed meanwhile"

run volley -n0 --timeout 0.3 --termseq TERM,1000000,KILL './child hang & ./child hang' ::: 1
is "$status" 1 "a job without processes is done before the next signal is due"

run volley -n0 --retries 2 --timeout 0.5 'case $VOLLEY_TRY in
1)
	setsid ./child pidfile=daemon hang >/dev/null 2>&1 &
	while ! test -s daemon; do ./child nap 10; done
	exit 1
	;;
*) exec ./child hang ;;
esac' ::: 1
gone "$(cat daemon)"
is "$?:$status" 1:1 "killing a try does not kill the daemon of an earlier try"
kill -9 "$(cat daemon)"

rm -f pid
run volley -n0 'setsid ./child pidfile=pid hang >/dev/null 2>&1 & while ! test -s pid; do ./child nap 10; done' ::: 1
gone "$(cat pid)"
is "$?:$status" 1:0 "a daemon of a job that ended lives on"
mv pid daemon
"$VOLLEY" -n0 "$(hides setsid)" ::: 1 >out 2>err &
wait_for test -s pid
kill -KILL $!
wait $! 2>/dev/null
wait_for gone "$(cat pid)"
ok $? "when a later run is killed its jobs die"
gone "$(cat daemon)"
is $? 1 "the daemon of an earlier job survives"
kill -9 "$(cat daemon)"

# What has no mark and no parent any more may be of any job that ran meanwhile.
clean='sh -c "env -i setsid ./child pidfile=pid hang >/dev/null 2>&1 &"; until test -s pid; do ./child nap 10; done'
rm -f pid
run volley -n0 --timeout 1 "$clean; exec ./child hang" ::: 1
wait_for gone "$(cat pid)"
is "$?:$status" 0:1 "a job that ran alone is killed with a process that volley has adopted"
rm -f pid
mkfifo go
run volley -j2 --timeout 1 'case {} in
a) : >go; exec ./child hang ;;
*) read -r x <go; '"$clean"' ;;
esac' ::: a b
gone "$(cat pid)"
is "$?:$status" 1:1 "a daemon that another job has left meanwhile is not killed"
kill -9 "$(cat pid)"

cat >show <<'END'
#!/bin/sh
echo "$VOLLEY_RUN"
END
chmod +x show
export VOLLEY_RUN=outer
run volley -n0 ./show ::: 1 2
is "$(sort -u out | grep -vc outer):$(wc -l <out)" 1:2 "all jobs of a run have the same VOLLEY_RUN"
mv out first
run volley -n0 ./show ::: 1 2
cat out >>first
is "$(sort -u first | wc -l)" 2 "each run has a different VOLLEY_RUN"

done_testing
