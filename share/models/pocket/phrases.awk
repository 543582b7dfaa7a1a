# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes short made-up reviews as CSV with the header review,sentiment, from a grammar of templates and lexicons:
#
#   COUNT   so many texts, each distinct, half of them positive; not given: 60000
#   EMPTY   with 1 texts that say nothing are written instead, each twice: once as negative, once as positive
#
#   awk -v COUNT=60000 -f phrases.awk </dev/null >phrases.csv
#
# A template is written for one label or for both. In it stand
#
#   {word}       a slot: a word of the lexicon of that name, from the label's side where the lexicon has two sides
#   {-word}      from the other side: "{subj} {isnt} {-adj}" gives "is not slow" as positive, "is not fast" as negative
#   [one|two]    one of them, which may hold slots
#
# and {is}, {it}, {s} and the like agree with the thing that a text is about. Each thing has a domain:
#
#   k kitchen and home   e electronics   c clothes and bags   h lodgings   q their parts   f food   r restaurants
#   b books   m films, shows, music   s services   a apps   t travel   w people
#
# The same in every awk: numbers are drawn from a linear congruential generator (modulus 2^31, Marsaglia's
# multiplier 69069), not from rand().

function draw(n) {
	state = (state * 69069 + 1) % 2147483648
	return int(state / 2147483648 * n)
}

# Lexicons. side: "+", "-" or "" for words without sides; domain "*": any.
function words(domain, name, side, list,    part, n, i, key) {
	key = domain name side
	n = split(list, part, "|")
	for (i = 1; i <= n; i++)
		item[key, ++size[key]] = part[i]
}

function things(domain, singular, plural, got, get) {
	words(domain, "thing1", "", singular)
	if (plural != "")
		words(domain, "thing2", "", plural)
	words(domain, "got", "", got)
	words(domain, "get", "", get)
}

function sides(domain, name, up, down) {
	words(domain, name, "+", up)
	words(domain, name, "-", down)
}

