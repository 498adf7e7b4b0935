/* SPDX-License-Identifier: ISC */
#ifndef SYS_RAWCALL_H
#define SYS_RAWCALL_H

/* System calls that touch nothing of the C library, not even errno: for a child
 * that runs on its parent's memory.  A result below 0 is a negated errno.
 *
 * Where RAWCALL_CLONE is defined there is also
 *
 *	long rawcall_clone(struct clone_args *args, size_t size, void (*fn)(void *),
 *			   void *arg);
 *
 * which is clone3(2), with fn(arg), which must not return, called in the child on
 * the stack that args name.  A C function cannot do that: it would return to its
 * caller's frame on the parent's stack. */

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__linux__) && defined(SYS_clone3) && \
    ((defined(__x86_64__) && defined(__LP64__)) || defined(__aarch64__))
#define RAWCALL_CLONE 1
#include <linux/sched.h>
#endif

#if defined(RAWCALL_CLONE) && defined(__x86_64__)

static inline long rawcall(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

/* The kernel keeps all registers but rax, rcx and r11, in both processes. */
static inline long rawcall_clone(struct clone_args *args, size_t size, void (*fn)(void *),
				 void *arg)
{
	register void (*function)(void *) __asm__("r8") = fn;
	register void *argument __asm__("r9") = arg;
	long result;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t" /* the end of the frames */
			 "mov %%r9, %%rdi\n\t"
			 "call *%%r8\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(result)
			 : "0"((long)SYS_clone3), "D"(args), "S"(size), "r"(function),
			   "r"(argument)
			 : "rcx", "r11", "memory");
	return result;
}

#elif defined(RAWCALL_CLONE)

static inline long rawcall(long number, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
			 : "memory");
	return x0;
}

static inline long rawcall_clone(struct clone_args *args, size_t size, void (*fn)(void *),
				 void *arg)
{
	register long x8 __asm__("x8") = SYS_clone3;
	register void *x0 __asm__("x0") = args;
	register size_t x1 __asm__("x1") = size;
	register void (*x2)(void *) __asm__("x2") = fn;
	register void *x3 __asm__("x3") = arg;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, xzr\n\t" /* the end of the frames */
			 "mov x30, xzr\n\t"
			 "mov x0, x3\n\t"
			 "blr x2\n\t"
			 "brk #1\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
			 : "memory", "cc");
	return (long)x0;
}

#else

/* Sets errno, so only for a child whose parent is suspended meanwhile. */
static inline long rawcall(long number, long a, long b, long c, long d)
{
	long result = syscall(number, a, b, c, d);

	return result < 0 ? -errno : result;
}

#endif

#endif
