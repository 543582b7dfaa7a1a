/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cuda/library.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstring>

static void *open_beside_module(const char *name)
{
	char path[4096];
	Dl_info here;
	const char *slash;

	if (!dladdr(reinterpret_cast<const void *>(library_open), &here) || !(slash = strrchr(here.dli_fname, '/')) ||
	    static_cast<size_t>(snprintf(path, sizeof path, "%.*s/%s", static_cast<int>(slash - here.dli_fname),
	                                 here.dli_fname, name)) >= sizeof path)
		return nullptr;
	return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

void *library_open(const char *const *names)
{
	for (const char *const *name = names; *name; name++)
		if (void *library = open_beside_module(*name))
			return library;
	for (const char *const *name = names; *name; name++)
		if (void *library = dlopen(*name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
			return library;
	return nullptr;
}

const char *library_fill_all(void *library, const struct library_function *functions, size_t count, void *pointers)
{
	for (size_t i = 0; i < count; i++) {
		void *symbol = dlsym(library, functions[i].name);

		if (!symbol)
			return functions[i].name;
		memcpy(static_cast<char *>(pointers) + functions[i].offset, &symbol, sizeof symbol);
	}
	return nullptr;
}
