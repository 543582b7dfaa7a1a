/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/line.h"

#include "ui/terminal/history.h"
#include "ui/terminal/inputrc.h"
#include "ui/terminal/key.h"
#include "ui/terminal/widgets.h"

#include <stdio.h>
#include <stdlib.h>

#include <readline/history.h>
#include <readline/readline.h>
#include <readline/tilde.h>

#define FIFO_SIZE 64

struct line {
	bool active, cancelled;
	enum line_history history;
	char *result;
	unsigned char fifo[FIFO_SIZE]; /* bytes of one key on their way to readline */
	size_t fifo_first, fifo_count;
	struct line_options options;
	char **candidates; /* [candidate_count], copies */
	int candidate_count;
	HISTORY_STATE histories[LINE_HISTORY_COUNT];
	bool remember, may_remember;
	struct error settings_error; /* why the person's settings of readline were not read, or not all */
	FILE *nowhere;
};

/* readline's callbacks take no context: the one line that is there. */
static struct line *the_line;

static const char *const history_names[LINE_HISTORY_COUNT] = {
	[LINE_HISTORY_COMMAND] = "history-command",
	[LINE_HISTORY_SEARCH] = "history-search",
	[LINE_HISTORY_FILE] = "history-file",
	[LINE_HISTORY_REVIEW] = "history-review",
};

/* What readline calls */

static int line_getc(FILE *stream)
{
	(void)stream;
	if (the_line->fifo_first == the_line->fifo_count)
		return EOF;
	return the_line->fifo[the_line->fifo_first++];
}

static int line_input_waits(void)
{
	return the_line->fifo_first < the_line->fifo_count;
}

static void line_draw_later(void)
{
}

static void line_accept(char *text)
{
	the_line->cancelled = !text;
	free(the_line->result);
	the_line->result = text && the_line->options.files && *text == '~' ? tilde_expand(text) : text;
	if (the_line->result != text)
		free(text);
	the_line->active = false;
	rl_callback_handler_remove();
}

static char *line_complete_word(const char *word, int state)
{
	static int index; /* readline counts by calling again */

	index = state ? index + 1 : 0;
	return the_line->options.complete(word, index, the_line->options.context);
}

static char **line_complete(const char *word, int start, int end)
{
	(void)start;
	(void)end;
	rl_attempted_completion_over = 1;
	if (the_line->options.complete) {
		char **matches = rl_completion_matches(word, line_complete_word);

		if (matches || !the_line->options.files)
			return matches;
	}
	if (the_line->options.wants_files && !the_line->options.wants_files(word, the_line->options.context))
		return NULL;
	rl_completion_append_character = '\0';
	return the_line->options.files ? rl_completion_matches(word, rl_filename_completion_function) : NULL;
}

static void line_forget_candidates(struct line *line)
{
	for (int i = 0; i < line->candidate_count; i++)
		free(line->candidates[i]);
	free(line->candidates);
	line->candidates = NULL;
	line->candidate_count = 0;
}

/* readline's matches[0] is what they have in common; the list follows. */
static void line_take_candidates(char **matches, int count, int longest)
{
	(void)longest;
	line_forget_candidates(the_line);
	the_line->candidates = calloc((size_t)count + 1, sizeof *the_line->candidates);
	for (int i = 1; the_line->candidates && i <= count; i++) {
		char *copy = strdup(matches[i]);

		if (copy)
			the_line->candidates[the_line->candidate_count++] = copy;
	}
}

/* Setting up */

static void line_load_histories(struct line *line)
{
	for (int i = 1; i < LINE_HISTORY_COUNT; i++) {
		history_set_history_state(&line->histories[i]);
		history_load(history_names[i]);
		line->histories[i] = history_copy_state();
	}
}

static void line_take_setting(char *setting)
{
	rl_parse_and_bind(setting);
}

/* readline reads at its start, and by re-read-init-file, the file that it read last: that is an empty one. */
static void line_read_settings(struct line *line)
{
	rl_read_init_file("/dev/null");
	rl_initialize();
	inputrc_read(line_take_setting, &line->settings_error);
}

struct line *line_new(bool remember, struct error *error)
{
	struct line *line = calloc(1, sizeof *line);

	if (!line || !(line->nowhere = fopen("/dev/null", "r+e"))) {
		free(line);
		error_errno(error, "open", "/dev/null");
		return NULL;
	}
	the_line = line;
	line->remember = line->may_remember = remember && history_is_wanted();
	rl_change_environment = 0; /* else curses takes LINES and COLUMNS of now for ever */
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_readline_name = "revue";
	rl_instream = line->nowhere;
	rl_outstream = line->nowhere;
	rl_prep_term_function = NULL;
	rl_deprep_term_function = NULL;
	rl_getc_function = line_getc;
	rl_input_available_hook = line_input_waits;
	rl_redisplay_function = line_draw_later;
	rl_attempted_completion_function = line_complete;
	rl_completion_display_matches_hook = line_take_candidates;
	line_read_settings(line);
	rl_variable_bind("editing-mode", "emacs"); /* Esc leaves the line, which is no life for vi */
	rl_unbind_function_in_map(rl_vi_editing_mode, emacs_standard_keymap);
	rl_unbind_function_in_map(rl_vi_editing_mode, emacs_meta_keymap);
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("show-all-if-ambiguous", "on");
	rl_variable_bind("enable-bracketed-paste", "off");
	rl_variable_bind("revert-all-at-newline", "on");
	rl_variable_bind("blink-matching-paren", "off");
	if (line->remember)
		line_load_histories(line);
	return line;
}

