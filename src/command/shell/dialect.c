/* SPDX-License-Identifier: ISC */

/* The shells: what each evaluates and knows, which words are builtins somewhere, and
 * which variables are special. */

#include <config.h>

#include "command/shell/dialect.h"
#include "command/shell/token.h"

/* The first seven were measured with values such as a[$(touch x)] in dash 0.5.12,
 * busybox 1.35, bash 5.2, zsh 5.9, ksh93u+m, mksh R59 and yash 2.52.  ksh93 and
 * yash evaluated less than is listed here, but other versions are documented to. */
unsigned shell_traits(const struct shell_dialect *d)
{
	enum {
		CAUTIOUS = EVALUATES_ARITHMETIC | EVALUATES_TEST | EVALUATES_NUMBERS |
			   EVALUATES_PRINTF | EVALUATES_NAMES | SPLITS_DECLARATIONS,
		KORN = HAS_ANSI_QUOTES | HAS_ARRAYS | HAS_CONDITION | HAS_REPLACEMENT |
		       HAS_SUBSTRING | HAS_ARITHMETIC_COMMAND | HAS_HERE_STRING |
		       HAS_FUNCTION,
	};

	switch (d->kind) {
	case SHELL_DASH:
		return SPLITS_DECLARATIONS;
	case SHELL_BUSYBOX:
		return SPLITS_DECLARATIONS | HAS_ANSI_QUOTES | HAS_CONDITION |
		       HAS_REPLACEMENT | HAS_SUBSTRING | HAS_AMPERSAND | HAS_FUNCTION;
	case SHELL_BASH:
		return EVALUATES_ARITHMETIC | EVALUATES_TEST | EVALUATES_NAMES | KORN |
		       HAS_REGEX | HAS_PROCESS | HAS_AMPERSAND | HAS_PIPE_BOTH | HAS_CASE |
		       HAS_RANGES;
	case SHELL_ZSH:
		return (CAUTIOUS & ~SPLITS_DECLARATIONS) | SUBSCRIPTS_PARAMETERS | KORN |
		       HAS_PROCESS | HAS_AMPERSAND | HAS_PIPE_BOTH | HAS_RANGES;
	case SHELL_KSH:
		return CAUTIOUS | KORN | HAS_PROCESS | HAS_RANGES;
	case SHELL_MKSH:
		return CAUTIOUS | KORN | HAS_AMPERSAND;
	case SHELL_YASH:
		return CAUTIOUS | HAS_ARRAYS | HAS_HERE_STRING | HAS_FUNCTION |
		       HAS_PROCESS;
	case SHELL_UNKNOWN:
		break;
	}
	return CAUTIOUS | SUBSCRIPTS_PARAMETERS;
}

bool shell_is_builtin_somewhere(struct bytes word)
{
	static const char words[] =
	    "! { } [[ ]] case do done elif else esac fi for if in then until while "
	    "function select time coproc repeat foreach end namespace nocorrect noglob "
	    ": . break continue eval exec exit export readonly return set shift times "
	    "trap unset alias bg cd command fc fg getopts hash jobs kill newgrp read "
	    "type ulimit umask unalias wait echo printf test [ true false pwd source "
	    "local typeset declare let builtin shopt pushd popd dirs disown enable "
	    "logout login suspend history bind caller compgen complete compopt help "
	    "mapfile readarray print whence setopt unsetopt autoload zmodload emulate "
	    "chdir integer float limit unlimit rehash where which who sched vared zle "
	    "log bye nameref global inlocalmode domainname mknod realpath rename sleep "
	    "cat mkdir functions zparseopts zcompile zstyle zformat zregexparse ztie "
	    "array unhash compctl bindkey stat sysopen syswrite zsystem private "
	    "strftime zpty ztcp cap clone disable getcap setcap ttyctl echotc echoti "
	    "comparguments compdescribe always";

	return is_listed(word, words);
}

enum shell_word shell_look_up(const struct shell_dialect *d, struct bytes word)
{
	if (d->look_up != NULL)
		return d->look_up(d->arg, word);
	return shell_is_builtin_somewhere(word) ? SHELL_WORD_OWN : SHELL_WORD_PROGRAM;
}

