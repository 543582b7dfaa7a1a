/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: runs that are stopped, killed, damaged, or that find no room, go on to the bit. The program
 * starts itself as another process where one has to die. */
#include "tests/unit/train_check.h"

#include "engine/clock.h"
#include "engine/train/checkpoint.h"
#include "engine/train/journal.h"
#include "engine/train/record.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

/* The other process: "resume RUN [LIMIT]", LIMIT: no file may grow beyond so many bytes. */
static int other_process(int count, char **arguments)
{
	struct trainer *trainer;
	struct error error = {0};

	if (count > 3) {
		struct rlimit limit = {(rlim_t)strtoul(arguments[3], NULL, 10), RLIM_INFINITY};
		setrlimit(RLIMIT_FSIZE, &limit);
	}
	trainer = trainer_resume(arguments[2], NULL, &error);
	return trainer && trainer_join(trainer, &error) ? 0 : 1;
}

static pid_t start_other(const char *run, const char *limit)
{
	char *const arguments[] = {(char *)"test_resume", (char *)"resume", (char *)run, (char *)limit, NULL};
	pid_t child;

	assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ), 0);
	return child;
}

static int end_of(pid_t child)
{
	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* Trains until a step is reached and stops there. */
static void train_until(struct train_folder *folder, const char *run, uint64_t step)
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
static uint64_t newest(const char *run, char name[CHECKPOINT_NAME])
{
	struct checkpoint_state state;

	assert_true(checkpoint_newest(run, name, &state, NULL));
	return state.step;
}

static void a_stopped_run_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 6);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* Lines of a resumed run count on from where it was left, from the first one, and that one is dated. */
static void steps_and_times_of_the_log_go_on_after_a_resume(void **state)
{
	struct train_folder *folder = *state;
	double time = 0;
	size_t dates = 0;
	uint64_t step;
	char path[400], name[CHECKPOINT_NAME], line[2000];
	bool resumed = false;
	FILE *file;

	train_until(folder, folder->run, 6);
	step = newest(folder->run, name);
	train_resume_whole(folder->run);
	snprintf(path, sizeof path, "%s/metrics.jsonl", folder->run);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		struct journal_line parsed;

		journal_parse((struct span){line, strlen(line) - 1}, &parsed);
		double now = parsed.kind == JOURNAL_POINT        ? parsed.point.time
		             : parsed.kind == JOURNAL_EVALUATION ? parsed.evaluation.time
		                                                 : parsed.event.time;
		resumed = resumed || strstr(line, "\"is resumed\"");
		dates += parsed.kind == JOURNAL_EVENT && parsed.event.date[0] != '\0';
		assert_true(!resumed || now >= time);
		assert_true(!resumed || parsed.kind != JOURNAL_EVENT || parsed.event.step >= step);
		time = resumed || parsed.kind == JOURNAL_POINT ? now : time;
	}
	fclose(file);
	assert_true(resumed);
	assert_int_equal(dates, 5); /* starts, stopped, is resumed, goes on, finished */
}

static void a_run_whose_labels_come_in_another_order_is_not_gone_on_with(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	struct error error = {0};
	char *first;

	train_until(folder, folder->run, 2);
	assert_true(run_record_read(folder->run, &record, &error));
	first = record.labels[0];
	record.labels[0] = record.labels[1];
	record.labels[1] = first;
	assert_true(run_record_write(folder->run, &record, &error));
	run_record_free(&record);
	train_fails(trainer_resume(folder->run, NULL, &error), &error, ERROR_DATA, "the same in another order");
}

static void a_summary_knows_the_evaluations_of_before_and_after_a_resume(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct run_summary summary;
	const struct run_evaluation *evaluations;
	struct checkpoint_state reached;
	char name[CHECKPOINT_NAME];
	struct run *run;
	size_t count;

	train_until(folder, folder->run, 20); /* an epoch has 17 */
	train_resume_whole(folder->run);
	run = run_open(folder->run, &error);
	evaluations = run_evaluations(run, &count);
	assert_int_equal(count, 2);
	assert_true(checkpoint_newest(folder->run, name, &reached, NULL));
	assert_true(reached.last.step == 34 && reached.last.loss == evaluations[1].loss);
	assert_true(run_summary_read(folder->run, &summary, &error));
	assert_int_equal(summary.state, RUN_FINISHED);
	assert_int_equal(summary.step, 34);
	assert_true(summary.last.accuracy == evaluations[1].accuracy);
	assert_true(summary.best.accuracy == fmax(evaluations[0].accuracy, evaluations[1].accuracy));
	run_close(run);
}

