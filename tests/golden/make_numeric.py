#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_golden.c with torch and transformers, in float64.

    python3 tests/golden/make_numeric.py [FOLDER_OF_REAL_MODELS]

writes, beside itself, numeric/NAME/ for small models of random weights (config.json as transformers writes it,
expected.json, gradients.safetensors) and numeric/NAME.json for each real model that lies in the folder.

Weights and ids are not stored: both sides compute them, with the same rounding, from a hash of the tensor's name
and the element's number. Batches go through transformers padded, with an attention mask.

Made with torch 2.15.0 and transformers 5.23.0.
"""
import json
import pathlib
import sys
import zlib

import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import (AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification,
                          DistilBertConfig, DistilBertForSequenceClassification, RobertaConfig,
                          RobertaForSequenceClassification)

HERE = pathlib.Path(__file__).resolve().parent / "numeric"
STEPS = 20
SAMPLE = 64

# name: architecture, hidden, heads, layers, intermediate, activation, labels, positions, lengths of the sequences
SMALL = {
    "bert-26": ("bert", 52, 2, 2, 80, "gelu", 2, 64, [1, 5, 17, 33, 64]),
    "bert-32": ("bert", 64, 2, 2, 96, "gelu_new", 5, 512, [3, 512, 100]),
    "bert-64": ("bert", 64, 1, 1, 96, "relu", 2, 70, [7, 1, 70, 2]),
    "distilbert-26": ("distilbert", 52, 2, 2, 80, "gelu", 5, 64, [2, 64, 30]),
    "distilbert-32": ("distilbert", 64, 2, 1, 96, "relu", 2, 512, [511, 1, 9]),
    "distilbert-64": ("distilbert", 64, 1, 3, 64, "gelu_new", 3, 40, [40, 12, 1, 25]),
    "roberta-26": ("roberta", 52, 2, 2, 80, "gelu", 3, 66, [3, 64, 1, 20]),
}
VOCAB = 120
REAL = {
    "minilm-l6-384": [16, 2, 300, 41],
    "bert-tiny-toxicity": [512, 3, 16],
}


def mix(x):
    """The finaliser of MurmurHash3 on an array of uint32."""
    x = np.asarray(x, np.uint32)
    x ^= x >> np.uint32(16)
    x = x * np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x = x * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))


def uniform(name, count):
    """Floats in [-1, 1) with 24 bits."""
    index = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
    bits = mix(index ^ np.uint32(zlib.crc32(name.encode()))) >> np.uint32(8)
    return (bits.astype(np.float32) - np.float32(2**23)) / np.float32(2**23)


def weight(name, shape):
    """The tensor `name`: its scale goes by its role."""
    u = uniform(name, int(np.prod(shape))).reshape(shape)
    if name.endswith("bias"):
        return u * np.float32(0.125)
    if "LayerNorm" in name or "layer_norm" in name:
        return np.float32(1) + u * np.float32(0.125)
    if "embeddings" in name or name.startswith("classifier"):
        return u * np.float32(0.5)
    if any(part in name for part in ("query", "key", "q_lin", "k_lin")):
        return u * np.float32(0.25)
    return u * np.float32(0.125)


def make_ids(vocab, lengths, step):
    """Token ids, one list a sequence; those below 5 are left to special pieces."""
    count = sum(lengths)
    ids = 5 + mix(np.arange(count, dtype=np.uint32) + np.uint32(100000 * step + 1)) % np.uint32(vocab - 5)
    ends = np.cumsum(lengths)
    return [ids[end - length:end].astype(np.int64) for end, length in zip(ends, lengths)]


def forward(model, lengths, step):
    sequences = make_ids(model.config.vocab_size, lengths, step)
    labels = torch.tensor([(s + step) % model.config.num_labels for s in range(len(lengths))])
    ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for s, sequence in enumerate(sequences):
        ids[s, :len(sequence)] = torch.from_numpy(sequence)
        mask[s, :len(sequence)] = 1
    return model(input_ids=ids, attention_mask=mask, labels=labels)


def set_weights(model, names=None):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if names is None or name in names:
                parameter.copy_(torch.from_numpy(weight(name, tuple(parameter.shape))).double())


def first_pass(model, lengths):
    model.zero_grad()
    out = forward(model, lengths, 0)
    out.loss.backward()
    gradients = {name: p.grad.numpy().copy() for name, p in model.named_parameters()}
    return {"lengths": lengths, "logits": out.logits.detach().tolist(), "loss": out.loss.item()}, gradients


def train(model, lengths):
    """The losses of AdamW steps as the Trainer takes them: linear schedule to 0, clipping, no decay of biases and norms."""
    decay = [p for n, p in model.named_parameters() if not n.endswith("bias") and "orm" not in n]
    rest = [p for n, p in model.named_parameters() if n.endswith("bias") or "orm" in n]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}],
                                  lr=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (STEPS - step) / STEPS)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = forward(model, lengths, step).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def small_model(name):
    architecture, hidden, heads, layers, intermediate, activation, labels, positions, _ = SMALL[name]
    if architecture == "bert":
        model = BertForSequenceClassification(BertConfig(
            vocab_size=VOCAB, hidden_size=hidden, num_attention_heads=heads, num_hidden_layers=layers,
            intermediate_size=intermediate, hidden_act=activation, num_labels=labels,
            max_position_embeddings=positions, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))
    elif architecture == "roberta":
        model = RobertaForSequenceClassification(RobertaConfig(
            vocab_size=VOCAB, hidden_size=hidden, num_attention_heads=heads, num_hidden_layers=layers,
            intermediate_size=intermediate, hidden_act=activation, num_labels=labels, type_vocab_size=1,
            layer_norm_eps=1e-5, max_position_embeddings=positions, hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0))
    else:
        model = DistilBertForSequenceClassification(DistilBertConfig(
            vocab_size=VOCAB, dim=hidden, n_heads=heads, n_layers=layers, hidden_dim=intermediate,
            activation=activation, num_labels=labels, max_position_embeddings=positions, dropout=0.0,
            attention_dropout=0.0, seq_classif_dropout=0.0))
    model = model.double().train()
    set_weights(model)
    return model


def make_small(name):
    model, lengths = small_model(name), SMALL[name][-1]
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    expected, gradients = first_pass(model, lengths)
    expected["losses"] = train(model, lengths)
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    save_file({n: g.astype(np.float32) for n, g in gradients.items()}, folder / "gradients.safetensors")


def sample(gradient):
    """Norm, and elements that are not 0, evenly spread."""
    flat = gradient.reshape(-1)
    there = np.flatnonzero(flat)
    index = there[np.linspace(0, len(there) - 1, min(SAMPLE, len(there))).astype(int)]
    return {"norm": float(np.linalg.norm(flat)), "index": index.tolist(),
            "value": [float(f"{v:.9g}") for v in flat[index]]}


def make_real(name, folder, lengths):
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32, num_labels=2)
    model = model.double().eval()
    set_weights(model, {"classifier.weight", "classifier.bias"})
    expected, gradients = first_pass(model, lengths)
    expected["gradients"] = {n: sample(g) for n, g in gradients.items()}
    (HERE / f"{name}.json").write_text(json.dumps(expected) + "\n")


def main():
    torch.manual_seed(0)
    for name in SMALL:
        make_small(name)
    if len(sys.argv) > 1:
        for name, lengths in REAL.items():
            make_real(name, pathlib.Path(sys.argv[1]) / name, lengths)


if __name__ == "__main__":
    main()
