#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""revue beside the Hugging Face Trainer: the same base, rows, settings and test rows, one after the other.

    make peers TRAIN=imdb_train.csv TEST=imdb_test5k.csv BASE=models/minilm-l6-384 [ROWS=2000] [SEEDS=1,2,3]

Prints tokens a second while training, peak memory and accuracy of both. Needs torch, transformers and accelerate; takes
minutes to hours. The rows are drawn here, so both see the same ones."""
import argparse, csv, json, os, random, re, resource, subprocess, sys, tempfile, time

csv.field_size_limit(1 << 30)


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [(row["review"], row["sentiment"]) for row in csv.DictReader(file)]


def write_rows(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "sentiment"])
        writer.writerows(rows)


def run_revue(options, train, test, seed, folder):
    run = os.path.join(folder, f"revue-{seed}")
    begin = time.time()
    subprocess.run([options.revue, "train", train, "-m", options.base, "-o", run, "--max-length", str(options.max_length),
                    "--num-train-epochs", str(options.epochs), "--learning-rate", str(options.learning_rate),
                    "--per-device-train-batch-size", str(options.batch), "--validation", "0", "--seed", str(seed),
                    "--save-steps", "0"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.time() - begin
    answer = subprocess.run([options.revue, "eval", test, "-m", os.path.join(run, "model"), "--max-length",
                             str(options.max_length), "--format", "json"], check=True, capture_output=True, text=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return seconds, peak, json.loads(answer.stdout)["accuracy"]


def run_trainer(options, train, test, seed, folder):
    import torch
    from transformers import (AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer,
                              TrainingArguments)

    tokenizer = AutoTokenizer.from_pretrained(options.base)
    labels = sorted({label for _, label in train})
    # An f16 file would be trained in f16 otherwise.
    model = AutoModelForSequenceClassification.from_pretrained(options.base, num_labels=len(labels), dtype=torch.float32)

    def examples(rows):
        ids = tokenizer([text for text, _ in rows], truncation=True, max_length=options.max_length)["input_ids"]
        return [{"input_ids": i, "labels": labels.index(label)} for i, (_, label) in zip(ids, rows)]

    arguments = TrainingArguments(
        output_dir=os.path.join(folder, f"trainer-{seed}"), num_train_epochs=options.epochs, seed=seed,
        learning_rate=options.learning_rate, per_device_train_batch_size=options.batch, save_strategy="no",
        per_device_eval_batch_size=32, report_to="none", use_cpu=True, disable_tqdm=True)
    trainer = Trainer(model=model, args=arguments, train_dataset=examples(train),
                      data_collator=DataCollatorWithPadding(tokenizer))
    begin = time.time()
    trainer.train()
    seconds = time.time() - begin
    answer = trainer.predict(examples(test))
    accuracy = float((answer.predictions.argmax(1) == answer.label_ids).mean())
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, accuracy


def count_tokens(revue, base, train, max_length):
    """Useful tokens of one epoch: padding counts as nothing."""
    lines = "\n".join(re.sub(r"\s+", " ", text) for text, _ in train)
    answer = subprocess.run([revue, "tokens", "-m", base, "--max-length", str(max_length), "-"], input=lines, check=True,
                            capture_output=True, text=True)
    return sum(len(line.split()) for line in answer.stdout.splitlines())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revue", default="./revue")
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--max-length", type=int, default=256)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    parser.add_argument("--only", choices=["revue", "trainer"])
    options = parser.parse_args()
    every, test = read_rows(options.train), read_rows(options.test)
    with tempfile.TemporaryDirectory() as folder:
        test_file, train_file = os.path.join(folder, "test.csv"), os.path.join(folder, "train.csv")
        write_rows(test_file, test)
        for seed in map(int, options.seeds.split(",")):
            train = random.Random(seed).sample(every, min(options.rows, len(every)))
            write_rows(train_file, train)
            tokens = count_tokens(options.revue, options.base, train, options.max_length) * options.epochs
            for name, run in (("revue", run_revue), ("trainer", run_trainer)):
                if options.only in (None, name):
                    rows = (train_file, test_file) if name == "revue" else (train, test)
                    seconds, peak, accuracy = run(options, *rows, seed, folder)
                    print(f"seed {seed}  {name:8} {tokens / seconds:8.0f} tokens/s  {peak:5.2f} GB  "
                          f"accuracy {accuracy:.4f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
