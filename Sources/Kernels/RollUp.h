// The rank-th largest of each so many numbers.
#pragma once
#include "Vectors.h"

typedef uint16_t u16x8 __attribute__((vector_size(16)));

INLINE uint16_t largest(const uint16_t *cells, int32_t count) {
    uint16_t greatest = 0;
    for (int32_t i = 0; i < count; i++) greatest = cells[i] > greatest ? cells[i] : greatest;
    return greatest;
}

#define MIN(a, b) __builtin_elementwise_min(a, b)
#define MAX(a, b) __builtin_elementwise_max(a, b)
// The two largest of each lane and of the lane that the order puts there.
#define FOLD(order...)                                                                                         \
    do {                                                                                                       \
        u16x8 other = __builtin_shufflevector(first, first, order), next = __builtin_shufflevector(second, second, order); \
        second = MAX(MAX(second, next), MIN(first, other));                                                    \
        first = MAX(first, other);                                                                             \
    } while (0)

// The second largest of 8 or more: the two largest of each of eight lanes, then of the lanes.
INLINE uint16_t second_largest(const uint16_t *cells, int32_t count) {
    u16x8 first, second = {0};
    memcpy(&first, cells, sizeof first);
    int32_t i = 8;
    for (; i + 8 <= count; i += 8) {
        u16x8 own;
        memcpy(&own, cells + i, sizeof own);
        second = MAX(second, MIN(first, own));
        first = MAX(first, own);
    }
    FOLD(4, 5, 6, 7, 0, 1, 2, 3);
    FOLD(2, 3, 0, 1, 6, 7, 4, 5);
    FOLD(1, 0, 3, 2, 5, 4, 7, 6);
    uint16_t high = first[0], low = second[0];
    for (; i < count; i++) {
        uint16_t lesser = cells[i] < high ? cells[i] : high;
        low = lesser > low ? lesser : low;
        high = cells[i] > high ? cells[i] : high;
    }
    return low;
}

// The greatest number that at least `rank` cells reach, bit by bit.
INLINE uint16_t ranked(const uint16_t *cells, int32_t count, int32_t rank) {
    uint32_t found = 0, greatest = largest(cells, count);
    if (greatest == 0) return 0;
    for (uint32_t bit = 1u << (31 - __builtin_clz(greatest)); bit; bit >>= 1) {
        uint16_t least = (uint16_t)(found | bit), reached = 0;
        for (int32_t i = 0; i < count; i++) reached += cells[i] >= least;
        if (reached >= rank) found = least;
    }
    return (uint16_t)found;
}

void PATH(high)(const uint16_t *cells, int32_t per_row, int32_t rank, int32_t rows, uint16_t *out) {
    for (int32_t row = 0; row < rows; row++, cells += per_row) {
        out[row] = rank == 1 ? largest(cells, per_row)
                   : rank == 2 && per_row >= 8 ? second_largest(cells, per_row)
                                               : ranked(cells, per_row, rank);
    }
}
