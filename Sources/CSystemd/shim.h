// sd_notify(3) and sd_journal_sendv(3) from Debian's libsystemd: it knows the abstract socket names, and passes entries that are too large for a
// datagram in a memory file. Without the macro, sd_journal_sendv would add the place of this header's caller; entries carry their own.
#define SD_JOURNAL_SUPPRESS_LOCATION 1
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
