/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/marks.h"

#include "engine/base/file.h"
#include "engine/data/guess.h"
#include "engine/data/spread.h"

#define FEW_BAD 10 /* quotes quote where at most one of so many that open a field closes in mid-field */

/* Whether cutting with quotes leaves the rows as even as without. */
static bool as_even(const struct spread_facts *quoted, const struct spread_facts *raw)
{
	return quoted->even * raw->looked >= raw->even * quoted->looked &&
	       (quoted->view.rows == raw->view.rows || raw->even < raw->looked);
}

static bool quotes_quote(const struct spread_facts *quoted, const struct spread_facts *raw)
{
	return quoted->view.quoted > 0 && FEW_BAD * quoted->view.bad <= quoted->view.quoted && as_even(quoted, raw);
}

static bool observe_tabs(const struct opening *opening, struct sample_view *view, struct error *error)
{
	struct spread_facts facts[3];
	const struct marks marks = view->marks;

	for (int i = 0; i < 3; i++)
		facts[i] = (struct spread_facts){.view.marks = marks};
	facts[1].view.marks.quote = facts[2].view.marks.quote = '"';
	if (!marks.escape)
		facts[2].view.marks.escape = '\\';
	if (!spread_observe(opening, view->width, facts, 3, error))
		return false;
	if (guess_prefers_escape(&facts[1].view, &facts[2].view))
		facts[1] = facts[2];
	if (quotes_quote(&facts[1], &facts[0]))
		view->marks = facts[1].view.marks;
	return true;
}

static bool observe_escape(const struct opening *opening, struct sample_view *view, struct error *error)
{
	struct spread_facts facts[2] = {{.view.marks = view->marks}, {.view.marks = view->marks}};

	facts[1].view.marks.escape = '\\';
	if (!spread_observe(opening, 0, facts, 1, error))
		return false;
	if (facts[0].view.bad == 0)
		return true;
	if (!spread_observe(opening, 0, facts + 1, 1, error))
		return false;
	if (guess_prefers_escape(&facts[0].view, &facts[1].view))
		view->marks = facts[1].view.marks;
	return true;
}

bool marks_observe(const struct opening *opening, const struct dataset_dialect *said, struct sample_view *view,
                   struct error *error)
{
	const bool tabs = view->marks.delimiter == '\t' && !view->marks.quote && !said->quote;
	const bool escape = view->marks.quote && !view->marks.escape && !said->escape && view->doubled == 0 && view->bad == 0;
	struct sample_view quoted = {.marks = {'\t', '"', view->marks.escape}};
	bool done = true;

	if (opening->sample->whole || opening->sample->rows == 0)
		return true;
	if (tabs)
		sample_find_rows(opening->sample, &quoted);
	if (tabs && !quoted.opened)
		done = observe_tabs(opening, view, error);
	else if (escape)
		done = observe_escape(opening, view, error);
	return done && (guess_cut(opening->sample, view) || error_memory(error, "opening a file"));
}

const char *marks_delimiter_name(char delimiter)
{
	return delimiter == ';' ? "semicolons" : delimiter == '\t' ? "TABs" : delimiter == '|' ? "bars" :
	       delimiter == ' ' ? "blanks" : "commas";
}

static bool tell_preamble(const struct preamble *preamble, struct notices *notices)
{
	if (preamble->separator &&
	    !notices_add(notices, "line 1 names the delimiter (sep=%c) and is no row", preamble->separator))
		return false;
	return preamble->comments == 0 ||
	       notices_add(notices, "%llu line%s of comments (#) above the table %s skipped",
	                   (unsigned long long)preamble->comments, preamble->comments == 1 ? "" : "s",
	                   preamble->comments == 1 ? "is" : "are");
}

bool marks_tell(const struct opening *opening, const struct marks *marks, const struct preamble *preamble,
                struct notices *notices)
{
	const struct dataset_dialect *said = &opening->options->dialect;
	const bool guessed = !said->delimiter && !preamble->separator;
	bool done = tell_preamble(preamble, notices);

	if (done && guessed && marks->delimiter && marks->delimiter != ',' &&
	    file_has_suffix(opening->source->path, ".csv"))
		done = notices_add(notices, "the fields are separated by %s (--delimiter says otherwise)",
		                   marks_delimiter_name(marks->delimiter));
	if (done && !said->quote && marks->quote == '\'')
		done = notices_add(notices, "the fields are quoted by ' (--quote says otherwise)");
	if (done && !said->escape && marks->escape)
		done = notices_add(notices, "quotes inside quotes are written \\\": a backslash is taken out before what comes "
		                            "after it (--escape none keeps it)");
	return done;
}
