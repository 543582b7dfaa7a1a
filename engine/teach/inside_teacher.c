/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/teach/inside_teacher.h"

#include "engine/base/size.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Whether both cut a text into the same ids. */
static bool same_tokenizer(const struct tokenizer *a, const struct tokenizer *b)
{
	bool same = tokenizer_vocab_size(a) == tokenizer_vocab_size(b) && tokenizer_lowercase(a) == tokenizer_lowercase(b);

	for (int32_t id = 0; same && id < tokenizer_vocab_size(a); id++)
		same = strcmp(tokenizer_piece(a, id), tokenizer_piece(b, id)) == 0;
	return same;
}

static bool check_kind(const struct model *teacher, struct error *error)
{
	RETURN_IF(!model_has_network(teacher), error, ERROR_USAGE,
	          "%s has no layers: --distill-attention and --distill-hidden want a network as their teacher", model_folder(teacher));
	return true;
}

static bool compares_relations(const struct imitation *imitation, const struct model_config *ours)
{
	return imitation->attention > 0 || (imitation->hidden > 0 && !imitation->fits && imitation->teacher_hidden != ours->hidden_size);
}

static bool check_sizes(const struct imitation *imitation, const struct model *teacher, const struct model *student,
                        struct error *error)
{
	const struct model_config *his = model_config(teacher), *ours = model_config(student);
	const char *name = model_folder(teacher), *own = model_folder(student);

	RETURN_IF((imitation->scores || imitation->hidden > 0) && his->num_hidden_layers < ours->num_hidden_layers, error,
	          ERROR_USAGE, "%s has %d layers, %s %d: layers are imitated of a teacher that has as many, or more", name,
	          (int)his->num_hidden_layers, own, (int)ours->num_hidden_layers);
	RETURN_IF(imitation->scores && his->num_attention_heads != ours->num_attention_heads, error, ERROR_USAGE,
	          "%s has %d attention heads, %s %d: --attention-loss tinybert wants as many; minilm does not", name,
	          (int)his->num_attention_heads, own, (int)ours->num_attention_heads);
	RETURN_IF(compares_relations(imitation, ours) &&
	          (his->hidden_size % imitation->heads != 0 || ours->hidden_size % imitation->heads != 0), error, ERROR_USAGE,
	          "--relation-heads %d do not divide both %d, the hidden size of %s, and %d, that of %s", (int)imitation->heads,
	          (int)his->hidden_size, name, (int)ours->hidden_size, own);
	return true;
}

struct imitation inside_wish_imitation(const struct inside_wish *wish, const struct model_config *teacher,
                                       const struct model_config *student)
{
	return (struct imitation){
		.attention = wish->attention,
		.hidden = wish->hidden,
		.fits = wish->hidden > 0 && !wish->relations && teacher->hidden_size != student->hidden_size,
		.scores = wish->scores && wish->attention > 0,
		.heads = wish->heads > 0 && !wish->scores ? wish->heads : student->num_attention_heads,
		.layers = student->num_hidden_layers,
		.teacher_hidden = teacher->hidden_size,
		.teacher_layers = teacher->num_hidden_layers,
	};
}

bool inside_teacher_open(struct inside_teacher *teacher, const char *path, const struct teacher_options *options,
                         const struct inside_wish *wish, struct model *student, const struct progress *progress,
                         struct error *error)
{
	const struct model_options opening = {.device = options->device, .threads = options->threads};
	const struct model_config *ours = model_config(student);
	struct imitation *imitation = &teacher->imitation;

	teacher->model = model_open(path, &opening, progress, error);
	if (!teacher->model || !check_kind(teacher->model, error))
		return error_prefix(error, "--teacher");
	*imitation = inside_wish_imitation(wish, model_config(teacher->model), ours);
	if (!check_sizes(imitation, teacher->model, student, error))
		return error_prefix(error, "--teacher");
	teacher->other_tokens = !same_tokenizer(model_tokenizer(teacher->model), model_tokenizer(student));
	teacher->student = model_tokenizer(student);
	if (imitation->fits && !model_add_fit(student, imitation->teacher_hidden, error))
		return false;
	network_prepare_reveal(teacher->model);
	network_imitate(student, imitation);
	return true;
}

