/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows.
 *
 * source  Devlin et al. 2018 (BERT), Sanh et al. 2019 (DistilBERT); names and defaults as in BertConfig, DistilBertConfig
 *         and the state dictionaries of the Hugging Face transformers. */
#include "engine/format/architecture.h"

#include <stdio.h>
#include <string.h>

const struct architecture architecture_bert = {
	.name = "bert",
	.title = "BERT",
	.model_class = "BertModel",
	.classifier_class = "BertForSequenceClassification",
	.masked_class = "BertForMaskedLM",
	.sizes = {
		[SIZE_VOCABULARY] = {"vocab_size", NULL, 30522},
		[SIZE_HIDDEN] = {"hidden_size", NULL, 768},
		[SIZE_LAYERS] = {"num_hidden_layers", NULL, 12},
		[SIZE_HEADS] = {"num_attention_heads", NULL, 12},
		[SIZE_INTERMEDIATE] = {"intermediate_size", NULL, 3072},
		[SIZE_POSITIONS] = {"max_position_embeddings", NULL, 512},
		[SIZE_TYPES] = {"type_vocab_size", NULL, 2},
		[SIZE_PAD] = {"pad_token_id", NULL, 0},
	},
	.reals = {
		[REAL_NORM_EPSILON] = {"layer_norm_eps", 1e-12f},
		[REAL_INITIALIZER_RANGE] = {"initializer_range", 0.02f},
		[REAL_HIDDEN_DROPOUT] = {"hidden_dropout_prob", 0.1f},
		[REAL_ATTENTION_DROPOUT] = {"attention_probs_dropout_prob", 0.1f},
		[REAL_CLASSIFIER_DROPOUT] = {"classifier_dropout", LIKE_HIDDEN_DROPOUT},
	},
	.activation_key = "hidden_act",
	.prefix = "bert.",
	.layers = "bert.encoder.layer",
	.tensors = {
		[ROLE_WORD_EMBEDDINGS] = "bert.embeddings.word_embeddings.weight",
		[ROLE_POSITION_EMBEDDINGS] = "bert.embeddings.position_embeddings.weight",
		[ROLE_TYPE_EMBEDDINGS] = "bert.embeddings.token_type_embeddings.weight",
		[ROLE_EMBEDDING_NORM_GAMMA] = "bert.embeddings.LayerNorm.weight",
		[ROLE_EMBEDDING_NORM_BETA] = "bert.embeddings.LayerNorm.bias",
		[ROLE_QUERY_WEIGHT] = "attention.self.query.weight",
		[ROLE_KEY_WEIGHT] = "attention.self.key.weight",
		[ROLE_VALUE_WEIGHT] = "attention.self.value.weight",
		[ROLE_QUERY_BIAS] = "attention.self.query.bias",
		[ROLE_KEY_BIAS] = "attention.self.key.bias",
		[ROLE_VALUE_BIAS] = "attention.self.value.bias",
		[ROLE_ATTENTION_OUTPUT_WEIGHT] = "attention.output.dense.weight",
		[ROLE_ATTENTION_OUTPUT_BIAS] = "attention.output.dense.bias",
		[ROLE_ATTENTION_NORM_GAMMA] = "attention.output.LayerNorm.weight",
		[ROLE_ATTENTION_NORM_BETA] = "attention.output.LayerNorm.bias",
		[ROLE_INTERMEDIATE_WEIGHT] = "intermediate.dense.weight",
		[ROLE_INTERMEDIATE_BIAS] = "intermediate.dense.bias",
		[ROLE_OUTPUT_WEIGHT] = "output.dense.weight",
		[ROLE_OUTPUT_BIAS] = "output.dense.bias",
		[ROLE_OUTPUT_NORM_GAMMA] = "output.LayerNorm.weight",
		[ROLE_OUTPUT_NORM_BETA] = "output.LayerNorm.bias",
		[ROLE_HEAD_WEIGHT] = "bert.pooler.dense.weight",
		[ROLE_HEAD_BIAS] = "bert.pooler.dense.bias",
		[ROLE_CLASSIFIER_WEIGHT] = "classifier.weight",
		[ROLE_CLASSIFIER_BIAS] = "classifier.bias",
		[ROLE_TRANSFORM_WEIGHT] = "cls.predictions.transform.dense.weight",
		[ROLE_TRANSFORM_BIAS] = "cls.predictions.transform.dense.bias",
		[ROLE_TRANSFORM_NORM_GAMMA] = "cls.predictions.transform.LayerNorm.weight",
		[ROLE_TRANSFORM_NORM_BETA] = "cls.predictions.transform.LayerNorm.bias",
		[ROLE_DECODER_BIAS] = "cls.predictions.bias",
	},
	.decoder_bias = "cls.predictions.decoder.bias",
	.other_heads = {"cls.", "fit_dense", "vocab_"},
	.layer_form = LAYER_POST_NORM,
	.attention_output_dropout = true,
	.head_activation = ACTIVATION_TANH,
};

