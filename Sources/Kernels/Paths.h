// One table of loops per instruction set, and the one in use.
#pragma once
#include "Kernels.h"

// Where the kernel's order has a place in time.
static inline int32_t place_of(int32_t time) { return (time & ~15) | (time & 4) << 1 | (time & 8) >> 1 | (time & 3); }

typedef struct {
    void (*normals)(uint64_t, uint64_t, uint32_t, int32_t, int32_t, float *);
    int32_t (*events)(uint64_t, uint64_t, uint32_t, int32_t, float, int32_t *);
    int32_t (*events_reaching)(uint64_t, uint64_t, uint32_t, int32_t, float, const fleetsynth_reach *, int32_t *);
    void (*fill)(const fleetsynth_row *, uint32_t, float, int32_t, int32_t, float *, uint16_t *, uint32_t *, uint32_t *);
    void (*pack)(const uint16_t *, int32_t, uint16_t, int32_t, uint8_t *);
    void (*extremes)(const uint16_t *, int32_t, uint16_t *, uint16_t *);
    void (*shape_scaled)(const float *, const double *, const double *, double, double, double, double, int32_t, int32_t *);
    void (*shape_real)(const float *, const double *, const double *, double, double, double, int32_t, double *);
    void (*add)(const int32_t *, int32_t, int64_t *);
    int64_t (*sum)(const int32_t *, int32_t);
    uint64_t (*sum_narrow)(const uint16_t *, int32_t);
    void (*add_normals)(uint64_t, uint64_t, uint32_t, int32_t, int32_t, float, float *);
    void (*cubic)(const float *, int32_t, const fleetsynth_memory *, float *);
    void (*remember)(const float *, int32_t, int32_t, const fleetsynth_memory *, float *);
    void (*slow)(const float *, int32_t, const float *, const float *, float, int32_t, float *);
    void (*shape_narrow)(const float *, const fleetsynth_row *, float, int32_t, const fleetsynth_saturation *, float *, uint16_t *, uint32_t *,
                         uint32_t *);
    void (*high)(const uint16_t *, int32_t, int32_t, int32_t, uint16_t *);
    void (*change)(const double *, const double *, const double *, const fleetsynth_written *, int32_t, double *);
    int64_t (*count_from)(const double *, int32_t, double);
    int64_t (*publish)(const fleetsynth_changed *, const fleetsynth_written *, int32_t, int32_t);
    int64_t (*count_scaled)(const float *, int32_t, int32_t, float);
    void (*close)(const uint16_t *, const int32_t *, int32_t, int32_t, int32_t, uint16_t *);
    void (*add_sums)(const uint32_t *, int32_t, int32_t, int64_t *);
    void (*weighted_normals)(uint64_t, uint64_t, uint32_t, int32_t, int32_t, float, float *);
    void (*powers)(const double *, int32_t, int32_t, double, double *);
    void (*bent)(const double *, const double *, int32_t, const fleetsynth_bend *, double *);
    void (*widen)(const uint16_t *, int32_t, double, double, float *);
    void (*residuals)(const float *, const double *, const double *, int32_t, const fleetsynth_window *, float *, double *);
    void (*products)(const float *, const float *, int32_t, double *);
    double (*remembered)(const double *, int32_t, double);
    void (*slots)(const fleetsynth_slots *, fleetsynth_slots_found *);
} fleetsynth_loops;

extern const fleetsynth_loops fleetsynth_loops_baseline;
#if defined(__x86_64__)
extern const fleetsynth_loops fleetsynth_loops_avx2, fleetsynth_loops_avx512;
#endif
