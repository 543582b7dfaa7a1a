/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model: a Hugging Face folder as a BERT or DistilBERT encoder with a classification head, its labels
 * and its tokenizer. The face shows what a model is; how it computes is in engine/model. */
#ifndef REVUE_ENGINE_MODEL_H
#define REVUE_ENGINE_MODEL_H

#include "engine/device.h"
#include "engine/error.h"
#include "engine/progress.h"
#include "engine/tokenizer.h"
#include "engine/wake.h"

#include <stdint.h>

struct architecture; /* a row of engine/format/architecture.h */

enum activation {
	ACTIVATION_NONE,
	ACTIVATION_GELU,     /* x/2 (1 + erf(x/sqrt 2)) */
	ACTIVATION_GELU_NEW, /* x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))); also gelu_pytorch_tanh */
	ACTIVATION_RELU,
	ACTIVATION_TANH,
};

/* What the logits of a review's windows become. */
enum pooling { POOLING_MEAN, POOLING_MAX };

#define POOLING_WORDS "mean|max"

bool pooling_find(const char *name, enum pooling *pooling);

/* How reviews are read that have more tokens than a sequence holds; {0}: their head, as many tokens as the model allows. */
struct model_reading {
	struct cut cut;       /* of it max_length 0: what the model allows */
	enum pooling pooling; /* of windows */
};

#define MODEL_THRESHOLDS_MAX 512

/* What becomes of a model's weight matrices by model_quantize, in the words of transformers' BitsAndBytesConfig. */
struct quantization {
	bool fp4;          /* bnb_4bit_quant_type fp4, else nf4 */
	bool double_quant; /* bnb_4bit_use_double_quant: the scales go through 8 bits */
};

/* What revue keeps of its own in a model's config.json, as one object "revue" that transformers passes over. A member that
 * is 0 is not written. */
struct model_own {
	double temperature; /* scores are those of logits / temperature; 0: of the logits themselves */
	/* From which score on a label is decided for. 0: none; 1: that of label 1 of two; else one for each of the independent
	 * labels. */
	int32_t threshold_count;
	float thresholds[MODEL_THRESHOLDS_MAX];
	struct model_reading reading;
	/* Of an adapter: its base was in 4 bits while it trained, made in this way, and it is opened on such a one again. */
	bool load_in_4bit;
	struct quantization base;
};

/* What the numbers of saved weights are. MODEL_DTYPE_WORDS: their names, as torch has them. */
enum model_dtype { MODEL_FLOAT32, MODEL_FLOAT16, MODEL_BFLOAT16 };
#define MODEL_DTYPE_WORDS "float32|float16|bfloat16"

/* What config.json says, in the words of BERT's configuration (DistilBERT's dim is hidden_size, ...). */
struct model_config {
	const struct architecture *architecture;
	int32_t vocab_size, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size;
	int32_t max_position_embeddings, type_vocab_size; /* type_vocab_size 0: without token types */
	enum activation hidden_act;
	float layer_norm_eps, initializer_range;
	float hidden_dropout_prob, attention_probs_dropout_prob, classifier_dropout;
	int32_t pad_token_id;
	int32_t num_labels; /* 0: the folder names none and has no head */
	bool masked_lm;     /* its head predicts hidden words (revue pretrain): there are no labels */
	bool twin_labels; /* some have the same name: only their numbers tell them apart */
	bool independent_labels; /* of a multi-label model, or only one: scores are sigmoids, each for itself */
	enum model_dtype saved_as; /* of weights that are written with it; what was read is not told here */
	struct model_own own;
};

const char *architecture_name(const struct architecture *architecture); /* "bert", "distilbert" */
const struct architecture *architecture_find(const char *name);         /* NULL: none of that name */
const char *activation_name(enum activation activation);       /* "gelu", "gelu_new", "relu" */

struct model;

/* What a model was made of that is a LoRA adapter on a base. */
struct model_adapter {
	int32_t rank, matrices;   /* of adapter_config.json, how many are adapted */
	double alpha;
	bool use_rslora;
	char target_modules[512]; /* with commas between them; not scrubbed */
	char bias[16];            /* "none", "all", "lora_only" */
	char base[4096];          /* folder; not scrubbed */
};

struct model_options {
	enum device device;
	int threads;      /* 0: as many as the machine allows */
	enum precision precision;
	char *hash;       /* [65] gets what model_hash tells, without reading the weights once more; NULL: nobody asks */
	bool raw;         /* temperature and thresholds that the folder keeps are not used */
	const char *base; /* of an adapter: the folder of its base; NULL: the one that adapter_config.json names */
	bool head_needed; /* refuse a folder whose classifier is not in the weights (score, eval) */
	bool masked_lm;   /* open it with a head on hidden words, new where the files have none, and without its classifier */
};

