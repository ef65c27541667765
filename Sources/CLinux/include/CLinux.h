// System calls and flags that Swift's Glibc module does not expose.
#pragma once
#include <stdint.h>

// Returns the size of the CPU set this process may use, at least 1.
int fleetsynth_usable_cpus(void);
