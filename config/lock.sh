#!/usr/bin/env bash
# Writes config/locks/{runtime,try,dev}.txt from pyproject.toml: every package that pip may take, with
# its hashes, for Python 3.11 to 3.13 on Linux (x86-64, aarch64) and macOS (arm64). Run by `make lock`.
# (`make lock` gets uv and calls this.) What is locked already stays as it is; `config/lock.sh --upgrade` looks for newer releases of what
# pyproject.toml does not name.
#
# torch is kept apart in config/locks/torch.txt (see there), and with it go the GPU packages that
# PyPI's build of torch asks for and a CPU build does not.
set -euo pipefail
cd "$(dirname "$0")/.."

uv=(${UV:-uv})
"${uv[@]}" --version | grep -q '^uv 0\.13\.9\b' || { echo "needs uv 0.13.9 (pip install uv==0.13.9)" >&2; exit 1; }
gpu=$(mktemp)
trap 'rm -f "$gpu"' EXIT
# Named by torch 2.13.0's metadata under 'sys_platform == "linux"'
printf '%s\n' cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cudnn-cu13 nvidia-cusparselt-cu13 \
  nvidia-nccl-cu13 nvidia-nvshmem-cu13 triton >"$gpu"

compile() { # compile NAME ARGS... : config/locks/NAME.txt
  local name=$1
  shift
  # No index or path of this machine may get in: the default index alone, its address not written.
  env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
    "${uv[@]}" pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
    --only-binary :all: --excludes "$gpu" --no-emit-package torch --no-annotate \
    --custom-compile-command 'make lock' --output-file "config/locks/$name.txt" "$@"
}
mkdir -p config/locks
compile dev --all-extras "$@"
compile try --extra try --constraint config/locks/dev.txt
compile runtime --constraint config/locks/dev.txt
if grep -nE '(https?|file)://|^(nvidia|cuda|triton|torch)\b' config/locks/{dev,try,runtime}.txt; then
  echo "an address or a GPU package got into the locks" >&2
  exit 1
fi
