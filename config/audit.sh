#!/usr/bin/env bash
# Looks over what Quoth is made of: its Dockerfile, the licences of all packages, their bill of materials
# (sbom.cdx.json), and what is known against them. Run by `make audit`, as: config/audit.sh VENV
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1
tools=$venv/audit/bin
parts=$(mktemp)
trap 'rm -f "$parts"' EXIT

echo "Dockerfile"
"$tools/hadolint" --config .hadolint.yaml Dockerfile

# Permissive ones, and those that ask only for their own sources to stay open: nothing that Quoth's own licence,
# or that of what is built on it, would have to follow. atheris names no licence in its metadata; it is Apache-2.0.
echo "Licences"
# NVIDIA's libraries come with torch's CUDA build alone, under NVIDIA's own terms: said, and no reason to stop.
nvidia=$(grep -oE '^(nvidia|cuda)-[a-z0-9-]+' config/locks/torch-cuda.txt)
# shellcheck disable=SC2086 # names, to be split
"$tools/pip-licenses" --python "$venv/bin/python" --from=mixed --partial-match --ignore-packages atheris quoth $nvidia \
  --allow-only="MIT;BSD;Apache;ISC;PSF;Python Software Foundation;MPL;Mozilla Public License;LGPL;HPND;Zlib;Unlicense" \
  >/dev/null
if "$venv/bin/python" -m pip show --quiet $nvidia 2>/dev/null; then
  echo "  torch's CUDA build is installed here, and with it NVIDIA's libraries, which are under NVIDIA's own terms."
fi

echo "Bill of materials: sbom.cdx.json"
cat config/locks/runtime.txt config/locks/torch.txt >"$parts"
"$tools/cyclonedx-py" requirements "$parts" --pyproject pyproject.toml --output-reproducible --output-format JSON \
  --output-file sbom.cdx.json 2>/dev/null

echo "Known vulnerabilities"
# Every package of the lock is asked about by name and version; where the service does not answer, none is known.
for lock in try audit; do
  "$tools/pip-audit" --requirement "config/locks/$lock.txt" --require-hashes --disable-pip --progress-spinner off \
    --timeout 10 --format json >"$parts" 2>/dev/null || [ -s "$parts" ] || echo '{"dependencies": []}' >"$parts"
  "$venv/bin/python" - "$lock" "$parts" <<'P'
import json
import sys

found = json.load(open(sys.argv[2], encoding="utf-8"))["dependencies"]
asked = [package for package in found if "skip_reason" not in package]
bad = [package for package in asked if package["vulns"]]
for package in bad:
    print(f"  {package['name']} {package['version']}: {', '.join(v['id'] for v in package['vulns'])}")
if not asked:
    print(f"  {sys.argv[1]}: the service that knows them cannot be reached from here; nothing was looked up.")
else:
    print(f"  {sys.argv[1]}: {len(asked)} packages of {len(found)} were looked up, {len(bad)} have some.")
sys.exit(bool(bad))
P
done
