/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record of the file (engine/base/kept_records.h): the logits, 4 bytes each, little-endian. */
#include "engine/teach/answers.h"

#include "engine/base/little.h"
#include "engine/base/sha256.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const struct record_kind kind = {"revue answers 1\n\n\n\n\n\n\n\n", ".answers", ANSWERS_FILES, (size_t)8 << 20,
                                        "keeping what teachers say"};

static bool answers_folder(char *out, size_t capacity)
{
	const char *history = getenv("REVUE_HISTORY");

	return !(history && strcasecmp(history, "off") == 0) && kept_records_folder("answers", out, capacity);
}

static bool is_sound(const unsigned char *record, const void *of)
{
	for (int32_t i = 0; i < *(const int32_t *)of; i++)
		if (!isfinite(little_float(record + 4 * i)))
			return false;
	return true;
}

/* Of the teacher's content and of how it cuts texts. */
static void make_origin(const struct model *teacher, const char hash[65], char out[65])
{
	const struct cut cut = model_has_network(teacher) ? model_cut(teacher, 0) : (struct cut){0};
	struct sha256_ctx context;
	char text[256];

	snprintf(text, sizeof text, "%s %d %d %d %.17g %d %d", hash, (int)cut.truncation, (int)cut.max_length, (int)cut.head_tokens,
	         cut.stride, (int)cut.max_windows, (int)model_reading(teacher)->pooling);
	sha256_init(&context);
	sha256_update(&context, strlen(text), (const uint8_t *)text);
	sha256_hex(&context, out);
}

bool answers_open(struct answers *answers, const struct model *teacher, const char hash[65], bool *damaged, struct error *error)
{
	char folder[4096];

	*answers = (struct answers){.labels = model_config(teacher)->num_labels};
	make_origin(teacher, hash, answers->origin);
	*damaged = false;
	if (!answers_folder(folder, sizeof folder))
		return true;
	answers->records = kept_records_open(&kind, folder, answers->origin, (size_t)answers->labels * 4, is_sound, &answers->labels,
	                                     error);
	*damaged = answers->records && kept_records_state(answers->records) == KEPT_DAMAGED;
	return answers->records;
}

void answers_close(struct answers *answers)
{
	kept_records_free(answers->records);
	*answers = (struct answers){0};
}

struct record_key answers_key(struct span text)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, text.size, (const uint8_t *)text.data);
	sha256_digest(&context, sizeof digest, digest);
	return (struct record_key){little_64(digest), little_64(digest + 8)};
}

bool answers_find(const struct answers *answers, struct record_key key, float *logits)
{
	const unsigned char *record = answers->records ? kept_records_find(answers->records, key) : NULL;

	for (int32_t i = 0; record && i < answers->labels; i++)
		logits[i] = little_float(record + 4 * i);
	return record;
}

void answers_put(struct answers *answers, struct record_key key, const float *logits)
{
	unsigned char *record = answers->records ? malloc((size_t)answers->labels * 4) : NULL;

	for (int32_t i = 0; record && i < answers->labels; i++)
		little_put_float(record + 4 * i, logits[i]);
	if (record)
		kept_records_put(answers->records, key, record);
	free(record);
}

bool answers_save(struct answers *answers, struct error *error)
{
	return !answers->records || kept_records_save(answers->records, error);
}

const char *answers_path(const struct answers *answers)
{
	return answers->records ? kept_records_path(answers->records) : "";
}

uint64_t answers_bytes(const struct answers *answers)
{
	struct stat status;

	return *answers_path(answers) && stat(answers_path(answers), &status) == 0 ? (uint64_t)status.st_size : 0;
}