void line_free(struct line *line)
{
	if (!line)
		return;
	line_cancel(line);
	for (int i = 1; i < LINE_HISTORY_COUNT; i++) {
		history_set_history_state(&line->histories[i]);
		if (line->remember)
			history_save(history_names[i]);
		clear_history();
	}
	line_forget_candidates(line);
	free(line->result);
	fclose(line->nowhere);
	free(line);
	the_line = NULL;
}

/* Editing */

void line_begin(struct line *line, const struct line_options *options)
{
	line_cancel(line);
	line_forget_candidates(line);
	line->options = *options;
	line->history = options->history;
	line->fifo_first = line->fifo_count = 0;
	line->cancelled = false;
	line->active = true;
	history_set_history_state(&line->histories[line->history]);
	using_history();
	rl_completer_word_break_characters = options->complete ? " " : "";
	rl_callback_handler_install(options->prompt, line_accept);
	if (options->initial && *options->initial)
		rl_insert_text(options->initial);
}

bool line_is_active(const struct line *line)
{
	return line->active;
}

static const struct {
	int key;
	const char *bytes;
} line_sequences[] = {
	{UI_KEY_UP, "\033[A"},
	{UI_KEY_DOWN, "\033[B"},
	{UI_KEY_RIGHT, "\033[C"},
	{UI_KEY_LEFT, "\033[D"},
	{UI_KEY_HOME, "\033[H"},
	{UI_KEY_END, "\033[F"},
	{UI_KEY_DELETE, "\033[3~"},
	{UI_KEY_BACKSPACE, "\177"},
	{UI_KEY_ENTER, "\r"},
	{UI_KEY_ESCAPE, "\033"},
	{UI_KEY_TAB, "\t"},
};

static void line_push(struct line *line, const char *bytes, size_t size)
{
	if (size > FIFO_SIZE - line->fifo_count)
		return;
	memcpy(line->fifo + line->fifo_count, bytes, size);
	line->fifo_count += size;
}

/* A key as the bytes a terminal sends for it; those that readline has no use for are none. */
static void line_push_key(struct line *line, int key)
{
	const int plain = key & ~UI_ALT;
	char bytes[4];

	line->fifo_first = line->fifo_count = 0;
	for (size_t i = 0; i < sizeof line_sequences / sizeof *line_sequences; i++) {
		if (line_sequences[i].key != plain)
			continue;
		line_push(line, "\033", key & UI_ALT ? 1 : 0);
		line_push(line, line_sequences[i].bytes, strlen(line_sequences[i].bytes));
		return;
	}
	if (plain >= UI_KEY_UP)
		return;
	line_push(line, "\033", key & UI_ALT ? 1 : 0);
	line_push(line, bytes, key_encode((unsigned)plain, bytes));
}

/* What can be undone does not outlive a move in the history: readline 8.2 frees such lists twice. */
static void line_feed(struct line *line, int key)
{
	const int before = where_history();

	if (before < history_length)
		rl_free_undo_list();
	line_push_key(line, key);
	while (line->active && line_input_waits())
		rl_callback_read_char();
	if (line->active && where_history() != before)
		rl_free_undo_list();
}

static bool line_is_searching(void)
{
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH) != 0;
}

static bool line_belongs_to_search(int key)
{
	return (key >= ' ' && key < UI_KEY_UP) || key == UI_KEY_BACKSPACE || key == UI_KEY_ENTER || key == UI_CTRL('R')
	       || key == UI_CTRL('S') || key == UI_CTRL('G');
}

/* Any other key ends readline's search of its history first: some of them, as Ctrl-X, make readline 8.2 lose
 * its way there. An incremental search ends at ESC with what it found, the other kind at Ctrl-G. */
static void line_end_search(struct line *line)
{
	line_feed(line, RL_ISSTATE(RL_STATE_ISEARCH) ? UI_KEY_ESCAPE : UI_CTRL('G'));
}

/* Lets readline end the line as Enter does, for it keeps accounts of undo and history that only it can close;
 * Ctrl-G takes it out of the middle of anything before. */
void line_cancel(struct line *line)
{
	if (!line->active)
		return;
	if (line_is_searching())
		line_end_search(line);
	line_feed(line, UI_CTRL('G'));
	line_feed(line, UI_KEY_ENTER);
	if (line->active) {
		/* Enter is bound to something else. */
		rl_callback_sigcleanup();
		rl_free_line_state();
		rl_callback_handler_remove();
		line->active = false;
	}
	line->histories[line->history] = history_copy_state();
}

