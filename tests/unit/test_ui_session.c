/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands between the screens and the engine, without screens: ui/session.c, ui/reviews/review_list.c, ui/reviews/review_scores.c,
 * ui/scoring.c, ui/reviews/review_predictions.c, ui/train/train_form.c, ui/departure.c. The test waits for the wake in the place of the loop. */
#include "tests/unit/check.h"

#include "engine/corrections.h"
#include "ui/departure.h"
#include "ui/reviews/review_list.h"
#include "ui/reviews/review_scores.h"
#include "ui/session.h"
#include "ui/train/train_form.h"

#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct setting {
	struct session session;
	struct error error;
	char folder[256], file[300];
};

static bool memory_is_short;
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
	return memory_is_short ? NULL : __real_realloc(memory, size);
}

static void put_file(const char *path, const char *mode, const char *text)
{
	FILE *file = fopen(path, mode);

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void write_file(const char *path, const char *text)
{
	put_file(path, "w", text);
}

static int begin(void **state)
{
	struct setting *setting = calloc(1, sizeof *setting);

	check_folder(setting->folder, sizeof setting->folder);
	snprintf(setting->file, sizeof setting->file, "%s/reviews.csv", setting->folder);
	write_file(setting->file, "text,label\ngood film,yes\nbad film,no\na good day,yes\na bad day,no\ngood again,yes\n");
	assert_true(session_init(&setting->session, &setting->error));
	*state = setting;
	return 0;
}

static int end(void **state)
{
	struct setting *setting = *state;

	session_free(&setting->session);
	check_folder_remove(setting->folder);
	free(setting);
	return 0;
}

/* The loop's part: waits for the wake and updates. */
static void turn(struct session *session)
{
	struct pollfd fd = {wake_fd(session->wake), POLLIN, 0};

	if (poll(&fd, 1, 20) > 0)
		wake_clear(session->wake);
	session_update(session);
}

static void settle(struct session *session)
{
	session_update(session);
	while (session_is_busy(session))
		turn(session);
}

static void open_reviews(struct setting *setting)
{
	assert_true(session_open_data(&setting->session, setting->file, false, &setting->error));
	settle(&setting->session);
	assert_non_null(setting->session.dataset);
}

/* ui/session.c */

static void a_file_is_opened_beside_and_its_survey_follows(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	assert_true(session_open_data(session, setting->file, true, &setting->error));
	assert_null(session->dataset);
	assert_string_equal(session_opening(session), setting->file);
	settle(session);
	assert_true(session->survey_ready);
	assert_int_equal(session->survey.used, 5);
	assert_string_equal(session->survey.labels[1].name, "yes");
	assert_memory_equal(session_next_news(session)->text, "opened ", 7);
	session_drop_news(session);
	assert_null(session_next_news(session));
}

static void a_file_is_read_anew_as_it_is_said_and_its_columns_stay_chosen(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	struct dataset_dialect dialect = {.header = DIALECT_NO_HEADER};

	open_reviews(setting);
	session_set_columns(session, 1, 0);
	assert_true(session_open_data_as(session, setting->file, &(struct dataset_dialect){.quote = '^'}, true, &setting->error));
	settle(session);
	assert_int_equal(dataset_said(session->dataset)->quote, '^');
	assert_int_equal(session_text_column(session), 1);
	assert_int_equal(session_label_column(session), 0);
	assert_true(session_open_data_as(session, setting->file, &dialect, true, &setting->error));
	settle(session);
	assert_string_equal(dataset_column_name(session->dataset, 0), "column 1");
	assert_int_equal(session->survey.rows, 6);
}

static void a_file_is_read_with_the_columns_that_are_said_which_count_as_chosen(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	const struct dataset_dialect dialect = {.delimiter = ','};
	char name[] = "label";

	open_reviews(setting);
	assert_false(session->text_said || session->label_said);
	assert_true(session_open_data_how(session, setting->file, &(struct open_how){&dialect, true, name, ""}, true, &setting->error));
	memset(name, 'x', sizeof name); /* it was copied */
	settle(session);
	assert_int_equal(session_text_column(session), 1);
	assert_int_equal(session_label_column(session), -1);
	assert_true(session->text_said && session->label_said);
	assert_true(session_open_data_how(session, setting->file, &(struct open_how){&dialect, true, NULL, NULL}, true, &setting->error));
	settle(session);
	assert_int_equal(session_text_column(session), 0);
	assert_false(session->text_said || session->label_said);
	session_set_columns(session, 0, -1);
	assert_true(!session->text_said && session->label_said);
}

/* The quote that was open when the file was cut is not told any more, so nothing is to be woken up for. */
static void a_file_that_was_cut_in_an_open_quote_wakes_nobody_up(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	struct session_growth *growth = &session->growth;

	open_reviews(setting);
	put_file(setting->file, "a", "open,\"yes\n");
	for (int i = 0; i < 500 && (growth->waits_from == 0 || dataset_is_indexing(session->dataset)); i++)
		turn(session);
	assert_int_equal(growth->waits_from, 7);
	assert_in_range(session_growth_timeout(growth, session->dataset), 1, 2001);
	write_file(setting->file, "text,label\n");
	for (int i = 0; i < 500 && growth->watch.active; i++)
		turn(session);
	settle(session);
	assert_false(growth->watch.active);
	assert_int_equal(session_growth_timeout(growth, session->dataset), -1);
}

static void a_column_that_is_not_there_leaves_the_file_as_it_was(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	open_reviews(setting);
	assert_true(session_open_data_how(session, setting->file, &(struct open_how){.columns = true, .text_column = "stars"}, true,
	                                  &setting->error));
	settle(session);
	assert_int_equal(session->survey.used, 5);
	assert_non_null(strstr(session_next_news(session)->text, "has no column \"stars\"; it has: text, label"));
}

static void a_dialect_that_does_not_fit_leaves_the_file_as_it_was_with_the_reason(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	open_reviews(setting);
	assert_true(session_open_data_as(session, setting->file, &(struct dataset_dialect){.header = 90}, true, &setting->error));
	settle(session);
	assert_true(dialect_is_empty(dataset_said(session->dataset)));
	assert_int_equal(session->survey.used, 5);
	assert_true(session_next_news(session)->kind == NEWS_ERROR);
	assert_non_null(strstr(session_next_news(session)->text, "--header 90: the file has no such line"));
}

/* Opens the file in another session, as after a restart; *dialect is what was remembered. */
static void open_after_restart(struct setting *setting, const char *kept, struct dataset_dialect *dialect, bool *error)
{
	struct session *other = calloc(1, sizeof *other);

	assert_non_null(other);
	assert_true(session_init(other, &setting->error));
	assert_true(dialect_memory_keep(other->dialects, kept, &setting->error));
	assert_true(session_open_data(other, setting->file, true, &setting->error));
	settle(other);
	*dialect = *dataset_said(other->dataset);
	*error = session_next_news(other)->kind == NEWS_ERROR;
	session_free(other);
	free(other);
}

static void what_was_guessed_of_a_file_is_told_its_first_line_for_all(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	write_file(setting->file, "# by hand\n# twice\ntext;label\ncaf\xE9 noir;yes\nso so;no\ncaf\xE9;yes\n");
	assert_true(session_open_data(session, setting->file, true, &setting->error));
	settle(session);
	assert_int_equal(session_next_news(session)->kind, NEWS_QUIET);
	assert_memory_equal(session_next_news(session)->text, "opened ", 7);
	session_drop_news(session);
	assert_int_equal(session_next_news(session)->kind, NEWS_NOTE);
	assert_int_equal(session_next_news(session)->more, dataset_notice_count(session->dataset) - 1);
	assert_memory_equal(session_next_news(session)->text, setting->file, strlen(setting->file));
	assert_non_null(strstr(session_next_news(session)->text, ": read as Windows-1252"));
	session_drop_news(session);
	assert_int_equal(session_next_news(session)->kind, NEWS_QUIET);
}

static void a_column_that_nobody_chose_stays_guessed_while_the_other_one_is_chosen(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	write_file(setting->file, "text,stars\ngood,1\nbad,5\n");
	open_reviews(setting);
	assert_false(dataset_column_is_guessed(session->dataset, 0));
	assert_true(dataset_column_is_guessed(session->dataset, 1));
	assert_false(dataset_column_is_guessed(session->dataset, -1));
	session_set_columns(session, 0, 1);
	assert_true(dataset_column_is_guessed(session->dataset, 1));
	settle(session);
	session_set_columns(session, 0, -1);
	settle(session);
	session_set_columns(session, 0, 1);
	settle(session);
	assert_false(dataset_column_is_guessed(session->dataset, 1));
}

static void what_was_said_of_a_file_is_remembered_until_it_does_not_fit_any_more(void **state)
{
	struct setting *setting = *state;
	struct dataset_dialect dialect;
	char kept[400];
	bool error;

	snprintf(kept, sizeof kept, "%s/state/dialects", setting->folder);
	assert_true(dialect_memory_keep(setting->session.dialects, kept, &setting->error));
	assert_true(session_open_data_as(&setting->session, setting->file, &(struct dataset_dialect){.header = 3}, true,
	                                 &setting->error));
	settle(&setting->session);
	assert_true(session_open_data(&setting->session, setting->file, true, &setting->error));
	settle(&setting->session);
	assert_int_equal(dataset_said(setting->session.dataset)->header, 3);
	open_after_restart(setting, kept, &dialect, &error);
	assert_int_equal(dialect.header, 3);
	assert_false(error);
	write_file(setting->file, "text,label\n");
	open_after_restart(setting, kept, &dialect, &error);
	assert_true(dialect_is_empty(&dialect));
	assert_true(error);
}

static int form_field(const char *name)
{
	int field = 0;

	while (strcmp(train_form_name(field), name) != 0)
		field++;
	return field;
}

static void the_form_takes_how_the_file_of_the_data_screen_is_written(void **state)
{
	struct setting *setting = *state;
	static struct train_form form;
	const struct dataset_dialect dialect = {.delimiter = ',', .escape = '\\'};
	const int field = form_field("escape");

	assert_true(session_open_data_as(&setting->session, setting->file, &dialect, false, &setting->error));
	settle(&setting->session);
	train_form_init(&form, "model");
	train_form_follow(&form, &setting->session);
	assert_string_equal(form.options.delimiter, "comma");
	assert_string_equal(form.options.escape, "backslash");
	assert_true(train_form_set(&form, &setting->session, FIELD_DATA, "/nonexistent/other.csv", &setting->error));
	assert_string_equal(form.options.escape, "");
	assert_true(train_form_set(&form, &setting->session, field, "none", &setting->error));
	assert_string_equal(form.options.escape, "none");
	train_form_free(&form);
}

static void a_file_that_cannot_be_opened_leaves_the_one_before(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	const struct dataset *before;
	uint64_t generation;

	open_reviews(setting);
	before = session->dataset;
	generation = session->dataset_generation;
	assert_true(session_open_data(session, "/nonexistent/file.csv", true, &setting->error));
	settle(session);
	assert_ptr_equal(session->dataset, before);
	assert_int_equal(session->dataset_generation, generation);
	assert_true(session_next_news(session)->kind == NEWS_ERROR);
}

static void standard_input_and_pipes_are_refused_and_never_read(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	char pipe[300];

	assert_false(session_open_data(session, "-", true, &setting->error));
	assert_string_equal(setting->error.text, "the screens do not read standard input: save it in a file and open that");
	snprintf(pipe, sizeof pipe, "%s/pipe", setting->folder);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_true(session_open_data(session, pipe, true, &setting->error));
	settle(session);
	assert_null(session->dataset);
	assert_non_null(strstr(session_next_news(session)->text, "is a pipe"));
}

static void what_is_being_opened_can_be_given_up(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	assert_false(session_give_up(session));
	assert_true(session_open_data(session, setting->file, true, &setting->error));
	assert_true(session_watch(session, setting->folder, &setting->error));
	session_load_model(session, setting->folder);
	assert_true(session_give_up(session));
	assert_false(session_is_busy(session));
	for (int i = 0; i < 10; i++)
		turn(session);
	assert_null(session->dataset);
	assert_null(session_next_news(session));
}

static void a_survey_that_was_given_up_is_made_when_it_is_asked_for_again(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	assert_false(session_give_up_survey(session));
	assert_true(session_open_data(session, setting->file, false, &setting->error));
	while (!session->dataset)
		turn(session);
	assert_true(session_give_up_survey(session));
	assert_false(session_give_up_survey(session));
	assert_false(session_is_busy(session));
	for (int i = 0; i < 10; i++)
		turn(session);
	assert_false(session->survey_ready);
	session_survey(session);
	settle(session);
	assert_true(session->survey_ready);
	assert_int_equal(session->survey.used, 5);
	assert_false(session_give_up_survey(session));
}

static void other_columns_are_counted_though_the_survey_before_was_given_up(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	assert_true(session_open_data(session, setting->file, false, &setting->error));
	while (!session->dataset)
		turn(session);
	assert_true(session_give_up_survey(session));
	session_set_columns(session, 0, -1);
	settle(session);
	assert_true(session->survey_ready);
}

static void columns_wait_for_those_who_read(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	struct source *reader;

	open_reviews(setting);
	session_set_columns(session, 1, 0);
	assert_int_equal(dataset_text_column(session->dataset), 1);
	settle(session);
	assert_int_equal(session->survey.label_count, 5);
	reader = source_begin_reading(session->source);
	session_set_columns(session, 0, 1);
	assert_int_equal(dataset_text_column(session->dataset), 1);
	assert_int_equal(session_text_column(session), 0);
	assert_int_equal(session_label_column(session), 1);
	source_end_reading(reader);
	settle(session);
	assert_int_equal(dataset_text_column(session->dataset), 0);
	assert_int_equal(session->survey.label_count, 2);
}

static void a_run_that_cannot_be_read_is_told(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;

	assert_true(session_watch(session, setting->folder, &setting->error));
	assert_string_equal(session_opening_run(session), setting->folder);
	settle(session);
	assert_null(session->run);
	assert_false(session->run_arrived);
	assert_non_null(strstr(session_next_news(session)->text, "is not a run directory"));
}

/* ui/reviews/review_list.c */

/* Without a model and without marks. */
static struct review_context context_of(struct setting *setting)
{
	static const struct review_predictions none;
	static const struct marks unmarked;

	return (struct review_context){&none, &unmarked, &setting->session.survey};
}

static void settle_list(struct review_list *list)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct error error = {0};

	while (job_is_working(list->view_job)) {
		bool changed;

		assert_true(review_list_update(list, &changed, &error));
		nanosleep(&pause, NULL);
	}
}

