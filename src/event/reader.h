/* SPDX-License-Identifier: ISC */
#ifndef EVENT_READER_H
#define EVENT_READER_H

/* Readers turn bytes into items.  Push parsers without I/O: bytes are fed in
 * pieces of any size, and the same input cut at any position gives the same
 * items and the same error.  Reading files is input.c's business. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"

/* Takes an item: item and all it points to are the receiver's to copy before
 * it returns.  line is where the item begins, from 1 (lines that end with
 * another byte than newline are counted as events).  Called only from within
 * reader_feed and reader_finish, perhaps on another thread while the caller
 * waits there (see event/coro.h). */
typedef void (*reader_emit_fn)(void *arg, const struct item *item, uint64_t line);

enum crlf { CRLF_AUTO, CRLF_STRIP, CRLF_KEEP };

/* What a quote means in csv and tsv. */
enum quoting {
	QUOTE_AUTO, /* it begins a quoted field where a field begins, and else is text; in
		     * tsv only if the whole field is well-formed quoted text */
	QUOTE_YES,  /* RFC 4180: any other quote is an error */
	QUOTE_NO,   /* it is text */
};

struct reader_config {
	const char *name;   /* for messages: the file's name, or "(stdin)" */
	char delimiter;	    /* lines: what ends an event */
	enum crlf crlf;	    /* lines: AUTO looks at the first line; only for '\n' */
	bool skip_blank;    /* lines: skip those of only blanks and tabs */
	const char *path;   /* json, yaml: where the events are: "a.b"; NULL: at the top */
	bool no_header;	    /* csv, tsv: the first row is an event too; events have columns */
	char separator;	    /* csv: what separates fields; '\0': a comma */
	enum quoting quote; /* csv, tsv */
	uint64_t max_event; /* bytes; a longer event is an error; 0: no limit */
	unsigned max_depth; /* levels of lists and mappings in an event; 0: the usual */
	reader_emit_fn emit;
	void *arg;
};

/* What a JSON text sequence has before each value (RFC 7464). */
enum { RECORD_SEPARATOR = 0x1e };

/* The usual depth, and the most that a reader can be asked for. */
enum { READER_DEPTH = 32, READER_MOST_DEPTH = 1000 };

struct reader;

/* One implementation per format. */
struct reader_ops {
	const char *format;
	bool cheap; /* fast enough to read a file twice, only to count its events */
	struct reader *(*open)(const struct reader_config *cfg);
	int (*feed)(struct reader *r, struct bytes data, struct err *err);
	int (*finish)(struct reader *r, struct err *err);
	void (*close)(struct reader *r);
};

extern const struct reader_ops reader_lines_ops;
extern const struct reader_ops reader_csv_ops;
extern const struct reader_ops reader_tsv_ops;
extern const struct reader_ops reader_json_ops;	 /* an array, or else JSON Lines */
extern const struct reader_ops reader_jsonl_ops; /* JSON Lines also when they are arrays */
extern const struct reader_ops reader_yaml_ops;

/* The reader of a format by its name, or by an extension without the dot; NULL: unknown. */
const struct reader_ops *reader_of_format(const char *format);

/* The reader that a file's extension asks for; lines when it asks for none. */
const struct reader_ops *reader_of_file(const char *path);

/* What a line looks like that was not given a format. */
struct format_guess {
	const char *what;   /* "JSON" */
	const char *option; /* "-f jsonl" */
};

/* Does the first line of an input look like JSON, YAML or CSV with a field of that name
 * (or of its first part, if it has dots)?  Or like the start of a list or mapping over
 * several lines? */
bool format_guess(struct bytes line, struct bytes name, struct format_guess *g);

/* Every reader struct begins with this, which reader_open fills. */
struct reader {
	const struct reader_ops *ops;
	struct reader_config cfg;
	uint64_t limit;	 /* of the bytes in an event: cfg.max_event, or no limit */
	bool keeps_mark; /* a byte order mark is data */
	size_t mark;	 /* bytes of a mark at the start seen so far */
	bool begun;	 /* past the place of a mark */
	size_t seen;	 /* how many bytes of start there are */
	char start[2];	 /* the first bytes of the input */
};

/* A new reader; copies cfg but not the name, which must outlive it.  A byte
 * order mark at the start of the input is skipped, except where lines end with another
 * byte than newline. */
struct reader *reader_open(const struct reader_ops *ops, const struct reader_config *cfg);

/* Take the next piece / the end of the input.  0, or -1 with err holding
 * "name:line:column: what; what to do": items before the bad place have been
 * emitted, and the reader may only be closed after that. */
int reader_feed(struct reader *r, struct bytes data, struct err *err);
int reader_finish(struct reader *r, struct err *err);
void reader_close(struct reader *r); /* NULL is allowed */

/* --- for implementations */

static inline void reader_emit(const struct reader *r, const struct item *item,
			       uint64_t line)
{
	r->cfg.emit(r->cfg.arg, item, line);
}

/* These fill err and return -1. */

/* "name:line:column: " and the phrase. */
int reader_error(const struct reader *r, uint64_t line, uint64_t column, struct err *err,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* There is a NUL byte; the input may be UTF-16. */
int reader_nul(const struct reader *r, uint64_t line, uint64_t column, struct err *err);

/* The event that begins there is longer than max_event. */
int reader_too_long(const struct reader *r, uint64_t line, uint64_t column,
		    struct err *err);

/* May a list or mapping begin inside this many others? */
bool reader_may_nest(const struct reader *r, size_t depth);

/* No: it is nested deeper than max_depth. */
int reader_too_deep(const struct reader *r, uint64_t line, uint64_t column,
		    struct err *err);

/* The mapping has the key already. */
int reader_duplicate(const struct reader *r, uint64_t line, uint64_t column,
		     struct err *err, struct bytes key);

/* The events at a path, which is keys with dots between them; the key of a list's member
 * is its number from 0.  rest: what of the path is below the list or mapping. */

/* What of it is below the member with this key; NULL: it does not lead there.  Notes the
 * key in seen. */
const char *reader_path_step(const char *rest, struct bytes key, struct buf *seen);

/* No member seen is on the path; or (NULL) there is something else than a mapping. */
int reader_path_missing(const struct reader *r, uint64_t line, uint64_t column,
			struct err *err, const char *rest, struct buf *seen);

/* At the path there is a scalar. */
int reader_path_scalar(const struct reader *r, uint64_t line, uint64_t column,
		       struct err *err, bool null);

#endif
