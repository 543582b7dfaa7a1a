#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes unicode_tables.h and width_table.h.

The tokenizer's tables are not taken from a Unicode release: they are read off the Hugging Face
`tokenizers` package by asking it about every code point, because equal ids are what they are for
(its categories are those of Unicode 8, its decompositions of Unicode 12, its lower case is newer).

The widths are those of Unicode 14, which is what wcwidth of Debian 12 knows and therefore what ncurses
counts with; code points that were assigned later take their width from the newest release
at hand (package unicodedata2).

    pip install tokenizers unicodedata2
    python3 make_tables.py
"""
import os
import unicodedata

import unicodedata2
from tokenizers import normalizers, pre_tokenizers

HERE = os.path.dirname(os.path.abspath(__file__))
POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)


def bert(**on):
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    options.update(on)
    return normalizers.BertNormalizer(**options).normalize_str


def read_kinds(marks):
    """Code point -> kind, as struct unicode_range has it."""
    clean, ideographs = bert(clean_text=True), bert(handle_chinese_chars=True)
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    kinds = {}
    for c in POINTS:
        framed = "a" + chr(c) + "b"
        cleaned, words = clean(framed), len(split(framed))
        found = [
            name
            for name, holds in (
                ("SPACE", cleaned == "a b" and words == 2),
                ("CONTROL", cleaned == "ab" and words == 1),
                ("CONTROL_SPACE", cleaned == "ab" and words == 2),
                ("PUNCTUATION", cleaned == framed and words == 3),
                ("IDEOGRAPH", ideographs(framed) != framed),
                ("MARK", c in marks),
            )
            if holds
        ]
        assert len(found) <= 1, (hex(c), found)
        if found:
            kinds[c] = found[0]
        else:
            assert cleaned == framed and words == 1, hex(c)
    return kinds


def read_classes(decompose):
    """Canonical combining classes, found by watching which of two marks is moved before the other."""
    low, high = "\u0334", "\u0345"  # classes 1 and 240
    ladder = {}
    for c in range(0x0300, 0x3100):
        ladder.setdefault(unicodedata.ucd_3_2_0.combining(chr(c)), chr(c))
    del ladder[0]
    classes = {}
    for c in POINTS:
        if c in HANGUL or decompose(chr(c)) != chr(c):
            continue
        if decompose(chr(c) + low) == chr(c) + low and decompose(high + chr(c)) == high + chr(c):
            continue
        above = [v for v in ladder if ladder[v] != chr(c) and decompose(chr(c) + ladder[v]) == ladder[v] + chr(c)]
        below = [v for v in ladder if ladder[v] != chr(c) and decompose(ladder[v] + chr(c)) == chr(c) + ladder[v]]
        equal = [v for v in ladder if v not in above + below]
        value = equal[0] if equal else unicodedata.combining(chr(c))
        assert all(v < value for v in above) and all(v > value for v in below), hex(c)
        classes[c] = value
    return classes


def read_lower():
    lower = bert(lowercase=True)
    single, double = {}, {}
    for c in POINTS:
        small = lower(chr(c))
        if len(small) == 1 and small != chr(c):
            single[c] = ord(small)
        elif len(small) != 1:
            double[c] = small
    assert double == {0x130: "i\u0307"}, double
    return single


def lower_ranges(single):
    """(first, last, step, delta): first, first + step, ..., last each move by delta."""
    ranges = []
    for c in sorted(single):
        delta = single[c] - c
        if ranges:
            first, last, step, d = ranges[-1]
            gap = c - last
            if d == delta and (gap == step or (first == last and gap <= 2)):
                ranges[-1] = (first, c, gap, d)
                continue
        ranges.append((c, c, 1, delta))
    return ranges


def runs(values):
    """{code point: value} -> sorted (first, last, value)."""
    out = []
    for c in sorted(values):
        if out and out[-1][1] == c - 1 and out[-1][2] == values[c]:
            out[-1] = (out[-1][0], c, values[c])
        else:
            out.append((c, c, values[c]))
    return out


def table(lines, width=6):
    return "".join("\t" + " ".join(lines[i : i + width]) + "\n" for i in range(0, len(lines), width))


def unicode_tables():
    decompose, stripped = normalizers.NFD().normalize_str, bert(strip_accents=True)
    marks = {c for c in POINTS if stripped("a" + chr(c) + "b") == "ab"}
    kinds, classes = read_kinds(marks), read_classes(decompose)
    merged = {}
    for c in POINTS:
        # Of a mark that is removed it only matters whether others may be moved across it.
        parts = [classes.get(ord(x), 0) for x in decompose(chr(c))]
        order = min(*parts, 1) if c in marks else classes.get(c, 0)
        if c in kinds or order:
            merged[c] = (kinds.get(c, "OTHER"), order)
    pairs, expansions = [], []
    for c in POINTS:
        if c in HANGUL or c in marks or decompose(chr(c)) == chr(c):
            continue
        parts = [ord(x) for x in stripped(chr(c))]
        assert parts, hex(c)
        assert all(kinds.get(p, "OTHER") in ("OTHER", "SPACE", "PUNCTUATION", "IDEOGRAPH") for p in parts), hex(c)
        if len(parts) > 1:
            pairs.append((c, 0x110000 + len(expansions)))
            expansions += parts + [0]
        else:
            pairs.append((c, parts[0]))
    return (
        "/* SPDX-License-Identifier: GPL-3.0-or-later\n *\n"
        " * Made by make_tables.py: change that, not this. Only unicode.c includes it. */\n"
        "#ifndef REVUE_TEXT_UNICODE_TABLES_H\n#define REVUE_TEXT_UNICODE_TABLES_H\n\n"
        '#include "engine/text/unicode_range.h"\n\n'
        "static const struct unicode_range ranges[] = {\n"
        + table(["{0x%X, 0x%X, KIND_%s, %d}," % (a, b, k, o) for a, b, (k, o) in runs(merged)], 3)
        + "};\n\n/* Without the marks that are removed; a value from 0x110000 on is a place in expansions. */\n"
        "static const struct unicode_pair bases[] = {\n"
        + table(["{0x%X, 0x%X}," % p for p in pairs])
        + "};\n\nstatic const uint32_t expansions[] = {\n"
        + table(["0x%X," % p for p in expansions], 15)
        + "};\n\n"
        "static const struct unicode_shift shifts[] = {\n"
        + table(["{0x%X, 0x%X, %d, %d}," % r for r in lower_ranges(read_lower())], 4)
        + "};\n\n#endif\n"
    )


def width(c):
    char = chr(c)
    data = unicodedata if unicodedata.category(char) != "Cn" else unicodedata2
    if data.category(char) in ("Mn", "Me") or 0x1160 <= c <= 0x11FF or 0xD7B0 <= c <= 0xD7FF:
        return 0
    if 0x3248 <= c <= 0x324F or 0x4DC0 <= c <= 0x4DFF:
        return 2  # as glibc has them
    return 2 if data.east_asian_width(char) in "WF" else 1


def width_table():
    values = {c: width(c) for c in POINTS}
    lines = ["{0x%X, 0x%X, %d, 0}," % r for r in runs({c: w for c, w in values.items() if w != 1})]
    return (
        "/* SPDX-License-Identifier: GPL-3.0-or-later\n *\n"
        " * Made by make_tables.py: change that, not this. Only scrub.c includes it. */\n"
        "#ifndef REVUE_TEXT_WIDTH_TABLE_H\n#define REVUE_TEXT_WIDTH_TABLE_H\n\n"
        '#include "engine/text/unicode_range.h"\n\n'
        "/* `kind` is the width in columns; one that stands in no row has width 1. */\n"
        "static const struct unicode_range widths[] = {\n" + table(lines, 4) + "};\n\n#endif\n"
    )


for name, text in (("unicode_tables.h", unicode_tables()), ("width_table.h", width_table())):
    with open(os.path.join(HERE, name), "w", encoding="ascii") as out:
        out.write(text)
