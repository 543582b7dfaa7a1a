#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Are the fuzzers worth their time? Plants one classic bug after the other into copies of the readers and expects
# the fuzzer to find each within 20,000 files. Run by `make fuzz-mutants`, in a build directory.
#
#   mutants.sh SOURCE-FOLDER
set -eu
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiler="${CC-cc} -std=c11 -D_GNU_SOURCE -O1 -g -w -fsanitize=address,undefined -I$work -I$source"
libraries="-ljansson -lnettle -lunistring -lm -pthread"
mkdir -p "$work/engine"
cp -r "$source/engine/format" "$work/engine/format"
number=0
failed=0

for name in base/buffer base/crc32 base/error base/file base/json; do
	$compiler -c "$source/engine/$name.c" -o "$work/$(basename "$name").o"
done
for file in "$source"/engine/format/*.c; do
	$compiler -c "$file" -o "$work/$(basename "$file" .c).o"
done
for fuzzer in safetensors torch; do
	$compiler -c "$source/tests/fuzz/fuzz_$fuzzer.c" -o "$work/fuzz_$fuzzer.object"
done

# mutant FUZZER FILE WHAT OLD NEW: OLD is a fixed string that occurs in FILE
mutant() {
	number=$((number + 1))
	file=$work/engine/format/$2.c
	if ! OLD=$4 NEW=$5 awk '
		{ at = index($0, ENVIRON["OLD"]) }
		at { $0 = substr($0, 1, at - 1) ENVIRON["NEW"] substr($0, at + length(ENVIRON["OLD"])); found = 1 }
		{ print }
		END { exit !found }' "$source/engine/format/$2.c" > "$file"; then
		echo "not ok $number - $3: \"$4\" is not in $2.c"
		failed=1
		return 0
	fi
	$compiler -c "$file" -o "$work/$2.mutant"
	objects=
	for object in "$work"/*.o; do
		test "$object" = "$work/$2.o" || objects="$objects $object"
	done
	$compiler "$work/fuzz_$1.object" $objects "$work/$2.mutant" $libraries -o "$work/fuzz"
	# A reader that hangs is found, too.
	if (cd "$work" && timeout 60 ./fuzz 20000 > log 2>&1); then
		echo "not ok $number - $3: not found"
		failed=1
	else
		echo "ok $number - $3: $(grep -ao 'round [0-9]*\|ERROR: AddressSanitizer\|runtime error' "$work/log" | head -n 1 || echo hangs)"
	fi
	cp "$source/engine/format/$2.c" "$file"
}

s() { mutant safetensors "$@"; }
t() { mutant torch "$@"; }

s table "the product of a shape wraps" '!u64_multiply(count, (uint64_t)tensor->shape[i], &count) || count > INT64_MAX' \
	'((count *= (uint64_t)tensor->shape[i]), false)'
s safetensors "a hole is allowed" 'extents[i].begin != end' 'extents[i].begin < end'
s safetensors "an overlap is allowed" 'extents[i].begin != end' 'extents[i].begin > end'
s safetensors "sizes are compared in 32 bits" 'size / 8 != *end - entry->offset' \
	'(uint32_t)(size / 8) != (uint32_t)(*end - entry->offset)'
s safetensors "one byte too few is allowed" 'RETURN_IF(end > there' 'RETURN_IF(end > there + 1'
s safetensors "one byte too many is allowed" 'RETURN_IF(end < there' 'RETURN_IF(end + 1 < there'
s safetensors "bits that are no bytes are rounded" 'size % 8 != 0' 'false'
s safetensors "negative numbers are allowed" 'json_integer_value(value) < 0' 'false'
s safetensors "other keys are allowed" 'json_object_size(row) != 3' 'json_object_size(row) < 3'
s safetensors "nine dimensions are allowed" 'json_array_size(shape) > TENSOR_RANK_MAX' 'json_array_size(shape) > 9'
s safetensors "metadata is not looked at" '!json_is_string(value)' 'false'
s safetensors "the data begin elsewhere" 'entry->offset += data' 'entry->offset += data - (data > 16)'
s table "controls in names are allowed" 'return !has_control(text) && ' 'return '
t table "names may occur twice" 'compare_names(&file->entries[i - 1], &file->entries[i]) == 0' 'false'
t pickle_torch "a tensor may reach one element beyond" 'end > available' 'end > available + 1'
t pickle_torch "expanded tensors are allowed" 'count > available, error' 'false, error'
t pickle_torch "strides are multiplied in 32 bits" '(uint64_t)tensor->shape[i] - 1, tensor->stride[i]' \
	'(uint32_t)(tensor->shape[i] - 1), (uint32_t)tensor->stride[i]'
t pickle_torch "the product of sizes wraps" '!u64_multiply(count, (uint64_t)tensor->shape[i], &count) || count > INT64_MAX' \
	'((count *= (uint64_t)tensor->shape[i]), false)'
t pickle_torch "negative sizes are allowed" 'number->u.integer < 0' 'false'
t pickle_torch "nine dimensions are allowed" 'shape->u.items.count > TENSOR_RANK_MAX' 'shape->u.items.count > 9'
t pickle_torch "sizes and strides may differ in number" 'shape->u.items.count != stride->u.items.count' 'false'
t torch "bytes of a storage wrap" 'return u64_multiply(storage->count, dtype_size(storage->dtype), bytes)' \
	'return *bytes = storage->count * dtype_size(storage->dtype), true'
t torch_zip "a record may be longer" 'bytes != entry->size' 'bytes > entry->size'
t torch_zip "a record may be shorter" 'bytes != entry->size' 'bytes < entry->size'
t torch "the offset counts bytes" 'tensor->offset * dtype_size(storage->dtype)' 'tensor->offset'
t torch "everything lies in row-major order" 'entry->stride[i] != stride' 'false'
t tensors "the odometer does not go back" 'position -= index[axis] * entry->stride[axis]' 'position -= 0'
t pickle "values may be left on the stack" 'm->depth != 1 ||' 'm->depth < 1 ||'
t torch_legacy "bytes after the last storage are allowed" 'done && stream_left(stream) > 0' 'false'
t zip "64-bit descriptors are not known" 'gap != 16 && gap != 24' 'gap != 16'
t stream "the end of a part is not seen" 'size > stream_left(stream)' 'false'

echo "1..$number"
exit $failed