static void a_list_shows_all_rows_those_of_a_label_or_those_that_are_named(void **state)
{
	struct setting *setting = *state;
	static const uint64_t named[] = {4, 0, 99, 2};
	struct review_context context;
	struct review_list list;

	open_reviews(setting);
	context = context_of(setting);
	review_list_init(&list, setting->session.jobs);
	review_list_attach(&list, setting->session.source);
	assert_int_equal(review_list_count(&list), 5);
	assert_true(review_list_filter(&list, &context, "no", &setting->error));
	settle_list(&list);
	assert_int_equal(review_list_count(&list), 2);
	assert_int_equal(review_list_row(&list, 1), 3);
	assert_int_equal(review_list_find_row(&list, 2), 1);
	assert_true(review_list_set(&list, named, 4, &setting->error));
	assert_null(list.filter);
	assert_int_equal(review_list_count(&list), 3);
	assert_int_equal(review_list_row(&list, 0), 4);
	assert_int_equal(review_list_row(&list, 2), 2);
	assert_int_equal(review_list_find_row(&list, 1), 2);
	assert_int_equal(review_list_find_row(&list, 4), 0);
	assert_true(review_list_is_part(&list));
	assert_true(review_list_filter(&list, &context, NULL, &setting->error));
	assert_false(review_list_is_part(&list));
	assert_int_equal(review_list_count(&list), 5);
	review_list_free(&list);
}

