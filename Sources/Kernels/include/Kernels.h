// The inner loops, built for several instruction sets (function multi-versioning by hand) and chosen when the program starts.
//
// Every path gives the same bits; the Swift twins in Core/Random, Core/Signals and Parquet/Encoding are their oracles.
#pragma once
#include <stdint.h>

// Instruction sets that this processor can use, from 1 (the baseline) to 3 (AVX-512); the last one is in use.
int32_t fleetsynth_paths(void);

// For tests: use the path of that number from now on, 0 ..< fleetsynth_paths(), by all threads.
void fleetsynth_use_path(int32_t path);

// Time steps drawn together. Step s of superblock b is number s % 16 of pair s / 16; see StandardNormal.address for its words.
#define FLEETSYNTH_SUPERBLOCK 64
// Steps of a block of rare events.
#define FLEETSYNTH_EVENT_BLOCK 2048

// Standard normal deviates of one server and stream for `count` superblocks from `first`: writes count * 64 floats, in the order of time.
void fleetsynth_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float *out);

// Events of one server and stream in one block of 2,048 steps, as rising offsets: writes at most 2,048 and returns how many. Gaps are
// floor(-2 ln(u) * scale), so scale = 1 / (-2 ln(1 - rate)).
int32_t fleetsynth_events(uint64_t key, uint64_t stream, uint32_t server, int32_t block, float scale, int32_t *out);

// What `fleetsynth_fill` needs to know of a metric. Arrays hold 64 numbers per superblock, in steps of the grid above its lowest value,
// each 16 in the order of the kernel's two vectors: steps 0-3 and 8-11, then 4-7 and 12-15.
typedef struct {
    uint64_t key, stream;
    const float *level, *spread;
    // The absolute superblock of level[0].
    int32_t first;
    // The greatest number of the grid above its lowest, at most 65,535.
    float top;
} fleetsynth_row;

// One server's cells of `count` superblocks from number `from` of the arrays:
//   scaled = (level + offset) + spread * z       in the kernel's order
//   out    = scaled clamped to 0 ... top, rounded half to even, in the order of time
//   sums  += out, in the kernel's order; counts[out] += 1 (nothing is counted where counts is null)
void fleetsynth_fill(const fleetsynth_row *signal, uint32_t server, float offset, int32_t from, int32_t count, float *scaled, uint16_t *out,
                     uint32_t *sums, uint32_t *counts);

// Bit-packs `values[i] - base` at `width` 1 ... 16 bits, padding the last group of eight with zeros. May write 16 bytes past the packed ones.
void fleetsynth_pack(const uint16_t *values, int32_t count, uint16_t base, int32_t width, uint8_t *out);

// out[i] = table[values[i]].
void fleetsynth_look_up(const uint16_t *values, int32_t count, const uint16_t *table, uint16_t *out);

// Smallest and largest of `count` > 0 values.
void fleetsynth_extremes(const uint16_t *values, int32_t count, uint16_t *low, uint16_t *high);

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

// Sums of the values.
int64_t fleetsynth_sum(const int32_t *values, int32_t count);
uint64_t fleetsynth_sum_narrow(const uint16_t *values, int32_t count);

// sum[i] += weight * z[i], the deviates of fleetsynth_normals.
void fleetsynth_add_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float weight, float *sum);

// out[i] = 0 + weight * z[i].
void fleetsynth_weighted_normals(uint64_t key, uint64_t stream, uint32_t server, int32_t first, int32_t count, float weight, float *out);

// A cubic of deviates, and AR(1) noise whose innovations it makes. powers[i] is phi to the power i + 1, scale is sqrt(1 - phi^2).
typedef struct {
    float constant, linear, square, cubic, scale;
    float powers[16];
} fleetsynth_memory;

// out[i] = ((cubic z + square) z + linear) z + constant; `count` is a multiple of 16, as in the functions below.
void fleetsynth_cubic(const float *deviates, int32_t count, const fleetsynth_memory *shape, float *out);

// x[0] = y[0], then x[i] = phi x[i - 1] + scale y[i] with y the cubic of the deviates; writes the `count` numbers after the first `lead`.
// Each 16 steps: v = scale y, then v[i] += phi^d v[i - d] for d = 1, 2, 4 and 8, then x[i] = v[i] + x[-1] phi^(i + 1).
void fleetsynth_remember(const float *deviates, int32_t lead, int32_t count, const fleetsynth_memory *memory, float *out);

