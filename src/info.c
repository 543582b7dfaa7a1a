/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue info`: what this machine is, what a model, a run or a file of reviews is. */
#include "engine/run.h"
#include "engine/runs.h"
#include "engine/system.h"
#include "engine/words.h"
#include "src/command.h"
#include "src/facts.h"
#include "src/follow.h"
#include "src/input.h"
#include "src/output.h"
#include "src/signals.h"

#include <csv.h>
#include <jansson.h>
#include <limits.h>
#include <nettle/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <unistring/version.h>

struct info_arguments {
	const char *format, *device, *base, *text_column, *label_column;
	struct dataset_dialect dialect;
};

#define AT(field) offsetof(struct info_arguments, field)
const struct argument_row info_options[] = {
	{0, "format", ARGUMENT_CHOICE, "text|json", "text", .offset = AT(format),
	 .help = "what is written"},
	{0, "text-column", ARGUMENT_TEXT, "NAME", .offset = AT(text_column),
	 .help = "of data: column with the review, by its name or number; guessed where not given"},
	{0, "label-column", ARGUMENT_TEXT, "NAME", .offset = AT(label_column),
	 .help = "of data: column with the label, or several of 0 and 1 with commas between, by name or number; guessed where not given"},
	DIALECT_ROWS(INPUT_DIALECT_ROW)
	INPUT_BASE_ROW(AT(base))
	INPUT_DEVICE_ROW(AT(device)),
	{.name = NULL},
};

/* What the engine is linked with; OpenBLAS has a line of its own. */
static void library_facts(struct facts *facts)
{
	char text[160];

	snprintf(text, sizeof text, "Jansson %s, libcsv %d.%d.%d, libunistring %d.%d, Nettle %d.%d", jansson_version_str(),
	         CSV_MAJOR, CSV_MINOR, CSV_RELEASE, _libunistring_version >> 16, _libunistring_version >> 8 & 255,
	         nettle_version_major(), nettle_version_minor());
	fact_text(facts, "libraries", text);
}

/* The GPU, or why none is used. */
static void gpu_facts(struct facts *facts)
{
	struct system_gpu gpu;

	system_gpu(&gpu);
	fact_text(facts, "cuda", gpu.why[0] ? gpu.why : gpu.name);
	if (gpu.why[0])
		return;
	fact_number(facts, "cuda_memory", (double)gpu.memory_total, words_bytes(gpu.memory_total));
	fact_number(facts, "cuda_memory_available", (double)gpu.memory_free, words_bytes(gpu.memory_free));
	if (gpu.memory_used > 0)
		fact_number(facts, "cuda_memory_used", (double)gpu.memory_used, words_bytes(gpu.memory_used));
	fact_text(facts, "cuda_driver", gpu.driver);
	fact_text(facts, "cuda_compute_capability", gpu.capability);
	if (gpu.peak_f32 > 0) {
		fact_real(facts, "cuda_peak_tflops_f32", gpu.peak_f32 / 1e12);
		fact_real(facts, "cuda_peak_tflops_bf16", gpu.peak_half / 1e12);
	}
	if (gpu.watts > 0)
		fact_real(facts, "cuda_watts", gpu.watts);
	if (gpu.temperature > 0)
		fact_count(facts, "cuda_celsius", (uint64_t)gpu.temperature);
}

static void machine_facts(struct facts *facts)
{
	struct system_info info;
	char blas[128];

	system_info(&info);
	system_blas(blas, sizeof blas);
	fact_text(facts, "version", system_version());
	fact_text(facts, "processor", info.processor);
	fact_text(facts, "instruction_sets", info.isa);
	fact_count(facts, "processors", (uint64_t)info.processors);
	fact_number(facts, "memory", (double)info.memory_total, words_bytes(info.memory_total));
	fact_number(facts, "memory_available", (double)info.memory_available, words_bytes(info.memory_available));
	fact_text(facts, "kernel", info.kernel);
	fact_text(facts, "blas", blas);
	library_facts(facts);
	fact_text(facts, "backend", info.backend);
	gpu_facts(facts);
}

static void config_facts(struct facts *facts, const struct model_config *config)
{
	fact_text(facts, "architecture", architecture_name(config->architecture));
	fact_count(facts, "vocab_size", (uint64_t)config->vocab_size);
	fact_count(facts, "hidden_size", (uint64_t)config->hidden_size);
	fact_count(facts, "num_hidden_layers", (uint64_t)config->num_hidden_layers);
	fact_count(facts, "num_attention_heads", (uint64_t)config->num_attention_heads);
	fact_count(facts, "intermediate_size", (uint64_t)config->intermediate_size);
	fact_count(facts, "max_position_embeddings", (uint64_t)config->max_position_embeddings);
	fact_text(facts, "hidden_act", activation_name(config->hidden_act));
	fact_number(facts, "hidden_dropout_prob", strtod(words_float(config->hidden_dropout_prob).text, NULL),
	            words_float(config->hidden_dropout_prob));
}

static const char *label(const void *model, int i)
{
	return model_label(model, i);
}

/* "temperature 1.4312; threshold 0.37 for positive": by what scores and labels are decided beside the weights. */
static void own_facts(struct facts *facts, const struct model *model)
{
	const struct model_own *own = &model_config(model)->own;
	char text[256] = "";
	int size = 0;

	if (own->temperature > 0)
		size = snprintf(text, sizeof text, "temperature %.4f%s", own->temperature, own->threshold_count ? "; " : "");
	if (own->threshold_count == 1 && !model_config(model)->independent_labels)
		snprintf(text + size, sizeof text - (size_t)size, "threshold %.4f for %.100s", (double)own->thresholds[0],
		         model_label(model, 1));
	else if (own->threshold_count > 0)
		snprintf(text + size, sizeof text - (size_t)size, "a threshold for each of %d labels", (int)own->threshold_count);
	if (text[0])
		fact_text(facts, "decides_by", text);
}

static const char *notice(const void *model, int i)
{
	return model_notice(model, i);
}

/* Of a model that is a LoRA adapter on a base. */
static void adapter_facts(struct facts *facts, const struct model_adapter *adapter)
{
	if (!adapter)
		return;
	fact_text(facts, "base", adapter->base);
	fact_count(facts, "lora_r", (uint64_t)adapter->rank);
	fact_real(facts, "lora_alpha", adapter->alpha);
	fact_truth(facts, "use_rslora", adapter->use_rslora);
	fact_text(facts, "target_modules", adapter->target_modules);
	fact_count(facts, "adapted_matrices", (uint64_t)adapter->matrices);
	fact_text(facts, "bias", adapter->bias);
}

/* What a model with a network has. */
static void network_facts(struct facts *facts, const struct model *model)
{
	const struct cut cut = model_cut(model, 0);

	fact_count(facts, "max_length", (uint64_t)model_max_length(model));
	fact_text(facts, "long_reviews", reading_words(&cut, model_reading(model)->pooling).text);
	fact_text(facts, "tokenizer", tokenizer_lowercase(model_tokenizer(model)) ? "WordPiece, lower case"
	                                                                          : "WordPiece, cased");
	fact_count(facts, "tokens", (uint64_t)tokenizer_vocab_size(model_tokenizer(model)));
}

/* What it is that has none. */
static void kind_facts(struct facts *facts, const struct model *model)
{
	const char *type;
	char how[200];

	model_describe_kind(model, &type, how, sizeof how);
	fact_text(facts, "kind", "a linear model on words, revue's own; transformers does not read it");
	fact_text(facts, "model_type", type);
	fact_text(facts, "reads", how);
}

static bool model_facts(struct facts *facts, const char *path, const struct info_arguments *values, struct error *error)
{
	char hash[65] = "";
	const struct model_options options = {.device = device_find(values->device), .threads = 1, .base = values->base,
	                                      .hash = hash};
	struct model *model = model_open(path, &options, NULL, error);
	const struct model_config *config;

	if (!model)
		return false;
	config = model_config(model);
	fact_text(facts, "model", model_folder(model));
	adapter_facts(facts, model_adapter(model));
	if (model_has_network(model))
		config_facts(facts, config);
	else
		kind_facts(facts, model);
	fact_count(facts, "parameters", model_parameter_count(model));
	if (model_has_network(model))
		fact_count(facts, "embedding_parameters", model_embedding_parameter_count(model));
	fact_list(facts, "labels", label, model, config->num_labels);
	own_facts(facts, model);
	fact_truth(facts, "trained_head", model_has_head(model));
	if (model_has_network(model))
		network_facts(facts, model);
	fact_text(facts, "container", model_weights_name(model));
	fact_text(facts, "sha256", hash);
	fact_list(facts, "notices", notice, model, model_notice_count(model));
	model_close(model);
	return true;
}

static void option_facts(struct facts *facts, const struct train_options *options)
{
	char text[OPTION_TEXT_MAX];

	for (int i = 0; i < train_option_count; i++) {
		char name[64];

		snprintf(name, sizeof name, "%s", train_option_rows[i].name);
		for (char *c = name; *c; c++)
			if (*c == '-')
				*c = '_';
		train_option_format(options, &train_option_rows[i], text, sizeof text);
		fact_text(facts, name, text);
	}
}

/* "2026-11-29T08:15:00Z" (RFC 3339). */
static void date_fact(struct facts *facts, const char *name, int64_t seconds)
{
	const time_t when = (time_t)seconds;
	struct tm parts;
	char text[32];

	if (seconds > 0 && gmtime_r(&when, &parts) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0)
		fact_text(facts, name, text);
}

static bool run_facts(struct facts *facts, const char *directory, struct error *error)
{
	struct run *run = run_open(directory, error);
	const struct run_evaluation *evaluation;
	struct run_baseline baseline;
	char text[256], note[RUN_NOTE_MAX];
	bool is_best;

	if (!run)
		return false;
	follow_summary(run, text, sizeof text);
	fact_text(facts, "run", directory);
	fact_text(facts, "state", text);
	run_note_read(directory, note);
	if (note[0])
		fact_text(facts, "note", note);
	date_fact(facts, "started", run_started(run));
	date_fact(facts, run_state(run) <= RUN_PAUSED ? "since" : "ended", run_changed(run));
	fact_text(facts, "last_event", run_message(run));
	fact_text(facts, "data", run_data(run));
	fact_text(facts, "base", run_model(run));
	if (run_pid(run))
		fact_real(facts, "pid", run_pid(run));
	fact_count(facts, "steps", run_total_steps(run));
	fact_count(facts, "steps_per_epoch", run_steps_per_epoch(run));
	evaluation = run_result(run, &is_best);
	if (evaluation && is_best)
		fact_count(facts, "best_step", evaluation->step);
	if (evaluation) {
		fact_real(facts, "validation_loss", evaluation->loss);
		if (run_evaluation_masks(evaluation))
			fact_real(facts, "perplexity", evaluation->perplexity);
		fact_real(facts, "accuracy", evaluation->accuracy);
		if (!run_evaluation_masks(evaluation))
			fact_real(facts, "f1", evaluation->f1);
	}
	if (run_baseline(run, &baseline)) {
		fact_real(facts, "baseline_accuracy", baseline.accuracy);
		if (baseline.words[0])
			fact_text(facts, "baseline_words", baseline.words);
	}
	option_facts(facts, run_options(run));
	run_close(run);
	return true;
}

static bool is_run(const char *path)
{
	char name[PATH_MAX];
	struct stat status;

	return (size_t)snprintf(name, sizeof name, "%s/run.json", path) < sizeof name && stat(name, &status) == 0;
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_there(const char *path)
{
	return strcmp(path, "-") == 0 || access(path, F_OK) == 0;
}

static bool has_file(const char *folder, const char *file)
{
	char name[PATH_MAX];

	return (size_t)snprintf(name, sizeof name, "%s/%s", folder, file) < sizeof name && access(name, F_OK) == 0;
}

/* Whether the path, or a place that it leads to, has a model's settings, or an adapter's. */
static bool is_model(const char *path)
{
	struct model_place place;

	return model_find(path, &place, NULL) && (place.notice[0] || has_file(place.folder, "config.json") ||
	                                          has_file(place.folder, "adapter_config.json"));
}

/* Of a folder that is neither a model nor one of reviews it is told why it is no model. */
static bool folder_facts(struct facts *facts, const char *path, const struct info_arguments *values,
                         const struct dataset_options *options, struct progress_line *line, struct error *error)
{
	struct error of_data = {0};

	if (model_facts(facts, path, values, error))
		return true;
	if (facts->any || error->kind == ERROR_FAILED || !data_facts(facts, path, options, line, &of_data))
		return false;
	*error = (struct error){0};
	return true;
}

static bool gather_path(struct facts *facts, const char *path, const struct info_arguments *values, struct error *error)
{
	const struct dataset_options options = {.dialect = values->dialect, .text_column = values->text_column,
	                                        .label_column = values->label_column};
	struct progress_line line;

	progress_begin(&line);
	if (is_run(path))
		return run_facts(facts, path, error);
	if (is_model(path) || !is_there(path))
		return model_facts(facts, path, values, error);
	return is_folder(path) ? folder_facts(facts, path, values, &options, &line, error)
	                       : data_facts(facts, path, &options, &line, error);
}

static bool gather(struct facts *facts, const char *path, const struct info_arguments *values, struct error *error)
{
	if (path)
		return gather_path(facts, path, values, error);
	machine_facts(facts);
	return true;
}

bool info_run(int argc, char **argv, struct error *error)
{
	struct info_arguments values = {0};
	struct arguments arguments = {.rows = info_options, .values = &values};
	struct facts facts = {0};
	struct output output;
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) ||
	    !arguments_expect(&arguments, 0, 1, "MODEL, RUN or DATA", error))
		return false;
	facts.json = strcmp(values.format, "json") == 0;
	signals_catch(false);
	if (!output_open(&output, !facts.json, error))
		return false;
	facts.out = output.record;
	fputs(facts.json ? "{\n" : "", output.record);
	done = gather(&facts, arguments.operand_count ? arguments.operands[0] : NULL, &values, error);
	fputs(facts.json ? "\n}\n" : "", output.record);
	if (done)
		output_commit(&output);
	return output_close(&output, done, error);
}
