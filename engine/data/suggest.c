/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/suggest.h"

#include "engine/data/convert.h"

#include <string.h>

#define LOOK_MAX ((size_t)4 << 10)  /* bytes of words that are tried: two milliseconds for all candidates */
#define FEW_LETTERS 4               /* fewer say nothing */
#define SURE_LETTERS 16             /* so many say that something is odd even where no candidate fits */
#define SCORE_LEAST 0.25            /* share of usual letters: the most frequent 150 of Chinese are about half of a text */
#define SCORE_AHEAD 0.15            /* by so much a candidate must be better than Windows-1252 */
#define SCORE_USUAL 0.6             /* under this, letters are unusual for Windows-1252 */
#define INVALID_MOST 0.01
#define LATIN_RUN 2                 /* letters that are not ASCII in a row, as in Finnish */

#define POLISH "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"
#define CZECH "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ"
#define RUSSIAN "оеаинтсрвлкмдпуязьбчы"
#define KANA \
	"あいうえおかがきぎくけげこごさしじすずせそただちってでとどなにねのはばひ" \
	"びふへほまみむめもゃやゅよょらりるれろわをんアイウエオカキクコサシスセタ" \
	"チッテトナニハバフプホマムメモャュョラリルレロンードグジ"

/* Letters of a language that are not ASCII: all of them where an alphabet has few, else the most frequent ones. Where two
 * alphabets share bytes, frequent ones tell them apart best. */
static const struct candidate {
	const char *name;
	bool latin; /* most letters are ASCII: long rows of others, and signs inside words, are unusual */
	const char *letters;
} candidates[] = {
	{"CP1252", true,
	 "àáâãäåæçèéêëìíîïñòóôõöøùúûüÿœßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙ"
	 "ÚÛÜŸŒªº"},
	{"CP1252", true, "áéíóúýæöþðÁÉÍÓÚÝÆÖÞÐ"}, /* Icelandic */
	{"Windows-1254", true, "çğıöşüâîûÇĞİÖŞÜÂÎÛ"},
	{"Windows-1250", true, POLISH},
	{"Windows-1250", true, CZECH},
	{"ISO-8859-2", true, POLISH},
	{"ISO-8859-2", true, CZECH},
	{"GB18030", false,
	 "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而"
	 "子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没"
	 "动面起看定天分还进好小部其些主样理心她本前开但因只从想实很房间店服务酒味"
	 "菜价便宜差买质量快太非常喜欢推荐满意吃东西点"},
	{"BIG5", false,
	 "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而"
	 "子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒"
	 "動面起看定天分還進好小部其些主樣理心她本前開但因只從想實很房間店服務酒味"
	 "菜價便宜差買質量快太非常喜歡推薦滿意吃東西點"},
	{"CP949", false,
	 "이다는을에고의가하지은한도를로서기인어나사아그리자해대만들있요게면데여주"
	 "시수일보것습니없좋정말너무맛방직원친절라음"},
	{"CP932", false, KANA},
	{"EUC-JP", false, KANA},
	{"Windows-1251", false, "оеаинтсрвлкмдпуязьбчіы"},
	{"KOI8-R", false, RUSSIAN},
	{"IBM866", false, RUSSIAN},
	{"ISO-8859-5", false, RUSSIAN},
	{"Windows-1253", false, "αοιετσνηυρπκλμςάέίόήύώ"},
	{"Windows-1255", false, "יוהלאתרבמשנכדםקןפ"},
	{"Windows-1256", false, "اليمنوترببةدسعفكهحق"},
	{"TIS-620", false, "านรกเงอมยลวดตสทบ่้ัีิแคปหพ"},
};

#define WESTERN 2 /* the first are Windows-1252 itself */
#define CANDIDATES (sizeof candidates / sizeof *candidates)

/* What a text holds as a candidate reads it. */
struct counts {
	size_t characters, letters, usual, invalid; /* that are not ASCII */
};

/* Characters one after the other that are not ASCII. */
struct run {
	uint32_t before; /* the one before them */
	size_t length, usual;
};

static uint32_t next_character(const char **at, const char *end)
{
	const unsigned char *s = (const unsigned char *)*at;
	size_t more = s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 1 : s[0] < 0xF0 ? 2 : 3;
	uint32_t c = more == 0 ? s[0] : s[0] & (0x3Fu >> more);

	if ((size_t)(end - *at) <= more)
		more = 0;
	for (size_t i = 1; i <= more; i++)
		c = c << 6 | (s[i] & 0x3F);
	*at += more + 1;
	return c;
}

/* The Basic Multilingual Plane, a bit a character. */
struct set {
	uint8_t bits[8192];
};

static void fill_set(struct set *set, const char *letters)
{
	const char *end = letters + strlen(letters);

	memset(set, 0, sizeof *set);
	while (letters < end) {
		uint32_t c = next_character(&letters, end) & 0xFFFF;
		set->bits[c / 8] |= (uint8_t)(1 << c % 8);
	}
}

static bool in_set(const struct set *set, uint32_t c)
{
	return c < 0x10000 && (set->bits[c / 8] >> c % 8 & 1);
}

