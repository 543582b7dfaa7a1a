/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/format/tensorboard: bytes that TensorBoard itself writes, and a run's file read back. Golden records
 * come from the tensorboard package. */
#include "tests/unit/train_check.h"

#include "engine/base/little.h"
#include "engine/format/tensorboard.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

static void assert_bytes(const struct buffer *made, const char *hex)
{
	char text[512];

	assert_true(made->size * 2 < sizeof text);
	for (size_t i = 0; i < made->size; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char)made->data[i]);
	assert_string_equal(text, hex);
}

static void the_first_record_is_the_golden_one(void **state)
{
	struct buffer out = {.maximum = TENSORBOARD_RECORD_MAX};

	(void)state;
	assert_true(tensorboard_encode_version(&out, 0));
	assert_bytes(&out, "1800000000000000a37f4b220900000000000000001a0d627261696e2e4576656e743a32eedf28a3");
	buffer_free(&out);
}

static void a_scalar_is_the_golden_record(void **state)
{
	const struct tensorboard_scalar scalar = {"eval/loss", 0.5};
	struct buffer out = {.maximum = TENSORBOARD_RECORD_MAX};

	(void)state;
	assert_true(tensorboard_encode_scalars(&out, 1, 100, &scalar, 1));
	assert_bytes(&out, "1f00000000000000514b441809000000000000f03f10642a120a100a096576616c2f6c6f7373150000003f"
	                   "481dec9e");
	buffer_free(&out);
}

static void a_tag_or_a_row_of_scalars_that_is_too_long_is_refused(void **state)
{
	struct tensorboard_scalar scalars[TENSORBOARD_SCALARS_MAX + 1];
	char tag[TENSORBOARD_TAG_MAX + 2];
	struct buffer out = {.maximum = TENSORBOARD_RECORD_MAX};

	(void)state;
	memset(tag, 'x', sizeof tag);
	tag[TENSORBOARD_TAG_MAX] = '\0';
	for (size_t i = 0; i <= TENSORBOARD_SCALARS_MAX; i++)
		scalars[i] = (struct tensorboard_scalar){tag, 1};
	assert_true(tensorboard_encode_scalars(&out, 1, UINT64_MAX, scalars, TENSORBOARD_SCALARS_MAX));
	assert_false(tensorboard_encode_scalars(&out, 1, 1, scalars, TENSORBOARD_SCALARS_MAX + 1));
	tag[TENSORBOARD_TAG_MAX] = 'x';
	tag[TENSORBOARD_TAG_MAX + 1] = '\0';
	assert_false(tensorboard_encode_scalars(&out, 1, 1, scalars, 1));
	buffer_free(&out);
}

/* A small reader of what is written here: it walks the bytes by protobuf's rules and keeps the scalars. */

struct read_scalar {
	char tag[TENSORBOARD_TAG_MAX + 1];
	uint64_t step;
	float value;
};

struct read_file {
	struct read_scalar scalars[4000];
	size_t count;
	uint64_t restart;
	int versions;
};

