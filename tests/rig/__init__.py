"""The tests' sound card: a real JACK server under the real program, no hardware.

server.py       starts and ends jackd with its dummy driver
transport.c/py  the microphone and the speaker: JACK clients outside Python's lock
program.py      the program under test
jack_rig.py     the three together
clicks.py       click trains, and how late they come back
passthrough.py  a program that plays what it hears
"""
