#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue new, train, eval, watch and info on a model of some thousand parameters.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

# new

is "new: says what it made" \
	"small: untrained BERT, 300 pieces, N parameters; labels: negative, positive" \
	"$("$revue" new "$reviews" -o small --vocab-size 300 --hidden-size 8 --num-attention-heads 2 \
		--intermediate-size 16 --num-hidden-layers 1 2>/dev/null | sed -E 's/[0-9,]+ parameters/N parameters/')"
for file in config.json model.safetensors tokenizer.json vocab.txt tokenizer_config.json; do
	succeeds "new: writes $file" test -s small/$file
done
is "new: config.json has the sizes" "300 8 1 2 16" "$(for key in vocab_size hidden_size num_hidden_layers \
	num_attention_heads intermediate_size; do "$parse" json $key <small/config.json; done | tr '\n' ' ' | sed 's/ $//')"
is "new: the vocabulary has as many lines" 300 "$(wc -l <small/vocab.txt | tr -d ' ')"
"$revue" new "$reviews" -o again --vocab-size 300 --hidden-size 8 --num-attention-heads 2 --intermediate-size 16 \
	--num-hidden-layers 1 >/dev/null 2>&1
is "new: the same twice" "" "$(diff -r small again)"
"$revue" new "$reviews" -o other --vocab-size 300 --hidden-size 8 --num-attention-heads 2 --intermediate-size 16 \
	--num-hidden-layers 1 --seed 7 >/dev/null 2>&1
is "new: another seed, other parameters" 1 "$(cmp -s small/model.safetensors other/model.safetensors; echo $?)"
"$revue" score -m small good >/dev/null 2>err
is "an untrained model does not score" 65 $?
matches "an untrained model says what to do" 'no trained classification head.*revue train' "$(cat err)"

# train

"$revue" train "$reviews" -m tiny -o first --num-train-epochs 1 --max-length 32 >out 2>err
is "train: succeeds" 0 $?
matches "train: the last line has the figures and the path" \
	'^finished after 22 steps in .*: validation loss [0-9.]+, accuracy [0-9.]+, F1 [0-9.]+; the model is in first/model$' "$(cat out)"
matches "train: labels and their counts, those that train and those that are held out" \
	'labels: negative 172 \(51 %\), positive 167 \(49 %\).*to measure on: negative 19 \(50 %\), positive 19 \(50 %\)' "$(tr '\n' ' ' <err)"
matches "train: the columns that it took" \
	'^revue: data: text "[a-z]+", label "[a-z]+" \(guessed; --label-column names another\)$' "$(cat err)"
matches "train: steps and memory" '^revue: 22 steps; .* of memory' "$(cat err)"
matches "train: the report says what the head is made of, what all of it takes and how long" \
	'newly initialised: .*parameters: [0-9,]+, all of them trained .*memory: about [0-9.]+ [kMG]B of .*time: 22 steps' "$(tr '\n' ' ' <err)"
is "train: run.json has the report" 22 "$("$parse" json report.time.steps <first/run.json)"
matches "train: truncated reviews" 'truncated' "$(cat err)"
matches "train: a new head is announced" 'new.*head' "$(cat err)"
matches "train: each evaluation is a line" '^revue: step 22, epoch 1.00: validation loss' "$(cat err)"
is "train: no carriage returns without a terminal" 0 "$(tr -cd '\r\033' <err | wc -c | tr -d ' ')"
for file in run.json metrics.jsonl model/config.json model/model.safetensors model/tokenizer.json; do
	succeeds "train: writes $file" test -s first/$file
done
"$revue" train "$reviews" -m tiny -o second --num_train_epochs=1 --max_length=32 --threads 1 >/dev/null 2>&1
is "train: Hugging Face's underscores, and the same bits with one thread" "" \
	"$(cmp first/model/model.safetensors second/model/model.safetensors 2>&1)"
