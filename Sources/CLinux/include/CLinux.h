// System calls and flags that Swift's Glibc module does not expose.
#pragma once
#include <stdint.h>

// Returns the size of the CPU set this process may use, at least 1.
int fleetsynth_usable_cpus(void);

// flock(2): Swift sees only the structure of the same name. Returns 0, or -1 with errno.
int fleetsynth_try_lock(int descriptor);

// renameat2(2) with RENAME_NOREPLACE in one directory tree: a rename that never replaces. Returns 0, or -1 with errno.
int fleetsynth_rename_new(const char *from, const char *to);