/* Without token types, without dropout after the attention's output product, with a ReLU in the head. */
const struct architecture architecture_distilbert = {
	.name = "distilbert",
	.title = "DistilBERT",
	.model_class = "DistilBertModel",
	.classifier_class = "DistilBertForSequenceClassification",
	.masked_class = "DistilBertForMaskedLM",
	.sizes = {
		[SIZE_VOCABULARY] = {"vocab_size", NULL, 30522},
		[SIZE_HIDDEN] = {"dim", "hidden_size", 768},
		[SIZE_LAYERS] = {"n_layers", "num_hidden_layers", 6},
		[SIZE_HEADS] = {"n_heads", "num_attention_heads", 12},
		[SIZE_INTERMEDIATE] = {"hidden_dim", "intermediate_size", 3072},
		[SIZE_POSITIONS] = {"max_position_embeddings", NULL, 512},
		[SIZE_TYPES] = {NULL, NULL, 0},
		[SIZE_PAD] = {"pad_token_id", NULL, 0},
	},
	.reals = {
		[REAL_NORM_EPSILON] = {NULL, 1e-12f},
		[REAL_INITIALIZER_RANGE] = {"initializer_range", 0.02f},
		[REAL_HIDDEN_DROPOUT] = {"dropout", 0.1f},
		[REAL_ATTENTION_DROPOUT] = {"attention_dropout", 0.1f},
		[REAL_CLASSIFIER_DROPOUT] = {"seq_classif_dropout", 0.2f},
	},
	.activation_key = "activation",
	.prefix = "distilbert.",
	.layers = "distilbert.transformer.layer",
	.tensors = {
		[ROLE_WORD_EMBEDDINGS] = "distilbert.embeddings.word_embeddings.weight",
		[ROLE_POSITION_EMBEDDINGS] = "distilbert.embeddings.position_embeddings.weight",
		[ROLE_EMBEDDING_NORM_GAMMA] = "distilbert.embeddings.LayerNorm.weight",
		[ROLE_EMBEDDING_NORM_BETA] = "distilbert.embeddings.LayerNorm.bias",
		[ROLE_QUERY_WEIGHT] = "attention.q_lin.weight",
		[ROLE_KEY_WEIGHT] = "attention.k_lin.weight",
		[ROLE_VALUE_WEIGHT] = "attention.v_lin.weight",
		[ROLE_QUERY_BIAS] = "attention.q_lin.bias",
		[ROLE_KEY_BIAS] = "attention.k_lin.bias",
		[ROLE_VALUE_BIAS] = "attention.v_lin.bias",
		[ROLE_ATTENTION_OUTPUT_WEIGHT] = "attention.out_lin.weight",
		[ROLE_ATTENTION_OUTPUT_BIAS] = "attention.out_lin.bias",
		[ROLE_ATTENTION_NORM_GAMMA] = "sa_layer_norm.weight",
		[ROLE_ATTENTION_NORM_BETA] = "sa_layer_norm.bias",
		[ROLE_INTERMEDIATE_WEIGHT] = "ffn.lin1.weight",
		[ROLE_INTERMEDIATE_BIAS] = "ffn.lin1.bias",
		[ROLE_OUTPUT_WEIGHT] = "ffn.lin2.weight",
		[ROLE_OUTPUT_BIAS] = "ffn.lin2.bias",
		[ROLE_OUTPUT_NORM_GAMMA] = "output_layer_norm.weight",
		[ROLE_OUTPUT_NORM_BETA] = "output_layer_norm.bias",
		[ROLE_HEAD_WEIGHT] = "pre_classifier.weight",
		[ROLE_HEAD_BIAS] = "pre_classifier.bias",
		[ROLE_CLASSIFIER_WEIGHT] = "classifier.weight",
		[ROLE_CLASSIFIER_BIAS] = "classifier.bias",
		[ROLE_TRANSFORM_WEIGHT] = "vocab_transform.weight",
		[ROLE_TRANSFORM_BIAS] = "vocab_transform.bias",
		[ROLE_TRANSFORM_NORM_GAMMA] = "vocab_layer_norm.weight",
		[ROLE_TRANSFORM_NORM_BETA] = "vocab_layer_norm.bias",
		[ROLE_DECODER_BIAS] = "vocab_projector.bias",
	},
	.other_heads = {"cls.", "fit_dense", "vocab_"},
	.layer_form = LAYER_POST_NORM,
	.head_activation = ACTIVATION_RELU,
};

enum { ARCHITECTURES = 2 };
static const struct architecture *architectures[ARCHITECTURES + 2] = {&architecture_bert, &architecture_distilbert};

void architecture_try(const struct architecture *architecture)
{
	architectures[ARCHITECTURES] = architecture;
}

const struct architecture *architecture_at(int index)
{
	return architectures[index];
}

const struct architecture *architecture_find(const char *name)
{
	int i = 0;

	while (architectures[i] && strcmp(architectures[i]->name, name) != 0)
		i++;
	return architectures[i];
}

const char *architecture_name(const struct architecture *architecture)
{
	return architecture->name;
}

void architecture_list(char *out, size_t capacity, bool titles, const char *last_joint)
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; architectures[i] && used < capacity; i++)
		used += (size_t)snprintf(out + used, capacity - used, "%s%s",
		                         i == 0 ? "" : architectures[i + 1] ? ", " : last_joint,
		                         titles ? architectures[i]->title : architectures[i]->name);
}
