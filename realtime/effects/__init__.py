"""Effects before and after the voice: our own, and hosted plug-ins behind the same protocol."""
