/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is wrong is said in one line and ends the process, as a device's fault would; a test that plants it keeps the line. */
#include "tests/cuda/emulator.h"

#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

#define SIGNAL_STACK (size_t{64} << 10)

std::recursive_mutex emulator_lock;

static bool keeping;
static char kept[512];

static void keep_or_end(const char *line)
{
	if (!keeping) {
		fprintf(stderr, "cuda: %s\n", line);
		abort();
	}
	if (!*kept)
		snprintf(kept, sizeof kept, "%s", line);
}

void faults_keep(bool keep)
{
	keeping = keep;
	*kept = '\0';
}

bool faults_are_kept()
{
	return keeping;
}

const char *faults_kept()
{
	static char last[sizeof kept];

	memcpy(last, kept, sizeof last);
	*kept = '\0';
	return last;
}

void fault_kernel(const char *format, ...)
{
	char text[384], line[512];
	va_list arguments;

	in_kernel = false;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	snprintf(line, sizeof line, "%s: %s", fibers_where(), text);
	keep_or_end(line);
	fibers_leave();
}

void fault_host(const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	keep_or_end(line);
}

/* Where nothing else sees it: code that is not ours at memory of the device, a stack that is full. */
static void on_signal(int number, siginfo_t *info, void *)
{
	char what[256], line[512];

	if (in_kernel)
		snprintf(line, sizeof line, "cuda: %s: touches %p%s\n", fibers_where(), info->si_addr,
		         fiber_holds(info->si_addr) ? ": its stack is full" : "");
	else if (heap_holds(info->si_addr)) {
		heap_describe(info->si_addr, 1, what, sizeof what);
		snprintf(line, sizeof line, "cuda: the host touches memory of the device: %s\n", what);
	} else
		*line = '\0';
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		_exit(127);
	signal(number, SIG_DFL);
}

void faults_catch_signals()
{
	static thread_local bool done;
	stack_t alternate = {};
	struct sigaction action = {};

	if (done)
		return;
	done = true;
	alternate.ss_size = SIGNAL_STACK;
	alternate.ss_sp = mmap(nullptr, SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (alternate.ss_sp == MAP_FAILED)
		return;
	sigaltstack(&alternate, nullptr);
	action.sa_sigaction = on_signal;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaction(SIGSEGV, &action, nullptr);
	sigaction(SIGBUS, &action, nullptr);
}