static bool is_ascii_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Signs that every encoding has and that say nothing: quotes, dashes, currencies, full width punctuation. */
static bool is_sign(uint32_t c)
{
	return (c >= 0xA0 && c < 0xC0 && c != 0xAA && c != 0xB5 && c != 0xBA) || (c >= 0x2000 && c < 0x2190) ||
	       (c >= 0x3000 && c < 0x3040) || (c >= 0xFE30 && c < 0xFE50) || (c >= 0xFF00 && c < 0xFF66);
}

/* "z³oty": a sign between letters is a letter that was misread. Not so an acute that stands for an apostrophe, a soft hyphen, a
 * middle dot, or a space. */
static bool sign_inside_word(uint32_t before, uint32_t c, uint32_t after)
{
	return c > 0xA0 && c < 0xC0 && c != 0xAD && c != 0xB4 && c != 0xB7 && is_ascii_letter(before) && is_ascii_letter(after);
}

/* Where a run ends before `after`: in a Latin alphabet long ones are no words, in others a single one inside of ASCII is none. */
static void end_run(const struct candidate *candidate, struct run *run, uint32_t after, struct counts *counts)
{
	bool word = candidate->latin ? run->length <= LATIN_RUN
	                             : run->length > 1 || (!is_ascii_letter(run->before) && !is_ascii_letter(after));

	counts->usual += word ? run->usual : 0;
	*run = (struct run){.before = after};
}

static struct counts count_letters(const struct candidate *candidate, const struct set *set, const char *text, size_t size)
{
	const char *at = text, *end = text + size, *peek;
	struct counts counts = {0};
	struct run run = {0};
	uint32_t before = 0;

	while (at < end) {
		uint32_t c = next_character(&at, end);
		bool sign = is_sign(c);

		if (c < 0x80) {
			end_run(candidate, &run, c, &counts);
		} else {
			peek = at;
			sign = sign && !(candidate->latin && sign_inside_word(before, c, at < end ? next_character(&peek, end) : 0));
			counts.characters++;
			counts.letters += !sign;
			counts.invalid += c == 0xFFFD;
			run.length++;
			run.usual += in_set(set, c);
		}
		before = c;
	}
	end_run(candidate, &run, 0, &counts);
	return counts;
}

/* The share of usual letters under a candidate, 0 where the text cannot be in that encoding, or iconv does not know it. -1: out
 * of memory. */
static double score(const struct candidate *candidate, const struct buffer *words, struct buffer *text, size_t *letters)
{
	struct counts counts;
	struct set set;
	uint64_t replaced = 0;
	bool western = candidate < candidates + WESTERN;
	struct error error = {0};

	*letters = 0;
	text->size = 0;
	if (!convert_text(candidate->name, words->data, words->size, text, &replaced, &error))
		return error.kind == ERROR_USAGE ? 0 : -1;
	fill_set(&set, candidate->letters);
	counts = count_letters(candidate, &set, text->data, text->size);
	*letters = counts.letters;
	if (counts.letters < FEW_LETTERS)
		return 0;
	if (!western && (2 * counts.letters < counts.characters || (double)counts.invalid > INVALID_MOST * (double)counts.letters))
		return 0;
	return (double)counts.usual / (double)counts.letters;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The words that are not all ASCII; no encoding has a blank inside of a character. */
static bool gather_words(const char *data, size_t size, struct buffer *words)
{
	for (size_t i = 0; i < size && words->size < LOOK_MAX; i++) {
		size_t start = i;
		bool ascii = true;

		for (; i < size && i - start < LOOK_MAX && !is_blank(data[i]); i++)
			ascii = ascii && (unsigned char)data[i] < 0x80;
		if (!ascii && (!buffer_add(words, data + start, i - start) || !buffer_add_byte(words, ' ')))
			return false;
	}
	return true;
}

static bool try_all(const struct buffer *words, struct buffer *text, struct suggestion *suggestion)
{
	double western = 0, best = SCORE_LEAST;
	size_t letters = 0, all;

	for (size_t i = 0; i < CANDIDATES; i++) {
		double points = score(&candidates[i], words, text, &all);

		if (points < 0)
			return false;
		if (i < WESTERN) {
			western = points > western ? points : western;
			letters = all;
		} else if (letters >= FEW_LETTERS && points > best && points >= western + SCORE_AHEAD) {
			best = points;
			suggestion->name = candidates[i].name;
		}
	}
	suggestion->doubtful = suggestion->name || (letters >= SURE_LETTERS && western < SCORE_USUAL);
	return true;
}

bool suggest_encoding(const char *data, size_t size, struct suggestion *suggestion)
{
	struct buffer words = {.maximum = 4 * LOOK_MAX}, text = {.maximum = 64 * LOOK_MAX};
	bool done;

	*suggestion = (struct suggestion){0};
	done = gather_words(data, size, &words) && (words.size == 0 || try_all(&words, &text, suggestion));
	buffer_free(&words);
	buffer_free(&text);
	return done;
}
