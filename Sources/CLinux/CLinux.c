#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/file.h>

int fleetsynth_usable_cpus(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n;
}

int fleetsynth_try_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

int fleetsynth_unlock(int descriptor) { return flock(descriptor, LOCK_UN); }

int fleetsynth_rename_new(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE); }

int fleetsynth_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

#include <sys/timerfd.h>

int fleetsynth_timer_create(void) { return timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK); }

int fleetsynth_timer_set(int descriptor, int64_t seconds) {
    struct itimerspec spec = {.it_value = {.tv_sec = seconds}};
    return timerfd_settime(descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, 0);
}

// Closed standard streams are opened on /dev/null before anything else runs: otherwise the next descriptors, an epoll or a data file, would
// take their numbers and receive what is written to standard error.
__attribute__((constructor)) static void keep_standard_streams(void) {
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0) return;
    }
}

void fleetsynth_keep_memory(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}
