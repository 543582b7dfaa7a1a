/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TensorBoard's event file, written only: curves that other programs show. Floor: on base.
 *
 * A file is a row of records: length (u64, little-endian), masked CRC-32C of those 8 bytes, an Event in
 * protobuf's encoding, masked CRC-32C of it.
 *
 * Source: tensorflow's RecordWriter (framing, mask), event.proto, summary.proto; RFC 3720 B.4 (CRC-32C). */
#ifndef REVUE_FORMAT_TENSORBOARD_H
#define REVUE_FORMAT_TENSORBOARD_H

#include "engine/base/buffer.h"
#include "engine/error.h"

#include <stdint.h>

#define TENSORBOARD_TAG_MAX 64
#define TENSORBOARD_SCALARS_MAX 16
#define TENSORBOARD_RECORD_MAX ((size_t)4096)

struct tensorboard_scalar {
	const char *tag; /* "train/loss": at most TENSORBOARD_TAG_MAX bytes */
	double value;    /* stored as a float */
};

/* Records, appended to `out`; wall_time is in seconds since 1970. False: no memory, or over a bound.
 *
 * version  a file's first record
 * restart  what older files say from `step` on is void
 * scalars  values at a step
 *
 * Declared for tests; the program calls those below. */
bool tensorboard_encode_version(struct buffer *out, double wall_time);
bool tensorboard_encode_restart(struct buffer *out, double wall_time, uint64_t step);
bool tensorboard_encode_scalars(struct buffer *out, double wall_time, uint64_t step,
                                const struct tensorboard_scalar *scalars, size_t count);

/* An open event file. fd -1: there is none, and adding does nothing. */
struct tensorboard {
	int fd;
	char path[4096];
};

/* Makes FOLDER/events.out.tfevents.<seconds>.<host>.<pid>.<n>, a name that nobody has yet. restart_step 0: the
 * first file; else the curves of the older files count only before that step. On failure there is none. */
bool tensorboard_open(struct tensorboard *file, const char *folder, uint64_t restart_step, struct error *error);
void tensorboard_close(struct tensorboard *file);

/* Adds one record, whole or not at all. It is handed to the system at once, so that whoever looks sees it, and
 * never synced: the file can be made again. */
bool tensorboard_add(struct tensorboard *file, uint64_t step, const struct tensorboard_scalar *scalars, size_t count,
                     struct error *error);

#endif
