/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows of the parameter table are not trained, from the words of --freeze and --freeze-layers. */
#ifndef REVUE_MODEL_FREEZE_H
#define REVUE_MODEL_FREEZE_H

#include "engine/model/params.h"

struct freeze_request {
	/* Words separated by commas: "embeddings", "encoder" (all layers), "head" (what is no part of the other two), or names
	 * of tensors: whole or up to a dot, with * for any characters and ? for one, or /a POSIX extended regular expression/
	 * that is found anywhere in the name. "": nothing. A name that fits more than the head leaves a head alone that is new. */
	const char *what;
	const char *layers; /* numbers from 0 and ranges: "0-3,5"; "": none */
	bool fresh_head;    /* the head is new */
};

/* What the request came to. */
struct freeze_counts {
	int tensors, frozen;
	uint64_t elements, frozen_elements;
};

/* Clears `trainable` where the request says so. False with one line that names the option: a word that fits no tensor, a
 * layer that the model has not, or everything would be frozen. To be called before network_reserve(training). */
bool parameters_freeze(struct parameter *parameters, int count, const struct freeze_request *request,
                       struct freeze_counts *counts, struct error *error);

#endif
