// Expat's parser, for the XML answers of S3 services: small, in every Debian, and its events let sizes be bounded before anything is built.
#include <expat.h>
