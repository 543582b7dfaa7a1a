#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints the expected numbers in tests/unit/test_train_parts.c and test_train.c:
# metrics by scikit-learn, learning rates by transformers, AdamW with clipping by torch.
import math

import torch
from sklearn.metrics import accuracy_score, log_loss, precision_recall_fscore_support
from transformers import (BertConfig, BertForSequenceClassification, get_constant_schedule_with_warmup,
                          get_linear_schedule_with_warmup)


def metrics(labels, truth, logits):
    scores = torch.tensor(logits, dtype=torch.float64).softmax(1).numpy()
    predicted = scores.argmax(1)
    print(f"metrics of {labels} labels")
    print("  accuracy %.17g" % accuracy_score(truth, predicted))
    print("  loss %.17g" % log_loss(truth, scores, labels=list(range(labels))))
    print("  macro %.17g %.17g %.17g" % precision_recall_fscore_support(truth, predicted, average="macro",
                                                                        zero_division=0)[:3])
    if labels == 2:
        print("  binary %.17g %.17g %.17g" % precision_recall_fscore_support(truth, predicted, average="binary",
                                                                             zero_division=0)[:3])


def logits(rows, labels):
    return [[((r * 7 + c * 5 + r * c * 3) % 11 - 5) / 4 for c in range(labels)] for r in range(rows)]


def rates(name, make, steps, warmup):
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=5e-5)
    schedule = make(optimizer, warmup, steps)
    print(name, steps, warmup)
    for _ in range(steps):
        print("  %.17g" % optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()


def adamw():
    model = BertForSequenceClassification(BertConfig(
        vocab_size=100, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=32, num_labels=2))
    named = list(model.named_parameters())
    exempt = [p for n, p in named if "bias" in n or "LayerNorm" in n]
    decayed = [p for n, p in named if not ("bias" in n or "LayerNorm" in n)]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.1}, {"params": exempt, "weight_decay": 0}],
                                  lr=0.01)
    with torch.no_grad():
        for name, p in named:
            i = torch.arange(p.numel())
            p.copy_((((i * 7 + len(name) * 3) % 13 - 6) / 8).view(p.shape))
    for step in range(3):
        for name, p in named:
            i = torch.arange(p.numel())
            gradient = ((i * 5 + len(name) + step * 11) % 17 - 8) / 64
            p.grad = (gradient * (0 if "word_embeddings" in name else 1)).view(p.shape)
        print("norm %.9g" % torch.nn.utils.clip_grad_norm_([p for _, p in named], 1.0).item())
        optimizer.step()
    for name, p in named:
        if name.endswith(("attention.self.query.weight", "query.bias", "attention.output.LayerNorm.weight",
                          "word_embeddings.weight", "classifier.weight")):
            print(name, ["%.9g" % v for v in p.detach().flatten()[:4].tolist()])


metrics(2, [(r * r) % 3 % 2 for r in range(40)], logits(40, 2))
metrics(4, [(r * r) % 5 % 3 for r in range(40)], logits(40, 4))
rates("linear", get_linear_schedule_with_warmup, 10, math.ceil(0.25 * 10))
rates("constant", lambda o, w, t: get_constant_schedule_with_warmup(o, w), 4, 2)
adamw()
