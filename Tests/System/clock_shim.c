// Preloaded into the service: gives it a wall clock of its own, which a test sets without touching the machine's.
//
//   CLOCK_SHIM=PATH   a file of 8 bytes, the nanoseconds by which this wall clock is ahead; PATH.fifo, a named pipe: a byte written to it
//                     says that the clock was set
//
// What the kernel does when somebody sets CLOCK_REALTIME (fs/timerfd.c, timerfd_create(2)) is done here for the timers of this process: an
// absolute timer expires when this clock shows its time, and one with TFD_TIMER_CANCEL_ON_SET becomes readable and reads as ECANCELED, once
// per change, or says so when it is set again.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define TIMERS 64

typedef struct {
    int descriptor;  // plus 1, so that 0 is a free place
    int is_armed, is_absolute, cancels, was_set;
    int64_t due;   // on this clock, for an absolute timer
    int64_t seen;  // the offset that its owner knows of
} Timer;

static _Atomic int64_t *offset;
static _Atomic int64_t unset;  // where no test sets the clock
static int pipe_end = -1;
static Timer timers[TIMERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int (*real_clock)(clockid_t, struct timespec *);
static int (*real_create)(int, int);
static int (*real_set)(int, int, const struct itimerspec *, struct itimerspec *);
static ssize_t (*real_read)(int, void *, size_t);
static int (*real_close)(int);

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

// Constructors of other libraries may come first, so every entry makes sure.
static void resolve(void) {
    if (real_close != NULL) return;
    real_clock = (int (*)(clockid_t, struct timespec *))real("clock_gettime");
    real_create = (int (*)(int, int))real("timerfd_create");
    real_set = (int (*)(int, int, const struct itimerspec *, struct itimerspec *))real("timerfd_settime");
    real_read = (ssize_t (*)(int, void *, size_t))real("read");
    real_close = (int (*)(int))real("close");
}

static int64_t ahead(void) { return offset == NULL ? unset : atomic_load(offset); }
static int64_t nanoseconds(struct timespec time) { return time.tv_sec * SECOND + time.tv_nsec; }

static struct timespec timespec(int64_t nanoseconds) {
    int64_t rest = (nanoseconds % SECOND + SECOND) % SECOND;
    return (struct timespec){.tv_sec = (nanoseconds - rest) / SECOND, .tv_nsec = rest};
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    resolve();
    int result = real_clock(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) *time = timespec(nanoseconds(*time) + ahead());
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (result != NULL) *result = now.tv_sec;
    return now.tv_sec;
}

static Timer *timer(int descriptor) {
    for (int index = 0; index < TIMERS; index++)
        if (timers[index].descriptor == descriptor + 1) return &timers[index];
    return NULL;
}

// Sets the kernel's timer so that it expires when this clock shows the time.
static void arm(Timer *timer) {
    int64_t due = timer->due - ahead();
    struct itimerspec spec = {.it_value = timespec(due > 0 ? due : 1)};
    real_set(timer->descriptor - 1, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void *watch(void *unused) {
    (void)unused;
    char byte;
    while (real_read(pipe_end, &byte, 1) == 1) {
        pthread_mutex_lock(&lock);
        for (int index = 0; index < TIMERS; index++) {
            Timer *timer = &timers[index];
            if (timer->descriptor == 0 || !timer->is_absolute || !timer->is_armed) continue;
            if (timer->cancels && timer->seen != ahead()) {
                // Readable at once; `read` tells the rest.
                struct itimerspec now = {.it_value = {.tv_nsec = 1}};
                timer->was_set = 1;
                real_set(timer->descriptor - 1, 0, &now, NULL);
            } else {
                arm(timer);
            }
        }
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

__attribute__((constructor)) static void begin(void) {
    resolve();
    const char *path = getenv("CLOCK_SHIM");
    if (path == NULL) return;
    char pipe_path[4096];
    snprintf(pipe_path, sizeof pipe_path, "%s.fifo", path);
    int file = open(path, O_RDWR | O_CLOEXEC);
    pipe_end = open(pipe_path, O_RDWR | O_CLOEXEC);
    void *page = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED || pipe_end < 0) {
        perror("clock shim");
        _exit(99);
    }
    real_close(file);
    offset = page;
    // The service's signals are not for this thread.
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_t thread;
    if (pthread_create(&thread, NULL, watch, NULL) != 0) _exit(99);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

int timerfd_create(int clock, int flags) {
    resolve();
    int descriptor = real_create(clock, flags);
    if (descriptor < 0 || clock != CLOCK_REALTIME) return descriptor;
    pthread_mutex_lock(&lock);
    for (int index = 0; index < TIMERS; index++) {
        if (timers[index].descriptor != 0) continue;
        timers[index] = (Timer){.descriptor = descriptor + 1, .seen = ahead()};
        break;
    }
    pthread_mutex_unlock(&lock);
    return descriptor;
}

int timerfd_settime(int descriptor, int flags, const struct itimerspec *new, struct itimerspec *old) {
    resolve();
    pthread_mutex_lock(&lock);
    Timer *timer_ = timer(descriptor);
    if (timer_ == NULL || !(flags & TFD_TIMER_ABSTIME)) {
        if (timer_ != NULL) timer_->is_absolute = timer_->was_set = 0;
        pthread_mutex_unlock(&lock);
        return real_set(descriptor, flags, new, old);
    }
    int result = 0;
    timer_->due = nanoseconds(new->it_value);
    timer_->is_armed = timer_->due != 0;
    timer_->is_absolute = 1;
    timer_->cancels = (flags & TFD_TIMER_CANCEL_ON_SET) != 0;
    timer_->was_set = 0;
    if (timer_->is_armed) {
        arm(timer_);
    } else {
        struct itimerspec none = {0};
        result = real_set(descriptor, 0, &none, NULL);
    }
    if (timer_->is_armed && timer_->cancels && timer_->seen != ahead()) {
        timer_->seen = ahead();
        errno = ECANCELED;
        result = -1;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t read(int descriptor, void *bytes, size_t count) {
    resolve();
    pthread_mutex_lock(&lock);
    Timer *timer_ = timer(descriptor);
    int is_cancelled = timer_ != NULL && timer_->was_set;
    if (is_cancelled) {
        timer_->was_set = 0;
        timer_->seen = ahead();
        // The kernel's timer stays armed as well.
        arm(timer_);
    }
    pthread_mutex_unlock(&lock);
    if (!is_cancelled) return real_read(descriptor, bytes, count);
    errno = ECANCELED;
    return -1;
}

int close(int descriptor) {
    resolve();
    pthread_mutex_lock(&lock);
    Timer *timer_ = timer(descriptor);
    if (timer_ != NULL) *timer_ = (Timer){0};
    pthread_mutex_unlock(&lock);
    return real_close(descriptor);
}
