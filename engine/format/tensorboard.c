/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/tensorboard.h"

#include "engine/base/file.h"
#include "engine/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOST_MAX 64
#define NAMES_TRIED 1000

/* Fields with their wire types: number << 3 | 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
enum {
	EVENT_WALL_TIME = 1 << 3 | 1,
	EVENT_STEP = 2 << 3 | 0,
	EVENT_FILE_VERSION = 3 << 3 | 2,
	EVENT_SUMMARY = 5 << 3 | 2,
	EVENT_SESSION_LOG = 7 << 3 | 2,
	SUMMARY_VALUE = 1 << 3 | 2,
	VALUE_TAG = 1 << 3 | 2,
	VALUE_SIMPLE_VALUE = 2 << 3 | 5,
	SESSION_LOG_STATUS = 1 << 3 | 0,
};
#define STATUS_START 1

/* Protobuf. A buffer that is full says so once, at the end of a chain of these. */

static bool add_little(struct buffer *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		if (!buffer_add_byte(out, (char)(value >> 8 * i & 0xff)))
			return false;
	return true;
}

static bool add_varint(struct buffer *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		if (!buffer_add_byte(out, (char)(0x80 | (value & 0x7f))))
			return false;
	return buffer_add_byte(out, (char)value);
}

static bool add_double(struct buffer *out, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return add_little(out, bits, 8);
}

static bool add_float(struct buffer *out, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return add_little(out, bits, 4);
}

static bool add_bytes(struct buffer *out, uint64_t field, const void *data, size_t size)
{
	return add_varint(out, field) && add_varint(out, size) && buffer_add(out, data, size);
}

static bool add_event_head(struct buffer *event, double wall_time, uint64_t step)
{
	return add_varint(event, EVENT_WALL_TIME) && add_double(event, wall_time) &&
	       (step == 0 || (add_varint(event, EVENT_STEP) && add_varint(event, step)));
}

static bool add_value(struct buffer *summary, const struct tensorboard_scalar *scalar)
{
	struct buffer value = {.maximum = TENSORBOARD_TAG_MAX + 8};
	size_t size = strlen(scalar->tag);
	bool done = size <= TENSORBOARD_TAG_MAX && add_bytes(&value, VALUE_TAG, scalar->tag, size) &&
	            add_varint(&value, VALUE_SIMPLE_VALUE) && add_float(&value, (float)scalar->value) &&
	            add_bytes(summary, SUMMARY_VALUE, value.data, value.size);

	buffer_free(&value);
	return done;
}

/* Records */

/* Reflected polynomial 0x82F63B78, bit by bit: a record has some hundred bytes. */
static uint32_t crc32c(const void *data, size_t size)
{
	const unsigned char *at = data;
	uint32_t crc = ~0u;

	for (; size > 0; at++, size--) {
		crc ^= *at;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
	}
	return ~crc;
}

