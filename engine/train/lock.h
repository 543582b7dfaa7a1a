/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RUN/lock: an flock held as long as its trainer lives, so that the kernel frees it when the trainer dies in
 * whatever way. The file tells whose it is: "PID HOST". */
#ifndef REVUE_TRAIN_LOCK_H
#define REVUE_TRAIN_LOCK_H

#include "engine/error.h"

#include <stdint.h>

struct run_lock {
	int fd;
};

/* False with "RUN is in use by pid N on HOST" when somebody holds it. */
bool run_lock_take(struct run_lock *lock, const char *directory, struct error *error);
void run_lock_release(struct run_lock *lock);

/* False with ERROR_IO when RUN is not there any more, or is another one by now: nothing may be written there. That
 * only the lock file was removed, or that the disk does not answer, is no such reason. */
bool run_lock_check(const struct run_lock *lock, const char *directory, struct error *error);

/* Whether somebody holds it; *pid (may be NULL) is then the holder's, 0 when the file does not say. */
bool run_lock_held(const char *directory, int32_t *pid);

#endif
