#!/bin/sh
# SPDX-License-Identifier: ISC
# scripts/install-deps, with a package system that only pretends.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

unset VOLLEY_DEPS
mkdir bin
for tool in sh awk sort env dirname paste; do
	ln -s "$(command -v $tool)" bin/
done

# fake NAME: a program, from stdin
fake() {
	{ echo '#!/bin/sh'; cat; } >"bin/$1"
	chmod +x "bin/$1"
}

install_deps() {
	: >calls
	run env PATH="$scratch/bin" "$TOP_SRCDIR/scripts/install-deps" "$@"
}

fake id <<'END'
echo 0
END
fake sudo <<'END'
echo "sudo $1" >>calls
exec "$@"
END
fake dpkg-query <<'END'
shift 3
for p; do
	case $p in
	make) ;; # never heard of
	gcc) echo "$p config-files" ;;
	*) echo "$p installed" ;;
	esac
done
END

install_deps build
is "$status" 1 "without apt-get it ends with status 1"
like "$(cat err)" " gcc * make " "and names the packages"
VOLLEY_DEPS=skip
export VOLLEY_DEPS
install_deps build
is "$status-$(cat err)" 0- "unless told that all is there"
unset VOLLEY_DEPS

fake apt-get <<'END'
for word; do
	case $word in -*) ;; *) printf '%s ' "$word" ;; esac
done >>calls
echo "$DEBIAN_FRONTEND" >>calls
END
install_deps build
is "$status-$(cat calls)" "0-Dpkg::Use-Pty=0 install gcc make noninteractive" \
	"installs what is missing, and what was removed"

fake id <<'END'
echo 1000
END
install_deps build
is "$(head -n 1 calls)" "sudo env" "by sudo when not root"
fake id <<'END'
echo 0
END

fake apt-get <<'END'
case " $* " in
*" update "*) echo update >>calls ;;
*) echo install >>calls; grep -q update calls ;;
esac
END
ln -s "$(command -v grep)" bin/
install_deps build
is "$status-$(tr '\n' ' ' <calls)" "0-install update install " \
	"fetches the lists when they may be the reason"

fake dpkg-query <<'END'
shift 3
for p; do
	echo "$p installed"
done
END
install_deps build demo check
is "$status-$(cat out err calls)" 0- "says and does nothing when nothing is missing"

install_deps demo nonsense
is "$status" 1 "a set that is not there is an error"
like "$(cat err)" "no set 'nonsense'" "and is named"

done_testing
