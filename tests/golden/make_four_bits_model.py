# SPDX-License-Identifier: GPL-3.0-or-later
#
# Small models in four bits as transformers writes them with bitsandbytes, and the logits that it computes with them:
#
#   python make_four_bits_model.py
#
# writes four_bits/nf4 (a BERT all of whose linear layers are quantised, the classifier too) and four_bits/fp4 (a
# DistilBERT with double quantisation whose head is not).
import json
import pathlib
import shutil

import torch
from transformers import (AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification,
                          BitsAndBytesConfig, DistilBertConfig, DistilBertForSequenceClassification)

here = pathlib.Path(__file__).parent / "four_bits"
pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [chr(97 + i) for i in range(26)]
texts = [[2, 7, 9, 11, 3], [2, 30, 5, 5, 17, 23, 12, 8, 6, 3], [2, 3]]
models = {
    "nf4": (BertForSequenceClassification(BertConfig(
        vocab_size=31, hidden_size=26, num_hidden_layers=2, num_attention_heads=2, intermediate_size=44,
        max_position_embeddings=16, num_labels=3)), {"bnb_4bit_quant_type": "nf4"}),
    "fp4": (DistilBertForSequenceClassification(DistilBertConfig(
        vocab_size=31, dim=26, n_layers=2, n_heads=2, hidden_dim=44, max_position_embeddings=16, num_labels=3)),
        {"bnb_4bit_quant_type": "fp4", "bnb_4bit_use_double_quant": True,
         "llm_int8_skip_modules": ["pre_classifier", "classifier"]}),
}

for name, (model, settings) in models.items():
    torch.manual_seed(7)
    for parameter in model.parameters():
        parameter.data.normal_(0, 0.3)
    model.save_pretrained("/tmp/make_four_bits_model")
    model = AutoModelForSequenceClassification.from_pretrained(
        "/tmp/make_four_bits_model", device_map="cpu",
        quantization_config=BitsAndBytesConfig(load_in_4bit=True, **settings)).eval()
    shutil.rmtree("/tmp/make_four_bits_model")
    model.save_pretrained(here / name)
    (here / name / "vocab.txt").write_text("\n".join(pieces) + "\n")
    with torch.no_grad():
        logits = [model(torch.tensor([ids])).logits[0].tolist() for ids in texts]
    (here / name / "expected.json").write_text(json.dumps({"ids": texts, "logits": logits}, indent=1) + "\n")
