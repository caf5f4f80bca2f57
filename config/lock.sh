#!/usr/bin/env bash
# Writes config/locks/{runtime,try,dev,torch-cuda}.txt from pyproject.toml, and audit.txt from config/audit.in: every package that pip may
# take, with its hashes, for Python 3.11 to 3.13 on Linux (x86-64, aarch64) and macOS (arm64). Run by
# `make lock`, which gets uv. What is locked already stays as it is; `config/lock.sh --upgrade` looks
# for newer releases of what pyproject.toml does not name.
#
# torch is apart: its CPU build is in config/locks/torch.txt (see there). The package index's own build
# is in torch-cuda.txt, with the GPU packages that it asks for and the CPU build does not.
set -euo pipefail
cd "$(dirname "$0")/.."

read -ra uv <<<"${UV:-uv}"
"${uv[@]}" --version | grep -q '^uv 0\.13\.9\b' || { echo "needs uv 0.13.9 (pip install uv==0.13.9)" >&2; exit 1; }
gpu=$(mktemp)
trap 'rm -f "$gpu"' EXIT
# Named by torch 2.13.0's metadata under 'sys_platform == "linux"'
printf '%s\n' cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cudnn-cu13 nvidia-cusparselt-cu13 \
  nvidia-nccl-cu13 nvidia-nvshmem-cu13 triton >"$gpu"

compile() { # compile NAME INPUT ARGS... : config/locks/NAME.txt
  local name=$1 input=$2
  shift 2
  # No index or path of this machine may get in: the default index alone, its address not written.
  env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
    "${uv[@]}" pip compile "$input" --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
    --only-binary :all: --no-annotate --custom-compile-command 'make lock' \
    --output-file "config/locks/$name.txt" "$@"
}
mkdir -p config/locks
no_torch=(--excludes "$gpu" --no-emit-package torch)
compile dev pyproject.toml "${no_torch[@]}" --all-extras "$@"
compile try pyproject.toml "${no_torch[@]}" --extra try --extra postgres --constraint config/locks/dev.txt
compile runtime pyproject.toml "${no_torch[@]}" --extra postgres --constraint config/locks/dev.txt
compile audit config/audit.in "$@"
if grep -nE '(https?|file)://|^(nvidia|cuda|triton|torch)\b' config/locks/{audit,dev,try,runtime}.txt; then
  echo "an address or a GPU package got into the locks" >&2
  exit 1
fi

# Only what the other locks leave out: the rest is in them.
mapfile -t others < <(sed -nE 's/^([a-z0-9.-]+)==.*/--no-emit-package=\1/p' config/locks/runtime.txt)
torch=$(sed -nE 's/^ +"(torch==[0-9.]+)",.*/\1/p' pyproject.toml)
echo "$torch ; sys_platform == 'linux'" |
  compile torch-cuda - --constraint config/locks/runtime.txt "${others[@]}" "$@"
if grep -nE '(https?|file)://' config/locks/torch-cuda.txt || ! grep -q "^$torch+cpu " config/locks/torch.txt; then
  echo "torch.txt is not of $torch (kept by hand), or an address got into torch-cuda.txt" >&2
  exit 1
fi
