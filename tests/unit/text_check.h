/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of engine/text: folders with small files, the sums of tests/golden/make_tokens.py. */
#ifndef REVUE_TESTS_TEXT_CHECK_H
#define REVUE_TESTS_TEXT_CHECK_H

#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/span.h"
#include "engine/tokenizer.h"

static inline void check_write(const char *folder, const char *name, struct span content)
{
	struct error error = {0};
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (!file_replace(path, content.data, content.size, &error))
		fail_msg("%s", error.text);
}

/* The tokenizer of a folder with those of these files that are not NULL. NULL with one line: it cannot be opened. */
static inline struct tokenizer *check_tokenizer(const char *vocabulary, const char *json, const char *config,
                                                struct error *error)
{
	struct tokenizer *tokenizer;
	char folder[256];

	check_folder(folder, sizeof folder);
	if (vocabulary)
		check_write(folder, "vocab.txt", span_of(vocabulary));
	if (json)
		check_write(folder, "tokenizer.json", span_of(json));
	if (config)
		check_write(folder, "tokenizer_config.json", span_of(config));
	tokenizer = tokenizer_open(folder, error);
	check_folder_remove(folder);
	return tokenizer;
}

/* A file of the golden values, whole; the caller frees it. */
static inline char *check_golden(const char *name, size_t *size)
{
	struct error error = {0};
	char path[512];
	char *text;

	snprintf(path, sizeof path, "tests/golden/tokens/%s", name);
	text = file_read(check_source(path), (size_t)64 << 20, size, &error);
	if (!text)
		fail_msg("%s", error.text);
	return text;
}

/* The next line of a text without its newline; false behind the last one. Start with *at = 0. */
static inline bool check_line(struct span text, size_t *at, struct span *line)
{
	const char *newline;

	if (*at >= text.size)
		return false;
	newline = memchr(text.data + *at, '\n', text.size - *at);
	*line = (struct span){text.data + *at, newline ? (size_t)(newline - text.data) - *at : text.size - *at};
	*at += line->size + 1;
	return true;
}

/* FNV-1a, 32 bits. */
static inline uint32_t check_sum(uint32_t sum, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x01000193u;
	return sum;
}

static inline uint32_t check_sum_words(uint32_t sum, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum = check_sum(sum, (const unsigned char[]){(unsigned char)words[i], (unsigned char)(words[i] >> 8),
		                                            (unsigned char)(words[i] >> 16), (unsigned char)(words[i] >> 24)},
		                4);
	return sum;
}

#define CHECK_SUM_START 0x811C9DC5u

#endif
