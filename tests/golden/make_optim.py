#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_ops_training.c with torch, transformers, bitsandbytes and scikit-learn.

    python3 tests/golden/make_optim.py

writes optim.json beside itself: ten steps of each optimizer on four small tensors as the Trainer sets it up (weight decay
for matrices only, gradients clipped to 1, a learning rate that falls, one tensor with a lower one as layer-wise decay
gives), and losses with their gradients. Weights, gradients and logits are not stored: both sides compute them from a hash.

Made with torch 2.15.0, transformers 5.23.0, bitsandbytes 0.50.2 and scikit-learn 1.9.1.
"""
import json
import pathlib

import bitsandbytes
import numpy as np
import torch
from sklearn.utils.class_weight import compute_class_weight
from transformers.optimization import Adafactor
from transformers.trainer_pt_utils import LabelSmoother

from make_numeric import uniform

STEPS = 10
KEPT = (1, 2, 10)
# name: shape, factor of the learning rate
TENSORS = {"embedding": ((9, 7), 0.81), "bias": ((7,), 1.0), "kernel": ((5, 18), 1.0), "norm": ((18,), 0.9)}
RATE, DECAY = 0.02, 0.1

OPTIMIZERS = {
    "adamw": lambda groups: torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-8),
    "adamw-other": lambda groups: torch.optim.AdamW(groups, betas=(0.8, 0.95), eps=1e-3),
    "sgd": lambda groups: torch.optim.SGD(groups),
    "sgd-momentum": lambda groups: torch.optim.SGD(groups, momentum=0.9),
    "sgd-dampening": lambda groups: torch.optim.SGD(groups, momentum=0.9, dampening=0.3),
    "sgd-nesterov": lambda groups: torch.optim.SGD(groups, momentum=0.7, nesterov=True),
    "lion": lambda groups: bitsandbytes.optim.Lion(groups, betas=(0.9, 0.999), optim_bits=32),
    "adafactor": lambda groups: Adafactor(groups, lr=RATE, scale_parameter=False, relative_step=False),
}


def gradient(name, shape, step):
    u = uniform(f"{name}.{step}", int(np.prod(shape))).reshape(shape)
    return torch.from_numpy(u * np.float32(0.01 if step < 3 else 1))  # not clipped at first, then clipped


def run(make):
    parameters = {name: torch.nn.Parameter(torch.from_numpy(uniform(name, int(np.prod(shape))).reshape(shape).copy()))
                  for name, (shape, _) in TENSORS.items()}
    optimizer = make([{"params": [p], "lr": RATE * TENSORS[name][1], "weight_decay": DECAY if p.dim() == 2 else 0.0}
                      for name, p in parameters.items()])
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (STEPS - step) / STEPS)
    kept = {}
    for step in range(STEPS):
        for name, p in parameters.items():
            p.grad = gradient(name, tuple(p.shape), step)
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step()
        schedule.step()
        if step + 1 in KEPT:
            kept[step + 1] = [round(float(x), 9) for p in parameters.values() for x in p.detach().flatten()]
    return kept


def losses():
    rows, columns = 6, 5
    values = torch.from_numpy(4 * uniform("logits", rows * columns).reshape(rows, columns)).double()
    labels = torch.tensor([0, 3, 4, 1, 1, 2])
    weights = torch.tensor([0.5, 2.0, 1.25, 0.0, 3.0], dtype=torch.float64)
    targets = (torch.from_numpy(uniform("targets", rows * columns).reshape(rows, columns)) > 0).double()
    cross = torch.nn.functional.cross_entropy
    binary = torch.nn.functional.binary_cross_entropy_with_logits
    cases = {
        "plain": lambda x: cross(x, labels),
        "smoothed": lambda x: LabelSmoother(epsilon=0.1)({"logits": x}, labels.clone()),
        "weighted": lambda x: cross(x, labels, weight=weights),
        "both": lambda x: cross(x, labels, weight=weights, label_smoothing=0.2),
        "binary": lambda x: binary(x, targets),
        "binary-weighted": lambda x: binary(x, targets, pos_weight=weights),
    }
    out = {"labels": labels.tolist(), "weights": weights.tolist(), "targets": targets.flatten().int().tolist()}
    for name, loss_of in cases.items():
        x = values.clone().requires_grad_(True)
        loss = loss_of(x)
        loss.backward()
        out[name] = {"loss": loss.item(), "gradient": x.grad.flatten().tolist()}
    return out


def balanced():
    labels = np.repeat([0, 1, 2, 3], [7, 1, 20, 4])
    return compute_class_weight("balanced", classes=np.arange(4), y=labels).tolist()


if __name__ == "__main__":
    golden = {"optimizers": {name: run(make) for name, make in OPTIMIZERS.items()}, "losses": losses(),
              "balanced": balanced()}
    path = pathlib.Path(__file__).resolve().parent / "optim.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
