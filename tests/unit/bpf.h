/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bpf - runs a seccomp filter without a kernel, to see what it would answer.
 *
 * Knows the instructions that libseccomp writes and fails the test on any
 * other. A filter for a big-endian machine reads its data that way, so the
 * data is laid out as bytes in the order of the machine.
 */
#ifndef GARITA_TESTS_BPF_H
#define GARITA_TESTS_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct bpf {
	struct sock_filter code[4096];
	size_t count;
	bool big_endian;
};

struct bpf_data {
	unsigned char bytes[64]; /* struct seccomp_data */
	bool big_endian;
};

static inline void bpf_put(struct bpf_data *data, size_t at, uint64_t value,
			   size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t place = data->big_endian ? size - 1 - i : i;

		data->bytes[at + place] = (unsigned char)(value >> (8 * i));
	}
}

static inline uint32_t bpf_word(const struct bpf_data *data, size_t at)
{
	uint32_t word = 0;

	for (size_t i = 0; i < 4; i++) {
		size_t place = data->big_endian ? i : 3 - i;

		word = word << 8 | data->bytes[at + place];
	}
	return word;
}

static inline bool bpf_jumps(const struct sock_filter *op, uint32_t a)
{
	switch (BPF_OP(op->code)) {
	case BPF_JEQ:
		return a == op->k;
	case BPF_JGT:
		return a > op->k;
	case BPF_JGE:
		return a >= op->k;
	case BPF_JSET:
		return a & op->k;
	default:
		fail_msg("jump %#x", op->code);
		return false;
	}
}

/* The filter's answer: SECCOMP_RET_* and its data. */
static inline uint32_t bpf_run(const struct bpf *bpf,
			       const struct bpf_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < bpf->count; at++) {
		const struct sock_filter *op = &bpf->code[at];

		if (op->code == (BPF_LD | BPF_W | BPF_ABS)) {
			assert_in_range(op->k, 0, 60);
			a = bpf_word(data, op->k);
		} else if (op->code == (BPF_ALU | BPF_AND | BPF_K)) {
			a &= op->k;
		} else if (op->code == (BPF_JMP | BPF_JA)) {
			at += op->k;
		} else if (op->code == (BPF_RET | BPF_K)) {
			return op->k;
		} else if (BPF_CLASS(op->code) == BPF_JMP &&
			   BPF_SRC(op->code) == BPF_K) {
			at += bpf_jumps(op, a) ? op->jt : op->jf;
		} else {
			fail_msg("instruction %#x", op->code);
		}
	}
	fail_msg("ran over the end");
	return SECCOMP_RET_KILL_PROCESS;
}

/* What a call of this number and these arguments would be answered. */
static inline uint32_t bpf_call(const struct bpf *bpf, uint32_t arch, int nr,
				const uint64_t args[6])
{
	struct bpf_data data = { .big_endian = bpf->big_endian };

	bpf_put(&data, 0, (uint32_t)nr, 4);
	bpf_put(&data, 4, arch, 4);
	for (size_t i = 0; i < 6; i++)
		bpf_put(&data, 16 + 8 * i, args[i], 8);
	return bpf_run(bpf, &data);
}

#endif
