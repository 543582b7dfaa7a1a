/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: files that are no reviews are refused by name; reviews that begin like them are read. */
#include "tests/unit/dataset_check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define BYTES(bytes) bytes, sizeof bytes - 1
#define TEXT_NEEDED "; CSV, TSV, JSON lines or text is needed"
#define WEIGHTS "is a model's weights; -m takes the folder that they are in"
#define WEB_PAGE "is a web page; was the download refused?"
#define PICKLE "is a Python pickle, which could run code; save it as CSV: pandas.read_pickle(...).to_csv(...)"

struct other {
	const char *bytes;
	size_t size;
	const char *message;
};

static void assert_refused(const struct other *others, size_t count)
{
	char text[1024];

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(data_refused("a.csv", others[i].bytes, others[i].size, text), ERROR_DATA);
		assert_string_equal(text, others[i].message);
	}
}

static void what_is_compressed_is_named_with_the_program_that_unpacks_it(void **state)
{
	static const struct other others[] = {
		{BYTES("\x1F\x8B\x08\0\0\0"), "is compressed with gzip; unpack it with gunzip"},
		{BYTES("\xFD" "7zXZ\0\0\4"), "is compressed with xz; unpack it with unxz"},
		{BYTES("BZh91AY&SY\1\2"), "is compressed with bzip2; unpack it with bunzip2"},
		{BYTES("\x28\xB5\x2F\xFD\4\0"), "is compressed with zstd; unpack it with unzstd"},
		{BYTES("\x04\x22\x4D\x18\x64\x40"), "is compressed with lz4; unpack it with unlz4"},
		{BYTES("LZIP\1\x0C"), "is compressed with lzip; unpack it with lzip -d"},
		{BYTES("7z\xBC\xAF\x27\x1C\0\4"), "is a 7z archive; unpack it with 7z x"},
		{BYTES("Rar!\x1A\x07\1\0"), "is a RAR archive; unpack it with unrar x"},
	};

	(void)state;
	assert_refused(others, COUNT(others));
}

