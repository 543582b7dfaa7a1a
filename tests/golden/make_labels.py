#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_label_sets.c: labels that are independent of each other.

    python3 tests/golden/make_labels.py

writes labels.json beside itself: loss and gradients of the small models of make_numeric.py with problem_type
multi_label_classification, in float64; and the metrics of random sets of labels and of ordered labels, by scikit-learn.

Made with torch 2.15.0, transformers 5.23.0 and scikit-learn 1.9.1.
"""
import json
import pathlib

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, mean_absolute_error, precision_score, recall_score
from transformers import AutoConfig, AutoModelForSequenceClassification

import make_numeric as numeric

HERE = pathlib.Path(__file__).resolve().parent


def targets(lengths, labels):
    """Whether sequence s has label l; as numeric_targets of the test has it."""
    number = np.arange(len(lengths) * labels, dtype=np.uint32)
    return (numeric.mix(number + np.uint32(7)) & np.uint32(1)).reshape(len(lengths), labels).astype(np.float64)


def model_case(name):
    config = AutoConfig.from_pretrained(numeric.HERE / name, problem_type="multi_label_classification")
    lengths = numeric.SMALL[name][-1]
    model = AutoModelForSequenceClassification.from_config(config).double().train()
    numeric.set_weights(model)
    ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for s, sequence in enumerate(numeric.make_ids(config.vocab_size, lengths, 0)):
        ids[s, :len(sequence)] = torch.from_numpy(sequence)
        mask[s, :len(sequence)] = 1
    out = model(input_ids=ids, attention_mask=mask, labels=torch.from_numpy(targets(lengths, config.num_labels)))
    out.loss.backward()
    return {"name": name, "lengths": lengths, "labels": config.num_labels, "loss": out.loss.item(),
            "gradients": {n: numeric.sample(p.grad.numpy()) for n, p in model.named_parameters()}}


def metric_case(random):
    rows, labels = int(random.integers(1, 25)), int(random.integers(1, 9))
    logits = np.round(random.normal(0, 3, (rows, labels)), 2)
    truth = (random.random((rows, labels)) < random.random(labels)).astype(int)
    on = (logits > 0).astype(int)
    loss = torch.nn.BCEWithLogitsLoss()(torch.from_numpy(logits), torch.from_numpy(truth.astype(float))).item()
    with_zeros = {"zero_division": 0}
    return {"logits": logits.tolist(), "truth": truth.tolist(), "loss": loss, "accuracy": accuracy_score(truth, on),
            "hamming_loss": hamming_loss(truth, on) if labels > 1 else float(np.mean(truth != on)),
            "micro_f1": f1_score(truth, on, average="micro" if labels > 1 else "binary", **with_zeros),
            "macro_f1": f1_score(truth, on, average="macro" if labels > 1 else "binary", **with_zeros),
            "macro_precision": precision_score(truth, on, average="macro" if labels > 1 else "binary", **with_zeros),
            "macro_recall": recall_score(truth, on, average="macro" if labels > 1 else "binary", **with_zeros)}


def ordered_case(random):
    rows = int(random.integers(1, 60))
    truth, prediction = random.integers(1, 6, rows), random.integers(1, 6, rows)
    return {"truth": truth.tolist(), "prediction": prediction.tolist(),
            "mean_absolute_error": mean_absolute_error(truth, prediction)}


def main():
    numeric.SAMPLE = 16
    random = np.random.default_rng(5)
    document = {"models": [model_case("bert-32"), model_case("distilbert-64")],
                "sets": [metric_case(random) for _ in range(40)], "ordered": [ordered_case(random) for _ in range(20)]}
    (HERE / "labels.json").write_text(json.dumps(document) + "\n")


main()
