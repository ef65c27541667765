#include "Kernels.h"
#include "Paths.h"
#include <stddef.h>

#if defined(__x86_64__)
static const fleetsynth_loops *const paths[] = {&fleetsynth_loops_baseline, &fleetsynth_loops_avx2, &fleetsynth_loops_avx512};
#else
static const fleetsynth_loops *const paths[] = {&fleetsynth_loops_baseline};
#endif

int32_t fleetsynth_paths(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
               __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") && __builtin_cpu_supports("lzcnt") &&
               __builtin_cpu_supports("movbe");
    int wider = wide && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return wider ? 3 : wide ? 2 : 1;
#else
    return 1;
#endif
}

static const fleetsynth_loops *use = &fleetsynth_loops_baseline;

__attribute__((constructor)) static void choose(void) { fleetsynth_use_path(fleetsynth_paths() - 1); }

void fleetsynth_use_path(int32_t path) { use = paths[path < 0 || path >= fleetsynth_paths() ? 0 : path]; }

void fleetsynth_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float *out) {
    use->normals(key, stream, server, first, count, out);
}

int32_t fleetsynth_events(uint64_t key, uint64_t stream, uint32_t server, int32_t block, float scale, int32_t *out) {
    return use->events(key, stream, server, block, scale, out);
}

void fleetsynth_fill(const fleetsynth_row *signal, uint32_t server, float offset, int32_t from, int32_t count, float *scaled, uint16_t *out,
                     uint32_t *sums, uint32_t *counts) {
    use->fill(signal, server, offset, from, count, scaled, out, sums, counts);
}

void fleetsynth_pack(const uint16_t *values, int32_t count, uint16_t base, int32_t width, uint8_t *out) {
    use->pack(values, count, base, width, out);
}

void fleetsynth_look_up(const uint16_t *values, int32_t count, const uint16_t *table, uint16_t *out) {
    for (int32_t i = 0; i < count; i++) out[i] = table[values[i]];
}

void fleetsynth_extremes(const uint16_t *values, int32_t count, uint16_t *low, uint16_t *high) { use->extremes(values, count, low, high); }

void fleetsynth_shape_scaled(const float *z, const double *level, const double *spread, double bias, double scale, double low, double high,
                             int32_t count, int32_t *out) {
    use->shape_scaled(z, level, spread, bias, scale, low, high, count, out);
}

void fleetsynth_shape_real(const float *z, const double *level, const double *spread, double bias, double low, double high, int32_t count,
                           double *out) {
    use->shape_real(z, level, spread, bias, low, high, count, out);
}

void fleetsynth_count(const int32_t *values, int32_t count, int32_t lowest, uint32_t *counts) {
    for (int32_t i = 0; i < count; i++) counts[values[i] - lowest]++;
}

void fleetsynth_add(const int32_t *values, int32_t count, int64_t *sums) { use->add(values, count, sums); }

int64_t fleetsynth_sum(const int32_t *values, int32_t count) { return use->sum(values, count); }

uint64_t fleetsynth_sum_narrow(const uint16_t *values, int32_t count) { return use->sum_narrow(values, count); }

void fleetsynth_add_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float weight, float *sum) {
    use->add_normals(key, stream, server, first, count, weight, sum);
}

void fleetsynth_cubic(const float *deviates, int32_t count, const fleetsynth_memory *shape, float *out) {
    use->cubic(deviates, count, shape, out);
}

void fleetsynth_remember(const float *deviates, int32_t lead, int32_t count, const fleetsynth_memory *memory, float *out) {
    use->remember(deviates, lead, count, memory, out);
}

void fleetsynth_slow(const float *nodes, int32_t shift, const float *before, const float *after, float fast, int32_t count, float *out) {
    use->slow(nodes, shift, before, after, fast, count, out);
}

void fleetsynth_change(const double *clean, const double *factor, const double *addend, const fleetsynth_written *written, int32_t count,
                       double *published) {
    use->change(clean, factor, addend, written, count, published);
}

int64_t fleetsynth_publish(const fleetsynth_changed *cells, const fleetsynth_written *written, int32_t from, int32_t to) {
    return use->publish(cells, written, from, to);
}

