// System calls and flags that Swift's Glibc module does not expose.
#pragma once
#include <stdint.h>

// Returns the size of the CPU set this process may use, at least 1.
int fleetsynth_usable_cpus(void);

// mallopt(3): freed memory stays with the process until there are 64 MiB of it, for work that takes and gives back arrays of megabytes all the time. Pages of its
// own for each of them cost more than what is done in them.
void fleetsynth_keep_memory(void);

// flock(2): Swift sees only the structure of the same name. Returns 0, or -1 with errno.
int fleetsynth_try_lock(int descriptor);

// flock(2) with LOCK_UN: closing the descriptor lets go only when no process that was forked meanwhile has a copy of it. Returns 0, or -1 with errno.
int fleetsynth_unlock(int descriptor);

// renameat2(2) with RENAME_NOREPLACE in one directory tree: a rename that never replaces. Returns 0, or -1 with errno.
int fleetsynth_rename_new(const char *from, const char *to);

// eventfd(2), close-on-exec and non-blocking: wakes a thread that waits in poll(2). Returns the descriptor, or -1 with errno.
int fleetsynth_eventfd(void);

// timerfd_create(2) on CLOCK_REALTIME, without blocking; Swift sees no flags of enumerations without a name. Returns a descriptor, or -1 with errno.
int fleetsynth_timer_create(void);

// timerfd_settime(2): fires once when the wall clock shows `seconds` of Unix time (above 0), and at once when somebody sets the clock.
// Returns 0, or -1 with errno; ECANCELED says that the clock was set and the timer is armed all the same.
int fleetsynth_timer_set(int descriptor, int64_t seconds);

// A new, empty file written front to back past the page cache (open(2) O_DIRECT) by two threads, several pieces at a time: the copy into fresh
// pages and their write-back cost more than making the bytes. All calls come from one thread at a time.
typedef struct fleetsynth_direct fleetsynth_direct;

// Prepares `descriptor` for about `expected` bytes. Returns NULL, the file empty and unchanged, where file system or kernel cannot do it.
fleetsynth_direct *fleetsynth_direct_begin(int descriptor, int64_t expected);

// Takes the next bytes. Returns 0, or -1 with errno of this or an earlier piece's write; then only `abandon` is left.
int fleetsynth_direct_append(fleetsynth_direct *file, const void *bytes, int64_t count);

// Writes what is left and cuts the file to its size. Returns 0, or -1 with errno. The descriptor is an ordinary one again; `abandon` still follows.
int fleetsynth_direct_finish(fleetsynth_direct *file);

// Waits for writes under way and frees everything but the descriptor.
void fleetsynth_direct_abandon(fleetsynth_direct *file);
