/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model.h: folders, heads, labels, notices. */
#include "tests/unit/numeric.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/architecture.h"
#include "engine/format/tensors.h"

enum { VOCAB = 60, LABELS = 2 };
static const char *const words[LABELS] = {"bad", "good"};

static const struct model_config config = {
	.architecture = &architecture_bert,
	.vocab_size = VOCAB,
	.hidden_size = 32,
	.num_hidden_layers = 2,
	.num_attention_heads = 2,
	.intermediate_size = 48,
	.max_position_embeddings = 40,
	.type_vocab_size = 2,
	.hidden_act = ACTIVATION_GELU,
	.layer_norm_eps = 1e-12f,
	.initializer_range = 0.02f,
	.num_labels = LABELS,
};

/* A model with head and labels in a fresh folder, whose path goes to `folder`. */
static void save_model(char folder[256])
{
	struct error error = {0};
	struct model *model = numeric_model(&config);

	assert_true(model_set_labels(model, words, LABELS, 1, &error));
	numeric_fill(model, "");
	check_folder(folder, 256);
	if (!model_save(model, folder, &error))
		fail_msg("%s", error.text);
	model_close(model);
}

static struct model *open_model(const char *folder, bool head_needed)
{
	struct error error = {0};
	struct model *model = model_open(folder, &(struct model_options){.head_needed = head_needed}, NULL, &error);

	if (!model)
		fail_msg("%s", error.text);
	return model;
}

/* The one line that opening this folder fails with. */
static const char *open_error(const char *folder, bool head_needed)
{
	static struct error error;

	error = (struct error){0};
	assert_null(model_open(folder, &(struct model_options){.head_needed = head_needed}, NULL, &error));
	return error.text;
}

static void score_one(struct model *model, float logits[LABELS])
{
	static const int32_t lengths[] = {9};
	struct numeric_batch batch = numeric_batch(VOCAB, LABELS, lengths, 1, 0);

	numeric_reserve(model, &batch, false);
	network_score(model, &batch.batch, logits);
	numeric_batch_free(&batch);
}

static void expected_logits(float logits[LABELS])
{
	struct model *model = numeric_model(&config);

	score_one(model, logits);
	model_close(model);
}

static void assert_notice(const struct model *model, const char *text)
{
	for (int i = 0; i < model_notice_count(model); i++)
		if (strstr(model_notice(model, i), text))
			return;
	fail_msg("no notice says: %s", text);
}

/* The tensors of a saved model, to be written again in another way. */
struct tensor_list {
	struct tensor_file *file;
	struct tensor_out out[64];
	size_t count;
};

static void read_tensors(struct tensor_list *list, const char *folder)
{
	struct error error = {0};

	list->file = tensor_file_open_folder(folder, &error);
	assert_non_null(list->file);
	list->count = tensor_file_count(list->file);
	assert_in_range(list->count, 1, 64);
	for (size_t i = 0; i < list->count; i++) {
		const struct tensor *tensor = tensor_file_at(list->file, i);
		float *data = calloc(tensor->count, sizeof *data);

		assert_non_null(data);
		assert_true(tensor_file_read(list->file, tensor, data, &error));
		list->out[i] = (struct tensor_out){.name = tensor->name, .rank = tensor->rank, .data = data};
		memcpy(list->out[i].shape, tensor->shape, sizeof tensor->shape);
	}
}

static void free_tensors(struct tensor_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((void *)(uintptr_t)list->out[i].data);
	tensor_file_close(list->file);
}

/* Takes the tensor out of the list; the caller keeps its data. */
static struct tensor_out take_tensor(struct tensor_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->out[i].name, name) == 0) {
			struct tensor_out tensor = list->out[i];

			list->out[i] = list->out[--list->count];
			return tensor;
		}
	fail_msg("no tensor %s", name);
	return list->out[0];
}

static void drop_tensor(struct tensor_list *list, const char *name)
{
	free((void *)(uintptr_t)take_tensor(list, name).data);
}

static void write_tensors(const struct tensor_list *list, const char *folder)
{
	struct error error = {0};
	char path[300];

	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	if (!safetensors_write(path, list->out, list->count, &error))
		fail_msg("%s", error.text);
}

