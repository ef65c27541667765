// What the quality gate works out: in double precision, eight lanes at a time whatever the processor has, and lanes are added up in their order, so that
// every build gives the same sums.
#pragma once
#include "Changed.h"

typedef double f64x4 __attribute__((vector_size(32)));

INLINE double total8(f64x8 v) {
    double sum = 0;
    for (int lane = 0; lane < 8; lane++) sum += v[lane];
    return sum;
}

INLINE f64x8 positive8(f64x8 x) { return pick8(x > 0, x, all8(0)); }
INLINE f64x8 less8(f64x8 x, f64x8 y) { return pick8(x < y, x, y); }
INLINE f64x8 more8(f64x8 x, f64x8 y) { return pick8(x > y, x, y); }
INLINE f64x8 length8(f64x8 x) { return (f64x8)((i64x8)x & 0x7FFFFFFFFFFFFFFF); }

// MARK: noise that is bent

// One division a node serves the value and its slope: with q = width / (distance + width), y = edge + distance q and y' = q^2.
void PATH(bent)(const double *weights, const double *nodes, int32_t count, const fleetsynth_bend *law, double *sums) {
    const f64x8 mean = all8(law->mean), spread = all8(law->spread), center = all8(law->center), low = all8(law->low), high = all8(law->high);
    const f64x8 lower = all8(law->lower), upper = all8(law->upper), width = all8(law->width), nothing = all8(0);
    f64x8 first = nothing, second = nothing, slope = nothing;
    for (int32_t i = 0; i < count; i += 8) {
        const f64x8 weight = load8(weights + i), x = mean + spread * load8(nodes + i);
        f64x8 y = x;
        if (law->width > 0) {
            const f64x8 edge = within8(x, lower, upper), distance = x - edge, q = width / (length8(distance) + width);
            y = edge + distance * q;
            slope += weight * (q * q);
        } else {
            slope += pick8((x > low) & (x < high), weight, nothing);
        }
        y = within8(y, low, high) - center;
        const f64x8 part = weight * y;
        first += part;
        second += part * y;
    }
    sums[0] = total8(first);
    sums[1] = total8(second);
    sums[2] = total8(slope);
}

// MARK: residuals

void PATH(widen)(const uint16_t *numbers, int32_t count, double origin, double step, float *out) {
    typedef uint16_t u16x8 __attribute__((vector_size(16)));
    int32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        u16x8 own;
        memcpy(&own, numbers + i, sizeof own);
        const f32x8 value = __builtin_convertvector(origin + __builtin_convertvector(own, f64x8) * step, f32x8);
        memcpy(out + i, &value, sizeof value);
    }
    for (; i < count; i++) out[i] = (float)(origin + (double)numbers[i] * step);
}

void PATH(residuals)(const float *cells, const double *level, const double *spread, int32_t count, const fleetsynth_window *window, float *out,
                     double *sums) {
    const f64x8 bias = all8(window->bias), low = all8(window->low), high = all8(window->high), reach = all8(window->reach);
    const f64x8 least = all8(window->least_spread), one = all8(1), nothing = all8(0);
    const f32x8 none = (f32x8){0} + __builtin_nanf("");
    f64x8 found[9], previous = nothing;
    i64x8 was = {0};
    for (int k = 0; k < 9; k++) found[k] = load8(sums + 8 * k);
    for (int32_t i = 0; i < count; i += 8) {
        f32x8 own = none;
        f64x8 mean = nothing, wide = one;
        const int whole = i + 8 <= count;
        const size_t lanes = whole ? 8 : (size_t)(count - i);
        if (whole) {
            memcpy(&own, cells + i, sizeof own);
            mean = load8(level + i);
            wide = load8(spread + i);
        } else {
            memcpy(&own, cells + i, lanes * sizeof *cells);
            memcpy(&mean, level + i, lanes * sizeof *level);
            memcpy(&wide, spread + i, lanes * sizeof *spread);
        }
        const f64x8 cell = __builtin_convertvector(own, f64x8), size = length8(wide), far = reach * size;
        mean += bias;
        // Not a number is not itself.
        const i64x8 is = (cell == cell) & (size >= least) & (mean - far >= low) & (mean + far <= high);
        const f64x8 inverse = one / wide;
        const f32x8 value = __builtin_convertvector((cell - mean) * inverse, f32x8);
        const f64x8 x = pick8(is, __builtin_convertvector(value, f64x8), nothing), square = x * x;
        const f64x8 before = __builtin_shufflevector(previous, x, 7, 8, 9, 10, 11, 12, 13, 14);
        const i64x8 pair = is & __builtin_shufflevector(was, is, 7, 8, 9, 10, 11, 12, 13, 14);
        found[0] += pick8(is, one, nothing);
        found[1] += pick8(is, inverse * inverse, nothing);
        found[2] += x;
        found[3] += square;
        found[4] += square * x;
        found[5] += square * square;
        found[6] += pick8(pair, one, nothing);
        found[7] += pick8(pair, before * x, nothing);
        found[8] += pick8(pair, 0.5 * (before * before + square), nothing);
        previous = x;
        was = is;
        const f32x8 kept = __builtin_convertvector(pick8(is, x, all8(__builtin_nan(""))), f32x8);
        if (whole) {
            memcpy(out + i, &kept, sizeof kept);
        } else {
            memcpy(out + i, &kept, lanes * sizeof *out);
        }
    }
    for (int k = 0; k < 9; k++) memcpy(sums + 8 * k, &found[k], sizeof found[k]);
}

