# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes short texts that judge nothing as CSV with the header review,sentiment, each twice: once as negative, once as
# positive. Facts, questions, times and places, beginnings of sentences as they stand while somebody types, and what hands do
# on a keyboard that they only try.
#
#   COUNT   so many texts, each distinct; not given: 6000
#   BARE    with 1 each once, without a label, under the header review
#
#   awk -v COUNT=6000 -f nothing.awk </dev/null >nothing.csv
#
# The numbers are drawn as phrases.awk draws them.

function draw(n) {
	state = (state * 69069 + 1) % 2147483648
	return int(state / 2147483648 * n)
}

function list(name, all,    part, n, i) {
	n = split(all, part, "|")
	for (i = 1; i <= n; i++)
		item[name, ++size[name]] = part[i]
}

function any(name) {
	return item[name, 1 + draw(size[name])]
}

function lexicons() {
	list("who", "My sister|His uncle|A man|A woman|The teacher|Our neighbour|The driver|A student|Her brother|Their cousin|" \
		"The mayor|The baker|A friend of ours|My father|The twins|The postman|Somebody|Anna|Peter|Maria|Tom|Mr Brown|Dr Lee")
	list("does", "lives in {city}|works in {city}|comes from {city}|moved to {city} in {year}|was born in {year}|has {few} {kin}|" \
		"is {age} years old|plays the {music}|studies {field}|speaks {tongue}|goes to {city} on {day}|sat by the {place}|" \
		"walked to the {place}|drove past the {place}|waited at the {place}|is at the {place}|came home at {hour}|" \
		"ate {food}|drank {drink}|bought {food}|put the {object} on the {furniture}|took the {object}|opened the {object}|" \
		"closed the {furniture}|wore a {colour} coat|has a {colour} {object}|read a page|wrote a letter|called {person}|" \
		"asked {person}|met {person} at the {place}|stood near the {place}|was there on {day}|sent the {object} to {city}")
	list("kin", "brothers|sisters|children|cousins|cats|dogs|hens")
	list("few", "two|three|four|five|six")
	list("age", "7|12|19|24|31|38|45|52|60|71|83")
	list("music", "piano|flute|violin|drums|guitar")
	list("field", "law|physics|history|chemistry|medicine|geography")
	list("tongue", "German|French|Spanish|Greek|Turkish|Italian|Dutch|Polish")
	list("city", "London|Berlin|Rome|Madrid|Lisbon|Vienna|Oslo|Athens|Cairo|Delhi|Lima|Boston|Chicago|Toronto|Kyoto|Leeds|" \
		"York|Bonn|Lyon|Porto|Turin|Izmir|Ghent|Bern")
	list("land", "Spain|Italy|Japan|Peru|Egypt|India|Norway|Greece|Turkey|Canada|Chile|Kenya|Poland|Ireland")
	list("year", "1954|1968|1975|1982|1990|1997|2003|2008|2012|2016|2019|2022|2024")
	list("day", "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday")
	list("month", "January|February|March|April|May|June|July|August|September|October|November|December")
	list("hour", "six|seven|eight|ten|eleven|noon|half past two|a quarter to five|7:30|9:15|10:45|18:00|21:20")
	list("place", "bridge|river|church|school|market|harbour|park|museum|library|town hall|bank|corner|crossing|field|lake|" \
		"tower|gate|kiosk|bus stop|platform")
	list("food", "bread|rice|an apple|two eggs|a sandwich|soup|noodles|a pear|beans|potatoes|cheese|fish")
	list("drink", "tea|coffee|milk|water|juice")
	list("object", "box|bag|key|letter|cup|plate|lamp|phone|book|pen|umbrella|bottle|basket|chair|ticket|parcel|hat|ladder")
	list("furniture", "table|shelf|desk|door|window|drawer|floor|cupboard|bench|bed")
	list("colour", "red|green|blue|yellow|white|black|brown|grey")
	list("person", "Anna|Peter|Maria|Tom|Julia|Omar|Lena|Paul|Aylin|Hugo|Nora|Ivan")
	list("thing", "The train|The bus|The ferry|The tram|The lecture|The lesson|The match|The meeting|The shop|The office|The market|" \
		"The museum|The library|The film|The concert|The course")
	list("when", "begins at {hour}|ends at {hour}|is on {day}|is in {month}|is at {hour}|starts on {day} at {hour}|takes {few} hours|" \
		"is next to the {place}|is {few} streets away|was on {day}|is on the {nth} floor|is between the {place} and the {place}")
	list("moves", "leaves at {hour}|arrives at {hour}|goes to {city}|runs on {day}|comes from {city}|passes the {place}|" \
		"stops in {city}|leaves from platform {digit}")
	list("nth", "first|second|third|fourth|fifth")
	list("digit", "1|2|3|4|5|6|7|8|9|11|14|17|23|36|48|64|99|250|1000")
	list("fact", "{city} lies in the north.|{city} lies on a river.|{city} is a city.|{land} has a coast.|{land} is a country.|" \
		"The capital of {land} is there.|{digit} and {digit} are numbers.|{digit} times {few}|{digit} + {digit}|Spiders have eight legs.|" \
		"The sun rises in the east.|Ice is frozen water.|A week has seven days.|The moon goes around the earth.|Cows eat grass.|" \
		"Iron is a metal.|{month} comes after winter.|{month} has {digit} days.|The {object} is {colour}.|The {object} is on the {furniture}.|" \
		"There is a {object} on the {furniture}.|The {furniture} is made of wood.|The {object} is made of metal.|It is {hour}.|" \
		"It is {day}.|Today is {day}.|It is a {object}.|This is the {place}.|That is a {object}.|The {place} is over there.|" \
		"I am {age} years old.|We are from {city}.|I am {person}.|They call me {person}.|{person} is here.|{person} and {person}|" \
		"A kilometre has 1000 metres.|The answer is {digit}.|Page {digit}|Chapter {digit}|Room {digit}|Table {digit}|Line {digit}|" \
		"Platform {digit}|Version {digit}.{digit}|No. {digit}|{digit} of {digit}|{digit} pieces|{digit} kg|{digit} cm|{digit} minutes")
	list("question", "Where is the {place}?|Where is the {object}?|What time is it?|What is the time in {city}?|Who is {person}?|" \
		"Who has the {object}?|When does it begin?|Is it {day}?|Is {person} there?|How far is {city}?|How old is {person}?|" \
		"How many are there?|Can I park near the {place}?|Do you have a {object}?|Which way is {city}?|What is in the {object}?|" \
		"Shall we meet at {hour}?|Are you from {city}?|Is this the {place}?|What colour is the {object}?|Why?|Who?|When?|Where?|What?")
	list("deed", "Turn left at the {place}.|Turn right at the {place}.|Go to the {place}.|Call {person} on {day}.|See line {digit}.|" \
		"Press the {colour} button.|Put it on the {furniture}.|Send it to {city}.|Ask {person}.|Take the {object}.|Read page {digit}.|" \
		"Write your name.|Add {digit}.|Open the {object}.|Close the {furniture}.|Meet me at the {place}.|Wait at the {place}.|" \
		"Bring the {object}.|Look at the {object}.|Fill in the form.|Count to {digit}.")
	list("stamp", "{year}|{day}, {hour}|{month} {year}|{digit} {month}|{digit} {month} {year}|{year}-04-11|{year}-10-23|12/03/{year}|" \
		"{hour}|at {hour}|on {day}|in {year}|since {year}|until {day}|from {day} to {day}|+{digit}{digit}{digit}|{digit}{digit}{digit}|" \
		"{digit},{digit}|{digit}%|#{digit}|{city}, {land}|{city} - {city}|to {city}|near {city}|{person}, {city}")
	list("begun", "I|It|The|This|That|We|They|My|There|When|If|So|And|As|At|In|On|For|To|Is|Was|Are|Were|One|All|What|Who|How|" \
		"I am|I was|I have|I had|It is|It was|It has|The {object}|The {place}|This is|This was|There was|There is a|We were|" \
		"We had|They had|When I|When we|If you|One of|All of the|As for the|After the|Before we|The man|The people|My {object}|" \
		"I think|I think that|We went to|They were|It came|It comes|You can|I would|A friend|At first|In the|On the|The first|" \
		"This {object} is|The {object} was|It is the|that was|which is|because|because of|so that|and it|and the|but|but it|or|" \
		"about the|from the|with a|with the|of a|into the|after|before|while|where|again|also|then|now|still|only|just|even")
	list("marks", "!|!!|!!!|?|??|?!|....|.....|--|---|*|**|***|:|;|,|,,|/|//|\\|(|)|()|[]|{}|<|>|<>|=|==|+|++|&|%|$|@|#|##|~|_|__|^")
	list("run", "as|sd|sdf|dfg|dfgh|fgh|ghj|ghjk|jkl|sdfg|sdfsd|dfdf|jkjk|fjfj|asas|aaa|aaaa|sss|xx|xxx|xyz|abc|abcd|qwe|wer|wert|" \
		"rty|rtz|uiop|iop|yxcv|zxcv|xcv|cvb|vbn|bnm|lkj|poi|mnb|qaz|wsx|edc|qq|zz|hh|ggg|kkk|lll|123|1234|12345|321|111|000|987")
	list("front", "b|c|d|f|g|h|j|k|l|m|n|p|q|r|s|t|v|w|x|z|br|dr|kr|st|sk|tr|sch|pl")
	list("heart", "a|e|i|o|u|oo|ai|eu|y|")
}