static void accumulation_and_a_window_of_the_log_survive_a_stop(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "gradient-accumulation-steps", "3");
	train_set(&folder->options, "per-device-train-batch-size", "3");
	train_set(&folder->options, "logging-steps", "4");
	train_whole(folder, folder->run);
	train_until(folder, folder->other, 4);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void a_run_killed_at_any_moment_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;
	unsigned seed = (unsigned)getpid();
	struct error error = {0};
	struct trainer *trainer;
	int kills = 0;

	train_whole(folder, folder->run);
	trainer = train_start(folder, folder->other, &error);
	assert_non_null(trainer);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	for (int attempt = 0; attempt < 20; attempt++) {
		pid_t child = start_other(folder->other, NULL);
		seed = seed * 1103515245u + 12345u;
		usleep(10000 + (seed >> 16) % 300000);
		kill(child, SIGKILL);
		if (end_of(child) == 0)
			break;
		kills++;
	}
	assert_true(kills > 0);
	if (!train_has_event(folder->other, "finished"))
		train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* Killed behind the last checkpoint: no step is left to do, but the model was not written. */
static void a_run_killed_before_its_model_was_written_writes_it(void **state)
{
	struct train_folder *folder = *state;
	char path[400], *text, *last;
	struct error error = {0};
	size_t size;

	train_whole(folder, folder->run);
	train_whole(folder, folder->other);
	snprintf(path, sizeof path, "%s/model", folder->other);
	check_folder_remove(path);
	snprintf(path, sizeof path, "%s/metrics.jsonl", folder->other);
	text = file_read(path, 1 << 20, &size, &error);
	last = strstr(text, "\"finished\"");
	assert_non_null(last);
	assert_int_equal(truncate(path, last - text), 0);
	free(text);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* Damage */

enum damage { FLIPPED_BIT, CUT_IN_HALF, EMPTY, NO_STATE, CHANGED_STATE };

static void damage(const char *run, const char *name, enum damage kind)
{
	char path[500];
	const char *file = kind == NO_STATE || kind == CHANGED_STATE ? "state.json"
	                 : kind == CUT_IN_HALF                       ? "optimizer.safetensors"
	                                                             : "model.safetensors";
	struct stat status;
	char byte;
	int fd;

	snprintf(path, sizeof path, "%s/%s/%s", run, name, file);
	assert_int_equal(stat(path, &status), 0);
	if (kind == NO_STATE)
		assert_int_equal(unlink(path), 0);
	if (kind == CUT_IN_HALF || kind == EMPTY)
		assert_int_equal(truncate(path, kind == EMPTY ? 0 : status.st_size / 2), 0);
	if (kind != FLIPPED_BIT && kind != CHANGED_STATE)
		return;
	fd = open(path, O_RDWR);
	off_t at = kind == FLIPPED_BIT ? status.st_size - 9 : 40; /* 40: in the step's number or beside it */
	for (; kind == CHANGED_STATE; at++) {
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		if (byte >= '1' && byte <= '8')
			break;
	}
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte = (char)(byte ^ 1);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void a_damaged_newest_checkpoint_is_passed_over_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	for (int kind = FLIPPED_BIT; kind <= CHANGED_STATE; kind++) {
		char name[CHECKPOINT_NAME], good[CHECKPOINT_NAME], said[200];
		uint64_t step;
		check_folder_remove(folder->other);
		train_until(folder, folder->other, 10);
		step = newest(folder->other, name);
		damage(folder->other, name, (enum damage)kind);
		assert_true(newest(folder->other, good) < step);
		train_resume_whole(folder->other);
		snprintf(said, sizeof said, "%s is not used: ", name);
		assert_true(train_has_event(folder->other, said));
		snprintf(said, sizeof said, "goes on from %s", good);
		assert_true(train_has_event(folder->other, said));
		train_assert_same_curves(folder->run, folder->other);
		train_assert_same_weights(folder->run, folder->other);
	}
}

/* A checkpoint of an untrained model; the optimizer and model that it was made from are freed with end_small. */
struct small {
	struct model *model;
	struct optimizer optimizer;
	struct checkpoint_state state;
};

static void make_small(struct small *small, struct train_folder *folder)
{
	struct error error = {0};

	*small = (struct small){.state = {.step = 5, .seconds = 0.1, .total_loss = 1.0 / 3}};
	small->model = model_open(folder->model, &(struct model_options){.threads = 1}, NULL, &error);
	assert_non_null(small->model);
	assert_true(optimizer_init(&small->optimizer, small->model, &error));
	assert_true(folder_make(folder->run, &error));
	assert_true(checkpoint_write(folder->run, &small->state, &small->optimizer, 2, &error));
}

static void end_small(struct small *small)
{
	optimizer_free(&small->optimizer);
	model_close(small->model);
}

static void flip(const char *path, off_t at, int bit)
{
	int fd = open(path, O_RDWR);
	char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte = (char)(byte ^ (1 << bit));
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void a_flipped_bit_anywhere_is_seen(void **state)
{
	static const char *const files[] = {"state.json", "model.safetensors", "optimizer.safetensors"};
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	struct small small;

	make_small(&small, folder);
	for (size_t i = 0; i < 3; i++) {
		struct stat status;
		char path[400];
		snprintf(path, sizeof path, "%s/checkpoint-000005/%s", folder->run, files[i]);
		assert_int_equal(stat(path, &status), 0);
		for (off_t at = 0; at < status.st_size; at += i == 0 ? 1 : status.st_size / 40) {
			flip(path, at, (int)(at % 7));
			/* The last digit of a number that still reads as the same one is no damage. */
			if (checkpoint_verify(folder->run, "checkpoint-000005", &found, NULL))
				assert_true(i == 0 && found.step == 5 && found.seconds == 0.1 && found.total_loss == 1.0 / 3);
			flip(path, at, (int)(at % 7));
		}
	}
	assert_true(checkpoint_verify(folder->run, "checkpoint-000005", &found, NULL));
	end_small(&small);
}

/* Whatever the place where the disk is full, the checkpoint before it stays good. */
static void a_disk_that_fills_up_anywhere_costs_no_checkpoint(void **state)
{
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	char name[CHECKPOINT_NAME];
	struct small small;

	make_small(&small, folder);
	small.state.step = 6;
	for (rlim_t limit = 0; limit < 60000; limit += 3000) {
		pid_t child = fork();
		if (child == 0) {
			struct error error = {0};
			signal(SIGXFSZ, SIG_IGN);
			setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
			checkpoint_write(folder->run, &small.state, &small.optimizer, 1, &error);
			_exit(0);
		}
		assert_int_equal(end_of(child), 0);
		assert_true(checkpoint_newest(folder->run, name, &found, NULL));
		assert_true(found.step == 5 || found.step == 6);
		if (limit == 0)
			assert_int_equal(found.step, 5);
	}
	assert_int_equal(found.step, 6);
	end_small(&small);
}

static void without_any_good_checkpoint_a_run_starts_again(void **state)
{
	struct train_folder *folder = *state;
	char name[CHECKPOINT_NAME];
	struct checkpoint_state found;

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 10);
	while (checkpoint_newest(folder->other, name, &found, NULL))
		damage(folder->other, name, FLIPPED_BIT);
	train_resume_whole(folder->other);
	assert_true(train_has_event(folder->other, "there is no checkpoint to go on from"));
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void so_many_checkpoints_are_kept_as_were_asked_for(void **state)
{
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	char name[CHECKPOINT_NAME], path[400];

	train_set(&folder->options, "save-total-limit", "3");
	train_whole(folder, folder->run);
	assert_int_equal(newest(folder->run, name), 34);
	assert_true(checkpoint_verify(folder->run, "checkpoint-000032", &found, NULL));
	assert_true(checkpoint_verify(folder->run, "checkpoint-000028", &found, NULL));
	snprintf(path, sizeof path, "%s/checkpoint-000024", folder->run);
	assert_false(file_exists(path));
	train_set(&folder->options, "save-total-limit", "1");
	train_whole(folder, folder->other);
	assert_int_equal(newest(folder->other, name), 34);
	snprintf(path, sizeof path, "%s/checkpoint-000032", folder->other);
	assert_false(file_exists(path));
}

static void data_or_a_model_that_changed_is_told(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_until(folder, folder->run, 2);
	train_until(folder, folder->other, 2);
	train_write_reviews(folder->data, 151, "negative", "positive");
	train_fails(trainer_resume(folder->run, NULL, &error), &error, ERROR_DATA, "the data changed since the run began");
	train_write_reviews(folder->data, 150, "negative", "positive");
	train_write_model(folder->model, folder->path, 0.2f);
	train_fails(trainer_resume(folder->run, NULL, &error), &error, ERROR_DATA, "the model changed since the run began");
	train_write_model(folder->model, folder->path, 0.1f);
	train_resume_whole(folder->run);
}

/* Numbers that are not finite */

static void poison(const char *folder)
{
	struct error error = {0};
	struct model *model = model_open(folder, &(struct model_options){.threads = 1}, NULL, &error);
	struct parameter *parameter = model_parameter(model, 4);
	struct backend *backend = model_backend(model);
	const float huge = 3e38f; /* finite in the file, too large for the products that follow */

	backend->ops->upload(backend, parameter->value, &huge, sizeof huge);
	assert_true(model_save(model, folder, &error));
	model_close(model);
}

static void a_loss_that_is_not_finite_ends_the_run_and_names_the_step(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct checkpoint_state found;
	char name[CHECKPOINT_NAME];
	struct run *run;

	poison(folder->model);
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "step 1: the loss is not finite");
	run = run_open(folder->run, NULL);
	assert_int_equal(run_state(run), RUN_FAILED);
	run_close(run);
	assert_false(checkpoint_newest(folder->run, name, &found, NULL));
}

static void weights_that_are_not_finite_are_never_saved(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct model *model = model_open(folder->model, &(struct model_options){.threads = 1}, NULL,
	                                 &error);
	struct backend *backend = model_backend(model);
	struct checkpoint_state good = {.step = 5}, found;
	struct optimizer optimizer;
	const float infinite = -INFINITY;
	char name[CHECKPOINT_NAME];

	assert_true(folder_make(folder->run, &error));
	assert_true(optimizer_init(&optimizer, model, &error));
	assert_true(checkpoint_write(folder->run, &good, &optimizer, 1, &error));
	backend->ops->upload(backend, model_parameter(model, 3)->value, &infinite, sizeof infinite);
	good.step = 6;
	assert_false(checkpoint_write(folder->run, &good, &optimizer, 1, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "not finite"));
	assert_true(checkpoint_newest(folder->run, name, &found, NULL));
	assert_int_equal(found.step, 5);
	optimizer_free(&optimizer);
	model_close(model);
}

/* No room */

static void a_full_disk_pauses_the_run_and_it_goes_on_when_there_is_room(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct run *run;
	pid_t child;

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 2);
	child = start_other(folder->other, "20000");
	run = run_open(folder->other, &error);
	train_wait_state(run, RUN_PAUSED);
	assert_non_null(strstr(run_message(run), "paused: "));
	assert_non_null(strstr(run_message(run), "File too large"));
	assert_int_equal(run_pid(run), child);
	assert_int_equal(prlimit(child, RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}, NULL), 0);
	assert_true(run_send(folder->other, "resume", &error));
	assert_int_equal(end_of(child), 0);
	run_update(run);
	assert_int_equal(run_state(run), RUN_FINISHED);
	run_close(run);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void a_run_that_waits_for_room_can_be_stopped_and_loses_nothing(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char name[CHECKPOINT_NAME];
	struct run *run;
	uint64_t step;
	double start;
	pid_t child;

	train_until(folder, folder->run, 2);
	step = newest(folder->run, name);
	child = start_other(folder->run, "20000");
	run = run_open(folder->run, &error);
	train_wait_state(run, RUN_PAUSED);
	start = clock_seconds();
	assert_true(run_send(folder->run, "stop", &error));
	assert_int_not_equal(end_of(child), 0);
	assert_true(clock_seconds() - start < 2);
	run_close(run);
	assert_int_equal(newest(folder->run, name), step);
	train_resume_whole(folder->run);
}