"$revue" train "$reviews" -m tiny --num-train-epochs 0.2 --validation 0 >out 2>/dev/null
matches "train: names its run where nobody does" 'runs/reviews-1/model$' "$(cat out)"
"$revue" train "$reviews" -m tiny --num-train-epochs 0.2 --validation 0 >out 2>/dev/null
matches "train: and the next one" 'runs/reviews-2/model$' "$(cat out)"

# Splits of others

for split in sklearn datasets torch; do
	"$revue" train "$reviews" -m tiny -o split-$split --split $split --validation 77 --max-train-samples 100 \
		--max-eval-samples 50 --num-train-epochs 0.2 --max-length 16 >/dev/null 2>err
	is "train: --split $split takes as many rows as were asked for" "100 50" \
		"$("$parse" json report.rows.training <split-$split/run.json) $("$parse" json report.rows.validation <split-$split/run.json)"
done
"$revue" train "$reviews" -m tiny -o stratified --split sklearn --stratify true --validation 0.5 --num-train-epochs 0.1 \
	--max-length 16 >/dev/null 2>err
is "train: --stratify true holds out each label's share" "96 93" "$("$parse" json report.labels.0.validation <stratified/run.json) \
$("$parse" json report.labels.1.validation <stratified/run.json)"
"$revue" train "$reviews" -m tiny -o refused --split torch --stratify true >/dev/null 2>err
is "train: torch does not stratify" 2 $?
matches "train: and it says what does" '--split torch has no --stratify true.*sklearn or datasets' "$(cat err)"
"$revue" train "$reviews" -m tiny -o refused --split torch --validation 400 >/dev/null 2>err
is "train: a split that leaves no row is refused" 65 $?
matches "train: and it says how to get one" 'of 377 rows none is left to train on' "$(cat err)"

# Interrupted and resumed

train_long() {
	"$revue" train "$reviews" -m tiny -o "$1" --num-train-epochs 40 --max-length 32 --validation 0
}
train_long whole >/dev/null 2>&1
# Nobody reads standard error, which has room for a page of lines only: the training must hear SIGTERM all the same. Each
# validation is a line, there are more of them than fit. A pipe with something in its last page counts as full, so
# two pages are taken back.
mkfifo stalled
exec 9<>stalled
dd if=/dev/zero of=stalled oflag=nonblock bs=4096 count=1000 2>dd
dd if=stalled iflag=nonblock of=/dev/null bs=4096 count=2 2>dd
timeout -k 20 120 "$revue" train "$reviews" -m tiny -o unread --num-train-epochs 5000 --max-length 16 --save-steps 2 \
	--save-total-limit 1 >/dev/null 2>stalled &
