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

// The loop of PATH(change); its two questions are answered where it is inlined.
INLINE void change_all(const double *restrict clean, const double *restrict factor, const double *restrict addend,
                       const fleetsynth_written *written, int saturates, int rounds, int32_t count, double *restrict published) {
    const fleetsynth_written w = *written;
    for (int32_t i = 0; i < count; i++) {
        double x = factor[i] * clean[i] + addend[i] * w.scale;
        if (saturates) {
            double y = x / w.scale;
            double edge = y > w.upper ? w.upper : y;
            edge = y < w.lower ? w.lower : edge;
            double distance = y - edge;
            x = (edge + w.width * (distance / (__builtin_fabs(distance) + w.width))) * w.scale;
        }
        double kept = w.low >= x ? w.low : x;
        kept = w.high < kept ? w.high : kept;
        // Adding and taking away 1.5 * 2^52 rounds.
        if (rounds) kept = ((kept - w.origin) + 0x1.8p52) - 0x1.8p52 + w.origin;
        published[i] = ((factor[i] != 1) | (addend[i] != 0)) ? kept : published[i];
    }
}

void PATH(change)(const double *clean, const double *factor, const double *addend, const fleetsynth_written *written, int32_t count,
                  double *published) {
    if (written->width > 0) {
        if (written->rounds) change_all(clean, factor, addend, written, 1, 1, count, published);
        else change_all(clean, factor, addend, written, 1, 0, count, published);
    } else {
        if (written->rounds) change_all(clean, factor, addend, written, 0, 1, count, published);
        else change_all(clean, factor, addend, written, 0, 0, count, published);
    }
}

int64_t PATH(count_from)(const double *values, int32_t count, double threshold) {
    int64_t found = 0;
    for (int32_t i = 0; i < count; i++) found += values[i] >= threshold;
    return found;
}
