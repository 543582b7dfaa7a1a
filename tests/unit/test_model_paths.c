/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * model_find: what people name when they mean a model, and what they are told where it is none. */
#include "tests/unit/model_check.h"

#include <unistd.h>

/* A scratch folder with a model in "good", which is the current one while a test runs. */
static char scratch[256], before[4096];

static void shell(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

static int enter(void **state)
{
	char command[600];

	(void)state;
	setenv("HF_HUB_CACHE", "", 1);
	setenv("HF_HOME", "/nonexistent", 1);
	assert_non_null(getcwd(before, sizeof before));
	check_folder(scratch, sizeof scratch);
	save_model(scratch);
	snprintf(command, sizeof command, "cd '%s' && mkdir good && mv *.* good", scratch);
	shell(command);
	return chdir(scratch);
}

static int leave(void **state)
{
	(void)state;
	assert_int_equal(chdir(before), 0);
	check_folder_remove(scratch);
	return 0;
}

/* The path means this folder, and a notice says so where it is another. */
static void expect_place(const char *path, const char *folder, const char *what)
{
	struct error error = {0};
	struct model_place place;
	char notice[500] = "";

	if (!model_find(path, &place, &error))
		fail_msg("%s", error.text);
	assert_string_equal(place.folder, folder);
	if (what)
		snprintf(notice, sizeof notice, "%s: %s, %s, is taken", path, what, folder);
	assert_string_equal(place.notice, notice);
}

/* Opening the path fails with one line that holds these words. */
static void expect_refusal(const char *path, enum error_kind kind, const char *words_of_it)
{
	struct error error = {0};

	assert_null(model_open(path, NULL, NULL, &error));
	if (!strstr(error.text, words_of_it) || strchr(error.text, '\n') || error.kind != kind)
		fail_msg("%s (%d), expected %s (%d)", error.text, error.kind, words_of_it, kind);
}

static void a_folder_with_weights_is_meant_itself(void **state)
{
	(void)state;
	expect_place("good", "good", NULL);
	expect_place("good/", "good/", NULL);
	shell("mkdir good/checkpoint-7 && cp good/*.* good/checkpoint-7");
	expect_place("good", "good", NULL);
}

static void a_file_of_a_model_means_its_folder(void **state)
{
	struct error error = {0};
	struct model_place place;

	(void)state;
	expect_place("good/model.safetensors", "good", "the folder of this file");
	expect_place("good/config.json", "good", "the folder of this file");
	expect_place("good/vocab.txt", "good", "the folder of this file");
	shell("cp good/model.safetensors good/pytorch_model.bin");
	assert_true(model_find("good/pytorch_model.bin", &place, &error));
	assert_string_equal(place.notice, "good/pytorch_model.bin: the folder of this file, good, is taken with its "
	                                  "model.safetensors");
	shell("mv good/model.safetensors . && rm good/pytorch_model.bin");
	expect_refusal("model.safetensors", ERROR_DATA, "model.safetensors is a file of weights alone: a model is a folder");
	expect_refusal("good/vocab.txt", ERROR_USAGE, "good/vocab.txt is a file: a model is a folder with config.json");
}

static void a_file_of_another_program_is_named(void **state)
{
	(void)state;
	shell("echo x >model.onnx; echo x >m.gguf; echo x >bert.zip; echo x >notes.md; printf GGUFxxxxxxxxxxxxxxxx >weights.bin");
	expect_refusal("model.onnx", ERROR_DATA, "model.onnx is a model of ONNX, which revue does not read: ");
	expect_refusal("m.gguf", ERROR_DATA, "m.gguf is a model of GGUF, which revue does not read: ");
	expect_refusal("weights.bin", ERROR_DATA, "weights.bin is a GGUF file");
	expect_refusal("bert.zip", ERROR_DATA, "bert.zip is an archive: unpack it and name the folder");
	expect_refusal("notes.md", ERROR_USAGE, "notes.md is a file: a model is a folder");
}

static void a_name_on_the_hub_is_not_downloaded_and_that_is_said(void **state)
{
	struct error error = {0};

	(void)state;
	expect_refusal("bert-base-uncased", ERROR_IO, "bert-base-uncased: no such model folder; nothing is downloaded: where this "
	               "is a name on the Hugging Face Hub, \"hf download bert-base-uncased --local-dir bert-base-uncased\"");
	expect_refusal("acme/bert-tiny", ERROR_IO, "\"hf download acme/bert-tiny --local-dir bert-tiny\" makes the folder bert-tiny");
	expect_refusal("https://huggingface.co/acme/bert", ERROR_USAGE, "nothing is downloaded: a model is a folder");
	expect_refusal("./absent", ERROR_IO, "./absent: no such model folder");
	assert_null(model_open("good/x", NULL, NULL, &error));
	assert_string_equal(error.text, "good/x: no such model folder");
	expect_refusal("a/b/c", ERROR_IO, "a/b/c: no such model folder");
	expect_refusal("so so", ERROR_IO, "so so: no such model folder");
	expect_refusal("good/config.json/x", ERROR_IO, "good/config.json/x: no such model folder");
	expect_refusal("", ERROR_IO, ": no such model folder");
}

static void a_name_on_the_hub_that_was_downloaded_before_is_taken_from_the_cache(void **state)
{
	(void)state;
	shell("mkdir -p home/hub/models--acme--tiny/snapshots/0123 home/hub/models--tiny/snapshots && "
	      "cp good/* home/hub/models--acme--tiny/snapshots/0123/");
	setenv("HF_HOME", "home", 1);
	expect_place("acme/tiny", "home/hub/models--acme--tiny/snapshots/0123", "the model of this name in the Hub's cache");
	expect_refusal("tiny", ERROR_DATA, "home/hub/models--tiny holds no snapshot: its download was not finished");
	expect_refusal("acme/base", ERROR_IO, "nothing is downloaded");
	setenv("HF_HUB_CACHE", "absent", 1);
	expect_refusal("tiny", ERROR_IO, "nothing is downloaded");
}

static void of_checkpoints_the_newest_is_taken(void **state)
{
	(void)state;
	shell("mkdir -p out/runs out/checkpoint-x out/checkpoint-2000 && cp -r good out/checkpoint-500");
	expect_place("out", "out/checkpoint-500", "its only checkpoint");
	shell("cp -r good out/checkpoint-1000 && cp -r good out/checkpoint-99");
	expect_place("out", "out/checkpoint-1000", "the newest of its checkpoints");
	expect_place("out/", "out/checkpoint-1000", "the newest of its checkpoints");
}

static void the_best_checkpoint_is_taken_where_the_trainer_names_one_of_them(void **state)
{
	static const char *const elsewhere[] = {"/", "..", "checkpoint-7", "checkpoint-", "../good", "../../etc", "checkpoint-500/"};
	char command[300];

	(void)state;
	shell("mkdir out && cp -r good out/checkpoint-500 && cp -r good out/checkpoint-1000");
	shell("echo '{\"best_model_checkpoint\": \"/data/out/checkpoint-500\"}' >out/trainer_state.json");
	expect_place("out", "out/checkpoint-500", "the best of its checkpoints by trainer_state.json");
	shell("mv out/trainer_state.json out/checkpoint-1000/");
	expect_place("out", "out/checkpoint-500", "the best of its checkpoints by trainer_state.json");
	shell("echo '{\"best_model_checkpoint\": \"out\\\\checkpoint-500\"}' >out/trainer_state.json");
	expect_place("out", "out/checkpoint-500", "the best of its checkpoints by trainer_state.json");
	shell("rm out/checkpoint-1000/trainer_state.json");
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
		snprintf(command, sizeof command, "echo '{\"best_model_checkpoint\": \"%s\"}' >out/trainer_state.json", elsewhere[i]);
		shell(command);
		expect_place("out", "out/checkpoint-1000", "the newest of its checkpoints");
	}
	shell("echo '{\"best_model_checkpoint\": null}' >out/trainer_state.json");
	expect_place("out", "out/checkpoint-1000", "the newest of its checkpoints");
	shell("echo '{' >out/trainer_state.json");
	expect_place("out", "out/checkpoint-1000", "the newest of its checkpoints");
}

