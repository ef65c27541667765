// Draws that are kept: deviates in the order of time, and rare events.
#pragma once
#include "Philox.h"
#include "Normal.h"

void PATH(normals)(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float *out) {
    const constants *k = opaque();
    philox_row row;
    philox_begin(&row, key, stream, server);
    for (int32_t i = 0; i < count; i++) {
        superblock_words drawn;
        draw_superblock(&row, (uint32_t)first + (uint32_t)i, &drawn);
        UNROLL for (int pair = 0; pair < 4; pair++) {
            f32x8 z0, z1;
            normal_pair(drawn.words[pair], drawn.angles[pair], k, &z0, &z1);
            f32x8 a = __builtin_shufflevector(z0, z1, 0, 1, 2, 3, 8, 9, 10, 11);
            f32x8 b = __builtin_shufflevector(z0, z1, 4, 5, 6, 7, 12, 13, 14, 15);
            float *target = out + (int64_t)i * 64 + pair * 16;
            memcpy(target, &a, sizeof a);
            memcpy(target + 8, &b, sizeof b);
        }
    }
}

int32_t PATH(events)(uint64_t key, uint64_t stream, uint32_t server, int32_t block, float scale, int32_t *out) {
    const constants *k = opaque();
    philox_row row;
    philox_begin(&row, key, stream, server);
    int32_t count = 0, position = -1;
    // 16 gaps at a time; at most 2,048 gaps and the one that leaves the block: 129 times four of the block's 1,024 counters.
    for (uint32_t batch = 0;; batch++) {
        u64x4 x, y;
        philox_blocks(&row, (uint32_t)block * 1024u + batch * 4u, 1, &x, &y);
        const f32x8 limit = (f32x8){0} + 4096.0f;
        i32x8 gaps[2];
        gaps[0] = __builtin_convertvector(CLAMP(squared_radius((u32x8)x, k) * scale, limit), i32x8);
        gaps[1] = __builtin_convertvector(CLAMP(squared_radius((u32x8)y, k) * scale, limit), i32x8);
        int32_t list[16];
        memcpy(list, gaps, sizeof list);
        for (int i = 0; i < 16; i++) {
            position += 1 + list[i];
            if (position >= FLEETSYNTH_EVENT_BLOCK) return count;
            out[count++] = position;
        }
    }
}
