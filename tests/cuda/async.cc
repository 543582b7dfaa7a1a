/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cp.async: what a thread asked for lies nowhere until it waits for the group. */
#include "tests/cuda/emulator.h"

#include <cuda_ptx.h>

#include <cstring>
#include <vector>

struct asked {
	void *shared;
	const void *global;
	unsigned bytes, valid, group;
};

struct copies {
	std::vector<asked> list;
	unsigned groups; /* so many are complete */
};

static struct copies threads[THREADS_MAX];

void async_forget()
{
	for (auto &t : threads) {
		t.list.clear();
		t.groups = 0;
	}
}

void cuda_copy_async(void *shared, const void *global, unsigned bytes, unsigned valid)
{
	struct copies *mine = &threads[fiber_now];

	if (valid > bytes)
		fault_kernel("cp.async of %u bytes says that %u are valid", bytes, valid);
	if (reinterpret_cast<uintptr_t>(shared) % bytes != 0 || reinterpret_cast<uintptr_t>(global) % bytes != 0)
		fault_kernel("cp.async of %u bytes at addresses that are not aligned to as many", bytes);
	race_read(fiber_now, global, valid);
	race_promise(fiber_now, shared, bytes);
	mine->list.push_back({shared, global, bytes, valid, mine->groups});
}

void ptx_copy_commit()
{
	threads[fiber_now].groups++;
}

void cuda_copy_wait(unsigned groups)
{
	struct copies *mine = &threads[fiber_now];
	std::vector<asked> left;

	for (const auto &c : mine->list) {
		if (c.group + groups >= mine->groups) {
			left.push_back(c);
			continue;
		}
		memcpy(c.shared, c.global, c.valid);
		memset(static_cast<char *>(c.shared) + c.valid, 0, c.bytes - c.valid);
		race_keep_promise(fiber_now, c.shared, c.bytes);
	}
	mine->list.swap(left);
}
