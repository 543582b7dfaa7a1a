#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""revue beside the Hugging Face Trainer: the same base, rows, settings and test rows, one after the other.

    make peers TRAIN=imdb_train.csv TEST=imdb_test5k.csv BASE=models/minilm-l6-384 [ROWS=2000] [SEEDS=1,2,3]
               [TASK=masked_lm] [PEERS="--epochs 3 ..."]

Prints tokens a second while training, peak memory and accuracy of both; of masked words the perplexity, too, as torch
measures it of either's model on the same masked tokens. Needs torch, transformers and accelerate; takes minutes to hours.
The rows are drawn here, so both see the same ones."""
import argparse, csv, json, math, os, random, re, resource, subprocess, sys, tempfile, time

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
    run, masked = os.path.join(folder, f"revue-{seed}"), options.task == "masked_lm"
    begin = time.time()
    subprocess.run([options.revue, "pretrain" if masked else "train", train, "-m", options.base, "-o", run,
                    "--max-length", str(options.max_length), "--num-train-epochs", str(options.epochs),
                    "--learning-rate", str(options.learning_rate), "--per-device-train-batch-size", str(options.batch),
                    "--validation", "0", "--seed", str(seed), "--save-steps", "0"]
                   + (["--whole-word-mask", "true"] if options.whole_word_mask else []),
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.time() - begin
    model = os.path.join(run, "model")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    if masked:
        return seconds, peak, measure_masked(options, model, read_rows(test))
    answer = subprocess.run([options.revue, "eval", test, "-m", model, "--max-length", str(options.max_length),
                             "--format", "json"], check=True, capture_output=True, text=True)
    return seconds, peak, {"accuracy": json.loads(answer.stdout)["accuracy"]}


def run_trainer(options, train, test, seed, folder):
    import torch
    from transformers import (AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer,
                              DataCollatorForLanguageModeling, DataCollatorWithPadding, Trainer, TrainingArguments, set_seed)

    tokenizer, masked = AutoTokenizer.from_pretrained(options.base), options.task == "masked_lm"
    labels = sorted({label for _, label in train})
    set_seed(seed)  # for the head, which is new
    # An f16 file would be trained in f16 otherwise.
    if masked:
        model = AutoModelForMaskedLM.from_pretrained(options.base, dtype=torch.float32)
        collator = DataCollatorForLanguageModeling(tokenizer, whole_word_mask=options.whole_word_mask)
    else:
        model = AutoModelForSequenceClassification.from_pretrained(options.base, num_labels=len(labels), dtype=torch.float32)
        collator = DataCollatorWithPadding(tokenizer)

    def examples(rows):
        of = tokenizer([text for text, _ in rows], truncation=True, max_length=options.max_length,
                       return_offsets_mapping=masked and options.whole_word_mask)
        of = [dict(zip(of.keys(), values)) for values in zip(*of.values())]
        return of if masked else [dict(row, labels=labels.index(label)) for row, (_, label) in zip(of, rows)]

    arguments = TrainingArguments(
        output_dir=os.path.join(folder, f"trainer-{seed}"), num_train_epochs=options.epochs, seed=seed,
        learning_rate=options.learning_rate, per_device_train_batch_size=options.batch, save_strategy="no",
        per_device_eval_batch_size=32, report_to="none", use_cpu=True, disable_tqdm=True, logging_strategy="no",
        remove_unused_columns=not (masked and options.whole_word_mask))
    trainer = Trainer(model=model, args=arguments, train_dataset=examples(train), data_collator=collator)
    begin = time.time()
    trainer.train()
    seconds, peak = time.time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    if masked:
        trainer.save_model(arguments.output_dir)
        tokenizer.save_pretrained(arguments.output_dir)
        return seconds, peak, measure_masked(options, arguments.output_dir, test)
    answer = trainer.predict(examples(test))
    return seconds, peak, {"accuracy": float((answer.predictions.argmax(1) == answer.label_ids).mean())}


def measure_masked(options, folder, rows):
    """Whoever trained it: the same tokens are masked, each for itself, and the same program measures."""
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer, DataCollatorForLanguageModeling

    tokenizer = AutoTokenizer.from_pretrained(options.base)
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    collator = DataCollatorForLanguageModeling(tokenizer, seed=7)
    ids = tokenizer([text for text, _ in rows], truncation=True, max_length=options.max_length)["input_ids"]
    loss, right, count = 0.0, 0, 0
    for begin in range(0, len(ids), 32):
        batch = collator([{"input_ids": row} for row in ids[begin:begin + 32]])
        wanted = batch.pop("labels")
        with torch.no_grad():
            logits = model(**batch).logits[wanted != -100]
        wanted = wanted[wanted != -100]
        loss += float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum"))
        right += int((logits.argmax(1) == wanted).sum())
        count += len(wanted)
    return {"accuracy": right / count, "perplexity": math.exp(loss / count), "masked": count}


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
    parser.add_argument("--task", choices=["classification", "masked_lm"], default="classification")
    parser.add_argument("--whole-word-mask", action="store_true")
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
                    seconds, peak, figures = run(options, *rows, seed, folder)
                    told = "  ".join(f"{of} {value:.4f}" if of == "accuracy" else f"{of} {value:.6g}" for of, value in figures.items())
                    print(f"seed {seed}  {name:8} {tokens / seconds:8.0f} tokens/s  {peak:5.2f} GB  {told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
