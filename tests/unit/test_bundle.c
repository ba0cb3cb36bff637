/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bundle is opened only when nobody else can change what we read, and its
 * config is replaced whole or not at all.
 */
#include "bundle_home.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "garita/json.h"

enum { SOMEBODY = 1234 };

void garita_out_of_memory(void)
{
	abort();
}

static void test_open_tells_what_is_there(void **state)
{
	const struct home *home = *state;
	auto_bundle bundle = { .fd = -1 };
	struct garita_error err = { 0 };
	struct stat st;

	if (garita_bundle_open(home->bundle, &bundle, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(stat("config.json", &st), 0);
	assert_string_equal(bundle.path, home->bundle);
	assert_string_equal(bundle.config, OLD_CONFIG);
	assert_int_equal(bundle.config_len, strlen(OLD_CONFIG));
	assert_int_equal(bundle.mode, 0640);
	assert_int_equal(bundle.inode, st.st_ino);
	assert_true(fcntl(bundle.fd, F_GETFD) & FD_CLOEXEC);
	garita_bundle_close(&bundle);
	garita_bundle_close(&bundle);
}

static void test_the_path_is_the_real_one(void **state)
{
	const struct home *home = *state;
	static const char *const names[] = { "../b", ".", "../link", "../b/" };
	auto_bundle here = { .fd = -1 };

	assert_int_equal(symlink("b", "../link"), 0);
	for (size_t i = 0; i < GARITA_COUNT(names); i++) {
		auto_bundle bundle = { .fd = -1 };

		assert_int_equal(garita_bundle_open(names[i], &bundle, NULL),
				 0);
		assert_string_equal(bundle.path, home->bundle);
	}
	/* No name: where we stand. */
	assert_int_equal(garita_bundle_open(NULL, &here, NULL), 0);
	assert_string_equal(here.path, home->bundle);
}

static void none(void)
{
	unlink("config.json");
}

static void symbolic_link(void)
{
	assert_int_equal(rename("config.json", "c"), 0);
	assert_int_equal(symlink("c", "config.json"), 0);
}

static void hard_link(void)
{
	assert_int_equal(link("config.json", "../other"), 0);
}

static void fifo(void)
{
	none();
	assert_int_equal(mkfifo("config.json", 0600), 0);
}

static void directory(void)
{
	none();
	assert_int_equal(mkdir("config.json", 0700), 0);
}

static void unix_socket(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX,
				    .sun_path = "config.json" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	none();
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	close(fd);
}

static void group_writes(void)
{
	assert_int_equal(chmod("config.json", 0660), 0);
}

static void others_write(void)
{
	assert_int_equal(chmod("config.json", 0602), 0);
}

static void foreign(void)
{
	assert_int_equal(chown("config.json", SOMEBODY, 0), 0);
}

static void too_large(void)
{
	assert_int_equal(truncate("config.json", GARITA_JSON_MAX_BYTES + 1), 0);
}

static void bundle_others_write(void)
{
	assert_int_equal(chmod(".", 0757), 0);
}

static void bundle_sticky(void)
{
	assert_int_equal(chmod(".", 01777), 0);
}

static void bundle_foreign(void)
{
	assert_int_equal(chown(".", SOMEBODY, 0), 0);
}

static void above_others_write(void)
{
	assert_int_equal(chmod("..", 0777), 0);
}

static void above_foreign(void)
{
	assert_int_equal(chown("..", SOMEBODY, 0), 0);
}

static const struct {
	const char *why;
	void (*make)(void);
	const char *words; /* in the reason */
} bad[] = {
	{ "missing", none, "cannot open config.json" },
	{ "a symbolic link", symbolic_link, "symbolic link" },
	{ "a hard link", hard_link, "2 names" },
	{ "a fifo, without waiting for it", fifo, "fifo" },
	{ "a directory", directory, "directory" },
	{ "a socket", unix_socket, "config.json" },
	{ "its group writes it", group_writes, "0660" },
	{ "others write it", others_write, "0602" },
	{ "somebody else's", foreign, "1234" },
	{ "too large", too_large, "larger" },
	{ "the bundle is open to others", bundle_others_write, "0757" },
	{ "a sticky bundle too", bundle_sticky, "1777" },
	{ "the bundle is somebody else's", bundle_foreign, "1234" },
	{ "the directory above is open", above_others_write, "0777" },
	{ "the directory above is somebody's", above_foreign, "1234" },
};

static void test_bad_bundles_are_refused(void **state)
{
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		auto_bundle bundle = { .fd = -1 };
		struct garita_error err = { 0 };

		remove_home(state);
		make_home(state);
		bad[i].make();
		if (garita_bundle_open(NULL, &bundle, &err) == 0)
			fail_msg("opened: %s", bad[i].why);
		if (!strstr(err.text, bad[i].words))
			fail_msg("%s: %s", bad[i].why, err.text);
		assert_int_equal(bundle.fd, -1);
		assert_null(bundle.config);
	}
}

static void test_odd_but_good(void **state)
{
	auto_bundle large = { .fd = -1 };
	auto_bundle empty = { .fd = -1 };
	auto_bundle gone = { .fd = -1 };
	const struct home *home = *state;

	assert_int_equal(truncate("config.json", GARITA_JSON_MAX_BYTES), 0);
	assert_int_equal(garita_bundle_open(".", &large, NULL), 0);
	assert_int_equal(large.config_len, GARITA_JSON_MAX_BYTES);
	/* No JSON, but that is for others to say. */
	assert_int_equal(truncate("config.json", 0), 0);
	assert_int_equal(garita_bundle_open(".", &empty, NULL), 0);
	assert_string_equal(empty.config, "");

	assert_int_equal(unlink("config.json"), 0);
	assert_int_equal(rmdir(home->bundle), 0);
	assert_true(garita_bundle_open(".", &gone, NULL) < 0);
	assert_true(garita_bundle_open(home->bundle, &gone, NULL) < 0);
	assert_true(garita_bundle_open("/dev/null", &gone, NULL) < 0);
	assert_true(garita_bundle_open("", &gone, NULL) < 0);
}

static void test_replace(void **state)
{
	auto_bundle bundle = { .fd = -1 };
	struct garita_error err = { 0 };
	struct stat st;
	uid_t uid = geteuid();

	(void)state;
	if (uid == 0)
		assert_int_equal(chown("config.json", 0, 77), 0);
	assert_int_equal(garita_bundle_open(".", &bundle, NULL), 0);
	if (replace_with(&bundle, NEW_CONFIG, &err) < 0)
		fail_msg("%s", err.text);
	assert_config(NEW_CONFIG);
	assert_int_equal(stat("config.json", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_uid, uid);
	if (uid == 0)
		assert_int_equal(st.st_gid, 77);
	assert_true(st.st_ino != bundle.inode); /* a new file, not rewritten */
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(count_names(), 1);
}

static void swapped(void)
{
	put("c", "{\"evil\":1}", 0640);
	assert_int_equal(rename("c", "config.json"), 0);
}

static void written_in_place(void)
{
	int fd = open("config.json", O_WRONLY | O_CLOEXEC);

	usleep(20000); /* older kernels' clocks of files tick slowly */
	assert_int_equal(pwrite(fd, "X", 1, 0), 1);
	close(fd);
}

static void second_name(void)
{
	usleep(20000);
	hard_link();
}

static void to_a_link(void)
{
	symbolic_link();
}

static const struct {
	const char *why;
	void (*change)(void);
} changes[] = {
	{ "another file", swapped },
	{ "written in place", written_in_place },
	{ "a second name", second_name },
	{ "a link to the same file", to_a_link },
	{ "no file", none },
	{ "a fifo", fifo },
};

static void test_replace_refuses_another_file(void **state)
{
	for (size_t i = 0; i < GARITA_COUNT(changes); i++) {
		auto_bundle bundle = { .fd = -1 };
		unsigned names;

		remove_home(state);
		make_home(state);
		assert_int_equal(garita_bundle_open(".", &bundle, NULL), 0);
		changes[i].change();
		names = count_names();
		if (replace_with(&bundle, NEW_CONFIG, NULL) == 0)
			fail_msg("replaced: %s", changes[i].why);
		assert_int_equal(count_names(), names);
	}
}

/* What looks like a killed garita's file is removed, other things are not. */
static void test_stale_files(void **state)
{
	static const char first[] = ".garita-config.0000000000000000",
			  stale[] = ".garita-config.0123456789abcdef",
			  living[] = ".garita-config.1123456789abcdef",
			  linked[] = ".garita-config.2123456789abcdef",
			  twice[] = ".garita-config.3123456789abcdef",
			  dir[] = ".garita-config.4123456789abcdef",
			  pipe[] = ".garita-config.5123456789abcdef",
			  notes[] = ".garita-config.notes",
			  upper[] = ".garita-config.0123456789ABCDEF";
	static const char *const kept[] = { living, linked, twice, dir,
					    pipe,   notes,  upper, "x" };
	auto_bundle bundle = { .fd = -1 };
	auto_fd int lock = -1;

	(void)state;
	assert_int_equal(garita_bundle_open(".", &bundle, NULL), 0);
	put(first, "half of a con", 0600);
	put(stale, "half of a con", 0600);
	put(living, "half of a con", 0600);
	lock = open(living, O_WRONLY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	put("x", "precious", 0600);
	assert_int_equal(symlink("x", linked), 0);
	put(twice, "has two names", 0600);
	assert_int_equal(link(twice, "y"), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	put(notes, "of a person", 0600);
	put(upper, "of a person", 0600);

	assert_int_equal(replace_with(&bundle, NEW_CONFIG, NULL), 0);
	assert_int_equal(access(first, F_OK), -1);
	assert_int_equal(access(stale, F_OK), -1);
	for (size_t i = 0; i < GARITA_COUNT(kept); i++) {
		struct stat st;

		if (lstat(kept[i], &st) < 0)
			fail_msg("removed %s", kept[i]);
	}
}

static void another_directory(void)
{
	assert_int_equal(rename("../b", "../was"), 0);
	assert_int_equal(mkdir("../b", 0755), 0);
	put("../b/config.json", NEW_CONFIG, 0640);
}

/* The runtime goes by the path: is what is there still what was put there? */
static void test_what_was_printed_is_still_there(void **state)
{
	static void (*const moves[])(void) = {
		none, to_a_link,         swapped, written_in_place,
		fifo, another_directory,
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(moves); i++) {
		auto_bundle bundle = { .fd = -1 };
		void *home = NULL;

		assert_int_equal(make_home(&home), 0);
		assert_int_equal(garita_bundle_open(".", &bundle, NULL), 0);
		assert_int_equal(replace_with(&bundle, NEW_CONFIG, NULL), 0);
		assert_int_equal(garita_bundle_check_printed(&bundle, NULL), 0);
		moves[i]();
		if (garita_bundle_check_printed(&bundle, NULL) >= 0)
			fail_msg("change %zu is not seen", i);
		assert_int_equal(remove_home(&home), 0);
	}
}

/* Whatever has the name that is tried first, the config is replaced. */
static void test_first_name_is_taken(void **state)
{
	static const char first[] = ".garita-config.0000000000000000";
	auto_bundle bundle = { .fd = -1 }, again = { .fd = -1 };
	auto_fd int lock = -1;

	(void)state;
	assert_int_equal(garita_bundle_open(".", &bundle, NULL), 0);
	put(first, "of another one who is at work", 0600);
	lock = open(first, O_WRONLY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(replace_with(&bundle, NEW_CONFIG, NULL), 0);
	assert_config(NEW_CONFIG);
	assert_int_equal(access(first, F_OK), 0);
	assert_int_equal(unlink(first), 0);

	assert_int_equal(mkdir(first, 0700), 0);
	assert_int_equal(garita_bundle_open(".", &again, NULL), 0);
	assert_int_equal(replace_with(&again, OLD_CONFIG, NULL), 0);
	assert_config(OLD_CONFIG);
	assert_int_equal(count_names(), 2);
	assert_int_equal(rmdir(first), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open_tells_what_is_there,
						make_home, remove_home),
		cmocka_unit_test_setup_teardown(test_the_path_is_the_real_one,
						make_home, remove_home),
		cmocka_unit_test_setup_teardown(test_bad_bundles_are_refused,
						make_home, remove_home),
		cmocka_unit_test_setup_teardown(test_odd_but_good, make_home,
						remove_home),
		cmocka_unit_test_setup_teardown(test_replace, make_home,
						remove_home),
		cmocka_unit_test(test_what_was_printed_is_still_there),
		cmocka_unit_test_setup_teardown(
			test_replace_refuses_another_file, make_home,
			remove_home),
		cmocka_unit_test_setup_teardown(test_stale_files, make_home,
						remove_home),
		cmocka_unit_test_setup_teardown(test_first_name_is_taken,
						make_home, remove_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
