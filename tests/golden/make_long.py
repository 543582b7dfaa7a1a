#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/long: what transformers and torch give for reviews longer than a sequence.

    python3 tests/golden/make_long.py

cuts.json     texts and the ids of their sequences by the tokenizer of tokens/small: truncation_side right and left,
              windows by return_overflowing_tokens, and head+tail put together from all ids as Sun et al. 2019 do
pooled.json   logits of windows pooled for each review, the loss and the gradients, of the small models bert-26 and
              distilbert-26 of make_numeric.py, in float64

Made with torch 2.15.0 and transformers 5.23.0.
"""
import json
import os
import pathlib
import shutil
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import torch  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

import make_numeric  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "long"
REVIEWS = [0, 2, 3, 5]  # of bert-26's five sequences; of distilbert-26's three the first two entries


def texts():
    lines = (HERE / "tokens" / "texts.txt").read_text(encoding="utf-8").split("\n")
    long = " ".join(lines[:3])
    return ["", "good", "a good film", long[:80], long[:260]]


def cuts(tokenizer):
    cases = []
    for text in texts():
        whole = tokenizer(text, add_special_tokens=False)["input_ids"]
        for length in sorted({2, 3, 4, 7, 20, max(2, len(whole) + 1), len(whole) + 2, len(whole) + 3}):
            room = length - 2
            for name, side in (("head", "right"), ("tail", "left")):
                tokenizer.truncation_side = side
                ids = tokenizer(text, truncation=True, max_length=length)["input_ids"]
                cases.append({"text": text, "truncation": name, "max_length": length, "sequences": [ids]})
            tokenizer.truncation_side = "right"
            for head in {1, room // 2, room - 1}:
                if head < 1 or head >= room:
                    continue
                ids = whole if len(whole) <= room else whole[:head] + whole[len(whole) - (room - head):]
                cases.append({"text": text, "truncation": "head+tail", "max_length": length, "head_tokens": head,
                              "sequences": [tokenizer.build_inputs_with_special_tokens(ids)
                                            if hasattr(tokenizer, "build_inputs_with_special_tokens")
                                            else [tokenizer.cls_token_id] + ids + [tokenizer.sep_token_id]]})
            for step in {2, (room + 1) // 2, room}:
                if step < 2 or step > room:
                    continue
                out = tokenizer(text, truncation=True, max_length=length, stride=room - step,
                                return_overflowing_tokens=True)["input_ids"]
                cases.append({"text": text, "truncation": "windows", "max_length": length, "stride": step,
                              "sequences": out})
    return cases


def pooled(name, pooling):
    architecture, *sizes, lengths = make_numeric.SMALL[name]
    model = make_numeric.small_model(name)
    reviews = [end for end in REVIEWS if end <= len(lengths)]
    logits = make_numeric.forward(model, lengths, 0).logits
    rows = [logits[a:b] for a, b in zip(reviews, reviews[1:])]
    out = torch.stack([r.mean(0) if pooling == "mean" else r.max(0).values for r in rows])
    labels = torch.tensor([r % model.config.num_labels for r in range(len(rows))])
    loss = torch.nn.functional.cross_entropy(out, labels)
    model.zero_grad()
    loss.backward()
    gradients = {n: {"norm": p.grad.norm().item(), "first": p.grad.flatten()[:8].tolist()}
                 for n, p in model.named_parameters()}
    return {"model": name, "pooling": pooling, "reviews": reviews, "logits": out.detach().tolist(),
            "loss": loss.item(), "gradients": gradients}


def main():
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HERE / "tokens" / "small" / "vocab.txt", folder)
        pathlib.Path(folder, "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer", "do_lower_case": true}')
        pathlib.Path(folder, "config.json").write_text('{"model_type": "bert"}')
        made = cuts(AutoTokenizer.from_pretrained(folder))
    (OUT / "cuts.json").write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in made) + "\n]\n",
                                   encoding="utf-8")
    made = [pooled(name, pooling) for name in ("bert-26", "distilbert-26") for pooling in ("mean", "max")]
    (OUT / "pooled.json").write_text("[\n" + ",\n".join(json.dumps(p) for p in made) + "\n]\n")


if __name__ == "__main__":
    main()