static void a_search_goes_through_what_is_listed_and_around_its_end(void **state)
{
	struct setting *setting = *state;
	static const uint64_t named[] = {1, 2, 3};
	struct review_list list;
	uint64_t index = 99, place = 99;
	bool found = false;
	struct review_context context;

	open_reviews(setting);
	context = context_of(setting);
	review_list_init(&list, setting->session.jobs);
	review_list_attach(&list, setting->session.source);
	assert_true(review_list_set(&list, named, 3, &setting->error));
	assert_true(review_list_search(&list, &context, "b[a]d", 2, false, &setting->error));
	while (!review_list_found(&list, &index, &found, &setting->error))
		turn(&setting->session);
	assert_true(found);
	assert_int_equal(index, 0);
	do {
		turn(&setting->session);
		review_list_found(&list, &index, &found, &setting->error);
	} while (review_list_is_busy(&list));
	assert_int_equal(review_list_matches(&list, 2, &place), 2);
	assert_int_equal(place, 2);
	review_list_matches(&list, 1, &place);
	assert_int_equal(place, 0);
	review_list_free(&list);
}

static void a_file_stays_open_while_a_list_or_a_job_holds_it(void **state)
{
	struct setting *setting = *state;
	struct review_list list;
	struct row *row = row_new(&setting->error);
	struct review_context context;

	open_reviews(setting);
	context = context_of(setting);
	review_list_init(&list, setting->session.jobs);
	review_list_attach(&list, setting->session.source);
	assert_true(review_list_filter(&list, &context, "label=yes", &setting->error));
	open_reviews(setting);
	assert_ptr_not_equal(list.source, setting->session.source);
	assert_true(dataset_read(list.source->dataset, 0, row, &setting->error));
	row_free(row);
	review_list_free(&list);
}

