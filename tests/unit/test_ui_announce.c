/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/plain/announce.c: what of a training is said, and how often. */
#include "tests/unit/check.h"

#include "ui/plain/announce.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define EVERY 20

struct folder {
	char path[256];
	struct run *run;
	struct announcer announcer;
	int lock;
	char said[ANNOUNCE_MAX];
};

static void put(const struct folder *folder, const char *name, const char *text)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	file = fopen(path, "a");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void add_step(const struct folder *folder, int step, const char *loss)
{
	char line[256];

	snprintf(line, sizeof line, "{\"type\":\"step\",\"step\":%d,\"epoch\":%g,\"time\":%d,\"loss\":%s,\"learning_rate\":1e-5,"
	         "\"grad_norm\":1,\"tokens_per_second\":900}\n", step, step / 50.0, step, loss);
	put(folder, "metrics.jsonl", line);
}

static void add_evaluation(const struct folder *folder, int step, double accuracy)
{
	char line[256];

	snprintf(line, sizeof line, "{\"type\":\"evaluation\",\"step\":%d,\"epoch\":%g,\"time\":%d,\"loss\":0.61,\"accuracy\":%g,\"f1\":0.5}\n",
	         step, step / 50.0, step, accuracy);
	put(folder, "metrics.jsonl", line);
}

static void add_event(const struct folder *folder, int step, const char *state, const char *text)
{
	char line[256];

	snprintf(line, sizeof line, "{\"type\":\"event\",\"step\":%d,\"time\":%d,\"state\":\"%s\",\"text\":\"%s\"}\n", step, step, state, text);
	put(folder, "metrics.jsonl", line);
}

/* Whether something is said at this time of what stands in the log by now. */
static bool says(struct folder *folder, double now, int every)
{
	run_update(folder->run);
	return announce_next(&folder->announcer, folder->run, 1, true, now, every, folder->said);
}

static void begin(struct folder *folder, const char *report)
{
	struct error error = {0};
	char path[300], json[700];

	*folder = (struct folder){0};
	check_folder(folder->path, sizeof folder->path);
	snprintf(json, sizeof json, "{\"format\": 1, \"data\": {\"path\": \"a\"}, \"model\": {\"path\": \"b\"}, \"validation\": {\"path\": \"\"},"
	         " \"options\": {}, \"labels\": [\"x\", \"y\"], \"steps\": 120, \"steps_per_epoch\": 50%s}", report);
	put(folder, "run.json", json);
	put(folder, "metrics.jsonl", "");
	snprintf(path, sizeof path, "%s/lock", folder->path);
	folder->lock = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(folder->lock >= 0);
	assert_int_equal(flock(folder->lock, LOCK_EX), 0); /* as whoever trains holds it */
	add_event(folder, 0, "running", "starts");
	folder->run = run_open(folder->path, &error);
	assert_non_null(folder->run);
	if (!*report)
		assert_false(says(folder, 0, EVERY));
}

static void end(struct folder *folder)
{
	run_close(folder->run);
	close(folder->lock);
	check_folder_remove(folder->path);
}

static void how_far_it_is_is_said_as_seldom_as_was_asked_for(void **state)
{
	struct folder folder;

	(void)state;
	begin(&folder, "");
	add_step(&folder, 1, "0.7");
	assert_false(says(&folder, 1, EVERY));
	assert_false(says(&folder, EVERY - 1, EVERY));
	assert_true(says(&folder, EVERY, EVERY));
	assert_non_null(strstr(folder.said, "Step 1 of 120: loss 0.7"));
	assert_false(says(&folder, EVERY + 1, EVERY));
	assert_false(says(&folder, 10 * EVERY, 0));
	end(&folder);
}

static void an_evaluation_is_said_sooner_and_the_best_is_called_so(void **state)
{
	struct folder folder;

	(void)state;
	begin(&folder, "");
	add_step(&folder, 40, "0.52");
	add_evaluation(&folder, 40, 0.75);
	assert_false(says(&folder, 1, EVERY));
	assert_true(says(&folder, EVERY / 4, EVERY));
	assert_string_equal(folder.said, "Step 40 of 120: loss 0.52; validation loss 0.61, accuracy 75 percent.");
	add_evaluation(&folder, 50, 0.81);
	assert_true(says(&folder, EVERY / 2, EVERY));
	assert_non_null(strstr(folder.said, "accuracy 81 percent, the best so far."));
	add_evaluation(&folder, 60, 0.8);
	assert_true(says(&folder, EVERY, EVERY));
	assert_null(strstr(folder.said, "best"));
	end(&folder);
}

static void what_goes_wrong_is_said_at_once_and_once(void **state)
{
	struct folder folder;

	(void)state;
	begin(&folder, ", \"report\": {\"lines\": [\"all is well\"], \"warnings\": [\"two texts repeat\"]}");
	assert_true(says(&folder, 0, 0));
	assert_string_equal(folder.said, "Warning: two texts repeat.");
	assert_false(says(&folder, 0, 0));
	add_step(&folder, 7, "null");
	assert_true(says(&folder, 0, 0));
	assert_non_null(strstr(folder.said, "no number at step 7"));
	add_step(&folder, 8, "null");
	assert_false(says(&folder, 0, 0));
	end(&folder);
}

static void pauses_and_the_end_are_said_at_once(void **state)
{
	struct folder folder;

	(void)state;
	begin(&folder, "");
	add_step(&folder, 50, "0.4");
	add_event(&folder, 50, "paused", "paused after step 50");
	assert_true(says(&folder, 0, 0));
	assert_string_equal(folder.said, "The training is paused.");
	add_event(&folder, 50, "running", "goes on");
	assert_true(says(&folder, 0, 0));
	assert_string_equal(folder.said, "The training goes on.");
	add_step(&folder, 120, "0.3");
	add_evaluation(&folder, 120, 0.9);
	add_event(&folder, 120, "finished", "finished: the model is in r/model");
	assert_int_equal(flock(folder.lock, LOCK_UN), 0);
	assert_true(says(&folder, 0, 0));
	assert_string_equal(folder.said, "Training finished after 120 steps: validation loss 0.61, accuracy 90 percent, F1 0.5; the model is in "
	                                 "r/model.");
	assert_false(says(&folder, 100, EVERY));
	end(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_far_it_is_is_said_as_seldom_as_was_asked_for),
		cmocka_unit_test(an_evaluation_is_said_sooner_and_the_best_is_called_so),
		cmocka_unit_test(what_goes_wrong_is_said_at_once_and_once),
		cmocka_unit_test(pauses_and_the_end_are_said_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
