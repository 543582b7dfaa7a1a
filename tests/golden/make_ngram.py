# SPDX-License-Identifier: GPL-3.0-or-later
"""What scikit-learn makes of the baseline: writes tests/golden/ngram.txt.

python3 make_ngram.py >ngram.txt      (numpy, scikit-learn; in tests/golden)

The first part is logistic regression on small sparse sets, with and without naive-Bayes scales. The second is the whole way
from texts to logits, written again here from the comments of engine/model/ngram_features.h and
engine/train/baseline/baseline_fit.h: the words of ASCII texts, hashes, buckets, rare n-grams, scales, the fit.
"""
import csv
import math
import os

import numpy
from sklearn.linear_model import LogisticRegression

MASK = (1 << 64) - 1


def solve(matrix, positive, c):
    model = LogisticRegression(C=c, tol=1e-10, solver="newton-cholesky", max_iter=1000)
    model.fit(matrix, positive)
    return model.coef_[0], model.intercept_[0]


def ratios(cells, positive):
    p = 1 + cells[positive == 1].sum(axis=0)
    q = 1 + cells[positive == 0].sum(axis=0)
    return numpy.log((p / p.sum()) / (q / q.sum()))


def numbers(values):
    return " ".join("%.17g" % value for value in values)


def problem(seed, rows, columns, share, c, scaled):
    random = numpy.random.RandomState(seed)
    cells = (random.rand(rows, columns) < share).astype(float)
    cells[0] = 1  # every column occurs
    positive = (cells @ random.randn(columns) + random.randn(rows) > 0).astype(int)
    positive[:2] = 0, 1
    scales = ratios(cells, positive) if scaled else numpy.ones(columns)
    weights, bias = solve(cells * scales, positive, c)
    print("problem %d %d %.17g %d" % (rows, columns, c, scaled))
    for row, label in zip(cells, positive):
        features = numpy.flatnonzero(row)
        print(label, len(features), *features)
    print(numbers(scales))
    print(numbers(weights))
    print("%.17g" % bias)


def words(text):
    found, word = [], ""
    for i, c in enumerate(text):
        within = i + 1 < len(text) and text[i + 1].isalnum()
        if c.isalnum() or (c == "'" and word and within):
            word += c.lower()
            continue
        if word:
            found.append(word)
            word = ""
        if c > " " and c != "\x7f":
            found.append(c)
    return found + [word] if word else found


def mix(x):
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def fnv(word):
    value = 14695981039346656037
    for byte in word.encode():
        value = (value ^ byte) * 1099511628211 & MASK
    return value


def hashes(text, most):
    """The first 32 bits of the hashes of all n-grams, each once, in the order of their last words."""
    found, before = [], []
    for word in words(text):
        value = fnv(word)
        before = [mix(gram ^ value) for gram in [0] + before[:most - 1]]
        found += [gram >> 32 for gram in before]
    return list(dict.fromkeys(found))


def frequent(rows, most):
    cells = sum(len(row) for row in rows)
    shift = 32 - min(max(math.ceil(math.log2(16 * cells)), 12), 26)
    counts = {}
    for row in rows:
        for value in row:
            place = value >> shift
            counts[place] = min(counts.get(place, 0) + 1, 255)
    places = [0] * 256
    for count in counts.values():
        places[count] += 1
    least, total = 256, 0
    while least > 2 and total + places[least - 1] <= most:
        least -= 1
        total += places[least]
    least = min(least, 255)
    return [[value for value in row if counts[value >> shift] >= least] for row in rows], least


def whole(texts, labels, shown, most, bits, c):
    rows, least = frequent([hashes(text, most) for text in texts], 1 << bits)
    cells = numpy.zeros((len(rows), 1 << bits))
    for i, row in enumerate(rows):
        cells[i, [value >> (32 - bits) for value in row]] = 1
    used = numpy.flatnonzero(cells.any(axis=0))
    labels = numpy.array(labels)
    scales = ratios(cells[:, used], labels)
    weights, bias = solve(cells[:, used] * scales, labels, c)
    table = numpy.zeros(1 << bits)
    table[used] = weights * scales
    print("whole %d %d %.17g %d %d %d" % (most, bits, c, len(texts), least, len(used)))
    for text, label in zip(texts, labels):
        print("%d %s" % (label, text))
    print(len(shown))
    for text in shown:
        buckets = list(dict.fromkeys(value >> (32 - bits) for value in hashes(text, most)))
        print("%.17g %s" % (bias + math.fsum(table[buckets]), text))


def samples():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../share/samples/reviews.csv")
    rows = list(csv.DictReader(open(path, encoding="utf-8")))
    text, label = "review", "sentiment"
    rows = [row for row in rows if row[text].isascii() and "\n" not in row[text]][:90]
    return [row[text] for row in rows], [int(row[label].lower().startswith("pos")) for row in rows]


problem(1, 40, 12, 0.4, 1.0, False)
problem(2, 60, 30, 0.3, 0.3, True)
problem(3, 200, 80, 0.1, 5.0, True)
texts, labels = samples()
whole(texts[:80], labels[:80], texts[80:] + ["", "Not bad at all!", "don't 'quote' it's' ..."], 3, 8, 0.3)
