/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/quote.h"
#include "tap.h"

static void check(struct bytes text, const char *word, const char *always)
{
	struct buf b = BUF_INIT;

	quote_word(&b, text);
	is(buf_cstr(&b), word, "a word: %s", word);
	buf_reset(&b);
	quote_always(&b, text);
	is(buf_cstr(&b), always, "always quoted: %s", always);
	buf_clear(&b);
}

static void check_quoted(const char *text, const char *want)
{
	check(bytes_str(text), want, want);
}

int main(void)
{
	check(bytes_str("a/b_c.d,e:@%+-=9"), "a/b_c.d,e:@%+-=9", "'a/b_c.d,e:@%+-=9'");
	check(bytes_str("if"), "if", "'if'");
	check(bytes_str("2"), "2", "'2'");
	check_quoted("", "''");
	check_quoted("=ls", "'=ls'");
	check_quoted("a b", "'a b'");
	check_quoted("~", "'~'");
	check_quoted("it's", "'it'\\''s'");
	check_quoted("'", "''\\'''");
	check_quoted("$x`y`\\\"*?!", "'$x`y`\\\"*?!'");
	check_quoted("a\nb\tc", "'a\nb\tc'");
	check_quoted("\xc3\xa9\xe2\x82\xac", "'\xc3\xa9\xe2\x82\xac'");
	check_quoted("\033[1m", "\"$(printf '\\033')\"'[1m'");
	check_quoted("a\001\177b", "'a'\"$(printf '\\001\\177')\"'b'");
	check_quoted("\r", "\"$(printf '\\015')\"");
	check_quoted("a\xff\xc3", "'a'\"$(printf '\\377\\303')\"");
	check_quoted("\xc2\x9b", "\"$(printf '\\302\\233')\"");          /* C1: CSI */
	check_quoted("\xed\xa0\x80", "\"$(printf '\\355\\240\\200')\""); /* a surrogate */
	return done_testing();
}
