// A canvas as sharp as the screen, drawn at most once a frame, and never while nobody sees it.

/**
 * @param canvas the element; its size is what the page's style says.
 * @param draw is called with (context, width, height) in CSS pixels.
 * @returns {{ask, stop}}: ask for a drawing; stop for good.
 */
export function liveCanvas(canvas, draw) {
  const context = canvas.getContext("2d");
  let pending = 0;
  let scale = 0;
  const paint = () => {
    pending = 0;
    if (scale !== window.devicePixelRatio) fit();
    const [width, height] = [canvas.width / scale, canvas.height / scale];
    if (width < 2 || height < 2) return;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context, width, height);
  };
  const ask = () => {
    if (!pending && !document.hidden) pending = requestAnimationFrame(paint);
  };
  const fit = () => {
    scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
  };
  const observer = new ResizeObserver(() => {
    fit();
    ask();
  });
  observer.observe(canvas);
  const stop = () => {
    observer.disconnect();
    cancelAnimationFrame(pending);
  };
  return { ask, stop };
}

/**
 * Calls back with each live frame; returns the function that ends it.
 * @param isKept whether frames of a time when nobody sees the page are wanted, too.
 */
export function onLive(callback, isKept = false) {
  const listener = (event) => {
    if (isKept || !document.hidden) callback(event.detail);
  };
  window.addEventListener("chanterelle-live", listener);
  return () => window.removeEventListener("chanterelle-live", listener);
}

/** A colour of console.css. */
export const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--ch-${name}`).trim();

/** Lets a function through so many times a second; what comes between is left out. */
export function seldom(timesASecond, callback) {
  let lastMs = -Infinity;
  return (...words) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < 1000 / timesASecond) return;
    lastMs = nowMs;
    callback(...words);
  };
}
