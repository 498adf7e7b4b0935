/* SPDX-License-Identifier: ISC */
#ifndef WATCH_NUMBER_H
#define WATCH_NUMBER_H

/* Numbers in text as Python prints them, which is what tqdm's lines are made
 * of: integers stay integers, floats take the shortest form that reads back.
 * The user's locale has no say here: the decimal point is always a point. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct number {
	bool is_float;
	int64_t i; /* the value, when it is not a float */
	double f;  /* the value, when it is */
};

static inline struct number number_int(int64_t i)
{
	return (struct number){.i = i};
}

static inline struct number number_float(double f)
{
	return (struct number){.is_float = true, .f = f};
}

/* The value as a double, rounded when the integer is too long for one. */
static inline double number_value(struct number x)
{
	return x.is_float ? x.f : (double)x.i;
}

/* The product and the difference: an integer when both are integers and the
 * result fits one, else a float. */
struct number number_mul(struct number a, struct number b);
struct number number_sub(struct number a, struct number b);

/* Append the number as str() does: 16, 16.5, 50.0, 1e+20. */
void number_add(struct buf *out, struct number x);

/* Append with so many decimals, right-aligned in at least width columns. */
void number_add_fixed(struct buf *out, double x, int width, int decimals);

/* Append with three significant digits, as the format "%.3g". */
void number_add_rough(struct buf *out, double x);

#endif