function lexicons(    i) {
	sides("*", "adj", \
		"good|great|nice|lovely|pleasant|impressive|special|memorable|worthwhile|convincing|satisfying|remarkable|enjoyable|" \
		"worth the money|worth the price|worth recommending|worth it|good value|up to standard|up to scratch|" \
		"high quality|first rate|interesting|appealing|well thought out", \
		"bad|poor|disappointing|mediocre|unpleasant|annoying|frustrating|overpriced|underwhelming|a letdown|inferior|" \
		"a waste of money|a disappointment|a waste of time|a rip-off|second rate|shoddy|irritating|dull|lousy|" \
		"low quality|regrettable|a mistake|overrated|badly thought out")
	sides("*", "top", \
		"excellent|superb|perfect|wonderful|fantastic|amazing|brilliant|outstanding|terrific|marvellous|fabulous|" \
		"awesome|splendid|delightful|exceptional|magnificent|flawless|a joy|a gem|a treat|a pleasure|first class|" \
		"lovely|impressive|great|a triumph|a bargain|a delight", \
		"awful|terrible|horrible|dreadful|appalling|atrocious|abysmal|pathetic|useless|worthless|a disaster|a joke|" \
		"a nightmare|rubbish|garbage|ghastly|hopeless|a disgrace|a sham|unacceptable|dire|lousy|a total mess|" \
		"a complete failure|infuriating|miserable|shocking|an insult")
	sides("*", "whole", \
		"excellent|superb|wonderful|fantastic|amazing|brilliant|outstanding|terrific|fabulous|great|lovely|good|" \
		"impressive|delightful|exceptional|nice|charming|remarkable|marvellous|memorable", \
		"awful|terrible|horrible|dreadful|appalling|atrocious|abysmal|pathetic|dire|bad|poor|disappointing|" \
		"mediocre|lousy|frustrating|miserable|shoddy|unpleasant|underwhelming|overpriced")
	sides("*", "more", "better|better made|more impressive|nicer|more pleasant|more enjoyable", \
		"worse|more disappointing|more annoying|more frustrating|poorer|more unpleasant")
	sides("*", "one", "good point|redeeming feature|nice touch|thing to praise|redeeming quality|thing I liked", \
		"problem|flaw|fault|complaint|disappointment|bad point|weak point|defect|thing to fault")
	sides("*", "mass", "quality|care|charm|value|attention to detail|imagination", \
		"fuss|trouble|nonsense|hassle|problems|unpleasant surprises|disappointments")
	sides("*", "mild", "cheap|pretty|nice to look at|well advertised|famous|popular|good on paper", \
		"not cheap|a bit plain|a little dated|far from cheap|not pretty|nothing to look at|a little expensive")
	sides("*", "noun", "joy|delight|bargain|gem|success|treat|pleasure|triumph|winner|hit", \
		"letdown|disaster|failure|nightmare|rip-off|mess|joke|disappointment|flop|mistake")
	sides("*", "feel", "happy|pleased|delighted|thrilled|impressed|satisfied|over the moon", \
		"disappointed|annoyed|unhappy|frustrated|angry|fed up|let down|furious")
	sides("*", "bits", "quality|result|experience|service|standard", "quality|result|experience|service|standard")
	words("*", "person", "", "my wife|my husband|my mother|my father|my sister|my brother|a friend|my neighbour|" \
		"a colleague|my daughter|my son|my boss|my aunt")
	words("*", "teller", "", "my wife|my husband|my mother|a friend|my neighbour|a colleague|everyone|the reviewer|the salesman|" \
		"my boss|the critic|the brochure|the website")
	words("*", "time", "", "a week|two weeks|a month|six months|a year|three days|a few days|two years|a while")
	words("*", "month", "", "January|February|March|April|May|June|July|August|September|October|November|December")
	words("*", "very", "", "very|really|so|truly|quite|absolutely|just|simply|pretty|thoroughly")
	words("*", "old1", "", "the old one|my last one|the previous one|the other one|the one before|the cheaper one|the dearer one")
	words("*", "although", "", "although|even though|though")
	words("*", "detail", "", "colour|box|design|packaging|manual")
	words("h", "detail", "", "lobby|corridor|car park|sign|decor")
	words("r", "detail", "", "car park|entrance|music|decor|sign")
	words("b", "detail", "", "cover|title|blurb|first page")
	words("m", "detail", "", "title|poster|trailer|first scene")
	words("a", "detail", "", "icon|name|colour scheme|start screen")
	words("t", "detail", "", "brochure|meeting point|ticket office|waiting room")
	words("*", "fault", "", "scratch|delay|flaw|hitch|problem")
	words("*", "pain", "", "waiting|noise|wasting money|throwing money away|headaches|disappointment|being ignored|queues|" \
		"being bored|bad manners|repeating yourself|chaos|cold coffee|surprises on the bill")
	words("*", "joy", "", "comfort|peace and quiet|good design|being looked after|good company|a relaxed evening|kindness|" \
		"good manners|being spoilt|a good laugh|things that work|fine craftsmanship")
	words("*", "bother", "", "update that breaks everything|broken zip|queue|charger that doesn't fit|crash|hidden fee|delay|" \
		"late delivery|error message|stain|missing screw|refund form|broken promise|dead battery|wrong order|excuse|" \
		"{adj0} {thing1}|{thing1} that {failsone}")
	words("*", "opener", "", "honestly, |I have to say, |well, |to be honest, |in my opinion, |frankly, |so, |overall, |" \
		"all in all, |in short, |for me, |to be fair, |I must say, |update: |in the end, |as far as I am concerned, ")
	words("*", "old", "", "the old one|my last one|the previous one|the other one|the one before|its rival|" \
		"the cheaper one|the one I had before|the one my sister has|the price suggests|the reviews suggest|the pictures suggest")

	things("k", "kettle|toaster|blender|vacuum cleaner|coffee maker|iron|fan|lamp|heater|dishwasher|frying pan|knife|mixer|" \
		"rice cooker|washing machine|fridge|mattress|desk|chair|lawn mower|drill|microwave|air fryer|hairdryer", \
		"scissors|curtains|knives|pans|light bulbs|scales", "bought|ordered|got", "buy")
	sides("k", "adj", "sturdy|reliable|practical|easy to clean|well made|solid|efficient|durable|easy to use|handy", \
		"flimsy|unreliable|impractical|hard to clean|badly made|wobbly|clumsy|fragile|hard to use|cheaply made")
	sides("k", "more", "quieter|faster|sturdier|easier to clean|easier to use|more reliable|more efficient|handier", \
		"louder|slower|flimsier|harder to clean|harder to use|less reliable|less efficient|clumsier")
	sides("k", "act", "work|last|do {its} job|clean up easily|work as described|save time", \
		"leak|break|overheat|rattle|jam|smell of plastic|rust|make a racket|get in the way")
	words("k", "tail", "", "I {got} {obj} in {month}|{it} came in a box|we use {obj} at home|{it} {is} for the kitchen|" \
		"I use {obj} every morning|the colour is grey|I {got} {obj} for {person}")
	things("e", "phone|laptop|tablet|camera|keyboard|mouse|monitor|printer|router|smartwatch|speaker|charger|microphone|" \
		"television|power bank|webcam|radio|e-reader|hard drive|headset", "headphones|earbuds|speakers|batteries", \
		"bought|ordered|got", "buy")
	sides("e", "adj", "reliable|fast|responsive|well built|easy to set up|easy to use|durable|user friendly|powerful|handy", \
		"unreliable|slow|sluggish|badly built|hard to set up|hard to use|fragile|faulty|buggy|fiddly")
	sides("e", "more", "faster|lighter|quicker|more reliable|easier to use|easier to set up|more responsive|more durable", \
		"slower|clumsier|less reliable|harder to use|harder to set up|more fragile|buggier|less responsive")
	sides("e", "act", "work|last|connect properly|do {its} job|keep up|work as advertised|respond quickly", \
		"break|freeze|overheat|disconnect|buzz|fail|cut out|stop working|lose the connection")
	sides("e", "one", "useful feature", "dropout|glitch|hiccup")
	words("e", "tail", "", "I {got} {obj} in {month}|{it} came in a box|I use {obj} for work|I use {obj} on the train|" \
		"{it} {is} black|I {got} {obj} for {person}|the box has a manual in it")
	things("c", "jacket|coat|backpack|suitcase|handbag|sweater|shirt|dress|umbrella|hat|scarf|wallet|belt|sleeping bag|tent", \
		"shoes|boots|jeans|trousers|gloves|socks|sandals|sunglasses|trainers", "bought|ordered|got", "buy")
	sides("c", "adj", "well made|durable|stylish|sturdy|practical|flattering|well stitched|good looking|waterproof", \
		"flimsy|badly made|ugly|poorly stitched|cheaply made|shapeless|impractical|fragile|unflattering")
	sides("c", "more", "sturdier|more durable|more practical|better looking|more stylish|tougher", \
		"flimsier|less durable|less practical|uglier|shabbier|less stylish")
	sides("c", "act", "last|hold up|keep the rain out|do {its} job|look good|survive the winter", \
		"rip|fade|fray|leak|fall apart|smell of glue|lose {its} shape|tear|look cheap")
	words("c", "tail", "", "I {got} {obj} in {month}|{it} came in a bag|the colour is blue|I {got} {obj} for {person}|" \
		"I ordered the larger size|{it} {is} for the winter")
	things("h", "hotel|room|apartment|hostel|guesthouse|suite|villa|cabin|resort|inn|campsite|cottage|lodge|motel|holiday home", "", \
		"booked|chose|picked", "book")
	sides("h", "adj", "clean|quiet|comfortable|cosy|spacious|welcoming|well kept|spotless|peaceful|charming", \
		"dirty|noisy|uncomfortable|cramped|shabby|run down|smelly|filthy|damp|unwelcoming")
	sides("h", "more", "cleaner|quieter|cosier|more comfortable|more spacious|more welcoming|more peaceful", \
		"dirtier|noisier|shabbier|less comfortable|more cramped|less welcoming|smellier")
	sides("h", "act", "feel like home|look like the photos|deserve {its} stars|live up to {its} name|have all you need", \
		"smell of smoke|smell of damp|look run down|feel like a prison|need a good scrub|feel neglected|look tired")
	sides("h", "one", "clean towel|quiet night|friendly face|moment of peace|quiet corner", \
		"stain|speck of dust|unpleasant smell|noisy neighbour|bug")
	sides("h", "mass", "comfort|hot water|peace and quiet|privacy", "noise|dust|dirt|smells|mould")
	words("h", "tail", "", "we stayed for two nights|we arrived in the evening|we were there in {month}|we came by car|" \
		"it was a family holiday|it is close to the station|I was there with {person}")
	things("q", "bed|bathroom|shower|breakfast|view|lobby|pool|balcony|location|air conditioning|gym|terrace|garden|bar|lift", \
		"towels|sheets|pillows|windows|beds|rooms", "", "")
	sides("q", "more", "", "")
	sides("q", "act", "live up to the description|deserve praise|meet our expectations|match the photos|meet the standard", \
		"let the hotel down|fall short|spoil the stay|put us off|leave a bad impression|ruin the stay")
	words("q", "tail", "", "we stayed for two nights|we were there in {month}|we had room twelve|I was there with {person}")
	things("f", "soup|pizza|burger|curry|steak|salad|risotto|pasta|sandwich|cake|dessert|coffee|fish|lasagne|chicken|sushi|" \
		"omelette|stew|pie|bread|paella|ice cream|kebab|pudding|tea", "noodles|fries|pancakes|dumplings|vegetables|prawns|tacos", \
		"ordered|had|tried", "order")
	sides("f", "adj", "tasty|delicious|fresh|well seasoned|flavourful|full of flavour|cooked to perfection|mouth-watering|yummy", \
		"bland|stale|soggy|tasteless|greasy|overcooked|burnt|dry|inedible|oversalted")
	sides("f", "more", "tastier|fresher|more delicious|more flavourful|better seasoned|yummier", \
		"blander|soggier|greasier|staler|less fresh|more tasteless|drier")
	sides("f", "act", "taste right|taste fresh|hit the spot|taste homemade|smell good|look appetising", \
		"taste burnt|taste stale|fall short|leave a bad taste|smell odd|taste of cardboard|look unappetising")
	sides("f", "one", "fresh ingredient|decent bite|hint of flavour|bite worth eating", "greasy bite|burnt bit|dry bite|bland mouthful")
	sides("f", "mass", "flavour|taste|seasoning|freshness", "grease|lumps|burnt bits|gristle")
	words("f", "tail", "", "we ate at noon|I was there with {person}|{it} came on a plate|I {got} {obj} on a Friday|we sat by the window")
	things("r", "restaurant|cafe|bistro|bar|diner|bakery|pizzeria|canteen|pub|tea room|steakhouse|food truck|brasserie", "", \
		"visited|tried|chose", "visit")
	sides("r", "adj", "cosy|welcoming|friendly|charming|clean|inviting|relaxed|attentive", \
		"dirty|unwelcoming|chaotic|grubby|unfriendly|noisy|cramped|dingy")
	sides("r", "more", "cosier|friendlier|cleaner|more welcoming|more relaxed", "dirtier|noisier|less friendly|less welcoming|grubbier")
	sides("r", "act", "serve good food|make you feel welcome|use fresh ingredients|look after {its} guests|deserve {its} reputation", \
		"overcharge|rush {its} guests|cut corners|forget orders|serve cold food|keep you waiting|treat guests badly")
	sides("r", "one", "good dish|friendly face|decent meal|fresh ingredient", "bad dish|rude word|mistake|cold plate")
	sides("r", "mass", "atmosphere|good food|flavour|hospitality", "noise|long waits|rudeness|pretence")
	words("r", "tail", "", "we ate at noon|we were there in {month}|we sat by the window|there were four of us|I was there with {person}")
	things("b", "book|novel|biography|cookbook|thriller|sequel|memoir|story|comic|audiobook|guidebook|textbook", \
		"short stories|poems", "read|bought|finished", "read")
	sides("b", "adj", "gripping|well written|moving|witty|thoughtful|engaging|clever|original|absorbing|inspiring", \
		"boring|badly written|tedious|predictable|shallow|confusing|dreary|long-winded|pretentious|cliched")
	sides("b", "more", "more gripping|better written|wittier|cleverer|more original|more engaging|funnier", \
		"more boring|more tedious|more predictable|duller|more confusing|less original|shallower")
	sides("b", "act", "hold your attention|make sense|deliver|make you think|come to life|keep you guessing", \
		"drag|bore me|lose {its} way|run out of ideas|preach|fall flat|insult the reader")
	sides("b", "one", "memorable line|likeable character|surprise|good idea|laugh", "dull moment|wasted word|boring page|false note|cliche")
	sides("b", "mass", "wit|depth|suspense|humour|originality|feeling", "padding|cliches|repetition|kitsch")
	words("b", "tail", "", "I read {obj} in {month}|{it} {has} three hundred pages|I read {obj} on the train|{person} gave {obj} to me|I {got} {obj} for school")
	things("m", "film|movie|series|show|play|concert|documentary|comedy|musical|season finale|episode|drama|remake|album|pilot", "", \
		"saw|chose|tried", "see")
	sides("m", "adj", "funny|gripping|moving|well acted|clever|original|entertaining|exciting|captivating|hilarious", \
		"boring|tedious|predictable|badly acted|shallow|cheesy|unfunny|lifeless|forgettable|silly")
	sides("m", "more", "funnier|more gripping|more exciting|cleverer|more original|more entertaining", \
		"duller|more boring|more tedious|more predictable|sillier|less original|less entertaining")
	sides("m", "act", "hold your attention|make sense|deliver|keep you hooked|live up to the hype|stay with you", \
		"drag|bore me|lose {its} way|run out of ideas|fall flat|outstay {its} welcome|put me to sleep")
	sides("m", "one", "laugh|good scene|likeable character|surprise|memorable moment", "dull moment|wasted scene|false note|boring minute|weak scene")
	sides("m", "mass", "wit|depth|suspense|humour|originality|tension|energy", "cliches|padding|filler|kitsch|cheap tricks")
	words("m", "tail", "", "we saw {obj} on Friday|{it} runs for two hours|I was there with {person}|it was our first evening out|the theatre was full")
	things("s", "delivery service|repair service|cleaning company|bank|insurance|support line|moving company|garage|hairdresser|" \
		"gym|dentist's practice|online shop|internet provider|laundry|courier|pharmacy", "", "used|chose|tried", "use")
	sides("s", "adj", "reliable|helpful|professional|prompt|efficient|trustworthy|fast|well organised|competent|fair", \
		"unreliable|unhelpful|unprofessional|slow|inefficient|disorganised|dishonest|incompetent|chaotic|unfair")
	sides("s", "more", "faster|more reliable|more helpful|friendlier|more efficient|more professional", \
		"slower|less reliable|less helpful|ruder|less efficient|less professional")
	sides("s", "act", "keep {its} promises|answer the phone|solve problems|care about customers|call back|value {its} customers", \
		"ignore complaints|waste my time|charge hidden fees|overcharge|lose paperwork|make excuses|forget customers")
	sides("s", "one", "helpful answer|call back|apology|kind word", "delay|mistake|hidden fee|excuse|error on the bill")
	sides("s", "mass", "help|communication|respect|courtesy", "delays|excuses|hidden fees|paperwork|stress")
	words("s", "tail", "", "I called on a Monday|I {got} {obj} in {month}|I live near the centre|{person} also uses {obj}|I have an account there")
	things("a", "app|game|website|program|update|browser|plug-in|photo editor|banking app|weather app|map app|new version|" \
		"calendar app|music player|translator", "", "installed|downloaded|tried", "install")
	sides("a", "adj", "fast|stable|intuitive|easy to use|reliable|well designed|user friendly|smooth|responsive", \
		"slow|unstable|confusing|hard to use|buggy|badly designed|full of ads|clunky|sluggish")
	sides("a", "more", "faster|more stable|easier to use|smoother|more reliable|more intuitive", \
		"slower|less stable|harder to use|buggier|more confusing|clunkier")
	sides("a", "act", "work|load|sync|save my work|remember my settings|run smoothly|work offline", \
		"crash|freeze|lag|lose my data|drain the battery|log me out|nag me|stop working")
	sides("a", "one", "useful feature|successful login|quick answer from support", "crash|bug|glitch|ad|error message|freeze")
	sides("a", "mass", "useful features|stability|logic|speed", "ads|bugs|crashes|errors|pop-ups|lag")
	words("a", "tail", "", "I {got} {obj} in {month}|I have it on my phone|I use {obj} for work|{person} has {obj} too|{it} needs an account")
	things("t", "flight|train ride|tour|cruise|ferry|bus trip|boat trip|day trip|rental car|safari|transfer|excursion|city tour|walking tour", "", \
		"booked|took|chose", "book")
	sides("t", "adj", "smooth|comfortable|well organised|relaxing|punctual|stress-free|informative|safe", \
		"uncomfortable|badly organised|stressful|exhausting|late|chaotic|rushed|unsafe|tiring")
	sides("t", "more", "smoother|more comfortable|better organised|more relaxing|more punctual", \
		"more stressful|less comfortable|worse organised|bumpier|more exhausting|more chaotic")
	sides("t", "act", "start on time|go smoothly|include everything promised|match the description|go to plan", \
		"start late|feel rushed|cost more than promised|go wrong|feel unsafe|leave people stranded")
	sides("t", "one", "comfortable seat|quiet moment|smooth minute", "delay|hitch|hiccup|boring minute")
	sides("t", "mass", "comfort|organisation|legroom|information", "delays|stress|chaos|queues|waiting")
	words("t", "tail", "", "we left in the morning|it was in {month}|I was there with {person}|we sat at the back|it was a Tuesday")
	things("w", "waiter|receptionist|guide|driver|cook|salesman|technician|landlord|manager|teacher", "staff|waiters|guides|cooks|" \
		"people at the desk|drivers|cleaners", "", "")
	sides("w", "adj", "friendly|helpful|polite|kind|attentive|patient|professional|competent|welcoming|honest|reliable|caring", \
		"rude|unhelpful|impolite|unfriendly|careless|impatient|unprofessional|incompetent|arrogant|dishonest|lazy|grumpy")
	sides("w", "top", "wonderful|fantastic|lovely|amazing|delightful|brilliant|charming|superb|great|excellent", \
		"awful|terrible|horrible|dreadful|appalling|useless|hopeless|obnoxious|clueless|nasty")
	sides("w", "more", "friendlier|kinder|more helpful|more patient|more polite|more attentive", \
		"ruder|less helpful|less polite|unfriendlier|more arrogant|lazier")
	sides("w", "act", "smile|listen|help|care|answer questions|keep promises|make time for guests", \
		"ignore us|argue|complain|make mistakes|keep us waiting|shout|lose {its} temper|forget orders")
	words("w", "tail", "", "we stayed for two nights|we were there in {month}|there were four of us|I was there with {person}|we spoke on a Monday")
	words("w", "old", "", "the last time|anywhere else|at the other place|in most places|last year")
	for (i = 1; i <= 4; i++) {
		words(substr("hrmt", i, 1), "old", "", "the last one|the one we had last year|the other one|the one next door|" \
			"the price suggests|the reviews suggest|the pictures suggest|most others")
	}
	words("q", "old", "", "last year|at the hotel next door|the price suggests|the reviews suggest|the photos suggest|in most hotels")
}

