/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model was made for, by the class that config.json names. */
#ifndef REVUE_FORMAT_CONFIG_TASK_H
#define REVUE_FORMAT_CONFIG_TASK_H

#include <jansson.h>

/* What "architectures" names, where that is a class for another task than classifying texts: "token classification",
 * and in *class, which may be NULL, its name as in the file. NULL: it is not. */
const char *config_other_task(const json_t *document, const char **class);

#endif