static bool starts_with(struct bytes name, const char *start)
{
	return name.len >= strlen(start) && memcmp(name.p, start, strlen(start)) == 0;
}

enum name_kind shell_name_kind(const struct shell_dialect *d, struct bytes name)
{
	static const char numbers[] =
	    "COLUMNS EGID ERRNO EUID FUNCNEST GID HISTCMD HISTSIZE HISTFILESIZE "
	    "KEYTIMEOUT LINENO LINES LISTMAX MAILCHECK OPTIND PGRP PPID RANDOM SAVEHIST "
	    "SECONDS SHLVL SRANDOM TMOUT TRY_BLOCK_ERROR TRY_BLOCK_INTERRUPT UID USER_ID "
	    "KSHUID KSHGID KSHEGID KSH_VERSION EPOCHSECONDS EPOCHREALTIME BASHPID "
	    "DIRSTACKSIZE BAUD TTYIDLE COLUMN LOGCHECK IGNOREEOF CHILD_MAX DIRSTACK";
	static const char texts[] =
	    "PATH IFS ENV ZDOTDIR FPATH CDPATH MODULE_PATH MAILPATH MANPATH PROMPT "
	    "PROMPT2 PROMPT3 PROMPT4 RPROMPT RPS1 RPS2 SPROMPT TIMEFORMAT TIMEFMT "
	    "REPORTTIME REPORTMEMORY POSTEDIT NULLCMD READNULLCMD WATCHFMT GLOBIGNORE "
	    "EXECIGNORE SHELLOPTS "
	    "POSIXLY_CORRECT TEXTDOMAIN TEXTDOMAINDIR LANG LANGUAGE EXECSHELL SHELL "
	    "FCEDIT EDITOR VISUAL HISTEDIT HISTFILE HISTTIMEFORMAT INPUTRC OPTARG REPLY "
	    "_ "
	    "FUNCNAME PIPESTATUS MAPFILE COPROC COMPREPLY HOSTFILE IGNORE SUFFIXES "
	    "command_not_found_handle PERIOD TMPPREFIX STTY WORDCHARS "
	    "COMMAND_NOT_FOUND_HANDLER NLSPATH FIGNORE FILEC";

	static const char zsh[] =
	    "argv status pipestatus path fpath cdpath module_path mailpath manpath prompt "
	    "options aliases galiases saliases dis_aliases dis_galiases dis_saliases "
	    "functions dis_functions commands builtins parameters modules nameddirs "
	    "userdirs jobdirs jobstates jobtexts historywords history funcstack functrace "
	    "funcfiletrace funcsourcetrace precmd_functions chpwd_functions "
	    "preexec_functions periodic_functions zshexit_functions zsh_eval_context "
	    "zshaddhistory_functions signals psvar watch fignore histchars dirstack ARGC";

	if (is_listed(name, numbers))
		return NAME_NUMBER;
	if ((shell_traits(d) & SUBSCRIPTS_PARAMETERS) && is_listed(name, zsh))
		return NAME_TEXT;
	if (is_listed(name, texts) || starts_with(name, "LD_") ||
	    starts_with(name, "LC_") || starts_with(name, "BASH") ||
	    starts_with(name, "YASH") || starts_with(name, "ZSH") ||
	    starts_with(name, "READLINE_") || starts_with(name, "COMP_") ||
	    starts_with(name, "PROMPT_") || starts_with(name, "POST_") ||
	    starts_with(name, "_volley_"))
		return NAME_TEXT;
	if (name.len == 3 && starts_with(name, "PS") && is_digit(name.p[2]))
		return NAME_TEXT;
	return NAME_ORDINARY;
}

const char *shell_kind_name(const struct shell_dialect *d)
{
	static const char *const names[] = {
	    [SHELL_UNKNOWN] = "the shell", [SHELL_DASH] = "sh",	 [SHELL_BUSYBOX] = "busybox sh",
	    [SHELL_BASH] = "bash",	   [SHELL_ZSH] = "zsh",	 [SHELL_KSH] = "ksh",
	    [SHELL_MKSH] = "mksh",	   [SHELL_YASH] = "yash",
	};

	return names[d->kind];
}
