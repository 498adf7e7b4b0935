#!/bin/sh
# SPDX-License-Identifier: ISC
# The usage of the scripts; scripts/install-deps with a fake package manager; and the
# summary of configure.
# shellcheck source=tests/tap.sh
. "$TOP_SRCDIR/tests/tap.sh"

# --- usage: from a copy without sources, where a script that starts to work fails

mkdir copy
cp -r "$TOP_SRCDIR/scripts" copy/
for path in "$TOP_SRCDIR"/scripts/*; do
	name=$(basename "$path")
	case $name in
	*.py) continue ;;
	*) interpreter=$(sed -n '1s/^#!.*[ /]//p' "$path") ;;
	esac
	if ! command -v "$interpreter" >/dev/null; then
		skip "$name: usage" "$interpreter is not installed"
		continue
	fi
	for option in --help -h; do
		run "copy/scripts/$name" $option
		like "$status-$(cat out)-$(cat err)" "0-usage: scripts/$name*-" \
			"$name $option prints the usage and succeeds"
	done
	run "copy/scripts/$name" --no-such-option
	is "$status-$(cat out)" 2- "$name fails with status 2 for an unknown option"
	like "$(cat err)" "usage: scripts/$name" "$name then prints the usage on stderr"
done
is "$(ls copy)" scripts "no file is left"
run "copy/scripts/demo" argument
is "$status-$(head -n 1 err)" "2-usage: scripts/demo" "demo takes no argument"
run "copy/scripts/build"
is "$status-$(head -n 1 err | cut -d ' ' -f 1-3)" "2-usage: scripts/build DIR" "build needs a directory"

# --- install-deps

unset VOLLEY_DEPS
mkdir bin
for tool in sh awk sort env dirname paste; do
	ln -s "$(command -v $tool)" bin/
done

# fake NAME: create a program from stdin
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
	make) ;; # unknown package
	gcc) echo "$p config-files" ;;
	*) echo "$p installed" ;;
	esac
done
END

install_deps build
is "$status" 1 "install-deps fails without apt-get"
like "$(cat err)" " gcc * make " "install-deps then names the packages"
VOLLEY_DEPS=skip
export VOLLEY_DEPS
install_deps build
is "$status-$(cat err)" 0- "install-deps does nothing with VOLLEY_DEPS=skip"
unset VOLLEY_DEPS

fake apt-get <<'END'
for word; do
	case $word in -*) ;; *) printf '%s ' "$word" ;; esac
done >>calls
echo "$DEBIAN_FRONTEND" >>calls
END
install_deps build
is "$status-$(cat calls)" "0-Dpkg::Use-Pty=0 install gcc make noninteractive" \
	"install-deps installs missing and removed packages"

fake id <<'END'
echo 1000
END
install_deps build
is "$(head -n 1 calls)" "sudo env" "install-deps uses sudo if it does not run as root"
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
	"install-deps fetches the package lists if installing fails"

fake dpkg-query <<'END'
shift 3
for p; do
	echo "$p installed"
done
END
install_deps build demo check
is "$status-$(cat out err calls)" 0- "install-deps prints nothing if no package is missing"

install_deps demo nonsense
is "$status" 1 "an unknown set is an error"
like "$(cat err)" "no set 'nonsense'" "the message names the unknown set"

# --- configure

if [ -x "$TOP_SRCDIR/configure" ]; then
	mkdir configured
	cd configured || exit 99
	run "$TOP_SRCDIR/configure" --enable-sanitize=undefined --prefix=/opt/volley
	cd ..
	is "$status" 0 "configure succeeds"
	sed -n '/summary/,$p' configured/out >summary
	for line in 'compiler:*gcc' 'linking:*shared libraries' 'sanitizers:*undefined' \
		'warnings:' 'libcyaml:' 'libyaml:' 'yajl:' 'libcsv:' 'utf8proc:' \
		'valgrind:' 'prefix:*/opt/volley'; do
		like "$(cat summary)" "  $line" "configure's summary shows the ${line%%:*}"
	done
else
	skip "configure's summary" "there is no configure"
fi

done_testing
