/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/expression.h"

#include "engine/nearest.h"
#include "ui/reviews/search.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define NODES_MAX 128
#define DEPTH_MAX 40 /* of parentheses and of `not` */
#define WORD_MAX 512

enum comparison { EQUALS, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, MATCHES, IS_SET };

/* Longer signs before those that they begin with. */
static const struct operator {
	const char *sign;
	enum comparison comparison;
	bool negated;
} operators[] = {
	{"!=", EQUALS, true},
	{"!~", MATCHES, true},
	{"<=", LESS_OR_EQUAL, false},
	{">=", GREATER_OR_EQUAL, false},
	{"==", EQUALS, false},
	{"=~", MATCHES, false},
	{"=", EQUALS, false},
	{"<", LESS, false},
	{">", GREATER, false},
	{"~", MATCHES, false},
};

#define OPERATORS (sizeof operators / sizeof *operators)

enum node_kind { NODE_CONDITION, NODE_AND, NODE_OR, NODE_NOT };

/* A node of the tree; children are indices of nodes. */
struct node {
	enum node_kind kind;
	int left, right;
	int field;
	const struct operator *operator; /* NULL: the flag is set */
	char *text; /* the value as typed */
	bool is_number, any_case;
	double number;
	struct search search; /* of ~ */
};

struct expression {
	struct node nodes[NODES_MAX];
	int count, root;
};

struct parser {
	const char *text, *at;
	const struct expression_names *names;
	struct expression *out;
	int depth;
	struct error *error;
};

/* Words */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

static void skip_blanks(struct parser *parser)
{
	while (is_blank(*parser->at))
		parser->at++;
}

