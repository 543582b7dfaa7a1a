/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/facts.h"

#include "src/output.h"

static void fact_name(struct facts *facts, const char *name)
{
	if (facts->json)
		fprintf(facts->out, "%s  \"%s\": ", facts->any ? ",\n" : "", name);
	else
		fprintf(facts->out, "%-28s ", name);
	facts->any = true;
}

void fact_text(struct facts *facts, const char *name, const char *value)
{
	fact_name(facts, name);
	if (facts->json) {
		write_json_string(facts->out, span_of(value));
		return;
	}
	write_tsv_field(facts->out, span_of(value)); /* a fact is one line, whatever it holds */
	fputc('\n', facts->out);
}

void fact_number(struct facts *facts, const char *name, double value, struct words words)
{
	fact_name(facts, name);
	if (facts->json)
		write_json_number(facts->out, value);
	else
		fprintf(facts->out, "%s\n", words.text);
}

void fact_count(struct facts *facts, const char *name, uint64_t value)
{
	fact_number(facts, name, (double)value, words_count(value));
}

void fact_real(struct facts *facts, const char *name, double value)
{
	fact_number(facts, name, value, words_double(value));
}

void fact_truth(struct facts *facts, const char *name, bool value)
{
	fact_name(facts, name);
	if (facts->json)
		fputs(value ? "true" : "false", facts->out);
	else
		fprintf(facts->out, "%s\n", value ? "yes" : "no");
}

void fact_list(struct facts *facts, const char *name, const char *(*item)(const void *of, int i), const void *of, int count)
{
	fact_name(facts, name);
	if (facts->json)
		fputc('[', facts->out);
	for (int i = 0; i < count; i++) {
		fputs(i ? ", " : "", facts->out);
		if (facts->json)
			write_json_string(facts->out, span_of(item(of, i)));
		else
			write_tsv_field(facts->out, span_of(item(of, i)));
	}
	fputs(facts->json ? "]" : count ? "\n" : "none\n", facts->out);
}

void fact_counts(struct facts *facts, const char *name, const struct survey *survey)
{
	const char *between = "";

	fact_name(facts, name);
	if (facts->json)
		fputc('{', facts->out);
	for (int i = survey_label_after(survey, -1); i >= 0; i = survey_label_after(survey, i)) {
		const struct label_count *label = &survey->labels[i];

		fputs(between, facts->out);
		between = ", ";
		if (facts->json) {
			write_json_string(facts->out, span_of(label->name));
			fputs(": ", facts->out);
			write_json_number(facts->out, (double)label->count);
		} else {
			write_tsv_field(facts->out, span_of(label->name));
			fprintf(facts->out, " %s", words_count(label->count).text);
		}
	}
	fputs(facts->json ? "}" : *between ? "\n" : "none\n", facts->out);
}
