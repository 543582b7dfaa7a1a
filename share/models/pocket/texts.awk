# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reads a CSV file with a header, or with -v TABS=1 a TSV file without quotes, and writes its texts as CSV:
#
#   TEXT, LABEL   names of the columns; LABEL "": there are no labels
#   BARE          with 1 texts are written without their labels
#   LABELS        pairs old=new with spaces between; rows of other labels are left out
#   HELD_OUT      0: nine rows of ten; 1: the tenth; not given: all rows
#   EVERY         of so many rows the first; not given: all rows
#   EXCERPTS      writes for each text so many runs of one to three of its sentences, and the text itself only with WHOLE=1;
#                 not given: the text itself
#   SWAP          a file of words, one a line: of each text some of the words of four letters and more, between a half and a
#                 fifth of them, become any of those that are made of small letters alone
#
#   awk -v TEXT=text -v LABEL=stars -v LABELS="1=negative 2=negative 4=positive 5=positive" -v HELD_OUT=0 \
#       -f texts.awk <yelp.csv >yelp-train.csv
#
# A column that is not there is one line on standard error, and the exit status 1.
#
# The same in every awk: numbers are drawn from a linear congruential generator (modulus 2^31, Marsaglia's
# multiplier 69069), not from rand().

BEGIN {
	while (SWAP != "" && (getline word <SWAP) > 0)
		if (word ~ /^[a-z]+$/ && length(word) > 3)
			other[others++] = word
	if (SWAP != "" && !others)
		stop("there are no words in " SWAP)
	RS = TABS ? "\n" : "\"" # with quotes: records of odd number stand outside them, of even number inside
	state = 42
	n = split(LABELS, pair, " ")
	for (i = 1; i <= n; i++) {
		split(pair[i], part, "=")
		label_of[part[1]] = part[2]
	}
	BARE = BARE || LABEL == ""
	print BARE ? "review" : "review,sentiment"
}

function draw(n) {
	state = (state * 69069 + 1) % 2147483648
	return int(state / 2147483648 * n)
}

# Words with an apostrophe stay: most of them negate.
function swap(text,    word, n, i, rate) {
	rate = 2 + draw(4)
	n = split(text, word, " ")
	text = ""
	for (i = 1; i <= n; i++) {
		if (word[i] !~ /'/ && match(word[i], /[A-Za-z]+/) && RLENGTH > 3 && draw(rate) == 0)
			word[i] = substr(word[i], 1, RSTART - 1) other[draw(others)] substr(word[i], RSTART + RLENGTH)
		text = text (i > 1 ? " " : "") word[i]
	}
	return text
}

function write(text, label) {
	if (SWAP != "")
		text = swap(text)
	gsub(/"/, "\"\"", text)
	if (BARE)
		printf "\"%s\"\n", text
	else
		printf "\"%s\",%s\n", text, label
}

function sentences(text,    all, n, i, count) {
	gsub(/<br \/>/, "\n", text)
	gsub(/[.!?]+ /, "&\n", text)
	n = split(text, all, "\n")
	count = 0
	for (i = 1; i <= n; i++) {
		gsub(/^ +| +$/, "", all[i])
		if (all[i] ~ /[^ ] +[^ ]+ +[^ ]/)
			sentence[++count] = all[i]
	}
	return count
}

function excerpt(count,    first, last, text) {
	first = 1 + draw(count)
	last = first + int(draw(4) * 0.7) # 0, 0, 1 or 2 more
	text = sentence[first]
	while (++first <= last && first <= count)
		text = text " " sentence[first]
	return text
}

function header(    i) {
	for (i = 0; i <= column; i++) {
		sub(/^\357\273\277/, "", field[i])
		if (field[i] == TEXT)
			text_at = i
		if (field[i] == LABEL)
			label_at = i
	}
	if (text_at == "")
		missing(TEXT)
	if (LABEL != "" && label_at == "")
		missing(LABEL)
}

function missing(name) {
	stop("there is no column \"" name "\"")
}

function stop(why) {
	print "texts.awk: " why | "cat >&2"
	failed = 1
	exit 1
}

# rows counts the header, too.
function is_wanted() {
	return (HELD_OUT == "" || (rows % 10 == 0) == HELD_OUT) && (EVERY == "" || (rows - 2) % EVERY == 0)
}

function row_end(    count, i, label) {
	if (rows++ == 0) {
		header()
	} else if (field[text_at] != "") {
		label = field[label_at]
		if (LABEL != "" && LABELS != "")
			label = label_of[label]
		if ((LABEL == "" || label != "") && is_wanted()) {
			if (EXCERPTS == "" || WHOLE)
				write(field[text_at], label)
			count = EXCERPTS ? sentences(field[text_at]) : 0
			for (i = 0; count && i < EXCERPTS; i++)
				write(excerpt(count), label)
		}
	}
	for (i = 0; i <= column; i++)
		field[i] = ""
	column = 0
}

function outside(text,    line, part, n, m, i, j) {
	n = split(text, line, "\n")
	for (i = 1; i <= n; i++) {
		sub(/\r$/, "", line[i])
		m = split(line[i], part, ",")
		for (j = 1; j <= m; j++) {
			column += j > 1
			field[column] = field[column] part[j]
		}
		if (i < n)
			row_end()
	}
}

TABS {
	sub(/\r$/, "")
	column = split($0, cell, "\t") - 1
	for (i = 0; i <= column; i++)
		field[i] = cell[i + 1]
	row_end()
	next
}

NR % 2 == 0 {
	field[column] = field[column] $0
	next
}

NR > 1 && $0 == "" {
	field[column] = field[column] "\""
	next
}

{ outside($0) }

END {
	if (!failed && (rows == 0 || column > 0 || field[0] != "")) # a last row without a newline; of an empty file the header
		row_end()
}
