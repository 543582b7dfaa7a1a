# SPDX-License-Identifier: GPL-3.0-or-later
#
# Golden values of numbers in four bits, by bitsandbytes on a CPU with AVX2 (its double quantisation takes a mean by torch,
# whose order of additions depends on the vectors of the processor):
#
#   python make_four_bits.py > four_bits.txt
#
# A line a case: type, count, seed, kind, then FNV-1a (64 bits) of the bytes of: codes, scales, values, and of double
# quantisation: numbers, absmax, offset, expanded scales, values. -0 counts as 0 among values.
import numpy
import torch
import bitsandbytes.functional as functional

torch.set_num_threads(1)

COUNTS = [1, 2, 3, 7, 8, 31, 63, 64, 65, 97, 127, 128, 129, 640, 676, 1000, 2028, 4096, 16384, 16401, 97344, 589824, 2359296]
KINDS = ["plain", "normal", "zero", "holes", "denormal", "small", "huge", "few", "spread"]


def fnv(array):
    value = 0xCBF29CE484222325
    for byte in numpy.ascontiguousarray(array).tobytes():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return "%016x" % value


# The same numbers as tests/unit/test_four_bits.c: sums and products that are exact in f32.
def values_of(count, seed, kind):
    with numpy.errstate(over="ignore"):
        i = numpy.arange(count, dtype=numpy.uint32)
        x = (i + numpy.uint32(seed)) * numpy.uint32(2654435761)
        x ^= x >> numpy.uint32(15)
        x *= numpy.uint32(2246822519)
        x ^= x >> numpy.uint32(13)
    u = (x >> numpy.uint32(8)).astype(numpy.float32) * numpy.float32(2.0 ** -23) - numpy.float32(1)
    two = numpy.float32(2)
    if kind == "normal":
        return u * u * u * numpy.float32(0.125)
    if kind == "zero":
        return u * numpy.float32(0)
    if kind == "holes":
        return numpy.where(i // 64 % 3 == 1, numpy.float32(0), u)
    if kind == "denormal":
        return u * numpy.float32(2.0 ** -130)
    if kind == "small":
        return u * numpy.float32(2.0 ** -124)
    if kind == "huge":
        return u * numpy.float32(2.0 ** 127)
    if kind == "few":
        return ((x >> numpy.uint32(29)).astype(numpy.float32) - numpy.float32(3)) * numpy.float32(0.25)
    if kind == "spread":
        return u * two ** ((i // 64 % 21).astype(numpy.float32) - numpy.float32(10))
    return u


def bits(tensor):
    return tensor.detach().contiguous().numpy()


for type in ["nf4", "fp4"]:
    for count in COUNTS:
        for number, kind in enumerate(KINDS):
            if count > 20000 and kind not in ("normal", "spread") or count > 500000 and (type == "fp4" or kind == "spread"):
                continue
            values = values_of(count, 17 * number + count, kind)
            tensor = torch.from_numpy(values)
            codes, state = functional.quantize_4bit(tensor.reshape(1, -1), blocksize=64, quant_type=type)
            line = [type, str(count), str(17 * number + count), kind, fnv(bits(codes)), fnv(bits(state.absmax)),
                    fnv(bits(functional.dequantize_4bit(codes.reshape(-1, 1), state).reshape(-1)[:count] + 0.0)
                        )]
            _, nested = functional.quantize_4bit(tensor.reshape(1, -1), blocksize=64, quant_type=type, compress_statistics=True)
            if torch.isfinite(nested.offset) and float(nested.state2.absmax.min()) >= 0:
                expanded = functional.dequantize_blockwise(nested.absmax, nested.state2) + nested.offset
                line += [fnv(bits(nested.absmax)), fnv(bits(nested.state2.absmax)), fnv(bits(nested.offset)), fnv(bits(expanded))]
            print(" ".join(line))
print("map", fnv(bits(functional.create_dynamic_map())))
