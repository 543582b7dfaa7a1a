#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/metrics.txt for tests/unit/test_insight.c: what scikit-learn and scipy make of 200 sets of predictions.

    python3 tests/golden/make_metrics.py

The sets are not stored: both sides make them from the same generator of integers. A line of the file is the number of a set
and its figures in the order of the test; "nan" where a figure is not defined.

Made with numpy 2.4.6, scikit-learn 1.9.1 and scipy 1.17.1.
"""
import pathlib
import warnings

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logsumexp, xlogy
from scipy.stats import binomtest, chi2, poisson_binom
from sklearn import metrics as m

SETS = 200
SAMPLES = 50
SEED = 7
OUT = pathlib.Path(__file__).resolve().parent / "metrics.txt"
warnings.simplefilter("ignore")


class Integers:
    def __init__(self, seed):
        self.state = (seed * 7919 + 1) & 0xFFFFFFFF

    def draw(self, below):
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self.state >> 16) % below


def make_single(number, ints, twist, labels, rows):
    most = 3 if twist == 5 else 1000
    truths, weights, others = [], [], []
    for _ in range(rows):
        truth = ints.draw((labels + 1) // 2 if twist == 6 else labels)
        if twist == 4:
            truth = number % labels
        row = [1 + ints.draw(most) for _ in range(labels)]
        row[truth] += 5000 if twist == 7 else ints.draw(most)
        truths.append(truth)
        weights.append(row)
        others.append(ints.draw(labels) if ints.draw(4) == 0 else int(np.argmax(row)))
    return np.array(truths), np.array(weights), np.array(others)


def make_multi(number, ints, twist, labels, rows):
    most = 3 if twist == 5 else 1000
    targets, weights = [], []
    for _ in range(rows):
        target, row = [], []
        for label in range(labels):
            drawn = int(ints.draw(3) == 0)
            if twist == 4:
                drawn = int(label == 1)
            if twist == 6 and label >= labels // 2:
                drawn = 0
            if twist == 7:
                drawn = 0 if number % 2 else drawn
            target.append(drawn)
            row.append(1 + ints.draw(most) + (ints.draw(most) if drawn else 0))
        targets.append(target)
        weights.append(row)
    return np.array(targets), np.array(weights), 2 * most + 1


def philox(key, c0, c1, c2, c3):
    """Philox 4x32-10 of arrays of counters."""
    mask = np.uint64(0xFFFFFFFF)
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    c = [np.asarray(x, dtype=np.uint64) for x in (c0, c1, c2, c3)]
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), p1 & mask, (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), p0 & mask]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(c, axis=-1)


def samples_of(rows):
    for sample in range(SAMPLES):
        blocks = np.arange((rows + 3) // 4)
        bits = philox(SEED, blocks, 0 * blocks, 0 * blocks + sample, 0 * blocks + 0xB007).reshape(-1)[:rows]
        yield (bits * np.uint64(rows) >> np.uint64(32)).astype(int)


def usual_f1(truths, predicted, labels):
    if labels == 2:
        return m.f1_score(truths, predicted, labels=[1], average="macro", zero_division=0)
    return m.f1_score(truths, predicted, average="macro", zero_division=0)


def percentiles(values):
    return list(np.percentile(values, [2.5, 97.5]))


def over_labels(measure, positives, scores):
    """The plain and the weighted mean over the columns for which the measure is defined."""
    values, weights = [], []
    for label in range(positives.shape[1]):
        y = positives[:, label]
        if y.sum() == 0 or (measure is m.roc_auc_score and y.all()):
            continue
        values.append(measure(y, scores[:, label]))
        weights.append(y.sum())
    if not values:
        return [np.nan, np.nan]
    return [np.mean(values), np.average(values, weights=weights)]


def ranking(truths, scores, labels):
    if labels == 2:
        columns, values = (truths == 1).astype(int)[:, None], scores[:, 1:]
    else:
        columns, values = np.eye(labels, dtype=int)[truths], scores
    out = over_labels(m.roc_auc_score, columns, values) + over_labels(m.average_precision_score, columns, values)
    if labels > 2 and len(set(truths)) == labels:  # the means are scikit-learn's own
        for i, average in enumerate(("macro", "weighted")):
            assert abs(m.roc_auc_score(truths, scores, multi_class="ovr", average=average) - out[i]) < 1e-12
            assert abs(m.average_precision_score(columns, scores, average=average) - out[2 + i]) < 1e-12
    return out


def calibration_error(confidence, right):
    error = 0.0
    for i in range(15):
        inside = (confidence > i / 15) & (confidence <= (i + 1) / 15)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


def error_by_chance(confidence):
    """The mean of the above where each is right as often as it is sure, by scipy's Poisson binomial distribution."""
    error = 0.0
    for i in range(15):
        inside = confidence[(confidence > i / 15) & (confidence <= (i + 1) / 15)]
        if len(inside):
            hits = np.arange(len(inside) + 1)
            error += poisson_binom(inside).pmf(hits) @ abs(hits - inside.sum()) / len(confidence)
    return error


