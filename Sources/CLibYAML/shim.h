// libyaml's event interface. Events, unlike a composed tree, carry the exact place of every key, show duplicate keys, and let depth and
// alias expansion be bounded before anything is built.
#include <yaml.h>
