/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/column_names.h"

#include "engine/data/field.h"

#define WORDS_MAX 8
#define WORD_BYTES 24

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))
#define LABEL_RANKS (3 * COUNT(labels)) /* of the better names of labels */

/* Names of one word, or two, each in the order in which they are believed. */
static const char *const texts[][2] = {
	{"text"}, {"sentence"}, {"review"}, {"content"}, {"review", "body"}, {"review", "text"}, {"comment"}, {"tweet"}, {"body"},
	{"message"}, {"reviews"}, {"comments"}, {"review", "content"}, {"feedback"},
};

static const char *const labels[][2] = {
	{"label"}, {"labels"}, {"sentiment"}, {"stars"}, {"star"}, {"rating"}, {"ratings"}, {"overall"}, {"score"}, {"target"}, {"class"},
	{"polarity"}, {"y"}, {"sentiments"}, {"emotion"}, {"intent"},
};

static const char *const weak_labels[][2] = {{"category"}, {"type"}, {"topic"}, {"product"}, {"categories"}, {"genre"}};

/* What may stand after the name of a label ("rating_value", "Rating (1-5)") or of a text ("text_clean"). */
static const char *const after_label[] = {
	"label", "class", "value", "score", "stars", "text", "name", "overall", "given", "scale", "out", "of", "to",
};
static const char *const after_text[] = {
	"clean", "cleaned", "raw", "original", "processed", "full", "text", "body", "content", "english", "en", "translated",
};

/* What is no label and no text, although the rest of its name says so: "helpful_score", "rating_count". */
static const char *const spoilers[] = {
	"helpful", "helpfulness", "useful", "confidence", "count", "counts", "votes", "number", "num", "total", "average", "avg", "mean",
	"id", "ids", "index", "date", "time", "timestamp", "source", "url", "link", "lang", "language", "length",
};

/* With one of these, too, a column is no label whatever it holds, but for a name like "user_rating". */
static const char *const others[] = {
	"verified", "recommended", "recommend", "recommends", "recommendation", "purchase", "funny", "cool", "uid", "uuid", "guid", "asin",
	"isbn", "sku", "unnamed", "href", "locale", "country", "city", "location", "region", "timezone", "datetime", "year", "month", "day",
	"hour", "created", "updated", "user", "username", "users", "author", "reviewer", "customer", "email", "gender", "age", "vote",
	"likes", "favorite", "favorites", "favourites", "favorited", "followers", "following", "friends", "replies", "views", "shares",
	"retweet", "retweets", "retweeted", "split", "fold", "version", "device", "platform", "price", "image", "images", "vine",
	"spoiler", "edited", "deleted", "name", "screen",
};

struct words {
	int count;
	char of[WORDS_MAX][WORD_BYTES];
};

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* A word begins after what belongs to none, and at an upper letter after a lower one. */
static bool begins_word(struct span name, size_t i)
{
	return i == 0 || !is_word(name.data[i - 1]) || (is_upper(name.data[i]) && !is_upper(name.data[i - 1]));
}

/* False: the name has too many words, or too long ones, to be one of the lists. */
static bool cut_words(struct span name, struct words *words)
{
	size_t size = 0;

	words->count = 0;
	name = span_trim(name);
	for (size_t i = 0; i < name.size; i++) {
		char c = name.data[i];

		if (!is_word(c))
			continue;
		if (begins_word(name, i)) {
			if (words->count == WORDS_MAX)
				return false;
			memset(words->of[words->count++], 0, WORD_BYTES);
			size = 0;
		}
		if (size + 1 == WORD_BYTES)
			return false;
		words->of[words->count - 1][size++] = is_upper(c) ? (char)(c - 'A' + 'a') : c;
	}
	return words->count > 0;
}

static bool is_word_of(const char *a, const char *b)
{
	return a[0] == b[0] && strcmp(a, b) == 0;
}

static bool in_list(const char *word, const char *const *list, int count)
{
	for (int i = 0; i < count; i++)
		if (is_word_of(word, list[i]))
			return true;
	return false;
}

static int words_of(const char *const name[2])
{
	return name[1] ? 2 : 1;
}

/* Whether words from number `from` on are those of `name`. */
static bool match_at(const struct words *words, int from, const char *const name[2])
{
	return from >= 0 && from + words_of(name) <= words->count && is_word_of(words->of[from], name[0]) &&
	       (!name[1] || is_word_of(words->of[from + 1], name[1]));
}

