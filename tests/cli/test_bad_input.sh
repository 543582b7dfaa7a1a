#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of bad input: files, models, options. Each case must end with its status and one line that says what
# is wrong, within two seconds, without a control byte, leaving nothing behind.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model
export REVUE_SHARE="$work/share"
mkdir -p share/models share/samples && cp -R run/model share/models/pocket && cp "$reviews" share/samples/reviews.csv
input=/dev/null
escape=$(printf '\033')

# now: processor time of all commands so far, in milliseconds, which does not grow where the machine has other work.
: >"$work/.times"
look_at_the_clock() {
	times >"$work/.times"
	now=$(awk 'NR == 2 { gsub(/[ms]/, " "); print int(1000 * (60 * $1 + $2 + 60 * $3 + $4)) }' "$work/.times")
}

run_case() {
	look_at_the_clock
	began=$now
	timeout 20 "$revue" "$@" <"$input" >"$work/.out" 2>"$work/.err"
	status=$?
	look_at_the_clock
	took=$((now - began))
}

# The bytes that a terminal obeys: C0 but the line's end, DEL, C1.
control_bytes() {
	cat "$work/.out" "$work/.err" | tr -cd '\000-\011\013-\037\177' | wc -c | tr -d ' '
	grep -cE "$(printf '\302[\200-\237]')" "$work/.err"
}

# bad STATUS FRAGMENT ARGUMENT...
bad() {
	wanted=$1 fragment=$2 wrong=
	shift 2
	before=$(find . ! -name '.out' ! -name '.err' | sort)
	run_case "$@"
	[ $status = "$wanted" ] || wrong="status $status instead of $wanted;"
	[ "$(wc -l <"$work/.err" | tr -d ' ')" = 1 ] || wrong="$wrong not one line;"
	grep -qF -e "$fragment" "$work/.err" || wrong="$wrong without \"$fragment\";"
	grep -q '^revue: ' "$work/.err" || wrong="$wrong without \"revue: \";"
	[ "$(control_bytes | tr '\n' ' ')" = "0 0 " ] || wrong="$wrong control bytes;"
	[ $took -lt 2000 ] || wrong="$wrong $took ms;"
	[ "$before" = "$(find . ! -name '.out' ! -name '.err' | sort)" ] || wrong="$wrong left something behind;"
	number=$((number + 1))
	if [ -z "$wrong" ]; then
		echo "ok $number - $wanted $(printf '%s ' "$@" | tr -d '#' | tr -cd '[:print:]' | cut -c 1-60)"
	else
		echo "not ok $number - $(printf '%s ' "$@" | tr -d '#' | tr -cd '[:print:]' | cut -c 1-60)"
		echo "# $wrong"
		head -n 5 "$work/.err" | cat -v | sed 's/^/# /'
	fi
}

# Options

bad 2 'did you mean "score"' scroe
bad 2 'neither a command nor a file' frobnicate
bad 2 'did you mean --format' score --fromat csv x
bad 2 'did you mean --learning-rate' train "$reviews" --learning_rat 1
bad 2 'no option -z' score -z x
bad 2 '--format: "xml" is none of text|tsv|csv|jsonl' score --format xml x
bad 2 '--format needs a value' score x --format
bad 2 '--logits takes no value' score --logits=yes x
bad 2 '--max-length: "1" is not a whole number from 2' score --max-length 1 x
bad 2 '"ten" is not a whole number' score --max-length ten x
bad 2 '"99999999999999999999" is not a whole number' score --max-length 99999999999999999999 x
bad 2 '--model needs a path' score --model= x
bad 2 '--device: "gpu" is none of auto|cpu|cuda' score --device gpu x
REVUE_CUDA_MODULE=$work/nothing.so
export REVUE_CUDA_MODULE
bad 1 '--device cuda: the CUDA module could not be opened: ' score -m tiny --device cuda x
bad 1 '--device cuda: the CUDA module could not be opened: ' info --device cuda tiny
bad 1 '--device cuda: the CUDA module could not be opened: ' eval "$reviews" -m tiny --device cuda
bad 1 '--device cuda: the CUDA module could not be opened: ' train "$reviews" -m tiny -o made --device cuda
unset REVUE_CUDA_MODULE
bad 2 'TEXT, FILE or - is missing' score
bad 2 'labels.csv is a file' score good labels.csv
bad 2 '--text-column is for a file' score --text-column text 'a review'
bad 2 'DATA is missing' train
bad 2 'DATA is missing' eval
bad 2 'RUN is missing' watch
bad 2 '"b" is too much' eval a b
bad 2 '-o MODEL is missing' new "$reviews"
bad 2 'no multiple of --num-attention-heads' new "$reviews" -o made --hidden-size 10 --num-attention-heads 3
bad 2 'learning-rate' train "$reviews" -m tiny -o made --learning-rate fast
bad 2 'learning-rate' train "$reviews" -m tiny -o made --learning-rate nan
bad 2 'num-train-epochs' train "$reviews" -m tiny -o made --num-train-epochs -1
bad 2 'lr-scheduler-type' train "$reviews" -m tiny -o made --lr-scheduler-type sine
bad 2 'seed' train "$reviews" -m tiny -o made --seed 5000000000
bad 2 'goes on with the options of the run' train --resume run --seed 3
bad 2 'needs a file' train - -m tiny -o made
bad 2 'need a terminal'
bad 2 'always [CLS] and [SEP]' tokens --max-length 1 lines.txt
bad 2 'there is no option' score "--for${escape}[31mmat" x

