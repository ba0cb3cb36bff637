/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doctor - what was seen, a check each.
 */
#include "hook/doctor/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *garita_health_name(enum garita_health health)
{
	static const char *const names[GARITA_HEALTHS] = {
		[GARITA_HEALTH_OK] = "ok",
		[GARITA_HEALTH_WARN] = "warn",
		[GARITA_HEALTH_UNKNOWN] = "unknown",
		[GARITA_HEALTH_FAIL] = "fail",
	};

	return names[health];
}

void garita_doctor_say(struct garita_doctor *doctor, const char *about,
		       enum garita_health health, const char *advice,
		       const char *fmt, ...)
{
	char said[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	doctor->checks = garita_xresize(doctor->checks, doctor->count + 1,
					sizeof(*doctor->checks));
	doctor->checks[doctor->count++] = (struct garita_doctor_check){
		.section = doctor->section,
		.about = about,
		.health = health,
		.text = garita_xstrdup(said),
		.advice = advice ? garita_xstrdup(advice) : NULL,
	};
}

void garita_doctor_say_error(struct garita_doctor *doctor, const char *about,
			     const struct garita_error *error,
			     const char *advice)
{
	char words[1024];

	garita_error_words(error, words, sizeof(words));
	garita_doctor_say(doctor, about,
			  error->code == EACCES ? GARITA_HEALTH_UNKNOWN
						: GARITA_HEALTH_FAIL,
			  advice, "%s", words);
}

enum garita_health garita_doctor_health(const struct garita_doctor *doctor)
{
	enum garita_health worst = GARITA_HEALTH_OK;

	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->checks[i].health > worst)
			worst = doctor->checks[i].health;
	return worst;
}

bool garita_doctor_has_failed(const struct garita_doctor *doctor,
			      const char *section)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->checks[i].health == GARITA_HEALTH_FAIL &&
		    strcmp(doctor->checks[i].section, section) == 0)
			return true;
	return false;
}

void garita_doctor_free(struct garita_doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++) {
		free(doctor->checks[i].text);
		free(doctor->checks[i].advice);
	}
	free(doctor->checks);
	garita_gate_close(&doctor->gate);
}
