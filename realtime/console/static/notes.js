// Which note a frequency is; as ddsp_core/units.py: note_name.
const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

/** MIDI number, with fractions; A4 is 69. NaN where nothing sounds. */
export const midiOf = (hz, a4Hz) => (hz > 1 ? 69 + 12 * Math.log2(hz / a4Hz) : NaN);

/** Of a whole MIDI number: 69 is ["A", "", 4]. */
export function nameParts(number) {
  const name = NAMES[((number % 12) + 12) % 12];
  return [name[0], name.slice(1), Math.floor(number / 12) - 1];
}

export const noteName = (number) => nameParts(number).join("");

/** As it is spoken: "A sharp 4, 12 cents low". */
export function spoken(number, cents) {
  const [letter, sharp, octave] = nameParts(number);
  const rounded = Math.round(cents);
  const off = rounded ? `${Math.abs(rounded)} cents ${rounded > 0 ? "high" : "low"}` : "in tune";
  return `${letter}${sharp ? " sharp" : ""} ${octave}, ${off}`;
}
