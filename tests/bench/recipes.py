#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs a recipe of share/recipes at reduced size twice: by revue, and by transformers' Trainer with PEFT and bitsandbytes.
# Prints one line for the table in tests/bench/RECIPES: validation accuracy of each seed, wall time, peak memory.
#
#   recipes.py REVUE RECIPE.json BASE TRAIN.csv VALIDATION.csv [--rows N] [--validation-rows N] [--max-length N]
#              [--seeds 1,2,3] [--only revue|python]
#
# Both get the same rows in files of their own, the same base and the same keys. Python needs torch, transformers, peft,
# bitsandbytes, pandas.
import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("revue")
    parser.add_argument("recipe")
    parser.add_argument("base")
    parser.add_argument("train")
    parser.add_argument("validation")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--validation-rows", type=int, default=1000)
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--epochs", type=float)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--only", choices=["revue", "python"])
    parser.add_argument("--as-peer", type=int, help=argparse.SUPPRESS)  # one seed, in a process of its own
    return parser.parse_args()


def settings(options):
    """The recipe with what this run makes smaller."""
    with open(options.recipe, encoding="utf-8") as file:
        recipe = json.load(file)
    for key in ("description", "split", "stratify", "max_train_samples", "test_size", "model_name_or_path"):
        recipe.pop(key, None)
    recipe["max_length"] = options.max_length
    if options.learning_rate:
        recipe["learning_rate"] = options.learning_rate
    if options.epochs:
        recipe["num_train_epochs"] = options.epochs
    return recipe


def reduced(source, rows, path):
    import pandas
    table = pandas.read_csv(source)
    table = table.sample(n=min(rows, len(table)), random_state=0)
    table.to_csv(path, index=False)
    return path


# --- revue

def run_revue(options, recipe, seed, train, validation, scratch):
    arguments_file = os.path.join(scratch, f"arguments-{seed}.json")
    run = os.path.join(scratch, f"run-{seed}")
    with open(arguments_file, "w", encoding="utf-8") as file:
        json.dump(recipe | {"seed": seed}, file)
    start = time.time()
    done = subprocess.run(["/usr/bin/env", "time", "-f", "%M", options.revue, "train", train, "-m", options.base, "-o", run,
                           "--args", arguments_file, "--validation", validation], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    accuracy = None
    with open(os.path.join(run, "metrics.jsonl"), encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            accuracy = entry.get("eval_accuracy", entry.get("accuracy", accuracy))
    best = re.search(r"accuracy ([0-9.]+)", done.stdout)
    return {"accuracy": float(best.group(1)) if best else accuracy, "seconds": time.time() - start,
            "memory": int(done.stderr.strip().splitlines()[-1]) * 1024}


# --- transformers

def run_peer(options, recipe, seed, train, validation):
    import numpy
    import pandas
    import torch
    from transformers import (AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer,
                              TrainingArguments)

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count())))
    adapter, quantization = recipe.pop("peft_config", None), recipe.pop("quantization_config", None)
    length = recipe.pop("max_length")
    recipe.pop("fp16", None)  # a processor has none: Trainer refuses or crawls
    start = time.time()
    tokenizer = AutoTokenizer.from_pretrained(options.base)
    more = {}
    if quantization:
        from transformers import BitsAndBytesConfig
        more["quantization_config"] = BitsAndBytesConfig(**(quantization | {
            "bnb_4bit_compute_dtype": torch.float32,
            "llm_int8_skip_modules": ["classifier", "pooler"]}))  # what trains whole, as a head does, is not cut to 4 bits
    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_pretrained(options.base, num_labels=2, dtype=torch.float32,
                                                               ignore_mismatched_sizes=True, **more)
    with torch.no_grad():  # revue makes a new head for labels that are not the base's
        torch.manual_seed(seed)
        model.classifier.weight.normal_(0, 0.02)
        model.classifier.bias.zero_()
    if adapter:
        from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
        if quantization:
            model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
        model = get_peft_model(model, LoraConfig(**adapter))

    def rows(path):
        table = pandas.read_csv(path)
        names = sorted(table.iloc[:, 1].unique())
        ids = tokenizer(table.iloc[:, 0].tolist(), truncation=True, max_length=length)["input_ids"]
        return [{"input_ids": i, "attention_mask": [1] * len(i), "labels": names.index(label)}
                for i, label in zip(ids, table.iloc[:, 1])]

    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(model=model, train_dataset=rows(train), eval_dataset=rows(validation),
                          data_collator=DataCollatorWithPadding(tokenizer),
                          args=TrainingArguments(output_dir=folder, report_to="none", use_cpu=True, disable_tqdm=True,
                                                 **(recipe | {"seed": seed, "save_strategy": recipe.get("save_strategy", "no")})),
                          compute_metrics=lambda p: {"accuracy": float((numpy.argmax(p.predictions, 1) == p.label_ids).mean()),
                                                     "f1": f1(numpy.argmax(p.predictions, 1), p.label_ids)})
        trainer.train()
        accuracy = trainer.evaluate()["eval_accuracy"]
    print(json.dumps({"accuracy": accuracy, "seconds": time.time() - start,
                      "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def f1(predicted, truth):
    hits = ((predicted == 1) & (truth == 1)).sum()
    return float(2 * hits / max(1, (predicted == 1).sum() + (truth == 1).sum()))


def spawn_peer(options, seed, train, validation):
    command = [sys.executable, __file__, options.revue, options.recipe, options.base, train, validation, "--as-peer", str(seed),
               "--max-length", str(options.max_length)]
    if options.learning_rate:
        command += ["--learning-rate", str(options.learning_rate)]
    if options.epochs:
        command += ["--epochs", str(options.epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def show(name, stack, results):
    accuracies = [r["accuracy"] for r in results]
    mean = sum(accuracies) / len(accuracies)
    spread = (sum((a - mean) ** 2 for a in accuracies) / max(1, len(accuracies) - 1)) ** 0.5
    print(f"| {name} | {stack} | {' '.join('%.4f' % a for a in accuracies)} | {mean:.4f} +- {spread:.4f} | "
          f"{sum(r['seconds'] for r in results) / len(results):.0f} s | {max(r['memory'] for r in results) / 1e6:.0f} MB |",
          flush=True)


def main():
    options = arguments()
    recipe = settings(options)
    if options.as_peer is not None:
        run_peer(options, recipe, options.as_peer, options.train, options.validation)
        return
    name = os.path.basename(options.recipe).removesuffix(".json")
    seeds = [int(s) for s in options.seeds.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        train = reduced(options.train, options.rows, os.path.join(scratch, "train.csv"))
        validation = reduced(options.validation, options.validation_rows, os.path.join(scratch, "validation.csv"))
        if options.only != "python":
            show(name, "revue", [run_revue(options, recipe, s, train, validation, scratch) for s in seeds])
        if options.only != "revue":
            show(name, "transformers", [spawn_peer(options, s, train, validation) for s in seeds])


main()
