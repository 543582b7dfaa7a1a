/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What GPUs can multiply at most, so that a training can say which share of it it reaches. Pure. Floor: on base. */
#ifndef REVUE_BACKEND_PEAK_H
#define REVUE_BACKEND_PEAK_H

#include "engine/device.h"

/* Floating-point operations a second of dense products in a precision; 0: not known. `device` as its driver spells it. */
double backend_peak(const char *device, enum precision precision);

#endif