# Files of reviews

: >empty.csv
printf 'text,label\n' >header.csv
printf 'text,label\n"never closed,a\nb,c\n' >quote.csv
printf 'text,label\ngood,a\n\000\000,b\n' >nul.csv
printf 'text,label\n\000,b\n' >only_nul.csv
printf 'text,label\na,b,c\nd\n' >ragged.csv
printf '\200\004\225\015\0\0\0\0\0\0\0]\224.' >pickle.csv
printf '{"text": "good", "label": 1}\nnot json\n' >mixed.jsonl
printf '[1, 2]\n"x"\n' >wrong.jsonl
printf 'text,label\ngood,wonderful\nbad,terrible\n' >labels.csv
printf 'text,label\ngood,\033]0;title\007\nbad,\033[2Jb\n' >escape.csv
printf 'te\033[31mxt,label\ngood,a\n' >column.csv
printf 'text,label\ngood,a\nbad,a\n' >one_label.csv
printf 'text,label\ngood,a\nbad,a\nd\n' >one_kind.csv
printf 'text,label\nd\ngood,\n\000,b\n' >reasons.csv
printf 'text\ngood\nbad\n' >no_label.csv
printf 'text,label\n,a\n" ",b\n\302\240,a\n' >no_text.csv
printf 'size,date\n1,2024-01-01\n2,2024-01-02\n3,2024-01-03\n' >figures.csv
{ printf 'text,label\n"'; head -c 17000000 /dev/zero | tr '\0' 'x'; printf '",a\n'; } >huge.csv
# 80,000 columns: whatever is looked for in the columns once a column would take half a minute.
awk 'BEGIN { printf "text"; for (i = 0; i < 80000; i++) printf ",a%d", i; printf "\ngood"; for (i = 0; i < 80000; i++) printf ",1"; print "" }' >wide.csv
awk 'BEGIN { printf "{\"text\":\"good\""; for (i = 0; i < 4000; i++) printf ",\"a%d\":1", i; print "}" }' >keys.jsonl
mkdir folder && mkfifo fifo
ln -s loop loop

bad 74 'no such file' score missing.csv
bad 74 'missing.csv' train missing.csv -m tiny -o made
bad 74 'missing.csv' missing.csv
# What is wrong with the model and the options is told before the data is read, which here is as wrong.
cp -r tiny weightless && rm weightless/model.safetensors
bad 74 'revue: weightless holds no weights' train empty.csv -m weightless -o made
bad 74 'revue: --validation: missing.csv' train empty.csv -m tiny -o made --validation missing.csv
bad 2 'no share' train empty.csv -m tiny -o made --validation 1.5
bad 65 'empty' score empty.csv
bad 65 'no row' eval header.csv
bad 65 'line 2' score quote.csv
bad 65 'only_nul.csv' eval only_nul.csv
bad 65 'no row has a review and a label; 0 rows: 0 used, 0 skipped' eval header.csv
bad 65 'no row has a review and a label; 0 rows: 0 used, 0 skipped' train header.csv -m tiny -o made
bad 65 'no row can be used; 0 rows: 0 used, 0 skipped' score header.csv
bad 65 'no row has a review and a label; 2 rows: 0 used, 2 skipped (2 ragged, first on line 2)' eval ragged.csv
bad 65 'no row has a review and a label; 2 rows: 0 used, 2 skipped (2 ragged, first on line 2)' train ragged.csv -m tiny -o made
bad 65 'no row can be used; 2 rows: 0 used, 2 skipped (2 ragged, first on line 2)' score ragged.csv
bad 65 'no row can be used; 2 rows: 0 used, 2 skipped (2 ragged, first on line 2)' new ragged.csv -o made
bad 65 '3 rows: 0 used, 3 skipped (1 ragged on line 2; 1 NUL byte on line 4; 1 no label on line 3)' eval reasons.csv
bad 65 '3 rows: 0 used, 3 skipped (1 ragged on line 2; 1 NUL byte on line 4; 1 no label on line 3)' \
	train reasons.csv -m tiny -o made
