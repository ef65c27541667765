// From counters to a row of whole numbers, in one pass.
#pragma once
#include "Philox.h"
#include "Normal.h"

INLINE void count16(const uint16_t *values, uint32_t *counts) {
    UNROLL for (int i = 0; i < 16; i += 4) {
        uint64_t four;
        memcpy(&four, values + i, sizeof four);
        counts[four & 0xFFFF]++;
        counts[four >> 16 & 0xFFFF]++;
        counts[four >> 32 & 0xFFFF]++;
        counts[four >> 48]++;
    }
}

// Sixteen values as whole numbers: into the order of time, and added to the sums in the kernel's order.
INLINE void round_pair(f32v y0, f32v y1, f32v top, int64_t stride, uint32_t *restrict sums, uint16_t *restrict out) {
    i32v w0 = NEAREST(CLAMP(y0, top)), w1 = NEAREST(CLAMP(y1, top)), sum0, sum1;
    LOAD(sum0, sums, stride);
    LOAD(sum1, sums + 8, stride);
    sum0 += w0;
    sum1 += w1;
    STORE(sum0, sums, stride);
    STORE(sum1, sums + 8, stride);
    u16v narrow = NARROW(w0, w1);
    STORE(narrow, out, stride);
}

INLINE void fill_row(const fleetsynth_row *signal, uint32_t server, float offset, int32_t from, int32_t count, float *restrict scaled,
                     uint16_t *restrict out, uint32_t *restrict sums, uint32_t *restrict counts, int counting) {
    enum { STEP = LANES / 8 };
    const constants *k = opaque();
    const f32v top = (f32v){0} + signal->top, shift = (f32v){0} + offset;
    const float *levels = signal->level + (int64_t)from * 64, *spreads = signal->spread + (int64_t)from * 64;
    philox_row row;
    philox_begin(&row, signal->key, signal->stream, server);
    for (int32_t i = 0; i < count; i += STEP) {
        // The last superblock may be alone.
        const int64_t stride = i + STEP <= count ? 64 : 0;
        superblock_words drawn;
        draw_superblock(&row, (uint32_t)signal->first + (uint32_t)(from + i), &drawn);
        UNROLL for (int pair = 0; pair < 4; pair++) {
            int64_t at = (int64_t)i * 64 + pair * 16;
            f32v z0, z1, level0, level1, spread0, spread1;
            normal_pair(drawn.words[pair], drawn.angles[pair], k, &z0, &z1);
            LOAD(level0, levels + at, stride);
            LOAD(level1, levels + at + 8, stride);
            LOAD(spread0, spreads + at, stride);
            LOAD(spread1, spreads + at + 8, stride);
            f32v y0 = (level0 + shift) + spread0 * z0, y1 = (level1 + shift) + spread1 * z1;
            STORE(y0, scaled + at, stride);
            STORE(y1, scaled + at + 8, stride);
            round_pair(y0, y1, top, stride, sums + at, out + at);
            // Counting is scalar work: done for the superblocks before, it fills the gaps that the vector units leave.
            if (counting && i > 0) {
                UNROLL for (int before = 0; before < STEP; before++) count16(out + at - 64 * STEP + 64 * before, counts);
            }
        }
    }
    if (!counting) return;
    for (int32_t at = (count - 1) / STEP * STEP * 64; at < count * 64; at += 16) count16(out + at, counts);
}

void PATH(fill)(const fleetsynth_row *signal, uint32_t server, float offset, int32_t from, int32_t count, float *restrict scaled,
                uint16_t *restrict out, uint32_t *restrict sums, uint32_t *restrict counts) {
    if (counts) fill_row(signal, server, offset, from, count, scaled, out, sums, counts, 1);
    else fill_row(signal, server, offset, from, count, scaled, out, sums, 0, 0);
}
