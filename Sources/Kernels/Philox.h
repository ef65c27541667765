// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC'11), four counters to eight lanes.
//
// A 64-bit lane holds two words of one counter where the product that made them left them: x = c0 : c1, y = c2 : c3 (high : low), with the
// next round's key already in the low word. So a round is, for each half: swap the words, multiply the low ones, take the high ones
// and the key after next together, exclusive or. Ten rounds cost 80 vector operations for 16 words, eight less than 10 rounds alone would
// need, because the counters of one server and stream share parts of the first two.
#pragma once
#include "Vectors.h"

#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u

// What the counters of one server and stream have in common.
typedef struct {
    u64v y1, x2, y2;
    u64v k0[8], k1[8];
} philox_row;

INLINE u64v both(uint32_t high, uint32_t low) { return (u64v){0} + ((uint64_t)high << 32 | low); }

INLINE void philox_begin(philox_row *row, uint64_t key, uint64_t stream, uint32_t server) {
    uint32_t k0[11], k1[11];
    for (uint32_t round = 0; round < 10; round++) {
        k0[round] = (uint32_t)key + round * 0x9E3779B9u;
        k1[round] = (uint32_t)(key >> 32) + round * 0xBB67AE85u;
    }
    k0[10] = k1[10] = 0;
    uint64_t p1 = (uint64_t)(uint32_t)stream * PHILOX_M1;
    uint32_t c0 = (uint32_t)(p1 >> 32) ^ server ^ k0[0], c1 = (uint32_t)p1 ^ k0[1];
    row->y1 = both((uint32_t)(stream >> 32) ^ k1[0], k1[1]);
    row->x2 = both(c1, k0[2]);
    row->y2 = (u64v){0} + ((uint64_t)c0 * PHILOX_M0 ^ k1[2]);
    for (int round = 0; round < 8; round++) {
        row->k0[round] = both(0, k0[round + 3]);
        row->k1[round] = both(0, k1[round + 3]);
    }
}

#if LANES == 16
INLINE u64v swapped(u64v v) { return v << 32 | v >> 32; }
INLINE u64v merged(u64v high, u64v low) {
    return (u64v)__builtin_shufflevector((u32v)high, (u32v)low, 16, 1, 18, 3, 20, 5, 22, 7, 24, 9, 26, 11, 28, 13, 30, 15);
}
// The counters of a vector, less the first one's: of one stretch, and of two superblocks of twelve.
static const u32v in_a_row = {0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0};
static const u32v of_superblocks = {0, 0, 1, 0, 2, 0, 3, 0, 12, 0, 13, 0, 14, 0, 15, 0};
#else
INLINE u64v swapped(u64v v) { return (u64v)__builtin_shufflevector((u32v)v, (u32v)v, 1, 0, 3, 2, 5, 4, 7, 6); }
INLINE u64v merged(u64v high, u64v low) { return (u64v)__builtin_shufflevector((u32v)high, (u32v)low, 8, 1, 10, 3, 12, 5, 14, 7); }
static const u32v in_a_row = {0, 0, 1, 0, 2, 0, 3, 0}, of_superblocks = {0, 0, 1, 0, 2, 0, 3, 0};
#endif
INLINE u64v product(u64v v, uint32_t m) { return (v & 0xFFFFFFFFu) * (uint64_t)m; }

// The words of `groups` vectors of blocks: x[g] and y[g] hold those of first + stride g + lanes.
INLINE void philox_vectors(const philox_row *row, uint32_t first, uint32_t stride, u32v lanes, int groups, u64v *x, u64v *y) {
    UNROLL for (int g = 0; g < groups; g++) {
        u32v blocks = lanes + (first + stride * (uint32_t)g);
        u64v s = swapped(product((u64v)blocks, PHILOX_M0) ^ row->y1);
        x[g] = product(s, PHILOX_M1) ^ row->x2;
        y[g] = (s & 0xFFFFFFFF00000000u) ^ row->y2;
    }
    UNROLL for (int round = 0; round < 8; round++) {
        UNROLL for (int g = 0; g < groups; g++) {
            u64v sx = swapped(x[g]), sy = swapped(y[g]);
            x[g] = product(sy, PHILOX_M1) ^ merged(sx, row->k0[round]);
            y[g] = product(sx, PHILOX_M0) ^ merged(sy, row->k1[round]);
        }
    }
}

// The same of vectors of a superblock.
INLINE void philox_blocks(const philox_row *row, uint32_t first, u32v lanes, int groups, u64v *x, u64v *y) {
    philox_vectors(row, first, 4, lanes, groups, x, y);
}
