/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RoBERTa as a trial row: what a new architecture takes. Positions follow the padding's, the head has dropout on both
 * sides of its dense layer, other names; everything else is as in BERT. Liu et al. 2019, RobertaForSequenceClassification
 * of the Hugging Face transformers. Byte-level BPE, its tokenizer, is not part of the trial. */
#ifndef REVUE_TESTS_ROBERTA_H
#define REVUE_TESTS_ROBERTA_H

#include "engine/format/architecture.h"

static const struct architecture roberta = {
	.name = "roberta",
	.title = "RoBERTa",
	.model_class = "RobertaModel",
	.classifier_class = "RobertaForSequenceClassification",
	.masked_class = "RobertaForMaskedLM",
	.sizes = {
		[SIZE_VOCABULARY] = {"vocab_size", NULL, 50265},
		[SIZE_HIDDEN] = {"hidden_size", NULL, 768},
		[SIZE_LAYERS] = {"num_hidden_layers", NULL, 12},
		[SIZE_HEADS] = {"num_attention_heads", NULL, 12},
		[SIZE_INTERMEDIATE] = {"intermediate_size", NULL, 3072},
		[SIZE_POSITIONS] = {"max_position_embeddings", NULL, 512},
		[SIZE_TYPES] = {"type_vocab_size", NULL, 2},
		[SIZE_PAD] = {"pad_token_id", NULL, 1},
	},
	.reals = {
		[REAL_NORM_EPSILON] = {"layer_norm_eps", 1e-12f},
		[REAL_INITIALIZER_RANGE] = {"initializer_range", 0.02f},
		[REAL_HIDDEN_DROPOUT] = {"hidden_dropout_prob", 0.1f},
		[REAL_ATTENTION_DROPOUT] = {"attention_probs_dropout_prob", 0.1f},
		[REAL_CLASSIFIER_DROPOUT] = {"classifier_dropout", LIKE_HIDDEN_DROPOUT},
	},
	.activation_key = "hidden_act",
	.prefix = "roberta.",
	.layers = "roberta.encoder.layer",
	.tensors = {
		[ROLE_WORD_EMBEDDINGS] = "roberta.embeddings.word_embeddings.weight",
		[ROLE_POSITION_EMBEDDINGS] = "roberta.embeddings.position_embeddings.weight",
		[ROLE_TYPE_EMBEDDINGS] = "roberta.embeddings.token_type_embeddings.weight",
		[ROLE_EMBEDDING_NORM_GAMMA] = "roberta.embeddings.LayerNorm.weight",
		[ROLE_EMBEDDING_NORM_BETA] = "roberta.embeddings.LayerNorm.bias",
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
		[ROLE_HEAD_WEIGHT] = "classifier.dense.weight",
		[ROLE_HEAD_BIAS] = "classifier.dense.bias",
		[ROLE_CLASSIFIER_WEIGHT] = "classifier.out_proj.weight",
		[ROLE_CLASSIFIER_BIAS] = "classifier.out_proj.bias",
		[ROLE_TRANSFORM_WEIGHT] = "lm_head.dense.weight",
		[ROLE_TRANSFORM_BIAS] = "lm_head.dense.bias",
		[ROLE_TRANSFORM_NORM_GAMMA] = "lm_head.layer_norm.weight",
		[ROLE_TRANSFORM_NORM_BETA] = "lm_head.layer_norm.bias",
		[ROLE_DECODER_BIAS] = "lm_head.bias",
	},
	.decoder_bias = "lm_head.decoder.bias",
	.other_heads = {"lm_head.", "roberta.pooler."},
	.layer_form = LAYER_POST_NORM,
	.positions_follow_pad = true,
	.attention_output_dropout = true,
	.head_input_dropout = true,
	.head_activation = ACTIVATION_TANH,
};

#endif
