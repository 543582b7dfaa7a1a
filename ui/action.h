/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The action table. Everything that a key, the `:` line or a key script can do stands in one row; dispatch,
 * completion, the footer and the help screen are made from it. Pure: knows no terminal. */
#ifndef REVUE_UI_ACTION_H
#define REVUE_UI_ACTION_H

#include <stdbool.h>
#include <stddef.h>

/* Where an action is valid: a screen, or what a screen is busy with. */
enum action_context {
	IN_DATA = 1,
	IN_REVIEWS = 2,
	IN_FORM = 4,  /* Train, before it starts */
	IN_RUN = 8,   /* Train, the charts */
	IN_SCORE = 16, /* Score, no text being typed */
	IN_HELP = 32, /* Help and Messages, which are only read */
	IN_RUNS = 64,
	IN_FILES = 128, /* Data, while a file is chosen */
	IN_DIALECT = 256, /* Data, while it is said how the file is written */
	ANYWHERE = 511,
	IN_LISTS = IN_DATA | IN_FILES | IN_DIALECT | IN_REVIEWS | IN_FORM | IN_SCORE | IN_HELP | IN_RUNS,
	IN_TABLES = IN_REVIEWS | IN_RUNS,
	IN_PLAIN = 1 << 14, /* where the screens are told in lines (ui/plain) */
	BY_NAME = 1 << 15, /* beside the screen that has the key: by its name from everywhere, which leads to that screen */
#define WRITES_IN(contexts) ((contexts) << 16) /* there it changes a file, or tells a training something: not with --read-only */
	WRITES = WRITES_IN(ANYWHERE),
};

/* X(id, name, keys, contexts, footer, argument, help)
 *   name      what the `:` line and scripts call it
 *   keys      default keys, separated by spaces; "": only by name
 *   footer    whether the footer shows it
 *   argument  what may follow the name on the `:` line; "": nothing
 *   help      a sentence without its full stop */