/* "at 7: ..." with the place of `at`, counted in bytes from 1. */
__attribute__((format(printf, 3, 4)))
static int fail(const struct parser *parser, const char *at, const char *format, ...)
{
	char what[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	error_set(parser->error, ERROR_USAGE, "at %zu: %s", (size_t)(at - parser->text) + 1, what);
	return -1;
}

static const struct operator *operator_at(const char *at)
{
	for (size_t i = 0; i < OPERATORS; i++) {
		if (strncmp(at, operators[i].sign, strlen(operators[i].sign)) == 0)
			return &operators[i];
	}
	return NULL;
}

static bool quoted_word(struct parser *parser, char *out, size_t *size)
{
	const char *start = parser->at, quote = *parser->at++;

	for (*size = 0; *parser->at; parser->at++) {
		if (*parser->at == quote && parser->at[1] != quote) {
			parser->at++;
			return true;
		}
		parser->at += *parser->at == quote;
		if (*size + 1 >= WORD_MAX)
			break;
		out[(*size)++] = *parser->at;
	}
	fail(parser, start, *parser->at ? "this is too long" : "a quote that does not close");
	return false;
}

/* A name ends where an operator or a parenthesis begins; a value only at a blank, or a ) that was not opened in it. */
static bool bare_word(struct parser *parser, bool value, char *out, size_t *size)
{
	const char *start = parser->at;
	int open = 0;

	for (*size = 0; *parser->at && !is_blank(*parser->at); parser->at++) {
		const char byte = *parser->at;

		if (!value && (strchr("()", byte) || operator_at(parser->at)))
			break;
		open += byte == '(';
		if (byte == ')' && --open < 0)
			break;
		if (*size + 1 >= WORD_MAX) {
			fail(parser, start, "this is too long");
			return false;
		}
		out[(*size)++] = byte;
	}
	return true;
}

static bool next_word(struct parser *parser, bool value, char out[WORD_MAX], bool *quoted)
{
	size_t size = 0;

	*quoted = *parser->at == '"' || *parser->at == '\'';
	if (!(*quoted ? quoted_word(parser, out, &size) : bare_word(parser, value, out, &size)))
		return false;
	out[size] = '\0';
	return true;
}

/* Whether the word `word` comes next, and takes it. */
static bool take_keyword(struct parser *parser, const char *word)
{
	const size_t size = strlen(word);
	const char *after = parser->at + size;

	if (strncasecmp(parser->at, word, size) != 0 || !(*after == '\0' || is_blank(*after) || *after == '(' || *after == ')'))
		return false;
	parser->at = after;
	skip_blanks(parser);
	return true;
}

/* Numbers */

bool expression_number(struct span text, double *out)
{
	char copy[64], *end;

	while (text.size > 0 && is_blank(text.data[0]))
		text = (struct span){text.data + 1, text.size - 1};
	while (text.size > 0 && is_blank(text.data[text.size - 1]))
		text.size--;
	if (text.size == 0 || text.size >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	if (strspn(copy, "0123456789+-.eE") != text.size)
		return false;
	*out = strtod(copy, &end);
	return *end == '\0' && isfinite(*out);
}

/* The tree */

static int parse_or(struct parser *parser);

static int node_new(struct parser *parser, enum node_kind kind, int left, int right)
{
	struct expression *out = parser->out;

	if (out->count == NODES_MAX)
		return fail(parser, parser->at, "these are too many conditions");
	out->nodes[out->count] = (struct node){.kind = kind, .left = left, .right = right};
	return out->count++;
}

static int unknown_name(struct parser *parser, const char *at, const char *word, bool alone)
{
	struct nearest nearest = {.wanted = word};

	for (int i = 0; parser->names->name(parser->names->of, i); i++)
		nearest_offer(&nearest, parser->names->name(parser->names->of, i));
	if (nearest.name)
		return fail(parser, at, "\"%.60s\" is neither a column nor a label: did you mean \"%.60s\"?", word, nearest.name);
	if (alone)
		return fail(parser, at, "\"%.60s\" is neither a column nor a label; text~%.60s finds a text", word, word);
	return fail(parser, at, "\"%.60s\" is no column", word);
}

/* A value that a field does not have, but one that is nearly so: it is misspelled. */
static bool is_misspelled(const struct parser *parser, const struct node *node, struct nearest *nearest)
{
	const struct expression_names *names = parser->names;
	const char *value;

	if (!names->value || node->operator->comparison != EQUALS || node->is_number)
		return false;
	for (int i = 0; (value = names->value(names->of, node->field, i)); i++) {
		if ((node->any_case ? strcasecmp : strcmp)(value, node->text) == 0)
			return false;
		nearest_offer(nearest, value);
	}
	return nearest->name;
}

static int set_value(struct parser *parser, int index, const char *word, const char *at)
{
	struct node *node = &parser->out->nodes[index];
	struct nearest nearest = {.wanted = word};
	struct error error = {0};

	node->text = strdup(word);
	if (!node->text) {
		error_memory(parser->error, "reading an expression");
		return -1;
	}
	node->is_number = expression_number(span_of(word), &node->number);
	node->any_case = search_is_any_case(word);
	if (node->operator->comparison == MATCHES && !search_set(&node->search, word, &error))
		return fail(parser, at, "%s", error.text);
	if (is_misspelled(parser, node, &nearest))
		return fail(parser, at, "no review has \"%.60s\" there: did you mean \"%.60s\"?", word, nearest.name);
	return index;
}

/* After its name. */
static int parse_comparison(struct parser *parser, int field, const struct operator *operator)
{
	const int index = node_new(parser, NODE_CONDITION, -1, -1);
	char word[WORD_MAX];
	const char *at;
	bool quoted;

	if (index < 0)
		return -1;
	parser->at += strlen(operator->sign);
	skip_blanks(parser);
	at = parser->at;
	if (!next_word(parser, true, word, &quoted))
		return -1;
	if (!*word && !quoted)
		return fail(parser, at, "a value is missing after %s (\"\" is an empty one)", operator->sign);
	parser->out->nodes[index].field = field;
	parser->out->nodes[index].operator = operator;
	return set_value(parser, index, word, at);
}

/* A word that is meant by itself. */
static int parse_alone(struct parser *parser, const char *word, const char *at, enum expression_name kind, int field)
{
	int index;

	if (kind == NAME_FIELD)
		return fail(parser, parser->at, "\"%.60s\" is to be compared: an operator is missing (= != < <= > >= ~ !~)", word);
	if (kind == NAME_UNKNOWN)
		return unknown_name(parser, at, word, true);
	index = node_new(parser, NODE_CONDITION, -1, -1);
	if (index < 0)
		return -1;
	parser->out->nodes[index].field = field;
	if (kind == NAME_FLAG)
		return index;
	parser->out->nodes[index].operator = operator_at("=");
	return set_value(parser, index, word, at);
}

static int parse_condition(struct parser *parser)
{
	const char *at = parser->at;
	const struct operator *operator;
	enum expression_name kind;
	char word[WORD_MAX];
	int field = 0;
	bool quoted;

	if (!next_word(parser, false, word, &quoted))
		return -1;
	if (!*word)
		return fail(parser, at, *at ? "a name is missing before %.2s" : "a condition is missing%.0s", at);
	kind = parser->names->find(parser->names->of, span_of(word), &field);
	skip_blanks(parser);
	operator = operator_at(parser->at);
	if (!operator)
		return parse_alone(parser, word, at, kind, field);
	if (kind == NAME_UNKNOWN || kind == NAME_WORD)
		return unknown_name(parser, at, word, false);
	return parse_comparison(parser, field, operator);
}

static int parse_group(struct parser *parser)
{
	const char *at = parser->at++;
	int index;

	skip_blanks(parser);
	index = parse_or(parser);
	if (index < 0)
		return -1;
	if (*parser->at != ')')
		return fail(parser, at, "a parenthesis that does not close");
	parser->at++;
	skip_blanks(parser);
	return index;
}

static int parse_not(struct parser *parser)
{
	int index;

	if (++parser->depth > DEPTH_MAX)
		return fail(parser, parser->at, "this is too deep");
	if (take_keyword(parser, "not")) {
		index = parse_not(parser);
		index = index < 0 ? -1 : node_new(parser, NODE_NOT, index, -1);
	} else {
		index = *parser->at == '(' ? parse_group(parser) : parse_condition(parser);
	}
	parser->depth--;
	skip_blanks(parser);
	return index;
}

static bool is_at_or(const struct parser *parser)
{
	struct parser ahead = *parser;

	return take_keyword(&ahead, "or");
}

static int parse_and(struct parser *parser)
{
	int index = parse_not(parser);

	while (index >= 0 && *parser->at && *parser->at != ')' && !is_at_or(parser)) {
		int right;

		take_keyword(parser, "and");
		right = parse_not(parser);
		index = right < 0 ? -1 : node_new(parser, NODE_AND, index, right);
	}
	return index;
}

static int parse_or(struct parser *parser)
{
	int index = parse_and(parser);

	while (index >= 0 && take_keyword(parser, "or")) {
		const int right = parse_and(parser);

		index = right < 0 ? -1 : node_new(parser, NODE_OR, index, right);
	}
	return index;
}

struct expression *expression_parse(const char *text, const struct expression_names *names, struct error *error)
{
	struct expression *out = calloc(1, sizeof *out);
	struct parser parser = {text, text, names, out, 0, error};

	if (!out) {
		error_memory(error, "reading an expression");
		return NULL;
	}
	skip_blanks(&parser);
	out->root = parse_or(&parser);
	if (out->root >= 0 && *parser.at)
		out->root = fail(&parser, parser.at, "a ) that nothing opened");
	if (out->root >= 0)
		return out;
	expression_free(out);
	return NULL;
}

void expression_free(struct expression *expression)
{
	for (int i = 0; expression && i < expression->count; i++) {
		free(expression->nodes[i].text);
		search_clear(&expression->nodes[i].search);
	}
	free(expression);
}

bool expression_is_meant(const char *text, const struct expression_names *names)
{
	struct error ignored = {0};
	struct parser parser = {.text = text, .at = text, .names = names, .error = &ignored};
	enum expression_name kind;
	char word[WORD_MAX];
	bool quoted;
	int field;

	do {
		while (*parser.at && strchr(" \t\n()", *parser.at))
			parser.at++;
		if (take_keyword(&parser, "not") || take_keyword(&parser, "and") || take_keyword(&parser, "or")) {
			kind = NAME_FLAG;
			continue;
		}
		if (!*parser.at || !next_word(&parser, false, word, &quoted) || !*word)
			return false;
		kind = names->find(names->of, span_of(word), &field);
		skip_blanks(&parser);
		if ((kind == NAME_FIELD || kind == NAME_FLAG) && operator_at(parser.at))
			return true;
	} while (kind == NAME_FLAG);
	return false;
}

bool expression_asks(const struct expression *expression, int field)
{
	for (int i = 0; i < expression->count; i++) {
		if (expression->nodes[i].kind == NODE_CONDITION && expression->nodes[i].field == field)
			return true;
	}
	return false;
}

/* What holds */

static bool compare(enum comparison comparison, int order)
{
	switch (comparison) {
	case EQUALS:
		return order == 0;
	case LESS:
		return order < 0;
	case LESS_OR_EQUAL:
		return order <= 0;
	case GREATER:
		return order > 0;
	case GREATER_OR_EQUAL:
		return order >= 0;
	default:
		return false;
	}
}

static bool number_holds(const struct node *node, double number)
{
	return node->is_number && !isnan(number) &&
	       compare(node->operator->comparison, number < node->number ? -1 : number > node->number);
}

static unsigned char folded(char byte, bool any_case)
{
	return (unsigned char)(any_case && byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}

static int order_of_words(const struct node *node, struct span text)
{
	const struct span value = span_of(node->text);

	for (size_t i = 0; i < text.size && i < value.size; i++) {
		const int order = folded(text.data[i], node->any_case) - folded(value.data[i], node->any_case);

		if (order != 0)
			return order;
	}
	return text.size < value.size ? -1 : text.size > value.size;
}

static bool text_holds(const struct node *node, struct span text)
{
	const enum comparison comparison = node->operator->comparison;
	size_t start, end;
	double number;

	if (comparison == MATCHES)
		return search_find(&node->search, text, 0, &start, &end);
	if (node->is_number && expression_number(text, &number))
		return number_holds(node, number);
	if (node->is_number && comparison != EQUALS)
		return false; /* a word is neither less than a number nor greater */
	return compare(comparison, order_of_words(node, text));
}

static bool some_value_holds(const struct node *node, const struct expression_value *value)
{
	if (value->kind == VALUE_NUMBER)
		return number_holds(node, value->number);
	for (int i = 0; value->kind == VALUE_TEXTS && i < value->count; i++) {
		if (text_holds(node, value->texts[i]))
			return true;
	}
	return false;
}

struct question {
	const struct expression *expression;
	void (*value)(const void *of, int field, struct expression_value *out);
	const void *of;
};

static bool node_holds(const struct question *question, int index)
{
	const struct node *node = &question->expression->nodes[index];
	struct expression_value value = {0};

	switch (node->kind) {
	case NODE_AND:
		return node_holds(question, node->left) && node_holds(question, node->right);
	case NODE_OR:
		return node_holds(question, node->left) || node_holds(question, node->right);
	case NODE_NOT:
		return !node_holds(question, node->left);
	default:
		question->value(question->of, node->field, &value);
		if (!node->operator)
			return value.kind == VALUE_NUMBER && value.number > 0;
		return some_value_holds(node, &value) != node->operator->negated;
	}
}

bool expression_holds(const struct expression *expression,
                      void (*value)(const void *of, int field, struct expression_value *out), const void *of)
{
	const struct question question = {expression, value, of};

	return node_holds(&question, expression->root);
}
