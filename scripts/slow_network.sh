#!/usr/bin/env bash
# Trains with two ranks over a network with delay and loss: two network namespaces joined by a pair of virtual Ethernet
# devices, each with `tc netem`. The student must be, byte for byte, that of two ranks on the same
# machine without delay. Needs root and iproute2; touches no device but its own.
#
#   scripts/slow_network.sh ./retort [DELAY] [LOSS]      (unless given: 50ms 1%)
set -euo pipefail
retort=${1:-./retort} delay=${2:-50ms} loss=${3:-1%}
folder=$(mktemp -d)
names="retort-$$-a retort-$$-b"
trap 'for name in $names; do ip netns delete "$name" 2>/dev/null || true; done; rm -rf "$folder"' EXIT
# shellcheck disable=SC2086
set -- $names
cat >"$folder/training.yaml" <<YAML
data: cifar10-mini
network: resnet8
test: false
training: {epochs: 1, batchSize: 500, learningRate: 0.1, precision: fp32}
YAML
ip netns add "$1"
ip netns add "$2"
ip -n "$1" link add veth0 type veth peer name veth0 netns "$2"
number=1
for name in "$1" "$2"; do
  ip -n "$name" address add "10.0.0.$number/24" dev veth0
  ip -n "$name" link set veth0 up
  ip -n "$name" link set lo up
  number=$((number + 1))
done

# In which folder, with the two namespaces.
train() {
  local pids=() rank=0 out=$1 name
  for name in $names; do
    RANK=$rank LOCAL_RANK=0 WORLD_SIZE=2 MASTER_ADDR=10.0.0.1 MASTER_PORT=29500 GLOO_SOCKET_IFNAME=veth0 \
      OMP_NUM_THREADS=1 ip netns exec "$name" "$retort" train "$folder/training.yaml" --out "$out" >"$out-$rank.log" 2>&1 &
    pids+=($!)
    rank=$((rank + 1))
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || { cat "$out"-*.log; exit 1; }
  done
}

began=$(date +%s.%N)
train "$folder/near"
middle=$(date +%s.%N)
for name in $names; do
  tc -n "$name" qdisc add dev veth0 root netem delay "$delay" loss "$loss"
done
train "$folder/far"
ended=$(date +%s.%N)
student=runs/resnet8-cross-entropy-seed1/student.safetensors
cmp "$folder/near/$student" "$folder/far/$student"
awk -v a="$began" -v b="$middle" -v c="$ended" -v d="$delay" -v l="$loss" \
  'BEGIN { printf "the same student, byte for byte; %.1f s without delay, %.1f s with %s and %s loss\n", b - a, c - b, d, l }'