#define ACTIONS(X) \
	X(OPEN_FILE, "open", "o", IN_DATA | IN_FILES | BY_NAME, true, "FILE", "open another file of reviews (:open does so everywhere)") \
	X(FILES, "browse", "f", IN_DATA | IN_FILES | BY_NAME, true, "FOLDER", \
	  "choose a file among those that were opened lately and in folders; again: the open one") \
	X(CHOOSE_FILE, "choose", "Enter Right l", IN_FILES, true, "", "open the chosen file, or go into the folder") \
	X(FOLDER_UP, "folder-up", "Left h Backspace", IN_FILES, true, "", "go to the folder that this one lies in") \
	X(SET_TEXT, "text", "t", IN_DATA, true, "COLUMN", "take the chosen column as the text of the review") \
	X(SET_LABEL, "label", "l", IN_DATA, true, "COLUMN", "take the chosen column as the label, or none if it is that already") \
	X(COUNT_LABELS, "count", "c", IN_DATA, false, "", "count the labels again, after Esc has given that up") \
	X(DIALECT, "dialect", "d", IN_DATA | BY_NAME, true, "WORDS", \
	  "how the file is written, as a form; or at once, as with \"delimiter ;\"") \
	X(OUTLOOK, "outlook", "r", IN_DATA, true, "LENGTH", \
	  "what a training would meet: reviews cut at a length, doubles, lengths in tokens; again: the columns") \
	X(OVERLAP, "overlap", "v", IN_DATA, false, "FILE", "in what a training would meet: which reviews of another file stand here too") \
	X(LONGER, "longer", "+ =", IN_DATA, false, "", "there: cut reviews at twice as many tokens") \
	X(SHORTER, "shorter", "- _", IN_DATA, false, "", "there: at half as many") \
	X(SEARCH, "search", "/", IN_REVIEWS, true, "TEXT", "find a text, a regular expression, or rows such as confidence<0.6") \
	X(SEARCH_NEXT, "next", "n", IN_REVIEWS, true, "", "go to the next review that matches") \
	X(SEARCH_PREVIOUS, "previous", "N", IN_REVIEWS, false, "", "go to the previous review that matches") \
	X(FILTER, "filter", "f", IN_TABLES, true, "EXPR", \
	  "show some rows only, as label=negative text~waitress, or double (they are there again); by its key: a label, the next, all") \
	X(FILTER_BY, "where", "&", IN_TABLES, false, "EXPR", "type which rows to show") \
	X(SORT, "sort", "", IN_TABLES, false, "COLUMN", \
	  "order by a column, confidence, loss or length; with reverse the other way round; alone as in the file") \
	X(NEXT_ERROR, "next-error", "e", IN_REVIEWS, true, "", "go to the next row that the model has wrong, the worst first") \
	X(PREVIOUS_ERROR, "previous-error", "E", IN_REVIEWS, false, "", "go to the error before, which is worse") \
	X(PREDICT, "predict", "p", IN_REVIEWS, false, "", "stop predicting all rows, or go on") \
	X(MARK, "mark", "x", IN_TABLES, false, "", "mark the chosen row, or take its mark away, and go down") \
	X(MARK_FOUND, "mark-found", "X", IN_REVIEWS, false, "", "mark all that the search found, or else all that are listed") \
	X(UNMARK, "unmark", "u", IN_TABLES, false, "", "take all marks away") \
	X(EXPORT, "export", "w", IN_REVIEWS | WRITES, false, "FILE", \
	  "write the marked rows, or else those listed, to a file (.csv, .tsv, .jsonl) with what the model says") \
	X(CLEAR, "clear", "Esc", IN_TABLES, false, "", "drop search, filter and order") \
	X(GO_TO_ROW, "row", "", IN_REVIEWS, false, "NUMBER", "go to this row") \
	X(FOLLOW_END, "follow-end", "F", IN_REVIEWS, false, "", "keep the last row chosen as the file grows; again, or a way up: no more") \
	X(WHOLE, "whole", "Enter", IN_REVIEWS, true, "", "the review on the whole screen, pages being those of its text, or back") \
	X(RELABEL, "relabel", "l", IN_REVIEWS | WRITES, false, "LABEL", \
	  "set the label of the review right, in a file beside the data, which stays as it is") \
	X(RESTORE_LABEL, "restore-label", "L", IN_REVIEWS | WRITES, false, "", "take that back: the label of the file counts again") \
	X(DOUBLES, "doubles", "d", IN_REVIEWS, false, "", "list the reviews that repeat this one, exactly or nearly") \
	X(TOKENS, "tokens", "t", IN_REVIEWS | IN_SCORE, false, "", \
	  "the review as tokens with their ids, up to where the model reads, or back") \
	X(COLUMN, "column", "c", IN_TABLES, false, "NAME", \
	  "show another column in the table, or hide it; by its key: one more, then none") \
	X(TEXT_DOWN, "text-down", "J Right", IN_REVIEWS, false, "", "scroll the review below the table down") \
	X(TEXT_UP, "text-up", "K Left", IN_REVIEWS, false, "", "scroll the review below the table up") \
	X(EDIT_FIELD, "edit", "Enter e", IN_FORM | IN_DIALECT, true, "[VALUE]", "change the chosen setting, or set it to VALUE") \
	X(CHOICE_NEXT, "choice-next", "Right l", IN_FORM | IN_DIALECT, false, "", "the next word of a setting that is a choice") \
	X(CHOICE_BACK, "choice-back", "Left h", IN_FORM | IN_DIALECT, false, "", "the word before") \
	X(REREAD, "reread", "s", IN_DIALECT, true, "", "read the file as the form says") \
	X(LEAVE_DIALECT, "leave-form", "Esc", IN_DIALECT, true, "", "leave the form: the file is read as before") \
	X(COPY_COMMAND, "copy-command", "y", IN_FORM | IN_DIALECT, true, "", \
	  "show the command line that does the same, and copy it; again: the form") \
	X(START, "start", "s", IN_FORM | WRITES, true, "", "start the training") \
	X(FIND_FIELD, "setting", "/", IN_FORM, true, "NAME", "go to a setting by its name or by what it does") \
	X(RESET_FIELD, "default", "d", IN_FORM | IN_DIALECT, true, "", "set the chosen setting back to its default") \
	X(SHOW_RUN, "charts", "c", IN_FORM, true, "", "look at the charts of the last training again") \
	X(PAUSE, "pause", "p", IN_RUN | WRITES, true, "", "pause the training, or go on") \
	X(STOP, "stop", "s", IN_RUN | WRITES, true, "", "stop the training after a checkpoint") \
	X(SAVE, "save", "c", IN_RUN | WRITES, true, "", "write a checkpoint now") \
	X(EVALUATE, "evaluate", "v", IN_RUN | WRITES, false, "", "measure on the held-out rows now") \
	X(RATE, "rate", "R", IN_RUN | WRITES, false, "RATE", \
	  "another peak learning rate from now on, as 2e-5; the schedule keeps its shape") \
	X(EPOCHS, "epochs", "e", IN_RUN | WRITES, false, "EPOCHS", \
	  "another number of epochs in all, also of a run that is over; the rest of the schedule is stretched to it") \
	X(RESUME, "resume", "r", IN_RUN | BY_NAME | WRITES, true, "RUN", "go on with a run that stopped or died (:resume: everywhere)") \
	X(PROBE, "probe", "", IN_FORM | IN_RUN | WRITES_IN(IN_RUN), false, "TEXT", \
	  "follow what the model says of a sentence while it learns, eight at most") \
	X(REPORT, "report", "i", IN_RUN, true, "", "show what was found before the first step, or the charts again") \
	X(NEW_RUN, "new", "n", IN_RUN, true, "", "set up another training") \
	X(CHART, "chart", "Tab Down", IN_RUN, true, "NAME", "choose the next chart, or that of this metric") \
	X(CHART_BACK, "chart-back", "BackTab Up", IN_RUN, false, "", "choose the chart before") \
	X(LARGE, "large", "Enter z", IN_RUN, true, "", "the chosen chart alone, or all of them again") \
	X(HIDE, "hide", "x", IN_RUN, false, "", "hide the chosen chart") \
	X(UNHIDE, "unhide", "X", IN_RUN, false, "", "show the hidden charts again") \
	X(AXIS, "axis", "a", IN_RUN, false, "step|epoch|time|METRIC", "what the charts stand against; the key: the next of them") \
	X(SMOOTH, "smooth", "w", IN_RUN, false, "0-0.999", "how much a line is smoothed, 0 not at all; the key: the next of a few") \
	X(LOG_AXIS, "log-axis", "y", IN_RUN, false, "", "the chosen chart on a logarithmic axis, or a linear one") \
	X(CROSS_LEFT, "cross-left", "Left h", IN_RUN, false, "", "the crosshair, which reads off values, a column to the left") \
	X(CROSS_RIGHT, "cross-right", "Right l", IN_RUN, false, "", "a column to the right; beyond the last point it goes away") \
	X(CROSSHAIR, "crosshair", "|", IN_RUN, false, "STEP", "the crosshair at this step, or on and off") \
	X(ZOOM_IN, "zoom-in", "+ =", IN_RUN, false, "", "half as much, around the crosshair") \
	X(ZOOM_OUT, "zoom-out", "- _", IN_RUN, false, "", "twice as much") \
	X(ZOOM, "zoom", "", IN_RUN, false, "FROM TO", "this part of what stands along the bottom") \
	X(PAN, "pan", "", IN_RUN, false, "left|right", "a quarter further, as its keys do") \
	X(PAN_LEFT, "pan-left", "< H", IN_RUN, false, "", "a quarter to the left") \
	X(PAN_RIGHT, "pan-right", "> L", IN_RUN, false, "", "a quarter to the right") \
	X(FIT, "fit", "0", IN_RUN, false, "", "all there is") \
	X(FOLLOW, "follow", "f", IN_RUN, false, "", "the end, which moves on as the training does") \
	X(OVERLAY, "overlay", "o", IN_RUN, false, "RUN", "lay another run over the charts, or take it away again") \
	X(BASELINE, "baseline", "", IN_RUN, false, "RUN", "compare the others with this run; again: with none") \
	X(TABLE, "table", "t", IN_RUN, false, "", "the final numbers of the runs, or the charts again") \
	X(SAVE_DATA, "save-data", "", IN_RUN | WRITES, false, "FILE", "write the points of the chosen chart as CSV") \
	X(EDIT_TEXT, "type", "i Enter", IN_SCORE, true, "", "put the cursor into the text") \
	X(TAKE_BACK, "take-back", "e", IN_SCORE, true, "", "put the chosen review back into the text") \
	X(WEIGHTS, "weights", "w", IN_SCORE, true, "", "what each word counts, by number, or the kept reviews again") \
	X(WORD_RIGHT, "word-right", "Right l", IN_SCORE, false, "", "go to the next word of the text") \
	X(WORD_LEFT, "word-left", "Left h", IN_SCORE, false, "", "go to the word before") \
	X(STRIKE, "strike", "x", IN_SCORE, true, "", "score the text without the chosen word; again: with it") \
	X(EXPLAIN, "explain", "", IN_SCORE, false, "LABEL", "what words count for this label; alone: for the predicted one") \
	X(COMPARE, "compare", "c", IN_SCORE | BY_NAME, true, "MODEL", \
	  "a second model beside the first, and the difference; again: one") \
	X(EXPECT, "expect", "", IN_SCORE, false, "LABEL", "the label that the chosen review should have") \
	X(SAVE_LESSON, "save-lesson", "", IN_SCORE | BY_NAME | WRITES, false, "FILE", \
	  "write the kept reviews with labels and notes (.csv, .tsv, .jsonl)") \
	X(LESSON, "lesson", "", IN_SCORE | BY_NAME, false, "FILE", "keep the reviews of such a file, or any file of reviews, instead") \
	X(CLEAR_LIST, "forget", "", IN_SCORE, false, "", "empty the list of kept reviews") \
	X(LOOK_AT, "look-at", "Enter", IN_RUNS, true, "", "what the run came to; in its confusion matrix the reviews of a cell") \
	X(FIGURES, "figures", "Tab", IN_RUNS, true, "confusion|labels|calibration|cut|worst|difference|mcnemar|study", \
	  "the next page of figures, or this one") \
	X(FIGURES_BACK, "figures-back", "BackTab", IN_RUNS, false, "", "the page before") \
	X(RUN_CHARTS, "run-charts", "o", IN_RUNS, true, "", "the charts of the run, with those of the marked ones laid over them") \
	X(DIFFERENCE, "difference", "d", IN_RUNS, true, "", "in which settings and results the marked runs differ") \
	X(MCNEMAR, "mcnemar", "t", IN_RUNS, false, "", "whether one of two marked runs is better by more than chance") \
	X(MENDED, "mended", "+", IN_RUNS, false, "", "the held-out reviews that the run got right, and its base did not") \
	X(BROKEN, "broken", "-", IN_RUNS, false, "", "those that it got wrong, and its base did not") \
	X(NOTE, "note", "n", IN_SCORE | IN_RUNS | WRITES_IN(IN_RUNS), true, "TEXT", \
	  "note something of the run in the table, or of the review that was kept") \
	X(RENAME_RUN, "rename", "r", IN_RUNS | WRITES, false, "WORD", "give the run another name") \
	X(DELETE_RUN, "delete-run", "D", IN_RUNS | WRITES, false, "", "delete the run, after a question") \
	X(RELOAD, "reload", "Ctrl-R", IN_RUNS, false, "", "look for runs again") \
	X(CELL_LEFT, "cell-left", "Left h", IN_RUNS, false, "", "the column, cell or label to the left; the table of a calibration") \
	X(CELL_RIGHT, "cell-right", "Right l", IN_RUNS, false, "", "the one to the right; the curve of a calibration alone") \
	X(FIND, "find", "/", IN_HELP | IN_FILES, true, "TEXT", "find a word, in help or among the names of files") \
	X(FIND_NEXT, "find-next", "n", IN_HELP | IN_FILES, true, "", "go to the next line that has it") \
	X(MOVE_DOWN, "down", "j Down", IN_LISTS, false, "", "go down a line") \
	X(MOVE_UP, "up", "k Up", IN_LISTS, false, "", "go up a line") \
	X(PAGE_DOWN, "page-down", "PgDn Space Ctrl-F", IN_LISTS, false, "", "go down a page") \
	X(PAGE_UP, "page-up", "PgUp b Ctrl-B", IN_LISTS, false, "", "go up a page") \
	X(MOVE_FIRST, "first", "g Home", IN_LISTS, false, "", "go to the first line") \
	X(MOVE_LAST, "last", "G End", IN_LISTS, false, "", "go to the last line") \
	X(SCREEN_DATA, "data", "1 F2 Alt-1", ANYWHERE, false, "", "the Data screen: the file, its columns and labels") \
	X(SCREEN_REVIEWS, "reviews", "2 F3 Alt-2", ANYWHERE, false, "", "the Reviews screen: browse and search") \
	X(SCREEN_TRAIN, "train", "3 F4 Alt-3", ANYWHERE, false, "", "the Train screen: settings, then charts") \
	X(SCREEN_SCORE, "score", "4 F5 Alt-4", ANYWHERE, false, "", "the Score screen: type a review") \
	X(SCREEN_RUNS, "runs", "5 F6 Alt-5", ANYWHERE, false, "FOLDER", "the Runs screen: all runs below a folder") \
	X(MODEL, "model", "m", ANYWHERE, false, "FOLDER", "load another model") \
	X(TRY, "try", "T", ANYWHERE, false, "", \
	  "Score and Reviews use the weights of the training as they are now; one of another process is asked for a checkpoint") \
	X(CHECKPOINT_BACK, "checkpoint-back", "[", ANYWHERE, false, "", "Score and Reviews use the checkpoint of the run before this one") \
	X(CHECKPOINT_NEXT, "checkpoint-next", "]", ANYWHERE, false, "", "the next checkpoint, and after the last one the result") \
	X(WATCH, "watch", "", ANYWHERE, false, "RUN", "show the charts of a run directory") \
	X(COMMAND, "command", ":", ANYWHERE, false, "", "type the name of an action; Tab completes it and what it is told") \
	X(PALETTE, "palette", "Ctrl-P", ANYWHERE, false, "", "choose among all actions by a part of a name, a key or a sentence") \
	X(SET, "set", "", ANYWHERE, false, "NAME VALUE", "change a setting, or tell what it is") \
	X(MAP, "map", "", ANYWHERE, false, "[SCREEN] KEY ACTION", "a key does an action from now on, everywhere or on one screen") \
	X(UNMAP, "unmap", "", ANYWHERE, false, "[SCREEN] KEY", "a key does nothing any more") \
	X(WRITE_SETTINGS, "write-settings", "", ANYWHERE | WRITES, false, "", \
	  "keep settings and keys for the next time, in the file of settings") \
	X(SAVE_SCREEN, "save-screen", "", ANYWHERE | WRITES, false, "FILE", "write what the screen shows: .txt, .ansi, .svg or .html") \
	X(PRESENT, "present", "", ANYWHERE, false, "NOTES", "one thing, large, with a line of notes; again: as before") \
	X(MESSAGES, "messages", "M", ANYWHERE, false, "", "read what was said again: the last 200 messages") \
	X(REDRAW, "redraw", "Ctrl-L", ANYWHERE, false, "", "draw the screen anew") \
	X(LOOK, "look", ".", IN_PLAIN, false, "", "tell again what the screen shows") \
	X(REPEAT, "repeat", ",", IN_PLAIN, false, "", "say again what was said last") \
	X(WAIT, "wait", "", IN_PLAIN, false, "", "take the next line of a pipe only when no training goes on any more") \
	X(SKIP, "skip", "F8", ANYWHERE, false, "", "the tour: pass over this step") \
	X(STEP_BACK, "step-back", "F7", ANYWHERE, false, "", "the tour: the step before again") \
	X(HELP, "help", "? F1", ANYWHERE, true, "", "this page: every key and command") \
	X(BACK, "back", "q", ANYWHERE, true, "", "go back a step; from the first screen: leave") \
	X(QUIT, "quit", "Q", ANYWHERE, false, "", "leave from any screen")

