// Vector types, and the few operations that C's vector extension lacks.
//
// A file Path*.c defines PATH(name) and includes Loops.h: one build of all loops. Every build gives the same bits: integers wrap, floats use only
// IEEE add, multiply and square root, and contraction to fused multiply-add is off.
#pragma once
#include "Kernels.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF
// Whatever takes a vector by value is inlined, so that its calling convention does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef uint64_t u64x4 __attribute__((vector_size(32)));
typedef float f32x8 __attribute__((vector_size(32)));

#define ALL(value) {value, value, value, value, value, value, value, value}

// Whole vectors in memory: the compiler uses them where they are, instead of copying one number to all lanes in every turn of a loop.
typedef struct {
    f32x8 half, one, ln2, log[7], angle, cosine[4], sine[3];
    u32x8 split, mantissa, root, exponent, sign, middle;
} constants;

// -2 ln(1 + f) / f for sqrt(1/2) <= 1 + f < sqrt(2), and sqrt(1/2) cos a and sqrt(1/2) sin a / a for |a| <= pi / 4: our own minimax
// fits, errors 1.1e-6 (relative), 2e-8 and 4e-7.
static const constants fixed = {
    .half = ALL(0.5f), .one = ALL(1.0f), .ln2 = ALL(-1.3862943611198906f),
    .log = {ALL(-2.000001907348633f), ALL(1.000022292137146f), ALL(-0.6662901639938354f), ALL(0.49819499254226685f),
            ALL(-0.40992704033851624f), ALL(0.37335634231567383f), ALL(-0.2379193753004074f)},
    .angle = ALL(0x1.921FB6p-32f),
    .cosine = {ALL(0.7071067690849304f), ALL(-0.35355237126350403f), ALL(0.029454555362462997f), ALL(-0.0009606716921553016f)},
    .sine = {ALL(0.7071032524108887f), ALL(-0.11780513823032379f), ALL(0.005742809269577265f)},
    .split = ALL(0x3F800000u - 0x3F3504F3u), .mantissa = ALL(0x007FFFFFu), .root = ALL(0x3F3504F3u), .exponent = ALL(158u),
    .sign = ALL(0x80000000u), .middle = ALL(0x20000u),
};

// The constants by an address that the compiler cannot see through.
INLINE const constants *opaque(void) {
    const constants *address = &fixed;
    __asm__("" : "+r"(address));
    return address;
}

#ifdef FLEETSYNTH_AVX2
#include <immintrin.h>
// Greater of y and 0, then lesser of that and top.
#define CLAMP(y, top) ((f32x8)_mm256_min_ps(_mm256_max_ps((__m256)(y), _mm256_setzero_ps()), (__m256)(top)))
// The nearest whole number of 0 ... 65,535, half to even.
#define NEAREST(y) ((i32x8)_mm256_cvtps_epi32((__m256)(y)))
// Numbers of 0 ... 65,535 in the order a[0..3] b[0..3] a[4..7] b[4..7].
#define NARROW(a, b) ((u16x16)_mm256_packus_epi32((__m256i)(a), (__m256i)(b)))
#else
INLINE f32x8 clamp(f32x8 y, f32x8 top) {
    f32x8 positive = (f32x8)((u32x8)y & (u32x8)(y > 0.0f));
    u32x8 below = (u32x8)(positive < top);
    return (f32x8)(((u32x8)positive & below) | ((u32x8)top & ~below));
}
// 1.5 * 2^23 has its last bit at 1: adding it rounds.
#define CLAMP(y, top) clamp(y, top)
#define NEAREST(y) ((i32x8)((y) + 0x1.8p23f) - 0x4B400000)
#define NARROW(a, b) __builtin_convertvector(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15), u16x16)
#endif
