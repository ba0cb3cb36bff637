/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * empty - the unit of the start path's budget: what it costs to run a program
 * that does nothing and is linked as garita-runtime is.
 */
int main(void)
{
	return 0;
}
