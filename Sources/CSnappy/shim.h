// Snappy's C interface, for readers that lack zstd.
#include <snappy-c.h>
