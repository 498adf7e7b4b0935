/* SPDX-License-Identifier: ISC */
/* Writes CSV fields, and scans CSV tables byte by byte with a small state machine that
 * knows where rows and columns end without keeping what is in them. */

#include <config.h>

#include <string.h>

#include "base/csv.h"

/* --- writing */

bool csv_has_mark(struct bytes text)
{
	return text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Readers may trim blanks and skip a byte order mark. */
static bool needs_quotes(struct bytes field, char delimiter)
{
	if (field.len == 0)
		return false;
	if (is_blank(field.p[0]) || is_blank(field.p[field.len - 1]) || csv_has_mark(field))
		return true;
	for (size_t i = 0; i < field.len; i++)
		if (field.p[i] == delimiter || field.p[i] == '"' || field.p[i] == '\r' ||
		    field.p[i] == '\n')
			return true;
	return false;
}

void csv_add_piece(struct buf *out, struct bytes piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		if (piece.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, piece.p[i]);
	}
}

void csv_add_field(struct buf *out, struct bytes field, char delimiter)
{
	if (!needs_quotes(field, delimiter)) {
		buf_addb(out, field);
		return;
	}
	buf_addc(out, '"');
	csv_add_piece(out, field);
	buf_addc(out, '"');
}

/* --- scanning */

static void name_byte(struct csv_scan *s, char c)
{
	if (s->row == 1)
		buf_addc(&s->names, c);
}

static int end_row(struct csv_scan *s, struct err *err)
{
	if (s->row == 1) {
		/* The CR of CR LF does not belong to the last name. */
		if (s->state == CSV_PLAIN && s->names.len > 0 &&
		    s->names.data[s->names.len - 1] == '\r')
			s->names.len--;
		buf_addc(&s->names, '\0');
		s->columns = s->column;
	} else if (s->column != s->columns) {
		return err_set(err, "row %llu has %llu column%s, the header %llu",
			       (unsigned long long)s->row, (unsigned long long)s->column,
			       s->column == 1 ? "" : "s", (unsigned long long)s->columns);
	}
	s->row++;
	s->column = 0;
	s->state = CSV_START;
	return 0;
}

/* One byte outside quotes.  A field begins with the row and after a comma. */
static int plain_byte(struct csv_scan *s, char c, struct err *err)
{
	if (c == '\n')
		return end_row(s, err);
	if (c == ',') {
		name_byte(s, '\0');
		s->column++;
		s->state = CSV_START;
	} else if (c == '"' && s->state == CSV_START) {
		s->state = CSV_QUOTED;
	} else {
		name_byte(s, c);
		s->state = CSV_PLAIN;
	}
	return 0;
}

static int step(struct csv_scan *s, char c, struct err *err)
{
	if (s->column == 0)
		s->column = 1;
	switch (s->state) {
	case CSV_QUOTED:
		if (c == '"')
			s->state = CSV_QUOTE;
		else
			name_byte(s, c);
		return 0;
	case CSV_QUOTE: /* the end of the quotes, unless another one follows */
		if (c == '"') {
			name_byte(s, c);
			s->state = CSV_QUOTED;
			return 0;
		}
		if (c != ',' && c != '\n' && c != '\r')
			return err_set(err, "row %llu: text after a closing quote",
				       (unsigned long long)s->row);
		return plain_byte(s, c, err);
	case CSV_START:
	case CSV_PLAIN:
		return plain_byte(s, c, err);
	}
	return 0;
}

int csv_scan_add(struct csv_scan *s, struct bytes data, size_t *body, struct err *err)
{
	size_t i = 0;

	for (; i < data.len && s->row == 1; i++) {
		buf_addc(&s->header, data.p[i]);
		if (s->header.len > CSV_HEADER_MAX)
			return err_set(err, "its first line is too long for a header");
		if (step(s, data.p[i], err) < 0)
			return -1;
	}
	*body = i;
	for (; i < data.len; i++)
		if (step(s, data.p[i], err) < 0)
			return -1;
	return 0;
}

int csv_scan_end(struct csv_scan *s, struct err *err)
{
	if (s->state == CSV_QUOTED)
		return err_set(err, "row %llu: a quote is not closed",
			       (unsigned long long)s->row);
	if (s->row == 1)
		buf_addc(&s->header, '\n');
	return s->column > 0 ? end_row(s, err) : 0;
}

void csv_scan_clear(struct csv_scan *s)
{
	buf_clear(&s->names);
	buf_clear(&s->header);
}
