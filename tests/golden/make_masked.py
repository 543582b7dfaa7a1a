#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_masked.c with torch and transformers, in float64.

    python3 tests/golden/make_masked.py

writes, beside itself, masked/NAME/: config.json as transformers writes it, expected.json (the loss of a batch with masked
tokens, each token's own, whether its word has the highest logit, the logits at some of them, the losses of AdamW steps on
the same masked tokens) and gradients.safetensors, in which the tied embeddings of words have the sum of both uses.

Weights, ids, and which tokens are masked how, are not stored: both sides compute them from a hash, as make_numeric.py.

Made with torch 2.15.0 and transformers 5.23.0.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from transformers import BertConfig, BertForMaskedLM, DistilBertConfig, DistilBertForMaskedLM

from make_numeric import VOCAB, make_ids, mix, set_weights

HERE = pathlib.Path(__file__).resolve().parent / "masked"
MASK = 4
SHOWN = 3  # masked tokens whose logits are stored

# name: architecture, hidden, heads, layers, intermediate, activation, positions, lengths of the sequences
SMALL = {
    "bert": ("bert", 52, 2, 2, 80, "gelu", 64, [1, 5, 17, 33, 64]),
    "distilbert": ("distilbert", 64, 2, 2, 96, "gelu", 64, [2, 64, 30]),
}


def hidden(lengths):
    """What of each token of the batch is fed, and what is wanted there: -100 where it is not masked. The first sequence
    has no masked token."""
    ids = np.concatenate(make_ids(VOCAB, lengths, 0))
    places = np.arange(len(ids), dtype=np.uint32)
    masked = (mix(places + np.uint32(777)) % 4 == 0) & (places >= lengths[0])
    fate = mix(places + np.uint32(888)) % 10
    other = 5 + mix(places + np.uint32(999)) % np.uint32(VOCAB - 5)
    fed = np.where(masked & (fate < 8), MASK, np.where(masked & (fate == 8), other, ids))
    wanted = np.where(masked, ids, -100)
    ends = np.cumsum(lengths)
    return [(fed[e - n:e].astype(np.int64), wanted[e - n:e].astype(np.int64)) for e, n in zip(ends, lengths)]


def padded(lengths):
    ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    attention, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for s, (fed, wanted) in enumerate(hidden(lengths)):
        ids[s, :len(fed)] = torch.from_numpy(fed)
        labels[s, :len(fed)] = torch.from_numpy(wanted)
        attention[s, :len(fed)] = 1
    return {"input_ids": ids, "attention_mask": attention, "labels": labels}


def model_of(name):
    architecture, size, heads, layers, intermediate, activation, positions, _ = SMALL[name]
    if architecture == "bert":
        model = BertForMaskedLM(BertConfig(
            vocab_size=VOCAB, hidden_size=size, num_attention_heads=heads, num_hidden_layers=layers,
            intermediate_size=intermediate, hidden_act=activation, max_position_embeddings=positions,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))
    else:
        model = DistilBertForMaskedLM(DistilBertConfig(
            vocab_size=VOCAB, dim=size, n_heads=heads, n_layers=layers, hidden_dim=intermediate, activation=activation,
            max_position_embeddings=positions, dropout=0.0, attention_dropout=0.0))
    model = model.double().train()
    set_weights(model)
    return model


def steps(model, batch, count=20):
    # "transformer" and "transform" are no norms.
    exempt = {n for n, _ in model.named_parameters() if n.endswith("bias") or "LayerNorm" in n or "layer_norm" in n}
    decay = [p for n, p in model.named_parameters() if n not in exempt]
    rest = [p for n, p in model.named_parameters() if n in exempt]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], lr=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (count - step) / count)
    losses = []
    for _ in range(count):
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def make(name):
    model, lengths = model_of(name), SMALL[name][-1]
    batch = padded(lengths)
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    out = model(**batch)
    out.loss.backward()
    there = batch["labels"] != -100
    logits, wanted = out.logits.detach()[there], batch["labels"][there]
    expected = {
        "lengths": lengths,
        "loss": out.loss.item(),
        "perplexity": out.loss.exp().item(),
        "token_losses": F.cross_entropy(logits, wanted, reduction="none").tolist(),
        "right": (logits.argmax(-1) == wanted).tolist(),
        "logits": logits[:SHOWN].tolist(),
    }
    gradients = {n: p.grad.numpy().astype(np.float32) for n, p in model.named_parameters()}
    save_file(gradients, folder / "gradients.safetensors")
    expected["losses"] = steps(model, batch)
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    for name in SMALL:
        make(name)