bad 65 '3 rows: 2 used, 1 skipped (1 ragged on line 4)' train one_kind.csv -m tiny -o made
bad 65 'is a Python pickle, which could run code' score pickle.csv
bad 65 'wrong.jsonl' eval wrong.jsonl
bad 65 'wonderful' eval labels.csv
bad 65 'no column "summary"' score --text-column summary labels.csv

# A column that is not in the file is a fault of the file for every command; one column for both is one of the command line.
for command in 'eval -m run/model' 'train -m tiny -o made' 'new -o made'; do
	bad 65 'no column "stars"; it has: text, label' ${command%% *} --label-column stars labels.csv ${command#* }
	bad 65 'no column "summary"; it has: text, label' ${command%% *} --text-column summary labels.csv ${command#* }
	bad 65 'no column looks like the reviews: --text-column names it' ${command%% *} figures.csv ${command#* }
done
bad 65 'no column looks like the reviews: --text-column names it' score figures.csv
bad 65 'no column "3"; it has: text, label' score --text-column 3 labels.csv
bad 65 'no column "0"; it has: text, label' score --text-column 0 labels.csv
for command in 'eval -m run/model' 'train -m tiny -o made'; do
	bad 65 'no column looks like the labels: --label-column names it' ${command%% *} no_label.csv ${command#* }
	bad 2 '"text" cannot be both the review and the label' ${command%% *} --label-column text labels.csv ${command#* }
	bad 2 '"label" cannot be both the review and the label' ${command%% *} --text-column label --label-column 2 labels.csv ${command#* }
done
bad 65 'every label is "a"' train one_label.csv -m tiny -o made
bad 65 'every review is empty: --text-column names another column; 3 rows: 3 used, 0 skipped, 3 empty texts' train no_text.csv -m tiny -o made
bad 65 'every review is empty: --text-column names another column; 3 rows' eval no_text.csv
bad 65 'huge.csv' eval huge.csv
bad 65 'no column looks like the labels' eval keys.jsonl
bad 65 'no column looks like the labels' eval wide.csv
bad 65 'negative' eval escape.csv
bad 65 'summary' score --text-column summary column.csv
bad 2 'fifo: is a pipe' train fifo -m tiny -o made
bad 74 'loop' eval loop
bad 65 'folder' eval folder
bad 74 '/dev/zero' eval /dev/zero
bad 74 'neither a file nor a pipe' tokens /dev/zero
bad 74 'file: could not open' tokens "no${escape}[31mfile"

# Models

model() {
	rm -rf model
	cp -R run/model model
}

bad 74 'nowhere' score -m nowhere good
bad 74 'folder holds no weights' score -m folder good
bad 65 'no trained classification head' score -m tiny good
model && printf '{' >model/config.json
bad 65 'config.json' score -m model good
model && printf '[]' >model/config.json
bad 65 'config.json' score -m model good
model && sed -i 's/"hidden_size": 32/"hidden_size": 33/' model/config.json
bad 65 'hidden size of 33' score -m model good
model && sed -i 's/"hidden_size": 32/"hidden_size": 2147483647/' model/config.json
bad 65 'model' score -m model good
model && sed -i 's/"vocab_size": 600/"vocab_size": 601/' model/config.json
bad 65 'config.json says [601, 32]' score -m model good
model && sed -i 's/"num_hidden_layers": 1/"num_hidden_layers": 1000000000/' model/config.json
bad 65 'num_hidden_layers' score -m model good
model && sed -i 's/"gelu"/"softplus\\u001b[31m"/' model/config.json
bad 65 'softplus' score -m model good
model && sed -i 's/"model_type": "bert"/"model_type": "gpt2"/' model/config.json
bad 65 'gpt2' score -m model good
model && rm model/model.safetensors
bad 74 'model.safetensors' score -m model good
model && : >model/model.safetensors
bad 65 'model.safetensors' score -m model good
model && head -c 20000 run/model/model.safetensors >model/model.safetensors
bad 65 'model.safetensors' score -m model good
model && printf '\377\377\377\377\377\377\377\177{}' >model/model.safetensors
bad 65 'model.safetensors' score -m model good
model && printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 133\n' >model/model.safetensors
bad 65 'Git LFS pointer' score -m model good
model && printf '<!DOCTYPE html><html>' >model/model.safetensors
bad 65 'model.safetensors' score -m model good
model && size=$(wc -c <model/model.safetensors) && head -c $((size - 4)) run/model/model.safetensors >model/model.safetensors &&
	printf '\000\000\300\177' >>model/model.safetensors
bad 65 'not finite' score -m model good
model && rm model/model.safetensors && printf '\200\002cos\nsystem\n(S"touch owned"\ntR.' >model/pytorch_model.bin
bad 65 'pytorch_model.bin' score -m model good
model && rm model/tokenizer.json model/vocab.txt
bad 74 'vocab.txt' score -m model good
model && printf '{"model":{"type":"Unigram"}}' >model/tokenizer.json
bad 65 'Unigram' score -m model good
model && rm model/tokenizer.json && printf '[PAD]\n[UNK]\n[CLS]\na\na\n' >model/vocab.txt
bad 65 'vocab.txt' tokens -m model
bad 74 'folder holds no weights' eval "$reviews" -m folder
rm -rf model

# Runs

bad 74 'nowhere' watch nowhere
bad 74 'nowhere' train --resume nowhere
bad 65 'run.json' watch folder
bad 65 'is not a run directory' watch /dev/null
bad 65 'is not a run directory' train --resume /dev/null
bad 2 'holds a model already' new "$reviews" -o tiny
bad 2 'holds a run already' train "$reviews" -m tiny -o run
bad 2 'holds other things' train "$reviews" -m tiny -o tiny
: >file
bad 74 'file' train "$reviews" -m tiny -o file
bad 74 'file' new "$reviews" -o file

# A disk that is full, which a limit for the size of files plays

(ulimit -f 1 && "$revue" new "$reviews" -o made 2>"$work/.err" >/dev/null)
is "new says that it could not write" "74 1" "$? $(grep -c 'could not write' "$work/.err")"
is "and leaves no half a file" "" "$(find made -type f -name '*.json.*' 2>/dev/null)"
rm -rf made
(ulimit -f 1 && "$revue" score --format jsonl "$reviews" 2>"$work/.err" >scores)
is "score says that its output is full" "74 1" "$? $(grep -c 'could not write' "$work/.err")"
rm -f scores

# Screens without descriptors

echo 'wait idle' >keys
(ulimit -n 8 && "$revue" --script keys "$reviews" 2>"$work/.err" </dev/null >/dev/null)
is "the screens say that descriptors are missing, and nothing of the terminal" "1 1" \
	"$? $(grep -c 'raise the limit of 8 (ulimit -n)' "$work/.err")"

# Texts and labels with control bytes on a terminal

printf 'text,label\ngood \033[31mred\033]0;title\007 \302\233 \342\200\256bidi,a\n' >hostile.csv
if command -v script >/dev/null; then
	script -qec "\"$revue\" score --format text hostile.csv; \"$revue\" score --format csv hostile.csv; \"$revue\" score --format tsv hostile.csv" \
		/dev/null </dev/null >screen 2>&1
	is "a terminal gets no control byte of a text" 0 \
		"$(sed "s/\r$//; s/\r$escape\\[K//g" screen | tr -cd '\000-\011\013-\037\177' | wc -c | tr -d ' ')"
	is "nor C1, nor what turns text around" 0 "$(grep -cE "$(printf '\302\233|\342\200\256')" screen)"
	is "but the text is there" 3 "$(grep -c 'red' screen)"
else
	skip "a terminal" "there is no script"
fi
is "a file gets the text as it is" "good ${escape}[31mred${escape}]0;title$(printf '\007 \302\233 \342\200\256')bidi" \
	"$("$revue" score --format tsv hostile.csv 2>/dev/null | cut -f 4)"

done_testing
