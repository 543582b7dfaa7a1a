/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the engine says that something went wrong.
 *
 * Nothing in the engine prints or exits. A function that can fail returns false or NULL and fills the
 * `struct error *` it was given with one line: what failed, where (file, line, tensor), what to do
 * about it. Part of the engine's face; implemented in engine/base. */
#ifndef REVUE_ENGINE_ERROR_H
#define REVUE_ENGINE_ERROR_H

#include <stdbool.h>

/* The values are the program's exit statuses (<sysexits.h> names 65 EX_DATAERR and 74 EX_IOERR). */
enum error_kind {
	ERROR_NONE = 0,
	ERROR_FAILED = 1,        /* everything that has no better name, out of memory included */
	ERROR_USAGE = 2,         /* the request itself is wrong: an option, a missing argument */
	ERROR_DATA = 65,         /* a file was read and its content is bad */
	ERROR_IO = 74,           /* a file could not be opened, read or written */
	ERROR_INTERRUPTED = 130, /* the user or a signal asked to stop */
};

/* Owned by the caller, usually on its stack; start with `struct error error = {0}`.
 * `text` is one line of UTF-8 without a final full stop. It may quote bytes of a file: whoever shows
 * it on a terminal scrubs it (engine/scrub.h). */
struct error {
	enum error_kind kind;
	char text[1024];
};

/* Fills `error` from a printf format and returns false, so that `return error_set(...)` reads well.
 * A message that does not fit is cut at a character boundary. `error` may be NULL. */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before a message that is already there ("model/config.json: unknown activation").
 * Returns false. */
bool error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The usual message for a failed system call: "PATH: could not VERB: strerror(errno)". Returns false. */
bool error_errno(struct error *error, const char *verb, const char *path);

/* Out of memory while doing `what`. Returns false. */
bool error_memory(struct error *error, const char *what);

/* A plain `return false`, so that the compiler, too, knows what follows a failure. */
#define RETURN_IF(condition, error, kind, ...)                                                     \
	do {                                                                                       \
		if (condition) {                                                                   \
			error_set((error), (kind), __VA_ARGS__);                                   \
			return false;                                                              \
		}                                                                                  \
	} while (0)

#endif
