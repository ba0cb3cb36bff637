/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * update - the limits that an update would give a running container.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "garita/memory.h"
#include "hook/file.h"
#include "hook/update.h"

/* Options that say a number. crun 1.8 puts their text into JSON as it is, where
 * one that is no number says more than its name. Those with an object are
 * limits, in the words of /linux/resources; the others limit nothing that
 * another container needs. */
static const struct {
	char option[20];
	bool bytes; /* may have a unit */
	char object[8], member[6];
} numbers[] = {
	{ "memory", true, "/memory", "limit" },
	{ "memory-swap", true, "/memory", "swap" },
	{ "pids-limit", false, "/pids", "limit" },
	{ "cpu-quota", false, "/cpu", "quota" },
	{ "blkio-weight", false, "", "" },
	{ "cpu-burst", false, "", "" },
	{ "cpu-idle", false, "", "" },
	{ "cpu-period", false, "", "" },
	{ "cpu-rt-period", false, "", "" },
	{ "cpu-rt-runtime", false, "", "" },
	{ "cpu-share", false, "", "" },
	{ "kernel-memory", true, "", "" },
	{ "kernel-memory-tcp", true, "", "" },
	{ "memory-reservation", true, "", "" },
};

static const char *const dropped[] = { "resources", NULL };

/* Bytes become the standard input again for who reads it after us. */
static int put_back(const char *text, size_t len, struct garita_error *err)
{
	auto_fd int fd = memfd_create("garita", MFD_CLOEXEC);

	if (fd >= 0 && garita_file_write(fd, text, len) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0 && dup2(fd, STDIN_FILENO) >= 0)
		return 0;
	return garita_fail(err, errno, "cannot keep standard input: %s",
			   strerror(errno));
}

static int read_resources(const char *path, struct garita_json_doc **ret,
			  struct garita_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	auto_free char *text = NULL;
	auto_fd int opened = -1;
	struct stat st;
	size_t len = 0;
	int r;

	if (!is_stdin) {
		opened = garita_file_open_trusted(NULL, path, &st, err);
		if (opened < 0)
			return opened;
	}
	r = garita_file_read(is_stdin ? STDIN_FILENO : opened,
			     GARITA_JSON_MAX_BYTES, &text, &len, err);
	if (r == 0 && is_stdin)
		r = put_back(text, len, err);
	if (r == 0)
		r = garita_json_parse(text, len, GARITA_JSON_STRICT, ret, err);
	return r;
}

/* "512m" as runc reads it: powers of 1024. 0: no such unit. */
static int64_t unit_of(const char *text)
{
	static const char units[] = "bkmgtp";
	const char *at = strchr(units, *text | 0x20);
	int64_t ret = 1;

	if (*text == '\0')
		return 1;
	if (at == NULL || *at == '\0')
		return 0;
	text++;
	text += at != units && (*text == 'i' || *text == 'I');
	text += at != units && (*text == 'b' || *text == 'B');
	for (; at > units; at--)
		ret *= 1024;
	return *text == '\0' ? ret : 0;
}

/* A number, perhaps with a unit, or a negative number: no limit. */
static int parse_number(const char *text, bool bytes, int64_t *ret)
{
	bool negative = *text == '-';
	const char *digits = text + negative;
	size_t len = strspn(digits, "0123456789");
	auto_free char *number = garita_xstrndup(digits, len);
	int64_t unit = bytes || digits[len] == '\0' ? unit_of(digits + len) : 0;
	uint64_t value;

	if (garita_parse_u64(number, &value) < 0 || value > INT64_MAX ||
	    unit == 0 || __builtin_mul_overflow((int64_t)value, unit, ret))
		return -EINVAL;
	if (negative)
		*ret = -*ret;
	return 0;
}

static int read_option(const struct garita_argv_option *option,
		       struct garita_json_doc *doc, struct garita_error *err)
{
	for (size_t i = 0; i < GARITA_COUNT(numbers); i++) {
		int64_t value;

		if (!garita_argv_option_is(option, numbers[i].option))
			continue;
		if (parse_number(option->value, numbers[i].bytes, &value) < 0)
			return garita_fail(err, EINVAL,
					   "update: --%s is no whole number%s",
					   numbers[i].option,
					   numbers[i].bytes
						   ? ", with or without a unit"
						   : "");
		if (*numbers[i].object != '\0')
			garita_json_put(
				doc,
				garita_json_make_object(doc, numbers[i].object),
				numbers[i].member,
				garita_json_new_i64(doc, value));
	}
	return 0;
}

static int read_options(const struct garita_command *command,
			struct garita_json_doc *doc, const char **ret_file,
			struct garita_error *err)
{
	struct garita_argv_option option;
	size_t count = 0;
	int r = 0;

	for (; r == 0 && garita_argv_option(command, count, &option); count++) {
		if (garita_argv_option_is(&option, "resources"))
			*ret_file = option.value;
		r = read_option(&option, doc, err);
	}
	if (r == 0 && *ret_file && count > 1)
		r = garita_fail(err, EINVAL,
				"update: --resources and other options: "
				"runtimes do not agree on which one counts");
	return r;
}

/* What the container may do with devices stays as it is: crun opens those that
 * an update names, runc does not look at them. Engines name all that they asked
 * for once, also what a repair took away. */
static void leave_devices(struct garita_json_doc *resources)
{
	(void)garita_json_remove(garita_json_root(resources), "devices");
}

int garita_update_read(const struct garita_command *command,
		       const struct garita_running *running,
		       struct garita_update *ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *options = garita_json_new();
	auto_json struct garita_json_doc *resources = NULL;
	const char *file = NULL;
	int r = read_options(command, options, &file, err);

	if (r < 0)
		return r;
	if (file) {
		r = read_resources(file, &resources, err);
		if (r == 0 && garita_json_type(garita_json_root(resources)) !=
				      GARITA_JSON_OBJECT)
			r = garita_fail(err, EINVAL, "not an object");
		if (r < 0)
			return garita_fail_in(err, "resources of the update");
		leave_devices(resources);
	}
	r = garita_running_with_resources(
		running, garita_json_root(resources ? resources : options),
		&ret->config, err);
	if (r < 0)
		return garita_fail_in(err, "resources of the update");
	ret->resources = garita_take_ptr(&resources);
	return 0;
}

int garita_update_give(const struct garita_update *update,
		       struct garita_command *command, char *const envp[],
		       struct garita_error *err)
{
	auto_free char *path = NULL;
	auto_text text = { 0 };
	int r;

	if (!update->resources)
		return 0;
	garita_json_print(garita_json_root(update->resources), &text);
	r = garita_running_give(command, envp, &text, &path, err);
	if (r == 0)
		garita_argv_replace(command, dropped, "resources", path);
	return r;
}

void garita_update_free(struct garita_update *update)
{
	garita_json_free(update->config);
	garita_json_free(update->resources);
	*update = (struct garita_update){ 0 };
}