/* Commands */

static void a_second_trainer_is_told_who_is_at_work(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer;
	char pid[40];

	/* Long enough to be at work still when the second one has waited for the lock. */
	train_set(&folder->options, "num-train-epochs", "2000");
	train_set(&folder->options, "save-steps", "0");
	trainer = train_start(folder, folder->run, &error);
	assert_non_null(trainer);
	assert_null(train_start(folder, folder->run, &error));
	snprintf(pid, sizeof pid, "is in use by pid %d on ", (int)getpid());
	assert_non_null(strstr(error.text, pid));
	assert_null(trainer_resume(folder->run, NULL, &error));
	assert_non_null(strstr(error.text, pid));
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
}

static void the_socket_pauses_saves_resumes_and_stops(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer;
	struct run *run;
	char name[CHECKPOINT_NAME];
	size_t before, after;

	train_set(&folder->options, "num-train-epochs", "2000");
	train_set(&folder->options, "save-steps", "0");
	trainer = train_start(folder, folder->run, &error);
	run = run_open(folder->run, &error);
	train_wait_step(run, 3);
	assert_true(run_send(folder->run, "pause", &error));
	train_wait_state(run, RUN_PAUSED);
	run_points(run, &before);
	assert_true(run_send(folder->run, "save", &error));
	for (int i = 0; i < 1000 && !strstr(run_message(run), "written"); i++) {
		usleep(5000);
		run_update(run);
	}
	assert_int_equal(newest(folder->run, name), before);
	assert_int_equal(run_state(run), RUN_PAUSED);
	run_points(run, &after);
	assert_int_equal(before, after);
	assert_true(run_send(folder->run, "resume", &error));
	train_wait_state(run, RUN_LIVE);
	train_wait_step(run, before + 2);
	assert_true(run_send(folder->run, "stop", &error));
	assert_true(trainer_join(trainer, &error));
	assert_non_null(strstr(error.text, "revue train --resume"));
	run_update(run);
	run_points(run, &after);
	assert_int_equal(newest(folder->run, name), after);
	assert_int_equal(run_state(run), RUN_STOPPED);
	run_close(run);
}

