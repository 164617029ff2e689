#!/usr/bin/env bash
# Installs the named system packages that are missing (Debian or Homebrew), or says how to.
set -euo pipefail

(($#)) || exit 0

is_installed() {
  if [[ $manager == apt ]]; then
    [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == *" installed" ]]
  else
    brew list --versions "$1" >/dev/null 2>&1
  fi
}

if command -v apt-get >/dev/null; then
  manager=apt
elif command -v brew >/dev/null; then
  manager=brew
else # they may be there, under other names
  echo "note: this needs what Debian or Homebrew call: $*" >&2
  exit 0
fi
missing=()
for package; do
  is_installed "$package" || missing+=("$package")
done
((${#missing[@]})) || exit 0

echo "installing: ${missing[*]}"
if [[ $manager == brew ]]; then
  exec brew install "${missing[@]}"
fi
# jackd2 would ask whether it may use real-time priority, and wait for ever without a terminal.
run=(env DEBIAN_FRONTEND=noninteractive)
if ((EUID)); then
  if sudo -n true 2>/dev/null; then
    run=(sudo -n "${run[@]}")
  elif command -v sudo >/dev/null && [[ -t 0 ]]; then
    echo "sudo may ask for your password"
    run=(sudo "${run[@]}")
  else
    echo "error: not installed: ${missing[*]}: this user may not install it: run as root:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
"${run[@]}" apt-get -q update || echo "warning: the package lists are not up to date" >&2
"${run[@]}" apt-get -q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}"
