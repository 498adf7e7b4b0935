/* SPDX-License-Identifier: ISC */

/* A minimal job: a program without a C library that exits immediately.
 * Built with -static -nostdlib. */

#include <config.h>

#include <sys/syscall.h>

void _start(void);

void _start(void)
{
#if defined(__x86_64__)
	__asm__ volatile("syscall" : : "a"(SYS_exit_group), "D"(0));
#elif defined(__aarch64__)
	register long number __asm__("x8") = SYS_exit_group;
	register long status __asm__("x0") = 0;

	__asm__ volatile("svc #0" : : "r"(number), "r"(status));
#else
#error "say here how to end a process"
#endif
	for (;;)
		continue;
}
