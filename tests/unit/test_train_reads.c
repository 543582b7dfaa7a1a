/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: how often a training reads its data, its base and its log, which may lie on a disk across a network. The
 * linker sends every pread of the engine through a counter. */
#include "tests/unit/train_check.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>

/* Bytes that were read of one file. */
struct counted {
	dev_t device;
	ino_t inode;
	uint64_t bytes, size;
};

static struct counted counted[4];
static int counted_count;
static pthread_mutex_t counted_mutex = PTHREAD_MUTEX_INITIALIZER;

static bool weights_fail; /* the disk under model.safetensors is broken */
static uint64_t read_of_moments; /* bytes of checkpoints, whose files are not there before they are written */

ssize_t __real_pread(int fd, void *out, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *out, size_t size, off_t offset);

ssize_t __wrap_pread(int fd, void *out, size_t size, off_t offset)
{
	ssize_t got = __real_pread(fd, out, size, offset);
	char link[64], path[500];
	struct stat status;
	ssize_t length;

	if (got <= 0 || fstat(fd, &status) != 0)
		return got;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof path - 1);
	path[length > 0 ? length : 0] = '\0';
	if (weights_fail && strstr(path, "/model.safetensors")) {
		errno = EIO;
		return -1;
	}
	pthread_mutex_lock(&counted_mutex);
	read_of_moments += strstr(path, "/optimizer.safetensors") ? (uint64_t)got : 0;
	for (int i = 0; i < counted_count; i++)
		if (counted[i].device == status.st_dev && counted[i].inode == status.st_ino)
			counted[i].bytes += (uint64_t)got;
	pthread_mutex_unlock(&counted_mutex);
	return got;
}

static const struct counted *count_reads(const char *path)
{
	struct counted *file = &counted[counted_count];
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	*file = (struct counted){status.st_dev, status.st_ino, 0, (uint64_t)status.st_size};
	counted_count++;
	return file;
}

#define SAMPLES 6e6 /* one look at how a large file is written: the head, its encoding, its quotes */

/* `samples`: bytes that may be read besides, whatever the size of the file. */
static void assert_read(const struct counted *file, double least, double most, double samples)
{
	double times = (double)file->bytes / (double)file->size;

	if (times < least || (double)file->bytes > most * (double)file->size + samples)
		fail_msg("%.0f bytes were read %.2f times, not %.2f to %.2f times", (double)file->size, times, least, most);
}

static int setup(void **state)
{
	counted_count = 0;
	return train_setup(state);
}

/* Some 10 MB, which no block that is kept holds. */
static void write_much(const char *path, const char *extra)
{
	FILE *file = fopen(path, "w");
	char words[600];

	assert_non_null(file);
	memset(words, 'x', sizeof words);
	for (size_t i = 7; i < sizeof words; i += 8)
		words[i] = ' ';
	fprintf(file, "text,label\n");
	for (int i = 0; i < 16000; i++)
		fprintf(file, "%s%d %.*s,%s\n", extra, i, 500 + i % 100, words, i % 3 ? "positive" : "negative");
	fclose(file);
}

static void few_steps(struct train_folder *folder)
{
	train_set(&folder->options, "num-train-epochs", "0.001");
	train_set(&folder->options, "max-length", "4");
	train_set(&folder->options, "save-steps", "0");
}

static void a_training_reads_its_data_twice_and_not_more(void **state)
{
	struct train_folder *folder = *state;
	const struct counted *data;

	few_steps(folder);
	write_much(folder->data, "");
	data = count_reads(folder->data);
	train_whole(folder, folder->run);
	assert_read(data, 1, 2.1, SAMPLES);
}

