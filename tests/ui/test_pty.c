/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program on a pseudo-terminal: what it writes, when it is silent, how it leaves. REVUE names it. */
#include "tests/unit/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)4 << 20)

struct session {
	int master, slave;
	pid_t pid;
	char folder[256], file[300];
	const char *model; /* NULL: none is named */
	const char *variable, *value; /* of its environment; NULL: LC_ALL is C.UTF-8 */
	char *output; /* everything that came, up to OUTPUT_MAX */
	size_t size;
	struct termios before;
};

static void write_file(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
}

/* What decides how it looks. */
static const char *const look[] = {"LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR", "SSH_CONNECTION"};

static void child(const struct session *session, const char *term, bool nohup)
{
	setsid();
	ioctl(session->slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(session->slave, fd);
	close(session->master);
	close(session->slave);
	if (nohup)
		signal(SIGHUP, SIG_IGN);
	if (chdir(session->folder) != 0)
		_exit(99);
	setenv("TERM", term, 1);
	setenv("HOME", session->folder, 1);
	setenv("XDG_STATE_HOME", session->folder, 1);
	setenv("REVUE_SHARE", "/nonexistent", 1);
	for (size_t i = 0; i < sizeof look / sizeof look[0]; i++)
		unsetenv(look[i]);
	setenv(session->variable ? session->variable : "LC_ALL", session->variable ? session->value : "C.UTF-8", 1);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	if (session->model)
		execl(getenv("REVUE"), "revue", "-m", session->model, session->file, (char *)NULL);
	execl(getenv("REVUE"), "revue", session->file, (char *)NULL);
	_exit(98);
}

static void prepare(struct session *session, const char *text, size_t size)
{
	*session = (struct session){0};
	session->output = malloc(OUTPUT_MAX);
	assert_non_null(session->output);
	check_folder(session->folder, sizeof session->folder);
	snprintf(session->file, sizeof session->file, "%s/reviews.csv", session->folder);
	write_file(session->file, text, size);
}

static void launch(struct session *session, const char *term, bool nohup)
{
	struct winsize window = {24, 80, 0, 0};

	assert_int_equal(openpty(&session->master, &session->slave, NULL, NULL, &window), 0);
	assert_int_equal(tcgetattr(session->slave, &session->before), 0);
	session->pid = fork();
	if (session->pid == 0)
		child(session, term, nohup);
	assert_true(session->pid > 0);
}

static void start_with(struct session *session, const char *term, bool nohup, const char *text, size_t size)
{
	prepare(session, text, size);
	launch(session, term, nohup);
}

static const char reviews[] = "text,label\nA fine film,positive\nNever again,negative\nGood value,positive\n";

static void start(struct session *session)
{
	start_with(session, "xterm-256color", false, reviews, sizeof reviews - 1);
}

/* Reads what comes within `patience` milliseconds, once; returns how many bytes. */
static size_t drain_once(struct session *session, int patience)
{
	struct pollfd fd = {session->master, POLLIN, 0};
	ssize_t size;

	if (poll(&fd, 1, patience) <= 0)
		return 0;
	if (session->size > OUTPUT_MAX - 65536)
		session->size = 65536;
	size = read(session->master, session->output + session->size, 65536);
	if (size <= 0)
		return 0;
	session->size += (size_t)size;
	return (size_t)size;
}

/* Reads until nothing has come for `quiet` milliseconds; returns how many bytes came. Not for charts that move. */
static size_t drain(struct session *session, int quiet)
{
	size_t sum = 0, size;

	while ((size = drain_once(session, quiet)) > 0)
		sum += size;
	return sum;
}

static void press(struct session *session, const char *keys)
{
	assert_int_equal(write(session->master, keys, strlen(keys)), strlen(keys));
	drain(session, 150);
}

static bool shows(const struct session *session, const char *text);

/* Reads until `text` has come; fails after half a minute. */
static void drain_until(struct session *session, const char *text)
{
	time_t until = time(NULL) + 30;

	while (!shows(session, text) && time(NULL) <= until)
		drain_once(session, 100);
	assert_true(shows(session, text));
}

static bool shows(const struct session *session, const char *text)
{
	return memmem(session->output, session->size, text, strlen(text));
}

/* Waits half a minute at most; the wait status, or -1. */
static int ended_unread(struct session *session)
{
	for (int i = 0; i < 3000; i++) {
		int status;
		const struct timespec pause = {0, 10000000};

		if (waitpid(session->pid, &status, WNOHANG) == session->pid)
			return status;
		nanosleep(&pause, NULL);
	}
	return -1;
}

/* The same while what it writes is read. */
static int ended(struct session *session)
{
	for (int i = 0; i < 1500; i++) {
		int status;
		const struct timespec pause = {0, 20000000};

		if (waitpid(session->pid, &status, WNOHANG) == session->pid)
			return status;
		if (session->master >= 0)
			drain_once(session, 0);
		nanosleep(&pause, NULL);
	}
	return -1;
}

static void finish(struct session *session)
{
	if (session->master >= 0)
		close(session->master);
	if (session->slave >= 0)
		close(session->slave);
	kill(session->pid, SIGKILL);
	waitpid(session->pid, NULL, 0);
	check_folder_remove(session->folder);
	free(session->output);
}

static long context_switches(pid_t pid)
{
	char path[300], line[256];
	DIR *folder;
	struct dirent *entry;
	long sum = 0, count;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	folder = opendir(path);
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%d/task/%.20s/status", (int)pid, entry->d_name);
		file = fopen(path, "r");
		while (file && fgets(line, sizeof line, file)) {
			if (sscanf(line, "voluntary_ctxt_switches: %ld", &count) == 1)
				sum += count;
		}
		if (file)
			fclose(file);
	}
	closedir(folder);
	return sum;
}