// out[i] = fast * out[i] + (before[p] * node[j] + after[p] * node[j + 1]) with j = i >> shift and p = i mod 2^shift. Weights are 16 or more; 16 nodes
// beyond the last may be read.
void fleetsynth_slow(const float *nodes, int32_t shift, const float *before, const float *after, float fast, int32_t count, float *out);

// How a working value is written: x = factor * clean + addend * scale; where `width` is above 0, saturated by its edges in x / scale; within
// low ... high; where `rounds` is not 0, rounded half to even as a distance from `origin`.
typedef struct {
    double scale, low, high, origin, lower, upper, width;
    int32_t rounds;
} fleetsynth_written;

// published[i] = what is written for clean[i], where factor[i] is not 1 or addend[i] not 0.
void fleetsynth_change(const double *clean, const double *factor, const double *addend, const fleetsynth_written *written, int32_t count,
                       double *published);

// One server's row of a narrow grid in the making. All but `scaled` are in the order of time and start at the run's first step.
typedef struct {
    // What fleetsynth_fill and fleetsynth_shape_narrow leave, in the kernel's order, above the lowest value, and the place in time of the first step.
    const float *scaled;
    int32_t offset;
    // Numbers above the lowest.
    const uint16_t *judged;
    uint16_t *published;
    // `addend` may be null where nothing is added.
    const double *factor, *addend;
    int32_t *excess;
    uint32_t *counts;
} fleetsynth_changed;

// For the steps from ..< to: published = what is written, as `written` says with rounding from its origin, for scaled + origin, or judged where factor is
// 1 and addend 0; excess += published - judged; counts[published] += 1. Returns the sum of the differences.
int64_t fleetsynth_publish(const fleetsynth_changed *cells, const fleetsynth_written *written, int32_t from, int32_t to);

// counts[value] += each.
void fleetsynth_count_narrow(const uint16_t *values, int32_t count, uint32_t each, uint32_t *counts);

// How many of the values in the kernel's order are at or above a threshold, those at the places in time from ..< to.
int64_t fleetsynth_count_scaled(const float *scaled, int32_t from, int32_t to, float threshold);

// One server's values in the kernel's order: their places in time from ..< to, the places of absolute step 0 (taken away from its number) and of the run's
// first step, and the value to be reached.
typedef struct {
    const float *scaled;
    int32_t origin, offset, from, to;
    float threshold;
} fleetsynth_reach;

// Those of a block's events, drawn as fleetsynth_events does, whose values are at or above the threshold, as rising steps of the run. Writes at most 16
// numbers too many, and returns how many there are.
int32_t fleetsynth_events_reaching(uint64_t key, uint64_t stream, uint32_t server, int32_t block, float scale, const fleetsynth_reach *reach,
                                   int32_t *out);

// Takes missing steps out of what fleetsynth_publish counted: counts[published] -= 1, excess -= published, hidden += 1. Returns the sum of their numbers.
int64_t fleetsynth_withdraw(const uint16_t *published, const int32_t *missing, int32_t count, int32_t *excess, int32_t *hidden, uint32_t *counts);

// out[slot] += the sums in the kernel's order of the slot's steps; `offset` is the place in time of the first one.
void fleetsynth_add_sums(const uint32_t *sums, int32_t offset, int32_t slots, int32_t per_slot, int64_t *out);

// Copies the numbers from ..< to without those at the missing places, which rise. Reads and writes at most so many numbers too far.
#define FLEETSYNTH_CLOSE_SLACK 64
void fleetsynth_close(const uint16_t *row, const int32_t *missing, int32_t gaps, int32_t from, int32_t to, uint16_t *out);

// out[i] = bases[i] to the power of whole + fraction, what ExactMath.power makes of it; bases are positive and normal.
void fleetsynth_powers(const double *bases, int32_t count, int32_t whole, double fraction, double *out);

// How many values are at or above a threshold.
int64_t fleetsynth_count_from(const double *values, int32_t count, double threshold);

// Edges beyond which values are compressed, and how far they may go beyond.
typedef struct {
    float lower, upper, width;
} fleetsynth_saturation;

// What fleetsynth_fill does, for deviates that are given in the order of time (the row's key, stream and first superblock do not matter). With
// `bounds`, which may be null, what is clamped is edge + width * (d / (|d| + width)) with d the distance from the nearest value between the edges.
void fleetsynth_shape_narrow(const float *z, const fleetsynth_row *signal, float offset, int32_t count, const fleetsynth_saturation *bounds,
                             float *scaled, uint16_t *out, uint32_t *sums, uint32_t *counts);

