"""Playing: the streaming engine, sound cards, MIDI, presets, recording and the command line."""
