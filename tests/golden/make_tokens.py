#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/tokens: what transformers and tokenizers give for texts, vocabularies and folders.

    REVUE_DATA=... REVUE_MODELS=... python3 make_tokens.py

small/vocab.txt   a small vocabulary, learned from texts.txt
texts.txt         texts of ours, a line each; the first ones from share/samples
hostile.hex       500 hostile Unicode texts, a line each, the hexadecimal digits of their UTF-8
ours.txt          a line a text (texts.txt, then hostile.hex): a sum for each of the four tokenizers
lines.txt         FILE LINE and the four sums, for lines of the files of REVUE_DATA
folders.json      folders of files with texts and their ids, for what counts when files disagree
learned.json      texts and the vocabulary learned from them; small/vocab.txt is what texts.txt should give

The four tokenizers: small lower, small cased, MiniLM lower, MiniLM cased. A sum is FNV-1a (32 bits) over
the ids and then the byte ends of the pieces between [CLS] and [SEP], each as four bytes, low byte first.
"ids" before the sums: without the ends, because where marks change places the reference gives the end of
another character.
"""
import csv
import json
import os
import random
import sys
import tempfile
import unicodedata

os.environ["HF_HUB_OFFLINE"] = "1"
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "tokens")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
FILES = {
    "imdb_test5k.csv": 900, "airline_tweets.csv": 400, "amazon_bom_crlf.csv": 300, "sst2_dev.tsv": 300,
    "yelp_stars.csv": 200, "spam_latin1_crlf.csv": 300, "tr_polarity.neg": 200,
}  # fmt: skip


def fnv(numbers):
    h = 0x811C9DC5
    for n in numbers:
        for byte in n.to_bytes(4, "little"):
            h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return h


def decode(raw):
    """Text and the byte where each character begins; a byte that is not UTF-8 is a U+FFFD."""
    text = raw.decode("utf-8", "surrogateescape")
    starts = [0]
    for c in text:
        starts.append(starts[-1] + (1 if 0xDC80 <= ord(c) <= 0xDCFF else len(c.encode())))
    return "".join("\ufffd" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in text), starts


def reordered(raw):
    normal = unicodedata.normalize
    text = "".join(c for c in decode(raw)[0] if unicodedata.category(c) != "Cf")
    return normal("NFD", text) != "".join(normal("NFD", c) for c in text)


def summed(tokenizer, raw):
    text, starts = decode(raw)
    encoding = tokenizer.encode(text)
    ends = [] if reordered(raw) else [starts[end] for _, end in encoding.offsets[1:-1]]
    return "%08x" % fnv(encoding.ids + ends)


def sums(tokenizers, raw):
    return ("ids " if reordered(raw) else "") + " ".join(summed(t, raw) for t in tokenizers)


def opened(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder).backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def folder_of(files):
    folder = tempfile.mkdtemp()
    files = dict({"config.json": {"model_type": "bert"}}, **files)
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(content if isinstance(content, str) else json.dumps(content))
    return folder


def learn(texts, vocab_size, min_frequency):
    """The trainer numbers its "##" characters in the order of a hash table; naming all characters as special tokens
    first, in the order of their code points, pins that down and changes nothing else."""
    normal, words = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    first, inner = set(), set()
    for text in texts:
        for word, _ in words.pre_tokenize_str(normal.normalize_str(text)):
            first.update(word)
            inner.update(word[1:])
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normal, words
    tokenizer.train_from_iterator(
        texts,
        trainers.WordPieceTrainer(
            vocab_size=vocab_size,
            min_frequency=min_frequency,
            special_tokens=SPECIAL + sorted(first) + ["##" + c for c in sorted(inner)],
            show_progress=False,
        ),
    )
    return [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]


OTHER_LANGUAGES = """\
Der Film war großartig, aber die Länge – über drei Stunden! – störte mich ein bißchen.
Un très bel objet, reçu abîmé… le vendeur s'est excusé et l'a remplacé aussitôt.
İstanbul'da çekilen bu film IŞIK dolu; oyuncular çok iyi, ğ ü ş ı ö ç.
Отличный отель, но завтрак холодный. Ёлка в холле — прелесть!
Η ταινία ήταν ΥΠΕΡΟΧΗ, ο ήχος όμως χάλια· ΣΙΣΥΦΟΣ.
这部电影太好看了！我会再看一遍的。
この椅子は座り心地がとても良いです。ガタつきもありません。
배송이 빠르고 포장도 깔끔했어요. 정말 만족합니다!
الفيلم رائع جداً، لكنّ النهاية ضعيفة.
यह फ़ोन बहुत अच्छा है, बैटरी लंबी चलती है।
Phở ở đây ngon tuyệt, nhân viên thân thiện lắm.
Café naïve façade — coöperate, Ångström, ﬁnal ﬂight, ½ price, № 5, ™ ® ©.
⭐⭐⭐⭐⭐ Loved it!!! 😍👍🏽 10/10, would buy again :-)  <br /><br />(really)
"""


def own_texts():
    with open(os.path.join(HERE, "../../share/samples/reviews.csv"), encoding="utf-8", newline="") as file:
        rows = [max(row, key=len) for row in csv.reader(file)][1:241]
    return [" ".join(row.split()) for row in rows] + OTHER_LANGUAGES.splitlines()


def hostile_texts():
    r = random.Random(2026)
    fixed = [
        "", " ", "\x00", "\ufeff", "[SEP]", "[sep]", "[CLS] [SEP] [MASK] [PAD] [UNK]", "[SEP][SEP]", "a[SEP]b", "[[SEP]]",
        "[SEP", "[MASK]ed", "[ SEP ]", "\u202e[SEP]\u202c", "[S\u200bEP]", "##ing", "## ing", "#", "###",
        "a\x0bb", "a\x0cb", "a\x1cb", "a\x85b", "a\xa0b", "a\u2028b", "a\u3000b", "a\u200bb", "a\u00adb", "a\u180eb",
        "e\u0301", "\u0301e", "e\u200b\u0301", "\u0344", "\u0340\u0341", "\u212b\u2126\u212a", "\ufb01\ufb02\ufb1d",
        "İI\u0307ıi", "ΑΣ ΑΣΑ σς", "ǅ ǈ ǋ", "ẞ ß SS", "\u1e9b\u0323", "가각\u1100\u1161\u11a8힣", "\uac00\u0301",
        "\U0001d15e\U0001d160\U0001d165\u302e\u0301", "\u302e\U0001d165\u302e", "\u302e\ufe0f\U0001d165", "नि कि क्षि",
        "\u0f71\u0f72\u0f74\u0f73\u0f75\u0f81", "\u0dd9\u0dcf\u0dca\u0ddd", "\U00011938\U00011935", "\u1b44\u0301\u1b44",
        "👨\u200d👩\u200d👧\u200d👦", "❤\ufe0f", "🏴\U000e0067\U000e0062\U000e007f", "🇩🇪🇫", "👍🏽",
        "don't won’t ‘quoted’ “double”", "a.b,c;d:e!f?g", "$1+2=3<4>5^6`7|8~9", "€£¥¢ ±×÷", "100%", "C++/C#", "a_b-c",
        "\ud7ff\ue000\uf8ff\uffff\ufffe\ufdd0", "\U0010ffff\U000f0000\U0001ffff",
    ]  # fmt: skip
    edges = [0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xF900, 0xFAFF, 0x20000, 0x2A6DF, 0x2A700, 0x2B73F, 0x2B740, 0x2B81F,
             0x2B820, 0x2B91F, 0x2B920, 0x2CEAF, 0x2CEB0, 0x2F800, 0x2FA1F, 0x2FA20, 0x30000]  # fmt: skip
    fixed += ["a%cb" % (c + d) for c in edges for d in (-1, 0, 1)]
    fixed += ["x" * n for n in (99, 100, 101, 250)] + ["é" * n for n in (100, 101)] + ["中" * 150, "ab" * 50 + "!" * 120]
    fixed += ["e" + "\u0301" * n for n in (1, 5, 99, 100, 300)] + ["\u302e" * n for n in (99, 100, 101, 600)]
    pools = [
        list(range(0x00, 0x250)), list(range(0x250, 0x600)), list(range(0x300, 0x370)), list(range(0x900, 0xE00)),
        list(range(0x1E00, 0x2100)), list(range(0x2000, 0x3100)), list(range(0xAC00, 0xAC80)) + list(range(0x1100, 0x1200)),
        list(range(0xF900, 0x10000)), list(range(0x10000, 0x12000)), list(range(0x1D100, 0x1D250)),
        list(range(0x1F300, 0x1FB00)) + [0x200D, 0xFE0F], [0x61, 0x62, 0x20, 0x2E, 0x301, 0x5B, 0x5D, 0x302E, 0x200B],
        [c for c in range(0x110000) if not 0xD800 <= c < 0xE000],
    ]  # fmt: skip
    while len(fixed) < 500:
        pool = r.choice(pools)
        fixed.append("".join(chr(r.choice(pool)) if r.random() < 0.8 else r.choice(" aeé.") for _ in range(r.randint(3, 40))))
    return [text.encode() for text in fixed]


def own_folders(vocab):
    """Small folders whose files disagree."""
    small = SPECIAL + ["hello", "Hello", "h", "##é", "##e", "é", "e", "##llo", "中", "国", "##国", "aa", "##a", "a",
                       "covid", "##id", "cov", ".", "Ünal", "unal"]  # fmt: skip
    texts = ["Hello hé 中国 aaa", "[sep] [SEP] foo covid COVID covidcovid.", "a <X>  a<X>a", "<y> a <Y>.", "Ünal <w>a <w> a"]
    upper, cased = normalizers.BertNormalizer(), normalizers.BertNormalizer(lowercase=False)

    def saved(normalizer, added=(), words=100, template=True, processor=None):
        ids = {piece: i for i, piece in enumerate(small)}
        tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=words))
        tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizers.BertPreTokenizer()
        if template:
            tokenizer.post_processor = processor or processors.TemplateProcessing(
                single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
            )
        tokenizer.add_special_tokens(SPECIAL)
        tokenizer.add_tokens(list(added))
        return json.loads(tokenizer.to_str())

    bert, plain = {"tokenizer_class": "BertTokenizer"}, {"tokenizer_class": "PreTrainedTokenizerFast"}
    odd = [AddedToken("covid"), AddedToken("<X>", lstrip=True, rstrip=True), AddedToken("<Y>", normalized=True),
           AddedToken("<w>", single_word=True, normalized=False)]  # fmt: skip
    decoder = {str(len(small) + i): dict(content=t, lstrip=False, rstrip=False, normalized=n, single_word=False, special=s)
               for i, (t, n, s) in enumerate([("COVID", True, False), ("<X>", False, True)])}  # fmt: skip
    vocabulary = "\n".join(small) + "\n"
    padding = {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[SEP]"}
    cases = {
        "nothing but vocab.txt": {"vocab.txt": vocabulary},
        "vocab.txt with CRLF": {"vocab.txt": vocabulary.replace("\n", "\r\n")},
        "vocab.txt, cased": {"vocab.txt": vocabulary, "tokenizer_config.json": {"do_lower_case": False}},
        "accents kept": {"vocab.txt": vocabulary, "tokenizer_config.json": {"strip_accents": False}},
        "cased without accents": {"vocab.txt": vocabulary, "tokenizer_config.json": {"do_lower_case": False, "strip_accents": True}},
        "ideographs together": {"vocab.txt": vocabulary, "tokenizer_config.json": {"tokenize_chinese_chars": False}},
        "cased tokenizer.json alone": {"tokenizer.json": saved(cased)},
        "cased tokenizer.json, silent BertTokenizer": {"tokenizer.json": saved(cased), "tokenizer_config.json": bert},
        "cased tokenizer.json taken as it is": {"tokenizer.json": saved(cased), "tokenizer_config.json": plain},
        "do_lower_case means nothing as it is": {"tokenizer.json": saved(cased), "tokenizer_config.json": dict(plain, do_lower_case=True)},
        "lower tokenizer.json, cased config": {"tokenizer.json": saved(upper), "tokenizer_config.json": dict(bert, do_lower_case=False)},
        "no normalizer, rebuilt": {"tokenizer.json": saved(None, template=False), "tokenizer_config.json": bert},
        "no normalizer, as it is": {"tokenizer.json": saved(None), "tokenizer_config.json": plain},
        "short words, as it is": {"tokenizer.json": saved(upper, words=2), "tokenizer_config.json": plain},
        "short words, rebuilt": {"tokenizer.json": saved(upper, words=2), "tokenizer_config.json": bert},
        "sequence normalizer": {"tokenizer.json": saved(normalizers.Sequence([upper])), "tokenizer_config.json": plain},
        "BertProcessing": {"tokenizer.json": saved(upper, processor=processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))), "tokenizer_config.json": plain},
        "added tokens, as they are": {"tokenizer.json": saved(upper, odd), "tokenizer_config.json": plain},
        "added tokens, rebuilt": {"tokenizer.json": saved(upper, odd), "tokenizer_config.json": bert},
        "added tokens, cased": {"tokenizer.json": saved(upper, odd), "tokenizer_config.json": dict(bert, do_lower_case=False)},
        "added tokens of the config replace the others": {"tokenizer.json": saved(upper, odd), "tokenizer_config.json": dict(bert, added_tokens_decoder=decoder)},
        "another separator": {"vocab.txt": vocabulary, "tokenizer_config.json": {"sep_token": "[MASK]"}},
        "special_tokens_map.json": {"vocab.txt": vocabulary, "special_tokens_map.json": {"sep_token": "[PAD]"}},
        "more special tokens, newer name": {"vocab.txt": vocabulary, "tokenizer_config.json": {"extra_special_tokens": ["covid"], "additional_special_tokens": ["aa"]}},
        "more special tokens, older name": {"vocab.txt": vocabulary, "tokenizer_config.json": {"extra_special_tokens": [], "additional_special_tokens": ["covid", {"__type": "AddedToken", "content": "aa", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False}]}},
        "more special tokens by name": {"vocab.txt": vocabulary, "tokenizer_config.json": {"extra_special_tokens": {"virus_token": "covid"}, "letter_token": "aa", "letters": "a"}},
        "more special tokens of the map": {"vocab.txt": vocabulary, "special_tokens_map.json": {"additional_special_tokens": ["covid"]}},
        "an empty list hides those of the map": {"vocab.txt": vocabulary, "tokenizer_config.json": {"extra_special_tokens": []}, "special_tokens_map.json": {"additional_special_tokens": ["covid"]}},
        "added_tokens.json": {"vocab.txt": vocabulary, "added_tokens.json": {"<X>": len(small), "covid": 19}},
        "added_tokens.json, special": {"vocab.txt": vocabulary, "added_tokens.json": {"COVID": len(small), "<X>": len(small) + 1}, "tokenizer_config.json": {"extra_special_tokens": ["COVID"]}},
        "a named token with flags": {"vocab.txt": vocabulary, "tokenizer_config.json": {"mask_token": {"__type": "AddedToken", "content": "a", "lstrip": True, "rstrip": True, "normalized": False, "single_word": True}}},
        "as it is, no token is named by default": {"tokenizer.json": dict(saved(upper), added_tokens=[]), "tokenizer_config.json": plain},
        "as it is, the padding names one": {"tokenizer.json": dict(saved(upper), added_tokens=[], padding=padding), "tokenizer_config.json": plain},
        "a token in the white space behind another": {"tokenizer.json": saved(upper, [AddedToken("foo", rstrip=True), AddedToken(" covid")]), "tokenizer_config.json": plain},
    }  # fmt: skip
    out = []
    for name, files in cases.items():
        tokenizer = opened(folder_of(files))
        out.append({"name": name, "files": files, "texts": texts, "ids": [tokenizer.encode(t).ids for t in texts]})
    return out


def own_lessons(texts):
    r = random.Random(7)
    lessons = [
        (["aaaa aaa aa a aaaaa", "abab baba ab ba", "hello hello help"], 60, 0),
        (["a" * n for n in range(1, 40)] + ["ab" * n for n in range(1, 20)], 90, 0),
        (["!!! ... ?", ""], 40, 0),
        ([], 40, 0),
        (["low low low lower newest newest widest"] * 3, 45, 2),
    ]
    for letters in ("ab", "abcé", "abcdefgh日本"):
        some = [" ".join("".join(r.choice(letters) for _ in range(r.randint(1, 9))) for _ in range(12)) for _ in range(8)]
        lessons += [(some, 80, 0), (some, 400, 2)]
    out = [{"texts": t, "vocab_size": v, "min_frequency": m, "pieces": learn(t, v, m)} for t, v, m in lessons]
    out.append({"file": "texts.txt", "vocab_size": 1200, "min_frequency": 2, "pieces": learn(texts, 1200, 2)})
    with open(os.path.join(os.environ["REVUE_DATA"], "imdb_test5k.csv"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    pieces = learn(lines, 5000, 0)
    out.append({"data": "imdb_test5k.csv", "vocab_size": 5000, "min_frequency": 0,
                "sum": "%08x" % fnv(list("\n".join(pieces).encode()))})  # fmt: skip
    return out


def write(name, lines):
    with open(os.path.join(OUT, name), "w", encoding="utf-8", newline="\n") as out:
        out.writelines(line + "\n" for line in lines)


def main():
    os.makedirs(os.path.join(OUT, "small"), exist_ok=True)
    texts, hostile = own_texts(), hostile_texts()
    lessons = own_lessons(texts)
    small = "\n".join(next(lesson for lesson in lessons if lesson.get("file")).pop("pieces")) + "\n"
    with open(os.path.join(os.environ["REVUE_MODELS"], "minilm-l6-384/vocab.txt"), encoding="utf-8") as file:
        large = file.read()
    cased = {"do_lower_case": False}
    four = [opened(folder_of(files)) for vocabulary in (small, large)
            for files in ({"vocab.txt": vocabulary}, {"vocab.txt": vocabulary, "tokenizer_config.json": cased})]  # fmt: skip
    write("small/vocab.txt", small.splitlines())
    write("texts.txt", texts)
    write("hostile.hex", [text.hex() for text in hostile])
    write("ours.txt", [sums(four, raw) for raw in [t.encode() for t in texts] + hostile])
    lines = []
    for name, count in FILES.items():
        with open(os.path.join(os.environ["REVUE_DATA"], name), "rb") as file:
            for number, raw in zip(range(1, count + 1), file.read().split(b"\n")):
                lines.append(" ".join([name, str(number), sums(four, raw)]))
    write("lines.txt", lines)
    write("folders.json", [json.dumps(own_folders(small), ensure_ascii=True, indent=1)])
    write("learned.json", [json.dumps(lessons, ensure_ascii=True, indent=1)])
    print(len(texts), "texts,", len(hostile), "hostile,", len(lines), "lines", file=sys.stderr)


main()
