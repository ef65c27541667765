// The inner loops of value generation, compiled for several instruction sets and chosen at start (function multi-versioning).
//
// Every path gives the same bits: integers wrap, floats use only IEEE add, multiply, divide and square root, and contraction to fused
// multiply-add is off. The Swift twins in Core/Random and Core/Signals are their oracles.
#pragma once
#include <stdint.h>

// Steps drawn together: one superblock is 8 Philox blocks of 4 words; step 8 * word + lane comes from word `word` of block `lane`.
#define FLEETSYNTH_SUPERBLOCK 32

// Standard normal deviates of one server and stream for `count` superblocks from `first`: writes count * 32 floats.
void fleetsynth_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float *out);

// x = level[i] + spread[i] * z[i] + bias, scaled by 10^decimals, clamped to [low, high] (whole numbers), rounded half to even.
void fleetsynth_shape_scaled(const float *z, const double *level, const double *spread, double bias, double scale, double low, double high,
                             int32_t count, int32_t *out);

// x = level[i] + spread[i] * z[i] + bias, clamped to [low, high].
void fleetsynth_shape_real(const float *z, const double *level, const double *spread, double bias, double low, double high, int32_t count,
                           double *out);

// counts[value - lowest] += 1 for each value.
void fleetsynth_count(const int32_t *values, int32_t count, int32_t lowest, uint32_t *counts);

// sums[i] += values[i].
void fleetsynth_add(const int32_t *values, int32_t count, int64_t *sums);

// Sum of the values.
int64_t fleetsynth_sum(const int32_t *values, int32_t count);
