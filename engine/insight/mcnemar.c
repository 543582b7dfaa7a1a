/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight.h"

#include <math.h>

/* 2 P(X <= least) of a fair coin thrown `count` times, from the largest term down. Source: McNemar 1947. */
static double exact_p(uint64_t least, uint64_t count)
{
	double n = (double)count, k = (double)least, sum = 0;
	double term = exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2));

	for (; k >= 0 && term > 0 && sum + term > sum; k--) {
		sum += term;
		term *= k / (n - k + 1);
	}
	return fmin(2 * sum, 1);
}

static void test(struct mcnemar *counts)
{
	double a = (double)counts->only_a, b = (double)counts->only_b, apart = fmax(fabs(a - b) - 1, 0);

	counts->exact = 2 * counts->only_a == counts->only_a + counts->only_b
	                        ? 1
	                        : exact_p(counts->only_a < counts->only_b ? counts->only_a : counts->only_b,
	                                  counts->only_a + counts->only_b);
	counts->chi2 = a + b > 0 ? apart * apart / (a + b) : NAN;
	counts->chi2_p = erfc(sqrt(counts->chi2 / 2));
}

struct mcnemar mcnemar_test(const struct predictions *a, const struct predictions *b)
{
	struct mcnemar counts = {0};

	for (size_t i = 0; i < a->rows; i++) {
		bool first = a->predictions[i] == a->truths[i], second = b->predictions[i] == b->truths[i];
		counts.both_right += first && second;
		counts.only_a += first && !second;
		counts.only_b += !first && second;
		counts.both_wrong += !first && !second;
	}
	test(&counts);
	return counts;
}
