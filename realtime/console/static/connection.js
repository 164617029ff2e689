// Says at once when this page no longer hears of the instrument, and lets it find back by itself.
//
// NiceGUI notices a connection that is closed; one that hangs (a frozen console, a phone out of
// reach) it would notice many seconds later. A page with a feed hears thirty times a second.
const QUIET_MS = 1500;
const LOOK_MS = 500;
const SOONEST_MS = 250;
const LATEST_MS = 1000;

let heardMs = Infinity;
let isStale = false;

const popup = () => document.getElementById("popup");
const isAway = () => Boolean(document.querySelector(".ch-away:not(.hidden)"));

function show(isLost) {
  isStale = isLost;
  popup().ariaHidden = String(!isLost && Boolean(window.socket?.connected));
}

function look() {
  if (!document.hidden && !isStale && performance.now() - heardMs > QUIET_MS && !isAway()) show(true);
}

window.addEventListener("chanterelle-live", () => {
  heardMs = performance.now();
  if (isStale) show(false);
});

// A page that nobody sees is told nothing in time; once it is seen again, it is.
document.addEventListener("visibilitychange", () => {
  if (heardMs !== Infinity) heardMs = performance.now();
});

// A server that is new does not know this page: then NiceGUI loads it again. One that does not
// answer in time is asked again; to load the page then would leave the browser's own error page.
function findBack(socket) {
  socket.io.reconnectionDelay(SOONEST_MS);
  socket.io.reconnectionDelayMax(LATEST_MS);
  socket.off("connect_error");
  socket.on("connect_error", (error) => {
    if (error.message === "Implicit handshake failed") window.location.reload();
    else seeIfForgotten();
  });
}

// A device that the laptop has forgotten is asked for the code again.
let isAsking = false;
function seeIfForgotten() {
  if (isAsking) return;
  isAsking = true;
  fetch("/assets/console.css", { method: "HEAD", cache: "no-store" })
    .then((answer) => answer.status === 403 && window.location.reload(), () => {})
    .finally(() => (isAsking = false));
}

function begin() {
  if (!window.socket) {
    setTimeout(begin, 50);
    return;
  }
  findBack(window.socket);
  popup().setAttribute("role", "alert");
  const [first, second] = popup().querySelectorAll("span");
  first.textContent = "Connection lost: this page shows what was.";
  second.textContent = "The sound does not depend on it. Trying again…";
  setInterval(look, LOOK_MS);
}

begin();
