/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/msg.h"
#include "command/quote.h"
#include "command/words_check.h"

/* Words are looked at by those who know shell lines: as a line in which each is
 * quoted, so that nothing in it means anything but the words themselves. */

struct quoted_words {
	const struct placeholders *all;
	struct buf line;
	struct buf at; /* size_t: where in the line the placeholders are */
	struct buf id; /* int: and which */
};

static void add_text(struct buf *line, struct bytes text)
{
	buf_addc(line, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\'')
			buf_adds(line, "'\\'");
		buf_addc(line, text.p[i]);
	}
	buf_addc(line, '\'');
}

static void add_placeholder(struct quoted_words *q, int id)
{
	size_t at;

	buf_addc(&q->line, '\'');
	at = q->line.len;
	buf_add(&q->at, &at, sizeof at);
	buf_add(&q->id, &id, sizeof id);
	buf_addb(&q->line, q->all->v[id].spelling);
	buf_addc(&q->line, '\'');
}

static void add_word(struct quoted_words *q, const struct word *w)
{
	if (q->line.len > 0)
		buf_addc(&q->line, ' ');
	if (w->n == 0)
		buf_adds(&q->line, "''");
	for (size_t i = 0; i < w->n; i++)
		if (w->pieces[i].text.p != NULL)
			add_text(&q->line, w->pieces[i].text);
		else
			add_placeholder(q, w->pieces[i].id);
}

/* Only what was one in the words is a placeholder, whatever else looks so. */
static int match_quoted(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	const struct quoted_words *q = arg;
	size_t at = (size_t)(s - q->line.data);

	(void)len;
	for (size_t i = 0; i < q->at.len / sizeof at; i++) {
		const struct placeholder *p;

		if (memcmp(q->at.data + i * sizeof at, &at, sizeof at) != 0)
			continue;
		memcpy(&m->id, q->id.data + i * sizeof m->id, sizeof m->id);
		p = &q->all->v[m->id];
		m->sh = p->form == FORM_SH;
		return (int)p->spelling.len;
	}
	return 0;
}

int words_check_code(const struct word *words, size_t n, const struct placeholders *all,
		     bool allow_nested, struct err *err)
{
	struct quoted_words q = {.all = all};
	struct shell_config cfg = {.match = match_quoted,
				   .arg = &q,
				   .allow_nested = allow_nested,
				   .program = true};
	struct strv warnings = STRV_INIT;
	struct shell_line *line;

	for (size_t i = 0; i < n; i++)
		add_word(&q, &words[i]);
	cfg.line = buf_cstr(&q.line);
	line = shell_compile(&cfg, &warnings, err);
	for (size_t i = 0; i < warnings.n; i++)
		msg_print("%s", warnings.v[i]);
	strv_clear(&warnings);
	shell_free(line);
	buf_clear(&q.line);
	buf_clear(&q.at);
	buf_clear(&q.id);
	return line != NULL ? 0 : -1;
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
