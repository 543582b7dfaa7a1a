#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue runs: the table of runs, in three forms; what of a run is noted.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

mkdir -p all/deep all/broken all/strange
mv run all/deep/two
"$revue" train "$reviews" -m tiny -o all/one --num-train-epochs 1 --max-length 48 --learning-rate 1e-4 >/dev/null 2>&1
echo '{' >all/broken/run.json
printf '{"options":{},"data":{"path":"\033[2J"}}' >all/strange/run.json
echo "a first try" >all/one/notes

is "text: a line a run below its heading" 5 "$("$revue" runs all | grep -c .)"
is "text: no escape sequence reaches the terminal" 0 "$("$revue" runs all --columns name,data,state | grep -c "$(printf '\033')")"
is "csv: settings and results by name" "name,state,num-train-epochs,note
broken,unreadable,,
deep/two,finished,2,
one,finished,1,a first try
strange,unreadable,," "$("$revue" runs all --format csv --columns name,state,num-train-epochs,note)"
is "sort: by a setting, the other way round, what has none last" "name
deep/two
one
broken
strange" "$("$revue" runs all --format csv --columns name --sort learning_rate --reverse)"
"$revue" runs all --format json >runs.json
"$parse" json <runs.json >/dev/null
is "json: is JSON" 0 $?
is "json: numbers are numbers, nothing is null" 1 "$(grep -c '"name": "one", .*"num-train-epochs": 1,.*"corrections": null' runs.json)"
"$revue" runs all --columns name,acuracy 2>err
is "columns: a wrong one" 2 $?
is "columns: and the nearest" 'revue: --columns: there is no column "acuracy": did you mean "accuracy"?' "$(cat err)"
"$revue" runs nowhere 2>err
is "no such folder" 74 $?
is "info: tells the note" "a first try" "$("$revue" info all/one --format json | sed -n 's/.*"note": "\(.*\)".*/\1/p')"
is "info: a run without one has none" 0 "$("$revue" info all/deep/two --format json | grep -c '"note"')"
is "the scores are kept" '{"format":1,' "$(head -c 12 all/one/held_out.scores)"
done_testing