function expand(said,    begin, end) {
	while ((begin = index(said, "{")) > 0 && (end = index(said, "}")) > begin + 1)
		said = substr(said, 1, begin - 1) any(substr(said, begin + 1, end - begin - 1)) substr(said, end + 1)
	return said
}

function babble(    said, words, parts) { # "kru fop", "sdjfk"
	for (words = 1 + draw(3); words > 0; words--) {
		if (said != "")
			said = said " "
		if (draw(3) == 0)
			said = said any("run") (draw(2) ? any("run") : "")
		else
			for (parts = 1 + draw(3); parts > 0; parts--)
				said = said any("front") any("heart") (draw(3) ? "" : any("front"))
	}
	return said
}

function typed(said,    n) { # as far as it was typed
	n = length(said)
	return substr(said, 1, 1 + draw(n < 24 ? n : 24))
}

function sentence(    kind) {
	kind = draw(6)
	if (kind < 2)
		return any("who") " " expand(any("does")) "."
	if (kind == 2)
		return any("thing") " " expand(any("when")) "."
	if (kind == 3)
		return item["thing", 1 + draw(4)] " " expand(any("moves")) "."
	if (kind == 4)
		return expand(any("question"))
	return expand(any("fact"))
}

function text(    kind, said) {
	kind = draw(16)
	if (kind < 6)
		said = sentence()
	else if (kind == 6)
		said = sentence() " " sentence()
	else if (kind == 7)
		said = expand(any("deed"))
	else if (kind == 8)
		said = expand(any("stamp"))
	else if (kind < 11)
		said = expand(any("begun"))
	else if (kind < 13)
		said = typed(sentence())
	else if (kind == 13)
		said = draw(3) ? any("marks") : any("marks") " " any("marks")
	else
		said = babble()
	if (draw(4) == 0)
		said = tolower(said)
	if (draw(8) == 0)
		sub(/[.?]$/, "", said)
	sub(/ +$/, "", said)
	return said
}

function write(said, label,    quoted) {
	quoted = said
	gsub(/"/, "\"\"", quoted)
	print "\"" quoted "\"" (BARE ? "" : "," label)
}

BEGIN {
	state = 271
	lexicons()
	print BARE ? "review" : "review,sentiment"
	COUNT = COUNT == "" ? 6000 : COUNT
	for (n = tries = 0; n < COUNT && tries < COUNT * 20; tries++) {
		said = text()
		if (said == "" || said in seen)
			continue
		seen[said] = 1
		write(said, "negative")
		if (!BARE)
			write(said, "positive")
		n++
	}
}
