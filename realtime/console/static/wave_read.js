// What the rendering process has measured, and what it says at one moment, in words.
const NOTES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
export const VOICED = 0.5;

const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

const known = new Map();

// Everything at this address, as arrays.
export async function picturesAt(address) {
  if (known.has(address)) return known.get(address);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`answer ${answer.status}`);
  const told = await answer.json();
  const read = { curves: {} };
  for (const [name, value] of Object.entries(told)) {
    const bytes = bytesOf(value.data);
    if (name === "peaks") read.peaks = { ...value, data: new Int8Array(bytes.buffer) };
    else if (name === "spectrogram") read.spectrogram = { ...value, data: bytes };
    else read.curves[name] = { ...value, data: new Float32Array(bytes.buffer) };
  }
  known.set(address, read);
  if (known.size > 6) known.delete(known.keys().next().value);
  return read;
}

export const midiOf = (hz) => 69 + 12 * Math.log2(hz / 440);
export const hzOf = (midi) => 440 * 2 ** ((midi - 69) / 12);

export const nameOf = (midi) => {
  const note = Math.round(midi);
  return `${NOTES[((note % 12) + 12) % 12]}${Math.floor(note / 12) - 1}`;
};

// "A4 +12 ct"
export function noteOf(hz) {
  const midi = midiOf(hz);
  const cents = Math.round(100 * (midi - Math.round(midi)));
  const sign = cents < 0 ? "−" : "+";
  return cents ? `${nameOf(midi)} ${sign}${Math.abs(cents)} ct` : nameOf(midi);
}

export function clock(seconds, digits = 1) {
  const minutes = Math.floor(seconds / 60 + 1e-9);
  const rest = Math.max(seconds - 60 * minutes, 0).toFixed(digits);
  return `${minutes}:${rest.padStart(digits ? 3 + digits : 2, "0")}`;
}

export const decibels = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(0)} dB`;
const hertz = (hz) => (hz < 100 ? hz.toFixed(1) : hz.toFixed(0));

// Value of a curve at a time; null outside of it.
export function at(curve, time) {
  if (!curve) return null;
  const n = Math.round((time - curve.start_s) / curve.step_s);
  return n >= 0 && n < curve.data.length ? curve.data[n] : null;
}

export function levelAt(spectrogram, time, hz) {
  const { columns, rows, start_s, step_s, low_hz, high_hz, bottom_db, step_db } = spectrogram;
  const column = Math.floor((time - start_s) / step_s);
  const row = Math.floor((rows * Math.log(hz / low_hz)) / Math.log(high_hz / low_hz));
  if (column < 0 || column >= columns || row < 0 || row >= rows) return null;
  return bottom_db + step_db * spectrogram.data[row * columns + column];
}

// All that is known of a moment.
export function wordsAt(time, curves, isNote) {
  const words = [clock(time, 2)];
  const sung = at(curves.f0_hz, time);
  const sure = at(curves.confidence, time);
  if (sung > 0 && sure >= VOICED) words.push(`sung ${noteOf(sung)}, ${hertz(sung)} Hz`);
  else words.push("no clear pitch");
  const played = at(curves.played_f0_hz, time);
  if (played > 0 && at(curves.gate, time) > 0.5) {
    words.push(`played ${noteOf(played)}, ${hertz(played)} Hz`);
  }
  if (sure !== null) words.push(`sure ${Math.round(100 * Math.min(sure, 1))} %`);
  const levels = [["loudness_db", "sung"], ["told_db", "told"], ["level", "result"]]
    .map(([name, word]) => [word, at(curves[name], time)])
    .filter(([, value]) => value !== null)
    .map(([word, value]) => `${word} ${decibels(value)}`);
  if (levels.length) words.push(levels.join(", "));
  if (isNote !== null) words.push(isNote ? "a note" : "between notes");
  return words.join(" · ");
}
