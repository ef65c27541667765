#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Measured on a virtual disk: four pieces of 2 MiB under way reach what the disk can do; larger ones and more gain nothing.
enum { PIECE = 2 << 20, DEPTH = 4, ALIGNMENT = 4096 };
// Room is reserved ahead, so that a write does not extend the file: extending writes wait for each other.
static const int64_t ahead = 64 << 20;

struct fleetsynth_direct {
    int descriptor;
    aio_context_t context;
    char *pieces[DEPTH];
    int64_t offsets[DEPTH];
    int under_way[DEPTH];
    int current;
    int64_t filled;     // bytes in the current piece
    int64_t submitted;  // bytes in pieces before it
    int64_t reserved;
    int failure;        // errno of the first write that failed
};

static int set_direct(int descriptor, int on) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT);
}

fleetsynth_direct *fleetsynth_direct_begin(int descriptor, int64_t expected) {
    fleetsynth_direct *file = calloc(1, sizeof *file);
    if (file == NULL) return NULL;
    file->descriptor = descriptor;
    file->reserved = (expected + PIECE - 1) / PIECE * PIECE;
    int ready = fallocate(descriptor, 0, 0, file->reserved) == 0 && set_direct(descriptor, 1) == 0 &&
                syscall(SYS_io_setup, DEPTH, &file->context) == 0;
    for (int i = 0; ready && i < DEPTH; i++) ready = posix_memalign((void **)&file->pieces[i], ALIGNMENT, PIECE) == 0;
    if (ready) return file;
    set_direct(descriptor, 0);
    fleetsynth_direct_abandon(file);
    // What fallocate reserved would be zeros at the end of the file.
    if (ftruncate(descriptor, 0) != 0) return NULL;
    return NULL;
}

// The bytes of a piece from `done` on, plainly: after a short write this finds the reason.
static void write_rest(fleetsynth_direct *file, int piece, int64_t done) {
    while (done < PIECE && file->failure == 0) {
        ssize_t count = pwrite(file->descriptor, file->pieces[piece] + done, (size_t)(PIECE - done), file->offsets[piece] + done);
        if (count > 0) {
            done += count;
        } else if (count == 0 || errno != EINTR) {
            file->failure = count == 0 ? EIO : errno;
        }
    }
}

// Waits for one write under way to end.
static void wait_for_one(fleetsynth_direct *file) {
    struct io_event event;
    long count = syscall(SYS_io_getevents, file->context, 1, 1, &event, NULL);
    if (count < 0 && errno == EINTR) return;
    if (count != 1) {
        if (file->failure == 0) file->failure = count < 0 ? errno : EIO;
        memset(file->under_way, 0, sizeof file->under_way);
        return;
    }
    int piece = (int)event.data;
    file->under_way[piece] = 0;
    if (event.res < 0) {
        if (file->failure == 0) file->failure = (int)-event.res;
    } else if (event.res < PIECE) {
        write_rest(file, piece, event.res);
    }
}

static int some_under_way(const fleetsynth_direct *file) {
    for (int i = 0; i < DEPTH; i++) {
        if (file->under_way[i]) return 1;
    }
    return 0;
}

// Sends the current, full piece off and makes the next one current.
static void submit(fleetsynth_direct *file) {
    int piece = file->current;
    if (file->submitted + PIECE > file->reserved && fallocate(file->descriptor, 0, file->reserved, ahead) == 0) file->reserved += ahead;
    struct iocb block = {
        .aio_data = (uint64_t)piece, .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = (uint32_t)file->descriptor,
        .aio_buf = (uint64_t)(uintptr_t)file->pieces[piece], .aio_nbytes = PIECE, .aio_offset = file->submitted,
    };
    struct iocb *list = &block;
    file->offsets[piece] = file->submitted;
    if (syscall(SYS_io_submit, file->context, 1, &list) == 1) {
        file->under_way[piece] = 1;
    } else {
        write_rest(file, piece, 0);
    }
    file->submitted += PIECE;
    file->filled = 0;
    file->current = (piece + 1) % DEPTH;
    while (file->under_way[file->current]) wait_for_one(file);
}

int fleetsynth_direct_append(fleetsynth_direct *file, const void *bytes, int64_t count) {
    const char *next = bytes;
    while (count > 0 && file->failure == 0) {
        int64_t part = PIECE - file->filled < count ? PIECE - file->filled : count;
        memcpy(file->pieces[file->current] + file->filled, next, (size_t)part);
        next += part;
        count -= part;
        file->filled += part;
        if (file->filled == PIECE) submit(file);
    }
    errno = file->failure;
    return file->failure == 0 ? 0 : -1;
}

int fleetsynth_direct_finish(fleetsynth_direct *file) {
    while (some_under_way(file)) wait_for_one(file);
    if (set_direct(file->descriptor, 0) != 0 && file->failure == 0) file->failure = errno;
    int64_t done = 0;
    while (done < file->filled && file->failure == 0) {
        ssize_t count = pwrite(file->descriptor, file->pieces[file->current] + done, (size_t)(file->filled - done), file->submitted + done);
        if (count > 0) {
            done += count;
        } else if (count == 0 || errno != EINTR) {
            file->failure = count == 0 ? EIO : errno;
        }
    }
    if (file->failure == 0 && ftruncate(file->descriptor, file->submitted + file->filled) != 0) file->failure = errno;
    errno = file->failure;
    return file->failure == 0 ? 0 : -1;
}

void fleetsynth_direct_abandon(fleetsynth_direct *file) {
    // io_destroy(2) returns when nothing reads the pieces any more.
    if (file->context != 0) syscall(SYS_io_destroy, file->context);
    for (int i = 0; i < DEPTH; i++) free(file->pieces[i]);
    free(file);
}