static void a_saved_model_opens_with_the_same_logits_to_the_bit(void **state)
{
	char folder[256];
	float before[LABELS], after[LABELS];
	struct model *model;

	(void)state;
	save_model(folder);
	expected_logits(before);
	model = open_model(folder, true);
	score_one(model, after);
	assert_memory_equal(before, after, sizeof before);
	assert_string_equal(model_label(model, 0), "bad");
	assert_string_equal(model_label(model, 1), "good");
	assert_string_equal(model_label(model, 2), "");
	assert_string_equal(model_folder(model), folder);
	assert_int_equal(model_notice_count(model), 0);
	assert_int_equal(model_max_length(model), 40);
	model_close(model);
	check_folder_remove(folder);
}

static void unknown_keys_of_config_are_kept_and_named(void **state)
{
	struct error error = {0};
	char folder[256], again[300], path[320];
	struct model *model;
	json_t *document;

	(void)state;
	save_model(folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	json_object_set_new(document, "colour", json_string("blue"));
	assert_true(json_write(path, document, &error));
	json_decref(document);

	model = open_model(folder, true);
	assert_notice(model, "colour");
	snprintf(again, sizeof again, "%s/again", folder);
	assert_true(model_save(model, again, &error));
	model_close(model);
	snprintf(path, sizeof path, "%s/config.json", again);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	assert_string_equal(json_string_value(json_object_get(document, "colour")), "blue");
	json_decref(document);
	check_folder_remove(folder);
}

static void tensors_go_by_the_names_that_occur_in_the_wild(void **state)
{
	char folder[256];
	char names[64][128];
	float before[LABELS], after[LABELS];
	struct tensor_list list;
	struct model *model;

	(void)state;
	save_model(folder);
	read_tensors(&list, folder);
	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.out[i].name;
		size_t length;

		name += strncmp(name, "bert.", 5) == 0 ? 5 : 0;
		snprintf(names[i], sizeof names[i], "%s%s", i % 3 == 0 ? "module." : i % 3 == 1 ? "model." : "", name);
		length = strlen(names[i]);
		if (numeric_ends_with(names[i], "LayerNorm.weight"))
			memcpy(names[i] + length - 6, "gamma", 6);
		else if (numeric_ends_with(names[i], "LayerNorm.bias"))
			memcpy(names[i] + length - 4, "beta", 5);
		list.out[i].name = names[i];
	}
	for (int i = 0; i < 3; i++) {
		static const char *const foreign[] = {"cls.predictions.bias", "fit_dense.weight", "tail.weight"};

		list.out[list.count++] = (struct tensor_out){foreign[i], 1, {1}, calloc(1, sizeof(float))};
	}
	write_tensors(&list, folder);
	free_tensors(&list);

	expected_logits(before);
	model = open_model(folder, true);
	score_one(model, after);
	assert_memory_equal(before, after, sizeof before);
	assert_int_equal(model_notice_count(model), 1);
	assert_string_equal(model_notice(model, 0), "tensors not used: tail.weight");
	model_close(model);
	check_folder_remove(folder);
}