enum line_state line_key(struct line *line, int key)
{
	const bool searching = line_is_searching();

	line_forget_candidates(line);
	if (searching && !line_belongs_to_search(key))
		line_end_search(line);
	if (key == UI_KEY_ESCAPE) {
		if (!searching)
			line_cancel(line);
		return searching ? LINE_EDITING : LINE_CANCELLED;
	}
	if (key == (UI_KEY_ENTER | UI_ALT))
		rl_insert_text("\n");
	else
		line_feed(line, key);
	if (line->active)
		return LINE_EDITING;
	line->histories[line->history] = history_copy_state();
	return line->cancelled ? LINE_CANCELLED : LINE_ACCEPTED;
}

bool line_knows_alt(const struct line *line, int key)
{
	const int plain = key & ~UI_ALT;
	char bytes[8] = "\033";
	int type = ISMACR;

	(void)line;
	if (plain == UI_KEY_ENTER || plain == UI_KEY_BACKSPACE || (plain >= UI_KEY_UP && plain < UI_KEY_PASTE))
		return true;
	if (plain >= 0x80)
		return false;
	bytes[1] = (char)plain;
	return rl_function_of_keyseq(bytes, NULL, &type) || type != ISFUNC;
}

void line_set_remember(struct line *line, bool remember)
{
	line->remember = remember && line->may_remember;
}

bool line_keeps_histories(const struct line *line)
{
	return line->remember;
}

bool line_has_histories(const struct line *line)
{
	return line->may_remember;
}

void line_paste(struct line *line, struct span text)
{
	char *copy = line->active ? strndup(text.data, text.size) : NULL;

	if (copy && line_is_searching())
		line_end_search(line);
	if (copy)
		rl_insert_text(copy);
	free(copy);
}

void line_set_text(struct line *line, const char *text)
{
	if (!line->active)
		return;
	if (line_is_searching())
		line_end_search(line);
	line_forget_candidates(line);
	rl_free_undo_list();
	rl_replace_line(text, 0);
	rl_point = rl_end;
}

struct span line_text(const struct line *line)
{
	return line->active ? (struct span){rl_line_buffer, (size_t)rl_end} : (struct span){"", 0};
}

size_t line_point(const struct line *line)
{
	return line->active ? (size_t)rl_point : 0;
}

const char *line_result(const struct line *line)
{
	return line->result ? line->result : "";
}

const char *line_prompt(const struct line *line)
{
	return line->active && rl_display_prompt ? rl_display_prompt : "";
}

enum line_history line_history(const struct line *line)
{
	return line->history;
}

void line_remember(struct line *line, enum line_history history, const char *text)
{
	if (history == LINE_HISTORY_NONE || !*text)
		return;
	if (line->active)
		line->histories[line->history] = history_copy_state();
	history_set_history_state(&line->histories[history]);
	history_append(text);
	line->histories[history] = history_copy_state();
	if (line->active)
		history_set_history_state(&line->histories[line->history]);
}

const struct error *line_settings_error(const struct line *line)
{
	return line->settings_error.kind ? &line->settings_error : NULL;
}

bool line_can_complete(const struct line *line)
{
	return line->options.files || line->options.complete;
}

int line_candidates(const struct line *line)
{
	return line->candidate_count;
}

const char *line_candidate(const struct line *line, int index)
{
	return line->candidates[index];
}

/* Drawing */

static int glyphs_width(const struct scrubbed *text, size_t first, size_t end)
{
	int width = 0;

	for (size_t i = first; i < end && i < text->count; i++)
		width += text->glyphs[i].width;
	return width;
}

/* The first glyph to draw so that the cursor, `point`, stands inside `columns`. */
static size_t line_scroll(const struct scrubbed *text, size_t point, int columns)
{
	size_t first = point;
	int width = 1;

	while (first > 0 && width + text->glyphs[first - 1].width <= columns)
		width += text->glyphs[--first].width;
	return first;
}

void line_draw(const struct line *line, struct terminal *terminal, struct rect rect)
{
	struct scrubbed text = {0};
	int column = draw_text(terminal, rect, 0, 0, line_prompt(line), STYLE_TITLE);
	size_t point, first;

	if (column > rect.columns - 8)
		column = rect.columns > 8 ? rect.columns - 8 : 0;
	if (!scrub_text(&text, line_text(line), terminal_scrub(terminal, SCRUB_NEWLINE_SYMBOL)))
		return;
	point = text_glyph_at(&text, line_point(line));
	first = line_scroll(&text, point, rect.columns - column);
	draw_fill(terminal, rect, 0, column, STYLE_NORMAL);
	draw_glyphs(terminal, rect, 0, column, &text, first, text.count - first, STYLE_NORMAL);
	terminal_cursor(terminal, rect.y, rect.x + column + glyphs_width(&text, first, point));
	scrubbed_free(&text);
}
