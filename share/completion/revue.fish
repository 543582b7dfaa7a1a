# fish completion for revue
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Asks the program that is installed, so that both always know the same options.
revue completion fish 2>/dev/null | source