/* The command looks at the data before it starts the trainer. */
static void data_that_its_owner_has_read_is_read_twice_in_all(void **state)
{
	struct train_folder *folder = *state;
	struct trainer_request request = {.data = folder->data, .model = folder->model, .run = folder->run,
	                                  .options = &folder->options};
	struct error error = {0};
	const struct counted *data;
	struct trainer *trainer;

	few_steps(folder);
	train_set(&folder->options, "threads", "4");
	write_much(folder->data, "");
	data = count_reads(folder->data);
	request.read = train_data_read(dataset_open(folder->data, NULL, &error), &folder->options, NULL, &error);
	assert_non_null(request.read);
	assert_int_equal(train_data_survey(request.read)->used, 16000);
	assert_int_equal(train_data_survey(request.read)->label_count, 2);
	assert_string_equal(train_data_survey(request.read)->labels[1].name, "positive");
	assert_int_equal(train_data_survey(request.read)->labels[1].count, 10666);
	trainer = trainer_start(&request, NULL, &error);
	if (!trainer || !trainer_join(trainer, &error))
		fail_msg("%s", error.text);
	assert_read(data, 1, 2.1, SAMPLES);
	train_whole(folder, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void a_validation_file_is_read_twice(void **state)
{
	struct train_folder *folder = *state;
	const struct counted *file;
	char path[400];

	few_steps(folder);
	snprintf(path, sizeof path, "%s/held.csv", folder->path);
	write_much(path, "other ");
	train_set(&folder->options, "validation", path);
	file = count_reads(path);
	train_whole(folder, folder->run);
	assert_read(file, 1, 2.1, 2 * SAMPLES); /* two looks at its columns */
}

static void the_hash_that_is_taken_while_reading_is_that_of_the_file(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	struct error error = {0};
	char hash[65];

	few_steps(folder);
	write_much(folder->data, "\xef\xbb\xbf");
	train_whole(folder, folder->run);
	assert_true(run_record_read(folder->run, &record, &error));
	assert_true(file_sha256(folder->data, hash, &error));
	assert_string_equal(record.data.hash, hash);
	run_record_free(&record);
}

/* So large that the table of its file is little beside the values. */
static void write_larger_model(struct train_folder *folder)
{
	struct error error = {0};
	struct model_config config = {
		.architecture = &architecture_bert, .vocab_size = 500, .hidden_size = 64, .num_hidden_layers = 12,
		.num_attention_heads = 2, .intermediate_size = 128, .max_position_embeddings = 32, .type_vocab_size = 2,
		.hidden_act = ACTIVATION_GELU, .layer_norm_eps = 1e-12f, .initializer_range = 0.05f, .num_labels = 2,
	};
	struct model *model = model_new(&config, tokenizer_open(folder->path, &error), 7, &error);

	assert_non_null(model);
	assert_true(model_save(model, folder->model, &error));
	model_close(model);
}

static void a_training_reads_the_weights_of_its_base_once(void **state)
{
	struct train_folder *folder = *state;
	const struct counted *weights;
	struct run_record record = {0};
	struct error error = {0};
	char path[500], hash[65];

	few_steps(folder);
	write_larger_model(folder);
	snprintf(path, sizeof path, "%s/model.safetensors", folder->model);
	weights = count_reads(path);
	train_whole(folder, folder->run);
	assert_read(weights, 1, 1.2, 0);
	assert_true(run_record_read(folder->run, &record, &error));
	assert_true(model_hash(folder->model, hash, NULL, &error));
	assert_string_equal(record.model.hash, hash);
	run_record_free(&record);
}

static void weights_that_cannot_be_read_are_named_once(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[500];

	snprintf(path, sizeof path, "%s/model.safetensors: ", folder->model);
	weights_fail = true;
	assert_null(model_open(folder->model, NULL, NULL, &error));
	weights_fail = false;
	assert_int_equal(error.kind, ERROR_IO);
	assert_ptr_equal(strstr(error.text, path), error.text);
	assert_null(strstr(error.text + 1, path));
}

static void a_checkpoint_is_read_back_once(void **state)
{
	struct train_folder *folder = *state;
	struct stat status;
	char name[CHECKPOINT_NAME], path[500];

	few_steps(folder);
	write_larger_model(folder);
	read_of_moments = 0;
	train_whole(folder, folder->run);
	train_newest(folder->run, name);
	snprintf(path, sizeof path, "%s/%s/optimizer.safetensors", folder->run, name);
	assert_int_equal(stat(path, &status), 0);
	/* As the run wrote it, and as it was looked for just now. */
	assert_int_equal(read_of_moments, 2 * status.st_size);
}

static void a_resume_from_a_checkpoint_reads_nothing_of_the_base(void **state)
{
	struct train_folder *folder = *state;
	const struct counted *weights;
	char path[500];

	train_until(folder, folder->run, 2);
	snprintf(path, sizeof path, "%s/model.safetensors", folder->model);
	weights = count_reads(path);
	train_resume_whole(folder->run);
	assert_int_equal(weights->bytes, 0);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_training_reads_its_data_twice_and_not_more),
		TRAIN(data_that_its_owner_has_read_is_read_twice_in_all),
		TRAIN(a_validation_file_is_read_twice),
		TRAIN(the_hash_that_is_taken_while_reading_is_that_of_the_file),
		TRAIN(a_training_reads_the_weights_of_its_base_once),
		TRAIN(weights_that_cannot_be_read_are_named_once),
		TRAIN(a_checkpoint_is_read_back_once),
		TRAIN(a_resume_from_a_checkpoint_reads_nothing_of_the_base),
	};

	return cmocka_run_group_tests_name("train_reads", tests, NULL, NULL);
}
