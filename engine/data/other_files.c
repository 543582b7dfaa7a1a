/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sources: the formats' own specifications; zip is APPNOTE.TXT 6.3.10, 4.3; pickles are Python's pickletools; TFRecord is
 * tensorflow's RecordWriter, its checksum CRC-32C (RFC 3720 B.4). */
#include "engine/data/other_files.h"

#include <stdlib.h>
#include <strings.h>

#define TEXT_NEEDED "; CSV, TSV, JSON lines or text is needed"
#define WEIGHTS "is a model's weights; -m takes the folder that they are in"
#define WEB_PAGE "is a web page; was the download refused?"
#define ZIP_TAIL ((size_t)64 << 10) /* where the directory of an archive ends */
#define START 1024                  /* bytes of a text that show what it is */

static const struct {
	size_t offset;
	const char *magic;
	size_t size;
	const char *what;
} magics[] = {
	/* compressed */
	{0, "\x1F\x8B\x08", 3, "is compressed with gzip; unpack it with gunzip"},
	{0, "\xFD" "7zXZ\0", 6, "is compressed with xz; unpack it with unxz"},
	{4, "1AY&SY", 6, "is compressed with bzip2; unpack it with bunzip2"},
	{4, "\x17\x72\x45\x38\x50\x90", 6, "is compressed with bzip2; unpack it with bunzip2"},
	{0, "\x28\xB5\x2F\xFD", 4, "is compressed with zstd; unpack it with unzstd"},
	{0, "\x04\x22\x4D\x18", 4, "is compressed with lz4; unpack it with unlz4"},
	{0, "\x02\x21\x4C\x18", 4, "is compressed with lz4; unpack it with unlz4"},
	{0, "LZIP\1", 5, "is compressed with lzip; unpack it with lzip -d"},
	{0, "\x5D\0\0\x80\0", 5, "is compressed with lzma; unpack it with unlzma"},
	{0, "\x1F\x9D", 2, "is compressed with compress; unpack it with uncompress"},
	{0, "\xFF\6\0\0sNaPpY", 10, "is compressed with Snappy; unpack it"},
	/* archives */
	{0, "7z\xBC\xAF\x27\x1C", 6, "is a 7z archive; unpack it with 7z x"},
	{0, "Rar!\x1A\x07", 6, "is a RAR archive; unpack it with unrar x"},
	{257, "ustar", 5, "is a tar archive; unpack it with tar -xf"},
	{0, "MSCF\0\0\0\0", 8, "is a cabinet archive; unpack it with cabextract"},
	{0, "PK\5\6", 4, "is an empty zip archive"},
	/* tables of other programs */
	{0, "FEA1\0\0\0\0", 8, "is a Feather file; save it as CSV: pandas.read_feather(...).to_csv(...)"},
	{0, "ARROW1\0\0", 8, "is an Arrow or Feather file; save it as CSV: pandas.read_feather(...).to_csv(...)"},
	{0, "Obj\1", 4, "is an Avro file; save it as JSON lines: avro-tools tojson"},
	{0, "\x89HDF\r\n\x1A\n", 8, "is an HDF5 file; save its table as CSV: pandas.read_hdf(...).to_csv(...)"},
	{0, "\x93NUMPY", 6, "is a NumPy array; save it as text: numpy.savetxt"},
	{0, "SQLite format 3\0", 16, "is an SQLite database; export a table as CSV"},
	{0, "RDX2\n", 5, "is R data; save it as CSV: write.csv"},
	{0, "RDX3\n", 5, "is R data; save it as CSV: write.csv"},
	{0, "X\n\0\0\0", 5, "is R data; save it as CSV: write.csv"},
	{0, "<stata_dta>", 11, "is a Stata file; save it as CSV: pandas.read_stata(...).to_csv(...)"},
	{0, "$FL2@(#)", 8, "is an SPSS file; save it as CSV: pandas.read_spss(...).to_csv(...)"},
	{0, "MATLAB 5.0 MAT-file", 19, "is a MATLAB file; save it as CSV: writetable"},
	{0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, "is an old Office file; save it as CSV"},
	/* weights */
	{0, "GGUF\1\0\0\0", 8, "is a GGUF model, which is not read"},
	{0, "GGUF\2\0\0\0", 8, "is a GGUF model, which is not read"},
	{0, "GGUF\3\0\0\0", 8, "is a GGUF model, which is not read"},
	{0, "\x80\2\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19", 14, WEIGHTS},
	/* documents, pictures, sound, programs */
	{0, "\x89PNG\r\n\x1A\n", 8, "is a picture (PNG)" TEXT_NEEDED},
	{0, "\xFF\xD8\xFF\xE0", 4, "is a picture (JPEG)" TEXT_NEEDED},
	{0, "\xFF\xD8\xFF\xE1", 4, "is a picture (JPEG)" TEXT_NEEDED},
	{0, "\xFF\xD8\xFF\xDB", 4, "is a picture (JPEG)" TEXT_NEEDED},
	{0, "\xFF\xD8\xFF\xEE", 4, "is a picture (JPEG)" TEXT_NEEDED},
	{0, "II*\0", 4, "is a picture (TIFF)" TEXT_NEEDED},
	{0, "MM\0*", 4, "is a picture (TIFF)" TEXT_NEEDED},
	{8, "WEBPVP8", 7, "is a picture (WebP)" TEXT_NEEDED},
	{8, "WAVEfmt ", 8, "is sound (WAV)" TEXT_NEEDED},
	{0, "OggS\0", 5, "is sound (Ogg)" TEXT_NEEDED},
	{0, "fLaC\0", 5, "is sound (FLAC)" TEXT_NEEDED},
	{0, "ID3\2", 4, "is sound (MP3)" TEXT_NEEDED},
	{0, "ID3\3", 4, "is sound (MP3)" TEXT_NEEDED},
	{0, "ID3\4", 4, "is sound (MP3)" TEXT_NEEDED},
	{0, "\x7F" "ELF", 4, "is a program" TEXT_NEEDED},
	{0, "version https://git-lfs.github.com/spec/", 40,
	 "is a Git LFS pointer, not the file itself; fetch it with git lfs pull"},
};

