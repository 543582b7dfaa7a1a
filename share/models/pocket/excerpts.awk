# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes every review of a CSV file (review, label; a header) and, behind each, EXCERPTS runs of one to three of its
# sentences under the same label, so that a model learned from the result has seen short texts too:
#
#   awk -v EXCERPTS=8 -f excerpts.awk imdb_train.csv >excerpts.csv
#
# The same in every awk: numbers are drawn from a linear congruential generator (modulus 2^31, Marsaglia's
# multiplier 69069), not from rand().

BEGIN {
	RS = "\"" # records of odd number stand outside quotes, of even number inside
	state = 42
}

function draw(n) {
	state = (state * 69069 + 1) % 2147483648
	return int(state / 2147483648 * n)
}

function write(text) {
	gsub(/"/, "\"\"", text)
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

function row_end(    count, i) {
	if (rows++ == 0) {
		print "review,label"
	} else if (column > 0) {
		label = field[1]
		write(field[0])
		count = sentences(field[0])
		for (i = 0; count && i < EXCERPTS; i++)
			write(excerpt(count))
	}
	column = 0
	field[0] = field[1] = ""
}

function outside(text,    line, part, n, m, i, j) {
	sub(/\r$/, "", text)
	n = split(text, line, "\n")
	for (i = 1; i <= n; i++) {
		m = split(line[i], part, ",")
		for (j = 1; j <= m; j++) {
			column += j > 1
			field[column] = field[column] part[j]
		}
		if (i < n)
			row_end()
	}
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
	if (column > 0)
		row_end()
}
