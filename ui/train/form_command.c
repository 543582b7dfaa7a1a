/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/form_command.h"

#include "ui/shell_word.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Several texts of an option, a line each, are the option as many times. */
static void put_option(FILE *out, const struct train_options *options, const struct option_row *row)
{
	char value[OPTION_TEXT_MAX];

	train_option_format(options, row, value, sizeof value);
	if (row->kind == OPTION_BOOLEAN && strcmp(value, "true") == 0) {
		fprintf(out, " --%s", row->name);
		return;
	}
	for (const char *text = value; ; text++) {
		const size_t size = row->maximum > 1 && row->kind == OPTION_TEXT ? strcspn(text, "\n") : strlen(text);

		fprintf(out, " --%s ", row->name);
		shell_word_put(out, (struct span){text, size});
		text += size;
		if (!*text)
			return;
	}
}

char *form_command(const struct trainer_request *request)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	shell_word_put_path(out, "revue train ", request->data);
	shell_word_put_path(out, " -m ", request->model);
	shell_word_put_path(out, " -o ", request->run);
	for (int i = 0; i < train_option_count; i++)
		if (!train_option_is_default(request->options, &train_option_rows[i]))
			put_option(out, request->options, &train_option_rows[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