/* ui/scoring.c and ui/reviews/review_scores.c, with the model that ships */

static bool load_pocket(struct setting *setting)
{
	struct session *session = &setting->session;

	session_load_model(session, check_source("share/models/pocket"));
	assert_true(session_is_loading(session));
	settle(session);
	assert_non_null(session->scoring.scorer);
	return true;
}

static void a_model_is_loaded_beside_and_scores(void **state)
{
	struct setting *setting = *state;
	struct scoring *scoring = &setting->session.scoring;
	const struct score_place *place = &scoring->places[SCORE_TYPED];

	load_pocket(setting);
	scoring_ask(scoring, SCORE_TYPED, span_of("a wonderful film"));
	scoring_ask(scoring, SCORE_KEPT, span_of("a terrible film"));
	assert_true(scoring_is_asked(scoring, SCORE_KEPT));
	settle(&setting->session);
	assert_true(place->score.label >= 0);
	assert_int_not_equal(place->score.label, scoring->places[SCORE_KEPT].score.label);
}

static void a_text_that_memory_was_too_short_for_is_answered_and_the_next_is_scored(void **state)
{
	struct setting *setting = *state;
	struct scoring *scoring = &setting->session.scoring;
	const struct score_place *place = &scoring->places[SCORE_TYPED];

	load_pocket(setting);
	memory_is_short = true;
	scoring_ask(scoring, SCORE_TYPED, span_of("a wonderful film"));
	memory_is_short = false;
	assert_false(scoring_is_asked(scoring, SCORE_TYPED));
	assert_int_equal(place->score.label, -1);
	scoring_ask(scoring, SCORE_TYPED, span_of("a wonderful film"));
	settle(&setting->session);
	assert_true(place->score.label >= 0);
}

