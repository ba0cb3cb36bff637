/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * null_runtime - a runtime that does nothing, well: what is left of a start
 * when it takes no time is garita. For the benches; linked statically.
 */
int main(void)
{
	return 0;
}
