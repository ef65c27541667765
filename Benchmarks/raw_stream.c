// Writes the raw words of the noise of one metric after another server to standard output, without end: food for dieharder -g 200.
#define LANES 8
#include "../Sources/Kernels/Philox.h"
#include <unistd.h>

int main(void) {
    static u64v words[2 * 3 * 512];
    for (uint32_t server = 0;; server++) {
        philox_row row;
        philox_begin(&row, 42, 0x9E3779B97F4A7C15u, server);
        for (uint32_t block = 0; block < 512; block++) {
            philox_blocks(&row, (296 + block) * 12, of_superblocks, 3, words + 6 * block, words + 6 * block + 3);
        }
        const char *next = (const char *)words;
        for (size_t left = sizeof words; left > 0;) {
            ssize_t count = write(1, next, left);
            if (count <= 0) return 0;
            next += count;
            left -= (size_t)count;
        }
    }
}
