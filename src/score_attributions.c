/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/output.h"
#include "src/score.h"

#include <inttypes.h>

static void write_number(FILE *record, const char *name, double value)
{
	fprintf(record, ",\"%s\":", name);
	write_json_logit(record, (float)value);
}

void score_write_attributions(const struct score_writer *writer, FILE *record, struct span text)
{
	const struct attribution *out = writer->attribution;

	fprintf(record, ",\"attributions\":{\"method\":\"%s\",\"label\":", attribution_method_name(out->method));
	write_json_string(record, span_of(model_label(writer->model, out->label)));
	write_number(record, "logit", out->logit);
	if (out->method != ATTRIBUTION_OCCLUSION)
		write_number(record, "bias", out->bias);
	if (out->method == ATTRIBUTION_GRADIENTS)
		write_number(record, "error", out->error);
	fputs(",\"words\":[", record);
	for (size_t i = 0; i < out->word_count; i++) {
		const struct contribution *word = &out->words[i];

		fputs(i ? ",{\"word\":" : "{\"word\":", record);
		write_json_string(record, (struct span){text.data + word->from, word->to - word->from});
		fprintf(record, ",\"from\":%" PRIu32 ",\"to\":%" PRIu32, word->from, word->to);
		write_number(record, "weight", word->weight);
		fputc('}', record);
	}
	fputs("]}", record);
}
