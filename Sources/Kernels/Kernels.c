#include "Kernels.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF

// Three builds of each loop on x86-64: the baseline, AVX2 (x86-64-v3) and AVX-512 (x86-64-v4). Elsewhere the baseline is enough (NEON is part of it).
#if defined(__x86_64__)
#define MULTI __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define MULTI
#endif

typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef uint64_t u64x8 __attribute__((vector_size(64)));
typedef float f32x8 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))

// Vectors pass through pointers: by value their calling convention would differ between the builds of one function.
INLINE void multiply(const u32x8 *a, uint32_t m, u32x8 *high, u32x8 *low) {
    u64x8 wide = __builtin_convertvector(*a, u64x8) * (uint64_t)m;
    *high = __builtin_convertvector(wide >> 32, u32x8);
    *low = __builtin_convertvector(wide, u32x8);
}

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC'11) on 8 counters at once.
INLINE void philox(u32x8 c[4], uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; round++) {
        u32x8 h0, l0, h1, l1;
        multiply(&c[0], 0xD2511F53u, &h0, &l0);
        multiply(&c[2], 0xCD9E8D57u, &h1, &l1);
        c[0] = h1 ^ c[1] ^ k0;
        c[1] = l1;
        c[2] = h0 ^ c[3] ^ k1;
        c[3] = l0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

// The normal deviate of a 32-bit word: bit 0 is the sign, the upper 31 bits give t = P(|Z| > |z|). With w = -ln(t (2 - t)) the ratio
// |z| / (1 - t) is a smooth function of w near 0 and of sqrt(w) in the tail (the variable of Giles' erfinv, GPU Computing Gems 2011); both
// polynomials and the logarithm's are our own minimax fits, relative error below 5e-7. Greatest |z|: 6.23.
INLINE void normal(const u32x8 *word, float *out) {
    f32x8 t = (__builtin_convertvector((i32x8)(*word >> 1), f32x8) + 0.5f) * 0x1p-31f;
    f32x8 x = 1.0f - t;
    f32x8 y = t * (2.0f - t);
    // y = 2^e * m with m in [sqrt(1/2), sqrt(2)): adding the distance from sqrt(1/2) to 1 makes the exponent field switch there.
    u32x8 bits = (u32x8)y + (0x3F800000u - 0x3F3504F3u);
    f32x8 e = __builtin_convertvector((i32x8)(bits >> 23) - 127, f32x8);
    f32x8 f = (f32x8)((bits & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f;
    f32x8 l = -0.10106763988733292f * f + 0.16222524642944336f;
    l = l * f + -0.17250847816467285f;
    l = l * f + 0.1990017294883728f;
    l = l * f + -0.24969908595085144f;
    l = l * f + 0.33335059881210327f;
    l = l * f + -0.5000036358833313f;
    l = l * f + 0.9999999403953552f;
    f32x8 w = -(e * 0.6931471824645996f + l * f);
    f32x8 a = w - 2.5f;
    f32x8 p = 4.0354287023092184e-08f * a + 4.861034881287196e-07f;
    p = p * a + -4.990561137674376e-06f;
    p = p * a + -6.217987902346067e-06f;
    p = p * a + 0.00030915020033717155f;
    p = p * a + -0.0017730101244524121f;
    p = p * a + -0.005908171180635691f;
    p = p * a + 0.3488026559352875f;
    p = p * a + 2.1233136653900146f;
    f32x8 s = __builtin_elementwise_sqrt(w) - 3.5f;
    f32x8 q = -0.0002395644405623898f * s + 0.0007984386756017182f;
    q = q * s + -0.0010966104455292225f;
    q = q * s + 0.001411834149621427f;
    q = q * s + -0.0028498489409685135f;
    q = q * s + 0.004669325891882181f;
    q = q * s + 1.4246262311935425f;
    q = q * s + 4.717087745666504f;
    u32x8 central = (u32x8)(w < 5.0f);
    f32x8 z = x * (f32x8)(((u32x8)p & central) | ((u32x8)q & ~central));
    z = (f32x8)((u32x8)z | (*word << 31));
    memcpy(out, &z, sizeof z);
}

MULTI void fleetsynth_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float *out) {
    const u32x8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
    for (int32_t i = 0; i < count; i++) {
        u32x8 c[4];
        c[0] = lanes + ((uint32_t)first + (uint32_t)i) * 8u;
        c[1] = (u32x8){0} + server;
        c[2] = (u32x8){0} + (uint32_t)stream;
        c[3] = (u32x8){0} + (uint32_t)(stream >> 32);
        philox(c, (uint32_t)key, (uint32_t)(key >> 32));
        for (int word = 0; word < 4; word++) normal(&c[word], out + (int64_t)i * 32 + word * 8);
    }
}

MULTI void fleetsynth_shape_scaled(const float *restrict z, const double *restrict level, const double *restrict spread, double bias,
                                   double scale, double low, double high, int32_t count, int32_t *restrict out) {
    // Adding 1.5 * 2^52 leaves the nearest integer (half to even) in the low bits of the mantissa; exact for |y| < 2^31.
    const double shift = 6755399441055744.0;
    for (int32_t i = 0; i < count; i++) {
        double y = ((level[i] + spread[i] * (double)z[i]) + bias) * scale;
        y = y < low ? low : y;
        y = y > high ? high : y;
        y += shift;
        uint64_t bits;
        memcpy(&bits, &y, sizeof bits);
        out[i] = (int32_t)(uint32_t)bits;
    }
}

MULTI void fleetsynth_shape_real(const float *restrict z, const double *restrict level, const double *restrict spread, double bias,
                                 double low, double high, int32_t count, double *restrict out) {
    for (int32_t i = 0; i < count; i++) {
        double y = (level[i] + spread[i] * (double)z[i]) + bias;
        y = y < low ? low : y;
        out[i] = y > high ? high : y;
    }
}

void fleetsynth_count(const int32_t *values, int32_t count, int32_t lowest, uint32_t *counts) {
    for (int32_t i = 0; i < count; i++) counts[values[i] - lowest]++;
}

MULTI void fleetsynth_add(const int32_t *restrict values, int32_t count, int64_t *restrict sums) {
    for (int32_t i = 0; i < count; i++) sums[i] += values[i];
}

MULTI int64_t fleetsynth_sum(const int32_t *values, int32_t count) {
    int64_t sum = 0;
    for (int32_t i = 0; i < count; i++) sum += values[i];
    return sum;
}