static void an_idle_program_writes_nothing_and_never_wakes_up(void **state)
{
	struct session session;
	long before;

	(void)state;
	start(&session);
	assert_true(drain(&session, 700) > 0);
	before = context_switches(session.pid);
	assert_int_equal(drain(&session, 1500), 0);
	assert_int_equal(context_switches(session.pid), before);
	finish(&session);
}

static void the_terminal_is_as_it_was_after_q(void **state)
{
	struct session session;
	struct termios after;
	int status;

	(void)state;
	start(&session);
	drain(&session, 400);
	assert_true(shows(&session, "\033[?2004h"));
	press(&session, "q");
	status = ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	drain(&session, 100);
	assert_true(shows(&session, "\033[?2004l"));
	assert_int_equal(tcgetattr(session.slave, &after), 0);
	assert_int_equal(after.c_lflag, session.before.c_lflag);
	assert_int_equal(after.c_iflag, session.before.c_iflag);
	assert_int_equal(after.c_oflag, session.before.c_oflag);
	finish(&session);
}

static void check_dead_terminal(bool nohup)
{
	struct session session;

	start_with(&session, "xterm-256color", nohup, reviews, sizeof reviews - 1);
	drain(&session, 400);
	close(session.slave);
	close(session.master);
	session.slave = session.master = -1;
	assert_true(WIFEXITED(ended(&session)));
	finish(&session);
}

static void a_terminal_that_goes_ends_the_program(void **state)
{
	(void)state;
	check_dead_terminal(false);
}

static void a_terminal_that_goes_ends_it_also_where_hangup_is_ignored(void **state)
{
	(void)state;
	check_dead_terminal(true);
}

static void sigterm_ends_it_with_status_130_and_restores_the_terminal(void **state)
{
	struct session session;
	struct termios after;
	int status;

	(void)state;
	start(&session);
	drain(&session, 400);
	kill(session.pid, SIGTERM);
	status = ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
	assert_int_equal(tcgetattr(session.slave, &after), 0);
	assert_int_equal(after.c_lflag, session.before.c_lflag);
	finish(&session);
}

static void check_stalled(struct session *session, int number, int exit_status)
{
	struct termios after;
	int status;

	kill(session->pid, number);
	status = ended_unread(session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_status);
	assert_int_equal(tcgetattr(session->slave, &after), 0);
	assert_int_equal(after.c_lflag, session->before.c_lflag);
	assert_int_equal(after.c_iflag, session->before.c_iflag);
}

static void a_terminal_stopped_by_ctrl_s_does_not_hold_up_the_end(void **state)
{
	static const struct {
		int number, exit_status;
	} ends[] = {{SIGTERM, 130}, {SIGHUP, 0}};
	struct session session;

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		start(&session);
		drain_until(&session, "Reviews");
		assert_int_equal(write(session.master, "\023" "2?12", 5), 5);
		check_stalled(&session, ends[i].number, ends[i].exit_status);
		finish(&session);
	}
}

