/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_teach.h"

#include "engine/base/json.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"
#include "engine/teach/teacher.h"
#include "engine/teach/teacher_wish.h"
#include "engine/train/options/inside_options.h"
#include "engine/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The texts of the examples, in their order. */
struct example_texts {
	const struct training *training;
	struct dataset *dataset;
	const struct unlabelled *unlabelled;
	struct row *row;
};

/* The file that it comes from. */
static struct dataset *source_of(const struct example_texts *texts, uint32_t index)
{
	struct dataset *dataset = texts->dataset;

	for (int i = texts->unlabelled->count - 1; i >= 0 && index >= texts->unlabelled->labelled; i--)
		if (index < texts->unlabelled->ends[i])
			dataset = texts->unlabelled->datasets[i];
	return dataset;
}

static bool read_text(void *context, uint32_t index, struct span *text, struct error *error)
{
	const struct example_texts *texts = context;

	if (!dataset_read(source_of(texts, index), texts->training->to_train.numbers[index], texts->row, error))
		return false;
	*text = texts->row->text;
	return true;
}

/* What run.json has of before, and what there is now. */

static bool add_hash(json_t *list, const char *hash)
{
	return json_array_append_new(list, json_string(hash)) == 0;
}

/* Whether the source with that number is the one that the run began with. */
static bool check_hash(const struct training *training, const char *list, int number, const char *hash, const char *option,
                       const char *path, struct error *error)
{
	const json_t *before = json_array_get(json_object_get(training->record.teaching, list), (size_t)number);

	RETURN_IF(before && (!json_is_string(before) || strcmp(json_string_value(before), hash) != 0), error, ERROR_DATA,
	          "%s: --%s %s changed since the run began: put it back, or start a new run", training->run, option, path);
	return true;
}

static void hash_targets(const struct soft_targets *targets, char out[65])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, targets->count * (size_t)targets->labels * sizeof *targets->probabilities,
	              (const uint8_t *)targets->probabilities);
	sha256_hex(&context, out);
}

/* What a device computed and what another one did may differ in the last bit. */
static bool note_teaching(struct training *training, json_t *teaching, struct error *error)
{
	const char *before = json_string_value(json_object_get(training->record.teaching, "answers"));
	char hash[65];

	hash_targets(&training->teaching.targets, hash);
	if (before && strcmp(before, hash) != 0 && training->checkpoint[0])
		training_event(training, JOURNAL_NOTE, "the teachers' answers are not to the bit those that the run began with, which are "
		               "no longer kept: another device, or another version, computed them");
	if (json_object_set_new(teaching, "answers", json_string(hash)) != 0)
		return error_memory(error, "noting the teachers");
	json_decref(training->record.teaching);
	training->record.teaching = json_incref(teaching);
	return true;
}

static bool note_files(const struct training *training, const struct unlabelled *unlabelled, json_t *teaching,
                       struct error *error)
{
	json_t *list = json_object_get(teaching, "unlabelled");

	for (int i = 0; i < unlabelled->count; i++) {
		if (!check_hash(training, "unlabelled", i, unlabelled->hashes[i], "unlabelled", dataset_path(unlabelled->datasets[i]),
		                error))
			return false;
		if (!add_hash(list, unlabelled->hashes[i]))
			return error_memory(error, "noting the files without labels");
	}
	return true;
}

/* One teacher */

static void tell(struct training *training, const struct teacher *teacher, const char *path)
{
	const char *kept = answers_path(&teacher->answers);

	if (teacher->damaged)
		training_event(training, JOURNAL_NOTE, "teacher %s: what was kept of its answers is damaged, and made anew: %s", path,
		               kept);
	if (teacher->unkept.kind)
		training_event(training, JOURNAL_NOTE, "teacher %s: its answers cannot be kept, and are asked for again next time: %s",
		               path, teacher->unkept.text);
	if (*kept && !teacher->unkept.kind)
		training_first_note(training, "teacher %s: %s answers were there, %s asked for in %s; kept in %s (%s)", path,
		                    words_count(teacher->kept).text, words_count(teacher->asked).text,
		                    words_duration(teacher->seconds).text, kept, words_bytes(answers_bytes(&teacher->answers)).text);
	else
		training_first_note(training, "teacher %s: %s answers in %s; they are not kept", path, words_count(teacher->asked).text,
		                    words_duration(teacher->seconds).text);
}

/* Where it answered its inside is imitated, too; the rows may be another share of the same teacher's. Takes `answered`. */
static void imitate_there(struct training_teaching *teaching, bool *answered)
{
	for (uint64_t i = 0; teaching->imitated && i < teaching->texts; i++)
		answered[i] = answered[i] || teaching->imitated[i];
	free(teaching->imitated);
	teaching->imitated = answered;
}

