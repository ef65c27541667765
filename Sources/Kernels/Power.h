// Powers in double precision: ExactMath.log and ExactMath.exp, eight lanes at a time, with the same operations in the same order.
#pragma once
#include "Changed.h"

// The natural logarithm of positive, normal numbers.
INLINE f64x8 log8(f64x8 x) {
    i64x8 bits = (i64x8)x;
    i64x8 exponent = (bits >> 52) - 1023;
    f64x8 m = (f64x8)((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
    const i64x8 above = m > 1.4142135623730951;
    m = pick8(above, m * 0.5, m);
    exponent -= above;
    const f64x8 e = __builtin_convertvector(exponent, f64x8);
    const f64x8 s = (m - 1.0) / (m + 1.0), s2 = s * s;
    f64x8 sum = {0};
    for (int k = 23; k >= 3; k -= 2) sum = (sum + 1.0 / k) * s2;
    return e * 0.6931471803691238 + (e * 1.9082149292705877e-10 + 2.0 * s * (1.0 + sum));
}

// e to the power of |x| < 700.
INLINE f64x8 exp8(f64x8 x) {
    const f64x8 shift = all8(0x1.8p52);
    const f64x8 shifted = x * 1.4426950408889634 + shift, k = shifted - shift;
    const f64x8 r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10;
    f64x8 sum = all8(1);
    for (int n = 16; n >= 1; n--) sum = 1.0 + sum * r / (double)n;
    return (f64x8)(((i64x8)shifted - (i64x8)shift + 1023) << 52) * sum;
}

INLINE f64x8 power8(f64x8 base, int32_t whole, double fraction) {
    f64x8 result = all8(1);
    for (int32_t i = 0; i < (whole < 0 ? -whole : whole); i++) result *= base;
    if (whole < 0) result = 1.0 / result;
    return fraction == 0 ? result : result * exp8(fraction * log8(base));
}

void PATH(powers)(const double *bases, int32_t count, int32_t whole, double fraction, double *out) {
    int32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        f64x8 own = power8(load8(bases + i), whole, fraction);
        memcpy(out + i, &own, sizeof own);
    }
    if (i == count) return;
    f64x8 rest = all8(1);
    memcpy(&rest, bases + i, (size_t)(count - i) * sizeof *bases);
    rest = power8(rest, whole, fraction);
    memcpy(out + i, &rest, (size_t)(count - i) * sizeof *out);
}