size_t inside_teacher_floats(const struct imitation *imitation, size_t tokens, size_t own, bool other_tokens)
{
	size_t part, used;

	if (!size_multiply(tokens, (size_t)imitation->teacher_hidden, &part) ||
	    !size_multiply(own, (other_tokens ? 6 : 3) * (size_t)imitation->teacher_hidden, &used) ||
	    part > SIZE_MAX / 16 / sizeof(float) / ((size_t)imitation->layers + 1) || used > SIZE_MAX / 16 / sizeof(float))
		return 0;
	for (int32_t layer = 0; layer < imitation->layers; layer++)
		used += (imitates_hidden(imitation) ? part : 0) + (imitates_attention(imitation, layer) ? 3 * part : 0);
	return used;
}

/* Gives each layer its place in the arena, for so many tokens of the student; the room is what is left. */
static void place(struct inside_teacher *teacher, size_t tokens)
{
	const struct imitation *imitation = &teacher->imitation;
	struct revealed *revealed = &teacher->revealed;
	const size_t part = tokens * (size_t)imitation->teacher_hidden;
	size_t used = 0;

	for (int32_t layer = 0; layer < imitation->layers; layer++) {
		if (imitates_hidden(imitation)) {
			revealed->inputs[layer] = teacher->arena + used;
			used += part;
		}
		if (imitates_attention(imitation, layer)) {
			revealed->projections[layer] = teacher->arena + used;
			used += 3 * part;
		}
	}
	revealed->room = teacher->arena + used;
}

static void give_back(struct inside_teacher *teacher)
{
	free(teacher->revealed.inputs);
	free(teacher->revealed.projections);
	free(teacher->arena);
	teacher->revealed = (struct revealed){0};
	teacher->arena = NULL;
}

static bool take(struct inside_teacher *teacher, int32_t tokens, int32_t own, struct error *error)
{
	const size_t layers = (size_t)teacher->imitation.layers;
	struct revealed *revealed = &teacher->revealed;

	give_back(teacher);
	revealed->inputs = size_calloc(layers, sizeof *revealed->inputs);
	revealed->projections = size_calloc(layers, sizeof *revealed->projections);
	if (!revealed->inputs || !revealed->projections)
		return error_memory(error, "looking into a teacher");
	teacher->floats = inside_teacher_floats(&teacher->imitation, (size_t)tokens, (size_t)own, teacher->other_tokens);
	teacher->arena = teacher->floats > 0 ? size_calloc(teacher->floats, sizeof *teacher->arena) : NULL;
	if (!teacher->arena)
		return error_memory(error, "looking into a teacher");
	place(teacher, (size_t)tokens);
	return true;
}

bool inside_teacher_reserve(struct inside_teacher *teacher, int32_t tokens, int32_t sequences, int32_t longest,
                            struct error *error)
{
	const int32_t most = model_max_length(teacher->model);
	int32_t own = tokens;

	assert(longest <= most);
	if (teacher->other_tokens) {
		longest = longest < most / 2 ? 2 * longest : most;
		if (!word_match_init(&teacher->match, teacher->student, model_tokenizer(teacher->model), tokens, sequences, longest, error))
			return false;
		own = teacher->match.room;
	}
	return (network_reserve(teacher->model, own, sequences, longest, false, 0, error) || error_prefix(error, "--teacher")) &&
	       take(teacher, tokens, own, error);
}

void inside_teacher_close(struct inside_teacher *teacher)
{
	model_close(teacher->model);
	word_match_free(&teacher->match);
	give_back(teacher);
	*teacher = (struct inside_teacher){0};
}

bool inside_teacher_reveal(struct inside_teacher *teacher, struct batch *batch, int32_t sequences, struct error *error)
{
	struct batch own = {.ids = batch->ids, .starts = batch->starts, .sequences = sequences};

	batch->teacher = NULL;
	if (sequences == 0)
		return true;
	if (teacher->other_tokens) {
		word_match_batch(&teacher->match, &own);
		own = (struct batch){.ids = teacher->match.ids, .starts = teacher->match.starts, .sequences = sequences};
		teacher->revealed.matched = teacher->match.matched;
		teacher->revealed.tokens = batch->starts[sequences];
	}
	teacher->revealed.sequences = sequences;
	network_reveal(teacher->model, &own, &teacher->imitation, &teacher->revealed);
	batch->teacher = &teacher->revealed;
	return network_status(teacher->model, error);
}
