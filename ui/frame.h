/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a frame is put together: tabs, the screen in front, the message line, the footer. It draws what is there and
 * changes nothing. */
#ifndef REVUE_UI_FRAME_H
#define REVUE_UI_FRAME_H

#include "ui/app.h"

/* False while the terminal has not taken the last frame, or is another's. */
bool frame_is_possible(const struct app *app);

/* Draws, or leaves the app dirty while that is not possible. */
void frame_draw(struct app *app);

#endif