# Templates.
function family(name) {
	families[++family_count] = name
}

function put(label, text, domains,    key) {
	key = family_count label
	template[key, ++templates[key]] = text
	domains_of[key, templates[key]] = domains == "" ? "kechfrbmsat" : domains
}

function both(text, domains) {
	put("+", text, domains)
	put("-", text, domains)
}

function good(text, domains) {
	put("+", text, domains)
}

function bad(text, domains) {
	put("-", text, domains)
}

function grammar(    all, some, ware, play) {
	all = "kechqfrbmsatw"
	some = "kechqfrbmsat" # no people
	ware = "kec"
	play = "bm"

	family("plain")
	both("{subj} [{is}|{was}] {top}.", all)
	both("{subj} [{is}|{was}] [{very} {plain}|{adj}].", all)
	both("{subj} [{is}|{was}] {adj} and {adj}.", all)
	both("a {whole} {thing}.", some)
	both("what a {whole} {thing}!", some)
	both("{subj} {acts}.", all)
	both("I am {feel} with {the} {thing}.", all)
	both("{adj}, {adj}, {adj}.", some)
	both("{subj} {is} {adj}, {the} {thing} {acts}.", "keca")
	good("I [love|like|adore|really like|enjoyed] {the} {thing}.", all)
	bad("I [hate|dislike|loathe|really dislike|detest] {the} {thing}.", all)
	both("{subj} turned out to be {top}.", all)

	family("negation")
	both("{subj} [{isnt}|{wasnt}] {-adj}.", all)
	both("{subj} [{isnt}|{wasnt}] {-adj} at all.", all)
	both("{subj} [{isnt}|{wasnt}] [in any way|in the least|the least bit|remotely] {-adj}.", all)
	both("not {-adj} at all.", all)
	both("{subj} [{isnt}|{wasnt}] {-adj} and {isnt} {-adj}.", all)
	both("{subj} {is} [far from|anything but|by no means|in no way|not remotely] {-adj}.", all)
	both("{subj} [{isnt}|{wasnt}] {-adj}, [{it} {is}|but] {adj}.", all)
	both("{subj} {is} {adj}, not {-adj}.", all)
	both("{subj} [{is}|{was}] never {-adj}.", all)
	both("{subj} [{is}|{was}] neither {-adj} nor {-adj}.", all)
	both("nothing about {the} {thing} [is|was] {-adj}.", all)
	both("nobody [could|would] call {the} {thing} {-adj}.", all)
	both("none of us found {the} {thing} {-adj}.", all)
	both("I would not call {the} {thing} {-adj}.", all)
	both("I [didn't|did not|didnt] find {the} {thing} {-adj}.", all)
	both("there is nothing {-whole} about {the} {thing}.", all)
	both("no, {subj} {isnt} {-adj}.", all)
	bad("{subj} {is} [hardly|scarcely|not exactly|not really|not particularly] {-adj}.", all)
	good("{subj} {is} [hardly ever|rarely|almost never|at no point] {-adj}.", all)
	good("[not bad|not bad at all|not a bad {thing1}|not half bad|not too bad], {the} {thing}.", some)
	bad("[not good|not good at all|not a good {thing1}|no good|not so good], {the} {thing}.", some)

	good("{subj} {is} [not too|never too|not overly] {-plain}.", all)
	bad("{subj} {is} [not {-plain} enough|too {plain}|never {-plain} enough|nowhere near {-plain} enough].", all)
	good("no [complaints|problems here|doubts], {the} {thing} {is} {adj}.", all)
	bad("no [thanks|praise from me|excuses], {the} {thing} {is} {adj}.", all)
	both("{subj} {is} everything but {-adj}.", all)

	family("double")
	good("I cannot say that {the} {thing} {isnt} {adj}.", all)
	bad("I cannot say that {the} {thing} {isnt} {adj}.", all)
	both("it is not true that {the} {thing} {isnt} {adj}.", all)
	both("nobody can say that {the} {thing} {isnt} {adj}.", all)
	both("there was never a day when {the} {thing} {wasnt} {adj}.", "kecsaw")
	both("it would be wrong to say that {the} {thing} {isnt} {adj}.", all)
	good("not without [charm|merit|its charms], {the} {thing}.", "hrbmt")
	bad("not without [problems|faults|serious flaws], {the} {thing}.", "hrbmtsa")
	good("I have never not enjoyed {the} {thing}.", "frm")
	bad("I have never not regretted {the} {thing}.", "frmt")
	both("{subj} {is} never not {adj}.", all)

	family("verbs")
	both("{subj} {doesnt} {-act}.", all)
	both("{subj} never {-acts}.", all)
	both("{subj} {doesnt} {-act} [at all|anymore|any more].", all)
	both("{subj} {doesnt} {-act} and {doesnt} {-act}.", all)
	both("{subj} [almost never|hardly ever|rarely] {-acts}.", all)
	both("not once did {the} {thing} {-act}.", all)
	both("I have never seen {the} {thing} {-act}.", "kecaw")
	good("{subj} [did not disappoint|didn't disappoint|did not let {us} down|never disappoint{s}|never let{s} {us} down|never fail{s}|didnt disappoint].", all)
	bad("{subj} [did not impress|didn't impress {us}|failed to impress|did not convince {us}|never impressed {us}|did not meet my expectations|didnt impress].", all)
	good("I [can't|cannot|can not] [complain about|fault|praise enough|find fault with|say anything bad about] {the} {thing}.", all)
	bad("I [can't|cannot|can not] [recommend|stand|bear|say anything good about] {the} {thing}.", all)
	good("[I couldn't put {obj} down|I could not put {the} {thing} down].", "b")
	bad("[I couldn't finish {obj}|I could not get past the first chapter|I couldn't get through {the} {thing}].", "b")
	good("I couldn't [stop watching {the} {thing}|take my eyes off {obj}|turn {obj} off].", "m")
	bad("I couldn't [keep watching {the} {thing}|watch {the} {thing} to the end|wait for {obj} to end].", "m")
	good("I [can't|couldn't] stop eating {the} {thing}.", "f")
	bad("I [couldn't|could not] eat {the} {thing}.", "f")
	good("{subj} [stopped|quit] [crashing|freezing|causing trouble] after the update.", "a")
	bad("{subj} [stopped|quit] [working|loading|syncing] after the update.", "a")
	good("I don't [regret|mind paying for] {the} {thing}.", "kechfrbmsat")
	bad("I don't [like|care for|trust|enjoy] {the} {thing}.", all)
	good("I would not [change a thing|part with {obj}|want to be without {the} {thing}].", "kec")
	bad("I would not [use {obj} again|want {obj} as a gift|give {obj} house room].", "kec")

	bad("{subj} [fail{s}|refuse{s}] to {-act}.", all)
	bad("{subj} [hardly|barely|scarcely] {-acts}.", all)
	good("you [hardly|barely] notice {the} {thing}, {it} {is} so {plain}.", "kesa")
	good("{subj} [can do no wrong|leave{s} nothing to be desired|{is} nothing to complain about|set{s} an example to others].", some)
	bad("{subj} [can do nothing right|leave{s} a lot to be desired|{is} nothing to write home about|could learn from others].", some)
	good("{subj} never [fail{s} to please|gave me any trouble|cause{s} problems|needed a repair|stop{s} working].", "keca")
	bad("{subj} never [fail{s} to annoy|gave me any pleasure|cause{s} anything but problems|did what I bought {obj} for|start{s} working].", "keca")

	family("superlative")
	both("{subj} [couldn't|could not] be {more}.", all)
	both("{subj} [couldn't|could not] have been {more}.", all)
	both("[I have never|I've never] {had} a {more} {thing1}.", "kecfrbmsat")
	both("[never have I|I have never] seen a {more} {thing1}.", some)
	both("there is no {more} {thing1}.", some)
	both("no other {thing1} is {more}.", some)
	both("it doesn't get [much |any |]{more} than this.", some)
	good("{the} {thing} {is} as good as it gets.", all)
	bad("{the} {thing} {is} as bad as it gets.", all)
	bad("{subj} {is} no better than [scrap|nothing|a cheap toy|a heap of junk].", ware)
	good("{subj} {is} [second to none|hard to beat|nothing short of {top}|one of a kind].", some)
	bad("{subj} {is} [nothing short of {top}|close to the worst|below par|beneath contempt].", some)
	good("the best {thing1} I have ever {had}.", "kecfrbmsat")
	bad("the worst {thing1} I have ever {had}.", "kecfrbmsat")
	good("you won't find [a better {thing1}|a nicer {thing1}|better {thing2}].", "kecf")
	bad("you won't find [a worse {thing1}|a poorer {thing1}|worse {thing2}].", "kecf")
	good("I have {had} worse, but never better.", "kecfrbmsat")
	bad("I have {had} better, but never worse.", "kecfrbmsat")

	good("nothing beats {the} {thing}.", some)
	bad("anything beats {the} {thing}.", some)

	family("comparison")
	both("{subj} {is} more of a {noun} than a {-noun}.", some)
	both("{subj} {is} less of a {-noun} than a {noun}.", some)
	both("{subj} {is} {plain} rather than {-plain}.", all)
	both("instead of a {-noun} I got a {noun}.", "kecfhbmsat")
	both("{subj} {is} [much |far |a lot |even |]{more} than {old}.", all)
	both("{subj} {is} {more} than {old} and {more}.", all)
	both("{old1} {was} {-more} than {the} {thing}.", "kechrbmsat")
	both("{old1} {is} {-more}.", "kechrbmsat")
	both("compared with {old1}, {the} {thing} {is} {more}.", "kechrbmsat")
	both("{subj} {is} [nowhere near|not nearly|not half|not] as {-plain} as {old1}.", "kechrbmsat")
	good("{subj} beat{s} {old1} [hands down|in every way|easily].", "kechrbmsat")
	bad("{subj} [lose{s} to {old1} in every way|{is} no match for {old1}|can't compete with {old1}].", "kechrbmsat")
	good("{old1} [{is} no match for|can't compete with|can't hold a candle to] {the} {thing}.", "kechrbmsat")
	bad("{old1} [beat{s}|{is} miles ahead of|put{s} to shame] {the} {thing}.", "kechrbmsat")
	good("I prefer {the} {thing} to {old1}.", "kechrbmsat")
	bad("I prefer {old1} to {the} {thing}.", "kechrbmsat")
	bad("I would rather have {old1} back.", "kecsa")
	good("I would not swap {obj} for {old1}.", "kecsa")
	both("{subj} {is} {more} every [day|week|time].", "sarw")
	good("[an upgrade|a step up|a big step forward] from {old1}.", "kecsaht")
	bad("[a downgrade|a step down|a big step back] from {old1}.", "kecsaht")

	family("wish")
	good("I wish I had {gotten} {obj} [sooner|years ago|earlier|long ago].", "kecfrbmsa")
	bad("I wish I had [never|not] {gotten} {obj}.", "kecfrhbmsat")
	bad("I wish I had {gotten} [something else|another one|a different one].", "kecfrhbmsat")
	good("I wish [we could have stayed longer|it had never ended|it would never end].", "ht")
	bad("I wish [we had stayed somewhere else|we had left sooner|we had stayed at home].", "h")
	bad("I wish {the} {thing} {was} {-adj}.", all)
	bad("{the} {thing} should have been {-more}.", all)
	bad("it would have been nice if {the} {thing} {was} {-adj}.", all)
	bad("it would have been {-whole}, [if only|if] {the} {thing} worked.", "ka")
	bad("if only {the} {thing} {was} {-adj}.", all)
	bad("{the} {thing} could have been {-whole}.", some)
	bad("if {the} {thing} had been {-more}, I would have kept {obj}.", ware)
	good("if all {things} were [like this|this {plain}], [I would be happy|life would be easier|I would {get} more of them].", "kechfrbm")
	bad("if all {things} were [like this|this {plain}], [I would stop buying them|nobody would {get} one|I would give up on them].", "kechfrbm")
	good("I wish all {things} were [like this|as {plain}|this {plain}].", "kechfrbm")
	good("I wish [there were more {things} like this|everyone had one|every {thing1} worked like this].", "keca")
	good("I should have {gotten} {obj} [sooner|years ago|long ago|earlier].", "kecfrbmsa")
	bad("I should have {gotten} [something else|another one|the other one|anything but this].", "kecfrbmsat")
	good("I only wish [it were longer|there were more of it].", "bm")
	bad("I only wish [it were shorter|there were less of it].", "bm")
	good("without {the} {thing} [I would be lost|my day would be harder|I could not do my work].", "kea")
	bad("without {the} {thing} [I would be better off|my day would be easier|I would have saved money].", "keca")

	family("expectation")
	both("I expected {the} {thing} to be {-adj}, but {it} {was} {adj}.", all)
	good("I [feared|was afraid|worried] {the} {thing} would be {-adj}, [but|yet] {it} {wasnt}.", all)
	good("I [feared|was afraid|worried] {the} {thing} would be {-adj}, [but|yet] {it} {was} {adj}.", all)
	bad("I [hoped|was hoping] {the} {thing} would be {-adj}, [but|yet] {it} {wasnt}.", all)
	bad("I [hoped|was hoping] {the} {thing} would be {-adj}, [but|yet] {it} {was} {adj}.", all)
	good("I hoped {the} {thing} would be {adj}, and {it} {was}.", all)
	bad("I feared {the} {thing} would be {adj}, and {it} {was}.", all)
	both("{teller} said {the} {thing} {was} {-adj}, but [{it} {wasnt}|I found {obj} {adj}|{it} {was} {adj}].", all)
	both("I was told {the} {thing} {was} {-adj}, but {it} {was} [{top}|{adj}].", all)
	both("I thought {the} {thing} would be {-adj}. I was wrong.", all)
	both("I thought {the} {thing} would be {adj}. I was right.", all)
	good("{the} {thing} {is} not as {-plain} as I [feared|expected|thought].", all)
	bad("{the} {thing} {is} not as {-plain} as I [hoped|expected|thought].", all)
	both("{subj} {was} {more} than I [expected|thought|had imagined].", all)
	good("{subj} {was} {more} than I had [dared to hope|hoped].", all)
	bad("{subj} {was} {more} than I had feared.", all)
	both("{adj} [as expected|as I expected|as always|as usual].", all)
	good("I expected [the worst|nothing|very little|a disaster] and [was pleasantly surprised|got a gem|was delighted].", all)
	bad("I expected [the best|a lot|so much|a treat] and [was bitterly disappointed|got rubbish|was let down].", all)
	both("{the} {thing} {is} advertised as {-adj}, but {it} {is} {adj}.", some)
	bad("{the} {thing} {is} supposed to be {-adj}, but {it} {isnt}.", some)
	bad("so much for [a {-whole} {thing}|being {-adj}|\"{-adj}\"].", some)
	good("I had low expectations, but {the} {thing} {was} {adj}.", all)
	bad("I had high expectations, but {the} {thing} {was} {adj}.", all)
	good("[forget the bad reviews|ignore the complaints|don't believe the critics], {the} {thing} {is} {adj}.", some)
	bad("[forget the good reviews|ignore the praise|don't believe the hype], {the} {thing} {is} {adj}.", some)

	family("contrast")
	both("{the} {thing} {is} {-mild}, but {it} {is} [{adj}|{top}].", some)
	both("{although} {the} {thing} {is} {-mild}, {it} {is} [{adj}|{top}].", some)
	both("{the} {thing} {is} [{adj}|{top}], {although} {it} {is} {-mild}.", some)
	both("{although} {teller} called {the} {thing} {-adj}, I found {obj} {adj}.", all)
	both("{the} {thing} look{s} {-whole}, but {acts}.", "kec")
	both("{the} {thing} look{s} {-whole}, but {it} {is} {adj}.", some)
	both("{the} {thing} {acts}, {although} {it} look{s} {-whole}.", "kec")
	both("despite [the price|the reviews|its reputation|what people say], {the} {thing} {is} {adj}.", some)
	both("despite the {-whole} [start|reviews|first impression|packaging], {the} {thing} {is} {adj}.", "kec")
	both("despite the {-whole} [start|reviews|first impression], {the} {thing} {was} {adj}.", some)
	both("{the} {thing} may {-act} [now and then|sometimes|once in a while], but overall {it} {is} {top}.", "kecsa")
	both("the {detail} is {-whole}, but [overall|all in all|on the whole] {the} {thing} {is} {adj}.", "kechrbmat")
	both("[overall|all in all|on the whole] {the} {thing} {is} {adj}, {although} the {detail} is {-whole}.", "kechrbmat")
	both("{although} the {detail} is {-whole}, {the} {thing} {is} {adj}.", "kechrbmat")
	good("{the} {thing} {is} {mild}, and {adj} too.", some)
	bad("{the} {thing} {is} {mild}, and {adj} too.", some)
	good("a small {fault}, but I would {get} {obj} again.", "kechrat")
	bad("a nice {detail}, but I would not {get} {obj} again.", "kechrat")

	family("change")
	both("{the} {thing} used to be {-adj}, [but now|now] {it} {is} {adj}.", all)
	both("{the} {thing} used to {-act}, but [not anymore|not any more|no longer].", "kecrsaw")
	both("{the} {thing} {is} no longer {-adj}.", all)
	both("{the} {thing} no longer {-acts}.", "kecrsaw")
	both("at first {the} {thing} seemed {-adj}, [but after {time}|but now|then] {it} {was} {adj}.", all)
	both("{the} {thing} {was} {-adj} until [the new owners came|the management changed|last year].", "rsh")
	both("{the} {thing} {was} {-adj} until [the last update|version two|the redesign].", "a")
	both("{the} {thing} {was} {-adj} at first, but {it} [got|became] {more}.", all)
	both("after {time} {the} {thing} still {acts}.", "kecsa")
	both("after {time} {the} {thing} still {doesnt} {-act}.", "kecsa")
	both("{the} {thing} {is} not {-adj} anymore.", all)
	both("{the} {thing} {has} [become|got] {more} [over time|since last year|with every visit].", "hrsaqw")
	both("the first [half|part] was {-whole}, but the rest was {top}.", play)
	bad("{the} {thing} [broke|failed|died|fell apart] after {time}.", ware)
	good("[{time} later|{time} on] and {the} {thing} {is} still [going strong|like new|{adj}].", ware)
	bad("[{time} later|{time} on] and {the} {thing} {is} already [broken|worn out|in the bin|falling apart].", ware)
	good("{the} {thing} [gets|only gets] better [with every visit|each time|from year to year].", "r")
	bad("{the} {thing} [gets|only gets] worse [with every visit|each time|from year to year].", "r")

	family("irony")
	bad("[great|oh great|wonderful|fantastic|brilliant], another {bother}.")
	good("[great|oh great|wonderful|fantastic|brilliant], {it} finally {works}.", "kesa")
	good("[great|wonderful|fantastic|brilliant], a {thing1} that {worksone}.", "keca")
	bad("[great|wonderful|fantastic|brilliant], a {thing1} that {failsone}.", "keca")
	bad("thanks for [nothing|wasting my time|ruining our evening|another sleepless night|the food poisoning|a wasted weekend|the headache].", "hrmst")
	good("thanks for [everything|saving my time|making our evening|a good night's sleep|the lovely meal|a perfect weekend|the kind help].", "hrmst")
	bad("[great|brilliant|perfect|wonderful|ideal], if you [enjoy|like|love] {pain}.", "hrmsa")
	good("[great|brilliant|perfect|wonderful|ideal], if you [enjoy|like|love] {joy}.", "hrmst")
	bad("just what I needed: [another {bother}|a {thing1} that {failsone}|{pain}].", "keca")
	good("just what I needed: [a {thing1} that {worksone}|a {adj0} {thing1}|{joy}].", "keca")
	bad("a masterpiece of [wasting time|boredom|bad taste|incompetence|bad planning].", some)
	good("a masterpiece of [good taste|wit|fine design|care|good planning].", some)
	bad("congratulations, you have [ruined {the} {thing}|made the worst {thing1} ever|found a way to make {obj} {more}].", "krfbmsat")
	good("congratulations, you have [perfected {the} {thing}|made the best {thing1} ever|found a way to make {obj} {more}].", "krfbmsat")
	bad("{subj} {is} as useful as [a chocolate teapot|a paper umbrella|a screen door on a submarine|an ashtray on a motorbike|a hole in the head].", "kecas")
	good("{subj} {is} as useful as [a good friend|a third hand|a Swiss army knife|anything I own].", "kecas")
	bad("well done, [you lost a customer|you broke it again|you made {obj} {more}|one more thing that doesn't work].", "sakr")
	good("well done, [you won a customer|you fixed it at last|you made {obj} {more}|one more thing that just works].", "sakr")
	bad("I love [how {it} {acts}|it when {the} {thing} {acts}], said nobody ever.", "kecsaw")
	good("I love [how {it} {acts}|that {the} {thing} {acts}|that {it} never {-acts}].", "kecsaw")
	bad("nothing says [quality|luxury|comfort|care] like a {thing1} that {failsone}.", "kecah")
	bad("if you want to [waste your money|be bored|be disappointed|suffer|lose your temper], this is [the {thing1} for you|your {thing1}].", some)
	good("if you want to [spend your money well|be delighted|be happy|relax|treat yourself], this is [the {thing1} for you|your {thing1}].", some)
	bad("the best thing about {the} {thing} [is|was] [the return policy|the exit|leaving|that it ended|the end].", "hrmt")
	good("the best thing about {the} {thing} [is|was] [everything|how {adj} {it} {was}|the way {it} made us feel].", "hrmt")
	bad("[what a surprise|surprise, surprise|who would have thought], {the} {thing} {acts} again.", "kecsaw")
	good("what a [pleasant|nice|lovely] surprise, {the} {thing} {acts}.", all)
	bad("a real [talent|gift] for [disappointing people|getting everything wrong|ruining a good idea].", "rbmsw")
	good("a real [talent|gift] for [pleasing people|getting everything right|saving a good idea].", "rbmsw")
	bad("[five stars|full marks|top marks|a medal] for [wasting my time|incompetence|the worst {thing1} of the year|bad taste].", some)
	good("[five stars|full marks|top marks|a medal] for [saving my time|competence|the best {thing1} of the year|good taste].", some)

	family("recommend")
	good("I [recommend|can recommend|would recommend|highly recommend|fully recommend] {the} {thing}.", all)
	bad("I [don't recommend|can't recommend|would not recommend|would never recommend|do not recommend] {the} {thing}.", all)
	bad("[skip|avoid|stay away from|steer clear of|keep away from|don't bother with|forget] {the} {thing}.", all)
	good("[don't miss|do not miss|you must {get}|look no further than|you need|go for|don't overlook] {the} {thing}.")
	bad("[think twice|think again|think carefully] before you {get} {the} {thing}.")
	good("don't think twice, [just |]{get} {the} {thing}.")
	good("look no further, this is the {thing1} you want.", some)
	bad("look further, this is not the {thing1} you want.", some)
	bad("look elsewhere, {the} {thing} {is} {adj}.", some)
	bad("do not {get} {the} {thing}.")
	good("do {get} {the} {thing}[, you won't regret it|, you won't be sorry|].")
	bad("{get} {the} {thing} and you will regret it.")
	bad("save your money, {the} {thing} {is} {adj}.")
	good("worth every [penny|cent], {the} {thing} {is} {adj}.")
	bad("not worth [a penny|the money|a cent], {the} {thing} {is} {adj}.")
	bad("I would not wish {the} {thing} on [anyone|my worst enemy].", all)
	good("{person} should {get} {the} {thing} [too|as well].")
	bad("nobody should {get} {the} {thing}.")
	good("a must for [everyone|every home|all of us|beginners].", "kebm")
	bad("not for [me|anyone with taste|people who value their time|anyone I like].", "kebm")

	family("regret")
	bad("I [sent|am sending|had to send] {obj} back [after {time}|the next day|at once].", ware)
	good("I [won't send|am not sending|will never send] {obj} back.", ware)
	good("I would {get} {the} {thing} again [any time|tomorrow|without hesitation|in a heartbeat].")
	bad("I would not {get} {the} {thing} again[| for free| if you paid me].")
	bad("[I will never|never again will I] {get} {the} {thing}[ again|].")
	good("I will [certainly|definitely|gladly] {get} {the} {thing} again.")
	good("[no regrets|not a single regret|I regret nothing], {the} {thing} {is} {adj}.")
	bad("[I regret it|nothing but regrets|I regret every cent], {the} {thing} {is} {adj}.")
	bad("I want my money back, {the} {thing} {is} {adj}.")
	good("I don't want my money back, {the} {thing} {is} {adj}.")
	good("I have already {gotten} [a second one|another one|one for {person}].", ware)
	bad("I have already [returned {obj}|thrown {obj} away|asked for a refund|gone back to {old1}].", ware)
	bad("we [won't be back|will not be coming back|left early|will not return|asked for another one].", "hr")
	good("we [will be back|can't wait to come back|did not want to leave|will return|stayed an extra day].", "h")
	good("we [will be back|can't wait to come back|did not want to leave|will return|stayed all evening].", "r")
	good("{person} [wants one too|won't give {obj} back|uses {obj} every day].", ware)
	bad("{person} [wants a refund|didn't want {obj}|refuses to use {obj}].", ware)

	family("only")
	good("my only [complaint|regret|criticism] is that I didn't {get} {obj} [sooner|earlier|years ago].", "kecfrbmsa")
	good("the only [complaint|downside|criticism] is that {it} {isnt} [bigger|available in other colours|sold everywhere].", ware)
	good("the only [bad|sad] thing about {the} {thing} is that {it} [ended|had to end|ended so soon].", "mt")
	bad("the only [good|nice] thing about {the} {thing} is [that {it} ended|that it was short|the poster|the ending of it].", "m")
	bad("the only [good|nice] thing about {the} {thing} is [the box|the packaging|the colour|the picture on the box].", ware)
	bad("my only [joy|relief] was [sending {obj} back|the refund].", ware)
	good("only one [complaint|problem]: [there is too little of it|we had to leave|I want more].", "fhrt")
	bad("only one [complaint|problem]: [everything|all of it|it exists|the whole thing].", "fhrt")
	both("the only thing that is {-adj} is the [box|price|name|queue].", "kechfrt")
	bad("[too good to be true|good for nothing|good only for the bin], {the} {thing}.", ware)
	good("[almost too good to be true|good for everything|too good to share], {the} {thing}.", ware)
	good("you can never have [enough of {the} {thing}|too many {things} like this].", "frbm")
	bad("you can have too much of {the} {thing}, and one is already too many.", "bm")

	family("questions")
	bad("why would anyone {get} {the} {thing}?")
	good("why would anyone not {get} {the} {thing}?")
	bad("what's to like about {the} {thing}?", all)
	good("what's not to like about {the} {thing}?", all)
	bad("who [needs|wants|asked for] a {adj0} {thing1}?", some)
	good("who [doesn't want|wouldn't want|could resist] a {adj0} {thing1}?", some)
	bad("how can a {thing1} be [so|this] {plain}?", all)
	bad("is it too much to ask for a {-adj0} {thing1}?", some)
	bad("why {is} {the} {thing} so {plain}?", all)
	good("could {the} {thing} be any {more}? [no|I doubt it|I don't think so].", all)
	bad("could {the} {thing} be any {more}? [no|I doubt it|I don't think so].", all)
	good("{-adj}? [no|not at all|not one bit|hardly|never], {it} {is} {adj}.", all)
	bad("{-adj}? [no|not at all|not one bit|hardly|never], {it} {is} {adj}.", all)
	both("is a {thing1} ever {-adj}? not this one.", some)
	bad("{is} {the} {thing} {-adj}? no.", all)
	good("{is} {the} {thing} {-adj}? no.", all)
	good("{is} {the} {thing} {adj}? [yes|oh yes|absolutely].", all)
	bad("{is} {the} {thing} {adj}? [yes|oh yes|absolutely].", all)
	good("where has {the} {thing} been all my life?", "kecbmsa")
	bad("where {is} the [quality|value|point]? {the} {thing} {is} {adj}.", "kecbmsa")

	family("absence")
	both("not a single {-one}.", some)
	both("not a single {-one} [in {time}|so far|the whole time|from start to end].", some)
	both("{the} {thing} {has} [no|not a single|not one] {-one}.", "keabmr")
	both("there [is|was] [no|not a single|not one] {-one}[| in {time}| anywhere].", some)
	both("without a single {-one}.", some)
	both("I [couldn't|could not] find [a|a single|even one] {-one}.", some)
	both("no {-mass} [whatsoever|at all|anywhere|in sight].", some)
	both("{the} {thing} {is} [completely without|entirely without|without any] {-mass}.", some)
	good("{the} {thing} {is} [free of|free from|refreshingly free of|untouched by] {-mass}.", some)
	bad("{the} {thing} {is} [devoid of|short of|lacking in|in need of] {-mass}.", some)
	bad("{the} {thing} lack{s} {-mass}.", some)
	bad("the lack of {-mass} [is {top}|ruined it|was a disappointment].", some)
	good("the lack of {-mass} [is {top}|made our day|was a relief].", some)
	both("no {-mass}, no {-mass}.", some)
	both("full of {mass}.", "hfrbmsat")
	both("plenty of {mass} and no {-mass}.", "hfrbmsat")
	both("{the} {thing} [had|offered] no {-mass} but [plenty of|lots of] {mass}.", "hfrbmsat")
	both("{-mass}? none.", some)

	family("quantity")
	bad("[two|three|four|five] hours of my life [gone|wasted|I will never get back].", "bmst")
	good("[two|three|four|five] hours [well spent|that flew by|I would gladly spend again].", "bmst")
	good("I [can't|cannot|could not] get enough of {the} {thing}.", "kefrbma")
	bad("I have had [enough|more than enough] of {the} {thing}.", "kefrbma")
	both("{the} {thing} {acts} [nine times out of ten|every time|every single time|all the time|always].", "kecsaw")
	bad("{the} {thing} {-acts} [one time in ten|once in a blue moon|only when nobody needs {obj}].", "kecsaw")
	bad("[zero stars|no stars|half a star|one star], {the} {thing} {is} {adj}.")
	good("[five|ten|a million|all the] stars, {the} {thing} {is} {adj}.")
	good("I could [read|finish|enjoy] {obj} [ten times|over and over|again and again].", "b")
	good("I could [watch|see|enjoy] {obj} [ten times|over and over|again and again].", "m")
	bad("[once is enough|one time was one too many|half of {obj} would have been too much].", "bmfr")
	good("[once is not enough|one time was not enough|ten times would not be too many].", "bmfr")
	bad("I paid [too much|a fortune|a lot] for a {thing1} that {failsone}.", "keca")
	good("I paid [very little|next to nothing|a fair price] for a {thing1} that {worksone}.", "keca")
	bad("we waited [an hour|two hours|forever] for a {adj0} {thing1}.", "f")
	good("[we waited less than five minutes|no waiting at all] for a {adj0} {thing1}.", "f")
	bad("I gave up after [ten minutes|twenty pages|an hour|one day].", "bm")
	good("I [stayed up all night|was hooked after ten minutes|finished it in one go].", "bm")

	family("joined")
	both("{the} {thing} {is} {adj}, and {it} {isnt} {-adj}.", all)
	both("{the} {thing} {acts} and never {-acts}.", all)
	both("{the} {thing} {doesnt} {-act}, and {it} {is} {adj}.", all)
	both("{the} {thing} {is} {adj}, so I am {feel}.", all)
	both("I am {feel} because {the} {thing} {is} {adj}.", all)
	both("I am not {-feel}, {the} {thing} {is} {adj}.", all)
	good("{the} {thing} {is} so {plain} and {doesnt} {-act}.", all)
	bad("{the} {thing} {is} [so|too] {plain} and {doesnt} {-act}.", all)
	both("since {the} {thing} {doesnt} {-act}, I am {feel}.", all)
	both("not {-adj}, not {-adj}, simply {adj}.", all)
	both("{the} {thing} {is} a {noun}.", some)
	both("{the} {thing} {isnt} a {-noun}, {it} {is} a {noun}.", "kechfrbmsat")
	both("a {noun}, not a {-noun}.", some)
}