/* `inside`: it is the one whose inside is imitated. */
static bool ask(struct training *training, struct teacher *teacher, const struct teacher_texts *texts, const struct teacher_wish *wish,
                bool inside, struct error *error)
{
	struct training_teaching *teaching = &training->teaching;
	float *logits = size_calloc((size_t)texts->count * (size_t)teaching->targets.labels, sizeof *logits);
	bool *answered = size_calloc(texts->count, sizeof *answered);
	const bool done = ((logits && answered) || error_memory(error, "asking a teacher")) &&
	                  teacher_ask(teacher, texts, wish->lengths, logits, answered, &training->progress, error);

	if (done)
		soft_targets_add(&teaching->targets, logits, answered, wish->weight);
	if (done && inside)
		imitate_there(teaching, answered);
	else
		free(answered);
	free(logits);
	teaching->kept += teacher->kept;
	teaching->asked += teacher->asked;
	teaching->seconds += teacher->seconds;
	return done;
}

static bool learn_from(struct training *training, const struct teacher_wish *wish, int number, bool inside,
                       const struct teacher_texts *texts, json_t *hashes, struct error *error)
{
	const struct teacher_options options = {device_find(training->record.options.device), (int)training->record.options.threads};
	struct teacher teacher = {0};
	bool done = teacher_open(&teacher, wish->path, &options, training->model, &training->progress, error) &&
	            check_hash(training, "teachers", number, teacher.hash, "teacher", wish->path, error) &&
	            (add_hash(hashes, teacher.hash) || error_memory(error, "noting the teachers")) &&
	            ask(training, &teacher, texts, wish, inside, error);

	if (done)
		tell(training, &teacher, wish->path);
	teacher_close(&teacher);
	return done;
}

static bool learn_from_all(struct training *training, const struct teacher_texts *texts, json_t *teaching, struct error *error)
{
	struct teacher_wish *wishes = size_calloc(TEACHERS_MAX, sizeof *wishes);
	const int count = wishes ? teacher_wishes(training->record.options.teacher, wishes, error) : 0;
	const int inside = inside_options_which(&training->record.options, wishes, count);
	bool done = count > 0 || (!wishes && error_memory(error, "asking a teacher"));

	for (int i = 0; done && i < count; i++)
		done = learn_from(training, &wishes[i], i, inside >= 0 && strcmp(wishes[i].path, wishes[inside].path) == 0, texts,
		                  json_object_get(teaching, "teachers"), error);
	training->teaching.teachers = count;
	free(wishes);
	return done;
}

/* All of them */

static bool begin_targets(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	const struct model_config *config = model_config(training->model);
	struct soft_targets *targets = &training->teaching.targets;

	targets->hard = strcmp(options->teacher_labels, "hard") == 0;
	targets->temperature = targets->hard ? 1.0f : (float)options->distillation_temperature;
	targets->alpha = (float)options->distillation_alpha;
	targets->independent = config->independent_labels;
	return soft_targets_init(targets, training->to_train.count, config->num_labels, error);
}

/* That ranges of words left no text without a teacher. */
static bool check_taught(const struct example_texts *texts, const struct soft_targets *targets, struct error *error)
{
	const size_t missing = soft_targets_missing(targets);

	RETURN_IF(missing < targets->count, error, ERROR_USAGE,
	          "--teacher: none is asked about texts as long as that in row %" PRIu64 " of %s: let the ranges of words meet",
	          (uint64_t)texts->training->to_train.numbers[missing] + 1, dataset_path(source_of(texts, (uint32_t)missing)));
	return true;
}

static bool teach(struct training *training, struct example_texts *texts, json_t *teaching, struct error *error)
{
	const struct teacher_texts asked = {read_text, texts, training->to_train.count};
	struct soft_targets *targets = &training->teaching.targets;

	training->teaching.texts = asked.count;
	if (!note_files(training, texts->unlabelled, teaching, error) || !begin_targets(training, error) ||
	    !learn_from_all(training, &asked, teaching, error))
		return false;
	if (!check_taught(texts, targets, error))
		return false;
	soft_targets_finish(targets);
	training->to_train.soft = &training->teaching.targets;
	return note_teaching(training, teaching, error);
}

bool training_teach(struct training *training, struct dataset *dataset, const struct unlabelled *unlabelled, struct error *error)
{
	struct example_texts texts = {.training = training, .dataset = dataset, .unlabelled = unlabelled};
	json_t *teaching;
	bool done;

	if (!training->record.options.teacher[0])
		return true;
	texts.row = row_new(error);
	if (!texts.row)
		return false;
	teaching = json_pack("{s:[], s:[]}", "teachers", "unlabelled");
	done = teaching ? teach(training, &texts, teaching, error) : error_memory(error, "noting the teachers");
	json_decref(teaching);
	row_free(texts.row);
	return done;
}

double training_row_weight(const struct training *training, uint32_t row)
{
	const int32_t label = training->to_train.labels[row];
	const struct soft_targets *soft = training->to_train.soft;
	const double weight = label == NO_LABEL ? 0 : train_loss_weight(&training->loss, label);
	const double share = soft ? (double)soft_targets_share(soft, label != NO_LABEL) : 0;

	return share < 1 ? (1 - share) * weight + share : 1;
}
