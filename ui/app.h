/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What screens may ask of the program: the terminal to draw on, the session, a prompt, a question, a
 * message. One struct app, passed down; the UI thread alone uses it. */
#ifndef REVUE_UI_APP_H
#define REVUE_UI_APP_H

#include "ui/departure.h"
#include "ui/messages.h"
#include "ui/row_wish.h"
#include "ui/session.h"
#include "ui/terminal/line.h"
#include "ui/terminal/terminal.h"
#include "ui/terminal/widgets.h"
#include "ui/view.h"

typedef void app_answer(struct app *app, void *context, const char *answer);

/* A question with answers by one key: "s stop after a checkpoint  b go back". */
struct app_choice {
	int key;
	const char *label;
};

/* The actions that fit what is typed, the best first (app_palette.c). */
struct palette_place {
	enum action action;
	int score;
};

struct palette {
	bool shown; /* while its prompt is */
	struct palette_place places[ACTION_COUNT];
	int count, page;
	struct list list;
};

struct tour;

struct app {
	struct settings settings;
	bool no_config; /* settings are not read, and written only to a file that is named */
	const char *samples, *pocket; /* the reviews and the model that ship; "": they are nowhere */
	char real_samples[PATH_MAX], real_pocket[PATH_MAX]; /* the same without symbolic links, as runs and recent files know them */
	const char *probes; /* what the form of a new training has as --probe at first; "": nothing */
	const char *model; /* the folder that a new training starts from when nothing else was said; "": none */
	const struct view *const *views; /* [SCREEN_COUNT] */
	struct terminal *terminal;
	struct line *line;
	struct session session;
	struct row_wish wish; /* rows that the Reviews screen lists as soon as they are there */

	void *states[SCREEN_COUNT];
	enum screen screen, back[8]; /* where `back` leads */
	int back_count;

	char message[1200]; /* the line above the footer; "": nothing stands there */
	enum message_kind message_kind;
	int message_more;   /* as many messages belong to it: its end says so */
	struct messages messages;

	bool prompting; /* the line is a prompt of the app */
	app_answer *answer;
	void *answer_context;

	const struct app_choice *choices; /* a question is asked; ends with key 0 */
	char question[256];
	void (*chosen)(struct app *app, int key);

	struct palette palette;
	unsigned help_context; /* the screen that help was asked for on */
	char *save_path; /* the next frame is written there; NULL: it is not */

	struct tour *tour; /* goes on over the screens (ui/tour); NULL: none */
	int (*strip_rows)(const struct app *app, int columns); /* that it wants of them; NULL: none */
	bool plain; /* nothing is drawn: what the screens say of themselves is (ui/plain) */

	bool presenting; /* one thing, large */
	char notes[512]; /* the line below it */

	struct departure departure;
	bool away; /* in the background of the shell: nothing is read or drawn */
	bool dirty; /* there is something new to draw */
	bool awaited; /* a person waits for it, who pressed a key or has another window: max-rate does not count */
	double last_frame;
};

bool app_open_screens(struct app *app, struct error *error);
void app_close_screens(struct app *app);

/* The screen in front and its data. */
const struct view *app_view(const struct app *app);
void *app_state(const struct app *app);

/* Begins with this screen: there is none to go back to. */
void app_start(struct app *app, enum screen screen);

/* The line above the footer, until the next key; the Messages screen keeps it. An error, or a note of the session, stands there
 * until a key: what is said meanwhile is only kept, and errors and news of the session wait until it has gone. */