static void a_model_in_the_hubs_cache_is_its_main_snapshot(void **state)
{
	(void)state;
	shell("mkdir -p hub/models--acme--tiny/blobs hub/models--acme--tiny/refs hub/models--acme--tiny/snapshots/0123 && "
	      "cd hub/models--acme--tiny && for f in ../../good/*; do cp $f blobs/b-${f##*/}; "
	      "ln -s ../../blobs/b-${f##*/} snapshots/0123/${f##*/}; done");
	expect_place("hub/models--acme--tiny", "hub/models--acme--tiny/snapshots/0123", "its only snapshot");
	shell("printf 0123 >hub/models--acme--tiny/refs/main; cp -rL hub/models--acme--tiny/snapshots/0123 "
	      "hub/models--acme--tiny/snapshots/0456");
	expect_place("hub/models--acme--tiny", "hub/models--acme--tiny/snapshots/0123", "the snapshot of its main branch");
	expect_place("hub", "hub/models--acme--tiny/snapshots/0123", "the only model of this cache");
	expect_place(".", "./hub/models--acme--tiny/snapshots/0123", "the only model of this cache");
	expect_place("hub/models--acme--tiny/snapshots/0123/model.safetensors", "hub/models--acme--tiny/snapshots/0123",
	             "the folder of this file");
	shell("printf ../../../good >hub/models--acme--tiny/refs/main");
	expect_refusal("hub/models--acme--tiny", ERROR_DATA, "holds 2 snapshots of a model: name one of them, such as "
	                                                     "hub/models--acme--tiny/snapshots/0123");
	shell("rm -r hub/models--acme--tiny/snapshots/*");
	expect_refusal("hub/models--acme--tiny", ERROR_DATA, "holds no snapshot: its download was not finished");
	shell("mkdir hub/models--acme--base");
	expect_refusal("hub", ERROR_DATA, "hub is a cache with 2 models of the Hub: name one of them, such as "
	                                  "hub/models--acme--base");
}

