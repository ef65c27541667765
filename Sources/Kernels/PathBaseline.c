// What every processor of the architecture has: SSE2 on x86-64, NEON on AArch64.
#define LANES 8
#define PATH(name) name##_baseline
#include "Loops.h"
