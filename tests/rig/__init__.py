"""The tests' sound card: a real JACK server under the real program, no hardware.

server.py       starts and ends jackd with its dummy driver
transport.c/py  the microphone and the speaker
program.py      the program under test; printed.py: what it says
jack_rig.py     the three together
delay.py        click trains, and how much later they come back
passthrough.py  a program that plays what it hears
"""
