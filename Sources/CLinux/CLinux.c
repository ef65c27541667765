#define _GNU_SOURCE
#include "CLinux.h"
#include <sched.h>

int fleetsynth_usable_cpus(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n;
}
