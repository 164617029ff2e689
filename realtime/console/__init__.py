"""The console: the instrument in a browser, served by a process of its own.

It sees and turns what the desk has, through a link to the engine (`realtime/link.py`), and does
everything heavy itself or in processes below it. Nothing of it is imported where music is played.
"""
