#!/usr/bin/env bash
# Plays through the sound card; where there is none, a sung clip through the virtual card.
set -euo pipefail
cd "$(dirname "$0")/.."

clip=${CLIP:-tests/clips/nit_song070_004.flac}
preset=${PRESET:-violin}
output=out/$preset.wav

has_sound_card() {
  .venv/bin/chanterelle devices --json | .venv/bin/python -c '
import json, sys
devices = json.loads(sys.stdin.read() or "{}").get("devices", [])
found = all(any(device[n] for device in devices) for n in ("n_inputs", "n_outputs"))
sys.exit(not found)'
}

if has_sound_card; then
  exec .venv/bin/chanterelle play --preset "$preset" "$@"
fi
mkdir -p out
echo "no sound card with a microphone and a speaker: $clip sings, $output listens"
.venv/bin/chanterelle play --preset "$preset" \
  --input "file:$clip" --output "file:$output" "$@"
echo "the $preset is in $PWD/$output"
