# What the virtual machine is told, and how the command starts: read by the launcher of a checkout and by that of a release.
# shellcheck shell=sh

case ${root:-} in
  *:*) fail "Java cannot use a path with a colon: $root" ;;
esac

# Java reads arguments and file names in the locale's encoding, which must hold any name. And the system's messages are
# English, as all others are: that a reader has left, like head, is known by its message.
[ "$(LC_ALL=C.UTF-8 locale charmap 2>/dev/null)" != UTF-8 ] || export LC_ALL=C.UTF-8

# Little memory beside the tensors, which are not in Java's heap: a sixteenth of the machine's or the container's, but from
# 768 MB to 2 GB; one collector thread; and no limits of JavaCPP's own on native memory. Java 24 and newer would warn of native libraries.
heap=768
collector=-XX:+UseSerialGC
set -f
for option in ${RETORT_JAVA_OPTIONS:-} ${JAVA_TOOL_OPTIONS:-} ${JDK_JAVA_OPTIONS:-} ${_JAVA_OPTIONS:-}; do
  case $option in
    -XX:+Use*GC) collector= ;; # two are an error
  esac
done
set +f
if read -r _ kilobytes _ </proc/meminfo; then
  for limit in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    if read -r bytes <"$limit" && [ "$bytes" != max ] && [ $((bytes / 1024)) -lt "$kilobytes" ]; then
      kilobytes=$((bytes / 1024))
    fi
  done
  heap=$((kilobytes / 1024 / 16))
  [ "$heap" -gt 768 ] || heap=768
  [ "$heap" -lt 2048 ] || heap=2048
fi 2>/dev/null
jvm="-Xmx${heap}m"' --enable-native-access=ALL-UNNAMED '"$collector"' -Xshare:auto -Djava.awt.headless=true
  -Dfile.encoding=UTF-8 -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0'
# glibc would give every large block back to the system and take it again, page by page, at each step; the
# 64 MB arenas that it gives to threads other than the first do so whatever is set, so all share the first's.
if [ -z "${GLIBC_TUNABLES:-}" ]; then
  export GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=4294967296:glibc.malloc.hugetlb=1
fi

# GNU OpenMP's waiting threads would spin for milliseconds and take the cores from those that they wait for, wherever
# anything else runs; after so many turns they sleep (docs/performance.md, "Beside other work").
if [ -z "${GOMP_SPINCOUNT:-}${OMP_WAIT_POLICY:-}" ]; then
  export GOMP_SPINCOUNT=10000
fi

# Each of these binds the thread that loads GNU OpenMP, and with it every worker and rank, to the first core.
unset OMP_PROC_BIND OMP_PLACES GOMP_CPU_AFFINITY

# The dynamic linker would take another LibTorch before ours.
if [ -n "${LD_LIBRARY_PATH:-}" ]; then
  folders=
  set -f
  IFS=:
  for folder in $LD_LIBRARY_PATH; do
    [ -e "$folder/libtorch_cpu.so" ] || folders=$folders${folders:+:}$folder
  done
  unset IFS
  set +f
  export LD_LIBRARY_PATH="$folders"
fi

# Read by CUDA's libraries where there is a GPU: cuBLAS gives the same bits each time in a workspace of fixed size,
# and NCCL's operations end with an error after their timeout.
export CUBLAS_WORKSPACE_CONFIG="${CUBLAS_WORKSPACE_CONFIG:-:4096:8}"
export TORCH_NCCL_BLOCKING_WAIT="${TORCH_NCCL_BLOCKING_WAIT:-1}"

# The Java's version, such as 17.
java_version() {
  "$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.specification\.version = //p'
}

require_java() {
  [ -n "$version" ] || fail "$java does not start: $("$java" -version 2>&1)"
  [ "${version%%.*}" -ge 17 ] 2>/dev/null || fail "$java is version $version; $needs"
}

# JavaCPP reads tensors by sun.misc.Unsafe, of which newer ones warn.
allow_unsafe() {
  [ "${version%%.*}" -lt 24 ] || jvm="$jvm --sun-misc-unsafe-memory-access=allow"
}

# Takes the command's arguments. Set before: java, its version, root, classpath; commit and archive (of loaded classes)
# where there are any.
run_retort() {
  allow_unsafe
  [ -t 1 ] && jvm="$jvm -Dretort.stdout.terminal=true"
  if [ -t 2 ]; then
    size=$(stty size <&2 2>/dev/null) || size=
    size=${size:-24 80} # rows, columns
    jvm="$jvm -Dretort.stderr.terminal=true -Dretort.rows=${size% *} -Dretort.columns=${size#* }"
  fi
  # What only prints itself is over before the optimising compiler pays.
  for argument; do
    case $argument in
      -h | --help | -V | --version) jvm="$jvm -XX:TieredStopAtLevel=1" ;;
    esac
  done
  # Java 24 and newer call it an error that their own archive of classes was made without --enable-native-access.
  # shellcheck disable=SC2086
  exec "$java" $jvm -Xlog:disable -Xlog:all=error,cds=off:stderr \
    ${archive:+-XX:SharedArchiveFile="$archive"} -Dretort.home="$root" ${commit:+-Dretort.commit="$commit"} ${RETORT_JAVA_OPTIONS:-} \
    -cp "$classpath" dev.retort.cli.Main "$@"
}
