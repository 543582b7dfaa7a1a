/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report before the first step: what is trained on what, and what that takes. It stands in run.json under "report", whose
 * keys stay as they are, and as notes in the log.
 *
 *   {"labels": [{"name", "training", "validation"}],
 *    "rows": {"read", "used", "training", "validation", "skipped": {REASON: rows}},
 *    "validation_rows": {"read", "used", "skipped"} or null where no file is validated with,
 *    "lengths": {"max_length", "median", "longest", "tokens", "truncated", "tokens_lost"},
 *    "texts": {"empty", "empty_validation", "doubled", "doubled_validation", "in_both", "two_labels"},
 *    "new_tensors": [NAME],
 *    "parameters": {"total", "trainable"},
 *    "memory": {"parameters", "packed", "gradients", "moments", "activations", "tokens", "rest", "total", "available"} bytes;
 *              "teacher" where the inside of one is imitated; "device" where a GPU computes: of the total what is there; of the
 *              rest the machine has "available",
 *    "time": {"steps", "seconds" or null, "probe_tokens", "probe_seconds"},
 *    "baseline": {"accuracy", "f1", "loss", "training_rows", "validation_rows", "seconds",
 *                 "labels": [{"label", "words": [{"text", "weight", "rows", "share"}]}] as revue baseline writes them} or null,
 *    "lines": [TEXT], "warnings": [TEXT]} */
#ifndef REVUE_TRAIN_TRAINING_REPORT_H
#define REVUE_TRAIN_TRAINING_REPORT_H

#include "engine/train/training.h"
#include "engine/train/training_probe.h"

/* Makes record.report of what was gathered in training->facts. Memory for the steps was taken; time may be "not known". */
bool training_report_make(struct training *training, const struct training_time *time, struct error *error);

/* Its lines and warnings as notes in the log. */
void training_report_tell(struct training *training);

#endif
