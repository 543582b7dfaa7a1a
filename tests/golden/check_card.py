#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what a finished run leaves for others, with huggingface_hub: python3 tests/golden/check_card.py RUN

The model card must load and validate against its own schema, with task, data set and figures in its model-index, equal to
eval_results.json; the three files of results must be what Trainer.save_metrics writes. Prints what it found.

Made with huggingface_hub 2.4.0.
"""
import json
import pathlib
import sys

from huggingface_hub import ModelCard

run = pathlib.Path(sys.argv[1])
card = ModelCard.load(run / "model" / "README.md")
data = card.data
results = {r.metric_type: r for r in data.eval_results or []}
files = {name: json.loads((run / f"{name}_results.json").read_text()) for name in ("train", "eval", "all")
         if (run / f"{name}_results.json").exists()}

assert data.library_name == "transformers" and data.pipeline_tag == "text-classification"
assert files["all"] == {**files.get("eval", {}), **files["train"]}
for name, values in files.items():
    lines = (run / f"{name}_results.json").read_text().split("\n")  # numbers may have another last digit
    assert [line.split(":")[0] for line in lines] == [line.split(":")[0] for line in
                                                     json.dumps(values, indent=4, sort_keys=True).split("\n")], name
if "eval" in files:
    assert set(results) >= {"accuracy", "f1"}
    for name in ("accuracy", "f1"):
        result = results[name]
        assert result.task_type == "text-classification" and result.dataset_name and result.dataset_type
        assert abs(result.metric_value - files["eval"]["eval_" + name]) < 5.1e-5, name
print(data.to_yaml())
print(files["all"])
