// Shaping in double precision, for grids that single precision does not resolve.
#pragma once
#include "Vectors.h"

void PATH(shape_scaled)(const float *restrict z, const double *restrict level, const double *restrict spread, double bias, double scale,
                        double low, double high, int32_t count, int32_t *restrict out) {
    // Adding 1.5 * 2^52 leaves the nearest integer (half to even) in the low bits of the mantissa; exact for |y| < 2^31.
    const double shift = 0x1.8p52;
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

void PATH(shape_real)(const float *restrict z, const double *restrict level, const double *restrict spread, double bias, double low,
                      double high, int32_t count, double *restrict out) {
    for (int32_t i = 0; i < count; i++) {
        double y = (level[i] + spread[i] * (double)z[i]) + bias;
        y = y < low ? low : y;
        out[i] = y > high ? high : y;
    }
}

void PATH(add)(const int32_t *restrict values, int32_t count, int64_t *restrict sums) {
    for (int32_t i = 0; i < count; i++) sums[i] += values[i];
}

int64_t PATH(sum)(const int32_t *values, int32_t count) {
    int64_t sum = 0;
    for (int32_t i = 0; i < count; i++) sum += values[i];
    return sum;
}

uint64_t PATH(sum_narrow)(const uint16_t *values, int32_t count) {
    uint64_t total = 0;
    while (count > 0) {
        // 65,536 numbers below 2^16 fit 32 bits.
        int32_t part = count < 65536 ? count : 65536;
        uint32_t sum = 0;
        for (int32_t i = 0; i < part; i++) sum += values[i];
        total += sum;
        values += part;
        count -= part;
    }
    return total;
}