void fleetsynth_count_narrow(const uint16_t *values, int32_t count, uint32_t each, uint32_t *counts) {
    for (int32_t i = 0; i < count; i++) counts[values[i]] += each;
}

int64_t fleetsynth_count_scaled(const float *scaled, int32_t from, int32_t to, float threshold) {
    return use->count_scaled(scaled, from, to, threshold);
}

int32_t fleetsynth_events_reaching(uint64_t key, uint64_t stream, uint32_t server, int32_t block, float scale, const fleetsynth_reach *reach,
                                   int32_t *out) {
    return use->events_reaching(key, stream, server, block, scale, reach, out);
}

void fleetsynth_close(const uint16_t *row, const int32_t *missing, int32_t gaps, int32_t from, int32_t to, uint16_t *out) {
    use->close(row, missing, gaps, from, to, out);
}

int64_t fleetsynth_withdraw(const uint16_t *published, const int32_t *missing, int32_t count, int32_t *excess, int32_t *hidden, uint32_t *counts) {
    int64_t sum = 0;
    for (int32_t i = 0; i < count; i++) {
        const int32_t step = missing[i];
        const uint16_t number = published[step];
        sum += number;
        counts[number]--;
        excess[step] -= number;
        hidden[step]++;
    }
    return sum;
}

void fleetsynth_add_sums(const uint32_t *sums, int32_t offset, int32_t slots, int32_t per_slot, int64_t *out) {
    if (per_slot == 1) {
        use->add_sums(sums, offset, slots, out);
        return;
    }
    int32_t time = offset;
    for (int32_t slot = 0; slot < slots; slot++) {
        for (int32_t i = 0; i < per_slot; i++) out[slot] += sums[place_of(time++)];
    }
}

void fleetsynth_weighted_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float weight, float *out) {
    use->weighted_normals(key, stream, server, first, count, weight, out);
}

void fleetsynth_powers(const double *bases, int32_t count, int32_t whole, double fraction, double *out) {
    use->powers(bases, count, whole, fraction, out);
}

int64_t fleetsynth_count_from(const double *values, int32_t count, double threshold) { return use->count_from(values, count, threshold); }

void fleetsynth_shape_narrow(const float *z, const fleetsynth_row *signal, float offset, int32_t count, const fleetsynth_saturation *bounds,
                             float *scaled, uint16_t *out, uint32_t *sums, uint32_t *counts) {
    use->shape_narrow(z, signal, offset, count, bounds, scaled, out, sums, counts);
}

void fleetsynth_high(const uint16_t *cells, int32_t per_row, int32_t rank, int32_t rows, uint16_t *out) {
    use->high(cells, per_row, rank, rows, out);
}

void fleetsynth_bent(const double *weights, const double *nodes, int32_t count, const fleetsynth_bend *law, double *sums) {
    use->bent(weights, nodes, count, law, sums);
}

void fleetsynth_widen(const uint16_t *numbers, int32_t count, double origin, double step, float *out) {
    use->widen(numbers, count, origin, step, out);
}

void fleetsynth_residuals(const float *cells, const double *level, const double *spread, int32_t count, const fleetsynth_window *window, float *out,
                          double *sums) {
    use->residuals(cells, level, spread, count, window, out, sums);
}

void fleetsynth_products(const float *left, const float *right, int32_t count, double *sums) { use->products(left, right, count, sums); }

double fleetsynth_remembered(const double *weights, int32_t count, double phi) { return use->remembered(weights, count, phi); }

void fleetsynth_slots_pass(const fleetsynth_slots *law, const double *cubics, const double *covariances, const double *factor, const double *level,
                           const double *spread, const int64_t *cells, const int64_t *sums, const int32_t *days, const int32_t *times,
                           const uint8_t *groups, const int64_t *lives, double *parts, double *weights, fleetsynth_slots_found *out) {
    fleetsynth_slots slots = *law;
    slots.cubics = cubics, slots.covariances = covariances, slots.factor = factor, slots.level = level, slots.spread = spread;
    slots.cells = cells + law->place * law->slots, slots.sums = sums + law->place * law->slots;
    slots.days = days, slots.times = times, slots.groups = law->divided ? groups : NULL, slots.lives = law->ragged ? lives : NULL;
    slots.parts = parts, slots.weights = law->remembers ? weights : NULL;
    use->slots(&slots, out);
}
