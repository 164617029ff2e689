"""Letters three lines high, for what must be read from two metres away.

A dot of a letter is half a character high: two make a character, which fits terminals of any font.
"""

import unicodedata

N_LINES = 3
COLUMNS = 4
"""Of a letter, with the gap after it."""

LETTERS = {
    "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644",
    "G": "34553", "H": "55755", "I": "72227", "J": "11152", "K": "55655", "L": "44447",
    "M": "57755", "N": "65555", "O": "25552", "P": "65644", "Q": "25563", "R": "65655",
    "S": "34216", "T": "72222", "U": "55557", "V": "55552", "W": "55775", "X": "55255",
    "Y": "55222", "Z": "71247", "0": "75557", "1": "26227", "2": "61247", "3": "61216",
    "4": "55711", "5": "74616", "6": "34652", "7": "71122", "8": "25252", "9": "25316",
    "#": "57575", "-": "00700", "+": "02720", "'": "22000", ".": "00002", ",": "00024",
    ":": "02020", "/": "11244", "!": "22202", "&": "25356", "(": "24442", ")": "21112",
    " ": "00000",
}  # fmt: skip
"""Five rows of three dots; each row an octal digit."""

BLOCKS = " ▄▀█"
"""By the dot above (2) and the one below (1)."""


def big(text: str) -> list[str] | None:
    """Three lines, or None if a letter of it is not known.

    >>> print("\\n".join(big("A4")))
     ▄  ▄ ▄
    █▄█ █▄█
    █ █   █
    """
    plain = unicodedata.normalize("NFKD", text.upper())
    letters = [letter for letter in plain if not unicodedata.combining(letter)]
    if not letters or any(letter not in LETTERS for letter in letters):
        return None
    rows = [0, 1, 2, 3, 4, 5]
    dots = [[int(digit) for digit in "0" + LETTERS[letter]] for letter in letters]
    return [
        " ".join(_line(letter[row], letter[row + 1]) for letter in dots).rstrip()
        for row in rows[::2]
    ]


def _line(above: int, below: int) -> str:
    return "".join(BLOCKS[2 * (above >> bit & 1) + (below >> bit & 1)] for bit in (2, 1, 0))