static void the_chosen_row_is_scored_first_then_those_in_sight(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	struct row *row = row_new(&setting->error);
	struct review_scores scores;
	struct review_list list;

	open_reviews(setting);
	load_pocket(setting);
	assert_true(review_scores_init(&scores));
	review_list_init(&list, session->jobs);
	review_list_attach(&list, session->source);
	review_scores_update(&scores, session, &list, row, 3, 0, 2);
	assert_int_equal(scores.asked, 4);
	do {
		settle(session);
		review_scores_update(&scores, session, &list, row, 3, 0, 2);
	} while (scores.asked);
	assert_int_equal(scores.detail, 4);
	assert_non_null(review_scores_find(&scores, 0));
	assert_non_null(review_scores_find(&scores, 1));
	assert_null(review_scores_find(&scores, 2));
	review_list_free(&list);
	review_scores_free(&scores);
	row_free(row);
}

static void predict_all(struct setting *setting, struct review_predictions *predictions)
{
	do {
		settle(&setting->session);
		assert_true(review_predictions_update(predictions, &setting->session, &setting->error));
	} while (review_predictions_is_busy(predictions));
}

/* ui/reviews/review_predictions.c */

static void all_rows_are_predicted_and_remembered_for_the_next_visit(void **state)
{
	struct setting *setting = *state;
	struct review_predictions predictions;
	struct prediction first, again;
	char command[400];

	write_file(setting->file, "text,label\na wonderful film,positive\na terrible film,positive\n\"\",negative\na,b,c\nbad,\n");
	open_reviews(setting);
	load_pocket(setting);
	setenv("XDG_CACHE_HOME", setting->folder, 1);
	for (int visit = 0; visit < 2; visit++) {
		struct prediction_counts counts;

		review_predictions_init(&predictions, setting->session.jobs, true);
		predict_all(setting, &predictions);
		counts = review_predictions_counts(&predictions);
		assert_int_equal(counts.rows, 5);
		assert_int_equal(counts.done, 5);
		assert_int_equal(counts.predicted, 4);
		assert_int_equal(counts.judged, 3);
		assert_false(predictions.labels_differ);
		assert_true(review_predictions_row(&predictions, 0, visit ? &again : &first));
		assert_int_equal(first.verdict, VERDICT_RIGHT);
		assert_true(review_predictions_row(&predictions, 1, &again));
		assert_int_equal(again.verdict, VERDICT_WRONG);
		assert_true(again.loss > first.loss);
		assert_false(review_predictions_row(&predictions, 3, &again));
		assert_true(review_predictions_row(&predictions, 4, &again));
		assert_int_equal(again.verdict, VERDICT_NONE);
		review_predictions_free(&predictions);
	}
	snprintf(command, sizeof command, "ls '%s'/revue/predictions/*.predictions >/dev/null", setting->folder);
	assert_int_equal(system(command), 0);
	unsetenv("XDG_CACHE_HOME");
}

static void labels_that_the_model_does_not_have_are_not_judged(void **state)
{
	struct setting *setting = *state;
	struct review_predictions predictions;

	write_file(setting->file, "text,stars\na wonderful film,5\na terrible film,1\nso so,3\n");
	open_reviews(setting);
	load_pocket(setting);
	review_predictions_init(&predictions, setting->session.jobs, false);
	predict_all(setting, &predictions);
	assert_true(predictions.labels_differ);
	assert_int_equal(review_predictions_counts(&predictions).predicted, 3);
	assert_int_equal(review_predictions_counts(&predictions).judged, 0);
	review_predictions_free(&predictions);
}

