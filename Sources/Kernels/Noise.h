// Noise with memory, shape and company: passes over rows of deviates in the order of time.
//
// Sixteen steps are one vector on every path, however many registers that takes: sums are associated the same way everywhere.
#pragma once
#include "Draw.h"
#include "Fill.h"

typedef float f16v __attribute__((vector_size(64)));

INLINE f16v all16(float value) { return (f16v){0} + value; }

INLINE f16v load16(const float *at) {
    f16v v;
    memcpy(&v, at, sizeof v);
    return v;
}

void PATH(add_normals)(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float weight, float *sum) {
    draw_normals(key, stream, server, first, count, ADDED, weight, sum);
}

void PATH(weighted_normals)(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float weight, float *out) {
    draw_normals(key, stream, server, first, count, WEIGHTED, weight, out);
}

INLINE f16v cubic16(f16v z, const fleetsynth_memory *m) {
    return ((m->cubic * z + m->square) * z + m->linear) * z + m->constant;
}

void PATH(cubic)(const float *deviates, int32_t count, const fleetsynth_memory *shape, float *out) {
    for (int32_t i = 0; i < count; i += 16) {
        f16v y = cubic16(load16(deviates + i), shape);
        memcpy(out + i, &y, sizeof y);
    }
}

// Sums of a vector's elements before, each phi times for every step of distance, by doubling distances.
INLINE f16v scan16(f16v v, const fleetsynth_memory *m) {
    const f16v none = {0};
    v += m->powers[0] * __builtin_shufflevector(v, none, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
    v += m->powers[1] * __builtin_shufflevector(v, none, 16, 17, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
    v += m->powers[3] * __builtin_shufflevector(v, none, 16, 17, 18, 19, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    v += m->powers[7] * __builtin_shufflevector(v, none, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7);
    return v;
}

void PATH(remember)(const float *deviates, int32_t lead, int32_t count, const fleetsynth_memory *memory, float *out) {
    // By value, so that no store can change it.
    const fleetsynth_memory m = *memory;
    const f16v powers = load16(m.powers);
    float carry = 0;
    for (int32_t i = 0; i < lead + count; i += 16) {
        f16v y = cubic16(load16(deviates + i), &m);
        f16v v = m.scale * y;
        if (i == 0) v[0] = y[0];
        v = scan16(v, &m) + carry * powers;
        carry = v[15];
        if (i >= lead) memcpy(out + (i - lead), &v, sizeof v);
    }
}

// Nodes 2^shift < 16 steps apart: several of them to a vector.
#define SEVERAL(shift, ...)                                                                                                   \
    case shift: {                                                                                                             \
        const f16v b = load16(before), a = load16(after);                                                                     \
        for (int32_t i = 0; i < count; i += 16) {                                                                             \
            f16v near = load16(nodes + (i >> shift)), far = load16(nodes + (i >> shift) + 1);                                 \
            f16v v = level * load16(out + i) +                                                                                \
                     (b * __builtin_shufflevector(near, near, __VA_ARGS__) + a * __builtin_shufflevector(far, far, __VA_ARGS__)); \
            memcpy(out + i, &v, sizeof v);                                                                                    \
        }                                                                                                                     \
        return;                                                                                                               \
    }

void PATH(slow)(const float *nodes, int32_t shift, const float *before, const float *after, float fast, int32_t count, float *out) {
    const f16v level = all16(fast);
    switch (shift) {
        SEVERAL(0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        SEVERAL(1, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
        SEVERAL(2, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3)
        SEVERAL(3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
    }
    const int32_t mask = (1 << shift) - 1;
    for (int32_t i = 0; i < count; i += 16) {
        const int32_t node = i >> shift, place = i & mask;
        f16v v = level * load16(out + i) + (load16(before + place) * nodes[node] + load16(after + place) * nodes[node + 1]);
        memcpy(out + i, &v, sizeof v);
    }
}
#undef SEVERAL

// What saturation leaves of values: those beyond an edge keep their order and stay within `width` of it.
INLINE f32v saturated(f32v y, f32v lower, f32v upper, f32v width) {
    u32v below = (u32v)(y < lower), above = (u32v)(y > upper);
    f32v edge = (f32v)(((u32v)y & ~(below | above)) | ((u32v)lower & below) | ((u32v)upper & above));
    f32v distance = y - edge;
    f32v length = (f32v)((u32v)distance & 0x7FFFFFFFu);
    return edge + width * (distance / (length + width));
}

INLINE void shape_row(const float *z, const fleetsynth_row *signal, float offset, int32_t count, const fleetsynth_saturation *bounds,
                      float *restrict scaled, uint16_t *restrict out, uint32_t *restrict sums, uint32_t *restrict counts, int counting) {
    enum { STEP = LANES / 8 };
    const f32v top = (f32v){0} + signal->top, shift = (f32v){0} + offset;
    f32v lower = {0}, upper = {0}, width = {0};
    if (bounds) {
        lower += bounds->lower;
        upper += bounds->upper;
        width += bounds->width;
    }
    for (int32_t i = 0; i < count; i += STEP) {
        // The last superblock may be alone.
        const int64_t stride = i + STEP <= count ? 64 : 0;
        UNROLL for (int pair = 0; pair < 4; pair++) {
            int64_t at = (int64_t)i * 64 + pair * 16;
            f32v early, late, z0, z1, level0, level1, spread0, spread1;
            LOAD(early, z + at, stride);
            LOAD(late, z + at + 8, stride);
            exchange(early, late, &z0, &z1);
            LOAD(level0, signal->level + at, stride);
            LOAD(level1, signal->level + at + 8, stride);
            LOAD(spread0, signal->spread + at, stride);
            LOAD(spread1, signal->spread + at + 8, stride);
            f32v y0 = (level0 + shift) + spread0 * z0, y1 = (level1 + shift) + spread1 * z1;
            STORE(y0, scaled + at, stride);
            STORE(y1, scaled + at + 8, stride);
            if (bounds) {
                // Few vectors have a value beyond an edge, and nothing happens to the others.
                u32v beyond = (u32v)(y0 < lower) | (u32v)(y0 > upper) | (u32v)(y1 < lower) | (u32v)(y1 > upper);
                if (__builtin_expect(__builtin_reduce_or(beyond) != 0, 0)) {
                    y0 = saturated(y0, lower, upper, width);
                    y1 = saturated(y1, lower, upper, width);
                }
            }
            round_pair(y0, y1, top, stride, sums + at, out + at);
            // As in fill: counting is scalar work.
            if (counting && i > 0) {
                UNROLL for (int before = 0; before < STEP; before++) count16(out + at - 64 * STEP + 64 * before, counts);
            }
        }
    }
    if (!counting) return;
    for (int32_t at = (count - 1) / STEP * STEP * 64; at < count * 64; at += 16) count16(out + at, counts);
}

void PATH(shape_narrow)(const float *z, const fleetsynth_row *signal, float offset, int32_t count, const fleetsynth_saturation *bounds,
                        float *scaled, uint16_t *out, uint32_t *sums, uint32_t *counts) {
    if (bounds) {
        if (counts) shape_row(z, signal, offset, count, bounds, scaled, out, sums, counts, 1);
        else shape_row(z, signal, offset, count, bounds, scaled, out, sums, 0, 0);
    } else {
        if (counts) shape_row(z, signal, offset, count, 0, scaled, out, sums, counts, 1);
        else shape_row(z, signal, offset, count, 0, scaled, out, sums, 0, 0);
    }
}
