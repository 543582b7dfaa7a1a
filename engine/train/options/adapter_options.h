/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The adapters that the options of a training ask for. */
#ifndef REVUE_TRAIN_ADAPTER_OPTIONS_H
#define REVUE_TRAIN_ADAPTER_OPTIONS_H

#include "engine/model/lora.h"
#include "engine/options.h"

/* False: none are asked for. Texts of *settings are borrowed from the options. */
bool adapter_options(const struct train_options *options, struct lora_settings *settings);

#endif
