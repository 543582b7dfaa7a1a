/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/departure.h"

#include <stdarg.h>
#include <stdio.h>

static void departure_say(struct departure *departure, bool is_error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void departure_say(struct departure *departure, bool is_error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(departure->message, sizeof departure->message, format, arguments);
	va_end(arguments);
	departure->is_error = is_error;
}

static void departure_stop(struct departure *departure, struct session *session, const char *said)
{
	struct error error = {0};

	if (!session_is_training(session))
		return;
	if (session_command(session, "stop", &error))
		departure_say(departure, false, "%s", said);
	else
		departure_say(departure, true, "%s", error.text);
}

/* Nobody else does it: it goes on here. */
static void departure_keep(struct departure *departure, struct session *session, const struct error *why)
{
	struct error error = {0};

	session_hand_over(session, false);
	if (session_resume(session, session->run_path, departure->paused, &error))
		departure_say(departure, true, "it could not be left running (%s), so it goes on here", why->text);
	else
		departure_say(departure, true, "it could not be left running (%s) and stands at its checkpoint: %s", why->text,
		              error.text);
}

static void departure_start_other(struct departure *departure, struct session *session)
{
	struct error error = {0};

	session_hand_over(session, true);
	if (takeover_start(&departure->takeover, TAKEOVER_PROGRAM, session->run_path, departure->paused, TAKEOVER_PATIENCE, &error)) {
		departure_say(departure, false, "handing the training over...");
		return;
	}
	departure->refusal = error;
	departure_event(departure, session, LEAVE_REFUSED);
}

__attribute__((format(printf, 2, 3)))
static void departure_farewell(struct departure *departure, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(departure->farewell, sizeof departure->farewell, format, arguments);
	va_end(arguments);
}

static void departure_tell(struct departure *departure, const struct session *session, enum leave_deed deed)
{
	const char *run = session->run_path;

	if (deed == LEAVE_TELL_RUNNING && departure->paused)
		departure_farewell(departure, "training stays paused in %s; revue watch %s shows it and goes on with it", run, run);
	else if (deed == LEAVE_TELL_RUNNING)
		departure_farewell(departure, "training goes on in %s; revue watch %s shows it", run, run);
	else if (deed == LEAVE_TELL_STOPPED)
		departure_farewell(departure, "%s", session->trainer_error.text);
	else
		departure_farewell(departure, "the training has finished: its model is in %s/model", run);
}

static void departure_do(struct departure *departure, struct session *session, enum leave_deed deed)
{
	switch (deed) {
	case LEAVE_ASK:
		departure->asks = true;
		break;
	case LEAVE_STOP:
		departure_stop(departure, session, "stopping after a checkpoint...");
		break;
	case LEAVE_STOP_TO_HAND:
		departure->paused = session_is_paused(session);
		departure_stop(departure, session, "handing the training over after a checkpoint...");
		break;
	case LEAVE_SAY_WAITING:
		departure_say(departure, false, "leaving after a checkpoint...");
		break;
	case LEAVE_START_OTHER:
		departure_start_other(departure, session);
		break;
	case LEAVE_CALL_OFF:
		takeover_stop(&departure->takeover);
		session_hand_over(session, false);
		break;
	case LEAVE_KEEP:
		departure_keep(departure, session, &departure->refusal);
		break;
	case LEAVE_COMPLAIN:
		departure_say(departure, true, "%s", session->trainer_error.text);
		break;
	case LEAVE_TELL_FINISHED:
	case LEAVE_TELL_STOPPED:
	case LEAVE_TELL_RUNNING:
		departure_tell(departure, session, deed);
		break;
	default:
		break;
	}
}

void departure_event(struct departure *departure, struct session *session, enum leave_event event)
{
	const struct leave_step step = leave_next(departure->state, event);

	departure->state = step.next;
	departure_do(departure, session, step.deed);
}

bool departure_is_waiting(const struct departure *departure)
{
	return departure->state == LEAVE_TAKING || departure->state == LEAVE_DARK_TAKING;
}

/* How the training ended that is not running any more. */
static enum leave_event departure_end_of(const struct session *session)
{
	switch (session->trainer_status.phase) {
	case TRAINER_FINISHED:
		return LEAVE_FINISHED;
	case TRAINER_STOPPED:
		return LEAVE_STOPPED;
	case TRAINER_FAILED:
		return LEAVE_FAILED;
	default:
		return LEAVE_IDLE;
	}
}

void departure_update(struct departure *departure, struct session *session)
{
	if (!departure_is_waiting(departure)) {
		if (!session_is_training(session))
			departure_event(departure, session, departure_end_of(session));
		return;
	}
	switch (takeover_look(&departure->takeover, session->run, &departure->refusal)) {
	case TAKEOVER_DONE:
		departure_event(departure, session, LEAVE_TAKEN);
		break;
	case TAKEOVER_FAILED:
		departure_event(departure, session, LEAVE_REFUSED);
		break;
	default:
		break;
	}
}