void app_say(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
void app_complain(struct app *app, const struct error *error);

/* The line above the footer shows a prompt, a question, or what the person has not answered with a key: an error, or a note,
 * whose place an error takes. */
bool app_line_is_taken(const struct app *app, bool by_error);
void app_show_message(struct app *app, enum message_kind kind, const char *text, int more); /* there, whatever stood there */

/* Draws a line that is among the messages as well: where it does not fit it ends with the key that shows them. */
void app_draw_message(const struct app *app, struct rect rect, int row, int column, const char *text, enum style style);

/* Draws the line above the footer: what was said last, and how much more belongs to it. */
void app_draw_said(const struct app *app, struct rect rect);

/* What the screen in front wants (struct view). */
int app_view_timeout(const struct app *app);

/* A path as it is shown: what ships by what it is, any other with its middle left out where it is longer than `columns`. */
void app_path_name(const struct app *app, const char *path, int columns, char out[WIDGET_NAME_MAX]);

#define TABS_WIDE 62   /* columns: every title fits into less, without blanks around it; */
#define TABS_WHOLE 45  /* and here, while a text is typed and the keys are longer, its first letters do */

/* Where everything stands now. */
struct layout_frame app_frame(const struct app *app);

/* The tabs. What one says, and the columns that it takes with the gap after it; the tab at a column, -1: none. */
void app_tab_text(const struct app *app, int screen, char out[64]);
int app_tab_at(const struct app *app, int x);

/* Lets the person edit a line there; `answer` is called when Enter ends it. */
void app_prompt(struct app *app, const struct line_options *options, app_answer *answer, void *context);

/* A line_completer, `app` its context: a word of an expression of rows, where the screen in front has such. */
char *app_complete_expression(const char *word, int index, void *app);

/* An app_answer: does the action that `context` points to with the answer, unless that is empty. */
void app_answer_action(struct app *app, void *context, const char *answer);

/* Asks; `chosen` gets the key of a choice, or 0 after Esc. `choices` ends with a key of 0. */
void app_ask(struct app *app, const char *question, const struct app_choice *choices,
             void (*chosen)(struct app *app, int key));

/* Does an action by its name, as the `:` line does, in the place of a key. */
void app_do(struct app *app, enum action action, const char *argument);

/* One key from the keyboard or a script; a paste as a whole. */
void app_key(struct app *app, int key);
void app_paste(struct app *app, struct span text);

/* Something was done with the mouse. */
void app_mouse(struct app *app, enum mouse_deed deed, int y, int x);

/* Ctrl-C: leaves what is being typed, else asks where something would be lost, else leaves as a signal does. */
void app_interrupt(struct app *app);

/* Whether a key means an action of this screen although text is being typed. */
bool app_means_action(const struct app *app, int key);

/* Looks what the engine's threads have done. */
void app_update(struct app *app);
bool app_is_busy(const struct app *app);

/* Leaving (app_quit.c): at once, or after a question where something would be lost. */
void app_quit(struct app *app);
bool app_quit_asks(const struct app *app);      /* it would put one */
bool app_quit_is_asked(const struct app *app);  /* it stands there */
void app_take_departure(struct app *app);       /* puts the question of the departure, says what it has to say */

/* The screens will be closed: they keep what they can, and the last line tells it where it has nothing else to tell. */
void app_keep(struct app *app);

/* Something that concerns leaving has happened. */
void app_leave(struct app *app, enum leave_event event);
bool app_is_leaving(const struct app *app); /* the screens are to be closed */

/* The terminal has another size; 0, 0: ask it. */
void app_resize(struct app *app, int rows, int columns);

/* Settings and keys (app_settings.c): reads the file of settings, before the terminal opens; does :set, :map and :unmap with
 * their `argument`; writes the file. */
void app_read_settings(struct app *app);
void app_change_settings(struct app *app, enum action action, const char *argument);
void app_write_settings(struct app *app);

/* Writes what the next frame shows into a file (app_save_screen.c); app_write_screen does it when that is drawn. */
void app_save_screen(struct app *app, const char *path);
void app_write_screen(struct app *app);

/* The palette: puts it; finds anew what fits; takes keys that move in it; what is chosen; draws it. */
void app_ask_palette(struct app *app, app_answer *answer);
void app_palette_find(struct app *app);
bool app_palette_key(struct app *app, int key);
enum action app_palette_chosen(const struct app *app);
void app_draw_palette(struct app *app, struct rect rect);

/* The `:` line (app_command.c): puts it; what its text says, which is an action that can be done here and *argument inside
 * of `text`, or ACTION_NONE after a message. */
struct line_options app_command_line(struct app *app, const char *initial); /* how it is edited */
void app_ask_command(struct app *app, const char *initial, app_answer *answer);
enum action app_command(struct app *app, const char *text, const char **argument);

unsigned app_context(const struct app *app);

/* With --read-only: an action that would change a file here, or tell a training something. */
bool app_refuses(const struct app *app, enum action action);

/* Whether what is private is kept for the next time: what is typed, which files were opened and how, what a model predicted. */
bool app_remembers(const struct app *app);
void app_apply_history(struct app *app); /* to whoever writes such things, after a change of it */

#endif