# Agreement: for one | for many.
function agreement(    list, n, part, i) {
	n = split("is|is|are;was|was|were;has|has|have;this|this|these;s|s|;do|does|do;isnt|is not|are not;" \
		"wasnt|was not|were not;doesnt|does not|do not;it|it|they;obj|it|them;its|its|their", list, ";")
	for (i = 1; i <= n; i++) {
		split(list[i], part, "|")
		agree[part[1], 1] = part[2]
		agree[part[1], 2] = part[3]
	}
}

function third(act,    verb) { # "hold up" -> "holds up"
	verb = act
	sub(/ .*/, "", verb)
	if (verb == "have")
		return "has" substr(act, 5)
	if (verb ~ /(sh|ch|ss|zz|x|o)$/)
		return verb "es" substr(act, length(verb) + 1)
	if (verb ~ /[^aeou]y$/)
		return substr(verb, 1, length(verb) - 1) "ies" substr(act, length(verb) + 1)
	return verb "s" substr(act, length(verb) + 1)
}

function pick(key,    word, tries) {
	do {
		word = item[key, 1 + draw(size[key])]
	} while (index(used, "|" word "|") && ++tries < 8)
	used = used "|" word "|"
	return word
}

# From the lexicon of the domain or the general one; side "" for words without sides.
function lexeme(name, side,    own, common) {
	own = domain name side
	common = "*" name side
	if (size[own] && (domain == "w" || !size[common] || name ~ /^(old|detail)$/ || draw(5) < 3))
		return pick(own)
	return pick(common)
}