/* Writes the model's tensors as 16-bit numbers: those of `half` where it says so. */
static void write_halves(const char *folder, const struct tensor_list *list, const char *dtype,
                         uint16_t (*half)(float value))
{
	char path[300], header[8192];
	size_t size = 0, offset = 0;
	uint8_t length[8] = {0};
	FILE *file;

	for (size_t i = 0; i < list->count; i++) {
		const struct tensor_out *t = &list->out[i];
		size_t count = (size_t)(t->shape[0] * (t->rank == 2 ? t->shape[1] : 1));

		size += (size_t)snprintf(header + size, sizeof header - size, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%lld", i ? "," : "{",
		                         t->name, dtype, (long long)t->shape[0]);
		if (t->rank == 2)
			size += (size_t)snprintf(header + size, sizeof header - size, ",%lld", (long long)t->shape[1]);
		size += (size_t)snprintf(header + size, sizeof header - size, "],\"data_offsets\":[%zu,%zu]}", offset,
		                         offset + 2 * count);
		offset += 2 * count;
		assert_true(size < sizeof header);
	}
	size += (size_t)snprintf(header + size, sizeof header - size, "}");
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	length[0] = (uint8_t)size;
	length[1] = (uint8_t)(size >> 8);
	fwrite(length, 1, 8, file);
	fwrite(header, 1, size, file);
	for (size_t i = 0; i < list->count; i++) {
		const struct tensor_out *t = &list->out[i];
		size_t count = (size_t)(t->shape[0] * (t->rank == 2 ? t->shape[1] : 1));

		for (size_t j = 0; j < count; j++) {
			uint16_t value = half(t->data[j]);

			fwrite(&value, sizeof value, 1, file);
		}
	}
	assert_int_equal(fclose(file), 0);
}

static uint16_t to_bf16(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return (uint16_t)(bits >> 16);
}

/* Multiples of 2^-8 below 2, which f16 holds exactly: sign, exponent by shifting, the rest is the fraction. */
static uint16_t to_f16(float value)
{
	uint32_t bits;

	if (value == 0.0f)
		return 0;
	memcpy(&bits, &value, sizeof bits);
	return (uint16_t)((bits >> 31) << 15 | ((bits >> 23 & 0xFF) - 127 + 15) << 10 | (bits >> 13 & 0x3FF));
}

static float round_bf16(float value)
{
	uint32_t bits = (uint32_t)to_bf16(value) << 16;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static float round_f16(float value)
{
	return floorf(value * 256.0f) / 256.0f;
}

/* Weights that 16 bits hold exactly score the same from a file of 16 bits and from one of 32. */
static void check_halves(const char *dtype, float (*rounded)(float), uint16_t (*half)(float))
{
	char folder[256];
	float wide[LABELS], narrow[LABELS];
	struct tensor_list list;
	struct model *model;

	save_model(folder);
	read_tensors(&list, folder);
	for (size_t i = 0; i < list.count; i++) {
		struct tensor_out *t = &list.out[i];
		float *data = (float *)(uintptr_t)t->data;

		for (int64_t j = 0; j < t->shape[0] * (t->rank == 2 ? t->shape[1] : 1); j++)
			data[j] = rounded(data[j]);
	}
	write_tensors(&list, folder);
	model = open_model(folder, true);
	score_one(model, wide);
	model_close(model);
	write_halves(folder, &list, dtype, half);
	free_tensors(&list);
	model = open_model(folder, true);
	score_one(model, narrow);
	model_close(model);
	assert_memory_equal(wide, narrow, sizeof wide);
	check_folder_remove(folder);
}

static void weights_of_bf16_and_f16_become_f32(void **state)
{
	(void)state;
	check_halves("BF16", round_bf16, to_bf16);
	check_halves("F16", round_f16, to_f16);
}

static void a_head_that_is_missing_is_announced_and_refused_for_scoring(void **state)
{
	char folder[256], wanted[400];
	struct tensor_list list;
	struct model *model;

	(void)state;
	save_model(folder);
	read_tensors(&list, folder);
	drop_tensor(&list, "classifier.weight");
	drop_tensor(&list, "classifier.bias");
	write_tensors(&list, folder);
	free_tensors(&list);

	model = open_model(folder, false);
	assert_false(model_has_head(model));
	assert_notice(model, "newly initialised, to be trained before use: classifier.weight, classifier.bias");
	model_close(model);
	snprintf(wanted, sizeof wanted, "%s has no trained classification head: train it first with revue train", folder);
	assert_string_equal(open_error(folder, true), wanted);
	check_folder_remove(folder);
}

static void a_head_that_nobody_trained_is_not_saved(void **state)
{
	struct error error = {0};
	char folder[256];
	struct model *model = model_new(&config, numeric_tokenizer(VOCAB), 1, &error);
	struct tensor_file *file;

	(void)state;
	assert_non_null(model);
	check_folder(folder, sizeof folder);
	assert_true(model_save(model, folder, &error));
	model_close(model);
	file = tensor_file_open_folder(folder, &error);
	assert_non_null(file);
	assert_non_null(tensor_file_find(file, "bert.encoder.layer.1.output.dense.weight"));
	assert_null(tensor_file_find(file, "bert.pooler.dense.weight"));
	assert_null(tensor_file_find(file, "classifier.weight"));
	tensor_file_close(file);
	assert_non_null(strstr(open_error(folder, true), "has no trained classification head"));
	check_folder_remove(folder);
}

static void a_classifier_for_other_labels_is_made_new(void **state)
{
	static float three[3 * 32];
	char folder[256];
	struct tensor_list list;
	struct tensor_out weight, bias;
	struct model *model;

	(void)state;
	save_model(folder);
	read_tensors(&list, folder);
	weight = take_tensor(&list, "classifier.weight");
	bias = take_tensor(&list, "classifier.bias");
	free((void *)(uintptr_t)weight.data);
	free((void *)(uintptr_t)bias.data);
	weight.data = bias.data = three;
	weight.shape[0] = bias.shape[0] = 3;
	list.out[list.count++] = weight;
	list.out[list.count++] = bias;
	write_tensors(&list, folder);
	list.count -= 2;
	free_tensors(&list);

	model = open_model(folder, false);
	assert_false(model_has_head(model));
	assert_notice(model, "classifier.weight is [3, 32] in the weights, config.json says [2, 32]: newly initialised");
	model_close(model);
	check_folder_remove(folder);
}

static void weights_of_another_model_are_refused(void **state)
{
	char folder[256];
	struct tensor_list list;

	(void)state;
	save_model(folder);
	read_tensors(&list, folder);
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.out[i].name, "bert.encoder.layer.1.output.dense.weight") == 0) {
			list.out[i].shape[0] = 48;
			list.out[i].shape[1] = 32;
		}
	write_tensors(&list, folder);
	assert_non_null(strstr(open_error(folder, false),
	                       "tensor bert.encoder.layer.1.output.dense.weight is [48, 32], config.json says [32, 48]"));
	for (size_t i = 0; i < list.count; i++)
		if (strncmp(list.out[i].name, "bert.encoder.layer.1.", 21) == 0) {
			free((void *)(uintptr_t)list.out[i].data);
			list.out[i--] = list.out[--list.count];
		}
	write_tensors(&list, folder);
	assert_non_null(strstr(open_error(folder, false),
	                       "the weights have no bert.encoder.layer.1.attention.self.query.weight"));
	free_tensors(&list);
	check_folder_remove(folder);
}

