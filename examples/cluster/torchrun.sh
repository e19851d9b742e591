#!/usr/bin/env bash
# One run after the other, each on all ranks together, which torchrun starts. To be called on each of NODES machines:
# examples/cluster/torchrun.sh CONFIG OUT
#   NODES, NODE (0 … NODES − 1), RANKS a machine, HOST and PORT of the first machine
set -euo pipefail
config=$1 out=$2
exec torchrun --no-python --nnodes "${NODES:-1}" --node-rank "${NODE:-0}" --nproc-per-node "${RANKS:-2}" \
  --master-addr "${HOST:-127.0.0.1}" --master-port "${PORT:-29500}" \
  "${RETORT:-./retort}" compare "$config" --out "$out" --resume
