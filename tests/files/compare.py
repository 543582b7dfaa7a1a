#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of reviews in every dialect, and whether revue counts in them what Python counts.

    compare.py REVUE COUNT SEED [FOLDER]      COUNT generated files
    compare.py REVUE --csv FILE...            real files, against pandas where it is installed, else Python's csv

Each generated file is written from rows that are known, read again by Python's own csv, json or codecs with the dialect
given (so that the generator proves itself), and given to `revue info --format json`, which has to find the dialect.
What is compared: rows used, the count of each label, the two columns, the longest text in words. Files that fail stay in
FOLDER (a temporary one where none is named) with a line that says how they were made. Needs nothing but Python 3.
`make check-files` runs it; `make check` does not.
"""
import codecs
import collections
import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile

try:
    import pandas
except ImportError:
    pandas = None

WORDS = ("a the film story plot actor scene music hotel room food staff price phone screen battery slow warm dull bright "
         "never again surprisingly good bad awful great fine happy sad very quite too not is was were and but or because").split()
TYPOGRAPHY = ["naïve", "café", "“well”", "it’s", "—", "€5", "crème"]  # Windows-1252 has all of these
WIDE = TYPOGRAPHY + ["👍", "😀😀", "電影", "хорошо", "çok güzel", "Ελλάδα"]
NATIVE = {  # words that an encoding can write
    "gb18030": ["电影", "很好", "不好看", "故事", "演员", "喜欢", "房间", "服务"],
    "big5": ["電影", "很好", "故事", "演員", "喜歡", "房間", "服務"],
    "shift_jis": ["映画", "とても", "良い", "悪い", "ホテル", "部屋", "ソファ"],
    "euc_kr": ["영화", "정말", "좋다", "나쁘다", "호텔", "방이"],
    "cp1251": ["фильм", "очень", "хорошо", "плохо", "номер", "еда"],
    "koi8_r": ["фильм", "очень", "хорошо", "плохо", "номер", "еда"],
    "cp1254": ["çok", "güzel", "kötü", "şahane", "değil", "İyi"],
}
TEXT_NAMES = ["text", "review", "sentence", "content", "comment", "reviewText", "review_text", "Review Text", "tweet", "reviews.text"]
LABEL_NAMES = ["label", "sentiment", "stars", "rating", "score", "overall", "class", "polarity", "target", "airline_sentiment",
               "star_rating", "reviews.rating"]
LABEL_SETS = [["negative", "positive"], ["neg", "pos"], ["0", "1"], ["1", "2", "3", "4", "5"], ["1.0", "2.0", "3.0", "4.0", "5.0"],
              ["negative", "neutral", "positive"], ["-1", "0", "1"], ["very bad", "bad", "good", "very good"], ["0.0", "1.0"],
              ["good, but slow", "bad, and slow", "neither"]]
MISSING = ["", "nan", "NaN", "NULL", "null", "None", "N/A", "NA", "#N/A"]
OTHERS = {  # columns that are neither
    "id": lambda r, i: str(1000 + i),
    "user": lambda r, i: "u" + str(r.randrange(10 ** 6)),
    "date": lambda r, i: "2026-%02d-%02d" % (r.randrange(1, 13), r.randrange(1, 29)),
    "category": lambda r, i: r.choice(["Shoes", "Tops", "Dresses"]),
    "verified": lambda r, i: r.choice(["true", "false"]),
    "lang": lambda r, i: r.choice(["en", "de"]),
    "helpful_votes": lambda r, i: str(r.randrange(40)),
}


class Case:
    """One file: its bytes, what is in it, how it was made."""

    def __init__(self, rng, number):
        self.rng, self.number = rng, number
        self.how, self.options = [], []
        self.native, self.breaks, self.quotes, self.commas = None, True, True, True

    def note(self, what):
        self.how.append(what)

    def choice(self, what, options):
        taken = self.rng.choice(options)
        self.note("%s %r" % (what, taken))
        return taken

    def text(self):
        rng = self.rng
        pool = WORDS + (NATIVE[self.native] * 3 if self.native else self.extra)
        words = [rng.choice(pool) for _ in range(rng.randrange(4, 30))]
        for i in range(len(words)):
            if self.commas and rng.random() < 0.1:
                words[i] += rng.choice([",", ";", ",", "!", "."])
            if self.quotes and rng.random() < 0.03:
                words[i] = '"' + words[i] + '"'
        text = " ".join(words)
        if self.breaks and rng.random() < 0.05:
            text = text.replace(" ", "\n", 1)
        return text

    def rows_of(self, count, missing):
        rng = self.rng
        self.labels = self.choice("labels", LABEL_SETS)
        rows = []
        for i in range(count):
            label = self.labels[i % len(self.labels)] if i < len(self.labels) else rng.choice(self.labels)
            if missing and rng.random() < 0.1 and i >= len(self.labels):
                label = rng.choice(MISSING)
            rows.append((self.text(), label))
        return rows

    def schema(self):
        """Names of columns, with text and label among them."""
        rng = self.rng
        others = rng.sample(sorted(OTHERS), rng.randrange(0, 4))
        self.text_name, self.label_name = rng.choice(TEXT_NAMES), rng.choice(LABEL_NAMES)
        names = others + [self.text_name, self.label_name]
        rng.shuffle(names)
        return names

    def expect(self, rows):
        used = [(t, l) for t, l in rows if l.strip() not in MISSING]
        self.used = len(used)
        self.counts = dict(collections.Counter(l for _, l in used))
        self.longest = max((len(t.split()) for t, _ in used), default=0)


def fields(case, names, row, i):
    return [row[0] if n == case.text_name else row[1] if n == case.label_name else OTHERS[n](case.rng, i) for n in names]


def write_table(rows, delimiter, style, end):
    """Rows as text; style: minimal, all, backslash, raw."""
    out = io.StringIO()
    if style == "raw":
        for row in rows:
            out.write(delimiter.join(row) + end)
        return out.getvalue()
    quoting = csv.QUOTE_ALL if style in ("all", "backslash") else csv.QUOTE_MINIMAL
    escape = {"doublequote": False, "escapechar": "\\"} if style == "backslash" else {}
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end, **escape)
    writer.writerows(rows)
    return out.getvalue()


def read_table(text, delimiter, style):
    if style == "raw":
        return [line.split(delimiter) for line in text.splitlines()]
    escape = {"doublequote": False, "escapechar": "\\"} if style == "backslash" else {}
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **escape))


def make_table(case):
    rng = case.rng
    encoding = case.choice("encoding", ["utf-8"] * 8 + ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1252"] + sorted(NATIVE))
    case.native = encoding if encoding in NATIVE else None
    case.extra = TYPOGRAPHY if encoding == "cp1252" else WIDE if encoding.startswith("utf") else []
    delimiter = case.choice("delimiter", [",", ",", ",", ";", "\t", "\t", "|"])
    if delimiter == "|" and encoding in ("gb18030", "big5", "shift_jis"):
        delimiter = ","  # a second byte may be a bar there; the file is converted first, but keep to what people have
    style = case.choice("quoting", ["minimal", "minimal", "all", "backslash"] + (["raw"] if delimiter == "\t" else []))
    end = case.choice("line end", ["\n", "\n", "\r\n"])
    if style == "raw":
        case.breaks = False
    if style == "backslash":
        case.quotes = True
    rows = case.rows_of(rng.randrange(24, 80), case.rng.random() < 0.3)
    if style == "backslash":  # recognised where it is used
        rows[0] = ('he said "yes", twice', rows[0][1])
        rows[1] = ('a "fine", film', rows[1][1])
    names = case.schema()
    table = [fields(case, names, row, i) for i, row in enumerate(rows)]
    if rng.random() < 0.1 and delimiter != "\t":
        case.note("outer blanks")
        table = [[" " + f if n == case.text_name and not f.startswith('"') else f for n, f in zip(names, line)] for line in table]
    header = names
    if rng.random() < 0.1:
        case.note("pandas index")
        header = [""] + names
        table = [[str(i)] + line for i, line in enumerate(table)]
    text = write_table([header] + table, delimiter, style, end)
    back = read_table(text, delimiter, style)
    assert [len(line) for line in back] == [len(header)] * (len(table) + 1), "the generator's file is ragged"
    if rng.random() < 0.1:
        case.note("joined with itself, header again")
        text += ("\ufeff" if encoding.startswith("utf") and rng.random() < 0.3 else "") + text
        rows = rows + rows
    if delimiter in ",;" and rng.random() < 0.1:
        case.note("sep=")
        text = "sep=" + delimiter + end + text
    elif rng.random() < 0.07:
        case.note("comment lines")
        text = "# exported for a test" + end + "# rows: many" + end + text
    case.expect(rows)
    case.encode(text, encoding)
    case.name(case.rng.choice([".csv", ".csv", ".tsv" if delimiter == "\t" else ".csv", ".txt", ".data", ".csv.txt", ".json", ".TXT", ""]))


def make_other_table(case):
    """What other programs write, with the options that say it where it cannot be found out."""
    rng = case.rng
    case.extra = WIDE
    kind = case.choice("kind", ["apostrophes", "header in a line", "no header", "row names", "row names, blanks", "delimiter at the end",
                                "empty lines", "CR", "escaped, unquoted", "repeated texts", "many columns", "long texts", "three rows"])
    case.breaks = kind not in ("empty lines", "CR", "row names, blanks")
    if kind in ("no header", "repeated texts"):
        case.breaks = case.quotes = False
    rows = case.rows_of(3 if kind == "three rows" else rng.randrange(24, 60), False)
    if kind == "repeated texts":
        rows = [(rows[i % 6][0], label) for i, (_, label) in enumerate(rows)]
    if kind == "long texts":
        rows[1] = (" ".join(rng.choice(WORDS) for _ in range(rng.randrange(20000, 60000))), rows[1][1])
    names = case.schema() if kind not in ("three rows", "no header") else None
    if names is None:
        case.text_name, case.label_name = rng.choice(TEXT_NAMES), rng.choice(LABEL_NAMES)
        names = [case.text_name, case.label_name]
    table = [fields(case, names, row, i) for i, row in enumerate(rows)]
    if kind == "many columns":
        extra = rng.randrange(200, 600)
        names = names + ["feature_%d" % i for i in range(extra)]
        table = [line + ["%.3f" % rng.random() for _ in range(extra)] for line in table]
    delimiter = rng.choice([",", ",", ";", "\t", "|"])
    how = {"delimiter": delimiter, "quotechar": '"', "lineterminator": rng.choice(["\n", "\r\n"]), "quoting": csv.QUOTE_MINIMAL}
    header = [names]
    if kind == "apostrophes":
        how.update(quotechar="'", quoting=csv.QUOTE_ALL)
    elif kind == "CR":
        how.update(lineterminator="\r")
    elif kind == "escaped, unquoted":
        how.update(quoting=csv.QUOTE_NONE, escapechar="\\", delimiter="\t", quotechar=None)
        case.options += ["--escape", "backslash", "--quote", "none"]
    elif kind == "no header":
        header = []
        case.options += ["--header", "no", "--text-column", "1", "--label-column", "2"]
        case.text_name, case.label_name = "column 1", "column 2"
    elif kind.startswith("row names"):
        table = [[str(i + 1)] + line for i, line in enumerate(table)]
        if kind == "row names, blanks":
            how.update(delimiter=" ", quoting=csv.QUOTE_ALL)
    elif kind == "delimiter at the end":
        table = [line + [""] for line in table]
    out = io.StringIO()
    csv.writer(out, **how).writerows(header + table)
    text = out.getvalue()
    back = list(csv.reader(io.StringIO(text, newline=""), **how)) if kind != "CR" else header + table
    assert back == header + table, "the generator's file is another one"
    if kind == "empty lines":
        text = text.replace(how["lineterminator"], 2 * how["lineterminator"])
    if kind == "header in a line":
        lines = rng.randrange(1, 5)
        text = "".join("Export %d of our reviews, please keep%s" % (i, how["lineterminator"]) for i in range(lines)) + text
        case.options += ["--header", str(lines + 1)]
    case.expect(rows)
    case.encode(text, rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be"]))
    case.name(".tsv" if how["delimiter"] == "\t" else ".csv" if kind == "three rows" else rng.choice([".csv", ".csv", ".txt"]))


def make_prose(case):
    """Notes and paragraphs: whatever commas they have, each line is a text."""
    rng = case.rng
    case.extra, case.breaks, case.quotes = [], False, rng.random() < 0.5
    lines = []
    for _ in range(rng.randrange(2, 40)):
        words = case.text().split()
        sentence = " ".join(words).rstrip(",;").capitalize()
        lines.append(rng.choice(["", "- ", ""]) + sentence + rng.choice([".", "!", "?", ", really.", "; well."]))
        if rng.random() < 0.2:
            lines.append("")
    case.note("prose")
    while not lines[-1]:
        lines.pop()
    case.used, case.counts, case.longest = len(lines), {}, max(len(t.split()) for t in lines)
    case.text_name, case.label_name = "text", ""
    case.encode("\n".join(lines) + "\n", "utf-8")
    case.name(".txt")


def make_plain_table(case):
    """A TAB table without a header, as SemEval has it: an id, a label, a text."""
    case.extra, case.breaks, case.quotes = WIDE, False, False
    rows = case.rows_of(case.rng.randrange(40, 90), False)
    case.note("no header")
    case.text_name, case.label_name = "column 3", "column 2"
    case.expect(rows)
    case.encode("".join("%d\t%s\t%s\n" % (628949369883000832 + i, l, t) for i, (t, l) in enumerate(rows)), "utf-8")
    case.name(case.rng.choice([".txt", ".tsv", ".csv"]))


def as_json(case, label):
    """A label as JSON would have it."""
    try:
        return json.loads(label) if label in ("nan", "") or label.replace(".", "").replace("-", "").isdigit() else label
    except ValueError:
        return None if label == "" else float("nan")


def make_json(case):
    rng = case.rng
    case.extra = WIDE
    form = case.choice("form", ["lines", "lines", "several a line", "array", "array, an object a line", "array, pretty", "data",
                                "columns", "lists", "split", "nested", "pretty, concatenated"])
    rows = case.rows_of(rng.randrange(24, 80), rng.random() < 0.3)
    names = case.schema()
    names = [n.replace(".", "_") for n in names]
    case.text_name, case.label_name = case.text_name.replace(".", "_"), case.label_name.replace(".", "_")
    objects = []
    for i, row in enumerate(rows):
        item = dict(zip(names, fields(case, names, row, i)))
        item[case.label_name] = as_json(case, row[1])
        if rng.random() < 0.1:
            item["weight"] = rng.choice([float("nan"), 1.5, None, float("inf")])
        objects.append(item)
    ascii_only = rng.random() < 0.5
    if form in ("columns", "lists", "split"):
        for item in objects:
            item.setdefault("weight", None)
        names = names + ["weight"]
    dump = lambda value, **more: json.dumps(value, ensure_ascii=ascii_only, **more)
    if form == "lines":
        text = "".join(dump(o) + "\n" for o in objects)
    elif form == "several a line":
        text = "".join(dump(o) + ("\n" if i % 3 == 2 else " ") for i, o in enumerate(objects))
    elif form == "pretty, concatenated":
        text = "\n".join(dump(o, indent=2) for o in objects) + "\n"
    elif form == "array":
        text = dump(objects)
    elif form == "array, an object a line":
        text = "[\n" + ",\n".join(dump(o) for o in objects) + "\n]\n"
    elif form == "array, pretty":
        text = dump(objects, indent=4)
    elif form == "data":
        text = dump({"version": 1, rng.choice(["data", "rows", "reviews"]): objects})
    elif form == "columns":
        text = dump({n: {str(i): o[n] for i, o in enumerate(objects)} for n in names})
    elif form == "lists":
        text = dump({n: [o[n] for o in objects] for n in names})
    elif form == "split":
        text = dump({"columns": names, "index": list(range(len(objects))), "data": [[o[n] for n in names] for o in objects]})
    else:
        text = "".join(dump({"meta": {"n": i}, "reviews": o}) + "\n" for i, o in enumerate(objects))
        case.text_name, case.label_name = "reviews." + case.text_name, "reviews." + case.label_name
    if form == "lines" and rng.random() < 0.3:
        case.note("a lone surrogate, a NUL, a key twice")
        text = text[:-2] + ', "odd": "\\ud83d \\u0000", "odd": "last"}\n'
    case.expect([(t, l if l in MISSING else str(as_json(case, l))) for t, l in rows])
    case.encode(text, rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    case.name(rng.choice([".json", ".jsonl", ".txt", ".csv", ".ndjson", ".data"]))


def make_fasttext(case):
    case.extra, case.breaks, case.quotes = WIDE, False, True
    rows = [(t, l.replace(" ", "-")) for t, l in case.rows_of(case.rng.randrange(24, 80), False)]
    case.text_name, case.label_name = "text", "label"
    case.expect(rows)
    case.encode("".join("__label__%s %s\n" % (l, t) for t, l in rows), "utf-8")
    case.name(case.rng.choice([".txt", ".ft", ".csv", ".train"]))


def make_lines(case):
    case.extra, case.breaks, case.quotes = WIDE, False, True
    texts = [case.text() for _ in range(case.rng.randrange(24, 80))]
    case.note("a review a line")
    case.used, case.counts, case.longest = len(texts), {}, max(len(t.split()) for t in texts)
    case.text_name, case.label_name = "text", ""
    case.encode("".join(t + "\n" for t in texts), "utf-8")
    case.name(case.rng.choice([".txt", ".text", ""]))


def encode(case, text, encoding):
    if encoding in ("utf-16-le", "utf-16-be"):
        case.bytes = text.lstrip("\ufeff").encode(encoding)
        return
    case.bytes = text.encode(encoding)
    assert codecs.decode(case.bytes, encoding).replace("\ufeff", "") == text.replace("\ufeff", "")
    if encoding in NATIVE:
        case.options += ["--encoding", {"koi8_r": "KOI8-R", "shift_jis": "SHIFT_JIS", "euc_kr": "EUC-KR"}.get(encoding, encoding.upper())]


def name(case, suffix):
    case.suffix = suffix
    case.note("name *%s" % suffix)


Case.encode, Case.name = encode, name
MAKERS = [make_table] * 6 + [make_json] * 4 + [make_other_table] * 4 + [make_plain_table, make_fasttext, make_lines, make_prose]


def info(revue, path, options):
    done = subprocess.run([revue, "info", "--format", "json"] + options + [path], capture_output=True, text=True, timeout=60)
    try:
        return json.loads(done.stdout), done
    except ValueError:
        return None, done


def differences(case, found):
    wanted = {"rows_used": case.used, "labels": case.counts, "text_column": case.text_name, "label_column": case.label_name,
              "words_longest": case.longest}
    return ["%s: %r instead of %r" % (k, found.get(k), v) for k, v in wanted.items() if found.get(k) != v]


def check(revue, folder, seed, number):
    case = Case(random.Random(seed * 1000003 + number), number)
    maker = case.rng.choice(MAKERS)
    case.note(maker.__name__[5:])
    maker(case)
    path = os.path.join(folder, "%06d%s" % (number, case.suffix))
    with open(path, "wb") as file:
        file.write(case.bytes)
    found, done = info(revue, path, case.options)
    wrong = differences(case, found) if found else ["status %d: %s" % (done.returncode, done.stderr.strip())]
    if not wrong:
        os.unlink(path)
        return True
    print("not ok %d - %s %s\n#   %s\n#   %s" % (number, path, " ".join(case.options), "; ".join(case.how), "; ".join(wrong)))
    return False


def read_real(path, found):
    """Names of columns and rows of a real table, in the dialect that revue found: by pandas where it is there, else by csv."""
    encoding = {"Windows-1252": "cp1252", "UTF-16LE": "utf-16-le", "UTF-16BE": "utf-16-be"}.get(found["encoding"], "utf-8-sig")
    dialect = {"delimiter": {"tab": "\t", "semicolon": ";", "bar": "|"}.get(found.get("delimiter"), ","),
               "quoting": csv.QUOTE_NONE if found.get("quote", "none") == "none" else csv.QUOTE_MINIMAL}
    if found.get("escape", "none") == "backslash":
        dialect.update(escapechar="\\", doublequote=False)
    above = int(found["header"]) - 1 if found.get("header", "no").isdigit() else 0
    named = found.get("header") != "no"
    if pandas:
        table = pandas.read_csv(path, encoding=encoding, encoding_errors="replace", dtype=str, skiprows=above,
                                header=0 if named else None, keep_default_na=False, **dialect)
        names, rows = [str(name) for name in table.columns], table.values.tolist()
    else:
        with open(path, encoding=encoding, errors="replace", newline="") as file:
            rows = list(csv.reader(file, **dialect))[above:]
        names, rows = (rows[0], rows[1:]) if named else (rows[0], rows)
        rows = [row for row in rows if len(row) == len(names)]
    if not named:
        names = ["column %d" % (i + 1) for i in range(len(names))]
    return [name.lstrip("\ufeff") for name in names], rows


def real(revue, paths):
    """How many of these real tables are counted otherwise."""
    failed = 0
    for path in paths:
        found, done = info(revue, path, [])
        if not found:
            print("not ok - %s: %s" % (path, done.stderr.strip()))
            failed += 1
            continue
        names, rows = read_real(path, found)
        label = found["label_column"]
        values = [str(row[names.index(label)]).strip() for row in rows] if label else []
        counts = dict(collections.Counter(value for value in values if value not in MISSING))
        used = sum(counts.values()) if label else len(rows)
        same = found["labels"] == counts and found["rows_used"] == used
        print("%s - %s: %d rows, %s" % ("ok" if same else "not ok", path, used, counts if len(counts) < 9 else len(counts)))
        if not same:
            print("#   revue has %d rows, %s" % (found["rows_used"], found["labels"]))
            failed += 1
    return failed


def main():
    revue = sys.argv[1]
    csv.field_size_limit(1 << 30)
    if sys.argv[2] == "--csv":
        sys.exit(real(revue, sys.argv[3:]) != 0)
    count, seed = int(sys.argv[2]), int(sys.argv[3])
    folder = sys.argv[4] if len(sys.argv) > 4 else tempfile.mkdtemp(prefix="revue-files-")
    os.makedirs(folder, exist_ok=True)
    failed = sum(not check(revue, folder, seed, number) for number in range(1, count + 1))
    print("%d files, %d counted otherwise%s" % (count, failed, ": they are in " + folder if failed else ""))
    if not failed and len(sys.argv) <= 4:
        os.rmdir(folder)
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
