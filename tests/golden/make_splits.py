#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes tests/golden/splits.txt: which rows scikit-learn, datasets, pandas and torch split off, and in which order, for many
# sizes, seeds and balances; and the vectors of numpy's generators. tests/unit/test_split_like.c compares.
#
#   KIND stratify shuffle scheme rows held_out max_training max_held_out seed | training held_out hash hash | first five of each
#   fold stratify scheme rows number folds seed | training held_out hash hash
#   permutation KIND count seed hash first...     choice KIND population size seed rounds indices...
import math
import os

import datasets
import numpy as np
import pandas
import torch
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

HERE = os.path.dirname(os.path.abspath(__file__))


def fnv(indices):
    value = 0xcbf29ce484222325
    for byte in np.asarray(indices, dtype="<u4").tobytes():
        value = (value ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return "%016x" % value


def labels_of(scheme, rows):
    """The test makes the same: r are the upper bits of a linear congruential generator."""
    state, labels = rows, []
    for i in range(rows):
        state = (state * 1664525 + 1013904223) & 0xffffffff
        r = state >> 8
        labels.append([i * 2 // rows, r % 2, int(r % 10 == 0), r % 7, (r % 100) ** 2 // 1000, r % 40][scheme])
    return labels


def sklearn_split(rows, labels, case):
    if case["held_out"] == 0:
        sample = pandas.DataFrame({"row": rows}).sample(n=case["max_training"], random_state=case["seed"])
        return sample["row"].tolist(), []
    train, test = train_test_split(rows, test_size=case["held_out"], random_state=case["seed"],
                                   train_size=case["max_training"] or None, stratify=labels if case["stratify"] else None)
    return train, test[:case["max_held_out"] or None]


def datasets_split(rows, labels, case):
    count = max(labels) + 1
    features = datasets.Features({"row": datasets.Value("int64"), "label": datasets.ClassLabel(num_classes=count)})
    train = datasets.Dataset.from_dict({"row": rows, "label": labels}, features=features)
    test = None
    if case["held_out"] > 0:
        both = train.train_test_split(test_size=case["held_out"], seed=case["seed"],
                                      stratify_by_column="label" if case["stratify"] else None)
        train, test = both["train"], both["test"]
    if case["max_training"]:
        train = train.shuffle(seed=case["seed"]).select(range(min(case["max_training"], len(train))))
    elif case["shuffle"]:
        train = train.shuffle(seed=case["seed"])
    if test and case["max_held_out"]:
        test = test.shuffle(seed=case["seed"]).select(range(min(case["max_held_out"], len(test))))
    return list(train["row"]), list(test["row"]) if test else []


def torch_split(rows, labels, case):
    held_out, generator = case["held_out"], torch.Generator().manual_seed(case["seed"])
    lengths = [len(rows) - held_out, held_out] if held_out >= 1 else [round(1 - held_out, 12), held_out]
    train, test = torch.utils.data.random_split(rows, lengths, generator=generator)
    return list(train)[:case["max_training"] or None], list(test)[:case["max_held_out"] or None]


def write_split(out, kind, scheme, rows, **given):
    case = dict(stratify=0, shuffle=0, held_out=0.1, max_training=0, max_held_out=0, seed=42) | given
    split = {"sklearn": sklearn_split, "datasets": datasets_split, "torch": torch_split}[kind]
    train, test = split(list(range(rows)), labels_of(scheme, rows), case)
    print(kind, case["stratify"], case["shuffle"], scheme, rows, case["held_out"], case["max_training"], case["max_held_out"],
          case["seed"], "|", len(train), len(test), fnv(train), fnv(test), "|",
          *(train[:5] + [-1] * 5)[:5], *(test[:5] + [-1] * 5)[:5], file=out)


def write_splits(out):
    sizes, seeds = [100, 101, 997, 3000, 20011], [0, 1, 42, 1234, 4294967295]
    for kind in ("sklearn", "datasets"):
        for scheme in range(6):
            for i, rows in enumerate(sizes):
                share = [0.2, 0.1, 0.25, 1 / 3, 0.15][(i + scheme) % 5]
                if rows * min(share, 1 - share) > 80:
                    write_split(out, kind, scheme, rows, held_out=share, stratify=1, seed=seeds[(i + scheme) % 5])
                    write_split(out, kind, scheme, rows, held_out=300, stratify=1, seed=seeds[(i + 1) % 5])
        for rows in (480, 1000, 5000):
            for seed in seeds:
                write_split(out, kind, 5, rows, held_out=50, stratify=1, seed=seed)
                write_split(out, kind, 4, rows, held_out=0.3, stratify=1, seed=seed)
    for kind in ("sklearn", "datasets", "torch"):
        for rows in [2, 3, 10, 11] + sizes + [25000]:
            for seed in (seeds if rows < 3000 else seeds[:3]):
                for share in (0.1, 0.2, 0.3, 0.05):
                    write_split(out, kind, 1, rows, held_out=share, seed=seed) if rows * share >= 1 else None
        write_split(out, kind, 1, 5000, held_out=300, max_training=4000, seed=7)
        write_split(out, kind, 1, 5000, held_out=0.2, max_training=1000, max_held_out=100, seed=7)
        for share in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.35, 0.01, 0.125):
            write_split(out, kind, 1, 1003, held_out=share)
    write_split(out, "sklearn", 3, 5000, held_out=0.2, max_training=1001, stratify=1, seed=7)
    write_split(out, "sklearn", 5, 9999, held_out=41, max_training=77, stratify=1, seed=8)
    write_split(out, "sklearn", 1, 5000, held_out=0, max_training=300)
    write_split(out, "datasets", 3, 5000, held_out=0.2, max_training=1001, max_held_out=55, stratify=1, seed=7)
    for most in (300, 3000, 4000):
        write_split(out, "datasets", 0, 25000, held_out=0, max_training=most)
    write_split(out, "datasets", 0, 25000, held_out=0, shuffle=1)
    write_split(out, "datasets", 0, 25000, held_out=0.1, shuffle=1, seed=3)


def write_folds(out):
    for stratify, kind in enumerate((KFold, StratifiedKFold)):
        for scheme, rows, folds, seed in ((0, 100, 5, 0), (1, 101, 3, 42), (2, 997, 10, 1), (3, 500, 7, 1234), (4, 3000, 5, 7),
                                          (5, 4000, 4, 4294967295), (1, 20, 2, 9), (5, 9999, 20, 3)):
            labels = labels_of(scheme, rows)
            made = list(kind(folds, shuffle=True, random_state=seed).split(np.zeros(rows), labels))
            for number in sorted({1, 2, folds}):
                train, test = made[number - 1]
                print("fold", stratify, scheme, rows, number, folds, seed, "|", len(train), len(test), fnv(train), fnv(test),
                      file=out)


def write_vectors(out):
    for count in (1, 2, 10, 30, 65536, 65537, 100000):
        for seed in (0, 42, 1234, 4294967295):
            for kind, random in (("state", np.random.RandomState(seed)), ("generator", np.random.default_rng(seed))):
                order = random.permutation(count)
                print("permutation", kind, count, seed, fnv(order), *order[:8], file=out)
    for population, size in ((1, 1), (2, 1), (2, 2), (5, 3), (40, 7), (40, 40), (4096, 100), (10000, 9999)):
        for seed in (0, 42):
            for kind, random in (("state", np.random.RandomState(seed)), ("generator", np.random.default_rng(seed))):
                first = random.choice(population, size=size, replace=False)
                second = random.choice(population, size=size, replace=False)
                print("choice", kind, population, size, seed, fnv(first), fnv(second), file=out)


with open(os.path.join(HERE, "splits.txt"), "w") as file:
    write_vectors(file)
    write_splits(file)
    write_folds(file)
