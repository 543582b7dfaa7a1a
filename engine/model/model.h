/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model as an object before it has values. */
#ifndef REVUE_MODEL_MODEL_H
#define REVUE_MODEL_MODEL_H

#include "engine/model/inside.h"

/* A model with its backend and table, without values yet. Takes ownership of `tokenizer`, also when it fails. names
 * NULL: LABEL_0 and so on. */
struct model *model_make(const struct model_config *config, const char *const *names, struct tokenizer *tokenizer,
                         const struct model_options *options, struct error *error);

/* One without table, backend and tokenizer, for kinds of models that have none. names NULL: LABEL_0 and so on. */
struct model *model_make_plain(const struct model_config *config, const char *folder, const char *const *names,
                               struct error *error);

/* Replaces its configuration and labels. False: out of memory. */
bool model_take_config(struct model *model, const struct model_config *config, const char *const *names, struct error *error);

/* A model of a folder's config.json and tokenizer alone, for whoever has the values elsewhere: they are undefined until all
 * of them are set. Needs no weights; the caller closes it. */
struct model *model_open_bare(const char *folder, const struct model_options *options, struct error *error);

/* What model_folder tells from now on. False: no memory, it is what it was. */
bool model_set_folder(struct model *model, const char *folder);

/* Puts the values of a model into one of the same sizes that model_open_bare has opened: of adapters added to their matrices,
 * of 4 bits as floats. False: `to` is of no use. */
bool model_copy_values(const struct model *from, struct model *to, struct error *error);

/* How the adapter that is trained wants its base; NULL: as its file has it. It is saved with the adapter. */
void model_set_base_in_4bit(struct model *model, const struct quantization *base);

/* Writes what model_open_bare reads, as model_save does. */
bool model_save_bare(const struct model *model, const char *folder, struct error *error);

#endif
