// What the desk's canvases share: sharp pixels, the page's colours, one picture a frame at most.

/** The canvas's context in CSS pixels, its size, or null where it is not seen. */
export function fitted(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return null;
  const scale = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Values of the page's colour variables, by the names behind `--ch-`. */
export function colours(element, names) {
  const style = getComputedStyle(element);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--ch-${name}`).trim()]));
}

/** Calls `hear` with each live frame and `draw` before the next picture; until the result is called. */
export function listen(hear, draw) {
  let asked = 0;
  const again = () => {
    if (!asked) asked = requestAnimationFrame(() => ((asked = 0), draw()));
  };
  const onLive = (event) => (hear(event.detail), again());
  window.addEventListener("chanterelle-live", onLive);
  window.addEventListener("resize", again);
  again();
  return () => {
    window.removeEventListener("chanterelle-live", onLive);
    window.removeEventListener("resize", again);
    cancelAnimationFrame(asked);
  };
}
