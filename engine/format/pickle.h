/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A strict extractor of tables of tensors from the pickles that torch.save writes. It is no unpickler: it knows
 * the opcodes that such files use and the few names that they mention, it checks the type of every operand, it
 * builds values in its own arrays, and nothing that a file says is ever looked up, imported or called.
 * Anything else is refused with the opcode's or the name's spelling and its offset. There is no other way in.
 * Sources: PEP 307 (protocol 2), PEP 3154 (4), PEP 574 (5), CPython's pickletools.py,
 * PyTorch's torch/_weights_only_unpickler.py and torch/serialization.py. */
#ifndef REVUE_FORMAT_PICKLE_H
#define REVUE_FORMAT_PICKLE_H

#include "engine/format/pickle_values.h"
#include "engine/format/stream.h"

/* Reads one pickle up to its STOP. Start with {.legacy = ...}; pickle_free afterwards, also after failure. */
bool pickle_read(struct pickle *pickle, struct stream *in, struct error *error);

#endif
