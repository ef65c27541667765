#!/bin/bash
# submit.sh CONFIG SHARDS [sbatch option...]: sends an array of shards, and a commit that starts when all of them are done; prints both job ids.
set -euo pipefail

if (($# < 2)) || ! [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || (($2 > 10000)); then
    echo "usage: submit.sh CONFIG SHARDS [sbatch option...], SHARDS from 1 to 10000" >&2
    exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
FLEETSYNTH_CONFIG=$(realpath "$1")
shards=$2
shift 2
# One day for all, however long the queue is.
FLEETSYNTH_TODAY=${FLEETSYNTH_TODAY:-$(date -u +%F)}
export FLEETSYNTH_CONFIG FLEETSYNTH_TODAY
# For the commit only: in the array the count is the array's own.
unset FLEETSYNTH_SHARDS

array=$(sbatch --parsable --array="0-$((shards - 1))" "$@" "$here/shard.sbatch")
# A shard that fails for good ends the commit, too, which would otherwise wait for ever.
commit=$(FLEETSYNTH_SHARDS=$shards sbatch --parsable --kill-on-invalid-dep=yes --dependency="afterok:$array" "$@" "$here/commit.sbatch")
echo "$array $commit"
