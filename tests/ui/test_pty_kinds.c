/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program on a pseudo-terminal of different kinds: what draws the charts there without being told, and by which words
 * colours are chosen. */
#include "tests/ui/pty_check.h"

#include <sys/stat.h>

#define STEPS 40

static void write_run(const struct session *session)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof path, "%s/run", session->folder);
	assert_int_equal(mkdir(path, 0777), 0);
	snprintf(path, sizeof path, "%s/run/run.json", session->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "{\"format\": 1, \"data\": {\"path\": \"/data/reviews.csv\"}, \"model\": {\"path\": \"/models/base\"},"
	        " \"validation\": {\"path\": \"\"}, \"options\": {}, \"labels\": [\"a\", \"b\"], \"steps\": %d,"
	        " \"steps_per_epoch\": 20, \"rows\": {\"training\": 160, \"validation\": 16}}", STEPS);
	assert_int_equal(fclose(file), 0);
	snprintf(path, sizeof path, "%s/run/metrics.jsonl", session->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int step = 1; step <= STEPS; step++)
		fprintf(file, "{\"type\":\"step\",\"step\":%d,\"epoch\":%g,\"time\":%d,\"loss\":%g,\"learning_rate\":%g}\n", step, step / 20.0,
		        step, 0.7 / step + step % 3 * 0.05, 5e-5 * (STEPS - step) / STEPS);
	assert_int_equal(fclose(file), 0);
}

/* Shows the charts of a run, and no more than that is in the output. */
static void show_charts(struct session *session, const char *term)
{
	char command[300];

	pty_prepare(session, pty_reviews, strlen(pty_reviews));
	write_run(session);
	pty_launch(session, term, false);
	pty_drain_until(session, "Words: mean");
	session->size = 0;
	snprintf(command, sizeof command, ":watch %s/run\r", session->folder);
	pty_press(session, command);
	pty_drain_until(session, "Learning rate");
	pty_drain(session, 300);
}

/* Whether a character of three bytes from `first` to `last` was written. */
static bool shows_between(const struct session *session, uint32_t first, uint32_t last)
{
	const unsigned char *bytes = (const unsigned char *)session->output;

	for (size_t i = 0; i + 2 < session->size; i++) {
		const uint32_t code = (bytes[i] & 0x0Fu) << 12 | (bytes[i + 1] & 0x3Fu) << 6 | (bytes[i + 2] & 0x3Fu);

		if (bytes[i] >> 4 == 0xE && code >= first && code <= last)
			return true;
	}
	return false;
}

static bool shows_braille(const struct session *session)
{
	return shows_between(session, 0x2801, 0x28FF);
}

static bool shows_half_blocks(const struct session *session)
{
	return shows_between(session, 0x2580, 0x2580) || shows_between(session, 0x2584, 0x2584);
}

static void the_kind_of_terminal_decides_what_draws_the_charts(void **state)
{
	static const struct {
		const char *term;
		bool braille, half_blocks;
	} kinds[] = {
		{"xterm-256color", true, false}, {"tmux-256color", true, false}, {"xterm", true, false},
		{"linux", false, true},          {"vt100", false, false},        {"vt220", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct session session;

		show_charts(&session, kinds[i].term);
		if (shows_braille(&session) != kinds[i].braille || shows_half_blocks(&session) != kinds[i].half_blocks
		    || shows_between(&session, 0x2596, 0x259F))
			fail_msg("%s", kinds[i].term);
		pty_finish(&session);
	}
}

/* Whether ESC [ `lead` DIGIT m was written. */
static bool shows_color(const struct session *session, const char *lead)
{
	for (char digit = '0'; digit <= '7'; digit++) {
		char words[16];

		snprintf(words, sizeof words, "\033[%s%cm", lead, digit);
		if (pty_shows(session, words))
			return true;
	}
	return false;
}

/* The words of 256, of 16 and of 8 colours: 38;5;N, 90 to 97 and 30 to 37. */
static void check_colors(const struct session *session, const char *what, bool many, bool bright, bool few)
{
	if (pty_shows(session, "\033[38;5;") != many || shows_color(session, "9") != bright || shows_color(session, "3") != few)
		fail_msg("%s", what);
}

static void a_terminal_gets_the_words_of_as_many_colors_as_it_has(void **state)
{
	static const struct {
		const char *term;
		bool many, few;
	} kinds[] = {{"xterm-256color", true, false}, {"xterm", false, true}, {"linux", false, true}, {"vt100", false, false}};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct session session;

		show_charts(&session, kinds[i].term);
		check_colors(&session, kinds[i].term, kinds[i].many, false, kinds[i].few);
		pty_finish(&session);
	}
}

static void fewer_colors_than_it_has_are_used_when_they_are_asked_for(void **state)
{
	static const struct {
		const char *command;
		bool many, bright, few;
	} ways[] = {
		{":set colors 256\r", true, false, false},
		{":set colors 16\r", false, true, true},
		{":set colors 8\r", false, false, true},
		{":set colors none\r", false, false, false},
	};
	struct session session;

	(void)state;
	show_charts(&session, "xterm-256color");
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		pty_press(&session, ways[i].command);
		pty_drain(&session, 300);
		session.size = 0;
		pty_press(&session, "\f");
		pty_drain_until(&session, "Learning rate");
		pty_drain(&session, 300);
		check_colors(&session, ways[i].command, ways[i].many, ways[i].bright, ways[i].few);
	}
	pty_finish(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kind_of_terminal_decides_what_draws_the_charts),
		cmocka_unit_test(a_terminal_gets_the_words_of_as_many_colors_as_it_has),
		cmocka_unit_test(fewer_colors_than_it_has_are_used_when_they_are_asked_for),
	};

	return pty_main(tests, sizeof tests / sizeof tests[0]);
}