// out[r] = the rank-th largest of the numbers per_row * r ... per_row * (r + 1) - 1; 1 <= rank <= per_row < 65,536.
void fleetsynth_high(const uint16_t *cells, int32_t per_row, int32_t rank, int32_t rows, uint16_t *out);

// MARK: the quality gate

// How values are bent: clamped to low ... high, and before that, where `width` is above 0, compressed beyond lower and upper.
typedef struct {
    double mean, spread, center, low, high, lower, upper, width;
} fleetsynth_bend;

// Of y = bent(mean + spread * node) - center the weighted sums of y, y^2 and dy / d mean. `count` is a multiple of 8.
void fleetsynth_bent(const double *weights, const double *nodes, int32_t count, const fleetsynth_bend *law, double *sums);

// out = origin + numbers * step.
void fleetsynth_widen(const uint16_t *numbers, int32_t count, double origin, double step, float *out);

// Where one server's cells show its noise: `reach` spreads around level + bias lie within low ... high, and the spread is not below the least.
typedef struct {
    double bias, low, high, reach, least_spread;
} fleetsynth_window;

// out = (cell - level - bias) / spread, not a number where the cell is none or its noise does not show. Adds to `sums`, eight lanes of each: the count,
// 1 / spread^2, the first four powers, and of neighbours their count, products and the means of their squares.
void fleetsynth_residuals(const float *cells, const double *level, const double *spread, int32_t count, const fleetsynth_window *window, float *out,
                          double *sums);

// Over the pairs of which neither is not a number: sums of left * right, left^2, right^2, and their count.
void fleetsynth_products(const float *left, const float *right, int32_t count, double *sums);

// The sum over all pairs of steps of weight * weight * phi^distance.
double fleetsynth_remembered(const double *weights, int32_t count, double phi);

// The slots of one class of servers, beside the law of its cells.
typedef struct {
    // The high bits of the lowest factor that the law is known for, and how many places there are; bits of a factor that do not tell its place, 64 where
    // the law is known for each step instead.
    int64_t first, places;
    int32_t shift;
    // Of each class, and of a slot.
    int32_t slots, per_slot;
    // Among the classes.
    int64_t place;
    // Whether days are divided by their shape, whether servers come and go, and whether noise remembers.
    int32_t divided, ragged, remembers;
    // Of the sums of offsets, the mean offset and its variance, all servers together.
    double unit, offset, variance;
    // Numbers to values, and a value near the mean of all; the class's servers; how much more the mean of cells varies than of independent ones.
    double origin, step, center, servers, inflation;
    // A rare cell's distance: per_level |level| + per_spread |spread| + fixed, up to most; rate of outliers.
    double per_level, per_spread, fixed, most, rate;
    // The arrays of fleetsynth_slots_pass, which sets these.
    const double *cubics, *covariances, *factor, *level, *spread;
    const int64_t *cells, *sums, *lives;
    const int32_t *days, *times;
    const uint8_t *groups;
    double *parts, *weights;
} fleetsynth_slots;

typedef struct {
    // Of the expected means of all slots: the first, then sum, sum of squares and extremes of the distances from it.
    double first, sum, squares, low, high;
    double jump;
    // Of the steps' variances, where noise remembers: all, what is orthogonal to the noise, and of outliers.
    double white, rest, rare;
    // What NoiseParts has, in its order.
    double noise[10];
} fleetsynth_slots_found;

// One pass over the slots of a class. By place the coefficients of 1, x, x^2 and x^3 of the law's four values, and of the offsets' covariance; by step
// factor, level and spread; by class and slot cells and the sums of their numbers; by slot its day and its time of day, by time of day 1 where its shape
// is low, 2 where it is high; by slot the servers there and the sum of their offsets. Out: by day, or by day and group, sums of the slots' realised
// and expected means, their variances, what lives do, their count and greatest jump, six numbers each; by step the noise's standard deviation times
// the slope of the mean.
void fleetsynth_slots_pass(const fleetsynth_slots *law, const double *cubics, const double *covariances, const double *factor, const double *level,
                           const double *spread, const int64_t *cells, const int64_t *sums, const int32_t *days, const int32_t *times,
                           const uint8_t *groups, const int64_t *lives, double *parts, double *weights, fleetsynth_slots_found *out);
