/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One eventfd by which engine threads wake the thread that draws. Writers call wake_signal after they
 * have stored what they have to say; the reader polls wake_fd, calls wake_clear, then looks. Any
 * number of signals before a clear count as one. Thread-safe. */
#ifndef REVUE_ENGINE_WAKE_H
#define REVUE_ENGINE_WAKE_H

#include "engine/error.h"

struct wake;

/* The caller owns the result and frees it after the last thread that may signal has ended. */
struct wake *wake_new(struct error *error);
void wake_free(struct wake *wake);

int wake_fd(const struct wake *wake);
void wake_signal(struct wake *wake); /* NULL is allowed and does nothing */
void wake_clear(struct wake *wake);

#endif