def temperature(loss):
    best = minimize_scalar(lambda t: loss(np.exp(t)), bounds=(np.log(0.01), np.log(100)), method="bounded",
                           options={"xatol": 1e-12})
    return min([0.01, 100, float(np.exp(best.x))], key=loss)


def best_f1(positive, scores):
    if positive.sum() == 0:
        return 0.0
    precision, recall, _ = m.precision_recall_curve(positive, scores)
    return np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300))


def least_cost(positive, scores, fp, fn):
    costs = []
    for threshold in [2.0] + list(np.unique(scores)):
        predicted = scores >= threshold
        costs.append(((predicted & (positive == 0)).sum() * fp + (~predicted & (positive == 1)).sum() * fn) / len(scores))
    return min(costs)


def wilson(hits, rows):
    interval = binomtest(int(hits), rows).proportion_ci(0.95, method="wilson")
    return [interval.low, interval.high]


def mcnemar(truths, a, b):
    first, second = a == truths, b == truths
    only_a, only_b = int((first & ~second).sum()), int((~first & second).sum())
    if only_a + only_b == 0:
        return [1.0, np.nan]
    statistic = max(abs(only_a - only_b) - 1, 0) ** 2 / (only_a + only_b)
    return [binomtest(min(only_a, only_b), only_a + only_b).pvalue, chi2.sf(statistic, 1)]


def figures_single(truths, weights, others, labels):
    scores = weights / weights.sum(1, keepdims=True)
    predicted = np.argmax(weights, 1)
    logits = (weights * 2.0 ** -7).astype(np.float32).astype(float)
    rows = len(truths)
    everything = list(range(labels))
    out = [m.accuracy_score(truths, predicted), m.balanced_accuracy_score(truths, predicted)]
    for average in ("macro", "weighted"):
        out += list(m.precision_recall_fscore_support(truths, predicted, average=average, zero_division=0))[:3]
    out += list(np.array(m.precision_recall_fscore_support(truths, predicted, labels=everything, zero_division=0))[:3, 1])
    out += [m.matthews_corrcoef(truths, predicted), m.cohen_kappa_score(truths, predicted),
            m.cohen_kappa_score(truths, predicted, weights="quadratic", labels=everything)]
    out += ranking(truths, scores, labels)
    out += [m.log_loss(truths, scores, labels=everything),
            m.brier_score_loss(truths, scores[:, 1], pos_label=1, labels=[0, 1]) if labels == 2
            else m.brier_score_loss(truths, scores, labels=everything),
            calibration_error(scores.max(1), predicted == truths), error_by_chance(scores.max(1))]
    out += [temperature(lambda t: np.mean(logsumexp(logits / t, axis=1) - logits[np.arange(rows), truths] / t))]
    out += [best_f1(truths == 1, scores[:, 1]), least_cost((truths == 1).astype(int), scores[:, 1], 3, 1)]
    out += wilson((truths == predicted).sum(), rows)
    drawn = list(samples_of(rows))
    out += percentiles([np.mean(truths[s] == predicted[s]) for s in drawn])
    out += percentiles([usual_f1(truths[s], predicted[s], labels) for s in drawn])
    out += mcnemar(truths, predicted, others)
    out += percentiles([np.mean(truths[s] == others[s]) - np.mean(truths[s] == predicted[s]) for s in drawn])
    return out


def figures_multi(targets, weights, whole):
    scores = weights / whole
    predicted = (scores >= 0.5).astype(int)
    logits = ((weights - whole // 2) * 2.0 ** -7).astype(np.float32).astype(float)
    out = []
    for average in ("micro", "macro", "weighted", "samples"):
        out += list(m.precision_recall_fscore_support(targets, predicted, average=average, zero_division=0))[:3]
    out += [m.accuracy_score(targets, predicted), m.hamming_loss(targets, predicted)]
    out += over_labels(m.roc_auc_score, targets, scores) + over_labels(m.average_precision_score, targets, scores)
    out += [-np.mean(xlogy(targets, scores) + xlogy(1 - targets, 1 - scores)), np.mean((scores - targets) ** 2),
            calibration_error(np.maximum(scores, 1 - scores).ravel(), (predicted == targets).ravel()),
            error_by_chance(np.maximum(scores, 1 - scores).ravel())]
    out += [temperature(lambda t: -np.mean(np.log(np.maximum(expit(np.where(targets == 1, 1, -1) * logits / t), 1e-300))))]
    out += [best_f1(targets[:, 0], scores[:, 0])]
    return out


def figures(number):
    ints = Integers(number)
    kind, twist = number % 5, number // 5 % 8
    rows = 5 + ints.draw(60)
    if kind == 4:
        return figures_multi(*make_multi(number, ints, twist, 2 + ints.draw(6), rows))
    labels = 2 if kind < 2 else 3 + ints.draw(6)
    return figures_single(*make_single(number, ints, twist, labels, rows), labels)


with OUT.open("w") as file:
    for number in range(SETS):
        file.write(f"{number} " + " ".join("%.12g" % v for v in figures(number)) + "\n")
