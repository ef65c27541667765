// What becomes of narrow cells that are changed: from the values in the kernel's order to numbers in that of time, counted and compared with the
// judged ones on the way.
#pragma once
#include "Fill.h"
#include "Noise.h"

typedef double f64x8 __attribute__((vector_size(64)));
typedef int64_t i64x8 __attribute__((vector_size(64)));
typedef int64_t i64x16 __attribute__((vector_size(128)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef float f32x8 __attribute__((vector_size(32)));

INLINE f64x8 all8(double value) { return (f64x8){0} + value; }

INLINE f64x8 load8(const double *at) {
    f64x8 v;
    memcpy(&v, at, sizeof v);
    return v;
}

INLINE f64x8 pick8(i64x8 mask, f64x8 yes, f64x8 no) { return (f64x8)(((i64x8)yes & mask) | ((i64x8)no & ~mask)); }

INLINE f64x8 within8(f64x8 x, f64x8 low, f64x8 high) {
    f64x8 kept = pick8(low >= x, low, x);
    return pick8(high < kept, high, kept);
}

// fleetsynth_written, lane by lane.
typedef struct {
    f64x8 scale, low, high, origin, lower, upper, width, least, most;
} written8;

// The number above the origin, in the low 16 bits: adding 1.5 * 2^52 rounds half to even.
INLINE i64x8 number8(f64x8 x, const written8 *w, int saturates) {
    const f64x8 shift = all8(0x1.8p52), near = all8(0.5 - 0x1p-12);
    f64x8 y = within8(x, w->low, w->high) - w->origin, sum = y + shift;
    if (!saturates) return (i64x8)sum;
    // Between the edges saturation changes no more than the last bits, which count near a half only.
    f64x8 rest = y - (sum - shift);
    i64x8 odd = (x <= w->least) | (x >= w->most) | (rest > near) | (rest < -near);
    if (__builtin_expect(__builtin_reduce_or(odd) == 0, 1)) return (i64x8)sum;
    f64x8 value = x / w->scale;
    f64x8 edge = within8(value, w->lower, w->upper);
    f64x8 distance = value - edge;
    f64x8 length = (f64x8)((i64x8)distance & 0x7FFFFFFFFFFFFFFF);
    x = (edge + w->width * (distance / (length + w->width))) * w->scale;
    return (i64x8)((within8(x, w->low, w->high) - w->origin) + shift);
}

INLINE u16x16 halves(i64x8 low, i64x8 high) {
    i64x16 both = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_convertvector(both, u16x16);
}

// The numbers of sixteen steps: the judged ones where nothing changes them. `addend` may be null.
INLINE u16x16 changed16(const float *scaled, const double *factor, const double *addend, u16x16 judged, const written8 *w, int saturates) {
    const f16v z = load16(scaled);
    const f32x8 early = __builtin_shufflevector(z, z, 0, 1, 2, 3, 8, 9, 10, 11), late = __builtin_shufflevector(z, z, 4, 5, 6, 7, 12, 13, 14, 15);
    f64x8 x0 = __builtin_convertvector(early, f64x8) + w->origin, x1 = __builtin_convertvector(late, f64x8) + w->origin;
    const f64x8 f0 = load8(factor), f1 = load8(factor + 8);
    i64x8 same0 = f0 == 1.0, same1 = f1 == 1.0;
    x0 *= f0;
    x1 *= f1;
    if (addend) {
        const f64x8 a0 = load8(addend), a1 = load8(addend + 8);
        x0 += a0 * w->scale;
        x1 += a1 * w->scale;
        same0 &= a0 == 0.0;
        same1 &= a1 == 0.0;
    }
    u16x16 number = halves(number8(x0, w, saturates), number8(x1, w, saturates)), same = halves(same0, same1);
    return (judged & same) | (number & ~same);
}

// The last steps of a run and the first ones, which do not fill a vector.
INLINE int64_t publish_some(const fleetsynth_changed *c, const written8 *w, int saturates, int32_t time, int32_t end) {
    double factor[16], addend[16];
    uint16_t numbers[16];
    u16x16 judged = {0};
    const int32_t base = time & ~15;
    for (int32_t i = 0; i < 16; i++) {
        const int32_t step = base + i - c->offset;
        const int within = base + i >= time && base + i < end;
        factor[i] = within ? c->factor[step] : 1;
        addend[i] = within && c->addend ? c->addend[step] : 0;
        judged[i] = within ? c->judged[step] : 0;
    }
    u16x16 number = changed16(c->scaled + base, factor, addend, judged, w, saturates);
    memcpy(numbers, &number, sizeof numbers);
    int64_t total = 0;
    for (int32_t at = time; at < end; at++) {
        const int32_t step = at - c->offset;
        const uint16_t own = numbers[at - base];
        const int32_t difference = (int32_t)own - (int32_t)c->judged[step];
        c->published[step] = own;
        c->excess[step] += difference;
        c->counts[own]++;
        total += difference;
    }
    return total;
}

INLINE int64_t publish_run(const fleetsynth_changed *c, const fleetsynth_written *law, int saturates, int adds, int32_t from, int32_t to) {
    const written8 w = {
        all8(law->scale), all8(law->low), all8(law->high), all8(law->origin), all8(law->lower), all8(law->upper), all8(law->width),
        // A thousandth of a step inside the edges, for the product's own error.
        all8(law->lower * law->scale + 0x1p-10), all8(law->upper * law->scale - 0x1p-10),
    };
    // Steps until what is written is counted: by then it has left the store buffer.
    enum { BEHIND = 64 };
    int32_t time = from + c->offset;
    const int32_t end = to + c->offset;
    int64_t total = 0;
    if (time & 15) {
        int32_t stop = (time | 15) + 1;
        stop = stop < end ? stop : end;
        total += publish_some(c, &w, saturates, time, stop);
        time = stop;
    }
    while (end - time >= 16) {
        // Differences of so many vectors fit 32 bits.
        const int32_t first = time - c->offset, whole = (end - time) & ~15, count = whole < 1 << 18 ? whole : 1 << 18;
        i32x16 sum = {0};
        for (int32_t i = 0; i < count; i += 16) {
            const int32_t step = first + i;
            u16x16 judged;
            memcpy(&judged, c->judged + step, sizeof judged);
            u16x16 number =
                changed16(c->scaled + time + i, c->factor + step, adds ? c->addend + step : 0, judged, &w, saturates);
            memcpy(c->published + step, &number, sizeof number);
            i32x16 difference = __builtin_convertvector(number, i32x16) - __builtin_convertvector(judged, i32x16), excess;
            memcpy(&excess, c->excess + step, sizeof excess);
            excess += difference;
            memcpy(c->excess + step, &excess, sizeof excess);
            sum += difference;
            if (i >= BEHIND) count16(c->published + step - BEHIND, c->counts);
        }
        for (int32_t i = count > BEHIND ? count - BEHIND : 0; i < count; i += 16) count16(c->published + first + i, c->counts);
        for (int lane = 0; lane < 16; lane++) total += sum[lane];
        time += count;
    }
    if (time < end) total += publish_some(c, &w, saturates, time, end);
    return total;
}

int64_t PATH(publish)(const fleetsynth_changed *c, const fleetsynth_written *law, int32_t from, int32_t to) {
    if (from >= to) return 0;
    if (law->width > 0) return c->addend ? publish_run(c, law, 1, 1, from, to) : publish_run(c, law, 1, 0, from, to);
    return c->addend ? publish_run(c, law, 0, 1, from, to) : publish_run(c, law, 0, 0, from, to);
}

int64_t PATH(count_scaled)(const float *scaled, int32_t from, int32_t to, float threshold) {
    int64_t found = 0;
    for (; from < to && (from & 15); from++) found += scaled[place_of(from)] >= threshold;
    int32_t whole = from < to ? (to - from) & ~15 : 0;
    for (int32_t i = 0; i < whole; i++) found += scaled[from + i] >= threshold;
    for (from += whole; from < to; from++) found += scaled[place_of(from)] >= threshold;
    return found;
}

void PATH(add_sums)(const uint32_t *sums, int32_t offset, int32_t slots, int64_t *out) {
    int32_t time = offset, slot = 0;
    for (; slot < slots && (time & 15); slot++) out[slot] += sums[place_of(time++)];
    for (; slot + 16 <= slots; slot += 16, time += 16) {
        typedef uint32_t u32x8 __attribute__((vector_size(32)));
        for (int half = 0; half < 2; half++) {
            // Of each half of the kernel's order, four steps and four others eight steps later.
            u32x8 own;
            memcpy(&own, sums + time + 8 * half, sizeof own);
            for (int i = 0; i < 4; i++) out[slot + 4 * half + i] += own[i];
            for (int i = 4; i < 8; i++) out[slot + 4 * half + 4 + i] += own[i];
        }
    }
    for (; slot < slots; slot++) out[slot] += sums[place_of(time++)];
}

void PATH(close)(const uint16_t *row, const int32_t *missing, int32_t gaps, int32_t from, int32_t to, uint16_t *out) {
    enum { PIECE = FLEETSYNTH_CLOSE_SLACK };
    for (int32_t gap = 0; gap <= gaps; gap++) {
        const int32_t end = gap < gaps ? missing[gap] : to, count = end - from;
        // Whole pieces, because runs are short: what is copied too far, the next run replaces.
        if (count > 0) memcpy(out, row + from, PIECE * sizeof *out);
        for (int32_t i = PIECE; i < count; i += PIECE) memcpy(out + i, row + from + i, PIECE * sizeof *out);
        out += count;
        from = end + 1;
    }
}