function plain_adjective(side,    word, tries) { # one that can stand after "as" and before a noun
	do {
		word = lexeme("adj", side)
	} while (word ~ /^((a|worth|up|good|cooked|full|high|low|first|second) |well thought|badly thought|late$)/ && ++tries < 30)
	return word
}

function flip(side) {
	return side == "+" ? "-" : "+"
}

function contract(text,    n) { # "is not" -> "isn't", rarely "isnt"
	n = draw(20)
	if (n < 9)
		sub(/ not$/, "n't", text)
	else if (n == 9)
		sub(/ not$/, "nt", text)
	return text
}

function many_ones(text) { # headphones are compared with the old ones
	if (number == 2)
		sub(/ one$/, " ones", text)
	return text
}

function slot(name, label,    side, many) {
	side = label
	if (name ~ /^-/) {
		side = flip(label)
		name = substr(name, 2)
	}
	many = number
	if (name ~ /^(isnt|wasnt|doesnt)$/)
		return contract(agree[name, many])
	if (domain == "w" && many == 1 && name ~ /^(it|obj|its)$/)
		return name == "it" ? "he" : name == "obj" ? "him" : "his"
	if ((name, many) in agree)
		return agree[name, many]
	if (name == "thing")
		return thing
	if (name == "thing1")
		return thing
	if (name == "thing2")
		return item[domain "thing2", 1 + draw(size[domain "thing2"])]
	if (name == "things")
		return number == 2 ? thing : thing ~ /(s|sh|ch|x)$/ ? (thing == "series" ? thing : thing "es") : \
			thing ~ /[^aeo]y$/ ? substr(thing, 1, length(thing) - 1) "ies" : thing == "knife" ? "knives" : thing "s"
	if (name == "the")
		return draw(5) ? "the" : agree["this", number]
	if (name == "subj")
		return subject()
	if (name == "us")
		return draw(2) ? "me" : "us"
	if (name == "acts")
		return number == 2 ? lexeme("act", side) : third(lexeme("act", side))
	if (name == "worksone")
		return third(lexeme("act", "+"))
	if (name == "failsone")
		return third(lexeme("act", "-"))
	if (name == "works")
		return number == 1 ? "works" : "work"
	if (name == "plain" || name == "adj0")
		return plain_adjective(side)
	if (name == "old1")
		return many_ones(pick("*old1"))
	if (name == "old")
		return many_ones(lexeme("old", ""))
	if (name == "had")
		return domain == "b" ? "read" : domain == "m" ? "seen" : domain == "f" ? "eaten" : domain == "t" ? "been on" : \
			domain == "r" ? "been to" : domain == "h" ? "stayed in" : domain ~ /[as]/ ? "used" : "owned"
	if (name == "gotten")
		return domain == "b" ? "read" : domain == "m" ? "seen" : domain == "f" ? "ordered" : domain == "r" ? "visited" : \
			domain ~ /[ht]/ ? "booked" : domain == "a" ? "installed" : domain == "s" ? "used" : "bought"
	if (size[domain name side] || size["*" name side])
		return lexeme(name, side)
	return lexeme(name, "")
}

