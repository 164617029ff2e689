"""Who looks after a plug-in's process: sees that it died or hangs, and starts it anew, once.

A thread of its own, as starting takes from tenths of a second to a minute.
"""

import threading
from collections.abc import Callable, Mapping

from realtime.effects.plugin_link import PluginError, PluginLink, PluginWish

LOOK_EVERY_S = 0.1
CLOSE_LIMIT_S = 0.5


class PluginKeeper:
    """Keeps a process going.

    Args:
        wish: what runs there.
        link: to the first process, which has begun.
        latency_samples: of the plug-in; another one would not do.
        values: how the parameters stand, by their place.
        offer: is given the link to ask from now on; None: there is none.
    """

    def __init__(
        self,
        wish: PluginWish,
        link: PluginLink,
        latency_samples: int,
        values: Callable[[], Mapping[int, float]],
        offer: Callable[[PluginLink | None], None],
    ) -> None:
        self.problem = ""
        self._wish, self._latency_samples = wish, latency_samples
        self._values, self._offer = values, offer
        self._links = [link]
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="plug-in", daemon=True)
        self._thread.start()

    @property
    def process_id(self) -> int:
        """Of the process that was started last."""
        return self._links[-1].process_id

    def close(self) -> None:
        """Ends the processes; nobody may ask any more."""
        self._is_over.set()
        self._thread.join(CLOSE_LIMIT_S)  # it may be loading: then it closes what it has loaded
        for link in self._links:
            link.close()

    def _watch(self) -> None:
        if not (what := self._wait_for_end()):
            return
        self.problem = f"{what}; it is being started again, the sound goes on without it"
        try:
            link = PluginLink(self._wish)
            self._check(link)
        except PluginError as failure:
            self.problem = f"{what}, and {failure} when started again: left out"
            return
        if self._is_over.is_set():
            link.close()
            return
        self._links.append(link)
        self._offer(link)
        self.problem = f"{what} and was started again"
        if what := self._wait_for_end():
            self.problem = f"{what} a second time: left out"

    def _wait_for_end(self) -> str:
        """What happened to the process; nothing if it is needed no more."""
        link = self._links[-1]
        what = ""
        while not what:
            has_ended = link.has_ended(LOOK_EVERY_S)
            if self._is_over.is_set():
                return ""
            what = "crashed" if has_ended else "did not answer" if link.is_hung else ""
        self._offer(None)
        link.end()
        return what

    def _check(self, link: PluginLink) -> None:
        before = self._links[0].facts
        is_same = link.begin(self._values()) == self._latency_samples
        if not is_same or link.facts.n_outputs != before.n_outputs:
            link.close()
            raise PluginError("was another one")