static void tables_of_other_programs_are_named_with_the_way_to_csv(void **state)
{
	static const struct other others[] = {
		{BYTES("PAR1\x15\4\x15\0"), "is a Parquet file; save it as CSV: pandas.read_parquet(...).to_csv(...)"},
		{BYTES("FEA1\0\0\0\0\1"), "is a Feather file; save it as CSV: pandas.read_feather(...).to_csv(...)"},
		{BYTES("ARROW1\0\0\xFF\xFF\xFF\xFF"),
		 "is an Arrow or Feather file; save it as CSV: pandas.read_feather(...).to_csv(...)"},
		{BYTES("\xFF\xFF\xFF\xFF\x78\0\0\0\x10\0\0\0\0\0\x0A\0"),
		 "is an Arrow stream; save it as CSV: pyarrow.ipc.open_stream(...).read_pandas().to_csv(...)"},
		{BYTES("ORC\x0A\x0B\0\0"), "is an ORC file; save it as CSV: pandas.read_orc(...).to_csv(...)"},
		{BYTES("Obj\1\4\x14" "avro.codec"), "is an Avro file; save it as JSON lines: avro-tools tojson"},
		{BYTES("\x89HDF\r\n\x1A\n\0"), "is an HDF5 file; save its table as CSV: pandas.read_hdf(...).to_csv(...)"},
		{BYTES("\x93NUMPY\1\0v\0"), "is a NumPy array; save it as text: numpy.savetxt"},
		{BYTES("SQLite format 3\0\x10"), "is an SQLite database; export a table as CSV"},
		{BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0"), "is an old Office file; save it as CSV"},
		{BYTES("RDX3\nX\n\0\0"), "is R data; save it as CSV: write.csv"},
		{BYTES("\x18\0\0\0\0\0\0\0\xA3\x7F\x4B\x22\x09\0\0\0"), "is a TFRecord file of TensorFlow; save it as JSON lines"},
	};

	(void)state;
	assert_refused(others, COUNT(others));
}

static void a_pickle_of_every_protocol_is_refused_and_not_run(void **state)
{
	static const struct other others[] = {
		{BYTES("(lp0\nVa\np1\na."), PICKLE},
		{BYTES("(dp0\nVa\np1\nI1\ns."), PICKLE},
		{BYTES("ccollections\nOrderedDict\np0\n(tRp1\n."), PICKLE},
		{BYTES("ccopy_reg\n_reconstructor\nq\0(cbuiltins\nobject\n"), PICKLE},
		{BYTES("]q\0(X\1\0\0\0ae."), PICKLE},
		{BYTES("\x80\2]q\0."), PICKLE},
		{BYTES("\x80\3}q\0."), PICKLE},
		{BYTES("\x80\4\x95\x0D\0\0\0\0\0\0\0]\x94."), PICKLE},
		{BYTES("\x80\5\x95\x0D\0\0\0\0\0\0\0]\x94."), PICKLE},
	};

	(void)state;
	assert_refused(others, COUNT(others));
}

static void the_directory_of_a_zip_archive_tells_what_it_is(void **state)
{
	static const struct other others[] = {
		{BYTES("PK\3\4....reviews.csv"), "is a zip archive; unpack it with unzip"},
		{BYTES("PK\3\4....[Content_Types].xml..PK\1\2..xl/workbook.xml"), "is a spreadsheet (Excel); save it as CSV"},
		{BYTES("PK\3\4....[Content_Types].xml..PK\1\2..word/document.xml"), "is a Word document; save it as text"},
		{BYTES("PK\3\4....mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK"),
		 "is a spreadsheet (OpenDocument); save it as CSV"},
		{BYTES("PK\3\4....x.npy\x93NUMPY\1\0"), "is a file of NumPy arrays; save one as text: numpy.savetxt"},
		{BYTES("PK\3\4....archive/data.pkl"), WEIGHTS},
	};
	struct buffer large = {.maximum = (size_t)4 << 20};
	char text[1024];

	(void)state;
	assert_refused(others, COUNT(others));

	/* The directory may stand megabytes away. */
	assert_true(buffer_add(&large, "PK\3\4", 4) && buffer_reserve(&large, (size_t)3 << 20));
	memset(large.data + 4, 'x', (size_t)3 << 20);
	large.size += (size_t)3 << 20;
	assert_true(buffer_add_text(&large, "PK\1\2xl/worksheets/sheet1.xml"));
	assert_int_equal(data_refused("a.csv", large.data, large.size, text), ERROR_DATA);
	assert_string_equal(text, "is a spreadsheet (Excel); save it as CSV");
	buffer_free(&large);
}

static void weights_are_refused_with_the_option_that_takes_them(void **state)
{
	static const struct other others[] = {
		{BYTES("\x0A\0\0\0\0\0\0\0{\"a\":{}}  "), WEIGHTS},
		{BYTES("\x80\2\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19."), WEIGHTS},
		{BYTES("GGUF\3\0\0\0\1"), "is a GGUF model, which is not read"},
	};

	(void)state;
	assert_refused(others, COUNT(others));
}

static void documents_pictures_and_sound_are_named(void **state)
{
	static const struct other others[] = {
		{BYTES("%PDF-1.7\n%\xE2\xE3"), "is a PDF document" TEXT_NEEDED},
		{BYTES("{\\rtf1\\ansi a review \\par}"), "is an RTF document; save it as text"},
		{BYTES("\x89PNG\r\n\x1A\n\0\0\0\x0D"), "is a picture (PNG)" TEXT_NEEDED},
		{BYTES("\xFF\xD8\xFF\xE0\0\x10JFIF"), "is a picture (JPEG)" TEXT_NEEDED},
		{BYTES("GIF89a\1\0\1\0"), "is a picture (GIF)" TEXT_NEEDED},
		{BYTES("RIFF\1\2\3\4WAVEfmt \x10"), "is sound (WAV)" TEXT_NEEDED},
		{BYTES("\x7F" "ELF\2\1"), "is a program" TEXT_NEEDED},
		{BYTES("version https://git-lfs.github.com/spec/v1\n"),
		 "is a Git LFS pointer, not the file itself; fetch it with git lfs pull"},
	};

	(void)state;
	assert_refused(others, COUNT(others));
}

static void web_pages_and_xml_are_known_in_any_case_encoding_and_after_blanks(void **state)
{
	static const struct other others[] = {
		{BYTES("<!DOCTYPE html>\n<html>"), WEB_PAGE},
		{BYTES("\xEF\xBB\xBF<!doctype HTML>\n<html>"), WEB_PAGE},
		{BYTES("\n\n  <HTML lang=\"en\"><body>"), WEB_PAGE},
		{BYTES("<!-- saved from url=x -->\n<html>"), WEB_PAGE},
		{BYTES("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">"), WEB_PAGE},
		{BYTES("\xFF\xFE<\0h\0t\0m\0l\0>\0\n\0"), WEB_PAGE},
		{BYTES("<?xml version=\"1.0\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">"),
		 "is a spreadsheet (XML); save it as CSV"},
		{BYTES("<?xml version=\"1.0\"?>\n<reviews><review>fine</review></reviews>"), "is an XML file; save it as CSV"},
	};

	(void)state;
	assert_refused(others, COUNT(others));
}

static void a_binary_file_of_no_known_kind_is_said_to_be_no_text(void **state)
{
	char bytes[600], text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i % 7 == 0 ? 0 : 0x80 + i * 37 % 128);
	bytes[0] = 'x';
	assert_int_equal(data_refused("a.csv", bytes, sizeof bytes, text), ERROR_DATA);
	assert_string_equal(text, "is not text but some binary file" TEXT_NEEDED);
}

static void reviews_that_begin_like_other_files_are_read(void **state)
{
	static const char *const reviews[] = {
		"PK is my favourite film", "Rar! it said", "<br>fine</br>", "<b>bold</b> words", "BZh what a film", "ORC fights",
		"PAR1 was open on Sunday", "GIF89a is a format", "Obj 1", "7z is good", "%PDF- is what I wanted", "FEA1",
		"cool\nnice\nfine", "(lp is a record)", "RIFF raff", "ID3 tags", "GGUF", "<htmlish", "<?php", "{\\rt", "II*",
		"\x93NUMBER one\x94 they say", "LZIPper", "MM", "II* stars",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(reviews); i++) {
		char text[200];
		struct dataset *dataset;

		snprintf(text, sizeof text, "%s\nand more\n", reviews[i]);
		dataset = data_open("a.txt", text, strlen(text), NULL);
		assert_true(dataset_rows(dataset, NULL) >= 2);
		dataset_close(dataset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_compressed_is_named_with_the_program_that_unpacks_it),
		cmocka_unit_test(tables_of_other_programs_are_named_with_the_way_to_csv),
		cmocka_unit_test(a_pickle_of_every_protocol_is_refused_and_not_run),
		cmocka_unit_test(the_directory_of_a_zip_archive_tells_what_it_is),
		cmocka_unit_test(weights_are_refused_with_the_option_that_takes_them),
		cmocka_unit_test(documents_pictures_and_sound_are_named),
		cmocka_unit_test(web_pages_and_xml_are_known_in_any_case_encoding_and_after_blanks),
		cmocka_unit_test(a_binary_file_of_no_known_kind_is_said_to_be_no_text),
		cmocka_unit_test(reviews_that_begin_like_other_files_are_read),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