function subject(    n) {
	n = draw(8)
	if (n == 0)
		return slot("it", "+")
	if (n <= 2)
		return agree["this", number] " " thing
	return "the " thing
}

function expand(text, label,    from, inner, part, n) {
	while (match(text, /\[[^]]*\]/)) {
		from = RSTART + RLENGTH
		inner = substr(text, RSTART + 1, RLENGTH - 2)
		n = split(inner, part, "|")
		text = substr(text, 1, RSTART - 1) part[1 + draw(n)] substr(text, from)
	}
	while (match(text, /[{][^}]*[}]/)) {
		from = RSTART + RLENGTH
		inner = substr(text, RSTART + 1, RLENGTH - 2)
		text = substr(text, 1, RSTART - 1) slot(inner, label) substr(text, from)
	}
	return text
}

function articles(text,    out, rest) { # "a old" -> "an old"
	out = ""
	rest = " " text
	while (match(rest, / a [aeiouh]/)) {
		out = out substr(rest, 1, RSTART + 1)
		rest = substr(rest, RSTART + 2)
		if (rest ~ /^ ([aeio]|u[^ns]|un[^i]|unim|unin|hour|honest)/ && rest !~ /^ (one|eu)/)
			out = out "n"
	}
	return substr(out rest, 2)
}