static bool is_name(const struct words *words, const char *const name[2])
{
	return words->count == words_of(name) && match_at(words, 0, name);
}

static bool is_number(const char *word)
{
	return word[strspn(word, "0123456789")] == '\0';
}

static bool may_follow(const struct words *words, int from, const char *const *after, int after_count)
{
	for (int i = from; i < words->count; i++)
		if (!is_number(words->of[i]) && !in_list(words->of[i], after, after_count))
			return false;
	return true;
}

struct name_list {
	const char *const (*names)[2];
	int count;
	const char *const *after;
	int after_count;
};

static const struct name_list text_list = {texts, COUNT(texts), after_text, COUNT(after_text)};
static const struct name_list label_list = {labels, COUNT(labels), after_label, COUNT(after_label)};
static const struct name_list weak_list = {weak_labels, COUNT(weak_labels), after_label, COUNT(after_label)};

/* Whole names first, then those that end so, then those that begin so. "y" and the like must stand alone. */
static int rank_in(const struct words *words, const struct name_list *list)
{
	int count = list->count;

	for (int i = 0; i < count; i++)
		if (is_name(words, list->names[i]))
			return i;
	for (int i = 0; i < count && words->count > 1; i++)
		if (list->names[i][0][1] && match_at(words, words->count - words_of(list->names[i]), list->names[i]))
			return count + i;
	for (int i = 0; i < count && words->count > 1; i++)
		if (list->names[i][0][1] && match_at(words, 0, list->names[i]) &&
		    may_follow(words, words_of(list->names[i]), list->after, list->after_count))
			return 2 * count + i;
	return NAME_RANK_NONE;
}

/* Whether some word of the name is the only word of one in the list. */
static bool speaks_of(const struct words *words, const struct name_list *list)
{
	for (int w = 0; w < words->count; w++)
		for (int i = 0; i < list->count; i++)
			if (!list->names[i][1] && match_at(words, w, list->names[i]))
				return true;
	return false;
}

static bool has_one_of(const struct words *words, const char *const *list, int count)
{
	for (int i = 0; i < words->count; i++)
		if (in_list(words->of[i], list, count))
			return true;
	return false;
}

/* The rank where more than the whole name counts only if nothing in it speaks against it. */
static int sound_rank(const struct words *words, const struct name_list *list)
{
	int rank = rank_in(words, list);

	return rank >= list->count && has_one_of(words, spoilers, COUNT(spoilers)) ? NAME_RANK_NONE : rank;
}

int column_name_text_rank(struct span name)
{
	struct words words;
	int rank;

	if (!cut_words(name, &words))
		return NAME_RANK_NONE;
	rank = sound_rank(&words, &text_list);
	if (rank >= text_list.count && (speaks_of(&words, &label_list) || speaks_of(&words, &weak_list)))
		return NAME_RANK_NONE; /* "label_text" spells the label out */
	return rank;
}

int column_name_label_rank(struct span name)
{
	struct words words;
	int rank;

	if (!cut_words(name, &words))
		return NAME_RANK_NONE;
	rank = sound_rank(&words, &label_list);
	if (rank < NAME_RANK_NONE)
		return rank;
	rank = sound_rank(&words, &weak_list);
	return rank < NAME_RANK_NONE ? LABEL_RANKS + rank : NAME_RANK_NONE;
}

bool column_name_is_weak(int label_rank)
{
	return label_rank >= LABEL_RANKS && label_rank < NAME_RANK_NONE;
}

bool column_name_is_label(struct span name)
{
	struct words words;

	return cut_words(name, &words) && words.count == 1 &&
	       (is_word_of(words.of[0], "label") || is_word_of(words.of[0], "labels"));
}

bool column_name_is_other(struct span name)
{
	struct words words;

	return cut_words(name, &words) &&
	       (has_one_of(&words, others, COUNT(others)) || has_one_of(&words, spoilers, COUNT(spoilers)));
}

bool column_name_known(struct span name)
{
	struct words words;

	return cut_words(name, &words) &&
	       (rank_in(&words, &text_list) < text_list.count || rank_in(&words, &label_list) < label_list.count ||
	        rank_in(&words, &weak_list) < weak_list.count);
}
