#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden values of tests/unit/test_golden_precision.c: logits under torch.autocast.

    python3 tests/golden/make_precision.py

writes numeric/precision.json beside itself: for each small model of make_numeric.py, whose weights it takes, the logits of
the first batch in f32, and in bf16 and f16 as autocast computes them on the processor.

Made with torch 2.15.0 and transformers 5.23.0.
"""
import json

import torch

from make_numeric import HERE, SMALL, forward, small_model

FORMATS = {"bf16": torch.bfloat16, "f16": torch.float16}


def logits(name, dtype):
    model, lengths = small_model(name), SMALL[name][-1]
    model = model.float().eval()
    model.set_attn_implementation("eager")
    with torch.no_grad(), torch.autocast("cpu", dtype=dtype or torch.bfloat16, enabled=dtype is not None):
        return forward(model, lengths, 0).logits.float().tolist()


def main():
    torch.manual_seed(0)
    out = {name: {"f32": logits(name, None), **{word: logits(name, dtype) for word, dtype in FORMATS.items()}}
           for name in SMALL}
    (HERE / "precision.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
