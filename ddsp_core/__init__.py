"""The instrument: features, decoder, synthesizers, room. No sound card, MIDI, recordings or YAML."""
