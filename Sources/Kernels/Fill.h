// From counters to a row of whole numbers, in one pass.
#pragma once
#include "Philox.h"
#include "Normal.h"

INLINE f32x8 load(const float *source) {
    f32x8 v;
    memcpy(&v, source, sizeof v);
    return v;
}

INLINE void add_to(uint32_t *sums, i32x8 values) {
    i32x8 v;
    memcpy(&v, sums, sizeof v);
    v += values;
    memcpy(sums, &v, sizeof v);
}

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

void PATH(fill)(const fleetsynth_row *signal, uint32_t server, float offset, int32_t from, int32_t count, float *restrict scaled,
                uint16_t *restrict out, uint32_t *restrict sums, uint32_t *restrict counts) {
    const constants *k = opaque();
    const f32x8 top = (f32x8){0} + signal->top, shift = (f32x8){0} + offset;
    const float *level = signal->level + (int64_t)from * 64, *spread = signal->spread + (int64_t)from * 64;
    philox_row row;
    philox_begin(&row, signal->key, signal->stream, server);
    for (int32_t i = 0; i < count; i++) {
        superblock_words drawn;
        draw_superblock(&row, (uint32_t)signal->first + (uint32_t)(from + i), &drawn);
        UNROLL for (int pair = 0; pair < 4; pair++) {
            int64_t at = (int64_t)i * 64 + pair * 16;
            f32x8 z0, z1;
            normal_pair(drawn.words[pair], drawn.angles[pair], k, &z0, &z1);
            f32x8 y0 = (load(level + at) + shift) + load(spread + at) * z0;
            f32x8 y1 = (load(level + at + 8) + shift) + load(spread + at + 8) * z1;
            memcpy(scaled + at, &y0, sizeof y0);
            memcpy(scaled + at + 8, &y1, sizeof y1);
            i32x8 w0 = NEAREST(CLAMP(y0, top)), w1 = NEAREST(CLAMP(y1, top));
            add_to(sums + at, w0);
            add_to(sums + at + 8, w1);
            u16x16 narrow = NARROW(w0, w1);
            memcpy(out + at, &narrow, sizeof narrow);
            // Counting is scalar work: done for the superblock before, it fills the gaps that the vector units leave.
            if (i > 0) count16(out + at - 64, counts);
        }
    }
    for (int32_t at = (count - 1) * 64; at < count * 64; at += 16) count16(out + at, counts);
}
