// The waveform of a version, and times as people write and say them.

const COLOURS = { sung: "--ch-sung", played: "--ch-played", again: "--ch-good", other: "--ch-text" };

const decoded = new WeakMap(); // by lane

const peaksOf = (lane) => {
  if (!decoded.has(lane)) {
    const bytes = Uint8Array.from(atob(lane.peaks), (c) => c.charCodeAt(0));
    decoded.set(lane, new Int8Array(bytes.buffer));
  }
  return decoded.get(lane);
};

// Its own moments lie below each other in all lanes: what is late is drawn earlier.
export function drawWave(canvas, lane, length_s, isHeard) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  if (!lane.peaks || !width) return;
  const peaks = peaksOf(lane), n = peaks.length / 2;
  const style = getComputedStyle(canvas);
  context.fillStyle = style.getPropertyValue(COLOURS[lane.kind] || COLOURS.other);
  context.globalAlpha = isHeard ? 1 : 0.45;
  const middle = height / 2;
  const scaled = (value) => Math.sign(value) * Math.sqrt(Math.abs(value) / 127) * (middle - 1);
  for (let x = 0; x < width; x += 1) {
    const from_s = (x / width) * length_s + lane.behind_s;
    const first = Math.floor((from_s / lane.duration_s) * n);
    const last = Math.max(first + 1, Math.floor(((from_s + length_s / width) / lane.duration_s) * n));
    if (first >= n) break;
    let low = 0, high = 0;
    for (let i = first; i < last && i < n; i += 1) {
      low = Math.min(low, peaks[2 * i]);
      high = Math.max(high, peaks[2 * i + 1]);
    }
    const top = middle - scaled(high), bottom = middle - scaled(low);
    context.fillRect(x, top, 1, Math.max(bottom - top, ratio));
  }
}

export const clock = (seconds) => {
  const tenths = Math.round(10 * seconds), minutes = Math.floor(tenths / 600);
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
};

export const clockWords = (seconds) => {
  const minutes = Math.floor(seconds / 60), rest = (seconds % 60).toFixed(1);
  return minutes ? `${minutes} minutes ${rest} seconds` : `${rest} seconds`;
};
