"""The instrument: features, decoder, synthesizers, room. No sound card, MIDI, files or YAML."""