static uint64_t read_varint(struct span *at)
{
	uint64_t value = 0;
	int shift = 0;

	for (;; shift += 7) {
		assert_true(at->size > 0 && shift < 64);
		unsigned char byte = (unsigned char)*at->data;
		at->data++;
		at->size--;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
}

static struct span read_bytes(struct span *at, uint64_t size)
{
	struct span bytes = {at->data, (size_t)size};

	assert_true(size <= at->size);
	at->data += size;
	at->size -= (size_t)size;
	return bytes;
}

/* The next field: its number, and its bytes or its number in *value. */
static uint64_t read_field(struct span *at, struct span *bytes, uint64_t *value)
{
	uint64_t key = read_varint(at);

	switch (key & 7) {
	case 0: *value = read_varint(at); break;
	case 1: *bytes = read_bytes(at, 8); break;
	case 2: *bytes = read_bytes(at, read_varint(at)); break;
	case 5: *bytes = read_bytes(at, 4); break;
	default: fail_msg("wire type %d", (int)(key & 7));
	}
	return key >> 3;
}

static void read_value(struct span at, uint64_t step, struct read_file *file)
{
	struct read_scalar *scalar = &file->scalars[file->count++];
	struct span bytes = {0};
	uint64_t value = 0;

	assert_true(file->count <= 4000);
	scalar->step = step;
	while (at.size > 0) {
		if (read_field(&at, &bytes, &value) == 1)
			snprintf(scalar->tag, sizeof scalar->tag, "%.*s", (int)bytes.size, bytes.data);
		else {
			uint32_t bits = little_32((const unsigned char *)bytes.data);
			memcpy(&scalar->value, &bits, sizeof bits);
		}
	}
}

static void read_event(struct span at, struct read_file *file)
{
	struct span bytes = {0}, value_bytes = {0};
	uint64_t step = 0, value = 0;

	while (at.size > 0) {
		switch (read_field(&at, &bytes, &value)) {
		case 1: break;
		case 2: step = value; break;
		case 3: file->versions += span_equal(bytes, span_of("brain.Event:2")); break;
		case 5:
			while (bytes.size > 0) {
				assert_int_equal(read_field(&bytes, &value_bytes, &value), 1);
				read_value(value_bytes, step, file);
			}
			break;
		case 7:
			assert_true(span_equal(bytes, (struct span){"\10\1", 2}));
			file->restart = step;
			break;
		default: fail_msg("an unknown field");
		}
	}
}

static void read_file(const char *path, struct read_file *file)
{
	struct error error = {0};
	size_t size = 0;
	char *data = file_read(path, 1 << 20, &size, &error);
	struct span at = {data, size};

	assert_non_null(data);
	while (at.size > 0) {
		uint64_t length = little_64((const unsigned char *)read_bytes(&at, 8).data);
		read_bytes(&at, 4);
		read_event(read_bytes(&at, length), file);
		read_bytes(&at, 4);
	}
	free(data);
}

/* The event files of a run in the order of their names; at most `most`. */
static int find_files(const char *run, char paths[][600], int most)
{
	struct dirent **entries;
	int count = scandir(run, &entries, NULL, alphasort), found = 0;

	for (int i = 0; i < count; i++) {
		if (strncmp(entries[i]->d_name, "events.out.tfevents.", 20) == 0 && found < most)
			snprintf(paths[found++], 600, "%s/%s", run, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return found;
}

static const struct read_scalar *find_scalar(const struct read_file *file, const char *tag, uint64_t step)
{
	for (size_t i = 0; i < file->count; i++)
		if (file->scalars[i].step == step && strcmp(file->scalars[i].tag, tag) == 0)
			return &file->scalars[i];
	fail_msg("no %s at step %llu", tag, (unsigned long long)step);
	return NULL;
}

static void a_run_writes_the_figures_of_its_log(void **state)
{
	struct train_folder *folder = *state;
	static struct read_file file;
	const struct run_evaluation *evaluations;
	const struct run_point *points;
	char paths[2][600];
	struct run *run;
	size_t count;

	file = (struct read_file){0};
	train_whole(folder, folder->run);
	assert_int_equal(find_files(folder->run, paths, 2), 1);
	read_file(paths[0], &file);
	run = run_open(folder->run, NULL);
	points = run_points(run, &count);
	/* Of each evaluation three figures that always are there, precision and recall, and three of speed. */
	assert_int_equal(file.count, 4 * count + 8 * 2);
	assert_true(file.versions == 1 && file.restart == 0);
	for (size_t i = 0; i < count; i++) {
		assert_true(find_scalar(&file, "train/loss", points[i].step)->value == (float)points[i].loss);
		assert_true(find_scalar(&file, "train/learning_rate", points[i].step)->value ==
		            (float)points[i].learning_rate);
		assert_true(find_scalar(&file, "train/grad_norm", points[i].step)->value == (float)points[i].grad_norm);
		assert_true(find_scalar(&file, "train/epoch", points[i].step)->value == (float)points[i].epoch);
	}
	evaluations = run_evaluations(run, &count);
	assert_int_equal(count, 2);
	assert_true(find_scalar(&file, "eval/loss", 34)->value == (float)evaluations[1].loss);
	assert_true(find_scalar(&file, "eval/accuracy", 34)->value == (float)evaluations[1].accuracy);
	assert_true(find_scalar(&file, "eval/f1", 34)->value == (float)evaluations[1].f1);
	assert_true(find_scalar(&file, "eval/precision", 34)->value == (float)evaluations[1].precision);
	assert_true(find_scalar(&file, "eval/recall", 34)->value == (float)evaluations[1].recall);
	assert_true(find_scalar(&file, "eval/runtime", 17)->value == (float)evaluations[0].runtime);
	assert_true(find_scalar(&file, "eval/samples_per_second", 17)->value == (float)evaluations[0].samples_per_second);
	assert_true(find_scalar(&file, "eval/steps_per_second", 17)->value == (float)evaluations[0].steps_per_second);
	run_close(run);
}

static void a_file_after_a_restart_says_which_steps_are_void(void **state)
{
	struct train_folder *folder = *state;
	const struct tensorboard_scalar scalar = {"train/loss", 0.25};
	static struct read_file first, second;
	struct tensorboard file;
	struct error error = {0};
	char paths[3][600];

	first = second = (struct read_file){0};
	assert_true(tensorboard_open(&file, folder->path, 0, &error));
	assert_true(tensorboard_add(&file, 1, &scalar, 1, &error));
	tensorboard_close(&file);
	assert_true(tensorboard_add(&file, 2, &scalar, 1, &error)); /* there is no file: nothing is done */
	assert_true(tensorboard_open(&file, folder->path, 5, &error));
	tensorboard_close(&file);
	assert_int_equal(find_files(folder->path, paths, 3), 2);
	read_file(paths[0], &first);
	read_file(paths[1], &second);
	assert_true(first.versions == 1 && first.count == 1 && first.restart == 0);
	assert_true(second.versions == 1 && second.count == 0 && second.restart == 5);
}

static void a_record_that_finds_no_room_is_taken_back(void **state)
{
	struct train_folder *folder = *state;
	const struct tensorboard_scalar scalar = {"train/loss", 0.25};
	const struct rlimit small = {60, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
	static struct read_file read;
	struct tensorboard file;
	struct error error = {0};

	read = (struct read_file){0};
	signal(SIGXFSZ, SIG_IGN);
	assert_true(tensorboard_open(&file, folder->path, 0, &error));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_false(tensorboard_add(&file, 1, &scalar, 1, &error));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(error.kind, ERROR_IO);
	tensorboard_close(&file);
	read_file(file.path, &read);
	assert_true(read.versions == 1 && read.count == 0);
}

/* tensorboard_add of the trainer goes through here (--wrap). */

static bool disk_is_full;

bool __real_tensorboard_add(struct tensorboard *file, uint64_t step, const struct tensorboard_scalar *scalars,
                            size_t count, struct error *error);
bool __wrap_tensorboard_add(struct tensorboard *file, uint64_t step, const struct tensorboard_scalar *scalars,
                            size_t count, struct error *error);

bool __wrap_tensorboard_add(struct tensorboard *file, uint64_t step, const struct tensorboard_scalar *scalars,
                            size_t count, struct error *error)
{
	if (disk_is_full && file->fd >= 0)
		return error_set(error, ERROR_IO, "no space left");
	return __real_tensorboard_add(file, step, scalars, count, error);
}

static int count_events(const char *directory, const char *text)
{
	struct run *run = run_open(directory, NULL);
	const struct run_event *events;
	int found = 0;
	size_t count;

	events = run_events(run, &count);
	for (size_t i = 0; i < count; i++)
		found += strstr(events[i].text, text) != NULL;
	run_close(run);
	return found;
}

static void a_run_that_cannot_write_it_says_so_once_and_trains(void **state)
{
	struct train_folder *folder = *state;
	static struct read_file file;
	char paths[2][600];
	struct run *run;

	file = (struct read_file){0};
	disk_is_full = true;
	train_whole(folder, folder->run);
	disk_is_full = false;
	run = run_open(folder->run, NULL);
	assert_int_equal(run_state(run), RUN_FINISHED);
	run_close(run);
	assert_int_equal(count_events(folder->run, "goes on without TensorBoard's file: no space left"), 1);
	assert_int_equal(find_files(folder->run, paths, 2), 1);
	read_file(paths[0], &file);
	assert_true(file.versions == 1 && file.count == 0);
}

static void a_run_that_goes_on_begins_a_new_file(void **state)
{
	struct train_folder *folder = *state;
	static struct read_file file;
	struct error error = {0};
	struct trainer *trainer;
	struct run *run;
	char paths[3][600];

	file = (struct read_file){0};
	train_set(&folder->options, "num-train-epochs", "40");
	trainer = train_start(folder, folder->run, &error);
	assert_non_null(trainer);
	run = run_open(folder->run, NULL);
	train_wait_step(run, 5);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	train_resume_whole(folder->run);
	assert_int_equal(find_files(folder->run, paths, 3), 2);
	read_file(paths[1], &file);
	assert_true(file.restart > 5);
	find_scalar(&file, "train/loss", file.restart);
	assert_true(file.scalars[0].step == file.restart);
	run_close(run);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_record_is_the_golden_one),
		cmocka_unit_test(a_scalar_is_the_golden_record),
		cmocka_unit_test(a_tag_or_a_row_of_scalars_that_is_too_long_is_refused),
		TRAIN(a_run_writes_the_figures_of_its_log),
		TRAIN(a_file_after_a_restart_says_which_steps_are_void),
		TRAIN(a_record_that_finds_no_room_is_taken_back),
		TRAIN(a_run_that_cannot_write_it_says_so_once_and_trains),
		TRAIN(a_run_that_goes_on_begins_a_new_file),
	};

	return cmocka_run_group_tests_name("tensorboard", tests, NULL, NULL);
}
