/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RUN/lock: a lock (flock(2)) held as long as its trainer lives; the kernel frees it however the trainer dies. The
 * file says who holds it: "PID HOST". */
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

/* False with ERROR_IO when RUN is gone or has been replaced by another: nothing may be written there then. A lock file
 * that was removed, or a disk that does not answer, is no reason. */
bool run_lock_check(const struct run_lock *lock, const char *directory, struct error *error);

/* Whether somebody holds it; *pid (may be NULL) is then the holder's, 0 when the file does not say. */
bool run_lock_held(const char *directory, int32_t *pid);

#endif
