// Which lanes the studio shows, from what is known of the recording and of the rendering.
import {
  colour, drawLevels, drawPitch, drawSpectrogram, drawTimes, drawWave, hzAt, imageOf, pitchRange, shade,
} from "/assets/wave_lanes.js";
import { clock, decibels, levelAt, nameOf, midiOf, noteOf } from "/assets/wave_read.js";

export const GUTTER = 50; // at the left, for the axes
const NOTE_INK = "#55c98a22";

const hz = (value) => `${Math.round(value)} Hz`;
const mean = (value) => (value ? `${noteOf(value)}, ${hz(value)}` : "none");

// Original and result as { pictures, facts, title }; result may be null.
export function lanesOf(original, result, mask) {
  // One scale for both, so that it is seen which one is louder.
  const highest = ({ pictures }) => pictures.peaks.data.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
  const loudest = 1.05 * Math.max(highest(original), result ? highest(result) : 0);
  const lanes = [wave("wave-a", "Original", original, "sung", loudest)];
  if (result) lanes.push(wave("wave-b", "Result", result, "played", loudest));
  lanes.push(spectra("spectrum-a", "Original", original));
  if (result) lanes.push(spectra("spectrum-b", "Result", result));
  const curves = curvesOf(original, result);
  const facts = result ? result.facts : original.facts;
  lanes.push(pitch(curves, facts, mask), loudness(curves, mask), confidence(curves, mask));
  lanes.push({
    key: "time", title: "", legend: [], height: 22, words: "",
    draw: (ctx, box, view) => drawTimes(ctx, box, view, clock),
  });
  return lanes;
}

export function curvesOf(original, result) {
  if (result) return result.pictures.curves;
  const { level, ...rest } = original.pictures.curves; // the result's loudness, there
  return rest;
}

// What says where notes are: as rendered, or as it would be with the ratio that is chosen now.
export function maskOf(original, result, threshold) {
  if (result && result.threshold === threshold) {
    return threshold === null ? null : { curve: result.pictures.curves.mask, isIn: (v) => v > 0.5 };
  }
  if (threshold === null) return null;
  return { curve: original.pictures.curves.ratio, isIn: (v) => v >= threshold };
}

function wave(key, title, { pictures, facts }, ink, loudest) {
  const peaks = { peaks: pictures.peaks, rate: facts.sample_rate, loudest };
  return {
    key, title, height: 54, legend: [],
    words: `${title}: waveform, ${clock(facts.duration_s)}, ${facts.level_db.toFixed(0)} dB on average`,
    draw: (ctx, box, view) => drawWave(ctx, box, peaks, view, colour(ink)),
  };
}

function spectra(key, title, { pictures }) {
  const { spectrogram } = pictures;
  pictures.image = pictures.image || imageOf(spectrogram);
  return {
    key, title: `${title}: spectrogram`, height: 112, legend: [],
    words: `${title}: spectrogram from 60 Hz to 16 kHz`,
    draw: (ctx, box, view) => drawSpectrogram(ctx, box, pictures, view),
    read: (time, y, box) => {
      const at = hzAt(y, box, spectrogram);
      const level = levelAt(spectrogram, time, at);
      return level === null ? "" : `at ${hz(at)} (${nameOf(midiOf(at))}): ${decibels(level)}`;
    },
  };
}

function shaded(mask, draw) {
  return (ctx, box, view) => {
    if (mask) shade(ctx, box, mask.curve, view, mask.isIn, NOTE_INK);
    draw(ctx, box, view);
  };
}

function pitch(curves, facts, mask) {
  const range = pitchRange(curves, facts);
  const legend = [["sung", "sung"]];
  if (curves.played_f0_hz) legend.push(["played", "played"], ["mean", `voice's mean ${mean(facts.trained_hz)}`]);
  const means = [`singer's mean ${mean(facts.sung_hz)}`];
  if (facts.played_hz) means.push(`played ${mean(facts.played_hz)}`, `voice was trained around ${mean(facts.trained_hz)}`);
  return {
    key: "pitch", title: "Pitch", height: 132, legend,
    note: `mean sung ${mean(facts.sung_hz)}${facts.played_hz ? `, played ${mean(facts.played_hz)}` : ""}`,
    words: `Pitch: ${means.join("; ")}`,
    draw: shaded(mask, (ctx, box, view) => drawPitch(ctx, box, { curves, facts, range }, view)),
  };
}

function loudness(curves, mask) {
  const lines = [{ curve: curves.loudness_db, ink: "sung", width: 1.5 }];
  const legend = [["sung", "as sung"]];
  if (curves.told_db) {
    lines.push({ curve: curves.told_db, ink: "text", width: 1 }, { curve: curves.level, ink: "played", width: 1.5 });
    legend.push(["text", "as the voice was told"], ["played", "of the result"]);
  }
  if (mask) legend.push(["note", "notes"]);
  const highest = (curve) => (curve ? curve.data.reduce((a, b) => Math.max(a, b), -120) : -120);
  const ticks = [-100, -80, -60, -40, -20, 0];
  const top = Math.ceil((Math.max(...lines.map((line) => highest(line.curve))) + 3) / 5) * 5;
  return {
    key: "loudness", title: "Loudness (dB, A-weighted)", height: 104, legend,
    words: "Loudness of what was sung, of what the voice was told, and of the result",
    draw: shaded(mask, (ctx, box, view) => drawLevels(ctx, box, { lines, bottom: top - 75, top, ticks }, view)),
  };
}

function confidence(curves, mask) {
  const lines = [{ curve: curves.confidence, ink: "quiet", width: 1.2 }];
  return {
    key: "confidence", title: "Confidence of the pitch", height: 46, legend: [],
    words: "How sure the pitch is, from 0 to 1",
    draw: shaded(mask, (ctx, box, view) => drawLevels(ctx, box, { lines, bottom: -0.15, top: 1.2, ticks: [0, 1] }, view)),
  };
}
