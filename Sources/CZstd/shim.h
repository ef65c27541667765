// zstd page compression comes from Debian's libzstd: the format is defined by that library, and readers use it too.
#include <zstd.h>