static void of_a_sentence_transformers_model_the_encoder_is_taken(void **state)
{
	(void)state;
	shell("mkdir st && cp -r good st/0_Transformer && cp -r good st/encoder");
	expect_place("st", "st/0_Transformer", "the encoder of this sentence-transformers model");
	shell("echo '[{\"path\": \"encoder\", \"type\": \"sentence_transformers.models.Transformer\"}]' >st/modules.json");
	expect_place("st", "st/encoder", "the encoder of this sentence-transformers model");
	shell("echo '[{\"path\": \"../good\", \"type\": \"sentence_transformers.models.Transformer\"}]' >st/modules.json");
	expect_place("st", "st/0_Transformer", "the encoder of this sentence-transformers model");
}

static void of_a_run_its_model_is_taken_and_without_one_it_is_said_how_to_go_on(void **state)
{
	(void)state;
	shell("mkdir -p run/checkpoint-000005 && echo '{}' >run/run.json && cp good/model.safetensors run/checkpoint-000005 && "
	      "touch run/checkpoint-000005/state.json run/checkpoint-000005/optimizer.safetensors");
	expect_refusal("run", ERROR_DATA, "run is a run that has made no model yet: go on with revue train --resume run");
	expect_refusal("run/checkpoint-000005", ERROR_DATA, "run/checkpoint-000005 is a checkpoint of a run, no model");
	shell("cp -r good run/model");
	expect_place("run", "run/model", "the model of this run");
}

static void what_is_taken_is_the_model_that_is_opened_and_a_notice_says_so(void **state)
{
	struct model *model;

	(void)state;
	shell("mkdir out && cp -r good out/checkpoint-9");
	model = open_model("out", true);
	assert_string_equal(model_folder(model), "out/checkpoint-9");
	assert_string_equal(model_notice(model, 0), "out: its only checkpoint, out/checkpoint-9, is taken");
	model_close(model);
}

