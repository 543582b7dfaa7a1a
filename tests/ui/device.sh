#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The screens and a GPU: :set device chooses what scores, a GPU that is not there or that is lost is told and the screens go on,
# and the charts of a run have the figures that it told. On the emulated device (tests/cuda).
build=$(cd "$(dirname "$REVUE")" && pwd)
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told=said

if [ ! -f "$build/tests/cuda/backend_cuda.so" ]; then
	echo "1..0 # SKIP no C++ compiler, so no emulated device"
	exit 0
fi
REVUE_CUDA_MODULE=$build/tests/cuda/backend_cuda.so
export REVUE_CUDA_MODULE

# A path that leaves the line room for the reason.
ln -s "$share" share
REVUE_SHARE=share

cat > keys <<'KEYS'
wait idle
do set device cuda
wait idle
save-screen absent
key 4
type a wonderful film
wait idle
save-screen scored
KEYS
REVUE_CUDA_EMULATE_DEVICES=0 timeout 60 "$REVUE" --script keys > said 2>&1
report $? "a GPU is asked for where there is none"
grep -q 'device cuda: no NVIDIA GPU' absent
report $? "why there is none is told"
grep -q '% █' scored
report $? "and the model that was there scores on"

cat > keys <<'KEYS'
wait idle
do set device cuda
do set precision bf16
wait idle
key 4
type a wonderful film
wait idle
save-screen bright
KEYS
timeout 100 "$REVUE" --script keys > said 2>&1
report $? "the model is opened on the GPU"
grep -q '% █' bright
report $? "which scores what is typed"

# What is lost is told by whatever asks it next; the processor is there as before.
cat > keys <<'KEYS'
wait idle
do set device cuda
wait idle
key 4
type a wonderful film
wait idle
save-screen lost
key Esc
do set device cpu
wait idle
save-screen back
KEYS
REVUE_CUDA_EMULATE_LOST=60 timeout 100 "$REVUE" --script keys > said 2>&1
report $? "a GPU is lost while the screens use it"
grep -q 'the GPU was lost' lost
report $? "that is told"
grep -q '% █' back && ! grep -q 'the GPU was lost' back
report $? "and on the processor the screens go on"

head -n 40 "$share/samples/reviews.csv" > few.csv
"$REVUE" new few.csv -o base --vocab-size 300 --hidden-size 16 --intermediate-size 32 --num-attention-heads 2 \
	--num-hidden-layers 1 --max-position-embeddings 32 > said 2>&1
REVUE_CUDA_EMULATE_NAME='NVIDIA H200' "$REVUE" train few.csv -m base -o run --max-length 24 --per-device-train-batch-size 4 \
	--max-steps 3 --logging-steps 1 --validation 0 --device cuda > said 2>&1
report $? "a run on the GPU"
cat > keys <<'KEYS'
wait idle
key 5
wait idle
key o
wait text of peak
save-screen charts
KEYS
REVUE_CUDA_EMULATE_DEVICES=0 timeout 60 "$REVUE" --script keys > said 2>&1
report $? "its charts are looked at"
grep -q 'tokens/s  0.0 % of peak  1.1 GB  72 W' charts
report $? "and have the share of its peak, memory, watts and temperature"
finish
