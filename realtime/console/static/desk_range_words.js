// Whether somebody plays inside what a voice has learned, and what to do if not: in words.

const CENTRES = ["1", "5", "95", "99"];
const EASE_DB = 3; // further inside than the very edge

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** -2 and 2: outside of what it learned; -1 and 1: where it learned little; 0: inside. */
const zoneOf = (value, quantiles) => {
  const [least, low, high, most] = CENTRES.map((key) => quantiles[key]);
  if (value < least) return -2;
  if (value > most) return 2;
  return value < low ? -1 : value > high ? 1 : 0;
};

export const nothingYet = () => ({
  key: "silent", head: "", advice: "Sing: the point shows where the voice is played.",
});
export const nothingKnown = () => ({
  key: "unknown", head: "", advice: "This voice does not say what it has learned.",
});

/** Points are [MIDI note, dB] of the last moments. */
export function verdictOf(voice, points) {
  const midi = middle(points.map((point) => point[0]));
  const db = middle(points.map((point) => point[1]));
  const [pitch, level] = [zoneOf(midi, voice.midi), zoneOf(db, voice.db)];
  if (Math.abs(pitch) === 2) return pitchWords(voice, midi, pitch);
  if (Math.abs(level) === 2) return levelWords(voice, db, level);
  if (pitch || level) return edgeWords(pitch, level);
  return { key: "inside", head: `Inside what the ${voice.name} learned.`, advice: "" };
}

function pitchWords(voice, midi, zone) {
  const isLow = zone < 0;
  const away = isLow ? voice.midi["5"] - midi : midi - voice.midi["95"];
  const n = Math.max(1, Math.ceil(away / 12));
  const way = isLow ? "up" : "down";
  return {
    key: isLow ? "low" : "high",
    head: isLow ? `Lower than the ${voice.name} learned.` : `Higher than the ${voice.name} learned.`,
    advice: isLow ? "Sing higher, or go up." : "Sing lower, or go down.",
    fix: {
      name: "octave_shift", by: isLow ? n : -n,
      text: n === 1 ? `One octave ${way}` : `${n} octaves ${way}`,
    },
  };
}

function levelWords(voice, db, zone) {
  const isSoft = zone < 0;
  const away = isSoft ? voice.db["5"] - db : db - voice.db["95"];
  const by = Math.max(EASE_DB, Math.round(away + EASE_DB));
  return {
    key: isSoft ? "soft" : "loud",
    head: isSoft ? `Softer than the ${voice.name} learned.` : `Louder than the ${voice.name} learned.`,
    advice: isSoft ? "Sing louder, come closer, or play it louder." : "Sing softer, or play it softer.",
    fix: { name: "loudness_shift_db", by: isSoft ? by : -by, text: `${by} dB ${isSoft ? "louder" : "softer"}` },
  };
}

function edgeWords(pitch, level) {
  const of = pitch ? (pitch < 0 ? "low" : "high") : level < 0 ? "soft" : "loud";
  const words = { low: "its lowest notes", high: "its highest notes", soft: "its softest", loud: "its loudest" };
  return { key: `edge-${of}`, head: "At the edge of what it learned:", advice: `${words[of]}.` };
}
