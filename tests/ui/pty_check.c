/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/ui/pty_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)4 << 20)

const char pty_reviews[] = "text,label\nA fine film,positive\nNever again,negative\nGood value,positive\n";

static void write_file(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
}

/* What decides how it looks. */
static const char *const look[] = {"LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR", "SSH_CONNECTION", "XDG_CONFIG_HOME", "REVUE_CONFIG"};

/* In the child: returns in its own child, the job, and is the shell until that has ended. */
static void become_job_of_a_shell(void)
{
	const struct timespec pause = {0, 20000000};
	const pid_t job = fork();
	int status;

	if (job == 0) {
		setpgid(0, 0);
		while (tcgetpgrp(0) != getpgrp())
			nanosleep(&pause, NULL);
		return;
	}
	signal(SIGTTOU, SIG_IGN);
	setpgid(job, job);
	tcsetpgrp(0, job);
	while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
		tcsetpgrp(0, getpgrp());
		nanosleep(&pause, NULL);
		tcflush(0, TCIFLUSH);
		tcsetpgrp(0, job);
		kill(-job, SIGCONT);
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 97);
}

#define ARGUMENTS_MAX 16

static void execute(const struct session *session)
{
	const char *arguments[ARGUMENTS_MAX + 3] = {"revue"};
	size_t count = 1;

	while (count <= ARGUMENTS_MAX && session->arguments[count - 1]) {
		arguments[count] = session->arguments[count - 1];
		count++;
	}
	arguments[count] = session->file;
	execv(getenv("REVUE"), (char *const *)(uintptr_t)arguments);
}

/* As where there are no more instances of inotify (seccomp(2)): this process and what it becomes have none. */
static void refuse_inotify(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_inotify_init1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(98);
}

static void child(const struct session *session, const char *term, bool nohup)
{
	setsid();
	ioctl(session->slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(session->slave, fd);
	close(session->master);
	close(session->slave);
	if (session->shell)
		become_job_of_a_shell();
	if (nohup)
		signal(SIGHUP, SIG_IGN);
	if (session->blind)
		refuse_inotify();
	if (chdir(session->folder) != 0)
		_exit(99);
	setenv("TERM", term, 1);
	setenv("HOME", session->folder, 1);
	setenv("XDG_STATE_HOME", session->folder, 1);
	setenv("XDG_CACHE_HOME", session->folder, 1);
	setenv("REVUE_SHARE", "/nonexistent", 1);
	for (size_t i = 0; i < sizeof look / sizeof look[0]; i++)
		unsetenv(look[i]);
	setenv(session->variable ? session->variable : "LC_ALL", session->variable ? session->value : "C.UTF-8", 1);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	if (session->arguments)
		execute(session);
	if (session->option)
		execl(getenv("REVUE"), "revue", session->option, session->file, (char *)NULL);
	if (session->model)
		execl(getenv("REVUE"), "revue", "-m", session->model, session->file, (char *)NULL);
	execl(getenv("REVUE"), "revue", session->file, (char *)NULL);
	_exit(98);
}

void pty_prepare(struct session *session, const char *text, size_t size)
{
	*session = (struct session){0};
	session->output = malloc(OUTPUT_MAX);
	assert_non_null(session->output);
	check_folder(session->folder, sizeof session->folder);
	snprintf(session->file, sizeof session->file, "%s/reviews.csv", session->folder);
	write_file(session->file, text, size);
}

void pty_launch(struct session *session, const char *term, bool nohup)
{
	struct winsize window = {session->rows ? session->rows : 24, session->columns ? session->columns : 80, 0, 0};

	assert_int_equal(openpty(&session->master, &session->slave, NULL, NULL, &window), 0);
	assert_int_equal(tcgetattr(session->slave, &session->before), 0);
	session->pid = fork();
	if (session->pid == 0)
		child(session, term, nohup);
	assert_true(session->pid > 0);
}

void pty_start_with(struct session *session, const char *term, bool nohup, const char *text, size_t size)
{
	pty_prepare(session, text, size);
	pty_launch(session, term, nohup);
}

void pty_start(struct session *session)
{
	pty_start_with(session, "xterm-256color", false, pty_reviews, strlen(pty_reviews));
}

size_t pty_drain_once(struct session *session, int patience)
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

size_t pty_drain(struct session *session, int quiet)
{
	size_t sum = 0, size;

	while ((size = pty_drain_once(session, quiet)) > 0)
		sum += size;
	return sum;
}

void pty_press(struct session *session, const char *keys)
{
	assert_int_equal(write(session->master, keys, strlen(keys)), strlen(keys));
	pty_drain(session, 150);
}

bool pty_shows(const struct session *session, const char *text)
{
	return memmem(session->output, session->size, text, strlen(text));
}

void pty_drain_until(struct session *session, const char *text)
{
	time_t until = time(NULL) + 30;

	while (!pty_shows(session, text) && time(NULL) <= until)
		pty_drain_once(session, 100);
	assert_true(pty_shows(session, text));
}

int pty_ended_unread(struct session *session)
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

int pty_ended(struct session *session)
{
	for (int i = 0; i < 1500; i++) {
		int status;
		const struct timespec pause = {0, 20000000};

		if (waitpid(session->pid, &status, WNOHANG) == session->pid)
			return status;
		if (session->master >= 0)
			pty_drain_once(session, 0);
		nanosleep(&pause, NULL);
	}
	return -1;
}

long pty_wake_ups(pid_t pid)
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

void pty_finish(struct session *session)
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

uint64_t pty_number(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

int pty_main(const struct CMUnitTest *tests, size_t count)
{
	if (count == 0 || !getenv("REVUE")) {
		printf("1..0 # SKIP %s\n", count == 0 ? "libvterm was not found when this was configured (Debian: libvterm-dev)"
		                                     : "REVUE does not name the program");
		return 0;
	}
	setlocale(LC_ALL, "C.UTF-8");
	setenv("REVUE_HISTORY", "off", 1);
	check_filter();
	return _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
}
