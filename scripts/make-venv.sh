#!/usr/bin/env bash
# Makes .venv with Python 3.11 or newer, and installs that where it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

find_python() {
  local name
  for name in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3; do
    # Debian keeps ensurepip, without which no environment has pip, in a package of its own.
    if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
    then
      echo "$name"
      return
    fi
  done
  return 1
}

if .venv/bin/python -m pip --version >/dev/null 2>&1; then
  exit 0
fi
if ! find_python >/dev/null; then
  case $(uname) in
    Darwin) scripts/install-system-packages.sh python@3.11 ;;
    *) scripts/install-system-packages.sh python3 python3-venv ;;
  esac
fi
if ! python=$(find_python); then
  echo "error: no Python 3.11 or newer with venv: install one, or name it: make PYTHON=/path/to/it" >&2
  exit 1
fi
echo "making .venv with $("$python" --version)"
"$python" -m venv --clear .venv