/* So that a checksum of data that holds checksums stays a good one. */
static uint32_t masked(uint32_t crc)
{
	return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static bool add_record(struct buffer *out, const struct buffer *event)
{
	size_t start = out->size;

	return add_little(out, event->size, 8) && add_little(out, masked(crc32c(out->data + start, 8)), 4) &&
	       buffer_add(out, event->data, event->size) && add_little(out, masked(crc32c(event->data, event->size)), 4);
}

static bool finish_record(struct buffer *out, struct buffer *event, bool made)
{
	made = made && add_record(out, event);
	buffer_free(event);
	return made;
}

bool tensorboard_encode_version(struct buffer *out, double wall_time)
{
	static const char version[] = "brain.Event:2";
	struct buffer event = {.maximum = TENSORBOARD_RECORD_MAX};
	bool made = add_event_head(&event, wall_time, 0) &&
	            add_bytes(&event, EVENT_FILE_VERSION, version, sizeof version - 1);

	return finish_record(out, &event, made);
}

bool tensorboard_encode_restart(struct buffer *out, double wall_time, uint64_t step)
{
	static const unsigned char start[] = {SESSION_LOG_STATUS, STATUS_START};
	struct buffer event = {.maximum = TENSORBOARD_RECORD_MAX};
	bool made = add_event_head(&event, wall_time, step) &&
	            add_bytes(&event, EVENT_SESSION_LOG, start, sizeof start);

	return finish_record(out, &event, made);
}

bool tensorboard_encode_scalars(struct buffer *out, double wall_time, uint64_t step,
                                const struct tensorboard_scalar *scalars, size_t count)
{
	struct buffer event = {.maximum = TENSORBOARD_RECORD_MAX}, summary = {.maximum = TENSORBOARD_RECORD_MAX / 2};
	bool made = count <= TENSORBOARD_SCALARS_MAX && add_event_head(&event, wall_time, step);

	for (size_t i = 0; made && i < count; i++)
		made = add_value(&summary, &scalars[i]);
	made = made && add_bytes(&event, EVENT_SUMMARY, summary.data, summary.size);
	buffer_free(&summary);
	return finish_record(out, &event, made);
}

/* The file */

/* The machine's name with nothing in it that a file name or a shell takes amiss. */
static void name_host(char out[HOST_MAX + 1])
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (gethostname(out, HOST_MAX) != 0 || out[0] == '\0')
		memcpy(out, "localhost", sizeof "localhost");
	out[HOST_MAX] = '\0';
	for (char *c = out; *c; c++)
		if (!strchr(safe, *c))
			*c = '-';
}

static bool create(struct tensorboard *file, const char *folder, struct error *error)
{
	char host[HOST_MAX + 1], name[HOST_MAX + 128];

	name_host(host);
	for (int n = 0; n < NAMES_TRIED; n++) {
		snprintf(name, sizeof name, "events.out.tfevents.%010lld.%s.%ld.%d", (long long)clock_wall_seconds(), host,
		         (long)getpid(), n);
		if (!path_join(file->path, sizeof file->path, folder, name, error))
			return false;
		file->fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (file->fd >= 0 || errno != EEXIST)
			break;
	}
	return file->fd >= 0 || error_errno(error, "create", file->path);
}

/* What went only half into the file is taken back: a reader would stop there. */
static bool append(struct tensorboard *file, const struct buffer *record, struct error *error)
{
	off_t end = lseek(file->fd, 0, SEEK_END);

	if (end < 0)
		return error_errno(error, "write", file->path);
	if (file_write_all(file->fd, record->data, record->size, file->path, error))
		return true;
	if (ftruncate(file->fd, end) != 0)
		error_prefix(error, "the record could not be taken back");
	return false;
}

static bool finish(struct tensorboard *file, struct buffer *records, bool made, struct error *error)
{
	bool done = made ? append(file, records, error) : error_memory(error, "writing TensorBoard's file");

	buffer_free(records);
	return done;
}

bool tensorboard_open(struct tensorboard *file, const char *folder, uint64_t restart_step, struct error *error)
{
	struct buffer records = {.maximum = TENSORBOARD_RECORD_MAX};
	double now = clock_wall_seconds();
	bool made;

	file->fd = -1;
	if (!create(file, folder, error))
		return false;
	made = tensorboard_encode_version(&records, now) &&
	       (restart_step == 0 || tensorboard_encode_restart(&records, now, restart_step));
	if (finish(file, &records, made, error))
		return true;
	tensorboard_close(file);
	return false;
}

void tensorboard_close(struct tensorboard *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

bool tensorboard_add(struct tensorboard *file, uint64_t step, const struct tensorboard_scalar *scalars, size_t count,
                     struct error *error)
{
	struct buffer record = {.maximum = TENSORBOARD_RECORD_MAX};

	if (file->fd < 0)
		return true;
	return finish(file, &record, tensorboard_encode_scalars(&record, clock_wall_seconds(), step, scalars, count),
	              error);
}
