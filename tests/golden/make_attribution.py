#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_attribution.c with torch and transformers, in float64.

    python3 tests/golden/make_attribution.py

writes attribution.json beside itself: of small models with the weights of make_numeric.py's formula what each token counts
in the logit of a label, by integrated gradients and by occlusion.

Integrated gradients are captum's LayerIntegratedGradients(forward, model.<base>.embeddings) with attribute(ids,
baselines=[CLS] [PAD]... [SEP], target=label, n_steps=50, method="gausslegendre"), summed over the last dimension, written
down here in plain torch: captum's approximation_methods.gauss_legendre_builders and its _attribute of a layer whose output
is replaced by baseline + alpha * (input - baseline). `delta` is its compute_convergence_delta. Occlusion is the logit minus
that of the text with one token as [MASK].

Made with torch 2.15.0 and transformers 5.23.0.
"""
import json
import pathlib

import numpy as np
import torch

from make_numeric import SMALL, VOCAB, mix, small_model

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ["bert-26", "bert-64", "distilbert-32"]
PAD, CLS, SEP, MASK = 0, 2, 3, 4
LENGTHS = [1, 7, 24]
STEPS = 50


def words(length, step):
    index = np.arange(length, dtype=np.uint32) + np.uint32(7919 * step + 11)
    return [int(i) for i in 5 + mix(index) % np.uint32(VOCAB - 5)]


def logit(model, ids, label):
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids])).logits[0, label].item()


def embeddings_of(model, layer, ids):
    kept = []
    hook = layer.register_forward_hook(lambda module, inputs, output: kept.append(output.detach()))
    with torch.no_grad():
        model(input_ids=torch.tensor([ids]))
    hook.remove()
    return kept[0]


def integrated(model, ids, baseline, label):
    layer = getattr(model, model.base_model_prefix).embeddings
    x, start = embeddings_of(model, layer, ids), embeddings_of(model, layer, baseline)
    nodes, weights = np.polynomial.legendre.leggauss(STEPS)
    total = torch.zeros_like(x)
    for alpha, weight in zip(0.5 * (1 + nodes), 0.5 * weights):
        point = (start + alpha * (x - start)).requires_grad_(True)
        hook = layer.register_forward_hook(lambda module, inputs, output, point=point: point)
        out = model(input_ids=torch.tensor([ids])).logits[0, label]
        hook.remove()
        total += weight * torch.autograd.grad(out, point)[0]
    return (total * (x - start)).sum(-1)[0].tolist()


def example(model, label, inside):
    ids, baseline = [CLS] + inside + [SEP], [CLS] + [PAD] * len(inside) + [SEP]
    whole, bias = logit(model, ids, label), logit(model, baseline, label)
    weights = integrated(model, ids, baseline, label)
    masked = [logit(model, ids[:i + 1] + [MASK] + ids[i + 2:], label) for i in range(len(inside))]
    assert abs(weights[0]) < 1e-12 and abs(weights[-1]) < 1e-12
    return {"text": " ".join(f"w{i}" for i in inside), "label": label, "logit": whole, "bias": bias,
            "delta": sum(weights) - (whole - bias), "gradients": weights[1:-1],
            "occlusion": [whole - value for value in masked]}


def main():
    torch.manual_seed(0)
    out = {}
    for name in NAMES:
        model = small_model(name).eval()
        labels = SMALL[name][6]
        out[name] = [example(model, i % labels, words(length, i)) for i, length in enumerate(LENGTHS)]
    (HERE / "attribution.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
