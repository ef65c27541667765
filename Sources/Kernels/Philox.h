// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC'11), four counters to a vector.
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
    u64x4 y1, x2, y2;
    u64x4 k0[8], k1[8];
} philox_row;

INLINE u64x4 both(uint32_t high, uint32_t low) { return (u64x4){0} + ((uint64_t)high << 32 | low); }

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
    row->y2 = (u64x4){0} + ((uint64_t)c0 * PHILOX_M0 ^ k1[2]);
    for (int round = 0; round < 8; round++) {
        row->k0[round] = both(0, k0[round + 3]);
        row->k1[round] = both(0, k1[round + 3]);
    }
}

INLINE u64x4 swapped(u64x4 v) { return (u64x4)__builtin_shufflevector((u32x8)v, (u32x8)v, 1, 0, 3, 2, 5, 4, 7, 6); }
INLINE u64x4 merged(u64x4 high, u64x4 low) { return (u64x4)__builtin_shufflevector((u32x8)high, (u32x8)low, 8, 1, 10, 3, 12, 5, 14, 7); }
INLINE u64x4 product(u64x4 v, uint32_t m) { return (v & 0xFFFFFFFFu) * (uint64_t)m; }

// The words of `groups` times four blocks from `first`: x[g] and y[g] hold those of first + 4 g + lane.
INLINE void philox_blocks(const philox_row *row, uint32_t first, int groups, u64x4 *x, u64x4 *y) {
    UNROLL for (int g = 0; g < groups; g++) {
        u32x8 blocks = (u32x8){0, 0, 1, 0, 2, 0, 3, 0} + (first + 4 * (uint32_t)g);
        u64x4 s = swapped(product((u64x4)blocks, PHILOX_M0) ^ row->y1);
        x[g] = product(s, PHILOX_M1) ^ row->x2;
        y[g] = (s & 0xFFFFFFFF00000000u) ^ row->y2;
    }
    UNROLL for (int round = 0; round < 8; round++) {
        UNROLL for (int g = 0; g < groups; g++) {
            u64x4 sx = swapped(x[g]), sy = swapped(y[g]);
            x[g] = product(sy, PHILOX_M1) ^ merged(sx, row->k0[round]);
            y[g] = product(sx, PHILOX_M0) ^ merged(sy, row->k1[round]);
        }
    }
}