/* The folder that a path means as a model. A folder with weights, or with a LoRA adapter of PEFT's, is meant itself. Else
 * what stands in it is looked at: a run (its model), checkpoint-N of transformers' Trainer (the best by
 * trainer_state.json, else the newest), a model of the Hub's cache (its main snapshot), a sentence-transformers model (its
 * encoder); a file of a model means its folder. A folder in which nothing is found is left as it is: opening it says what
 * is missing. */
struct model_place {
	char folder[4096];
	char notice[1024]; /* one line, unscrubbed, where the folder is another than the path; else "" */
};

/* False: nothing is there, several are, or something that is no model; the error says what to do. */
bool model_find(const char *path, struct model_place *place, struct error *error);

/* The base of an adapter by what its adapter_config.json calls it: a path, or the name of a model in the Hub's cache. */
bool model_find_base(const char *name, struct model_place *place, struct error *error);

/* Opens the folder that model_find finds: config.json, the tokenizer, and the weights from model.safetensors or
 * pytorch_model.bin or their shards. Parameters become f32 whatever the file holds. Nothing is allocated before the
 * sizes in config.json have been checked against the files and the machine. Parameters that the files
 * lack are newly initialised (seed 42) and named by model_notices. Weights in 4 bits by bitsandbytes stay so. A LoRA
 * adapter is opened with its base, and added to it: the model is the merged one. The caller closes it. */
struct model *model_open(const char *path, const struct model_options *options,
                         const struct progress *progress, struct error *error);
void model_close(struct model *model);

/* An untrained BERT of these sizes that takes ownership of `tokenizer` (also when it fails). */
struct model *model_new(const struct model_config *config, struct tokenizer *tokenizer, uint64_t seed,
                        struct error *error);

/* How the embeddings of a new model's pieces came from another one. */
struct embeddings_taken {
	int32_t same, parts, none; /* pieces that both have; means of the other's parts of a piece; neither, so that they stay */
	double kept;               /* share of the variance of these embeddings that so many hidden values can hold, 0 .. 1 */
};

/* Lets the embeddings of `model`, a new one, begin as those that `from` has for the same pieces of words. A narrower model gets
 * them projected on their principal components, a wider one keeps its own values behind them. [PAD] stays zeros. False: `from`
 * has none (an n-gram model), no memory. Pearson 1901; Bauer 1957 for the components. */
bool model_take_embeddings(struct model *model, const struct model *from, struct embeddings_taken *out, struct error *error);

/* Turns the weight matrices of the layers into 4 bits, as bitsandbytes does to the bit, and gives up their floats; what was
 * read in 4 bits stays as it is. Embeddings, norms, biases and the head stay f32. A notice says what memory the model
 * takes before and after. Call it after opening, before anything is trained: the matrices are frozen from then on.
 * False: the model is as before. */
bool model_quantize(struct model *model, const struct quantization *settings, struct error *error);
uint64_t model_parameter_memory(const struct model *model); /* bytes that the parameters take; outside of it for tests */

/* Writes a complete Hugging Face folder (config.json, model.safetensors, the tokenizer), each file by temporary,
 * fsync and rename. Adapters that are being trained are merged in what is written. Unknown keys of the base's config.json
 * are kept. A head that nobody trained is left out. */
bool model_save(const struct model *model, const char *folder, struct error *error);

/* The same with the weights in numbers of that kind, rounded to the nearest. A weight that is too large for them, as 70,000 for
 * f16, is refused by its name. */
bool model_save_as(const struct model *model, const char *folder, enum model_dtype dtype, struct error *error);

/* Keeps these settings in FOLDER/config.json, whose other keys stay as they are. */
bool model_keep_own(const char *folder, const struct model_own *own, struct error *error);

const char *model_folder(const struct model *model); /* "" for a new one */
const struct model_config *model_config(const struct model *model);
const struct tokenizer *model_tokenizer(const struct model *model);
const char *model_label(const struct model *model, int32_t label); /* UTF-8 as in config.json; not scrubbed */
int32_t model_find_label(const struct model *model, struct span name); /* exact, then without case; -1 */
bool model_has_head(const struct model *model); /* the classifier came from the files or was trained */
int32_t model_max_length(const struct model *model); /* tokens that fit: positions, or less if the tokenizer says so */

/* How long reviews are read: config.json says it, or who sets it. What is set is saved with the model. */
const struct model_reading *model_reading(const struct model *model);
void model_set_reading(struct model *model, const struct model_reading *reading);

/* How a text is cut for the model: as it reads, in sequences of `max_length` tokens (0: what is said there), but at most
 * of model_max_length. */
struct cut model_cut(const struct model *model, int32_t max_length);

/* A cut in words: "the first 512 tokens", "windows of 512 tokens, stride 0.8, mean of their logits". */
struct reading_words {
	char text[160];
};
struct reading_words reading_words(const struct cut *cut, enum pooling pooling);