static void weights_of_another_program_are_named_with_the_way_out(void **state)
{
	static const struct {
		const char *made, *words;
	} rows[] = {
		{"echo x >tf_model.h5", "holds tf_model.h5 (TensorFlow), which revue does not read: transformers 4 loads it with from_tf="},
		{"echo x >saved_model.pb", "holds saved_model.pb (TensorFlow), which revue does not read: "},
		{"echo x >flax_model.msgpack", "holds flax_model.msgpack (Flax), which revue does not read: transformers 4 loads it with"},
		{"echo x >model.onnx", "holds model.onnx (ONNX), which revue does not read: "},
		{"mkdir onnx", "holds onnx (ONNX), which revue does not read: "},
		{"echo x >model.gguf", "holds model.gguf (GGUF), which revue does not read: "},
		{"touch openvino_model.xml openvino_model.bin", "holds openvino_model.bin (OpenVINO), which revue does not read: "},
		{"echo x >bert_model.ckpt.index", "holds bert_model.ckpt.index (TensorFlow), which"},
		{"echo x >last.ckpt", "holds last.ckpt (PyTorch Lightning), which"},
		{"echo x >tf_model.h5; echo x >model.onnx; echo x >training_args.bin", "holds tf_model.h5 (TensorFlow)"},
		{"printf 'PK\\3\\4xxxxxxxxxxxxx' >best_model.pt", "holds best_model.pt, but neither model.safetensors nor pytorch_model.bin: "
		 "rename it to pytorch_model.bin if"},
		{"printf '\\200\\4x' >model.pkl", "model.pkl is a plain Python pickle"},
		{"cp ../good/model.safetensors bert.safetensors", "holds bert.safetensors, but no model.safetensors: rename it"},
		{"echo x >pytorch_model-00001-of-00002.bin", "without the index of the shards: download pytorch_model.bin.index.json, too"},
		{"echo x >model-00001-of-00002.safetensors", "of the shards: download model.safetensors.index.json, too"},
		{"printf 'version https://git-lfs.github.com/spec/v1\\n' >x.bin", "x.bin is a Git LFS pointer, not the weights"},
		{"echo x >adapter_model.safetensors", "holds a LoRA adapter only (adapter_model.safetensors): merge it into its base model"},
		{"echo x >adapter_model.bin; echo '{\"peft_type\": \"LORA\"}' >adapter_config.json", "names no base"},
		{"echo x >adapter_model.bin; echo '{\"base_model_name_or_path\": \"acme/base\"}' >adapter_config.json",
		 "\"peft_type\" is missing"},
		{"cp -r ../good best", "f holds no weights, the folder best in it does: name that one"},
		{"cp -r ../good best; cp -r ../good last", "f holds no weights, 2 folders in it do: name one of them, such as best"},
	};
	char command[400];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(command, sizeof command, "rm -rf f && mkdir f && cd f && cp ../good/*.json . && { %s; }", rows[i].made);
		shell(command);
		expect_refusal("f", ERROR_DATA, rows[i].words);
	}
	shell("rm -rf f && mkdir f && touch f/training_args.bin f/optimizer.pt");
	expect_refusal("f", ERROR_IO, "f holds no weights: model.safetensors, pytorch_model.bin or an index of their shards");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_folder_with_weights_is_meant_itself),
		TEST(a_file_of_a_model_means_its_folder),
		TEST(a_file_of_another_program_is_named),
		TEST(a_name_on_the_hub_is_not_downloaded_and_that_is_said),
		TEST(a_name_on_the_hub_that_was_downloaded_before_is_taken_from_the_cache),
		TEST(of_checkpoints_the_newest_is_taken),
		TEST(the_best_checkpoint_is_taken_where_the_trainer_names_one_of_them),
		TEST(a_model_in_the_hubs_cache_is_its_main_snapshot),
		TEST(of_a_sentence_transformers_model_the_encoder_is_taken),
		TEST(of_a_run_its_model_is_taken_and_without_one_it_is_said_how_to_go_on),
		TEST(what_is_taken_is_the_model_that_is_opened_and_a_notice_says_so),
		TEST(weights_of_another_program_are_named_with_the_way_out),
	};

	return cmocka_run_group_tests_name("model paths", tests, NULL, NULL);
}
