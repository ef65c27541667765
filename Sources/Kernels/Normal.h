// Two standard normal deviates from 48 random bits (Box and Muller): z = r cos(angle) and r sin(angle).
//
// The radius has 31 bits, r = sqrt(-2 ln((w + 1/2) 2^-31)), up to 6.6. The angle has 16: two signs and one of 2^14 midpoints of a quadrant. A
// sum over 2^16 equal steps of a periodic, smooth function is its integral to far more digits than single precision has, so either deviate is
// normal to the accuracy of the polynomials, however coarse the angle looks.
#pragma once
#include "Vectors.h"

// -2 ln of (w >> 1, plus a half) * 2^-31.
INLINE f32v squared_radius(u32v word, const constants *k) {
    f32v t = __builtin_convertvector((i32v)(word >> 1), f32v) + k->half;
    // t = 2^e * (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)): adding the distance from sqrt(1/2) to 1 makes the exponent field switch there.
    u32v bits = (u32v)t + k->split;
    f32v e = __builtin_convertvector((i32v)((bits >> 23) - k->exponent), f32v);
    f32v f = (f32v)((bits & k->mantissa) + k->root) - k->one;
    f32v f2 = f * f;
    f32v low = k->log[0] + k->log[1] * f, middle = k->log[2] + k->log[3] * f;
    f32v high = (k->log[4] + k->log[5] * f) + k->log[6] * f2;
    return e * k->ln2 + (low + (middle + high * f2) * f2) * f;
}

// Bits 31 and 30 of `angle` are the signs of the two deviates, bits 29 ... 16 the place in the quadrant; the others are 0.
INLINE void normal_pair(u32v word, u32v angle, const constants *k, f32v *z0, f32v *z1) {
    u32v r = (u32v)__builtin_elementwise_sqrt(squared_radius(word, k));
    f32v a = __builtin_convertvector((i32v)(angle << 2 | k->middle), f32v) * k->angle;
    f32v a2 = a * a;
    f32v c = (k->cosine[0] + k->cosine[1] * a2) + (k->cosine[2] + k->cosine[3] * a2) * (a2 * a2);
    f32v s = ((k->sine[2] * a2 + k->sine[1]) * a2 + k->sine[0]) * a;
    *z0 = (f32v)(r ^ (angle & k->sign)) * (c - s);
    *z1 = (f32v)(r ^ (angle << 1 & k->sign)) * (c + s);
}

// One superblock is 64 steps, four pairs of eight lanes from twelve blocks: blocks 0 ... 7 give the radii, blocks 8 ... 11 the angles, two to a word.
typedef struct {
    u32v words[4], angles[4];
} superblock_words;

INLINE void draw_superblock(const philox_row *row, uint32_t superblock, superblock_words *out) {
    u64v x[3], y[3];
    philox_blocks(row, superblock * 12u, of_superblocks, 3, x, y);
    *out = (superblock_words){
        {(u32v)x[0], (u32v)y[0], (u32v)x[1], (u32v)y[1]},
        {(u32v)x[2] << 16, (u32v)x[2] & 0xFFFF0000u, (u32v)y[2] << 16, (u32v)y[2] & 0xFFFF0000u},
    };
}
