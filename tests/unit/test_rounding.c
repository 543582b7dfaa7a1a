/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include "engine/base/rounding.h"
#include "engine/format/halves.h"

/* Every number of a format rounds to itself; what lies between two of them to the nearer one, and from their middle to the one
 * whose last bit is 0. Both have a sign and magnitudes that rise with their bits up to infinity. */
static void check_format(float (*round)(float), float (*value)(uint16_t), uint16_t infinity)
{
	for (uint16_t bits = 0; bits < infinity; bits++) {
		float low = value(bits), high = value((uint16_t)(bits + 1)), below = value((uint16_t)(bits - 1));
		/* as if numbers went on beyond the largest */
		double step = (double)(bits + 1 == infinity ? low : high) - (double)(bits + 1 == infinity ? below : low);
		float middle = (float)((double)low + step / 2), even = bits % 2 == 0 ? low : high;

		if (round(low) != low || round(-low) != -low || round(middle) != even || round(-middle) != -even ||
		    round(nextafterf(middle, 0)) != low || round(nextafterf(middle, (float)INFINITY)) != high)
			fail_msg("around %.9g", (double)low);
	}
	assert_true(round((float)INFINITY) == (float)INFINITY && round(-(float)INFINITY) == -(float)INFINITY);
	assert_true(isnan(round((float)NAN)) && isnan(round(-(float)NAN)));
	assert_true(signbit(round(-0.0f)) && !signbit(round(0.0f)));
}

static void f16_is_rounded_to_the_nearest(void **state)
{
	(void)state;
	check_format(round_f16, f16_to_f32, 0x7C00);
	assert_true(round_f16(1e-8f) == 0 && signbit(round_f16(-1e-8f)) && round_f16(70000) == (float)INFINITY);
}

static void bf16_is_rounded_to_the_nearest(void **state)
{
	(void)state;
	check_format(round_bf16, bf16_to_f32, 0x7F80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(f16_is_rounded_to_the_nearest),
		cmocka_unit_test(bf16_is_rounded_to_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
