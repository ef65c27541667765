// Preloaded into the program: counts, over all its threads, the calls that have to do with a store, and lets one of them go wrong.
//
//   FAULT_STORE   a part of the store's path; other files do not count
//   FAULT_LOG     file that gets one line per call: its name and path
//   FAULT_AT      number of the call to strike, from 1; 0 strikes every call
//   FAULT_EFFECT  kill; error NUMBER (the call fails with that errno); signal NUMBER (the process gets it, half a second passes); delay MS
//
// A kill comes before the call does anything, as strace's injection does it. strace counts per thread, so it cannot number the calls of a
// program whose work moves between threads; the tests use it to show that no change of a file gets past this list.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int calls;

static void note(const char *name, const char *path) {
    const char *log = getenv("FAULT_LOG");
    if (log == NULL) return;
    char line[4352];
    int length = snprintf(line, sizeof line, "%s %s\n", name, path);
    int file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    syscall(SYS_write, file, line, length);
    syscall(SYS_close, file);
}

// Whether the call is to fail, with errno set.
static int strike(void) {
    int number = 0;
    const char *effect = getenv("FAULT_EFFECT");
    if (effect == NULL) return 0;
    if (strcmp(effect, "kill") == 0) {
        kill(getpid(), SIGKILL);
    } else if (sscanf(effect, "error %d", &number) == 1) {
        errno = number;
        return 1;
    } else if (sscanf(effect, "signal %d", &number) == 1) {
        kill(getpid(), number);
        usleep(500 * 1000);
    } else if (sscanf(effect, "delay %d", &number) == 1) {
        usleep((useconds_t)number * 1000);
    }
    return 0;
}

static int fails(const char *name, const char *path) {
    const char *store = getenv("FAULT_STORE"), *at = getenv("FAULT_AT");
    if (store == NULL || path == NULL || strstr(path, store) == NULL) return 0;
    note(name, path);
    int number = atomic_fetch_add(&calls, 1) + 1;
    return at != NULL && (atoi(at) == number || atoi(at) == 0) && strike();
}

static int fails_on(const char *name, int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/thread-self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(name, path);
}

#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

#define OPENING(function)                                                    \
    int function(const char *path, int flags, ...) {                         \
        va_list list;                                                        \
        va_start(list, flags);                                               \
        int mode = flags & O_CREAT ? va_arg(list, int) : 0;                  \
        va_end(list);                                                        \
        if (fails(flags & O_CREAT ? "create" : "open", path)) return -1;     \
        return REAL(function)(path, flags, mode);                            \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(function)                                                 \
    int function(int folder, const char *path, int flags, ...) {             \
        va_list list;                                                        \
        va_start(list, flags);                                               \
        int mode = flags & O_CREAT ? va_arg(list, int) : 0;                  \
        va_end(list);                                                        \
        if (fails(flags & O_CREAT ? "create" : "open", path)) return -1;     \
        return REAL(function)(folder, path, flags, mode);                    \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

int close(int file) { return fails_on("close", file) ? -1 : REAL(close)(file); }
ssize_t write(int file, const void *bytes, size_t count) { return fails_on("write", file) ? -1 : REAL(write)(file, bytes, count); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return fails_on("pwrite", file) ? -1 : REAL(pwrite)(file, bytes, count, offset);
}
int fsync(int file) { return fails_on("fsync", file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return fails_on("fdatasync", file) ? -1 : REAL(fdatasync)(file); }
int ftruncate(int file, off_t size) { return fails_on("ftruncate", file) ? -1 : REAL(ftruncate)(file, size); }
int flock(int file, int operation) {
    // `struct flock` has the name too, so the type is spelled out.
    return fails_on("flock", file) ? -1 : ((int (*)(int, int))dlsym(RTLD_NEXT, "flock"))(file, operation);
}
int mkdir(const char *path, mode_t mode) { return fails("mkdir", path) ? -1 : REAL(mkdir)(path, mode); }
int rmdir(const char *path) { return fails("rmdir", path) ? -1 : REAL(rmdir)(path); }
int unlink(const char *path) { return fails("unlink", path) ? -1 : REAL(unlink)(path); }
int unlinkat(int folder, const char *path, int flags) { return fails("unlink", path) ? -1 : REAL(unlinkat)(folder, path, flags); }
int rename(const char *from, const char *to) { return fails("rename", to) ? -1 : REAL(rename)(from, to); }
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    return fails("rename", to) ? -1 : REAL(renameat2)(from_folder, from, to_folder, to, flags);
}
int link(const char *from, const char *to) { return fails("link", to) ? -1 : REAL(link)(from, to); }