static void a_terminal_that_nobody_reads_does_not_hold_up_the_end(void **state)
{
	struct session session;

	(void)state;
	start(&session);
	drain_until(&session, "Reviews");
	for (unsigned short i = 0; i < 100; i++) {
		const struct winsize window = {(unsigned short)(24 + i % 2 * 30), (unsigned short)(80 + i % 2 * 120), 0, 0};
		const struct timespec pause = {0, 5000000};

		ioctl(session.master, TIOCSWINSZ, &window);
		nanosleep(&pause, NULL);
	}
	check_stalled(&session, SIGTERM, 130);
	finish(&session);
}

/* Lines of the log of run-1 that hold `text`. */
static int logged(const struct session *session, const char *text)
{
	char path[300], line[4096];
	FILE *file;
	int count = 0;

	snprintf(path, sizeof path, "%s/run-1/metrics.jsonl", session->folder);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		count += strstr(line, text) != NULL;
	if (file)
		fclose(file);
	return count;
}

static void make_untrained_model(struct session *session)
{
	char command[1200];

	snprintf(command, sizeof command, "cd '%s' && '%s' new reviews.csv -o base --vocab-size 60 --hidden-size 16"
	         " --num-hidden-layers 1 --num-attention-heads 1 --intermediate-size 32 > new.log 2>&1",
	         session->folder, getenv("REVUE"));
	assert_int_equal(system(command), 0);
	session->model = "base";
}

static void a_training_goes_on_while_the_terminal_takes_nothing_and_sigterm_saves_it(void **state)
{
	struct session session;
	char text[8192];
	size_t size;
	int before;

	(void)state;
	size = (size_t)snprintf(text, sizeof text, "text,label\n");
	for (int i = 0; i < 100; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, i % 2 ? "good film %d,positive\n" : "bad film %d,negative\n",
		                         i);
	prepare(&session, text, size);
	make_untrained_model(&session);
	launch(&session, "xterm-256color", false);
	drain_until(&session, "Reviews");
	assert_int_equal(write(session.master, "3jjj\r\02510000\rs", 13), 13);
	drain_until(&session, "tokens/s");
	assert_int_equal(write(session.master, "\023", 1), 1);
	before = logged(&session, "\"step\"");
	for (int i = 0; i < 3000 && logged(&session, "\"step\"") < before + 50; i++) {
		const struct timespec pause = {0, 10000000};

		nanosleep(&pause, NULL);
	}
	assert_true(logged(&session, "\"step\"") >= before + 50);
	check_stalled(&session, SIGTERM, 130);
	assert_int_equal(logged(&session, "\"stopped\""), 1);
	finish(&session);
}

static void what_was_pressed_while_output_was_stopped_is_shown_afterwards(void **state)
{
	struct session session;

	(void)state;
	start(&session);
	drain_until(&session, "Reviews");
	assert_int_equal(write(session.master, "\023" "?", 2), 2);
	drain(&session, 100);
	assert_false(shows(&session, "take the chosen column"));
	assert_int_equal(write(session.master, "\021", 1), 1);
	drain_until(&session, "take the chosen column");
	finish(&session);
}

static void every_size_of_the_window_is_survived(void **state)
{
	static const unsigned short sizes[][2] = {{0, 0}, {1, 1}, {1, 500}, {500, 1}, {10, 40}, {500, 500}, {9, 39},
	                                          {10000, 10000}, {65535, 65535}, {2, 2}, {24, 80}};
	struct session session;

	(void)state;
	start(&session);
	drain(&session, 400);
	for (int screen = 0; screen < 5; screen++) {
		press(&session, (const char *const[]){"1", "2", "3", "4", "\033"}[screen]);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			struct winsize window = {sizes[i][0], sizes[i][1], 0, 0};

			ioctl(session.master, TIOCSWINSZ, &window);
			drain(&session, 30);
		}
	}
	press(&session, "?");
	session.size = 0;
	press(&session, "\f");
	assert_true(shows(&session, "Reviews"));
	assert_int_equal(waitpid(session.pid, NULL, WNOHANG), 0);
	finish(&session);
}

