#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_train_golden.c with transformers, torch and accelerate.

    python3 tests/golden/make_steps.py

writes into steps/ beside itself:
  rates.txt   learning rates of every step, by transformers' get_scheduler; of reduce_lr_on_plateau after every metric
  orders.txt  the rows of two or three epochs in the order of a real Trainer, without dropout, which on the CPU would draw
              from the generator that orders rows by length
  runs.txt    what a real Trainer does after which step, where its evaluations are made up: logs, evaluates, saves, stops,
              and which checkpoints it leaves

Made with torch 2.15.0, transformers 5.23.0 and accelerate 1.15.0.
"""
import json
import logging
import pathlib
import tempfile

import torch
from torch.utils.data import Dataset
from transformers import (BertConfig, BertForSequenceClassification, EarlyStoppingCallback, Trainer, TrainerCallback,
                          TrainingArguments, get_scheduler)

logging.disable(logging.WARNING)
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).resolve().parent / "steps"

# name, arguments, learning rate, warm-up as v5 has it, steps
SCHEDULES = [
    ("linear", {}, 5e-5, 0, 7), ("linear", {}, 3e-5, 3, 11), ("linear", {}, 2e-5, 0.21, 14), ("linear", {}, 1e-3, 9, 5),
    ("cosine", {}, 5e-5, 0, 9), ("cosine", {"num_cycles": 1.75}, 2e-5, 0.1, 23),
    ("cosine_with_restarts", {}, 5e-5, 2, 9), ("cosine_with_restarts", {"num_cycles": 3}, 1e-4, 0, 20),
    ("polynomial", {}, 5e-5, 0, 8), ("polynomial", {"power": 2.5, "lr_end": 1e-6}, 3e-5, 4, 17),
    ("constant", {}, 5e-5, 0, 4), ("constant_with_warmup", {}, 5e-5, 5, 9),
    ("inverse_sqrt", {}, 5e-5, 4, 15), ("inverse_sqrt", {}, 5e-5, 0, 6), ("inverse_sqrt", {"timescale": 9}, 1e-3, 3, 12),
    ("cosine_with_min_lr", {"min_lr": 5e-6}, 5e-5, 2, 11), ("cosine_with_min_lr", {"min_lr_rate": 0.2}, 5e-5, 0, 6),
    ("cosine_warmup_with_min_lr", {"min_lr": 5e-6}, 5e-5, 3, 11),
    ("cosine_warmup_with_min_lr", {"min_lr_rate": 0.1, "warmup_lr_rate": 0.05}, 5e-5, 4, 12),
    ("warmup_stable_decay", {"num_decay_steps": 5}, 5e-5, 3, 15),
    ("warmup_stable_decay", {"num_decay_steps": 6, "decay_type": "linear", "warmup_type": "cosine", "min_lr_ratio": 0.1},
     3e-5, 4, 16),
    ("warmup_stable_decay", {"num_decay_steps": 4, "num_stable_steps": 3, "decay_type": "1-sqrt",
                             "warmup_type": "1-sqrt", "min_lr_ratio": 0.05}, 3e-5, 4, 14),
]
PLATEAUS = [
    ({}, [0.7, 0.6] + [0.6] * 24),
    ({"factor": 0.5, "patience": 1}, [0.9, 0.8, 0.81, 0.82, 0.79, 0.79, 0.7901, 0.5, 0.6, 0.7, 0.8, 0.9]),
    ({"factor": 0.3, "patience": 0, "cooldown": 2, "min_lr": 1e-6}, [0.9, 1, 1, 1, 1, 1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
    ({"mode": "max", "factor": 0.2, "patience": 1, "threshold": 0.01, "threshold_mode": "abs"},
     [0.5, 0.505, 0.51, 0.52, 0.6, 0.6, 0.61, 0.6, 0.7]),
    ({"patience": 0, "factor": 0.1, "eps": 1e-6}, [1, 2, 3, 4, 5]),
]


def rates(out):
    for name, arguments, rate, warmup, steps in SCHEDULES:
        args = TrainingArguments(output_dir="unused", warmup_steps=warmup, use_cpu=True)
        optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=rate)
        scheduler = get_scheduler(name, optimizer, args.get_warmup_steps(steps), steps, arguments)
        out.write(f"{name}\t{json.dumps(arguments)}\t{rate!r}\t{warmup!r}\t{steps}\n")
        for _ in range(steps):
            out.write("%.17g\n" % optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    for arguments, metrics in PLATEAUS:
        optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=5e-5)
        scheduler = get_scheduler("reduce_lr_on_plateau", optimizer, scheduler_specific_kwargs=arguments)
        out.write(f"reduce_lr_on_plateau\t{json.dumps(arguments)}\t5e-05\t0\t{len(metrics)}\n")
        for metric in metrics:
            scheduler.step(metric)
            out.write("%.17g %.17g\n" % (metric, optimizer.param_groups[0]["lr"]))


def length(row):
    return row * 7919 % 23 + 3


class Rows(Dataset):
    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, row):
        if row >= self.count:
            raise IndexError
        return {"input_ids": [row % 90 + 5] * length(row), "attention_mask": [1] * length(row), "labels": row % 2, "row": row}


class Collator:
    def __init__(self):
        self.rows = []

    def __call__(self, rows):
        self.rows += [row["row"] for row in rows]
        longest = max(len(row["input_ids"]) for row in rows)
        pad = lambda ids: ids + [0] * (longest - len(ids))
        return {key: torch.tensor([pad(row[key]) for row in rows]) for key in ("input_ids", "attention_mask")} | {
            "labels": torch.tensor([row["labels"] for row in rows])}


def tiny(dropout=0.1):
    return BertForSequenceClassification(BertConfig(
        vocab_size=100, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        max_position_embeddings=32, hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout))


COMMON = {"use_cpu": True, "report_to": "none", "remove_unused_columns": False, "disable_tqdm": True}


class Orders(Collator):
    """The rows that train; those that are measured on have numbers from 1000 on."""

    def __call__(self, rows):
        batch = super().__call__(rows)
        self.rows = [row for row in self.rows if row < 1000]
        return batch


class HeldOut(Rows):
    def __getitem__(self, row):
        return super().__getitem__(row) | {"row": 1000 + row}


def orders(out):
    # strategy, seed, data seed, rows, batch, accumulation, epochs, whether it is evaluated at the start and after each
    for strategy, seed, data_seed, count, batch, accumulation, epochs, start, each in [
            ("random", 42, None, 50, 4, 1, 2, 0, 0), ("random", 7, None, 33, 8, 2, 2, 0, 0),
            ("random", 42, 3, 33, 8, 1, 2, 0, 1), ("sequential", 42, None, 20, 4, 1, 2, 0, 0),
            ("group_by_length", 42, None, 100, 4, 2, 3, 0, 0), ("group_by_length", 7, None, 61, 8, 1, 3, 0, 1),
            ("group_by_length", 42, 3, 60, 2, 1, 3, 1, 1), ("group_by_length", 1, None, 5, 16, 1, 3, 0, 0),
            ("group_by_length", 5, None, 90, 4, 1, 3, 1, 0), ("group_by_length", 3, None, 1, 4, 1, 3, 0, 1)]:
        collator = Orders()
        args = TrainingArguments(
            output_dir="unused", seed=seed, data_seed=data_seed, per_device_train_batch_size=batch,
            gradient_accumulation_steps=accumulation, num_train_epochs=epochs, train_sampling_strategy=strategy,
            save_strategy="no", logging_strategy="no", eval_strategy="epoch" if each else "steps" if start else "no",
            eval_steps=10**6, eval_on_start=bool(start), **COMMON)
        Trainer(model=tiny(dropout=0.0), args=args, train_dataset=Rows(count), eval_dataset=HeldOut(6),
                data_collator=collator).train()
        out.write(f"{strategy} {seed} {-1 if data_seed is None else data_seed} {count} {batch * accumulation} {epochs} "
                  f"{start} {each}\n")
        for epoch in range(epochs):
            out.write(" ".join(map(str, collator.rows[epoch * count:(epoch + 1) * count])) + "\n")


class Watcher(TrainerCallback):
    def __init__(self, happened):
        self.happened = happened

    def on_log(self, args, state, control, logs, **kwargs):
        if "loss" in logs:
            self.happened.append(f"log {state.global_step}")

    def on_evaluate(self, args, state, control, **kwargs):
        self.happened.append(f"evaluate {state.global_step}")

    def on_save(self, args, state, control, **kwargs):
        self.happened.append(f"save {state.global_step}")


class Scripted(Trainer):
    def evaluate(self, *args, **kwargs):
        value = self.script[self.evaluations % len(self.script)]
        self.evaluations += 1
        metrics = {"eval_loss": value, "eval_accuracy": 1 - value}
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


DOWN = [0.9, 0.8, 0.85, 0.7, 0.71, 0.72, 0.73, 0.74, 0.6, 0.75]
SLOW = [0.9, 0.895, 0.85, 0.849, 0.8485, 0.848, 0.7, 0.699, 0.6985, 0.698]
# rows 26, batch 4: 7 batches an epoch
RUNS = [
    ({"eval_strategy": "epoch", "save_strategy": "epoch", "logging_strategy": "epoch"}, {}, DOWN),
    ({"eval_strategy": "steps", "eval_steps": 3, "save_strategy": "steps", "save_steps": 6, "logging_steps": 2,
      "logging_first_step": True}, {}, DOWN),
    ({"eval_strategy": "steps", "eval_steps": 0.1, "save_strategy": "steps", "save_steps": 0.2, "logging_steps": 0.15,
      "num_train_epochs": 2.5}, {}, DOWN),
    ({"eval_strategy": "steps", "eval_steps": 4, "eval_delay": 9, "save_strategy": "no", "max_steps": 17,
      "logging_strategy": "no"}, {}, DOWN),
    ({"eval_strategy": "epoch", "eval_delay": 2, "save_strategy": "epoch", "num_train_epochs": 4, "logging_strategy": "no",
      "eval_on_start": True}, {}, DOWN),
    ({"eval_strategy": "epoch", "eval_delay": 1.5, "save_strategy": "best", "metric_for_best_model": "eval_loss",
      "num_train_epochs": 4.4, "gradient_accumulation_steps": 3}, {}, DOWN),
    ({"eval_strategy": "steps", "eval_steps": 2, "save_strategy": "steps", "save_steps": 2, "load_best_model_at_end": True,
      "metric_for_best_model": "loss", "save_total_limit": 2}, {"early_stopping_patience": 3}, DOWN),
    ({"eval_strategy": "steps", "eval_steps": 2, "save_strategy": "steps", "save_steps": 2, "load_best_model_at_end": True,
      "metric_for_best_model": "accuracy", "save_total_limit": 3, "num_train_epochs": 5},
     {"early_stopping_patience": 2, "early_stopping_threshold": 0.01}, SLOW),
    ({"eval_strategy": "epoch", "save_strategy": "epoch", "num_train_epochs": 12, "load_best_model_at_end": True,
      "greater_is_better": False, "metric_for_best_model": "eval_accuracy", "save_total_limit": 1},
     {"early_stopping_patience": 4}, DOWN),
    ({"eval_strategy": "steps", "eval_steps": 3, "save_strategy": "best", "load_best_model_at_end": True,
      "num_train_epochs": 4, "save_total_limit": 2}, {"early_stopping_patience": 4, "early_stopping_threshold": 0.06}, DOWN),
    ({"eval_strategy": "steps", "eval_steps": 2, "save_strategy": "epoch", "metric_for_best_model": "loss",
      "num_train_epochs": 4}, {"early_stopping_patience": 2}, DOWN),
]


def runs(out):
    for options, stopping, script in RUNS:
        happened = []
        with tempfile.TemporaryDirectory() as folder:
            args = TrainingArguments(output_dir=folder, per_device_train_batch_size=4, **COMMON, **options)
            callbacks = [Watcher(happened)] + ([EarlyStoppingCallback(**stopping)] if stopping else [])
            trainer = Scripted(model=tiny(), args=args, train_dataset=Rows(26), eval_dataset=Rows(4),
                               data_collator=Collator(), callbacks=callbacks)
            trainer.script, trainer.evaluations = script, 0
            trainer.train()
            left = sorted(int(path.name.split("-")[1]) for path in pathlib.Path(folder).glob("checkpoint-*"))
        out.write(json.dumps(options | stopping) + "\n" + " ".join(map(str, script)) + "\n" + ", ".join(happened) + "\n")
        out.write(f"{trainer.state.global_step} {trainer.state.best_global_step or 0} {' '.join(map(str, left))}\n")


HERE.mkdir(exist_ok=True)
for make in (rates, orders, runs):
    with open(HERE / f"{make.__name__}.txt", "w") as file:
        make(file)
