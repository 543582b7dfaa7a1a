/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models that are opened in other ways than most. */
#include "ui/session.h"

#include <string.h>

void session_load_model_quietly(struct session *session, const char *folder)
{
	session_load_model(session, folder);
	session->model_is_quiet = true;
}

void session_borrow(struct session *session, const char *run)
{
	session_open_model(session, run, session->read_only ? ORIGIN_NEWEST : ORIGIN_BORROWED);
}

/* A model that a training lent stays as it is; one that could not be opened is tried again. */
void session_compute_with(struct session *session, enum device device, enum precision precision)
{
	const bool same = session->how.device == device && session->how.precision == precision;
	const struct model *model = session->scoring.model;
	char folder[PATH_MAX];

	session->how.device = device;
	session->how.precision = precision;
	if (!same && (session->model_job || (model ? strcmp(model_folder(model), session->model_path) == 0 : session->model_path[0]))) {
		memcpy(folder, session->model_path, sizeof folder);
		session_load_model(session, folder);
	}
}
