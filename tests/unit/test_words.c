/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/words.h: numbers as people and files read them. */
#include "tests/unit/check.h"

#include "engine/base/number.h"
#include "engine/words.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static void counts_have_a_comma_before_each_three_digits(void **state)
{
	(void)state;
	assert_string_equal(words_count(0).text, "0");
	assert_string_equal(words_count(999).text, "999");
	assert_string_equal(words_count(1000).text, "1,000");
	assert_string_equal(words_count(25000).text, "25,000");
	assert_string_equal(words_count(22713216).text, "22,713,216");
	assert_string_equal(words_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
}

static void bytes_have_three_digits_at_most_and_a_unit_of_ten_to_the_third(void **state)
{
	(void)state;
	assert_string_equal(words_bytes(0).text, "0 bytes");
	assert_string_equal(words_bytes(999).text, "999 bytes");
	assert_string_equal(words_bytes(1000).text, "1.0 kB");
	assert_string_equal(words_bytes(99949).text, "99.9 kB");
	assert_string_equal(words_bytes(99950).text, "100 kB");
	assert_string_equal(words_bytes(999499).text, "999 kB");
	assert_string_equal(words_bytes(999500).text, "1.0 MB");
	assert_string_equal(words_bytes(17500000).text, "17.5 MB");
	assert_string_equal(words_bytes(312000000).text, "312 MB");
	assert_string_equal(words_bytes(1300000000).text, "1.3 GB");
	assert_string_equal(words_bytes(UINT64_MAX).text, "18.4 EB");
}

static void a_duration_has_two_units_at_most(void **state)
{
	(void)state;
	assert_string_equal(words_duration(0).text, "0 ms");
	assert_string_equal(words_duration(0.014).text, "14 ms");
	assert_string_equal(words_duration(0.9994).text, "999 ms");
	assert_string_equal(words_duration(0.9996).text, "1.0 s");
	assert_string_equal(words_duration(4.24).text, "4.2 s");
	assert_string_equal(words_duration(9.96).text, "10 s");
	assert_string_equal(words_duration(59.4).text, "59 s");
	assert_string_equal(words_duration(59.6).text, "1 min 00 s");
	assert_string_equal(words_duration(738).text, "12 min 18 s");
	assert_string_equal(words_duration(3599.6).text, "1 h 00 min");
	assert_string_equal(words_duration(7500).text, "2 h 05 min");
	assert_string_equal(words_duration(-1).text, "unknown");
	assert_string_equal(words_duration((double)NAN).text, "unknown");
	assert_string_equal(words_duration((double)INFINITY).text, "unknown");
}

static void a_clock_shows_hours_only_where_there_are_any(void **state)
{
	(void)state;
	assert_string_equal(words_clock(0).text, "0:00");
	assert_string_equal(words_clock(41.6).text, "0:42");
	assert_string_equal(words_clock(65).text, "1:05");
	assert_string_equal(words_clock(3599.5).text, "1:00:00");
	assert_string_equal(words_clock(3723).text, "1:02:03");
	assert_string_equal(words_clock(-1).text, "0:00");
	assert_string_equal(words_clock((double)NAN).text, "0:00");
	assert_string_equal(words_clock((double)INFINITY).text, "0:00");
}

static void numbers_for_files_are_as_short_as_exactness_allows(void **state)
{
	(void)state;
	assert_string_equal(words_float(0.1f).text, "0.1");
	assert_string_equal(words_float(0.9998f).text, "0.9998");
	assert_string_equal(words_float(5e-5f).text, "5e-05");
	assert_string_equal(words_float(1.0f / 3).text, "0.33333334");
	assert_string_equal(words_double(0.1).text, "0.1");
	assert_string_equal(words_double(5e-5).text, "5e-05");
	assert_string_equal(words_double(1.0 / 3).text, "0.3333333333333333");
	assert_string_equal(words_double(100000).text, "100000");
	assert_string_equal(words_double(999999999999999).text, "999999999999999");
	assert_string_equal(words_double(1e15).text, "1e+15");
	assert_string_equal(words_double(9007199254740991).text, "9007199254740991");
	assert_string_equal(words_double(-2.5).text, "-2.5");
	assert_string_equal(words_double((double)INFINITY).text, "inf");
	assert_string_equal(words_logit(1.0f / 3).text, "0.333333343");
}

static void a_real_number_keeps_its_point(void **state)
{
	(void)state;
	assert_string_equal(words_real(3).text, "3.0");
	assert_string_equal(words_real(-250000).text, "-250000.0");
	assert_string_equal(words_real(4.5).text, "4.5");
	assert_string_equal(words_real(1e15).text, "1e+15");
	assert_string_equal(words_real(1e-7).text, "1e-07");
}

/* A linear congruential generator (Knuth's MMIX) over bit patterns: every exponent, subnormal numbers too. */
static void every_number_for_files_reads_back_exactly(void **state)
{
	uint64_t bits = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		double value;
		float single;
		uint32_t half;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		half = (uint32_t)(bits >> 32);
		memcpy(&value, &bits, sizeof value);
		memcpy(&single, &half, sizeof single);
		if (isfinite(value)) {
			assert_true(strtod(words_double(value).text, NULL) == value);
			assert_true(strtod(words_real(value).text, NULL) == value);
		}
		if (isfinite(single))
			assert_true(strtof(words_float(single).text, NULL) == single);
	}
	assert_true(strtod(words_double(-DBL_MAX).text, NULL) == -DBL_MAX);
	assert_true(strtod(words_double(DBL_TRUE_MIN).text, NULL) == DBL_TRUE_MIN);
}

static void json_numbers_are_spelled_alike_but_for_those_that_json_lacks(void **state)
{
	char text[NUMBER_TEXT];

	(void)state;
	number_format(text, 1.0 / 3);
	assert_string_equal(text, words_double(1.0 / 3).text);
	number_format(text, (double)NAN);
	assert_string_equal(text, "null");
	number_format(text, (double)-INFINITY);
	assert_string_equal(text, "null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_have_a_comma_before_each_three_digits),
		cmocka_unit_test(bytes_have_three_digits_at_most_and_a_unit_of_ten_to_the_third),
		cmocka_unit_test(a_duration_has_two_units_at_most),
		cmocka_unit_test(a_clock_shows_hours_only_where_there_are_any),
		cmocka_unit_test(numbers_for_files_are_as_short_as_exactness_allows),
		cmocka_unit_test(a_real_number_keeps_its_point),
		cmocka_unit_test(every_number_for_files_reads_back_exactly),
		cmocka_unit_test(json_numbers_are_spelled_alike_but_for_those_that_json_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
