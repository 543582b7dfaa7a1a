#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_lora.c with torch, transformers and peft, in float64.

    python3 tests/golden/make_peft.py

writes, beside itself, peft/NAME/ for small models of random weights with an adapter: adapter_config.json and
adapter_model.safetensors as peft writes them, config.json of the base, expected.json (logits, loss, losses of ten steps),
gradients.safetensors of what trains. Weights come from the formula of make_numeric.py, by the names without the words
that peft puts in between.

    python3 tests/golden/make_peft.py check BASE ADAPTER IDS...

opens a base and an adapter that revue wrote and prints the logits of a sequence of token ids, to compare them with
`revue score --logits`.

Made with torch 2.15.0, transformers 5.23.0 and peft 0.21.2.
"""
import json
import pathlib
import sys

import numpy as np
import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from safetensors.numpy import save_file
from transformers import (AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification,
                          DistilBertConfig, DistilBertForSequenceClassification)

from make_numeric import VOCAB, forward, weight

HERE = pathlib.Path(__file__).resolve().parent / "peft"
STEPS = 10

# name: architecture, labels, lengths of the sequences, what LoraConfig gets
CASES = {
    "bert-query-value": ("bert", 3, [5, 1, 30], {"r": 4, "lora_alpha": 8, "target_modules": ["query", "value"]}),
    "bert-all-linear": ("bert", 2, [9, 40], {"r": 3, "lora_alpha": 6, "use_rslora": True, "bias": "all",
                                             "target_modules": "all-linear"}),
    "bert-patterns": ("bert", 2, [12, 3], {"r": 2, "lora_alpha": 4, "rank_pattern": {"query": 5, r"layer.1.output.dense": 3},
                                           "alpha_pattern": {r"^bert.*\.key": 7}, "modules_to_save": ["pooler"],
                                           "target_modules": r".*\.layer\.\d\..*(query|key|output\.dense)"}),
    "distilbert": ("distilbert", 2, [20, 7, 1], {"r": 4, "lora_alpha": 16, "bias": "lora_only",
                                                 "target_modules": ["q_lin", "v_lin", "lin1"]}),
}


def base_model(architecture, labels):
    if architecture == "bert":
        return BertForSequenceClassification(BertConfig(
            vocab_size=VOCAB, hidden_size=36, num_attention_heads=3, num_hidden_layers=2, intermediate_size=40,
            num_labels=labels, max_position_embeddings=48, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))
    return DistilBertForSequenceClassification(DistilBertConfig(
        vocab_size=VOCAB, dim=36, n_heads=3, n_layers=2, hidden_dim=40, num_labels=labels, max_position_embeddings=48,
        dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0))


def plain(name):
    name = name.removeprefix("base_model.model.")
    for word in (".modules_to_save", ".base_layer", ".default"):
        name = name.replace(word + ".", ".")
    return name


def set_weights(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".original_module." not in name:
                parameter.copy_(torch.from_numpy(weight(plain(name), tuple(parameter.shape))).double())


def train(model, trained, lengths):
    """AdamW as the Trainer takes it: linear schedule to 0, clipping, no decay of biases and norms."""
    decay = [p for n, p in trained if not n.endswith("bias") and "orm" not in n]
    rest = [p for n, p in trained if n.endswith("bias") or "orm" in n]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}],
                                  lr=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (STEPS - step) / STEPS)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = forward(model, lengths, step).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in trained], 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def make(name, architecture, labels, lengths, lora):
    base = base_model(architecture, labels).double()
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    base.config.save_pretrained(folder)
    model = get_peft_model(base, LoraConfig(task_type=TaskType.SEQ_CLS, inference_mode=False, **lora)).double().train()
    set_weights(model)
    model.peft_config["default"].base_model_name_or_path = "base"
    model.float().save_pretrained(folder)
    model.double()
    for file in folder.glob("README.md"):
        file.unlink()
    trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    out = forward(model, lengths, 0)
    out.loss.backward()
    save_file({plain(n): p.grad.numpy().astype(np.float32) for n, p in trained}, folder / "gradients.safetensors")
    expected = {"lengths": lengths, "logits": out.logits.detach().tolist(), "loss": out.loss.item(),
                "losses": train(model, trained, lengths)}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def check(base, adapter, ids):
    labels = json.loads((pathlib.Path(adapter) / "config.json").read_text())["id2label"]
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=len(labels), dtype=torch.float32,
                                                               ignore_mismatched_sizes=True)
    model = PeftModel.from_pretrained(model, adapter).eval()
    with torch.no_grad():
        print(*(f"{x:.9g}" for x in model(input_ids=torch.tensor([ids])).logits[0].tolist()))


if __name__ == "__main__":
    torch.manual_seed(0)
    if sys.argv[1:2] == ["check"]:
        check(sys.argv[2], sys.argv[3], [int(i) for i in sys.argv[4:]])
    else:
        for key, row in CASES.items():
            make(key, *row)
