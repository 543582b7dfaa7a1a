/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The learning rates that models of a size are usually fine-tuned with. A rule of thumb: the large ones of Devlin et al.
 * 2018 (2e-5 to 5e-5), the small ones of Turc et al. 2019 ("Well-Read Students Learn Better", 3e-4 to 3e-5), adapters of Hu et
 * al. 2021, and tests/bench/RECIPES. */
#ifndef REVUE_TRAIN_USUAL_RATE_H
#define REVUE_TRAIN_USUAL_RATE_H

#include "engine/options.h"

struct usual_rate {
	double low, high; /* 0: none is usual with this optimizer */
	double suggested; /* between both */
};

struct usual_rate usual_rate(const struct model_config *config, const struct train_options *options);

/* "--learning-rate 5 is far above what a model of this size is usually trained with (2e-05 to 5e-05)": the rate is ten times
 * more than the highest, or less than a tenth of the lowest. False: it is not; `out` is "" then. */
bool usual_rate_warns(const struct model_config *config, const struct train_options *options, char *out, size_t capacity);

#endif
