/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/leave.c: every state and every event of the ways out. */
#include "tests/unit/check.h"

#include "ui/leave.h"

/* What is expected, a row a state, a cell an event: the next state and the deed; "." changes nothing. */
static const char *const state_names[LEAVE_STATES] = {"not", "asked", "stopping", "handing", "taking", "dark", "dark-stopping",
	"dark-handing", "dark-taking", "interrupted", "done", "done-interrupted", "at-once"};
static const char *const deed_names[LEAVE_DEEDS] = {"", "ask", "stop", "stop-to-hand", "say-waiting", "start-other", "call-off",
	"keep", "complain", "tell-finished", "tell-stopped", "tell-running"};

static const char *const expected[LEAVE_STATES][LEAVE_EVENTS] = {
	[LEAVE_NOT] = {"done", "asked ask", "dark-stopping stop", ".", ".", ".", ".", ".", ".", ".", ".", ".",
	               "interrupted stop", "dark"},
	[LEAVE_ASKED] = {".", ".", "dark-stopping stop", "handing stop-to-hand", "stopping stop", "not", ".", ".", ".", ".", ".",
	                 ".", "interrupted stop", "dark"},
	[LEAVE_STOPPING] = {"stopping say-waiting", "stopping say-waiting", "dark-stopping", ".", ".", ".", "done",
	                    "done tell-finished", "done tell-stopped", "not complain", ".", ".", "interrupted stop",
	                    "dark-stopping"},
	[LEAVE_HANDING] = {"handing say-waiting", "handing say-waiting", "dark-handing", ".", ".", ".", "done",
	                   "done tell-finished", "taking start-other", "not complain", ".", ".", "interrupted stop",
	                   "dark-handing"},
	[LEAVE_TAKING] = {"taking say-waiting", ".", "dark-taking", ".", ".", ".", ".", ".", ".", ".", "done tell-running",
	                  "not keep", "done-interrupted call-off", "dark-taking"},
	[LEAVE_DARK] = {".", ".", ".", ".", ".", ".", "done", "done", "done", "done", ".", ".", "interrupted stop", "."},
	[LEAVE_DARK_STOPPING] = {".", ".", ".", ".", ".", ".", "done", "done", "done", "done", ".", ".", "interrupted", "."},
	[LEAVE_DARK_HANDING] = {".", ".", ".", ".", ".", ".", "done", "done tell-finished", "dark-taking start-other", "done",
	                        ".", ".", "interrupted", "."},
	[LEAVE_DARK_TAKING] = {".", ".", ".", ".", ".", ".", ".", ".", ".", ".", "done tell-running", "dark keep",
	                       "done-interrupted call-off", "."},
	[LEAVE_INTERRUPTED] = {".", ".", ".", ".", ".", ".", "done-interrupted", "done-interrupted", "done-interrupted",
	                       "done-interrupted", ".", ".", "at-once", "."},
	[LEAVE_DONE] = {".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", "."},
	[LEAVE_DONE_INTERRUPTED] = {".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", "."},
	[LEAVE_AT_ONCE] = {".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", "."},
};

static void every_event_in_every_state_leads_where_the_table_says(void **state)
{
	(void)state;
	for (int from = 0; from < LEAVE_STATES; from++) {
		for (int event = 0; event < LEAVE_EVENTS; event++) {
			const struct leave_step step = leave_next((enum leave_state)from, (enum leave_event)event);
			char found[80];

			snprintf(found, sizeof found, "%s%s%s", state_names[step.next], step.deed ? " " : "", deed_names[step.deed]);
			if ((int)step.next == from && !step.deed)
				snprintf(found, sizeof found, ".");
			if (strcmp(found, expected[from][event]) != 0)
				fail_msg("%s, event %d: %s and not %s", state_names[from], event, found, expected[from][event]);
		}
	}
}

static void two_signals_end_it_from_everywhere(void **state)
{
	(void)state;
	for (int from = 0; from < LEAVE_STATES; from++) {
		const enum leave_state once = leave_next((enum leave_state)from, LEAVE_SIGNAL).next;

		assert_false(leave_has_screens(once));
		assert_true(leave_is_over(leave_next(once, LEAVE_SIGNAL).next));
	}
}

static void a_terminal_that_went_never_has_screens_again(void **state)
{
	(void)state;
	for (int from = 0; from < LEAVE_STATES; from++) {
		const enum leave_state dark = leave_next((enum leave_state)from, LEAVE_HANGUP).next;

		assert_false(leave_has_screens(dark));
		for (int event = 0; event < LEAVE_EVENTS; event++)
			assert_false(leave_has_screens(leave_next(dark, (enum leave_event)event).next));
	}
}

static void what_is_over_stays_over(void **state)
{
	(void)state;
	for (int from = 0; from < LEAVE_STATES; from++) {
		for (int event = 0; event < LEAVE_EVENTS && leave_is_over((enum leave_state)from); event++)
			assert_int_equal(leave_next((enum leave_state)from, (enum leave_event)event).next, from);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_in_every_state_leads_where_the_table_says),
		cmocka_unit_test(two_signals_end_it_from_everywhere),
		cmocka_unit_test(a_terminal_that_went_never_has_screens_again),
		cmocka_unit_test(what_is_over_stays_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