static void a_corrected_label_is_judged_anew_and_all_else_stays(void **state)
{
	struct setting *setting = *state;
	struct review_predictions predictions;
	struct row *row = row_new(&setting->error);
	struct corrections *corrections;
	struct prediction before, after;

	write_file(setting->file, "text,label\na wonderful film,positive\na terrible film,positive\na terrible film,positive\n");
	open_reviews(setting);
	load_pocket(setting);
	review_predictions_init(&predictions, setting->session.jobs, false);
	predict_all(setting, &predictions);
	assert_int_equal(review_predictions_counts(&predictions).errors, 2);
	assert_true(review_predictions_row(&predictions, 0, &before));
	assert_true(dataset_read(setting->session.dataset, 1, row, &setting->error));
	corrections = dataset_corrections(setting->session.dataset);
	assert_true(corrections_add(corrections, row->text, row->file_label, "negative", &setting->error));
	review_predictions_changed(&predictions, row->text);
	predict_all(setting, &predictions);
	assert_int_equal(review_predictions_counts(&predictions).errors, 0);
	assert_int_equal(review_predictions_counts(&predictions).predicted, 3);
	assert_true(review_predictions_row(&predictions, 0, &after));
	assert_true(before.loss == after.loss && before.score == after.score);
	review_predictions_free(&predictions);
	row_free(row);
}

static void a_filter_and_an_order_wait_for_the_predictions(void **state)
{
	struct setting *setting = *state;
	struct review_predictions predictions;
	struct review_context context;
	struct review_list list;
	bool changed;

	write_file(setting->file, "text,label\na wonderful film,positive\na terrible film,positive\nbad,negative\nawful,positive\n");
	open_reviews(setting);
	load_pocket(setting);
	review_predictions_init(&predictions, setting->session.jobs, false);
	context = context_of(setting);
	context.predictions = &predictions;
	review_list_init(&list, setting->session.jobs);
	review_list_attach(&list, setting->session.source);
	assert_false(review_list_filter(&list, &context, "error", &setting->error));
	assert_true(review_predictions_update(&predictions, &setting->session, &setting->error));
	assert_true(review_list_filter(&list, &context, "error", &setting->error));
	settle_list(&list);
	assert_int_equal(review_list_count(&list), 2);
	assert_int_equal(review_list_row(&list, 0), 1);
	assert_true(review_list_filter(&list, &context, NULL, &setting->error));
	assert_true(review_list_sort(&list, &context, "length", &setting->error));
	while (job_is_working(list.view_job))
		assert_true(review_list_update(&list, &changed, &setting->error));
	assert_int_equal(review_list_row(&list, 0), 2);
	assert_int_equal(review_list_row(&list, 1), 3);
	assert_true(review_list_sort(&list, &context, "loss reverse", &setting->error));
	while (job_is_working(list.view_job))
		assert_true(review_list_update(&list, &changed, &setting->error));
	assert_true(review_list_row(&list, 0) == 1 || review_list_row(&list, 0) == 3);
	assert_true(review_list_row(&list, 3) == 0 || review_list_row(&list, 3) == 2);
	assert_false(review_list_sort(&list, &context, "lenght", &setting->error));
	assert_string_equal(setting->error.text, "no column is called \"lenght\": did you mean \"length\"?");
	review_list_free(&list);
	predict_all(setting, &predictions);
	review_predictions_free(&predictions);
}

/* train_form.c */

static void what_is_said_in_the_form_of_the_data_screens_file_is_changed_there(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	static struct train_form form;

	open_reviews(setting);
	train_form_init(&form, "model");
	train_form_follow(&form, session);
	assert_true(train_form_is_of_data(&form, session, form_field("text-column")));
	assert_true(train_form_set(&form, session, form_field("text-column"), "2", &setting->error));
	train_form_follow(&form, session);
	assert_string_equal(form.options.text_column, "label");
	assert_int_equal(session_text_column(session), 1);
	assert_int_equal(session_label_column(session), -1);
	assert_true(train_form_set(&form, session, form_field("label-column"), "text", &setting->error));
	assert_int_equal(session_label_column(session), 0);
	assert_false(train_form_set(&form, session, form_field("label-column"), "label", &setting->error));
	assert_false(train_form_set(&form, session, form_field("label-column"), "stars", &setting->error));
	assert_non_null(strstr(setting->error.text, "no column is called stars"));
	assert_true(train_form_set(&form, session, form_field("quote"), "^", &setting->error));
	settle(session);
	train_form_follow(&form, session);
	assert_int_equal(dataset_said(session->dataset)->quote, '^');
	assert_string_equal(form.options.quote, "^");
	assert_true(train_form_set(&form, session, FIELD_DATA, setting->file, &setting->error));
	assert_false(train_form_is_of_data(&form, session, form_field("quote")));
	train_form_free(&form);
}


