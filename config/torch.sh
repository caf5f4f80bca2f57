#!/bin/sh
# config/torch.sh PIP [OPTION...]: installs torch with the pip command PIP ("python -m pip") and pip
# install's OPTIONs. `make` and the image's build both run this.
#   TORCH=cpu   (default) the CPU build, from config/wheels/ or from TORCH_INDEX. On a Linux machine
#               that has neither, the package index's build instead, which runs on a processor, too.
#   TORCH=cuda  the package index's build, with the CUDA libraries that a GPU needs
# shellcheck disable=SC2086 # PIP and OPTIONs are words, to be split
set -eu
cd "$(dirname "$0")/.."
pip="$1 --disable-pip-version-check"
shift
options=$*
locks=config/locks
index=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

install() { # install OPTION...
  $pip -qq install $options --require-hashes --only-binary :all: --no-deps --find-links config/wheels "$@" 2>"$errors"
}

stop() { # stop SENTENCE: with pip's own words before it
  cat "$errors" >&2
  echo "$1" >&2
  exit 1
}

cpu() { # cpu OPTION...: succeeds if the CPU build is in; a wheel that is not the locked one ends it all
  install "$@" -r $locks/torch.txt && return 0
  ! grep -q 'DO NOT MATCH THE HASHES' "$errors" || stop "A file of torch is not the one that $locks/torch.txt names."
  return 1
}

reachable() { # is the CPU build there, for this Python and processor? Known in 8 s.
  build=$(sed -n 's/^torch==\([^ ]*+cpu\) .*/\1/p' $locks/torch.txt)
  timeout 8 $pip index versions torch --extra-index-url "$index" --retries 1 --timeout 4 2>/dev/null |
    grep -qF "$build"
}

cuda() {
  [ "$(uname -s)" = Linux ] || stop "torch has a CUDA build for Linux alone."
  # 2.13.0+cpu would pass for 2.13.0, and stay.
  ! $pip show torch 2>/dev/null | grep -q '^Version:.*+cpu$' || $pip -qq uninstall --yes torch
  install -r $locks/torch-cuda.txt || stop "torch could not be installed from pip's package index."
}

case ${TORCH:=cpu} in
  cuda)
    echo "Installing torch (the CUDA build, 3 GB)"
    cuda
    ;;
  cpu)
    echo "Installing torch (the CPU build, 190 MB)"
    if cpu --no-index; then
      :
    elif [ "$(uname -s)" != Linux ]; then # elsewhere the package index's own build is the CPU build
      cpu || stop "torch could not be installed from pip's package index."
    elif ! { reachable && cpu --extra-index-url "$index" --retries 3; }; then
      echo "The CPU build of torch cannot be reached; taking the package index's build (3 GB) instead"
      cuda
    fi
    ;;
  *) stop "TORCH is cpu or cuda, not '$TORCH'." ;;
esac
