/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report - what the doctor saw, for a person at a terminal and for programs
 * (docs/schema/doctor-1.schema.json).
 */
#include <string.h>

#include "garita/json.h"
#include "hook/doctor/doctor.h"
#include "hook/report/report.h"

static const char plain[] = "\033[0m";
static const char bold[] = "\033[1m";
static const char *const colours[GARITA_HEALTHS] = {
	[GARITA_HEALTH_OK] = "\033[1;32m",
	[GARITA_HEALTH_WARN] = "\033[1;33m",
	[GARITA_HEALTH_UNKNOWN] = "\033[1;33m",
	[GARITA_HEALTH_FAIL] = "\033[1;31m",
};

static void paint(struct garita_text *out, bool colour, const char *code,
		  const char *text)
{
	garita_text_puts(out, colour ? code : "");
	garita_text_puts(out, text);
	garita_text_puts(out, colour ? plain : "");
}

static void put_check(const struct garita_doctor_check *check, bool colour,
		      struct garita_text *out)
{
	const char *name = garita_health_name(check->health);

	garita_text_puts(out, "  ");
	paint(out, colour, colours[check->health], name);
	garita_text_printf(out, "%*s%s: ", 9 - (int)strlen(name), "",
			   check->about);
	garita_report_put_safe(out, check->text);
	garita_text_putc(out, '\n');
	if (check->advice != NULL)
		garita_text_printf(out, "           -> %s\n", check->advice);
}

static size_t count_of(const struct garita_doctor *doctor,
		       enum garita_health health)
{
	size_t n = 0;

	for (size_t i = 0; i < doctor->count; i++)
		n += doctor->checks[i].health == health;
	return n;
}

static const char *words_of(enum garita_health health)
{
	switch (health) {
	case GARITA_HEALTH_OK:
	case GARITA_HEALTH_WARN:
		return "gated";
	case GARITA_HEALTH_UNKNOWN:
		return "unknown";
	case GARITA_HEALTH_FAIL:
		return "not gated";
	case GARITA_HEALTHS:
		break;
	}
	return "";
}

void garita_doctor_text(const struct garita_doctor *doctor, bool colour,
			struct garita_text *out)
{
	enum garita_health health = garita_doctor_health(doctor);
	const char *section = "";

	for (size_t i = 0; i < doctor->count; i++) {
		const struct garita_doctor_check *check = &doctor->checks[i];

		if (strcmp(section, check->section) != 0) {
			garita_text_puts(out, i > 0 ? "\n" : "");
			section = check->section;
			paint(out, colour, bold, section);
			garita_text_putc(out, '\n');
		}
		put_check(check, colour, out);
	}
	garita_text_putc(out, '\n');
	paint(out, colour, colours[health], words_of(health));
	garita_text_printf(out, ": %zu ok, %zu warn, %zu unknown, %zu fail\n",
			   count_of(doctor, GARITA_HEALTH_OK),
			   count_of(doctor, GARITA_HEALTH_WARN),
			   count_of(doctor, GARITA_HEALTH_UNKNOWN),
			   count_of(doctor, GARITA_HEALTH_FAIL));
}

void garita_doctor_json(const struct garita_doctor *doctor,
			struct garita_text *out)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *counts = garita_json_new_object(doc);
	struct garita_json *checks = garita_json_new_array(doc);

	garita_json_put_u64(doc, root, "version", 1);
	garita_json_put_string(doc, root, "verdict",
			       words_of(garita_doctor_health(doctor)));
	for (enum garita_health h = 0; h < GARITA_HEALTHS; h++)
		garita_json_put_u64(doc, counts, garita_health_name(h),
				    count_of(doctor, h));
	garita_json_put(doc, root, "counts", counts);
	for (size_t i = 0; i < doctor->count; i++) {
		const struct garita_doctor_check *check = &doctor->checks[i];
		struct garita_json *node = garita_json_new_object(doc);

		garita_json_put_string(doc, node, "section", check->section);
		garita_json_put_string(doc, node, "about", check->about);
		garita_json_put_string(doc, node, "status",
				       garita_health_name(check->health));
		garita_report_put_string(doc, node, "text", check->text);
		garita_json_put_string(doc, node, "advice", check->advice);
		garita_json_append(doc, checks, node);
	}
	garita_json_put(doc, root, "checks", checks);
	garita_report_put_tree(root, out);
}
