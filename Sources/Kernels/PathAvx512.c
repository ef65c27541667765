// The loops for processors of the level x86-64-v4.
#if defined(__x86_64__)
#include <immintrin.h>
#define FLEETSYNTH_AVX512
#define LANES 16
#define PATH(name) name##_avx512
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "Loops.h"
#pragma clang attribute pop
#endif
