// Where a knob stands for a value, and what is said of it: pure arithmetic over a row of the table.

const SHORT_UNITS = { octaves: "oct", semitones: "st", "dB an octave": "dB/oct" };
const NOTES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

const clip = (x, low, high) => Math.min(Math.max(x, low), high);

/** 0...1 of the knob's way. */
export function travelOf(control, value) {
  const { minimum, maximum, curve } = control;
  const inside = clip(value, minimum, maximum);
  if (curve === "log") return Math.log(inside / minimum) / Math.log(maximum / minimum);
  return (inside - minimum) / (maximum - minimum);
}

/** The value there, rounded to what is shown. */
export function valueOf(control, travel) {
  const { minimum, maximum, curve } = control;
  const t = clip(travel, 0, 1);
  if (curve === "log") return tidy(control, minimum * (maximum / minimum) ** t);
  return tidy(control, minimum + t * (maximum - minimum));
}

export function tidy(control, value) {
  const { minimum, maximum, step } = control;
  const rounded = step ? Math.round(value / step) * step : Number(digits(control, value));
  return clip(rounded, minimum, maximum);
}

/** Of one press of an arrow: 1, 2 or 5 of some power of ten, about a fiftieth of the way. */
export function pressOf(control) {
  if (control.step) return control.step;
  const about = (control.maximum - control.minimum) / 50;
  const power = 10 ** Math.floor(Math.log10(about));
  return power * ([5, 2].find((n) => n * power <= about * 1.001) ?? 1);
}

/** The value so many presses further. */
export function pressed(control, value, nPresses, isFine) {
  if (control.curve === "log") {
    return valueOf(control, travelOf(control, value) + (nPresses * (isFine ? 0.1 : 1)) / 50);
  }
  const press = pressOf(control) * (isFine && !control.step ? 0.1 : 1);
  return tidy(control, Math.round(value / press + nPresses) * press);
}

function digits(control, value) {
  if (control.step) return String(Number(value.toPrecision(6)));
  if (control.curve === "log") return String(Number(value.toPrecision(3)));
  const span = control.maximum - control.minimum;
  return value.toFixed(span >= 20 ? 1 : span >= 1 ? 2 : 3);
}

/** C4 for 60. */
export const noteName = (midi) =>
  `${NOTES[((midi % 12) + 12) % 12]}${Math.floor(midi / 12) - 1}`;

/** The number alone, as a person would type it. */
export const typed = (control, value) =>
  control.choices.length ? wordOf(control, value) : String(Number(digits(control, value)));

const wordOf = (control, value) => control.choices[Math.round(value - control.minimum)] ?? "";

/** The value for the eye, with its unit. */
export function shown(control, value, unit = SHORT_UNITS[control.unit] ?? control.unit) {
  if (control.choices.length) return wordOf(control, value);
  if (control.is_note) return value ? noteName(Math.round(value)) : "off";
  const isSigned = control.minimum < 0 && control.maximum > 0;
  const text = digits(control, value).replace(/^-(0(\.0*)?)$/, "$1");
  const sign = isSigned && Number(text) > 0 ? "+" : "";
  return `${sign}${text.replace("-", "\u2212")}${unit ? ` ${unit}` : ""}`;
}

/** The value for the ear. */
export const spoken = (control, value) =>
  shown(control, value, control.unit).replace("\u2212", "minus ");
