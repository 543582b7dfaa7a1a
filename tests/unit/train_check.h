/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of the trainer share: a folder with a small untrained model, made-up reviews that it can learn,
 * and running a training to its end. */
#ifndef REVUE_TESTS_TRAIN_CHECK_H
#define REVUE_TESTS_TRAIN_CHECK_H

#include "tests/unit/check.h"

#include "engine/format/architecture.h"

#include "engine/base/file.h"
#include "engine/model.h"
#include "engine/model/network.h"
#include "engine/run.h"
#include "engine/train/run/checkpoint.h"
#include "engine/train/run/record.h"
#include "engine/trainer.h"

#include <sys/wait.h>
#include <unistd.h>

static const char *const train_words[] = {"good", "great", "lovely", "bad", "awful", "dull", "the", "film",
                                          "food", "was", "and", "it", "a", "very", "place", "story"};
enum { TRAIN_WORDS = sizeof train_words / sizeof train_words[0] };

struct train_folder {
	char path[256], data[300], model[400], run[300], other[300];
	struct train_options options;
};

static inline void train_write_vocabulary(const char *folder)
{
	char path[400];
	FILE *file;

	snprintf(path, sizeof path, "%s/vocab.txt", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n", file);
	for (int i = 0; i < TRAIN_WORDS; i++)
		fprintf(file, "%s\n", train_words[i]);
	fclose(file);
}

struct train_shape {
	int32_t hidden, layers, positions;
	float dropout;
};

/* A BERT without a head of its own. */
static inline void train_write_shaped(const char *folder, const char *vocabulary, const struct train_shape *shape)
{
	struct error error = {0};
	struct tokenizer *tokenizer = tokenizer_open(vocabulary, &error);
	struct model_config config = {
		.architecture = &architecture_bert, .vocab_size = tokenizer_vocab_size(tokenizer), .hidden_size = shape->hidden,
		.num_hidden_layers = shape->layers, .num_attention_heads = 2, .intermediate_size = 32,
		.max_position_embeddings = shape->positions, .type_vocab_size = 2, .hidden_act = ACTIVATION_GELU,
		.layer_norm_eps = 1e-12f, .initializer_range = 0.05f, .hidden_dropout_prob = shape->dropout,
		.attention_probs_dropout_prob = shape->dropout, .classifier_dropout = shape->dropout, .num_labels = 2,
	};
	struct model *model = model_new(&config, tokenizer, 7, &error);

	assert_non_null(model);
	assert_true(model_save(model, folder, &error));
	model_close(model);
}

static inline void train_write_model(const char *folder, const char *vocabulary, float dropout)
{
	train_write_shaped(folder, vocabulary, &(struct train_shape){16, 2, 32, dropout});
}

/* One with a head for these labels, made up. */
static inline void train_write_shaped_teacher(const char *folder, const char *vocabulary, const struct train_shape *shape,
                                              const char *first, const char *second)
{
	const char *names[] = {first, second};
	struct error error = {0};
	struct model *model;

	train_write_shaped(folder, vocabulary, shape);
	model = model_open(folder, NULL, NULL, &error);
	assert_non_null(model);
	assert_true(model_set_labels(model, names, 2, 11, &error));
	network_values_changed(model);
	assert_true(model_save(model, folder, &error));
	model_close(model);
}

static inline void train_write_wide_teacher(const char *folder, const char *vocabulary, int32_t hidden, const char *first,
                                            const char *second)
{
	train_write_shaped_teacher(folder, vocabulary, &(struct train_shape){hidden, 2, 32, 0}, first, second);
}

static inline void train_write_teacher(const char *folder, const char *vocabulary, const char *first, const char *second)
{
	train_write_wide_teacher(folder, vocabulary, 16, first, second);
}

/* `rows` reviews; the words tell the label. */
static inline void train_write_reviews(const char *path, int rows, const char *negative, const char *positive)
{
	FILE *file = fopen(path, "w");
	unsigned seed = 1;

	assert_non_null(file);
	fputs("text,label\n", file);
	for (int i = 0; i < rows; i++) {
		bool good = (seed = seed * 1103515245u + 12345u) >> 16 & 1;
		int words = 3 + (int)((seed >> 20) % 9);
		for (int w = 0; w < words; w++) {
			seed = seed * 1103515245u + 12345u;
			fprintf(file, "%s ", train_words[w % 3 == 1 ? (good ? 0 : 3) + (seed >> 16) % 3
			                                            : 6 + (seed >> 16) % 10]);
		}
		fprintf(file, ",%s\n", good ? positive : negative);
	}
	fclose(file);
}

static inline void train_set(struct train_options *options, const char *name, const char *text)
{
	struct error error = {0};

	assert_true(train_option_set(options, train_option_find(name), text, &error));
}

static inline int train_setup(void **state)
{
	struct train_folder *folder = calloc(1, sizeof *folder);

	check_folder(folder->path, sizeof folder->path);
	snprintf(folder->data, sizeof folder->data, "%s/reviews.csv", folder->path);
	snprintf(folder->model, sizeof folder->model, "%s/base", folder->path);
	snprintf(folder->run, sizeof folder->run, "%s/run", folder->path);
	snprintf(folder->other, sizeof folder->other, "%s/other", folder->path);
	train_write_vocabulary(folder->path);
	train_write_model(folder->model, folder->path, 0.1f);
	train_write_reviews(folder->data, 150, "negative", "positive");
	train_options_init(&folder->options);
	train_set(&folder->options, "learning-rate", "5e-3");
	train_set(&folder->options, "per-device-train-batch-size", "8");
	train_set(&folder->options, "num-train-epochs", "2");
	train_set(&folder->options, "save-steps", "4");
	train_set(&folder->options, "threads", "1");
	*state = folder;
	return 0;
}

static inline int train_teardown(void **state)
{
	struct train_folder *folder = *state;

	check_folder_remove(folder->path);
	free(folder);
	return 0;
}

static inline struct trainer *train_start(struct train_folder *folder, const char *run, struct error *error)
{
	struct trainer_request request = {.data = folder->data, .model = folder->model, .run = run,
	                                  .options = &folder->options};

	return trainer_start(&request, NULL, error);
}

/* Trains to the end; whatever goes wrong fails the test with its message. */
static inline void train_whole(struct train_folder *folder, const char *run)
{
	struct error error = {0};
	struct trainer *trainer = train_start(folder, run, &error);

	if (!trainer || !trainer_join(trainer, &error) || error.kind != ERROR_NONE)
		fail_msg("%s", error.text);
}

static inline struct trainer *train_resume(const char *run, struct error *error)
{
	return trainer_resume(&(struct trainer_request){.run = run}, NULL, error);
}

static inline void train_resume_whole(const char *run)
{
	struct error error = {0};
	struct trainer *trainer = train_resume(run, &error);

	if (!trainer || !trainer_join(trainer, &error) || error.kind != ERROR_NONE)
		fail_msg("%s", error.text);
}

/* That a training fails, and with this in its message. */
static inline void train_fails(struct trainer *trainer, struct error *error, enum error_kind kind, const char *said)
{
	if (trainer)
		assert_false(trainer_join(trainer, error));
	if (!strstr(error->text, said))
		fail_msg("\"%s\" does not say \"%s\"", error->text, said);
	assert_int_equal(error->kind, kind);
}

static inline void train_assert_same_weights(const char *run, const char *other)
{
	char path[400], one[65], two[65];
	struct error error = {0};

	snprintf(path, sizeof path, "%s/model/model.safetensors", run);
	assert_true(file_sha256(path, one, &error));
	snprintf(path, sizeof path, "%s/model/model.safetensors", other);
	assert_true(file_sha256(path, two, &error));
	assert_string_equal(one, two);
}

static inline bool train_same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* All logged losses and evaluations, but not the times. */
static inline void train_assert_same_curves(const char *run, const char *other)
{
	struct run *a = run_open(run, NULL), *b = run_open(other, NULL);
	const struct run_evaluation *e, *f;
	const struct run_point *p, *q;
	size_t count, same;

	p = run_points(a, &count);
	q = run_points(b, &same);
	assert_int_equal(count, same);
	for (size_t i = 0; i < count; i++)
		assert_true(p[i].step == q[i].step && p[i].loss == q[i].loss && train_same(p[i].grad_norm, q[i].grad_norm) &&
		            p[i].learning_rate == q[i].learning_rate && p[i].epoch == q[i].epoch);
	e = run_evaluations(a, &count);
	f = run_evaluations(b, &same);
	assert_int_equal(count, same);
	for (size_t i = 0; i < count; i++)
		assert_true(e[i].step == f[i].step && e[i].loss == f[i].loss && e[i].accuracy == f[i].accuracy &&
		            train_same(e[i].f1, f[i].f1) && train_same(e[i].perplexity, f[i].perplexity) &&
		            train_same(e[i].precision, f[i].precision) && train_same(e[i].recall, f[i].recall));
	run_close(a);
	run_close(b);
}

static inline bool train_has_event(const char *run, const char *text)
{
	struct run *reader = run_open(run, NULL);
	const struct run_event *events;
	bool found = false;
	size_t count;

	assert_non_null(reader);
	events = run_events(reader, &count);
	for (size_t i = 0; i < count; i++)
		found = found || strstr(events[i].text, text);
	run_close(reader);
	return found;
}

/* Waits until somebody's run is so; fails after a minute or two, which an emulated device may need. */
static inline void train_wait_state(struct run *run, enum run_state state)
{
	for (int i = 0; i < 20000 && run_state(run) != state; i++) {
		usleep(5000);
		run_update(run);
	}
	assert_int_equal(run_state(run), state);
}

static inline void train_wait_step(struct run *run, uint64_t step)
{
	const struct run_point *points;
	size_t count = 0;

	for (int i = 0; i < 60000 && (i == 0 || run_state(run) != RUN_FAILED); i++) {
		points = run_points(run, &count);
		if (count > 0 && points[count - 1].step >= step)
			return;
		usleep(2000);
		run_update(run);
	}
	fail_msg("step %llu did not come", (unsigned long long)step);
}

static inline int train_end_of(pid_t child)
{
	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* Trains until a step is reached and stops there. */
static inline void train_until(struct train_folder *folder, const char *run, uint64_t step)
{
	struct error error = {0};
	struct trainer *trainer = train_start(folder, run, &error);
	struct run *reader;

	assert_non_null(trainer);
	reader = run_open(run, &error);
	train_wait_step(reader, step);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	run_update(reader);
	assert_int_equal(run_state(reader), RUN_STOPPED);
	run_close(reader);
}

/* The name of the newest checkpoint, which must verify. */
static inline uint64_t train_newest(const char *run, char name[CHECKPOINT_NAME])
{
	struct checkpoint_state state;

	assert_true(checkpoint_newest(run, name, &state, NULL));
	return state.step;
}

/* A run.json in `folder`, of a run of 100 steps, 50 an epoch, that nobody trains. */
static inline void train_write_record(const char *folder, double learning_rate, int64_t started)
{
	struct run_record record = {.data.path = "/data/reviews.csv", .model.path = "/models/base", .steps = 100,
	                            .steps_per_epoch = 50, .started = started};
	struct error error = {0};

	train_options_init(&record.options);
	if (learning_rate > 0)
		record.options.learning_rate = learning_rate;
	assert_true(run_record_write(folder, &record, &error));
}

#endif
