// The loops for processors of the level x86-64-v3.
#if defined(__x86_64__)
#include <immintrin.h>
#define FLEETSYNTH_AVX2
#define LANES 8
#define PATH(name) name##_avx2
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "Loops.h"
#pragma clang attribute pop
#endif
