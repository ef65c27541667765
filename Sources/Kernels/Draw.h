// Draws that are kept: deviates in the order of time, and rare events.
#pragma once
#include "Philox.h"
#include "Normal.h"

// Writes the deviates to `out`, or adds `weight` times each to what is there, or to 0.
enum { PLAIN, ADDED, WEIGHTED };
INLINE void draw_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, int kind, float weight, float *out) {
    enum { STEP = LANES / 8 };
    const constants *k = opaque();
    const f32v factor = (f32v){0} + weight;
    philox_row row;
    philox_begin(&row, key, stream, server);
    for (int32_t i = 0; i < count; i += STEP) {
        // The last superblock may be alone.
        const int64_t stride = i + STEP <= count ? 64 : 0;
        superblock_words drawn;
        draw_superblock(&row, (uint32_t)first + (uint32_t)i, &drawn);
        UNROLL for (int pair = 0; pair < 4; pair++) {
            f32v z0, z1, a, b;
            normal_pair(drawn.words[pair], drawn.angles[pair], k, &z0, &z1);
            exchange(z0, z1, &a, &b);
            float *target = out + (int64_t)i * 64 + pair * 16;
            if (kind != PLAIN) {
                f32v old0 = {0}, old1 = {0};
                if (kind == ADDED) LOAD(old0, target, stride);
                if (kind == ADDED) LOAD(old1, target + 8, stride);
                a = old0 + factor * a;
                b = old1 + factor * b;
            }
            STORE(a, target, stride);
            STORE(b, target + 8, stride);
        }
    }
}

void PATH(normals)(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float *out) {
    draw_normals(key, stream, server, first, count, PLAIN, 0, out);
}

// Sums of sixteen gaps, each with the step after it, up to each of them.
INLINE i32x16 positions16(const int32_t *gaps) {
    const i32x16 none = {0};
    i32x16 v;
    memcpy(&v, gaps, sizeof v);
    v += 1;
    v += __builtin_shufflevector(v, none, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
    v += __builtin_shufflevector(v, none, 16, 17, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
    v += __builtin_shufflevector(v, none, 16, 17, 18, 19, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    v += __builtin_shufflevector(v, none, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7);
    return v;
}

int32_t PATH(events)(uint64_t key, uint64_t stream, uint32_t server, int32_t block, float scale, int32_t *out) {
    const constants *k = opaque();
    const f32v limit = (f32v){0} + 4096.0f;
    // Where gaps are short, sixteen events are found at once.
    const int dense = scale < 32;
    philox_row row;
    philox_begin(&row, key, stream, server);
    int32_t count = 0, position = -1;
    // Two gaps to a lane; at most 2,048 gaps and the one that leaves the block, of the block's 1,024 counters.
    for (uint32_t batch = 0;; batch++) {
        u64v x, y;
        philox_blocks(&row, (uint32_t)block * 1024u + batch * (LANES / 2), in_a_row, 1, &x, &y);
        i32v first = __builtin_convertvector(CLAMP(squared_radius((u32v)x, k) * scale, limit), i32v);
        i32v second = __builtin_convertvector(CLAMP(squared_radius((u32v)y, k) * scale, limit), i32v);
        int32_t list[2 * LANES];
        STORE(first, list, 16);
        STORE(second, list + 8, 16);
        int i = 0;
        for (; dense && i < 2 * LANES; i += 16) {
            const i32x16 own = positions16(list + i) + position;
            if (own[15] >= FLEETSYNTH_EVENT_BLOCK) break;
            memcpy(out + count, &own, sizeof own);
            position = own[15];
            count += 16;
        }
        for (; i < 2 * LANES; i++) {
            position += 1 + list[i];
            if (position >= FLEETSYNTH_EVENT_BLOCK) return count;
            out[count++] = position;
        }
    }
}
