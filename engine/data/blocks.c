/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/blocks.h"

#include "engine/base/file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)256 << 10) /* as much as is indexed at a time */
#define KEPT 16                   /* 4 MB: what some threads that read side by side are apart */

struct block {
	char *data;      /* NULL: the place is free, or somebody reads into it */
	bool reading;
	int fd;
	uint64_t number; /* its bytes begin at number * BLOCK */
	size_t size;
	uint64_t used;   /* when; the one that was used longest ago makes room */
};

struct blocks {
	pthread_mutex_t mutex;
	pthread_cond_t read; /* somebody has read a block */
	struct block kept[KEPT];
	uint64_t uses;
};

struct blocks *blocks_new(void)
{
	struct blocks *blocks = calloc(1, sizeof *blocks);

	if (blocks)
		pthread_mutex_init(&blocks->mutex, NULL);
	if (blocks)
		pthread_cond_init(&blocks->read, NULL);
	return blocks;
}

void blocks_free(struct blocks *blocks)
{
	if (!blocks)
		return;
	for (int i = 0; i < KEPT; i++)
		free(blocks->kept[i].data);
	pthread_cond_destroy(&blocks->read);
	pthread_mutex_destroy(&blocks->mutex);
	free(blocks);
}

static struct block *find(struct blocks *blocks, int fd, uint64_t number)
{
	for (int i = 0; i < KEPT; i++) {
		struct block *block = &blocks->kept[i];

		if ((block->data || block->reading) && block->fd == fd && block->number == number)
			return block;
	}
	return NULL;
}

/* A block that was read when the file was shorter is read anew. */
static void drop_short(struct block *block)
{
	free(block->data);
	*block = (struct block){0};
}

/* A place to read into; what was there is dropped. NULL: all are being read into. */
static struct block *make_place(struct blocks *blocks, int fd, uint64_t number)
{
	struct block *place = NULL;

	for (int i = 0; i < KEPT; i++)
		if (!blocks->kept[i].reading && (!place || blocks->kept[i].used < place->used))
			place = &blocks->kept[i];
	if (!place)
		return NULL;
	free(place->data);
	*place = (struct block){.fd = fd, .number = number, .reading = true, .used = ++blocks->uses};
	return place;
}

/* Bytes of a block that is kept, or that somebody is reading at the moment. False: it is not; where `place` is given, it may
 * be read there by the caller, who ends that with put. */
static bool take(struct blocks *blocks, int fd, uint64_t number, size_t at, void *out, size_t size, struct block **place)
{
	struct block *block;

	pthread_mutex_lock(&blocks->mutex);
	while ((block = find(blocks, fd, number)) && block->reading)
		pthread_cond_wait(&blocks->read, &blocks->mutex);
	if (block && at + size > block->size) {
		drop_short(block);
		block = NULL;
	}
	if (block) {
		memcpy(out, block->data + at, size);
		block->used = ++blocks->uses;
	} else if (place) {
		*place = make_place(blocks, fd, number);
	}
	pthread_mutex_unlock(&blocks->mutex);
	return block != NULL;
}

/* Takes over `data`; NULL: it could not be read. */
static void put(struct blocks *blocks, struct block *place, char *data, size_t size)
{
	pthread_mutex_lock(&blocks->mutex);
	place->data = data;
	place->size = size;
	place->reading = false;
	place->used = data ? ++blocks->uses : 0;
	pthread_cond_broadcast(&blocks->read);
	pthread_mutex_unlock(&blocks->mutex);
}

static bool read_into(struct blocks *blocks, struct block *place, uint64_t file_size, const char *path, size_t at, void *out,
                      size_t size, struct error *error)
{
	uint64_t start = place->number * BLOCK, left = file_size - start;
	size_t whole = left < BLOCK ? (size_t)left : BLOCK;
	char *data = malloc(whole);
	bool done = data ? file_read_at(place->fd, data, whole, start, path, error)
	                 : file_read_at(place->fd, out, size, start + at, path, error);

	if (done && data)
		memcpy(out, data + at, size);
	if (!done) {
		free(data);
		data = NULL;
	}
	put(blocks, place, data, whole);
	return done;
}

static bool read_part(struct blocks *blocks, int fd, uint64_t file_size, const char *path, void *out, size_t size,
                      uint64_t offset, bool leave, struct error *error)
{
	struct block *place = NULL;
	size_t at = (size_t)(offset % BLOCK);

	if (take(blocks, fd, offset / BLOCK, at, out, size, leave ? &place : NULL))
		return true;
	return place ? read_into(blocks, place, file_size, path, at, out, size, error)
	             : file_read_at(fd, out, size, offset, path, error);
}

bool blocks_read(struct blocks *blocks, int fd, uint64_t file_size, const char *path, void *out, size_t size,
                 uint64_t offset, struct error *error)
{
	bool leave = size >= BLOCK || offset + size == file_size, done = true;

	if (!blocks || offset + size > file_size)
		return file_read_at(fd, out, size, offset, path, error);
	while (done && size > 0) {
		size_t left = BLOCK - (size_t)(offset % BLOCK), part = size < left ? size : left;

		done = read_part(blocks, fd, file_size, path, out, part, offset, leave, error);
		out = (char *)out + part;
		offset += part;
		size -= part;
	}
	return done;
}
