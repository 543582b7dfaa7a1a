/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of what was opened, in any order: a file, or a pipe or standard input that was read to its end into a
 * temporary file. A folder is a source without bytes. A file in an encoding that rows cannot be cut in becomes a temporary
 * file of UTF-8. Whatever unpacks a compressed file makes a source of it here, so
 * that no reader has to know. */
#ifndef REVUE_DATA_SOURCE_H
#define REVUE_DATA_SOURCE_H

#include "engine/data/blocks.h"
#include "engine/dataset.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <time.h>

#define SOURCE_TAIL 256 /* bytes before the end by which a file that grew is known again */

/* Fixed once it is open, but for a file that grows, so that any thread may read. */
struct source {
	char *path;   /* for messages, too */
	bool folder;
	int fd;       /* -1: a folder */
	_Atomic uint64_t size; /* bytes; at least one unless it is a folder */
	_Atomic uint64_t file_size; /* of what was opened: another one than `size` after a conversion */
	struct timespec changed;
	bool follow;           /* it may grow: source_look takes that in */
	pthread_mutex_t mutex; /* of `size` and `changed`, where it may */
	atomic_bool changed_for_good; /* source_look found another file than a longer one: nothing is read any more */
	_Atomic uint64_t doubt_since; /* microseconds: since then it has another time and the size that it had; 0: it has not */
	dev_t device;
	ino_t inode;
	char tail[SOURCE_TAIL]; /* [tail_size] what stands before `size`; for source_look only */
	size_t tail_size;
	struct blocks *blocks; /* owned; NULL: out of memory */
};

/* Opens `path` ("-": standard input) or tells why not, see dataset_open. source_close ends it in any case. */
bool source_open(struct source *source, const char *path, const struct dataset_options *options, struct error *error);
void source_close(struct source *source);

/* Makes the source one of UTF-8, from the encoding that iconv calls `name`, without its first `mark` bytes. *replaced: the
 * invalid sequences that became U+FFFD. `options` say how much of it, and who can stop that. False: stopped, no room on the
 * disk, the file cannot be read. */
bool source_convert(struct source *source, const char *name, size_t mark, const struct dataset_options *options,
                    uint64_t *replaced, struct error *error);

/* Looks what has become of the file. One thread at a time; where it grew `size` is what it is now. */
enum dataset_fate source_look(struct source *source);

/* Reads `size` bytes at `offset`; all of them must be there. False also, with ERROR_IO, when another program changed the file
 * since it was opened, in another way than source_look takes in. Never waits, as the screens read on the thread that draws: of a
 * file that may grow and only has another time it reads on for a moment, in which its size follows or does not. */
bool source_read(const struct source *source, void *out, size_t size, uint64_t offset, struct error *error);

#endif