static void no_byte_of_a_hostile_file_reaches_the_terminal_as_it_is(void **state)
{
	static const char hostile[] =
		"te\033[2Jxt,la\xC2\x9B" "bel\n"
		"\"a\033]52;c;AAAA\a b\xE2\x80\xAE c\xC2\x9B" "31m d\x9B e\r\bf\",x\033]0;t\a\n"
		"\"\xE2\x80\x8B\xEF\xBB\xBF\x0E\x0F\x7F\",\xE2\x81\xA6y\n";
	static const char *const bad[] = {"\xE2\x80\xAE", "\xC2\x9B", "\xE2\x80\x8B", "\xEF\xBB\xBF",
	                                  "\xE2\x81\xA6", "\x0E"};
	struct session session;

	(void)state;
	start_with(&session, "xterm-256color", false, hostile, sizeof hostile - 1);
	drain(&session, 400);
	press(&session, "2");
	press(&session, "\r");
	press(&session, "q/52\r");
	press(&session, "j");
	assert_true(shows(&session, "52;c;AAAA"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(shows(&session, bad[i]));
	assert_false(shows(&session, "\033]52"));
	assert_false(shows(&session, "\033]0"));
	assert_false(shows(&session, "\x9B" "31m"));
	finish(&session);
}

static void a_terminal_without_a_cursor_is_refused_in_one_line(void **state)
{
	struct session session;
	int status;

	(void)state;
	start_with(&session, "dumb", false, reviews, sizeof reviews - 1);
	status = ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 0);
	drain(&session, 100);
	assert_true(shows(&session, "revue score"));
	assert_false(shows(&session, "\033"));
	finish(&session);
}

#define PASTE(text) "\033[200~" text "\033[201~"

static bool shows_unicode(const struct session *session)
{
	for (size_t i = 0; i < session->size; i++) {
		if ((unsigned char)session->output[i] >= 0x80)
			return true;
	}
	return false;
}

static void the_locale_decides_between_unicode_and_ascii(void **state)
{
	static const struct {
		const char *variable, *value;
		bool unicode;
	} cases[] = {
		{"LC_ALL", "C.UTF-8", true},       {"LC_CTYPE", "C.UTF-8", true},        {"LANG", "C.UTF-8", true},
		{"LC_ALL", "C", false},            {"LANG", "POSIX", false},             {"LANG", "", false},
		{"LANG", "xx_YY.UTF-8", true},     {"LC_ALL", "xx_YY.utf8", true},       {"LANG", "xx_YY.ISO-8859-1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct session session;

		prepare(&session, reviews, sizeof reviews - 1);
		session.variable = cases[i].variable;
		session.value = cases[i].value;
		launch(&session, "xterm-256color", false);
		drain_until(&session, "3 used");
		drain(&session, 100);
		if (shows_unicode(&session) != cases[i].unicode)
			fail_msg("%s=%s", cases[i].variable, cases[i].value);
		finish(&session);
	}
}

static void no_color_means_no_color(void **state)
{
	static const struct {
		const char *value;
		bool color;
	} cases[] = {{"1", false}, {"", true}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct session session;

		prepare(&session, reviews, sizeof reviews - 1);
		session.variable = "NO_COLOR";
		session.value = cases[i].value;
		launch(&session, "xterm-256color", false);
		drain_until(&session, "3 used");
		drain(&session, 100);
		assert_int_equal(shows(&session, "\033[38;5;"), cases[i].color);
		finish(&session);
	}
}

/* What looks like the end mark is text, and keys that come in one block with a paste follow it in their order. */
static void a_paste_ends_at_its_mark_and_the_keys_behind_it_are_keys(void **state)
{
	struct session session;

	(void)state;
	start(&session);
	drain_until(&session, "Reviews");
	press(&session, "4");
	press(&session, PASTE("one [\033[20x") "!" "\033OD" "?" PASTE("more") "\033OC" ".");
	session.size = 0;
	press(&session, "\f");
	drain_until(&session, "one [[20x?more!.");
	finish(&session);
}

static void a_paste_in_pieces_is_one_paste(void **state)
{
	static const char bytes[] = PASTE("in pieces") "!";
	struct session session;

	(void)state;
	start(&session);
	drain_until(&session, "Reviews");
	press(&session, "4");
	for (const char *byte = bytes; *byte; byte++) {
		assert_int_equal(write(session.master, byte, 1), 1);
		drain(&session, 1);
	}
	session.size = 0;
	press(&session, "\f");
	drain_until(&session, "in pieces!");
	finish(&session);
}

/* Reads while it writes, as a terminal does. */
static void send_all(struct session *session, const char *bytes, size_t size)
{
	fcntl(session->master, F_SETFL, fcntl(session->master, F_GETFL) | O_NONBLOCK);
	while (size > 0) {
		struct pollfd fd = {session->master, POLLOUT, 0};
		ssize_t sent;

		assert_true(poll(&fd, 1, 30000) > 0);
		sent = write(session->master, bytes, size);
		bytes += sent > 0 ? sent : 0;
		size -= sent > 0 ? (size_t)sent : 0;
		drain(session, 0);
	}
}

static void a_paste_of_two_megabytes_is_cut_with_a_message_and_sigterm_is_obeyed_within_one(void **state)
{
	const size_t size = (size_t)2 << 20;
	char *text = malloc(size);
	struct session session;
	int status;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	start(&session);
	drain_until(&session, "Reviews");
	press(&session, "4");
	send_all(&session, "\033[200~", 6);
	send_all(&session, text, size);
	send_all(&session, "\033[201~", 6);
	drain_until(&session, "the paste was cut");
	send_all(&session, "\033[200~", 6);
	send_all(&session, text, 100000);
	kill(session.pid, SIGTERM);
	status = ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
	finish(&session);
	free(text);
}

/* The Linux console is such a type. */
static void a_terminal_type_without_a_size_of_its_own_shows_the_screens(void **state)
{
	struct session session;

	(void)state;
	start_with(&session, "linux", false, reviews, sizeof reviews - 1);
	drain(&session, 400);
	assert_true(shows(&session, "Reviews"));
	finish(&session);
}

/* What stood there stays on such a terminal: only the last line, where the prompt will be, is emptied. */
static void a_terminal_without_a_second_screen_has_an_empty_last_line_after_q(void **state)
{
	struct session session;

	(void)state;
	start_with(&session, "linux", false, reviews, sizeof reviews - 1);
	drain_until(&session, "q quit");
	session.size = 0;
	press(&session, "q");
	assert_true(WIFEXITED(ended(&session)));
	assert_true(shows(&session, "\033[24d\033[J") || shows(&session, "\033[24d\033[K"));
	finish(&session);
}

/* Random keys on every screen, without those that leave: it is still there and still answers. */
static void random_keys_do_no_harm(void **state)
{
	struct session session;
	unsigned random = 7;

	(void)state;
	start(&session);
	drain(&session, 400);
	for (int i = 0; i < 300; i++) {
		char keys[32];

		for (size_t j = 0; j < sizeof keys - 1; j++) {
			random = random * 1103515245u + 12345u;
			keys[j] = (char)(random >> 16 & 0x7F);
			if (strchr("q\003\032\034\023\021", keys[j]) || keys[j] == 0)
				keys[j] = '2';
		}
		keys[sizeof keys - 1] = '\0';
		assert_int_equal(write(session.master, keys, sizeof keys - 1), sizeof keys - 1);
		drain(&session, 2);
	}
	drain(&session, 300);
	assert_int_equal(waitpid(session.pid, NULL, WNOHANG), 0);
	session.size = 0;
	press(&session, "\f");
	assert_true(session.size > 0);
	finish(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_program_writes_nothing_and_never_wakes_up),
		cmocka_unit_test(the_terminal_is_as_it_was_after_q),
		cmocka_unit_test(a_terminal_that_goes_ends_the_program),
		cmocka_unit_test(a_terminal_that_goes_ends_it_also_where_hangup_is_ignored),
		cmocka_unit_test(sigterm_ends_it_with_status_130_and_restores_the_terminal),
		cmocka_unit_test(a_terminal_stopped_by_ctrl_s_does_not_hold_up_the_end),
		cmocka_unit_test(a_terminal_that_nobody_reads_does_not_hold_up_the_end),
		cmocka_unit_test(a_training_goes_on_while_the_terminal_takes_nothing_and_sigterm_saves_it),
		cmocka_unit_test(what_was_pressed_while_output_was_stopped_is_shown_afterwards),
		cmocka_unit_test(every_size_of_the_window_is_survived),
		cmocka_unit_test(no_byte_of_a_hostile_file_reaches_the_terminal_as_it_is),
		cmocka_unit_test(a_terminal_without_a_cursor_is_refused_in_one_line),
		cmocka_unit_test(the_locale_decides_between_unicode_and_ascii),
		cmocka_unit_test(no_color_means_no_color),
		cmocka_unit_test(a_paste_ends_at_its_mark_and_the_keys_behind_it_are_keys),
		cmocka_unit_test(a_paste_in_pieces_is_one_paste),
		cmocka_unit_test(a_paste_of_two_megabytes_is_cut_with_a_message_and_sigterm_is_obeyed_within_one),
		cmocka_unit_test(a_terminal_type_without_a_size_of_its_own_shows_the_screens),
		cmocka_unit_test(a_terminal_without_a_second_screen_has_an_empty_last_line_after_q),
		cmocka_unit_test(random_keys_do_no_harm),
	};

	if (!getenv("REVUE")) {
		printf("1..0 # SKIP REVUE does not name the program\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
