#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_ops_distil.c with torch.

    python3 tests/golden/make_distil.py

writes distil.json beside itself: what the answers of teachers make of a loss (Hinton et al. 2015), and the losses on what
happens inside: attention and value relations (MiniLM, Wang et al. 2020 and 2021), attention scores and hidden states
(TinyBERT, Jiao et al. 2020), each with its gradient. Inputs are not stored: both sides compute them from a hash.

Made with torch 2.15.0.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

from make_numeric import uniform

ROWS, COLUMNS = 6, 5
STARTS = [0, 3, 4, 9]  # sequences of 3, 1 and 5 tokens
HEADS, STUDENT, TEACHER = 2, 3, 4  # relation heads, and the width of one


def tensor(name, *shape, scale=1.0):
    count = math.prod(shape)
    return torch.from_numpy(scale * uniform(name, count).reshape(shape)).double()


def numbers(x):
    return [round(float(v), 10) for v in x.detach().flatten()]


def case(loss, *inputs):
    value = loss()
    gradients = torch.autograd.grad(value, inputs)
    return {"loss": round(float(value.detach()), 10), "gradients": [numbers(g) for g in gradients]}


def soft():
    logits = tensor("logits", ROWS, COLUMNS, scale=4.0)
    teacher = tensor("teacher", ROWS, COLUMNS, scale=4.0)
    labels = torch.tensor([0, 3, 4, 1, 1, 2])
    targets = (tensor("targets", ROWS, COLUMNS) > 0).double()
    out = {}
    for name, alpha, t in (("all", 1.0, 2.0), ("half", 0.5, 4.0), ("cold", 0.3, 0.5)):
        x = logits.clone().requires_grad_()
        out[name] = case(lambda: (1 - alpha) * F.cross_entropy(x, labels)
                         + alpha * t * t * F.kl_div(F.log_softmax(x / t, 1), F.softmax(teacher / t, 1), reduction="batchmean"), x)
        y = logits.clone().requires_grad_()
        p = torch.sigmoid(teacher / t)
        entropy = -(p * p.log() + (1 - p) * (1 - p).log()).mean()
        out[name + "-independent"] = case(
            lambda: (1 - alpha) * F.binary_cross_entropy_with_logits(y, targets)
            + alpha * t * t * (F.binary_cross_entropy_with_logits(y / t, p) - entropy), y)
    return out


def scores(a, b, heads, start, end):
    a = a[start:end].reshape(end - start, heads, -1).transpose(0, 1)
    b = b[start:end].reshape(end - start, heads, -1).transpose(0, 1)
    return a @ b.transpose(1, 2) / math.sqrt(a.shape[-1])  # [heads, n, n]


def relations():
    tokens = STARTS[-1]
    ta, tb = tensor("teacher.a", tokens, HEADS * TEACHER, scale=3.0), tensor("teacher.b", tokens, HEADS * TEACHER, scale=3.0)
    out = {}
    for name in ("kl", "mse"):
        a = tensor("student.a", tokens, HEADS * STUDENT, scale=3.0).requires_grad_()
        b = tensor("student.b", tokens, HEADS * STUDENT, scale=3.0).requires_grad_()

        def loss():
            sum = 0
            for start, end in zip(STARTS, STARTS[1:]):
                s, t = scores(a, b, HEADS, start, end), scores(ta, tb, HEADS, start, end)
                sum = sum + (F.mse_loss(s, t) if name == "mse" else
                             F.kl_div(F.log_softmax(s, -1), F.softmax(t, -1), reduction="sum") / (HEADS * (end - start)))
            return sum / (len(STARTS) - 1)
        out[name] = case(loss, a, b)
    return out


def hidden():
    tokens, width = STARTS[-1], HEADS * STUDENT
    x, t = tensor("student.a", tokens, width).requires_grad_(), tensor("teacher.a", tokens, width)

    def loss():
        return sum(F.mse_loss(x[s:e], t[s:e]) for s, e in zip(STARTS, STARTS[1:])) / (len(STARTS) - 1)
    return {"mse": case(loss, x)}


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("distil.json")
    path.write_text(json.dumps({"soft": soft(), "relations": relations(), "hidden": hidden()}) + "\n")
    print(path)
