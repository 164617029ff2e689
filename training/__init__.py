"""From recordings to a voice: preparing, training and measuring."""
