/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/msg.h"
#include "command/quote.h"
#include "command/shell/interpreters.h"
#include "command/shell/token.h"
#include "command/words_check.h"

/* The word as those who know interpreters see it. */
static struct code_word code_word(const struct word *w, const struct placeholders *all,
				  struct arena *a)
{
	struct code_word code = {.refs = arena_alloc(a, (w->n + 1) * sizeof *code.refs)};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < w->n; i++) {
		const struct placeholder *p;

		if (w->pieces[i].text.p != NULL) {
			buf_addb(&text, w->pieces[i].text);
			continue;
		}
		p = &all->v[w->pieces[i].id];
		buf_addc(&text, WORD_REF);
		code.refs[code.n++] = (struct code_ref){
		    .name = arena_dup(a, p->spelling.p, p->spelling.len),
		    .sh = p->form == FORM_SH,
		    .waived = p->form == FORM_EVAL};
	}
	code.text = arena_bytes(a, (struct bytes){text.len > 0 ? text.data : "", text.len});
	buf_clear(&text);
	return code;
}

int words_check_code(const struct word *words, size_t n, const struct placeholders *all,
		     bool allow_nested, struct strv *warnings, struct err *err)
{
	struct arena *a = arena_new();
	struct code_word *code = arena_alloc(a, (n + 1) * sizeof *code);
	struct code_check check = {a, warnings, err, allow_nested};
	int result;

	for (size_t i = 0; i < n; i++)
		code[i] = code_word(&words[i], all, a);
	result = code_check_words(&check, code, n);
	arena_free(a);
	return result;
}

void words_warn_of_operators(char *const *words, size_t n)
{
	static const char *const operators[] = {"|", ">", ">>", "<", "&&", "||", "2>&1"};
	struct buf line = BUF_INIT, quoted = BUF_INIT;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		buf_addf(&line, "%s%s", i > 0 ? " " : "", words[i]);
		for (size_t k = 0; k < sizeof operators / sizeof operators[0]; k++)
			if (strcmp(words[i], operators[k]) == 0 && found == NULL)
				found = operators[k];
	}
	if (found != NULL) {
		quote_always(&quoted, buf_bytes(&line));
		msg_print("'%s' is passed to %s as an argument; for the shell to see it, "
			  "write one word: volley %s (or -- before the command, to say "
			  "that it is meant so)",
			  found, words[0], buf_cstr(&quoted));
	}
	buf_clear(&line);
	buf_clear(&quoted);
}
