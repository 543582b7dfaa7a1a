/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/control.h"

#include "engine/base/file.h"
#include "engine/run.h"
#include "engine/steering.h"
#include "engine/thread.h"
#include "engine/train/run/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 8
#define ANSWER_MAX 1024 /* bytes with the end of the line */
#define ANSWER_SECONDS 5 /* the control thread answers at once; only a stopped process does not */
#define REST_MILLISECONDS 500 /* before the next try when there is no descriptor for a client */

struct client {
	int fd; /* -1: none */
	char text[RUN_ORDER_MAX];
	size_t size;
	uint64_t heard; /* when it last said something, or came: counts all that was heard */
};

struct control {
	control_hear *hear;
	void *context;
	int directory, listener, quit;
	pthread_t thread;
	struct client clients[CLIENTS_MAX];
	uint64_t heard;
};

/* The path of a socket must fit in 108 bytes (unix(7)) and that of a run need not, so the directory is named by its
 * descriptor. */
static bool socket_address(struct sockaddr_un *address, const char *directory, int *fd, struct error *error)
{
	*fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return error_errno(error, "open directory", directory);
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/control", *fd);
	return true;
}

/* Serving */

static void client_drop(struct client *client)
{
	close(client->fd);
	client->fd = -1;
}

/* What is wrong stands on one line, whatever it quotes. */
static void client_answer(struct client *client, const struct error *wrong)
{
	const char *text = wrong ? wrong->text : "ok";
	char answer[ANSWER_MAX];
	const int size = (int)strcspn(text, "\n");

	snprintf(answer, sizeof answer, "%.*s\n", size < ANSWER_MAX - 2 ? size : ANSWER_MAX - 2, text);
	if (send(client->fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		client_drop(client);
}

static void client_take_byte(struct control *control, struct client *client, char byte)
{
	struct error wrong = {0};

	if (byte != '\n') {
		if (byte != '\r' && client->size < sizeof client->text)
			client->text[client->size++] = byte;
		return;
	}
	/* A line that filled the buffer is longer than every order. */
	bool whole = client->size < sizeof client->text;
	client->text[whole ? client->size : 0] = '\0';
	client->size = 0;
	if (!whole)
		error_set(&wrong, ERROR_USAGE, "unknown command: it is too long");
	client_answer(client, whole && control->hear(control->context, client->text, &wrong) ? NULL : &wrong);
}

static void client_read(struct control *control, struct client *client)
{
	char bytes[256];
	ssize_t got = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	client->heard = ++control->heard;
	for (ssize_t i = 0; i < got && client->fd >= 0; i++)
		client_take_byte(control, client, bytes[i]);
	if (got <= 0)
		client_drop(client);
}

/* A free place, or the place of the client that has been silent for longest: idle clients keep nobody out. */
static struct client *make_place(struct control *control)
{
	struct client *place = &control->clients[0];

	for (int i = 0; i < CLIENTS_MAX; i++) {
		if (control->clients[i].fd < 0)
			return &control->clients[i];
		if (control->clients[i].heard < place->heard)
			place = &control->clients[i];
	}
	client_drop(place);
	return place;
}

/* False when there is no descriptor for a client. It goes on knocking, so listening on would be a busy wait. */
static bool client_accept(struct control *control)
{
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
	*make_place(control) = (struct client){.fd = fd, .heard = ++control->heard};
	return true;
}

/* Only descriptors in use: poll refuses more entries than the process may have descriptors (EINVAL in poll(2)). */
static nfds_t list_polls(const struct control *control, bool resting, struct pollfd polls[CLIENTS_MAX + 2])
{
	nfds_t count = 0;

	polls[count++] = (struct pollfd){.fd = control->quit, .events = POLLIN};
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (control->clients[i].fd >= 0)
			polls[count++] = (struct pollfd){.fd = control->clients[i].fd, .events = POLLIN};
	if (!resting)
		polls[count++] = (struct pollfd){.fd = control->listener, .events = POLLIN};
	return count;
}

static bool is_ready(const struct pollfd *polls, nfds_t count, int fd)
{
	for (nfds_t i = 0; i < count; i++)
		if (polls[i].fd == fd)
			return polls[i].revents != 0;
	return false;
}

static void *serve(void *context)
{
	struct control *control = context;
	struct pollfd polls[CLIENTS_MAX + 2];
	bool resting = false;

	for (;;) {
		nfds_t count = list_polls(control, resting, polls);

		if (poll(polls, count, resting ? REST_MILLISECONDS : -1) < 0) {
			/* Whatever is wrong with the other descriptors, this one ends the thread, and nothing spins. */
			if (errno != EINTR && poll(polls, 1, REST_MILLISECONDS) > 0)
				return NULL;
			continue;
		}
		if (polls[0].revents)
			return NULL;
		for (int i = 0; i < CLIENTS_MAX; i++)
			if (control->clients[i].fd >= 0 && is_ready(polls, count, control->clients[i].fd))
				client_read(control, &control->clients[i]);
		resting = is_ready(polls, count, control->listener) && !client_accept(control);
	}
}

/* Opening and closing */

static bool bind_socket(struct control *control, const char *directory, struct error *error)
{
	struct sockaddr_un address;

	if (!socket_address(&address, directory, &control->directory, error))
		return false;
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	control->quit = eventfd(0, EFD_CLOEXEC);
	if (control->listener < 0 || control->quit < 0)
		return error_errno(error, "make", "control socket");
	/* Only its owner may command a run. The mode goes to the file that bind makes. */
	if (fchmod(control->listener, 0600) != 0 ||
	    (unlinkat(control->directory, "control", 0) != 0 && errno != ENOENT) ||
	    bind(control->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(control->listener, CLIENTS_MAX) != 0)
		return error_errno(error, "make the control socket in", directory);
	return true;
}

static void control_free(struct control *control)
{
	if (control->listener >= 0)
		close(control->listener);
	if (control->quit >= 0)
		close(control->quit);
	if (control->directory >= 0)
		close(control->directory);
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (control->clients[i].fd >= 0)
			close(control->clients[i].fd);
	free(control);
}

struct control *control_open(const char *directory, control_hear *hear, void *context, struct error *error)
{
	struct control *control = calloc(1, sizeof *control);

	if (!control) {
		error_memory(error, "making the control socket");
		return NULL;
	}
	control->hear = hear;
	control->context = context;
	control->directory = control->listener = control->quit = -1;
	for (int i = 0; i < CLIENTS_MAX; i++)
		control->clients[i].fd = -1;
	if (bind_socket(control, directory, error) && thread_start(&control->thread, serve, control, "commands", error))
		return control;
	control_free(control);
	return NULL;
}

void control_close(struct control *control)
{
	const uint64_t one = 1;

	if (!control)
		return;
	while (write(control->quit, &one, sizeof one) < 0 && errno == EINTR)
		;
	pthread_join(control->thread, NULL);
	unlinkat(control->directory, "control", 0);
	control_free(control);
}

/* Sending */

static bool receive_answer(int fd, const char *directory, struct error *error)
{
	char answer[ANSWER_MAX];
	size_t size = 0;

	while (size < sizeof answer - 1) {
		ssize_t got = recv(fd, answer + size, sizeof answer - 1 - size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		size += (size_t)got;
		if (answer[size - 1] == '\n')
			break;
	}
	RETURN_IF(size == 0, error, ERROR_IO, "%s: the trainer did not answer", directory);
	answer[size - (answer[size - 1] == '\n')] = '\0';
	RETURN_IF(strcmp(answer, "ok") != 0, error, ERROR_USAGE, "%s: %s", directory, answer);
	return true;
}

static bool not_heard(const char *directory, struct error *error)
{
	int32_t pid;

	RETURN_IF(run_lock_held(directory, &pid), error, ERROR_IO,
	          "%s: its trainer (pid %d) takes no commands; the signal TERM stops it after a checkpoint", directory,
	          (int)pid);
	return error_set(error, ERROR_IO, "%s: nobody is training there", directory);
}

static bool exchange(int fd, const struct sockaddr_un *address, const char *directory, const char *word,
                     struct error *error)
{
	const struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	char line[RUN_ORDER_MAX + 1];
	int size = snprintf(line, sizeof line, "%s\n", word);

	RETURN_IF(size < 0 || (size_t)size >= sizeof line, error, ERROR_USAGE, "\"%.40s...\" is not a command", word);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
		return not_heard(directory, error);
	RETURN_IF(send(fd, line, (size_t)size, MSG_NOSIGNAL) != size, error, ERROR_IO,
	          "%s: the trainer did not take the command", directory);
	return receive_answer(fd, directory, error);
}

bool run_send(const char *directory, const char *word, struct error *error)
{
	struct sockaddr_un address;
	int folder, fd;
	bool done;

	if (!socket_address(&address, directory, &folder, error))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	done = fd >= 0 ? exchange(fd, &address, directory, word, error) : error_errno(error, "make", "socket");
	if (fd >= 0)
		close(fd);
	close(folder);
	return done;
}
