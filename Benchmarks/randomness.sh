#!/usr/bin/env bash
# Dieharder's tests of the raw stream; prints each assessment and fails if one of them says FAILED.
#
# usage: randomness.sh [TEST...]    numbers of dieharder -l; by default those that need no more than some gigabytes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tests=("${@:-}")
[[ -n "${tests[0]}" ]] || tests=(0 1 2 3 8 10 15 16 17 100 101)
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
clang -O2 -march=x86-64-v3 -ISources/Kernels/include Benchmarks/raw_stream.c -o "$folder/raw_stream"
for test in "${tests[@]}"; do
    # The stream ends when its reader does.
    ("$folder/raw_stream" 2>/dev/null || true) | dieharder -g 200 -d "$test" | grep -E 'PASSED|WEAK|FAILED' | tee -a "$folder/results"
done
! grep -q FAILED "$folder/results"
