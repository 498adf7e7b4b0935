/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <string.h>

#include "cli/elsewhere.h"

static const struct {
	const char *spellings; /* with a blank on either side */
	const char *advice;
} known[] = {
    {" --pipe --pipepart --block ", "volley does not cut one input into blocks"},
    {" --sshlogin --sshloginfile -S --controlmaster --transfer --return --cleanup ",
     "jobs run on this machine; the command may be ssh"},
    {" --eta ", "the bar tells it; --bar draws one where there is no terminal"},
    {" --xargs -X -m ", "-n N gives each job N events"},
    {" -L -l --max-lines ", "an event is a line; -n N gives each job N of them"},
    {" --quote -q ", "there is no need: words and values are passed as they are"},
    {" --will-cite --citation ", "there is no need"},
    {" --retry-failed ", "it is --resume-failed with --joblog"},
    {" --group ", "output is grouped unless -u or --line-buffer is given"},
    {" --semaphore --fg --bg ", "--lock FILE keeps runs apart"},
};

const char *elsewhere_advice(const char *spelling, size_t len)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		const char *at = known[i].spellings;

		while ((at = memmem(at, strlen(at), spelling, len)) != NULL) {
			if (at[-1] == ' ' && at[len] == ' ')
				return known[i].advice;
			at++;
		}
	}
	return NULL;
}
