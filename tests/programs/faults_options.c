/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_options - what is asked, as the first comment of faults.c has it.
 */
#include "faults.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct asked asked = { .step = 1, .bundle = -1, .journal = -1 };

static unsigned long number_of(const char *digits, unsigned base)
{
	static const char all[] = "0123456789abcdef";
	unsigned long ret = 0;

	for (; *digits != '\0'; digits++) {
		const char *at = memchr(all, *digits, base);

		if (at == NULL)
			return 0;
		ret = ret * base + (unsigned long)(at - all);
	}
	return ret;
}

static void add_to(char *list[MOST_DIRECTORIES], char *item)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	if (count + 1 == MOST_DIRECTORIES)
		die("too many directories");
	list[count] = item;
}

static void add_allocator(const char *text)
{
	unsigned long *at = asked.subject.allocators;

	while (*at != 0)
		at++;
	if (at + 1 < asked.subject.allocators + 4)
		*at = number_of(text, 16);
}

static void take_input(const char *path)
{
	struct bytes bytes = read_at(AT_FDCWD, path);

	refill(asked.subject.input, &bytes);
	free(bytes.data);
}

static void listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	asked.journal =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (asked.journal < 0 ||
	    bind(asked.journal, (struct sockaddr *)&at, sizeof(at)) < 0)
		die(path);
}

static const struct option options[] = {
	{ "allocator", required_argument, NULL, 'a' },
	{ "always", no_argument, NULL, 'A' },
	{ "bundle", required_argument, NULL, 'b' },
	{ "config", required_argument, NULL, 'c' },
	{ "disk", required_argument, NULL, 'd' },
	{ "repaired", required_argument, NULL, 'e' },
	{ "forget", required_argument, NULL, 'f' },
	{ "given", required_argument, NULL, 'g' },
	{ "helper", required_argument, NULL, 'h' },
	{ "input", required_argument, NULL, 'i' },
	{ "learn", required_argument, NULL, 'L' },
	{ "log", required_argument, NULL, 'l' },
	{ "guarded", no_argument, NULL, 'n' },
	{ "guarded-already", no_argument, NULL, 'N' },
	{ "journal", required_argument, NULL, 'j' },
	{ "refused", no_argument, NULL, 'R' },
	{ "runtime", required_argument, NULL, 'r' },
	{ "said", required_argument, NULL, 'o' },
	{ "step", required_argument, NULL, 's' },
	{ "verb", required_argument, NULL, 'V' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "watch", required_argument, NULL, 'w' },
	{ 0 },
};

static void read_file_option(int letter)
{
	struct bytes bytes = read_at(AT_FDCWD, optarg);

	if (letter == 'c')
		asked.config = bytes;
	else if (letter == 'e')
		asked.repaired = bytes;
	else if (letter == 'g')
		asked.given = bytes;
	else
		asked.said = bytes;
}

static void read_option(int letter)
{
	switch (letter) {
	case 'a':
		add_allocator(optarg);
		break;
	case 'A':
		asked.always = true;
		break;
	case 'b':
		asked.directory = optarg;
		add_to(asked.watched, optarg);
		asked.bundle = open(optarg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		break;
	case 'c':
	case 'e':
	case 'g':
	case 'o':
		read_file_option(letter);
		break;
	case 'd':
		asked.disk = optarg;
		break;
	case 'f':
		add_to(asked.forgotten, optarg);
		break;
	case 'h':
		asked.subject.helper = optarg;
		break;
	case 'i':
		take_input(optarg);
		break;
	case 'L':
		asked.learn = optarg;
		break;
	case 'l':
		asked.log = optarg;
		break;
	case 'j':
		listen_at(optarg);
		break;
	case 'N':
		asked.already = true;
		asked.guarded = true;
		break;
	case 'n':
		asked.guarded = true;
		break;
	case 'R':
		asked.refused = true;
		break;
	case 'r':
		asked.subject.runtime = optarg;
		break;
	case 's':
		asked.step = (long)number_of(optarg, 10);
		break;
	case 'V':
		asked.subject.verb = optarg;
		break;
	case 'v':
		asked.verbose = true;
		break;
	case 'w':
		add_to(asked.watched, optarg);
		break;
	default:
		exit(2);
	}
}

void read_options(int argc, char **argv)
{
	int letter;

	asked.subject.input = memfd_create("input", MFD_CLOEXEC);
	asked.subject.output = memfd_create("output", MFD_CLOEXEC);
	asked.subject.errors = open("/dev/null", O_RDWR | O_CLOEXEC);
	while ((letter = getopt_long(argc, argv, "+", options, NULL)) != -1)
		read_option(letter);
	if (asked.verbose)
		asked.subject.errors = 2;
	/* Other verbs find the bundle by the container. */
	if (asked.subject.verb && strcmp(asked.subject.verb, "create") == 0)
		asked.subject.bundle = asked.directory;
	asked.subject.argv = argv + optind;
	if (asked.subject.argv[0] == NULL || asked.step < 1 ||
	    (asked.config.data != NULL && asked.bundle < 0) ||
	    (asked.subject.runtime == NULL) != (asked.subject.verb == NULL)) {
		fputs("faults: see the first comment of its source\n", stderr);
		exit(2);
	}
	asked.subject.file = open(asked.subject.argv[0], O_RDONLY | O_CLOEXEC);
	if (asked.subject.file < 0)
		die(asked.subject.argv[0]);
}