static void a_vocabulary_beyond_the_embeddings_is_refused(void **state)
{
	char folder[256], path[300];

	(void)state;
	save_model(folder);
	snprintf(path, sizeof path, "%s/tokenizer.json", folder);
	remove(path);
	numeric_write_vocabulary(folder, VOCAB + 1);
	assert_non_null(strstr(open_error(folder, false), "the tokenizer has 61 pieces, but there are embeddings for 60"));
	check_folder_remove(folder);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
	(void)state;
	assert_string_equal(open_error("/nonexistent/model", false), "/nonexistent/model: no such model folder");
}

static void new_parameters_start_as_bert_does(void **state)
{
	struct error error = {0};
	struct model_config other = config;
	struct model *model;

	(void)state;
	other.pad_token_id = 3;
	model = model_new(&other, numeric_tokenizer(VOCAB), 5, &error);
	assert_non_null(model);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);
		float *values = numeric_download(model, p->value, p->count);
		double squares = 0;

		for (size_t i = 0; i < p->count; i++)
			squares += (double)values[i] * (double)values[i];
		if (p->shape[1] > 0)
			assert_true(fabs(sqrt(squares / (double)p->count) - 0.02) < 0.002 || p->count < 200);
		else
			assert_true(squares == (numeric_ends_with(p->name, "weight") ? (double)p->count : 0.0));
		assert_int_equal(p->decay, p->shape[1] > 0);
		assert_true(p->fresh && p->trainable);
		for (int i = 0; row == 0 && i < 32; i++)
			assert_true(values[3 * 32 + i] == 0.0f);
		free(values);
	}
	assert_false(model_has_head(model));
	assert_int_equal(model_embedding_parameter_count(model), (VOCAB + 40 + 2) * 32);
	model_close(model);
}

