# bash completion for revue -*- shell-script -*-
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Asks the program that is installed, so that both always know the same options.
eval "$(revue completion bash 2>/dev/null)"
