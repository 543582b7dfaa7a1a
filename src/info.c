/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue info`: what this machine is, what a model is, what a run is. Facts are pairs of a name and a value, written as
 * text or as one JSON object. */
#include "engine/run.h"
#include "engine/system.h"
#include "engine/words.h"
#include "src/command.h"
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
#include <unistring/version.h>

struct info_arguments {
	const char *format, *device;
};

#define AT(field) offsetof(struct info_arguments, field)
const struct argument_row info_options[] = {
	{0, "format", ARGUMENT_CHOICE, "text|json", "text", .offset = AT(format),
	 .help = "what is written"},
	INPUT_DEVICE_ROW(AT(device)),
	{.name = NULL},
};

/* Writes facts in one of the two forms. */
struct facts {
	FILE *out;
	enum device device; /* that a model is opened on */
	bool json, any;
};

static void fact_name(struct facts *facts, const char *name)
{
	if (facts->json)
		fprintf(facts->out, "%s  \"%s\": ", facts->any ? ",\n" : "", name);
	else
		fprintf(facts->out, "%-28s ", name);
	facts->any = true;
}

static void fact_text(struct facts *facts, const char *name, const char *value)
{
	fact_name(facts, name);
	if (facts->json) {
		write_json_string(facts->out, span_of(value));
		return;
	}
	write_tsv_field(facts->out, span_of(value)); /* a fact is one line, whatever it holds */
	fputc('\n', facts->out);
}

static void fact_number(struct facts *facts, const char *name, double value, struct words words)
{
	fact_name(facts, name);
	if (facts->json)
		write_json_number(facts->out, value);
	else
		fprintf(facts->out, "%s\n", words.text);
}

static void fact_count(struct facts *facts, const char *name, uint64_t value)
{
	fact_number(facts, name, (double)value, words_count(value));
}

static void fact_real(struct facts *facts, const char *name, double value)
{
	fact_number(facts, name, value, words_double(value));
}

static void fact_truth(struct facts *facts, const char *name, bool value)
{
	fact_name(facts, name);
	if (facts->json)
		fputs(value ? "true" : "false", facts->out);
	else
		fprintf(facts->out, "%s\n", value ? "yes" : "no");
}

/* A list of `count` texts. */
static void fact_list(struct facts *facts, const char *name, const char *(*item)(const struct model *, int32_t),
                      const struct model *model, int32_t count)
{
	fact_name(facts, name);
	if (facts->json)
		fputc('[', facts->out);
	for (int32_t i = 0; i < count; i++) {
		fputs(i ? ", " : "", facts->out);
		if (facts->json)
			write_json_string(facts->out, span_of(item(model, i)));
		else
			fputs(item(model, i), facts->out);
	}
	fputs(facts->json ? "]" : count ? "\n" : "none\n", facts->out);
}

/* What the engine is linked with; OpenBLAS has a line of its own. */
static void library_facts(struct facts *facts)
{
	char text[160];

	snprintf(text, sizeof text, "Jansson %s, libcsv %d.%d.%d, libunistring %d.%d, Nettle %d.%d", jansson_version_str(),
	         CSV_MAJOR, CSV_MINOR, CSV_RELEASE, _libunistring_version >> 16, _libunistring_version >> 8 & 255,
	         nettle_version_major(), nettle_version_minor());
	fact_text(facts, "libraries", text);
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
	fact_text(facts, "cuda", info.cuda);
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

static const char *notice(const struct model *model, int32_t index)
{
	return model_notice(model, index);
}

static bool model_facts(struct facts *facts, const char *path, struct error *error)
{
	const struct model_options options = {.device = facts->device, .threads = 1};
	struct model *model = model_open(path, &options, NULL, error);
	const struct model_config *config;
	char hash[65];

	if (!model)
		return false;
	config = model_config(model);
	fact_text(facts, "model", model_folder(model));
	config_facts(facts, config);
	fact_count(facts, "parameters", model_parameter_count(model));
	fact_count(facts, "embedding_parameters", model_embedding_parameter_count(model));
	fact_list(facts, "labels", model_label, model, config->num_labels);
	fact_truth(facts, "trained_head", model_has_head(model));
	fact_count(facts, "max_length", (uint64_t)model_max_length(model));
	fact_text(facts, "tokenizer", tokenizer_lowercase(model_tokenizer(model)) ? "WordPiece, lower case"
	                                                                          : "WordPiece, cased");
	fact_count(facts, "tokens", (uint64_t)tokenizer_vocab_size(model_tokenizer(model)));
	fact_text(facts, "container", model_weights_name(model));
	if (model_hash(model_folder(model), hash, NULL, error))
		fact_text(facts, "sha256", hash);
	fact_list(facts, "notices", notice, model, model_notice_count(model));
	model_close(model);
	return error->kind == ERROR_NONE;
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

static bool run_facts(struct facts *facts, const char *directory, struct error *error)
{
	struct run *run = run_open(directory, error);
	const struct run_evaluation *evaluations;
	char text[256];
	size_t count;

	if (!run)
		return false;
	follow_summary(run, text, sizeof text);
	fact_text(facts, "run", directory);
	fact_text(facts, "state", text);
	fact_text(facts, "last_event", run_message(run));
	fact_text(facts, "data", run_data(run));
	fact_text(facts, "base", run_model(run));
	if (run_pid(run))
		fact_real(facts, "pid", run_pid(run));
	fact_count(facts, "steps", run_total_steps(run));
	fact_count(facts, "steps_per_epoch", run_steps_per_epoch(run));
	evaluations = run_evaluations(run, &count);
	if (count) {
		fact_real(facts, "validation_loss", evaluations[count - 1].loss);
		fact_real(facts, "accuracy", evaluations[count - 1].accuracy);
		fact_real(facts, "f1", evaluations[count - 1].f1);
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

static bool gather(struct facts *facts, const char *path, struct error *error)
{
	if (!path) {
		machine_facts(facts);
		return true;
	}
	return is_run(path) ? run_facts(facts, path, error) : model_facts(facts, path, error);
}

bool info_run(int argc, char **argv, struct error *error)
{
	struct info_arguments values = {0};
	struct arguments arguments = {.rows = info_options, .values = &values};
	struct facts facts = {0};
	struct output output;
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) ||
	    !arguments_expect(&arguments, 0, 1, "MODEL or RUN", error))
		return false;
	facts.device = device_find(values.device);
	facts.json = strcmp(values.format, "json") == 0;
	signals_catch(false);
	if (!output_open(&output, !facts.json, error))
		return false;
	facts.out = output.record;
	fputs(facts.json ? "{\n" : "", output.record);
	done = gather(&facts, arguments.operand_count ? arguments.operands[0] : NULL, error);
	fputs(facts.json ? "\n}\n" : "", output.record);
	if (done)
		output_commit(&output);
	return output_close(&output, done, error);
}
