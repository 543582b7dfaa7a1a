/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cuda/symbols.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
	const unsigned char *bytes;
	size_t size;
};

static struct image image_map(const char *path)
{
	struct image image = {};
	struct stat status;
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	void *memory = MAP_FAILED;

	if (file >= 0 && fstat(file, &status) == 0)
		memory = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
	if (memory != MAP_FAILED)
		image = {static_cast<const unsigned char *>(memory), static_cast<size_t>(status.st_size)};
	if (file >= 0)
		close(file);
	return image;
}

/* The name of the symbol whose value is `value`, within the image; NULL. */
static const char *find(struct image image, uintptr_t value)
{
	const ElfW(Ehdr) *head = reinterpret_cast<const ElfW(Ehdr) *>(image.bytes);
	const ElfW(Shdr) *sections = reinterpret_cast<const ElfW(Shdr) *>(image.bytes + head->e_shoff);

	for (unsigned i = 0; i < head->e_shnum; i++) {
		const ElfW(Sym) *symbols = reinterpret_cast<const ElfW(Sym) *>(image.bytes + sections[i].sh_offset);
		const char *names;

		if (sections[i].sh_type != SHT_SYMTAB)
			continue;
		names = reinterpret_cast<const char *>(image.bytes + sections[sections[i].sh_link].sh_offset);
		for (size_t s = 0; s < sections[i].sh_size / sizeof *symbols; s++)
			if (symbols[s].st_value == value && (symbols[s].st_info & 15) == STT_FUNC)
				return names + symbols[s].st_name;
	}
	return nullptr;
}

/* Without what it takes. */
static void demangle(const char *name, char *out, size_t capacity)
{
	int status;
	char *plain = abi::__cxa_demangle(name, nullptr, nullptr, &status), *end;

	snprintf(out, capacity, "%s", status == 0 ? plain : name);
	end = strchr(out, '(');
	if (end)
		*end = '\0';
	free(plain);
}

void symbol_name(const void *function, char *out, size_t capacity)
{
	Dl_info info;
	struct link_map *map = nullptr;
	struct image image = {};
	const char *name = nullptr;

	if (dladdr1(function, &info, reinterpret_cast<void **>(&map), RTLD_DL_LINKMAP) != 0 && map)
		image = image_map(*map->l_name ? map->l_name : "/proc/self/exe");
	if (image.bytes) {
		name = find(image, reinterpret_cast<uintptr_t>(function) - map->l_addr);
		demangle(name ? name : "?", out, capacity);
		munmap(const_cast<unsigned char *>(image.bytes), image.size);
	} else
		snprintf(out, capacity, "?");
}

static uintptr_t image_start, image_end;

static int find_image(struct dl_phdr_info *info, size_t, void *)
{
	const uintptr_t here = reinterpret_cast<uintptr_t>(&image_start);
	uintptr_t start = UINTPTR_MAX, end = 0;

	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		start = from < start ? from : start;
		end = from + info->dlpi_phdr[i].p_memsz > end ? from + info->dlpi_phdr[i].p_memsz : end;
	}
	if (here < start || here >= end)
		return 0;
	image_start = start;
	image_end = end;
	return 1;
}

bool symbol_image_holds(const void *at)
{
	if (image_end == 0)
		dl_iterate_phdr(find_image, nullptr);
	return reinterpret_cast<uintptr_t>(at) >= image_start && reinterpret_cast<uintptr_t>(at) < image_end;
}
