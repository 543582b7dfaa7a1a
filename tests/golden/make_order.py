#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes tests/golden/orders.txt: in which order the Trainer of transformers takes the rows of a data set that was split with
# datasets or scikit-learn, as its collator sees them. tests/unit/test_split_like.c compares.
#
#   KIND stratify shuffle rows held_out max_training split_seed seed batch epochs: row of the data set, row, ...
import os
import tempfile

import datasets
import torch
from sklearn.model_selection import train_test_split
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

HERE = os.path.dirname(os.path.abspath(__file__))


def make_data(rows):
    features = datasets.Features({"row": datasets.Value("int64"), "label": datasets.ClassLabel(num_classes=2)})
    return datasets.Dataset.from_dict({"row": list(range(rows)), "label": [i * 2 // rows for i in range(rows)]},
                                      features=features)


def split(case):
    data = make_data(case["rows"])
    if case["kind"] == "datasets":
        if case["held_out"]:
            data = data.train_test_split(test_size=case["held_out"], seed=case["split_seed"],
                                         stratify_by_column="label" if case["stratify"] else None)["train"]
        if case["max_training"]:
            return data.shuffle(seed=case["split_seed"]).select(range(case["max_training"]))
    elif case["kind"] == "sklearn":
        train, _ = train_test_split(data.to_pandas(), test_size=case["held_out"], random_state=case["split_seed"],
                                    train_size=case["max_training"] or None,
                                    stratify=data["label"] if case["stratify"] else None)
        data = datasets.Dataset.from_pandas(train, preserve_index=False)
    else:
        held_out, generator = case["held_out"], torch.Generator().manual_seed(case["split_seed"])
        train, _ = torch.utils.data.random_split(data, [round(1 - held_out, 12), held_out], generator=generator)
        return train
    return data.shuffle(seed=case["split_seed"]) if case["shuffle"] else data


def order_of(case):
    seen = []

    def collate(rows):
        seen.extend(int(row["row"]) for row in rows)
        return {"input_ids": torch.zeros(len(rows), 2, dtype=torch.long),
                "labels": torch.tensor([int(row["label"]) for row in rows])}

    model = BertForSequenceClassification(BertConfig(vocab_size=10, hidden_size=4, num_hidden_layers=1,
                                                     num_attention_heads=1, intermediate_size=4))
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(output_dir=folder, num_train_epochs=case["epochs"], seed=case["seed"],
                                      per_device_train_batch_size=case["batch"], report_to=[], save_strategy="no",
                                      remove_unused_columns=False, use_cpu=True, disable_tqdm=True)
        Trainer(model=model, args=arguments, train_dataset=split(case), data_collator=collate).train()
    return seen


def write(out, kind, **given):
    case = dict(kind=kind, stratify=0, shuffle=0, rows=60, held_out=0.2, max_training=0, split_seed=42, seed=42, batch=8,
                epochs=2) | given
    print(kind, *[case[key] for key in ("stratify", "shuffle", "rows", "held_out", "max_training", "split_seed", "seed",
                                        "batch", "epochs")], ":", *order_of(case), file=out)


with open(os.path.join(HERE, "orders.txt"), "w") as file:
    write(file, "datasets")
    write(file, "datasets", stratify=1, split_seed=7, seed=1)
    write(file, "datasets", held_out=0, max_training=40, epochs=3)
    write(file, "datasets", shuffle=1, held_out=10, seed=0)
    write(file, "datasets", held_out=0, seed=3)
    write(file, "sklearn")
    write(file, "sklearn", stratify=1, split_seed=0, seed=9, epochs=3)
    write(file, "sklearn", stratify=1, max_training=30, split_seed=5)
    write(file, "sklearn", shuffle=1)
    write(file, "torch", rows=101, held_out=0.1, seed=4294967295)
