// Draws one lane each: onto a context whose units are CSS pixels, into a box {x, y, w, h}.
import { VOICED, at, hzOf, midiOf, nameOf } from "/assets/wave_read.js";

const RANGE_DB = 80;
const TICKS_HZ = [100, 200, 500, 1000, 2000, 5000, 10000];
// From the page's ground over the accent to white: dark to bright, also without seeing colours.
const STOPS = [[14, 16, 20], [44, 30, 72], [120, 40, 96], [214, 84, 60], [240, 169, 59], [255, 246, 214]];

export const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--ch-${name}`).trim();

export const xOf = (time, view, box) => box.x + (box.w * (time - view.from)) / (view.to - view.from);
export const timeOf = (x, view, box) => view.from + ((x - box.x) / box.w) * (view.to - view.from);

const PALETTE = Array.from({ length: 256 }, (_, i) => {
  const place = (i / 255) * (STOPS.length - 1);
  const low = Math.min(Math.floor(place), STOPS.length - 2);
  return STOPS[low].map((c, k) => Math.round(c + (place - low) * (STOPS[low + 1][k] - c)));
});

export function drawWave(ctx, box, { peaks, rate, loudest }, view, ink) {
  const n = peaks.data.length / 2;
  const perS = rate / peaks.samples;
  const middle = box.y + box.h / 2;
  ctx.fillStyle = colour("line");
  ctx.fillRect(box.x, middle, box.w, 1);
  ctx.fillStyle = ink;
  for (let x = 0; x < box.w; x += 1) {
    const first = Math.floor(timeOf(box.x + x, view, box) * perS);
    const last = Math.max(Math.floor(timeOf(box.x + x + 1, view, box) * perS), first + 1);
    let low = 127, high = -127;
    for (let i = Math.max(first, 0); i < Math.min(last, n); i += 1) {
      low = Math.min(low, peaks.data[2 * i]);
      high = Math.max(high, peaks.data[2 * i + 1]);
    }
    if (low > high) continue;
    const top = middle - (high / loudest) * (box.h / 2);
    ctx.fillRect(box.x + x, top, 1, Math.max(((high - low) / loudest) * (box.h / 2), 1));
  }
}

// The whole picture once, a pixel a value; drawing is then a matter of scaling.
export function imageOf(spectrogram) {
  const { columns, rows, data, bottom_db, step_db } = spectrogram;
  const canvas = new OffscreenCanvas(columns, rows);
  const ctx = canvas.getContext("2d");
  const image = ctx.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const top = data.reduce((a, b) => Math.max(a, b), 0);
  const inks = new Uint32Array(256).map((_, level) => {
    const share = 1 - ((top - level) * step_db) / RANGE_DB;
    const [r, g, b] = PALETTE[Math.round(255 * Math.min(Math.max(share, 0), 1))];
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });
  for (let row = 0; row < rows; row += 1) {
    const from = (rows - 1 - row) * columns;
    for (let i = 0; i < columns; i += 1) pixels[row * columns + i] = inks[data[from + i]];
  }
  ctx.putImageData(image, 0, 0);
  return { canvas, loudest_db: bottom_db + top * step_db };
}

export function drawSpectrogram(ctx, box, { spectrogram, image }, view) {
  const { columns, rows, start_s, step_s, low_hz, high_hz } = spectrogram;
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.w, box.h);
  ctx.clip();
  const left = xOf(start_s, view, box);
  const right = xOf(start_s + columns * step_s, view, box);
  ctx.drawImage(image.canvas, 0, 0, columns, rows, left, box.y, right - left, box.h);
  ctx.restore();
  const span = Math.log(high_hz / low_hz);
  for (const hz of TICKS_HZ) {
    label(ctx, box, box.y + box.h * (1 - Math.log(hz / low_hz) / span), hz < 1000 ? hz : `${hz / 1000} k`);
  }
}

export const hzAt = (y, box, { low_hz, high_hz }) =>
  low_hz * (high_hz / low_hz) ** (1 - (y - box.y) / box.h);

function label(ctx, box, y, words, line = false) {
  if (line) {
    ctx.fillStyle = colour("line");
    ctx.fillRect(box.x, y, box.w, 1);
  }
  ctx.fillStyle = colour("quiet");
  ctx.font = `11px ${colour("font")}`;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  ctx.fillText(words, box.x - 6, Math.min(Math.max(y, box.y + 6), box.y + box.h - 5));
}

// Calls `draw(x, y)` along a curve; `isThere(n, time)` says which frames count.
function trace(ctx, box, curve, view, ink, yOf, isThere = () => true, width = 1.5) {
  const { data, start_s, step_s } = curve;
  const first = Math.max(Math.floor((view.from - start_s) / step_s), 0);
  const last = Math.min(Math.ceil((view.to - start_s) / step_s) + 1, data.length);
  const every = Math.max(1, Math.floor((last - first) / (2 * box.w)));
  ctx.strokeStyle = ink;
  ctx.lineWidth = width;
  ctx.lineJoin = "round";
  ctx.beginPath();
  let before = null;
  for (let n = first; n < last; n += every) {
    const time = start_s + n * step_s;
    if (!isThere(data[n], time)) {
      before = null;
      continue;
    }
    const [x, y] = [xOf(time, view, box), yOf(data[n])];
    if (before === null || Math.abs(y - before) > box.h / 3) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
    before = y;
  }
  ctx.stroke();
}

export function shade(ctx, box, curve, view, isIn, ink) {
  const { data, start_s, step_s } = curve;
  ctx.fillStyle = ink;
  let begun = null;
  for (let n = 0; n <= data.length; n += 1) {
    const inside = n < data.length && isIn(data[n]);
    if (inside && begun === null) begun = n;
    if (!inside && begun !== null) {
      const left = Math.max(xOf(start_s + (begun - 0.5) * step_s, view, box), box.x);
      const right = Math.min(xOf(start_s + (n - 0.5) * step_s, view, box), box.x + box.w);
      if (right > left) ctx.fillRect(left, box.y, right - left, box.h);
      begun = null;
    }
  }
}

// Lowest and highest note that the lane shows.
export function pitchRange(curves, facts) {
  const notes = [];
  const take = (curve, isThere) => curve && curve.data.forEach((hz, n) => {
    if (hz > 0 && isThere(curve.start_s + n * curve.step_s)) notes.push(midiOf(hz));
  });
  take(curves.f0_hz, (time) => at(curves.confidence, time) >= VOICED);
  take(curves.played_f0_hz, (time) => at(curves.gate, time) > 0.5 && at(curves.confidence, time) >= VOICED);
  notes.sort((a, b) => a - b);
  const share = (part) => notes[Math.floor(part * (notes.length - 1))];
  const ends = notes.length ? [share(0.02), share(0.98)] : [57, 69];
  for (const hz of [facts.sung_hz, facts.played_hz, facts.trained_hz]) if (hz) ends.push(midiOf(hz));
  return { low: Math.min(...ends) - 3, high: Math.max(...ends) + 3 };
}

export function drawPitch(ctx, box, { curves, facts, range }, view) {
  const yOf = (hz) => box.y + box.h * (1 - (midiOf(hz) - range.low) / (range.high - range.low));
  const step = [1, 2, 3, 4, 6, 12].find((n) => (n * box.h) / (range.high - range.low) >= 17) || 12;
  for (let note = Math.ceil(range.low / step) * step; note < range.high; note += step) {
    label(ctx, box, yOf(hzOf(note)), nameOf(note), true);
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.w, box.h);
  ctx.clip();
  const sure = (time) => at(curves.confidence, time) >= VOICED;
  trace(ctx, box, curves.f0_hz, view, `${colour("sung")}55`, yOf, (hz, time) => hz > 0 && !sure(time), 1);
  trace(ctx, box, curves.f0_hz, view, colour("sung"), yOf, (hz, time) => hz > 0 && sure(time), curves.played_f0_hz ? 5 : 2);
  if (curves.played_f0_hz) { // thinner, so that both are seen where they are the same
    const sounds = (hz, time) => hz > 0 && at(curves.gate, time) > 0.5;
    trace(ctx, box, curves.played_f0_hz, view, colour("played"), yOf, sounds, 2);
  }
  ctx.setLineDash([6, 4]);
  ctx.lineWidth = 1;
  for (const [hz, ink] of [[facts.sung_hz, "sung"], [facts.played_hz, "played"], [facts.trained_hz, "text"]]) {
    if (!hz) continue;
    ctx.strokeStyle = colour(ink);
    ctx.beginPath();
    ctx.moveTo(box.x, yOf(hz));
    ctx.lineTo(box.x + box.w, yOf(hz));
    ctx.stroke();
  }
  ctx.restore();
}

export function drawLevels(ctx, box, { lines, bottom, top, ticks }, view) {
  const yOf = (value) => box.y + box.h * (1 - (Math.max(value, bottom) - bottom) / (top - bottom));
  for (const level of ticks) {
    if (level >= bottom && level <= top) label(ctx, box, yOf(level), `${level}`.replace("-", "−"), true);
  }
  for (const { curve, ink, width } of lines) if (curve) trace(ctx, box, curve, view, colour(ink), yOf, () => true, width);
}

export function drawTimes(ctx, box, view, words) {
  const wanted = ((view.to - view.from) * 80) / box.w;
  const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120];
  const step = steps.find((s) => s >= wanted) || 120;
  ctx.font = `11px ${colour("font")}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (let n = Math.ceil(view.from / step); n * step <= view.to; n += 1) {
    const x = xOf(n * step, view, box);
    ctx.fillStyle = colour("line");
    ctx.fillRect(x, box.y, 1, 5);
    ctx.fillStyle = colour("quiet");
    const isLast = x > box.x + box.w - 16;
    ctx.fillText(words(n * step, step < 0.1 ? 2 : step < 1 ? 1 : 0), isLast ? x - 10 : x, box.y + 7);
  }
}