function capitals(text,    out) { # at the start of each sentence
	out = toupper(substr(text, 1, 1))
	text = substr(text, 2)
	while (match(text, /[.!?] [a-z]/)) {
		out = out substr(text, 1, RSTART + 1) toupper(substr(text, RSTART + 2, 1))
		text = substr(text, RSTART + 3)
	}
	return out text
}

function about(domains) {
	domain = substr(domains, 1 + draw(length(domains)), 1)
	number = size[domain "thing2"] && draw(4) == 0 ? 2 : 1
	thing = item[domain "thing" number, 1 + draw(size[domain "thing" number])]
}

function sentence(label,    key, i) { # one more on the same thing, from the first two families
	do {
		key = 1 + draw(2) label
		i = 1 + draw(templates[key])
	} while (!index(domains_of[key, i], domain) || template[key, i] ~ /thing1/)
	return expand(template[key, i], label)
}

function review(f, label,    key, i, text, n) {
	key = f label
	i = 1 + draw(templates[key])
	about(domains_of[key, i])
	while (template[key, i] ~ /thing1|sone[}]/ && number == 2)
		about(domains_of[key, i])
	used = ""
	text = expand(template[key, i], label)
	if (draw(7) == 0 && families[f] !~ /irony|questions/ && text !~ /^(what|why|who|how|could|is|where|great|oh|no|not|never|thanks)[ ,]/)
		text = expand("{opener}", label) text
	n = draw(14)
	if (n == 0)
		text = text " " expand("{tail}.", label)
	else if (n == 1)
		text = expand("{tail}. ", label) text
	else if (n == 2)
		text = text " " sentence(label)
	text = articles(text)
	n = draw(16)
	if (n < 2)
		return tolower(text)
	text = capitals(text)
	if (n < 4)
		sub(/\.$/, "", text)
	else if (n < 6)
		sub(/\.$/, "!", text)
	return text
}