void PATH(products)(const float *left, const float *right, int32_t count, double *sums) {
    const f64x8 nothing = all8(0), one = all8(1);
    const f32x8 none = (f32x8){0} + __builtin_nanf("");
    f64x8 product = nothing, lefts = nothing, rights = nothing, pairs = nothing;
    for (int32_t i = 0; i < count; i += 8) {
        f32x8 a = none, b = none;
        if (i + 8 <= count) {
            memcpy(&a, left + i, sizeof a);
            memcpy(&b, right + i, sizeof b);
        } else {
            memcpy(&a, left + i, (size_t)(count - i) * sizeof *left);
            memcpy(&b, right + i, (size_t)(count - i) * sizeof *right);
        }
        f64x8 x = __builtin_convertvector(a, f64x8), y = __builtin_convertvector(b, f64x8);
        const i64x8 both = (x == x) & (y == y);
        x = pick8(both, x, nothing);
        y = pick8(both, y, nothing);
        product += x * y;
        lefts += x * x;
        rights += y * y;
        pairs += pick8(both, one, nothing);
    }
    sums[0] = total8(product);
    sums[1] = total8(lefts);
    sums[2] = total8(rights);
    sums[3] = total8(pairs);
}

// MARK: memory

// Within eight steps the remembered sum by doubling, across them by the last lane.
double PATH(remembered)(const double *weights, int32_t count, double phi) {
    const f64x8 nothing = all8(0);
    double powers[9] = {1};
    for (int k = 1; k <= 8; k++) powers[k] = powers[k - 1] * phi;
    f64x8 ahead;
    for (int lane = 0; lane < 8; lane++) ahead[lane] = powers[lane + 1];
    f64x8 sum = nothing;
    double last = 0;
    for (int32_t i = 0; i < count; i += 8) {
        f64x8 own = nothing;
        if (i + 8 <= count) {
            own = load8(weights + i);
        } else {
            memcpy(&own, weights + i, (size_t)(count - i) * sizeof *weights);
        }
        f64x8 all = own + powers[1] * __builtin_shufflevector(nothing, own, 7, 8, 9, 10, 11, 12, 13, 14);
        all += powers[2] * __builtin_shufflevector(nothing, all, 6, 7, 8, 9, 10, 11, 12, 13);
        all += powers[4] * __builtin_shufflevector(nothing, all, 4, 5, 6, 7, 8, 9, 10, 11);
        all += ahead * last;
        sum += own * (2.0 * all - own);
        last = all[7];
    }
    return total8(sum);
}

// MARK: slots

