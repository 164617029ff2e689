// Hands each live frame to whoever listens on this page. The names are those of link_live.LiveFrame.
const NAMES = [
  "time_s", "input_peak_db", "output_peak_db", "f0_hz", "confidence", "loudness_db", "played_hz",
  "load", "recording_s", "is_singing",
];

const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export default {
  template: '<div hidden></div>',
  methods: {
    push(numbers, harmonics, bands) {
      const frame = Object.fromEntries(NAMES.map((name, i) => [name, numbers[i]]));
      frame.is_singing = frame.is_singing > 0.5;
      frame.harmonics = bytesOf(harmonics);
      frame.bands = bytesOf(bands);
      window.dispatchEvent(new CustomEvent("chanterelle-live", { detail: frame }));
    },
  },
};