uint64_t model_parameter_count(const struct model *model);
uint64_t model_embedding_parameter_count(const struct model *model);

/* What it was made of; NULL for a model that is no adapter on a base. Borrowed. */
const struct model_adapter *model_adapter(const struct model *model);

/* The file that names the weights: "model.safetensors"; "" for a new one. */
const char *model_weights_name(const struct model *model);

/* One line each: where it was found, parameters newly initialised, tensors not used, shapes that did not fit, config keys
 * ignored. Borrowed. */
int model_notice_count(const struct model *model);
const char *model_notice(const struct model *model, int index);

/* Replaces the classifier by a new one for these labels (copied), initialised from `seed`. Refuses names that could
 * not be read again from a config.json: longer than 1024 bytes, empty, or there twice. */
bool model_set_labels(struct model *model, const char *const *names, int32_t count, uint64_t seed,
                      struct error *error);

/* Whether scores are sigmoids, each label for itself (problem_type multi_label_classification), or their softmax. */
void model_set_independent_labels(struct model *model, bool independent);

/* Of independent labels: whether a score says that the review has the label, as transformers has it: above 0.5; or from the
 * threshold on that the model keeps for it. */
bool model_label_is_on(const struct model *model, int32_t label, float score);

/* Models without a network */

/* Whether the model has a network and a tokenizer. One of revue's own kind, "revue-ngram", is a table of weights of words and
 * of words in a row: it reads all of a text, has no tokenizer (model_tokenizer is NULL), no architecture, and cannot be
 * trained further; all else here works as with others. engine/baseline.h makes one. */
bool model_has_network(const struct model *model);

/* *type: model_type in its config.json, a constant; `out` gets how it reads a text, in words. */
void model_describe_kind(const struct model *model, const char **type, char *out, size_t capacity);

/* SHA-256 of config, weights and tokenizer files in name order, as 64 hex digits. */
bool model_hash(const char *folder, char out[65], const struct progress *progress, struct error *error);

/* What one review got. `scores` is the softmax of `logits`, of independent labels their sigmoids, both of the logits divided
 * by the temperature that the model keeps; they have num_labels entries and belong to whoever provided them. */
struct score {
	int32_t label;      /* index of the highest score, the first of equals; of two labels as the model's threshold says */
	float score;        /* scores[label] */
	float *logits, *scores;
	int64_t tokens;      /* ids that were computed, special tokens and what windows share included */
	int32_t tokens_read; /* those of the text that count, each once, and the special tokens of one sequence */
	int32_t windows;     /* sequences that were computed: 1, or as many as its windows */
	bool truncated;      /* not all of the text counts: what is in bytes unread_from .. unread_to - 1 of it does not */
	uint32_t unread_from, unread_to;
};

/* Scores texts, any number, in batches of its own choice; results do not depend on the batch, to the
 * bit. One thread at a time per model. They are cut as model_cut(model, max_length) says, the logits of windows pooled.
 * Each scores[i].logits and .scores must have room for num_labels. `progress` is asked after each batch, so also between
 * the windows of one long text. */
bool model_score(struct model *model, const struct span *texts, size_t count, int32_t max_length,
                 struct score *scores, const struct progress *progress, struct error *error);

/* Whether a scored review has a label: of independent labels each one that is on, else the one with the highest score. */
bool score_has_label(const struct model *model, const struct score *score, int32_t label);

/* The labels that a scored review has, in the model's order, with `separator` between; cut after a whole character where
 * they do not fit; always NUL-terminated. Returns their bytes. "": it has none. */
size_t score_labels(const struct model *model, const struct score *score, const char *separator, char *out, size_t capacity);

/* Scoring while somebody types: a thread with its own place for one text. A newer text replaces one that
 * has not been started, and one of whose windows a batch was computed; `wake` is signalled when a result is ready. Borrows
 * `model`, which nobody else may use meanwhile. */
struct live_scorer;
struct live_scorer *live_scorer_new(struct model *model, struct wake *wake, struct error *error);
void live_scorer_free(struct live_scorer *scorer); /* waits for the one in work */
/* False: out of memory; no result will come for this text. */
bool live_scorer_post(struct live_scorer *scorer, struct span text, uint64_t generation);

struct live_result {
	uint64_t generation;
	struct score score;   /* logits and scores borrowed from the scorer until the next take; label -1: `error` says why not */
	struct error error;
	int64_t tokens_whole; /* ids of the whole text */
	double seconds;
};
bool live_scorer_take(struct live_scorer *scorer, struct live_result *result); /* false: nothing new */

/* Scores texts on the calling thread, another than the scorer's, while its model is free: a text that was posted goes first,
 * and one that is posted meanwhile waits for them, so they should be few. As model_score. The scorer must stay until then. */
bool live_scorer_score(struct live_scorer *scorer, const struct span *texts, size_t count, struct score *scores,
                       const struct progress *progress, struct error *error);

#endif