static void settle_form(struct train_form *form, struct session *session)
{
	train_form_follow(form, session);
	while (train_form_is_estimating(form)) {
		turn(session);
		train_form_update(form, session);
	}
}

static void a_file_of_its_own_is_counted_for_the_estimate(void **state)
{
	struct setting *setting = *state;
	struct train_form form;

	train_form_init(&form, check_source("share/models/pocket"));
	assert_true(train_form_set(&form, &setting->session, FIELD_DATA, setting->file, &setting->error));
	settle_form(&form, &setting->session);
	assert_int_equal(form.rows, 5);
	assert_int_equal(form.estimate_error.kind, 0);
	assert_true(form.estimate.steps > 0);
	assert_true(train_form_set(&form, &setting->session, FIELD_DATA, "/nonexistent.csv", &setting->error));
	settle_form(&form, &setting->session);
	assert_non_null(strstr(form.estimate_error.text, "/nonexistent.csv"));
	train_form_free(&form);
}

/* A backend is opened for it, which may load a library. */
static void the_estimate_is_made_beside_and_the_last_settings_count(void **state)
{
	struct setting *setting = *state;
	struct train_form form;
	int64_t steps;

	open_reviews(setting);
	train_form_init(&form, check_source("share/models/pocket"));
	train_form_follow(&form, &setting->session);
	assert_int_equal(form.estimate.steps, 0);
	assert_true(train_form_is_estimating(&form));
	settle_form(&form, &setting->session);
	steps = (int64_t)form.estimate.steps;
	assert_true(steps > 0);
	form.options.num_train_epochs *= 2;
	train_form_follow(&form, &setting->session);
	form.options.num_train_epochs *= 2;
	settle_form(&form, &setting->session);
	assert_int_equal(form.estimate.steps, 4 * steps);
	train_form_free(&form);
}

static void a_model_that_is_not_there_has_no_estimate_but_a_reason(void **state)
{
	struct setting *setting = *state;
	struct train_form form;

	open_reviews(setting);
	train_form_init(&form, "nowhere");
	settle_form(&form, &setting->session);
	assert_non_null(strstr(form.estimate_error.text, "nowhere"));
	assert_true(train_form_set(&form, &setting->session, FIELD_MODEL, check_source("share/models/pocket"), &setting->error));
	settle_form(&form, &setting->session);
	assert_int_equal(form.estimate_error.kind, 0);
	train_form_free(&form);
}

static void a_run_directory_that_was_typed_is_never_renamed(void **state)
{
	struct setting *setting = *state;
	struct train_form form;

	train_form_init(&form, "model");
	train_form_follow(&form, &setting->session);
	assert_memory_equal(form.paths[FIELD_RUN], "run-", 4);
	assert_true(train_form_set(&form, &setting->session, FIELD_RUN, setting->folder, &setting->error));
	train_form_follow(&form, &setting->session);
	assert_string_equal(form.paths[FIELD_RUN], setting->folder);
	train_form_free(&form);
}

/* departure.c */

static void without_a_training_q_leaves_and_a_signal_interrupts(void **state)
{
	struct setting *setting = *state;
	struct departure departure = {0};

	departure_update(&departure, &setting->session);
	assert_int_equal(departure.state, LEAVE_NOT);
	departure_event(&departure, &setting->session, LEAVE_QUIT);
	assert_int_equal(departure.state, LEAVE_DONE);
	departure = (struct departure){0};
	departure_event(&departure, &setting->session, LEAVE_SIGNAL);
	departure_update(&departure, &setting->session);
	assert_int_equal(departure.state, LEAVE_DONE_INTERRUPTED);
}

static void a_training_that_ended_under_the_question_is_told_in_the_last_line(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	struct departure departure = {.state = LEAVE_ASKED};

	snprintf(session->run_path, sizeof session->run_path, "run-1");
	session->trainer_status.phase = TRAINER_FINISHED;
	departure_event(&departure, session, LEAVE_CHOSE_STOP);
	departure_update(&departure, session);
	assert_int_equal(departure.state, LEAVE_DONE);
	assert_string_equal(departure.farewell, "the training has finished: its model is in run-1/model");
}

static void a_training_that_failed_is_told_on_the_screens(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	struct departure departure = {.state = LEAVE_STOPPING};

	session->trainer_status.phase = TRAINER_FAILED;
	error_set(&session->trainer_error, ERROR_IO, "the disk is full");
	departure_update(&departure, session);
	assert_int_equal(departure.state, LEAVE_NOT);
	assert_true(departure.is_error);
	assert_string_equal(departure.message, "the disk is full");
}