static void a_pause_does_not_count_as_time(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer = train_start(folder, folder->run, &error);
	struct run *run = run_open(folder->run, &error);
	const struct run_point *points;
	size_t count;
	double start;

	start = clock_seconds();
	train_wait_step(run, 2);
	trainer_pause(trainer);
	train_wait_state(run, RUN_PAUSED);
	usleep(700000);
	trainer_continue(trainer);
	assert_true(trainer_join(trainer, &error));
	start = clock_seconds() - start;
	run_update(run);
	points = run_points(run, &count);
	assert_true(points[count - 1].time < start - 0.6);
	run_close(run);
}

/* A stop at moments all over the first part of a run: reading, tokenising, steps, evaluation, saving. */
static void a_stop_is_obeyed_at_once_in_every_phase(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_write_reviews(folder->data, 3000, "negative", "positive");
	train_set(&folder->options, "max-train-samples", "400");
	for (unsigned wait = 0; wait < 400000; wait += 23000) {
		struct trainer *trainer = wait == 0 ? train_start(folder, folder->run, &error)
		                                    : trainer_resume(folder->run, NULL, &error);
		double start;
		if (!trainer && strstr(error.text, "has finished"))
			return;
		assert_non_null(trainer);
		usleep(wait);
		start = clock_seconds();
		trainer_stop(trainer);
		assert_true(trainer_join(trainer, &error));
		assert_true(clock_seconds() - start < 1.5);
	}
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_stopped_run_goes_on_to_the_bit),
		TRAIN(steps_and_times_of_the_log_go_on_after_a_resume),
		TRAIN(a_run_whose_labels_come_in_another_order_is_not_gone_on_with),
		TRAIN(a_summary_knows_the_evaluations_of_before_and_after_a_resume),
		TRAIN(accumulation_and_a_window_of_the_log_survive_a_stop),
		TRAIN(a_run_killed_at_any_moment_goes_on_to_the_bit),
		TRAIN(a_run_killed_before_its_model_was_written_writes_it),
		TRAIN(a_damaged_newest_checkpoint_is_passed_over_and_that_is_said),
		TRAIN(a_flipped_bit_anywhere_is_seen),
		TRAIN(a_disk_that_fills_up_anywhere_costs_no_checkpoint),
		TRAIN(without_any_good_checkpoint_a_run_starts_again),
		TRAIN(so_many_checkpoints_are_kept_as_were_asked_for),
		TRAIN(data_or_a_model_that_changed_is_told),
		TRAIN(a_loss_that_is_not_finite_ends_the_run_and_names_the_step),
		TRAIN(weights_that_are_not_finite_are_never_saved),
		TRAIN(a_full_disk_pauses_the_run_and_it_goes_on_when_there_is_room),
		TRAIN(a_run_that_waits_for_room_can_be_stopped_and_loses_nothing),
		TRAIN(a_second_trainer_is_told_who_is_at_work),
		TRAIN(the_socket_pauses_saves_resumes_and_stops),
		TRAIN(a_pause_does_not_count_as_time),
		TRAIN(a_stop_is_obeyed_at_once_in_every_phase),
	};

	if (count > 2)
		return other_process(count, arguments);
	return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
