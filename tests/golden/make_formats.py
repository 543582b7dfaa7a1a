#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/formats: small files of torch.save in its forms, and what they hold as f32.

Needs torch and safetensors (made with torch 2.15, safetensors 0.8); the tests need neither.

    python3 tests/golden/make_formats.py tests/golden/formats
"""
import json
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file


def f16_bits(*bits):
    return torch.tensor(bits, dtype=torch.int32).to(torch.int16).view(torch.float16)


def tensors():
    torch.manual_seed(7)
    matrix = torch.randn(6, 5)
    cube = torch.randn(2, 3, 4)
    out = OrderedDict()
    out["f32"] = matrix
    out["f32.transposed"] = matrix.t()                 # shares its storage with "f32"
    out["f32.slice"] = matrix[2:5, 1::2]               # an offset and gaps
    out["cube.permuted"] = cube.permute(2, 0, 1)
    out["cube.row"] = cube[1, 2]
    out["f16"] = torch.randn(9).half()
    # Subnormals, the largest number, infinities, minus zero.
    out["f16.edges"] = f16_bits(0x0001, 0x03ff, 0x8001, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x8000)
    out["bf16"] = torch.randn(4, 3).bfloat16()
    out["bf16.transposed"] = torch.randn(4, 3).bfloat16().t()
    out["f64"] = torch.cat([torch.randn(5).double(), torch.tensor([1e300, 1e-320, 1 / 3], dtype=torch.float64)])
    out["parameter"] = torch.nn.Parameter(torch.randn(3, 3))
    out["scalar"] = torch.tensor(2.5)
    out["empty"] = torch.empty(0, 4)
    out["position_ids"] = torch.arange(8).unsqueeze(0)  # i64: listed, not read
    out["mask"] = torch.tensor([True, False])
    return out


def main(folder):
    folder = Path(folder)
    (folder / "shards").mkdir(parents=True, exist_ok=True)
    state = tensors()
    state._metadata = OrderedDict([("", {"version": 1})])
    torch.save(state, folder / "zip.bin")
    torch.save(state, folder / "zip4.bin", pickle_protocol=4)
    torch.save(state, folder / "legacy.bin", _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "loss": 0.25, "state_dict": state}, folder / "wrapped.bin")
    save_file({name: t.detach().clone().float().contiguous() for name, t in state.items() if t.is_floating_point()},
              folder / "expected.safetensors", metadata={"format": "pt"})
    # The same values as safetensors in their own types, in two shards.
    names = [name for name, t in state.items()]
    weight_map = {}
    for number, part in enumerate((names[::2], names[1::2]), 1):
        file = f"model-{number:05d}-of-00002.safetensors"
        save_file({name: state[name].detach().clone().contiguous() for name in part}, folder / "shards" / file,
                  metadata={"format": "pt"})
        weight_map.update({name: file for name in part})
    (folder / "shards" / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": sum(t.numel() * t.element_size() for t in state.values())},
                    "weight_map": weight_map}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
