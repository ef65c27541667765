// Draws that are kept: deviates in the order of time, and rare events.
#pragma once
#include "Philox.h"
#include "Normal.h"
#include "Paths.h"

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

// The gaps of `groups` vectors of counters from number `batch` on of a block, clamped at `limit`: two to a lane of each, 2 * LANES * groups in a row.
INLINE void draw_gaps(const philox_row *row, int32_t block, uint32_t batch, int groups, float scale, const constants *k, int32_t *list) {
    const f32v limit = (f32v){0} + 4096.0f;
    u64v x[4], y[4];
    philox_vectors(row, (uint32_t)block * 1024u + batch * (LANES / 2), LANES / 2, in_a_row, groups, x, y);
    UNROLL for (int g = 0; g < groups; g++) {
        i32v first = __builtin_convertvector(CLAMP(squared_radius((u32v)x[g], k) * scale, limit), i32v);
        i32v second = __builtin_convertvector(CLAMP(squared_radius((u32v)y[g], k) * scale, limit), i32v);
        STORE(first, list + 2 * LANES * g, 16);
        STORE(second, list + 2 * LANES * g + 8, 16);
    }
}

int32_t PATH(events)(uint64_t key, uint64_t stream, uint32_t server, int32_t block, float scale, int32_t *out) {
    const constants *k = opaque();
    // Where gaps are short, sixteen events are found at once.
    const int dense = scale < 32;
    philox_row row;
    philox_begin(&row, key, stream, server);
    int32_t count = 0, position = -1;
    // At most 2,048 gaps and the one that leaves the block, of the block's 1,024 counters.
    for (uint32_t batch = 0;; batch++) {
        int32_t list[2 * LANES];
        draw_gaps(&row, block, batch, 1, scale, k, list);
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

// Sixteen places in time as the kernel's.
INLINE i32x16 places16(i32x16 time) { return (time & ~15) | (time & 4) << 1 | (time & 8) >> 1 | (time & 3); }

// Appends those of sixteen times, all of them in the row, whose values reach the threshold, as steps; may write 16 numbers.
INLINE int32_t reaching16(const float *scaled, i32x16 time, int32_t offset, float threshold, int32_t *out) {
#if defined(FLEETSYNTH_AVX512)
    __m512 values = _mm512_i32gather_ps((__m512i)places16(time), scaled, 4);
    __mmask16 found = _mm512_cmp_ps_mask(values, _mm512_set1_ps(threshold), _CMP_GE_OQ);
    __m512i steps = _mm512_maskz_compress_epi32(found, (__m512i)(time - offset));
    memcpy(out, &steps, sizeof steps);
    return __builtin_popcount(found);
#else
    const i32x16 steps = time - offset, places = places16(time);
    int32_t own[16], at[16], found = 0;
    memcpy(own, &steps, sizeof own);
    memcpy(at, &places, sizeof at);
    for (int i = 0; i < 16; i++) {
        out[found] = own[i];
        found += scaled[at[i]] >= threshold;
    }
    return found;
#endif
}

INLINE int32_t find_reaching(const philox_row *row, int32_t block, int groups, float scale, const fleetsynth_reach *reach, int32_t *out) {
    const constants *k = opaque();
    // The block's start as a place in time, and the part of it that counts.
    const int32_t start = block * FLEETSYNTH_EVENT_BLOCK - reach->origin;
    const int32_t from = reach->from, to = reach->to < start + FLEETSYNTH_EVENT_BLOCK ? reach->to : start + FLEETSYNTH_EVENT_BLOCK;
    const int32_t batches = 2 * LANES * groups;
    int32_t count = 0, position = start - 1;
    for (uint32_t batch = 0;; batch += (uint32_t)groups) {
        int32_t list[8 * LANES];
        draw_gaps(row, block, batch, groups, scale, k, list);
        int32_t i = 0;
        // Where the block begins before the row does, its first events are not in it.
        for (; i < batches && position + 1 >= from; i += 16) {
            const i32x16 own = positions16(list + i) + position;
            if (own[15] >= to) break;
            position = own[15];
            count += reaching16(reach->scaled, own, reach->offset, reach->threshold, out + count);
        }
        for (; i < batches; i++) {
            position += 1 + list[i];
            if (position >= to) return count;
            if (position < from) continue;
            out[count] = position - reach->offset;
            count += reach->scaled[place_of(position)] >= reach->threshold;
        }
    }
}

int32_t PATH(events_reaching)(uint64_t key, uint64_t stream, uint32_t server, int32_t block, float scale, const fleetsynth_reach *reach,
                              int32_t *out) {
    // By value, so that no store can change it.
    const fleetsynth_reach own = *reach;
    philox_row row;
    philox_begin(&row, key, stream, server);
    // A block has many events: the more are drawn at once, the less they wait for each other.
    return scale < 4 ? find_reaching(&row, block, 4, scale, &own, out) : find_reaching(&row, block, 1, scale, &own, out);
}
