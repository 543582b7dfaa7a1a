/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every pair of options: a training with both ends well, or is refused in a line that names them. */
#include "tests/unit/train_check.h"

#include "engine/dialect.h"


#define SETTINGS_MAX 4

/* What a choice of a user comes to: an option, and those without which it says nothing. */
static const char *const rows[][SETTINGS_MAX] = {
	{"num-train-epochs=0.3"},
	{"learning-rate=1e-3"},
	{"per-device-train-batch-size=3"},
	{"max-length=8"},
	{"validation=7"},
	{"seed=5"},
	{"problem-type=multi_label_classification"},
	{"truncation=tail"},
	{"truncation=head+tail", "head-tokens=2", "max-length=8"},
	{"truncation=windows", "stride=0.5", "pooling=max", "max-length=6"},
	{"truncation=windows", "max-windows=2", "max-length=6"},
	{"max-train-samples=20"},
	{"max-eval-samples=5"},
	{"exclude=@few.csv"},
	{"split=sklearn", "stratify=true", "split-seed=3"},
	{"split=datasets", "shuffle-train-dataset=true"},
	{"split=torch"},
	{"gradient-accumulation-steps=2"},
	{"max-steps=3"},
	{"warmup-steps=2"},
	{"warmup-ratio=0.5"},
	{"lr-scheduler-type=cosine_with_restarts", "lr-scheduler-kwargs=num_cycles=2"},
	{"lr-scheduler-type=constant"},
	{"lr-scheduler-type=reduce_lr_on_plateau"},
	{"lr-scheduler-type=exponential", "lr-scheduler-kwargs=lr_start=1e-6"},
	{"train-sampling-strategy=group_by_length"},
	{"data-seed=9"},
	{"optim=sgd", "optim-args=momentum=0.9"},
	{"optim=lion"},
	{"optim=adafactor"},
	{"adam-beta1=0.8"},
	{"adam-beta2=0.99"},
	{"adam-epsilon=1e-6"},
	{"weight-decay=0.1"},
	{"max-grad-norm=0.5"},
	{"probe=a good film", "probe=a bad film"},
	{"save-dtype=float16"},
	{"layerwise-lr-decay=0.8"},
	{"freeze=embeddings"},
	{"freeze-layers=0"},
	{"fp16=true"},
	{"bf16=true"},
	{"fp16-full-eval=true"},
	{"bf16-full-eval=true"},
	{"tf32=true"},
	{"label-smoothing-factor=0.1"},
	{"class-weights=balanced"},
	{"neftune-noise-alpha=5"},
	{"task=masked_lm"},
	{"task=masked_lm", "mlm-probability=0.4", "whole-word-mask=false"},
	{"teacher=@teacher"},
	{"teacher=@teacher", "distillation-temperature=4", "distillation-alpha=0.9"},
	{"teacher=@teacher", "teacher-labels=hard", "unlabelled=@reviews.csv"},
	{"teacher=@teacher", "distill-attention=1", "distill-hidden=0.1", "relation-heads=4"},
	{"teacher=@teacher", "distill-hidden=0.1", "hidden-loss=relations"},
	{"teacher=@teacher", "distill-attention=0.5", "attention-loss=tinybert"},
	{"word-dropout=0.2"},
	{"augment-excerpts=true", "max-length=6"},
	{"eval-strategy=no"},
	{"eval-strategy=steps", "eval-steps=2"},
	{"eval-delay=1"},
	{"eval-on-start=true"},
	{"save-strategy=no"},
	{"save-strategy=steps", "save-steps=2", "save-total-limit=1"},
	{"save-strategy=best", "metric-for-best-model=f1", "greater-is-better=true"},
	{"load-best-model-at-end=true"},
	{"early-stopping-patience=1", "early-stopping-threshold=0.01"},
	{"lora-r=2", "lora-alpha=4", "lora-dropout=0.1", "use-rslora=true"},
	{"lora-r=2", "target-modules=all-linear", "modules-to-save=pooler", "bias=all"},
	{"lora-r=2", "save-adapter=true"},
	{"lora-r=2", "load-in-4bit=true", "bnb-4bit-quant-type=nf4"},
	{"lora-r=2", "load-in-4bit=true", "bnb-4bit-use-double-quant=true", "bnb-4bit-compute-dtype=float16"},
	{"logging-strategy=epoch"},
	{"logging-steps=2", "logging-first-step=true"},
	{"baseline=false"},
	{"threads=2"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* Of so many pairs one is tried: all take three minutes, and under a sanitizer five times as long. REVUE_PAIRS_EACH says another
 * number, 1 for all (make check-combinations). Each row by itself is tried whatever it says. */
static int pairs_each(void)
{
	const char *each = getenv("REVUE_PAIRS_EACH");
	const long said = each ? strtol(each, NULL, 10) : 0;

#ifdef __SANITIZE_ADDRESS__
	return said > 0 ? (int)said : 12;
#else
	return said > 0 ? (int)said : 3;
#endif
}

/* Those that say where and how the data is read, and by what: none is about the training. */
static bool is_elsewhere(const struct option_row *row)
{
	static const char *const names[] = {"text-column", "label-column", "corrections", "device"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(row->name, names[i]) == 0)
			return true;
	return dialect_find(row->name) >= 0;
}

static bool sets(const char *setting, const char *name)
{
	size_t size = strlen(name);

	return strncmp(setting, name, size) == 0 && setting[size] == '=';
}

static bool row_sets(int row, const char *name)
{
	for (int i = 0; i < SETTINGS_MAX && rows[row][i]; i++)
		if (sets(rows[row][i], name))
			return true;
	return false;
}

static void every_option_is_in_some_row(void **state)
{
	(void)state;
	for (int option = 0; option < train_option_count; option++) {
		const struct option_row *wanted = &train_option_rows[option];
		bool found = is_elsewhere(wanted);

		for (int row = 0; row < ROWS && !found; row++)
			found = row_sets(row, wanted->name);
		if (!found)
			fail_msg("--%s is in no row of the combinations", wanted->name);
	}
}

/* "@NAME" is a file of the folder. */
static void set_value(struct train_folder *folder, const char *name, const char *value)
{
	char path[400];

	snprintf(path, sizeof path, "%s/%s", folder->path, value + 1);
	train_set(&folder->options, name, value[0] == '@' ? path : value);
}

/* False: the other row says otherwise. */
static bool apply(struct train_folder *folder, int row, int other)
{
	for (int i = 0; i < SETTINGS_MAX && rows[row][i]; i++) {
		const char *setting = rows[row][i], *value = strchr(setting, '=') + 1;
		char name[64];

		snprintf(name, sizeof name, "%.*s", (int)(value - setting - 1), setting);
		for (int k = 0; other >= 0 && k < SETTINGS_MAX && rows[other][k]; k++)
			if (sets(rows[other][k], name) && strcmp(rows[other][k], setting) != 0)
				return false;
		set_value(folder, name, value);
	}
	return true;
}

/* Whether the line names an option of the row. */
static bool names(const char *text, int row)
{
	for (int i = 0; i < SETTINGS_MAX && rows[row][i]; i++) {
		char name[64];

		snprintf(name, sizeof name, "--%.*s", (int)strcspn(rows[row][i], "="), rows[row][i]);
		if (strstr(text, name))
			return true;
	}
	return false;
}

static void describe(char out[400], int a, int b)
{
	size_t used = 0;

	for (int k = 0; k < 2; k++)
		for (int i = 0; i < SETTINGS_MAX && rows[k ? b : a][i]; i++)
			used += (size_t)snprintf(out + used, 400 - used, "--%s ", rows[k ? b : a][i]);
}

/* The model that it leaves can be opened as any other. */
static void check_result(const struct train_folder *folder, const char *what)
{
	struct error error = {0};
	const bool labels = train_options_need_labels(&folder->options);
	struct model *model = model_open(folder->run, &(struct model_options){.head_needed = labels, .masked_lm = !labels}, NULL, &error);

	if (!model)
		fail_msg("%s: %s", what, error.text);
	model_close(model);
}

/* 1: it ended well, 0: it was refused in a line that names both, -1: neither. */
static int try_pair(struct train_folder *folder, int a, int b)
{
	struct error error = {0};
	char what[400], command[700];
	struct trainer *trainer;
	int done, again = 0;

	describe(what, a, b);
	snprintf(folder->run, sizeof folder->run, "%s/run-%d-%d", folder->path, a, b);
	do { /* on a machine that is short of memory for a moment it is tried again */
		error = (struct error){0};
		trainer = train_start(folder, folder->run, &error);
		done = trainer && trainer_join(trainer, &error) && error.kind == ERROR_NONE;
	} while (!done && strstr(error.text, " are free") && ++again < 3);
	if (done)
		check_result(folder, what);
	else if (error.kind != ERROR_USAGE || !names(error.text, a) || !names(error.text, b)) {
		print_message("%s: %s\n", what, error.text);
		done = -1;
	}
	snprintf(command, sizeof command, "rm -rf '%s'", folder->run);
	assert_int_equal(system(command), 0);
	return done;
}

static void every_pair_ends_well_or_is_refused_by_name(void **state)
{
	struct train_folder *folder = *state;
	const struct train_options plain = folder->options;
	int counts[3] = {0}, *count = counts + 1, pairs = 0;
	const int each = pairs_each();
	char teacher[400], few[400];

	snprintf(few, sizeof few, "%s/few.csv", folder->path);
	train_write_reviews(few, 4, "negative", "positive"); /* the first four of the data */
	snprintf(teacher, sizeof teacher, "%s/teacher", folder->path);
	train_write_teacher(teacher, folder->path, "positive", "negative");
	for (int a = 0; a < ROWS; a++)
		for (int b = a; b < ROWS; b++) {
			folder->options = plain;
			train_set(&folder->options, "num-train-epochs", "0.6");
			if (!apply(folder, a, b) || !apply(folder, b, -1) || (pairs++ % each != 0 && a != b))
				continue;
			count[try_pair(folder, a, b)]++;
		}
	print_message("%d pairs ended well, %d were refused\n", count[1], count[0]);
	assert_int_equal(count[-1], 0);
	assert_true(count[1] > 1000 / each && (each > 1 || count[0] > 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_is_in_some_row),
		cmocka_unit_test_setup_teardown(every_pair_ends_well_or_is_refused_by_name, train_setup, train_teardown),
	};

	/* Thousands of short trainings wait for the disk alone, where there is one. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	return cmocka_run_group_tests_name("combinations", tests, NULL, NULL);
}
