// Preloaded under valgrind: valgrind 3.19 writes into the mask that sigsuspend(2) gets, and libdispatch's is in read-only memory.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, 8L);
}
