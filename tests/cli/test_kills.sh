#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Twenty kills over trainings of every kind (adapters, in 4 bits, early stopping, ...): the kill loop of tests/stress, in short.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"

PARTS=kills KILLS=20 FAULTS=none sh "$source_folder/tests/stress/stress.sh" >out 2>err
is "kills: each training ends as the undisturbed one" 0 $?
is "kills: and nothing else is said" "" "$(grep -v '^kills: \|^ok - kills$' out; cat err)"
matches "kills: some came after a checkpoint" '^kills: [2-9][0-9]+, [1-9][0-9]* of them' "$(cat out)"

done_testing