enum action {
	ACTION_NONE = -1,
#define X(id, ...) ACTION_##id,
	ACTIONS(X)
#undef X
	ACTION_COUNT,
};

struct action_row {
	const char *name, *keys;
	unsigned contexts;
	bool footer;
	const char *argument, *help;
};

extern const struct action_row action_rows[ACTION_COUNT];

/* The action that `key` means in `context` (one bit), to the person (ui/keymap.h) or else by the table; ACTION_NONE: none. */
enum action action_for_key(unsigned context, int key);

/* What a key that the person has mapped tells its action; "" else. */
const char *action_argument_for_key(unsigned context, int key);

/* The action with just this name; ACTION_NONE: none. */
enum action action_by_name(const char *name, size_t size);

/* All keys that lead to it somewhere, separated by spaces. */
#define ACTION_KEYS_MAX 160
void action_keys(enum action action, char out[ACTION_KEYS_MAX]);

/* Whether it can be done in `context` by its name. */
bool action_is_valid(enum action action, unsigned context);

/* Whether it changes a file there, or tells a training something. */
bool action_writes(enum action action, unsigned context);

/* The screens where it can be done: "Reviews and Runs". */
#define ACTION_PLACES_MAX 160
void action_places(enum action action, char out[ACTION_PLACES_MAX]);

/* The action of this name, or the only one valid in `context` whose name starts so. */
enum action action_for_name(unsigned context, const char *name, size_t size);

/* The first of its keys, as people read it; "" when it has none. */
void action_first_key(enum action action, char *out, size_t capacity);

/* The first of its keys that works while text is being typed, too; "" when it has none. */
void action_key_in_text(enum action action, char *out, size_t capacity);

/* Whether an action of a screen can be done now, and what it is called then. */
struct action_offer {
	bool (*offered)(const void *of, enum action action); /* NULL: all of them */
	const char *(*word)(const void *of, enum action action); /* NULL, or what it returns: by its name */
	const void *of;
};

/* "/ search  n next  ...  ? help  q back": of what is offered as many as fit into `columns` (and `capacity`), help and back
 * kept. Where nothing is to go back to, back is called quit. */
void action_footer(unsigned context, struct action_offer offer, bool first, int columns, char *out, size_t capacity);

#endif
