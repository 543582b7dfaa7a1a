/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/identify.h"

#include "engine/base/little.h"
#include "engine/format/tensor.h"

#include <strings.h>

static const struct signature {
	size_t offset, size;
	const char *bytes;
	const char *what;
} signatures[] = {
	{0, 2, "\x1f\x8b", "is compressed with gzip: unpack it with gunzip first"},
	{0, 6, "\xfd" "7zXZ\0", "is compressed with xz: unpack it first"},
	{0, 4, "\x28\xb5\x2f\xfd", "is compressed with zstd: unpack it first"},
	{0, 3, "BZh", "is compressed with bzip2: unpack it first"},
	{0, 6, "7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it first"},
	{0, 4, "Rar!", "is a RAR archive: unpack it first"},
	{0, 4, "GGUF", "is a GGUF file: model.safetensors or pytorch_model.bin is needed"},
	{0, 8, "\x89HDF\r\n\x1a\n", "is an HDF5 (TensorFlow) file: model.safetensors or pytorch_model.bin is needed"},
	{257, 5, "ustar", "is a tar archive (torch before 0.1.10 wrote such): load and save it with a current "
	                  "torch, or use model.safetensors"},
	{0, 6, "\x93NUMPY", "is a NumPy array: model.safetensors or pytorch_model.bin is needed"},
	{0, 4, "PK\x05\x06", "is an empty zip archive: download it again"},
};

static const char *const web_page = "is a web page, not the weights: download the file itself (on the Hub the "
                                    "address with /resolve/, not /blob/)";

static bool begins(struct span text, size_t offset, const char *bytes, size_t size)
{
	return text.size >= offset + size && memcmp(text.data + offset, bytes, size) == 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool content_is_lfs_pointer(struct span start)
{
	static const char line[] = "version https://git-lfs.github.com/spec/";

	return begins(start, 0, line, sizeof line - 1);
}

static bool is_web_page(struct span start)
{
	static const char *const openings[] = {"<!doctype", "<html", "<head", "<?xml", "<!--"};
	size_t at = begins(start, 0, "\xef\xbb\xbf", 3) ? 3 : 0;

	while (at < start.size && is_space(start.data[at]))
		at++;
	for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
		size_t size = strlen(openings[i]);
		if (start.size - at >= size && strncasecmp(start.data + at, openings[i], size) == 0)
			return true;
	}
	return false;
}

static bool is_safetensors(struct span start)
{
	return start.size >= 9 && little_64((const unsigned char *)start.data) <= TENSOR_HEADER_MAX &&
	       (start.data[8] == '{' || is_space(start.data[8]));
}

static bool is_zero(struct span start)
{
	for (size_t i = 0; i < start.size; i++)
		if (start.data[i])
			return false;
	return true;
}

static bool is_pickle(struct span start)
{
	return start.size >= 2 && (unsigned char)start.data[0] == 0x80 && start.data[1] >= 1 && start.data[1] <= 5;
}

/* What gives itself away by text or by one byte; NULL: nothing. */
static const char *known_text(struct span start)
{
	if (content_is_lfs_pointer(start))
		return "is a Git LFS pointer, not the weights: run \"git lfs pull\" in its folder, or download the file "
		       "itself";
	if (is_web_page(start))
		return web_page;
	if (start.size > 0 && (start.data[0] == '{' || start.data[0] == '['))
		return "is JSON text, not weights (perhaps an error message of a server): download it again";
	if (start.size >= 16 && is_zero(start))
		return "begins with zero bytes only (a download that was not finished): download it again";
	return NULL;
}

enum content content_identify(struct span start, uint64_t size, const char **what)
{
	static const char legacy_magic[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

	*what = size == 0 ? "is empty: download it again" : NULL;
	if (*what)
		return CONTENT_WRONG;
	if (is_safetensors(start))
		return CONTENT_SAFETENSORS;
	if (begins(start, 0, "PK\x03\x04", 4))
		return CONTENT_TORCH_ZIP;
	if (begins(start, 0, legacy_magic, sizeof legacy_magic - 1))
		return CONTENT_TORCH_LEGACY;
	if (is_pickle(start)) {
		*what = "is a plain Python pickle, not weights of torch.save: it is never run; load it in Python and save "
		        "it as safetensors";
		return CONTENT_WRONG;
	}
	*what = known_text(start);
	for (size_t i = 0; !*what && i < sizeof signatures / sizeof *signatures; i++)
		if (begins(start, signatures[i].offset, signatures[i].bytes, signatures[i].size))
			*what = signatures[i].what;
	return *what ? CONTENT_WRONG : CONTENT_UNKNOWN;
}