pid=$!
tries=0
until [ "$(grep -cs '"evaluation"' unread/metrics.jsonl)" -ge 100 ] 2>/dev/null || [ $tries = 600 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
kill -TERM $pid
wait $pid
is "SIGTERM is heard while nobody reads what is written" 130 $?
printf 'save-screen shown\nwait 60000\n' >keys
timeout -k 20 120 "$revue" --script keys "$reviews" >/dev/null 2>stalled &
pid=$!
tries=0
until [ -s shown ] || [ $tries = 600 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
kill -TERM $pid
wait $pid
is "on the screens, too" 130 $?
exec 9>&-
matches "SIGTERM while nobody reads: stopped after a checkpoint" '^state +stopped after' "$("$revue" info unread)"

# timeout(1) signals its child and then the group that both are in: one wish, heard twice.
"$revue" train "$reviews" -m tiny -o asked_twice --num-train-epochs 5000 --max-length 16 >/dev/null 2>&1 &
pid=$!
tries=0
until grep -qs '"step"' asked_twice/metrics.jsonl || [ $tries = 600 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
kill -TERM $pid
sleep 0.02
kill -TERM $pid 2>/dev/null
wait $pid
matches "two signals for one wish stop it after a checkpoint" '^state +stopped after' "$("$revue" info asked_twice)"

# The job gets SIGINT back, which a background job of a shell ignores.
stop_when_training() { # run, signal, what more is asked for
	(trap - INT; exec "$revue" train "$reviews" -m tiny -o "$1" --num-train-epochs 40 --max-length 32 --validation 0 \
		${3+"$3"} ${4+"$4"} >out 2>err) &
	pid=$!
	tries=0
	until grep -qs '"step":30[,}]' "$1/metrics.jsonl" || [ $tries = 400 ] || ! kill -0 $pid 2>/dev/null; do
		sleep 0.05
		tries=$((tries + 1))
	done
	kill "-$2" $pid
	wait $pid
	echo $? >status
}
stop_when_training broken TERM
if grep -q '^finished' out; then
	skip "SIGTERM" "the training was faster than the signal"
else
	is "SIGTERM: 130" 130 "$(cat status)"
	matches "SIGTERM: the line that goes on" 'revue train --resume broken' "$(tail -n 1 err)"
	matches "info: a stopped run" '^state +stopped after' "$("$revue" info broken)"
	"$revue" train --resume broken >out 2>err
	is "resume: succeeds" 0 $?
	is "resume: the same bits as an uninterrupted run" "" \
		"$(cmp whole/model/model.safetensors broken/model/model.safetensors 2>&1)"
fi

# Left running: a process of its own, without a terminal, without anybody who reads what it says

stop_when_training away TERM
if grep -q '^finished' out || ! command -v setsid >/dev/null; then
	skip "a detached training" "the training was faster than the signal, or there is no setsid"
else
	(setsid "$revue" train --resume away <&- >&- 2>&- &)
	tries=0
	until "$revue" info away 2>/dev/null | grep -q '^state *finished' || [ $tries = 400 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	is "a detached training ends with the same bits" "" "$(cmp whole/model/model.safetensors away/model/model.safetensors 2>&1)"
	matches "and what it had to say is in its run" '^revue: goes on from checkpoint-' "$("$revue" watch away 2>&1 </dev/null)"
fi

# The run directory is removed while it trains

rm -f err
"$revue" train "$reviews" -m tiny -o vanished --num-train-epochs 400 --max-length 32 >/dev/null 2>err &
pid=$!
tries=0
until grep -qs '"step":3[,}]' vanished/metrics.jsonl || [ $tries = 400 ] || ! kill -0 $pid 2>/dev/null; do
	sleep 0.05
	tries=$((tries + 1))
done
"$revue" watch vanished >/dev/null 2>watched </dev/null &
watcher=$!
sleep 0.3
mv vanished elsewhere
wait $pid
is "train: a run directory that is gone ends it" 74 $?
matches "train: and that is said" '^revue: the run directory vanished is gone: nothing can be saved any more$' "$(tail -n 1 err)"
is "train: once" 1 "$(grep -c 'is gone' err)"
wait $watcher
is "watch: it ends then" 74 $?
matches "watch: and says why" '^revue: vanished: no such run directory$' "$(tail -n 1 watched)"

# A failure is told once, by whoever shows the run

"$revue" train "$reviews" -m tiny -o useless --validation nothing.csv >/dev/null 2>&1
is "train: a validation file that is not there ends it" 74 $?
mkdir empty
(cd empty && "$revue" train "$reviews" -m ../tiny --validation nothing.csv >/dev/null 2>&1)
is "train: one that is refused leaves no folder" "" "$(ls -A empty)"
mkfifo pipe.csv
"$revue" train "$reviews" -m tiny -o useless --validation pipe.csv >/dev/null 2>err
is "train: a pipe cannot be what is measured on" "2 revue: --validation: pipe.csv: is a pipe;" "$? $(tail -n 1 err | cut -d ' ' -f 1-6)"
printf 'text,label\nd\ne\n' >nothing.csv
"$revue" train "$reviews" -m tiny -o useless --validation nothing.csv >/dev/null 2>err
is "train: a validation file without a usable row is refused" 65 $?
matches "train: and it says why, with the lines" \
	'nothing.csv: no row has a review and a label to measure on; 2 rows: 0 used, 2 skipped \(2 ragged, first on line 2\)$' "$(tail -n 1 err)"
cp "$reviews" changing.csv
(reviews=changing.csv && stop_when_training changed TERM)
if grep -q '^finished' out; then
	skip "data that changed" "the training was faster than the signal"
else
	is "SIGTERM: that it stopped is said once" 1 "$(grep -c '^revue: stopped after' err)"
	printf 'more,positive\n' >>changing.csv
	"$revue" train --resume changed >/dev/null 2>err
	is "resume: data that changed is refused" 65 $?
	is "resume: and that is said once" 1 "$(grep -c 'the data changed since the run began' err)"
	"$revue" watch changed >/dev/null 2>err </dev/null
	is "watch: a failed run is a failure" 1 $?
	is "watch: and says once why" 1 "$(grep -c 'the data changed since the run began' err)"
fi

# Labels that were set right (--corrections)

head -n 41 "$reviews" >mended.csv
printf '{"row": "%s", "old": "positive", "new": "negative", "time": "2026-01-01T00:00:00Z"}\n' \
	"$(printf 'positive\0%s' "Best bowl of noodles I've had in years." | sha256sum | cut -c1-32)" >mended.jsonl
positives() { # of those that train, as the report has them
	"$revue" train mended.csv -m tiny -o "$@" --num-train-epochs 1 --validation 0 --max-length 16 2>&1 >/dev/null |
		sed -n 's/.*labels: .*positive \([0-9]*\) .*/\1/p'
}
all=$(positives plain_labels)
is "corrections: one row less is positive" $((all - 1)) "$(positives mended_labels --corrections mended.jsonl)"
stop_when_training mended TERM --corrections mended.jsonl
if grep -q '^finished' out; then
	skip "corrections that changed" "the training was faster than the signal"
else
	sed 's/"new": "negative"/"new": null/' mended.jsonl >back.jsonl && cat back.jsonl >>mended.jsonl
	"$revue" train --resume mended >/dev/null 2>err
	is "corrections: a run goes on with the same alone" 65 $?
	matches "corrections: and says that the data are others" 'the data changed since the run began' "$(cat err)"
fi

head -n 3 "$reviews" >two.csv
"$revue" train two.csv -m tiny -o one_step --num-train-epochs 1 --validation 0 >out 2>err
matches "train: one step is one step" '^finished after 1 step in' "$(cat out)"
matches "train: and is announced so" '^revue: 1 step; ' "$(cat err)"

"$revue" train --resume broken --seed 3 >/dev/null 2>err
is "resume: takes no other options" 2 $?

# eval

"$revue" eval "$reviews" -m run/model --format json >json 2>/dev/null
is "eval: JSON" 0 $?
is "eval: rows" "377 377 {} 377" "$(for path in rows used skipped; do "$parse" json $path <json; done | tr '\n' ' ')$(
	"$parse" json confusion_matrix <json | tr -c '0-9\n' ' ' | awk '{ print $1 + $2 + $3 + $4 }')"
is "eval: accuracy is the diagonal" "" "$("$parse" json confusion_matrix <json | tr -c '0-9\n' ' ' | awk -v accuracy="$(
	"$parse" json accuracy <json)" '{ x = ($1 + $4) / 377; if (x - accuracy > 1e-6 || accuracy - x > 1e-6) print x, accuracy }')"
is "eval: F1 of the second label" "$("$parse" json labels.1.f1 <json)" "$("$parse" json f1 <json)"
is "eval: support" "191 186" "$("$parse" json labels.0.support <json) $("$parse" json labels.1.support <json)"
is "eval: text" "$(cat <<END
accuracy   N   95 % N to N
loss       N
precision  N
recall     N
F1         N   95 % N to N
macro      precision N  recall N  F1 N
weighted   precision N  recall N  F1 N
agreement  balanced accuracy N  MCC N  kappa N
ranking    ROC-AUC N  PR-AUC N
certainty  Brier score N  ECE N, by chance N

label                 precision     recall         F1    reviews
negative                 N     N     N        191
positive                 N     N     N        186

is / predicted        negative  positive
END
)" "$("$revue" eval "$reviews" -m run/model 2>/dev/null | figures | head -n 16)"
matches "eval: rows and truncated" '^377 rows: 377 used, 0 skipped; [0-9]+ truncated$' \
	"$("$revue" eval "$reviews" -m run/model 2>/dev/null)"
printf 'text,label\ngood,1\nbad,0\nfine,True\n' >numbers.csv
is "eval: labels may be numbers and truths" 3 "$("$revue" eval numbers.csv -m run/model --format json 2>/dev/null | "$parse" json used)"

printf 'label,opinion\n1.0,good film\n0,bad film\n1,fine film\nnan,no film\n0.0,new film\n' >spelled.csv
"$revue" eval spelled.csv -m run/model >out 2>err
matches "eval: the columns that it took" \
	'^revue: spelled.csv: text "opinion" \(guessed; --text-column names another\), label "label" \(guessed; ' "$(cat err)"
matches "eval: a number is one label however it is written, and a word for a missing value none" \
	'^5 rows: 4 used, 1 skipped \(1 no label \(nan 1\) on line 5\)' "$(cat out)"
"$revue" train spelled.csv -m tiny -o spelled --num-train-epochs 1 --validation 0 >/dev/null 2>err
matches "train: numbers of one value are one label" '^revue: labels: negative 2 \(50 %\), positive 2 \(50 %\)$' "$(cat err)"
matches "train: it says which label of the model a number is" \
	'^revue: the data.s label "0" is negative, "1" is positive$' "$(cat err)"

printf 'text,label\ngood \303\251\303\251\303\251 \377,positive\nbad \376,\nbad,negative\n' >invalid.csv
matches "eval: what was replaced in a row that is skipped counts too" '2 invalid UTF-8 sequences replaced' \
	"$("$revue" eval invalid.csv -m run/model 2>&1)"

# watch and info

"$revue" watch run >out 2>err </dev/null
is "watch: a finished run ends at once" 0 $?
matches "watch: the result" '^run: finished after [0-9]+ steps' "$(cat out)"
matches "watch: what happened" '^revue: step 22, epoch 1.00: validation loss' "$(cat err)"
matches "info: the machine" '^processor +.' "$("$revue" info)"
matches "info: a model's labels" '^labels +negative, positive$' "$("$revue" info run/model)"
cp -r run/model 'two
lines'
is "info: a line a fact, whatever the path" 0 "$("$revue" info 'two
lines' | grep -c '^lines')"
is "info: JSON of a model" 600 "$("$revue" info --format json run/model | "$parse" json vocab_size)"
is "info: the head of a new model is not trained" "false" "$("$revue" info --format json tiny | "$parse" json trained_head)"
is "info: JSON of a run" '"0.002"' "$("$revue" info --format json run | "$parse" json learning_rate)"
is "info: the steps of a run and of an epoch" '44 22' "$("$revue" info --format json run | "$parse" json steps) $(
	"$revue" info --format json run | "$parse" json steps_per_epoch)"
raw=$(printf 'caf\351-\303\251')
cp -r tiny "$raw"
is "info: JSON is UTF-8 whatever a path holds" "0 $(printf '1 caf\357\277\275-\303\251')" "$(
	"$revue" info --format json "$raw" >raw.json
	"$parse" json <raw.json >/dev/null
	printf '%s %s %s' $? "$(grep -c "$(printf 'caf\357\277\275-\303\251')" raw.json)" "$(printf 'caf\357\277\275-\303\251')")"
is "info: JSON of the machine" 0 "$("$revue" info --format json | "$parse" json >/dev/null; echo $?)"

done_testing