/* What a member's name tells of a zip archive. Names are never compressed. */
static const struct {
	const char *name, *what;
} members[] = {
	{"xl/workbook.", "is a spreadsheet (Excel); save it as CSV"},
	{"xl/worksheets/", "is a spreadsheet (Excel); save it as CSV"},
	{"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "is a spreadsheet (OpenDocument); save it as CSV"},
	{"word/document.", "is a Word document; save it as text"},
	{"ppt/presentation.", "is a PowerPoint document" TEXT_NEEDED},
	{"mimetypeapplication/vnd.oasis.opendocument.text", "is an OpenDocument text; save it as text"},
	{"mimetypeapplication/epub", "is a book (EPUB)" TEXT_NEEDED},
	{"/data.pkl", WEIGHTS},
	{"model.weights.h5", WEIGHTS},
};

/* Those whose magic number is letters alone are binary: a control byte follows soon. */
static bool has_controls(struct span head)
{
	for (size_t i = 0; i < head.size && i < 64; i++)
		if ((unsigned char)head.data[i] < 0x20 && !strchr("\t\n\r\f", head.data[i]))
			return true;
	return head.size > 0 && memchr(head.data, '\0', head.size < 64 ? head.size : 64);
}

static bool begins(struct span head, size_t offset, const char *magic, size_t size)
{
	return head.size >= offset + size && memcmp(head.data + offset, magic, size) == 0;
}

static const char *by_magic(struct span head)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (begins(head, magics[i].offset, magics[i].magic, magics[i].size) &&
		    (magics[i].offset != 4 || begins(head, 0, "BZh", 3)) && (magics[i].offset != 8 || begins(head, 0, "RIFF", 4)))
			return magics[i].what;
	if (begins(head, 0, "PAR1", 4) && has_controls(head))
		return "is a Parquet file; save it as CSV: pandas.read_parquet(...).to_csv(...)";
	if (begins(head, 0, "ORC", 3) && has_controls(head))
		return "is an ORC file; save it as CSV: pandas.read_orc(...).to_csv(...)";
	if ((begins(head, 0, "GIF87a", 6) || begins(head, 0, "GIF89a", 6)) && has_controls(head))
		return "is a picture (GIF)" TEXT_NEEDED;
	if (begins(head, 0, "%PDF-", 5) && head.size > 7 && strchr("12", head.data[5]) && head.data[6] == '.')
		return "is a PDF document" TEXT_NEEDED;
	return NULL;
}

static uint64_t little_endian(const char *bytes, size_t size)
{
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | (unsigned char)bytes[size];
	return value;
}

/* An Arrow stream: continuation, the size of a schema's flatbuffer, and that begins with its root's offset. */
static bool is_arrow_stream(struct span head)
{
	uint64_t size;

	if (head.size < 16 || !begins(head, 0, "\xFF\xFF\xFF\xFF", 4))
		return false;
	size = little_endian(head.data + 4, 4);
	return size >= 16 && size % 8 == 0 && size < (1u << 28) && little_endian(head.data + 8, 4) < 64;
}

/* Protocols 2 to 5 say so; those before begin with a list, a dictionary, or a name, kept as number 0. */
static bool is_pickle(struct span head)
{
	size_t i = 1;

	if (begins(head, 0, "\x80", 1))
		return head.size > 2 && head.data[1] >= 2 && head.data[1] <= 5;
	if (begins(head, 0, "(lp0\n", 5) || begins(head, 0, "(dp0\n", 5) || begins(head, 0, "]q\0", 3) ||
	    begins(head, 0, "}q\0", 3))
		return true;
	if (!begins(head, 0, "c", 1))
		return false;
	for (int lines = 0; i < head.size && i < 200 && lines < 2; i++) {
		if (head.data[i] == '\n')
			lines++;
		else if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.", head.data[i]))
			return false;
	}
	return begins(head, i, "p0\n", 3) || begins(head, i, "q\0", 2);
}

