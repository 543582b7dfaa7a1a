/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * :set, :map, :unmap and :write-settings. */
#include "ui/app.h"
#include "ui/config.h"
#include "ui/terminal/history.h"

static void complain_of_line(void *context, const struct error *error)
{
	app_complain(context, error);
}

static void use_device(struct app *app)
{
	const int *values = app->settings.values;

	session_compute_with(&app->session, (enum device)values[SETTING_DEVICE], (enum precision)values[SETTING_PRECISION]);
}

bool app_remembers(const struct app *app)
{
	return history_is_wanted() && app->settings.values[SETTING_HISTORY] && !app->session.read_only;
}

void app_apply_history(struct app *app)
{
	line_set_remember(app->line, app_remembers(app));
	dialect_memory_write(app->session.dialects, app_remembers(app));
}

void app_read_settings(struct app *app)
{
	char path[PATH_MAX];

	settings_init(&app->settings);
	if (!app->no_config && config_path(path))
		config_read(path, &app->settings, complain_of_line, app);
	use_device(app);
}

/* "frame-rate 10: how often ..." */
static void tell_setting(struct app *app, int setting)
{
	const struct setting_row *row = &setting_rows[setting];
	char value[SETTING_TEXT_MAX];

	setting_format(&app->settings, setting, value);
	if (row->words[0])
		app_say(app, "%s %s (%s): %s", row->name, value, row->words, row->help);
	else
		app_say(app, "%s %s (%d to %d): %s", row->name, value, row->least, row->most, row->help);
}

static void tell_all(struct app *app)
{
	char text[1000] = "", value[SETTING_TEXT_MAX];
	size_t used = 0;

	for (int i = 0; i < SETTING_COUNT; i++) {
		setting_format(&app->settings, i, value);
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", used ? ", " : "", setting_rows[i].name, value);
	}
	app_say(app, "%s", text);
}

void app_change_settings(struct app *app, enum action action, const char *argument)
{
	const int setting = action == ACTION_SET ? setting_find(argument, strcspn(argument, " ")) : -1;
	char line[1024];
	struct error error = {0};

	if (action == ACTION_SET && !*argument) {
		tell_all(app);
		return;
	}
	if (setting >= 0 && argument[strcspn(argument, " ")] == '\0') {
		tell_setting(app, setting);
		return;
	}
	snprintf(line, sizeof line, "%s %s", action_rows[action].name, argument);
	if (!config_do(&app->settings, line, &error)) {
		app_complain(app, &error);
		return;
	}
	terminal_apply(app->terminal, &app->settings);
	app_apply_history(app);
	use_device(app);
}

void app_write_settings(struct app *app)
{
	char path[PATH_MAX];
	struct error error = {0};

	if (app->no_config || !config_path(path))
		app_say(app, "there is no file of settings: REVUE_CONFIG is off, or HOME is not set");
	else if (config_write(path, &app->settings, &error))
		app_say(app, "written: %s", path);
	else
		app_complain(app, &error);
}
