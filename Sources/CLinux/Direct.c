#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Measured on a virtual disk: two pieces of 2 MiB under way reach what the disk can do. Two threads that wait for the disk cost less than
// io_submit(2), whose contexts take some 30 ms to destroy.
enum { PIECE = 2 << 20, PIECES = 4, WRITERS = 2, ALIGNMENT = 4096, STACK = 64 << 10 };
// Room is reserved ahead, so that a write does not extend the file: extending writes wait for each other.
static const int64_t ahead = 64 << 20;

struct fleetsynth_direct {
    int descriptor;
    pthread_t writers[WRITERS];
    int started;
    char *pieces[PIECES];
    int64_t reserved;
    int64_t filled;  // bytes in the piece that is being filled
    pthread_mutex_t lock;
    pthread_cond_t change;
    // Under the lock. Pieces are numbered from the file's start; number n is in pieces[n % PIECES].
    int64_t complete;  // pieces handed to the writers
    int64_t taken;     // of these, pieces that a writer has begun
    int under_way[PIECES];
    int is_over;       // nothing more will come
    int failure;       // errno of the first write that failed
};

static int set_direct(int descriptor, int on) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT);
}

// Returns 0 or errno.
static int write_all(int descriptor, const char *bytes, int64_t count, int64_t offset) {
    while (count > 0) {
        ssize_t done = pwrite(descriptor, bytes, (size_t)count, offset);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return done == 0 ? EIO : errno;
        bytes += done;
        offset += done;
        count -= done;
    }
    return 0;
}

static void *write_pieces(void *argument) {
    fleetsynth_direct *file = argument;
    pthread_mutex_lock(&file->lock);
    while (1) {
        while (file->taken == file->complete && !file->is_over) pthread_cond_wait(&file->change, &file->lock);
        if (file->taken == file->complete) break;
        int64_t number = file->taken++;
        int place = (int)(number % PIECES);
        int failure = file->failure;
        pthread_mutex_unlock(&file->lock);
        // After a failure the file is void: nothing more is written.
        if (failure == 0) failure = write_all(file->descriptor, file->pieces[place], PIECE, number * PIECE);
        pthread_mutex_lock(&file->lock);
        file->under_way[place] = 0;
        if (file->failure == 0) file->failure = failure;
        pthread_cond_broadcast(&file->change);
    }
    pthread_mutex_unlock(&file->lock);
    return NULL;
}

// Starts the writers, with all signals blocked: those are for the threads that expect them.
static int start(fleetsynth_direct *file) {
    pthread_attr_t attributes;
    sigset_t all, before;
    if (pthread_attr_init(&attributes) != 0) return 0;
    pthread_attr_setstacksize(&attributes, STACK);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (file->started < WRITERS && pthread_create(&file->writers[file->started], &attributes, write_pieces, file) == 0) file->started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return file->started > 0;
}

// Lets the writers finish what they were given, and ends them.
static void stop(fleetsynth_direct *file) {
    pthread_mutex_lock(&file->lock);
    file->is_over = 1;
    pthread_cond_broadcast(&file->change);
    pthread_mutex_unlock(&file->lock);
    while (file->started > 0) pthread_join(file->writers[--file->started], NULL);
}

fleetsynth_direct *fleetsynth_direct_begin(int descriptor, int64_t expected) {
    fleetsynth_direct *file = calloc(1, sizeof *file);
    if (file == NULL) return NULL;
    file->descriptor = descriptor;
    file->reserved = (expected + PIECE - 1) / PIECE * PIECE;
    pthread_mutex_init(&file->lock, NULL);
    pthread_cond_init(&file->change, NULL);
    int ready = fallocate(descriptor, 0, 0, file->reserved) == 0 && set_direct(descriptor, 1) == 0;
    for (int i = 0; ready && i < PIECES; i++) ready = posix_memalign((void **)&file->pieces[i], ALIGNMENT, PIECE) == 0;
    if (ready && start(file)) return file;
    set_direct(descriptor, 0);
    fleetsynth_direct_abandon(file);
    // What fallocate reserved would be zeros at the end of the file.
    if (ftruncate(descriptor, 0) != 0) return NULL;
    return NULL;
}

// Hands the current, full piece to the writers and waits until the next one is free.
static void submit(fleetsynth_direct *file) {
    if ((file->complete + 1) * PIECE > file->reserved && fallocate(file->descriptor, 0, file->reserved, ahead) == 0) file->reserved += ahead;
    pthread_mutex_lock(&file->lock);
    file->under_way[file->complete % PIECES] = 1;
    file->complete++;
    pthread_cond_broadcast(&file->change);
    while (file->under_way[file->complete % PIECES]) pthread_cond_wait(&file->change, &file->lock);
    pthread_mutex_unlock(&file->lock);
    file->filled = 0;
}

static int failure(fleetsynth_direct *file) {
    pthread_mutex_lock(&file->lock);
    int code = file->failure;
    pthread_mutex_unlock(&file->lock);
    return code;
}

int fleetsynth_direct_append(fleetsynth_direct *file, const void *bytes, int64_t count) {
    const char *next = bytes;
    int code = failure(file);
    while (count > 0 && code == 0) {
        int64_t part = PIECE - file->filled < count ? PIECE - file->filled : count;
        memcpy(file->pieces[file->complete % PIECES] + file->filled, next, (size_t)part);
        next += part;
        count -= part;
        file->filled += part;
        if (file->filled == PIECE) submit(file);
        code = failure(file);
    }
    errno = code;
    return code == 0 ? 0 : -1;
}

int fleetsynth_direct_finish(fleetsynth_direct *file) {
    stop(file);
    int64_t before = file->complete * PIECE;
    if (file->failure == 0 && set_direct(file->descriptor, 0) != 0) file->failure = errno;
    if (file->failure == 0) file->failure = write_all(file->descriptor, file->pieces[file->complete % PIECES], file->filled, before);
    if (file->failure == 0 && ftruncate(file->descriptor, before + file->filled) != 0) file->failure = errno;
    errno = file->failure;
    return file->failure == 0 ? 0 : -1;
}

void fleetsynth_direct_abandon(fleetsynth_direct *file) {
    stop(file);
    pthread_cond_destroy(&file->change);
    pthread_mutex_destroy(&file->lock);
    for (int i = 0; i < PIECES; i++) free(file->pieces[i]);
    free(file);
}