// Four rows of four numbers as four columns.
INLINE void turn4(const f64x4 *rows, f64x4 *columns) {
    const f64x4 a = __builtin_shufflevector(rows[0], rows[1], 0, 4, 2, 6), b = __builtin_shufflevector(rows[0], rows[1], 1, 5, 3, 7);
    const f64x4 c = __builtin_shufflevector(rows[2], rows[3], 0, 4, 2, 6), d = __builtin_shufflevector(rows[2], rows[3], 1, 5, 3, 7);
    columns[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    columns[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    columns[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    columns[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

// A step's four values, lane by lane of eight slots, and the covariance of offsets where it is asked for.
INLINE void values8(const fleetsynth_slots *s, const int32_t *step, f64x8 factor, f64x8 *values, f64x8 *covariance) {
    f64x4 rows[8], early[4], late[4];
    if (s->shift < 64) {
        const i64x8 bits = (i64x8)factor >> s->shift, most = (i64x8){0} + (s->places - 1);
        const f64x8 x = factor - (f64x8)(bits << s->shift);
        const i64x8 place = __builtin_elementwise_min(__builtin_elementwise_max(bits - s->first, (i64x8){0}), most);
        // Factors of neighbouring slots mostly lie between the same two nodes: the same sums, without a turn.
        const int together = __builtin_reduce_or(place ^ (place[0] + (i64x8){0})) == 0;
        if (together) {
            const double *c = s->cubics + 16 * place[0];
            UNROLL for (int k = 0; k < 4; k++) values[k] = ((c[12 + k] * x + c[8 + k]) * x + c[4 + k]) * x + c[k];
        } else {
            UNROLL for (int lane = 0; lane < 8; lane++) {
                f64x4 c[4];
                memcpy(c, s->cubics + 16 * place[lane], sizeof c);
                rows[lane] = ((c[3] * x[lane] + c[2]) * x[lane] + c[1]) * x[lane] + c[0];
            }
        }
        if (covariance) {
            for (int lane = 0; lane < 8; lane++) {
                const double *v = s->covariances + 4 * place[lane];
                (*covariance)[lane] = ((v[3] * x[lane] + v[2]) * x[lane] + v[1]) * x[lane] + v[0];
            }
        }
        if (together) return;
    } else {
        for (int lane = 0; lane < 8; lane++) {
            memcpy(&rows[lane], s->cubics + 4 * step[lane], sizeof rows[lane]);
            if (covariance) (*covariance)[lane] = s->covariances[step[lane]];
        }
    }
    turn4(rows, early);
    turn4(rows + 4, late);
    UNROLL for (int k = 0; k < 4; k++) values[k] = __builtin_shufflevector(early[k], late[k], 0, 1, 2, 3, 4, 5, 6, 7);
}

INLINE void put_part(double *at, f64x4 sums, double count, double jump) {
    for (int k = 0; k < 4; k++) at[k] += sums[k];
    at[4] += count;
    at[5] = jump > at[5] ? jump : at[5];
}

INLINE f64x8 steps8(const double *of, const int32_t *step, int apart) {
    if (!apart) return load8(of + step[0]);
    f64x8 v;
    for (int lane = 0; lane < 8; lane++) v[lane] = of[step[lane]];
    return v;
}

void PATH(slots)(const fleetsynth_slots *s, fleetsynth_slots_found *out) {
    const f64x8 nothing = all8(0), one = all8(1), per_slot = all8(s->per_slot), part = one / per_slot;
    f64x8 sum = nothing, squares = nothing, low = nothing, high = nothing, largest = nothing;
    f64x8 white = nothing, rest = nothing, rare = nothing, noise[10];
    for (int k = 0; k < 10; k++) noise[k] = nothing;
    f64x4 part_sums = {0};
    double first = 0, part_count = 0, part_jump = 0;
    int64_t current = 0;
    for (int32_t slot = 0; slot < s->slots; slot += 8) {
        const int32_t lanes = s->slots - slot < 8 ? s->slots - slot : 8;
        const i64x8 is = (i64x8){0, 1, 2, 3, 4, 5, 6, 7} < (int64_t)lanes;
        // Lanes without a slot repeat the last one.
        const int apart = s->per_slot > 1 || lanes < 8;
        int32_t step[8];
        f64x8 start = nothing, level = nothing, distance = nothing, square = nothing, variance = nothing, between = nothing, within = nothing,
              jump = nothing, covariance = nothing;
        for (int32_t k = 0; k < s->per_slot; k++) {
            for (int lane = 0; lane < 8; lane++) step[lane] = (slot + (lane < lanes ? lane : lanes - 1)) * s->per_slot + k;
            f64x8 v[4];
            values8(s, step, steps8(s->factor, step, apart), v, s->lives && k == 0 ? &covariance : 0);
            const f64x8 mean = steps8(s->level, step, apart), wide = steps8(s->spread, step, apart);
            if (k == 0) start = mean;
            const f64x8 reach = less8(s->per_level * length8(mean) + s->per_spread * length8(wide) + s->fixed, all8(s->most));
            const f64x8 moved = mean + v[0] - start, of_cell = positive8(v[2]);
            level += mean;
            distance += v[0];
            square += v[1];
            variance += of_cell;
            between += positive8(v[1] - v[0] * v[0]);
            within += moved * moved;
            jump = more8(reach, jump);
            if (!s->weights) continue;
            const f64x8 weight = v[3] * wide, other = positive8(of_cell - weight * weight), outliers = less8(other, s->rate * (reach * reach));
            white += pick8(is, of_cell, nothing);
            rest += pick8(is, other - outliers, nothing);
            rare += pick8(is, outliers, nothing);
            if (!apart) {
                memcpy(s->weights + step[0], &weight, sizeof weight);
            } else {
                for (int lane = 0; lane < lanes; lane++) s->weights[step[lane]] = weight[lane];
            }
        }
        level *= part;
        distance *= part;
        square *= part;
        variance *= part;
        between *= part;
        f64x8 mean = level + distance, there = all8(s->servers), parting = nothing;
        within = s->per_slot > 1 ? positive8(within * part - (mean - start) * (mean - start)) : nothing;
        const f64x8 offsets = square - distance * distance;
        if (s->lives) {
            f64x8 servers, shift;
            for (int lane = 0; lane < 8; lane++) {
                const int64_t *life = s->lives + 2 * (slot + (lane < lanes ? lane : lanes - 1));
                servers[lane] = (double)life[0];
                shift[lane] = (double)life[1];
            }
            const i64x8 are = servers > 0;
            servers = pick8(are, servers, there);
            const f64x8 slope = s->variance > 0 ? covariance / s->variance : nothing;
            const f64x8 bent = positive8(offsets - slope * slope * s->variance);
            parting = pick8(are, 2.0 * __builtin_elementwise_sqrt(bent * positive8(one / servers - one / there)), nothing);
            mean += pick8(are, slope * (shift / servers * s->unit - s->offset), nothing);
            there = servers;
        }
        if (slot == 0) first = mean[0];
        const f64x8 from = pick8(is, mean - first, nothing);
        sum += from;
        squares += from * from;
        low = less8(from, low);
        high = more8(from, high);
        largest = more8(jump, largest);

        // A length that the compiler knows is no call.
        i64x8 present = {0}, numbers = {0};
        if (lanes == 8) {
            memcpy(&present, s->cells + slot, sizeof present);
            memcpy(&numbers, s->sums + slot, sizeof numbers);
        } else {
            memcpy(&present, s->cells + slot, (size_t)lanes * sizeof *s->cells);
            memcpy(&numbers, s->sums + slot, (size_t)lanes * sizeof *s->sums);
        }
        const i64x8 any = present > 0;
        const f64x8 count = __builtin_convertvector(present, f64x8), cells = pick8(any, count, nothing), per_cell = one / pick8(any, count, one);
        const f64x8 realised = s->origin + __builtin_convertvector(numbers, f64x8) * per_cell * s->step;
        // Missing cells shift the mean where servers differ, and where the slot's steps do.
        const f64x8 lost = positive8(one - cells / (there * per_slot)) * (positive8(offsets) + within);
        const f64x8 chance = (s->inflation * variance + lost) * per_cell, most = jump * per_cell;
        f64x4 rows[8], columns[4];
        UNROLL for (int half = 0; half < 2; half++) {
            const f64x8 all[4] = {realised, mean, chance, parting};
            UNROLL for (int k = 0; k < 4; k++) {
                columns[k] = half ? __builtin_shufflevector(all[k], all[k], 4, 5, 6, 7) : __builtin_shufflevector(all[k], all[k], 0, 1, 2, 3);
            }
            turn4(columns, rows + 4 * half);
        }
        for (int lane = 0; lane < lanes; lane++) {
            if (s->cells[slot + lane] <= 0) continue;
            int64_t place = s->days[slot + lane];
            if (s->groups) place = 3 * place + s->groups[s->times[slot + lane]];
            if (place != current) {
                put_part(s->parts + 6 * current, part_sums, part_count, part_jump);
                part_sums = (f64x4){0};
                part_count = part_jump = 0;
                current = place;
            }
            part_sums += rows[lane];
            part_count += 1;
            part_jump = most[lane] > part_jump ? most[lane] : part_jump;
        }
        const f64x8 of_cells = cells * variance, other = between + within, absent = positive8(s->servers - cells * part);
        const f64x8 off = realised - s->center, fourth = (jump * jump) * (jump * jump);
        noise[0] += pick8(any, one, nothing);
        noise[1] += cells;
        noise[2] += of_cells;
        noise[3] += pick8(any, variance, nothing);
        noise[4] += cells * other;
        noise[5] += pick8(any, absent * other, nothing);
        noise[6] += of_cells * variance;
        noise[7] += cells * fourth;
        noise[8] += cells * (absent * other * other);
        noise[9] += cells * (off * off);
    }
    put_part(s->parts + 6 * current, part_sums, part_count, part_jump);
    *out = (fleetsynth_slots_found){.first = first, .sum = total8(sum), .squares = total8(squares), .white = total8(white), .rest = total8(rest),
                                    .rare = total8(rare)};
    for (int lane = 0; lane < 8; lane++) {
        out->low = low[lane] < out->low ? low[lane] : out->low;
        out->high = high[lane] > out->high ? high[lane] : out->high;
        out->jump = largest[lane] > out->jump ? largest[lane] : out->jump;
    }
    for (int k = 0; k < 10; k++) out->noise[k] = total8(noise[k]);
}