static uint32_t masked_crc32c(const char *data, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= (unsigned char)data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
	}
	crc = ~crc;
	return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

static bool is_tfrecord(struct span head)
{
	return head.size >= 16 && little_endian(head.data + 8, 4) == masked_crc32c(head.data, 8);
}

static bool is_safetensors(const struct opening *opening)
{
	struct span head = opening->head;

	return head.size > 10 && begins(head, 8, "{\"", 2) && little_endian(head.data, 8) <= opening->source->size - 8;
}

static const char *by_structure(const struct opening *opening)
{
	if (is_safetensors(opening))
		return WEIGHTS;
	if (is_pickle(opening->head))
		return "is a Python pickle, which could run code; save it as CSV: pandas.read_pickle(...).to_csv(...)";
	if (is_arrow_stream(opening->head))
		return "is an Arrow stream; save it as CSV: pyarrow.ipc.open_stream(...).read_pandas().to_csv(...)";
	if (is_tfrecord(opening->head))
		return "is a TFRecord file of TensorFlow; save it as JSON lines";
	return NULL;
}

static const char *by_member(struct span bytes)
{
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (memmem(bytes.data, bytes.size, members[i].name, strlen(members[i].name)))
			return members[i].what;
	return memmem(bytes.data, bytes.size, ".npyPK", 6) || memmem(bytes.data, bytes.size, "\x93NUMPY", 6)
	               ? "is a file of NumPy arrays; save one as text: numpy.savetxt" : NULL;
}

/* A zip archive is one of many things: its first members tell, else its directory, which stands at its end. */
static bool check_zip(const struct opening *opening, struct error *error)
{
	const struct source *source = opening->source;
	const char *what = by_member(opening->head);
	size_t size = source->size < ZIP_TAIL ? (size_t)source->size : ZIP_TAIL;
	char *tail;
	bool read;

	if (!what) {
		tail = malloc(size);
		if (!tail)
			return error_memory(error, "opening a file");
		read = source_read(source, tail, size, source->size - size, error);
		what = read ? by_member((struct span){tail, size}) : NULL;
		free(tail);
		if (!read)
			return false;
	}
	return error_set(error, ERROR_DATA, "%s: %s", source->path, what ? what : "is a zip archive; unpack it with unzip");
}

bool other_files_check(const struct opening *opening, struct error *error)
{
	const char *what = by_magic(opening->head);

	if (begins(opening->head, 0, "PK\3\4", 4))
		return check_zip(opening, error);
	if (!what)
		what = by_structure(opening);
	RETURN_IF(what, error, ERROR_DATA, "%s: %s", opening->source->path, what);
	return true;
}

static struct span without_blanks(struct span text)
{
	while (text.size > 0 && strchr(" \t\r\n\f", text.data[0]) && text.data[0])
		text = (struct span){text.data + 1, text.size - 1};
	return text;
}

/* Without blanks and comments ("<!-- saved from ... -->"). */
static struct span skip_comments(struct span text)
{
	const char *end;

	for (text = without_blanks(text); text.size > 4 && memcmp(text.data, "<!--", 4) == 0; text = without_blanks(text)) {
		end = memmem(text.data, text.size, "-->", 3);
		if (!end)
			break;
		text = (struct span){end + 3, text.size - (size_t)(end + 3 - text.data)};
	}
	return text;
}

/* Whether the text begins with `start` in any case, and the word ends there. */
static bool begins_tag(struct span text, const char *start)
{
	size_t size = strlen(start);

	return text.size > size && strncasecmp(text.data, start, size) == 0 && strchr(" \t\r\n>", text.data[size]) &&
	       text.data[size];
}

static bool is_web_page(struct span text)
{
	text = skip_comments(text);
	return begins_tag(text, "<!doctype html") || begins_tag(text, "<html");
}

static bool holds(struct span text, const char *what)
{
	return memmem(text.data, text.size, what, strlen(what));
}

static const char *what_xml(struct span text)
{
	const char *end = memmem(text.data, text.size, "?>", 2);
	struct span root = end ? (struct span){end + 2, text.size - (size_t)(end + 2 - text.data)} : text;

	if (is_web_page(root))
		return WEB_PAGE;
	if (holds(text, "urn:schemas-microsoft-com:office:spreadsheet") || holds(text, "Excel.Sheet"))
		return "is a spreadsheet (XML); save it as CSV";
	return "is an XML file; save it as CSV";
}

bool other_texts_check(const char *path, struct span text, struct error *error)
{
	const char *what = NULL;

	text = without_blanks(text);
	if (text.size > START)
		text.size = START;
	if (is_web_page(text))
		what = WEB_PAGE;
	else if (begins_tag(text, "<?xml"))
		what = what_xml(text);
	else if (begins_tag(text, "<Workbook"))
		what = "is a spreadsheet (XML); save it as CSV";
	else if (text.size > 6 && memcmp(text.data, "{\\rtf", 5) == 0 && text.data[5] >= '0' && text.data[5] <= '9')
		what = "is an RTF document; save it as text";
	RETURN_IF(what, error, ERROR_DATA, "%s: %s", path, what);
	return true;
}
