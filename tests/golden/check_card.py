#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what a finished run leaves for others, with huggingface_hub and transformers: python3 tests/golden/check_card.py RUN

The model card must load and validate against its own schema, with task, data set and figures in its model-index, equal to
eval_results.json; the three files of results must be what Trainer.save_metrics writes; TrainerState must read the
trainer_state.json of the run and of each checkpoint, whose logs are the run's up to their steps. Prints what it found.

Made with huggingface_hub 2.4.0 and transformers 5.23.0.
"""
import json
import pathlib
import sys

from huggingface_hub import ModelCard
from transformers import TrainerState

run = pathlib.Path(sys.argv[1])
card = ModelCard.load(run / "model" / "README.md")
data = card.data
results = {(r.metric_type, (r.metric_args or {}).get("average")): r for r in data.eval_results or []}
plain = {kind: result for (kind, average), result in reversed(results.items())}  # F1 as eval_f1 has it, not eval_f1_macro
files = {name: json.loads((run / f"{name}_results.json").read_text()) for name in ("train", "eval", "all")
         if (run / f"{name}_results.json").exists()}

assert data.library_name == "transformers" and data.pipeline_tag == "text-classification"
assert files["all"] == {**files.get("eval", {}), **files["train"]}
for name, values in files.items():
    lines = (run / f"{name}_results.json").read_text().split("\n")  # numbers may have another last digit
    assert [line.split(":")[0] for line in lines] == [line.split(":")[0] for line in
                                                     json.dumps(values, indent=4, sort_keys=True).split("\n")], name
if "eval" in files:
    assert set(plain) >= {"accuracy", "f1", "loss", "precision", "recall"}
    assert ("mae" in plain) == ("eval_mae" in files["eval"])
    assert ("eval_f1_macro" in files["eval"]) == ({("f1", "micro"), ("f1", "macro")} <= set(results))
    assert {"eval_runtime", "eval_samples_per_second", "eval_steps_per_second"} <= set(files["eval"])
    for name, result in plain.items():
        assert result.task_type == "text-classification" and result.dataset_name and result.dataset_type
        assert abs(result.metric_value - files["eval"]["eval_" + name]) < 5.1e-5, name

whole = TrainerState.load_from_json(str(run / "trainer_state.json"))
for folder in sorted(run.glob("checkpoint-*")):
    state = TrainerState.load_from_json(str(folder / "trainer_state.json"))
    assert state.global_step == int(folder.name.split("-")[1])
    assert state.log_history == [line for line in whole.log_history
                                 if line["step"] <= state.global_step and "train_runtime" not in line], folder
    for key in ("max_steps", "num_train_epochs", "train_batch_size", "logging_steps", "eval_steps", "save_steps"):
        assert getattr(state, key) == getattr(whole, key), key
    if state.best_model_checkpoint:
        assert pathlib.Path(state.best_model_checkpoint).name.split("-")[1].lstrip("0") == str(state.best_global_step)
    best = [line for line in state.log_history if line["step"] == state.best_global_step and "eval_loss" in line]
    assert (state.best_metric is None) or state.best_metric in best[0].values()
    print(folder.name, "epoch", state.epoch, "best", state.best_metric, "lines", len(state.log_history))

print(data.to_yaml())
print(files["all"])