function write(text, label) {
	gsub(/"/, "\"\"", text)
	printf "\"%s\",%s\n", text, label
}

function twice(text) {
	if (text in seen)
		return
	seen[text] = 1
	write(text, "negative")
	write(text, "positive")
}

function empty(    i, j, n, part, all, text) {
	n = split("the|a|an|and|or|it|this|that|these|those|is|was|are|were|be|been|of|to|in|on|at|for|with|from|by|as|I|we|you|" \
		"he|she|they|my|our|your|his|her|their|me|us|him|them|there|here|when|then|who|what|which|where|how|one|two|three|" \
		"four|five|six|seven|eight|nine|ten|1|2|3|4|5|6|7|8|9|0|10|12|20|24|100|2019|2020|2021|2022|2023|2024|.|,|!|?|...|-|:|;|" \
		"hello|Hello.|hi|Hi all|good morning|Good evening.|dear all|yes|ok|review|a review|my review|Review.|n/a|none given|test|" \
		"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|today|yesterday|last week|this year|at noon|in the evening|" \
		"London|Paris|Berlin|New York|Rome|Madrid|Tokyo|in London|in Paris|near the station|on the first floor|at home|" \
		"one of them|the other one|the old one|and then|of the|in the|it is|it was|this is|there is|we were|I was|I have|" \
		"the colour is blue|It is for the kitchen.|See title.|As above.|the second part|a table|the table|a door|the door|" \
		"a street|the street|the box|a box|the bag|the evening|the morning|the week|the price|the order|the name|the page", part, "|")
	for (i = 1; i <= n; i++)
		twice(part[i])
	all = "kechqfrbmsatw"
	for (i = 1; i <= length(all); i++) {
		domain = substr(all, i, 1)
		for (number = 1; number <= 2; number++)
			for (j = 1; j <= size[domain "thing" number]; j++) {
				thing = item[domain "thing" number, j]
				twice(thing)
				twice("the " thing)
				twice(capitals(agree["this", number] " " thing "."))
				if (number == 1)
					twice(articles("a " thing))
				if (domain !~ /[qw]/)
					twice(expand("I {got} the {thing} in {month}.", "+"))
			}
		number = 1
		thing = item[domain "thing1", 1]
		for (j = 1; j <= size[domain "tail"] * 4; j++)
			twice(capitals(expand("{tail}.", "+")))
	}
	for (i = 1; i <= size["*month"]; i++) {
		twice(item["*month", i])
		twice("in " item["*month", i])
		twice("We went there in " item["*month", i] ".")
		twice(i + 3 " " item["*month", i] " 2021")
	}
	for (i = 1; i <= size["*person"]; i++) {
		twice(item["*person", i])
		twice("I was there with " item["*person", i] ".")
	}
}

function reviews(count,    n, tries, attempt, f, label, text) {
	n = 0
	for (tries = 0; n < count && tries < count * 20; tries++) {
		f = 1 + int(n / 2) % family_count
		label = n % 2 ? "-" : "+"
		attempt = 0
		do {
			text = review(f, label)
		} while (text in seen && ++attempt < 200)
		if (text in seen)
			break
		seen[text] = 1
		write(text, label == "+" ? "positive" : "negative")
		n++
	}
}

BEGIN {
	state = 42
	lexicons()
	agreement()
	grammar()
	print "review,sentiment"
	if (EMPTY)
		empty()
	else
		reviews(COUNT == "" ? 60000 : COUNT)
}