static void new_labels_bring_a_new_classifier_and_keep_the_rest(void **state)
{
	static const char *const three[] = {"bad", "so so", "good"};
	struct error error = {0};
	struct model *model = numeric_model(&config);
	int rows = model_parameter_rows(model);
	float *word = numeric_download(model, model_parameter(model, 0)->value, VOCAB * 32);
	float *classifier, *now;

	(void)state;
	assert_true(model_set_labels(model, three, 3, 9, &error));
	assert_int_equal(model_config(model)->num_labels, 3);
	assert_int_equal(model_parameter_rows(model), rows);
	now = numeric_download(model, model_parameter(model, 0)->value, VOCAB * 32);
	assert_memory_equal(now, word, VOCAB * 32 * sizeof *word);
	free(now);
	assert_string_equal(model_label(model, 1), "so so");
	assert_int_equal(model_parameter(model, rows - 2)->shape[0], 3);
	assert_true(model_parameter(model, rows - 2)->fresh);
	assert_false(model_has_head(model));

	classifier = numeric_download(model, model_parameter(model, rows - 2)->value, 3 * 32);
	assert_true(model_set_labels(model, three, 3, 9, &error));
	now = numeric_download(model, model_parameter(model, rows - 2)->value, 3 * 32);
	assert_memory_equal(now, classifier, 3 * 32 * sizeof *classifier);
	free(now);
	assert_true(model_set_labels(model, three, 3, 10, &error));
	now = numeric_download(model, model_parameter(model, rows - 2)->value, 3 * 32);
	assert_memory_not_equal(now, classifier, 3 * 32 * sizeof *classifier);
	free(now);
	network_values_changed(model);
	assert_true(model_has_head(model));
	free(classifier);
	free(word);
	model_close(model);
}

static void labels_are_found_exactly_then_without_case(void **state)
{
	static const char *const names[] = {"Good", "good", "BAD"};
	struct error error = {0};
	struct model *model = numeric_model(&config);

	(void)state;
	assert_true(model_set_labels(model, names, 3, 1, &error));
	assert_int_equal(model_find_label(model, span_of("good")), 1);
	assert_int_equal(model_find_label(model, span_of("GOOD")), 0);
	assert_int_equal(model_find_label(model, span_of("bad")), 2);
	assert_int_equal(model_find_label(model, span_of("ba")), -1);
	model_close(model);
}

/* `sha256sum FILES... | sha256sum` of the files that a model is made of, in name order. */
static void the_hash_is_that_of_sha256sum_and_follows_every_file(void **state)
{
	struct error error = {0};
	char folder[256], command[700], wanted[65], got[65], changed[65];
	FILE *pipe;

	(void)state;
	save_model(folder);
	snprintf(command, sizeof command, "cd '%s' && touch README.md && echo '{}' > added_tokens.json && ls | grep -v README | LC_ALL=C sort | "
	         "xargs sha256sum | sha256sum", folder);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%64s", wanted), 1);
	pclose(pipe);
	assert_true(model_hash(folder, got, NULL, &error));
	assert_string_equal(got, wanted);
	snprintf(command, sizeof command, "echo ' ' >> '%s/config.json'", folder);
	assert_int_equal(system(command), 0);
	assert_true(model_hash(folder, changed, NULL, &error));
	assert_string_not_equal(got, changed);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_saved_model_opens_with_the_same_logits_to_the_bit),
		cmocka_unit_test(unknown_keys_of_config_are_kept_and_named),
		cmocka_unit_test(tensors_go_by_the_names_that_occur_in_the_wild),
		cmocka_unit_test(weights_of_bf16_and_f16_become_f32),
		cmocka_unit_test(a_head_that_is_missing_is_announced_and_refused_for_scoring),
		cmocka_unit_test(a_head_that_nobody_trained_is_not_saved),
		cmocka_unit_test(a_classifier_for_other_labels_is_made_new),
		cmocka_unit_test(weights_of_another_model_are_refused),
		cmocka_unit_test(a_vocabulary_beyond_the_embeddings_is_refused),
		cmocka_unit_test(a_folder_that_is_not_there_is_named),
		cmocka_unit_test(new_parameters_start_as_bert_does),
		cmocka_unit_test(new_labels_bring_a_new_classifier_and_keep_the_rest),
		cmocka_unit_test(labels_are_found_exactly_then_without_case),
		cmocka_unit_test(the_hash_is_that_of_sha256sum_and_follows_every_file),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