/* Another run in its place would be taken for the one that was handed over, and the other process be killed for it. */
static void while_a_training_is_handed_over_no_other_takes_its_place(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	struct trainer_request request = {.run = "run-2"};
	struct error error = {0};

	snprintf(session->run_path, sizeof session->run_path, "run-1");
	session_hand_over(session, true);
	assert_false(session_resume(session, "run-2", false, &error));
	assert_string_equal(error.text, "the training is being handed over: wait until the other process has it");
	error = (struct error){0};
	assert_false(session_train(session, &request, &error));
	assert_non_null(strstr(error.text, "handed over"));
	assert_false(session_watch(session, "run-2", &error));
	assert_null(session_opening_run(session));
	assert_string_equal(session->run_path, "run-1");
	session_hand_over(session, false);
	error = (struct error){0};
	assert_false(session_resume(session, "run-2", false, &error));
	assert_null(strstr(error.text, "handed over"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void a_file_that_is_typed_into_the_form_is_read_as_was_said_of_it_before(void **state)
{
	struct setting *setting = *state;
	struct session *session = &setting->session;
	static struct train_form form;

	assert_true(session_open_data_as(session, setting->file, &(struct dataset_dialect){.header = 3}, true, &setting->error));
	settle(session);
	train_form_init(&form, check_source("share/models/pocket"));
	assert_true(train_form_set(&form, session, FIELD_DATA, setting->file, &setting->error));
	assert_true(form.remembered);
	assert_string_equal(form.options.header, "3");
	settle_form(&form, session);
	assert_int_equal(form.rows, 3);
	write_file(setting->file, "text,label\n");
	assert_true(train_form_set(&form, session, FIELD_DATA, setting->file, &setting->error));
	settle_form(&form, session);
	assert_true(form.forgot);
	assert_string_equal(form.options.header, "");
	train_form_free(&form);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_opened_beside_and_its_survey_follows),
		TEST(a_file_is_read_anew_as_it_is_said_and_its_columns_stay_chosen),
		TEST(a_file_is_read_with_the_columns_that_are_said_which_count_as_chosen),
		TEST(a_file_that_was_cut_in_an_open_quote_wakes_nobody_up),
		TEST(a_column_that_is_not_there_leaves_the_file_as_it_was),
		TEST(a_dialect_that_does_not_fit_leaves_the_file_as_it_was_with_the_reason),
		TEST(what_was_guessed_of_a_file_is_told_its_first_line_for_all),
		TEST(a_column_that_nobody_chose_stays_guessed_while_the_other_one_is_chosen),
		TEST(what_was_said_of_a_file_is_remembered_until_it_does_not_fit_any_more),
		TEST(what_is_said_in_the_form_of_the_data_screens_file_is_changed_there),
		TEST(a_file_that_is_typed_into_the_form_is_read_as_was_said_of_it_before),
		TEST(the_form_takes_how_the_file_of_the_data_screen_is_written),
		TEST(a_file_that_cannot_be_opened_leaves_the_one_before),
		TEST(standard_input_and_pipes_are_refused_and_never_read),
		TEST(what_is_being_opened_can_be_given_up),
		TEST(a_survey_that_was_given_up_is_made_when_it_is_asked_for_again),
		TEST(other_columns_are_counted_though_the_survey_before_was_given_up),
		TEST(columns_wait_for_those_who_read),
		TEST(a_run_that_cannot_be_read_is_told),
		TEST(a_list_shows_all_rows_those_of_a_label_or_those_that_are_named),
		TEST(a_search_goes_through_what_is_listed_and_around_its_end),
		TEST(a_file_stays_open_while_a_list_or_a_job_holds_it),
		TEST(a_model_is_loaded_beside_and_scores),
		TEST(a_text_that_memory_was_too_short_for_is_answered_and_the_next_is_scored),
		TEST(the_chosen_row_is_scored_first_then_those_in_sight),
		TEST(all_rows_are_predicted_and_remembered_for_the_next_visit),
		TEST(labels_that_the_model_does_not_have_are_not_judged),
		TEST(a_filter_and_an_order_wait_for_the_predictions),
		TEST(a_corrected_label_is_judged_anew_and_all_else_stays),
		TEST(a_file_of_its_own_is_counted_for_the_estimate),
		TEST(the_estimate_is_made_beside_and_the_last_settings_count),
		TEST(a_model_that_is_not_there_has_no_estimate_but_a_reason),
		TEST(a_run_directory_that_was_typed_is_never_renamed),
		TEST(without_a_training_q_leaves_and_a_signal_interrupts),
		TEST(a_training_that_ended_under_the_question_is_told_in_the_last_line),
		TEST(a_training_that_failed_is_told_on_the_screens),
		TEST(while_a_training_is_handed_over_no_other_takes_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
