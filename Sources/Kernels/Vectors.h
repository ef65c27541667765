// Vector types, and the few operations that C's vector extension lacks.
//
// A file Path*.c defines PATH(name) and LANES and includes Loops.h: one build of all loops. Every build gives the same bits: integers wrap, floats
// use only IEEE add, multiply and square root, and contraction to fused multiply-add is off.
//
// LANES is 8, or 16: then the lower half of every vector holds what 8 lanes would, the upper half the same of the superblock after it.
#pragma once
#include "Kernels.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF
// Whatever takes a vector by value is inlined, so that its calling convention does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef uint16_t u16v __attribute__((vector_size(LANES * 4)));  // 2 * LANES numbers
typedef uint32_t u32v __attribute__((vector_size(LANES * 4)));
typedef int32_t i32v __attribute__((vector_size(LANES * 4)));
typedef uint64_t u64v __attribute__((vector_size(LANES * 4)));  // LANES / 2 numbers
typedef float f32v __attribute__((vector_size(LANES * 4)));
typedef int32_t i32x16 __attribute__((vector_size(64)));

#define EIGHT(value) value, value, value, value, value, value, value, value
#if LANES == 16
#define ALL(value) {EIGHT(value), EIGHT(value)}
#else
#define ALL(value) {EIGHT(value)}
#endif

// Half a vector (or all of it) at `at`, the other half at `at + stride` numbers: two superblocks lie side by side in memory. With a stride of 0
// the upper half is a copy of the lower, and what is stored of it is overwritten.
#define HALF (LANES == 16 ? 32 : sizeof(f32v))
#define LOAD(vector, at, stride) (memcpy(&(vector), (at), HALF), LANES == 16 ? memcpy((char *)&(vector) + 32, (at) + (stride), 32) : 0)
#define STORE(vector, at, stride) \
    (LANES == 16 ? memcpy((at) + (stride), (char *)&(vector) + 32, 32) : 0, memcpy((at), &(vector), HALF))

// Sixteen steps between the kernel's order, 0-3 and 8-11, then 4-7 and 12-15, and that of time, 0-7, then 8-15: the same exchange either way.
INLINE void exchange(f32v x, f32v y, f32v *a, f32v *b) {
#if LANES == 16
    *a = __builtin_shufflevector(x, y, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
    *b = __builtin_shufflevector(x, y, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
#else
    *a = __builtin_shufflevector(x, y, 0, 1, 2, 3, 8, 9, 10, 11);
    *b = __builtin_shufflevector(x, y, 4, 5, 6, 7, 12, 13, 14, 15);
#endif
}

// Whole vectors in memory: the compiler uses them where they are, instead of copying one number to all lanes in every turn of a loop.
typedef struct {
    f32v half, one, ln2, log[7], angle, cosine[4], sine[3];
    u32v split, mantissa, root, exponent, sign, middle;
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
#define CLAMP(y, top) ((f32v)_mm256_min_ps(_mm256_max_ps((__m256)(y), _mm256_setzero_ps()), (__m256)(top)))
// The nearest whole number of 0 ... 65,535, half to even.
#define NEAREST(y) ((i32v)_mm256_cvtps_epi32((__m256)(y)))
// Numbers of 0 ... 65,535 in the order a[0..3] b[0..3] a[4..7] b[4..7].
#define NARROW(a, b) ((u16v)_mm256_packus_epi32((__m256i)(a), (__m256i)(b)))
#elif defined(FLEETSYNTH_AVX512)
#include <immintrin.h>
#define CLAMP(y, top) ((f32v)_mm512_min_ps(_mm512_max_ps((__m512)(y), _mm512_setzero_ps()), (__m512)(top)))
#define NEAREST(y) ((i32v)_mm512_cvtps_epi32((__m512)(y)))
#define NARROW(a, b) ((u16v)_mm512_packus_epi32((__m512i)(a), (__m512i)(b)))
#else
INLINE f32v clamp(f32v y, f32v top) {
    f32v positive = (f32v)((u32v)y & (u32v)(y > 0.0f));
    u32v below = (u32v)(positive < top);
    return (f32v)(((u32v)positive & below) | ((u32v)top & ~below));
}
// 1.5 * 2^23 has its last bit at 1: adding it rounds.
#define CLAMP(y, top) clamp(y, top)
#define NEAREST(y) ((i32v)((y) + 0x1.8p23f) - 0x4B400000)
#define NARROW(a, b) __builtin_convertvector(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15), u16v)
#endif
