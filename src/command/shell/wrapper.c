/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell/token.h"
#include "command/shell/wrapper.h"

static const struct wrapper wrappers[] = {
    {"env", "uC", "--unset --chdir", "-S --split-string", 0, THEN_COMMAND},
    {"sudo", "ugpCcDhrtTRU",
     "--user --group --prompt --close-from --chdir --host --role --type --chroot "
     "--other-user --command-timeout",
     "", 0, THEN_COMMAND},
    {"doas", "uC", "", "", 0, THEN_COMMAND},
    {"su runuser", "gGsw", "--shell --group --supp-group", "-c --command", 99, THEN_NOTHING},
    {"flock", "wE", "--timeout --wait --conflict-exit-code", "-c --command", 1, THEN_COMMAND},
    {"sg", "", "", "-c", 1, THEN_CODE},
    {"script", "EIOBTmo", "--log-in --log-out --log-io --log-timing --echo", "-c --command",
     99, THEN_NOTHING},
    {"watch", "n", "--interval", "", 0, THEN_CODE},
    {"timeout", "ks", "--kill-after --signal", "", 1, THEN_COMMAND},
    {"nice", "n", "--adjustment", "", 0, THEN_COMMAND},
    {"ionice", "cnpPu", "--class --classdata", "", 0, THEN_COMMAND},
    {"nohup setsid catchsegv fakeroot eatmydata unbuffer dbus-run-session noglob nocorrect "
     "- exec command builtin busybox toybox ltrace torsocks proxychains chronic",
     "", "", "", 0, THEN_COMMAND},
    {"stdbuf", "ioe", "--input --output --error", "", 0, THEN_COMMAND},
    {"time", "fo", "--format --output", "", 0, THEN_COMMAND},
    {"chrt taskset", "TPD", "", "", 1, THEN_COMMAND},
    {"chroot setuidgid gosu su-exec softlimit faketime repeat", "", "--userspec --groups", "",
     1, THEN_COMMAND},
    {"unshare nsenter", "tSGRw", "--target --root --wd", "", 0, THEN_COMMAND},
    {"setpriv prlimit numactl systemd-run strace perf valgrind xvfb-run", "eopusESGP",
     "--reuid --regid --unit --property", "", 0, THEN_COMMAND},
    {"xargs", "IiLlnPsdEa",
     "--replace --max-args --max-procs --max-lines --max-chars --delimiter --arg-file", "", 0,
     THEN_COMMAND},
    {"tmux screen", "LSfctsnxyFebEpT", "", "", 0, THEN_CODE},
    {"parallel volley sem rush", "jPnaNLdCSIs",
     "--jobs --shell --input --delimiter --colsep --timeout --retries --workdir --joblog "
     "--results --tagstring --halt --delay --sshlogin",
     "", 0, THEN_CODE},
};

const struct wrapper *wrapper_find(struct bytes name)
{
	for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
		if (is_listed(name, wrappers[i].names))
			return &wrappers[i];
	return NULL;
}
