"""What a playing process does without.

numba loads scipy's linear algebra where it finds scipy, for matrix products that no kernel of ours
uses: 16 MB of memory, and a quarter of a second of every start. Other parts of a machine's Python
need scipy; an instrument does not.
"""

import sys
from collections.abc import Sequence

NOT_NEEDED = ("scipy",)


def leave_out(names: Sequence[str] = NOT_NEEDED) -> None:
    """From now on these modules count as not installed, unless they are loaded already.

    None in `sys.modules` makes an import fail by the language's own rules. Only for a process that
    is ours as a whole, before anything heavy is imported.
    """
    for name in names:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
