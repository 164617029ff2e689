// Pitch and loudness that a voice has learned, and where it is played now.
import { colours, fitted, listen } from "desk_canvas";
import { noteName } from "knob_travel";
import { nothingKnown, nothingYet, verdictOf } from "desk_range_words";

const [LEFT, RIGHT, TOP, BOTTOM] = [30, 8, 6, 18];
const TAIL = 45; // frames: a second and a half
const PATIENCE_MS = 450; // until a verdict that lasts is said
const SILENCE_MS = 1500;
const MIDDLE = ["5", "95"];

const midiOf = (hz) => 69 + 12 * Math.log2(hz / 440);

/** Loudness through the singer's map; beyond its ends with slope 1. */
export function mapped(corners, db) {
  if (!corners.length) return db;
  const first = corners[0];
  if (db <= first[0]) return first[1] + db - first[0];
  for (let m = 1; m < corners.length; m += 1) {
    const [[s0, p0], [s1, p1]] = [corners[m - 1], corners[m]];
    if (db < s1) return p0 + ((db - s0) / (s1 - s0)) * (p1 - p0);
  }
  const last = corners[corners.length - 1];
  return last[1] + db - last[0];
}

export default {
  // voice: {name, midi: {"5": ...}, db: {...}, map: [[sung, played], ...]}, without the first three
  // if nobody knows; shift: of the loudness.
  props: { voice: Object, shift: Number },
  emits: ["fix"],
  data: () => ({ verdict: nothingYet() }),
  watch: {
    voice() {
      this.points = [];
      this.verdict = this.voice.midi ? nothingYet() : nothingKnown();
    },
  },
  mounted() {
    this.colours = colours(this.$el, ["line", "quiet", "played", "good", "warn", "text"]);
    this.points = [];
    this.since = this.heardAt = -1e9;
    this.stop = listen((frame) => this.hear(frame), () => this.draw());
  },
  beforeUnmount() {
    this.stop();
  },
  methods: {
    hear(frame) {
      if (!this.voice?.midi) return;
      const now = performance.now();
      const hz = frame.played_hz || (frame.is_singing ? frame.f0_hz : 0);
      if (hz > 0 && frame.is_singing) {
        this.points.push([midiOf(hz), mapped(this.voice.map, frame.loudness_db) + this.shift]);
        this.heardAt = now;
      } else if (this.points.length) this.points.push(null);
      if (this.points.length > TAIL) this.points.shift();
      this.judge(now);
    },
    judge(now) {
      const recent = this.points.slice(-12).filter(Boolean);
      const isQuiet = now - this.heardAt > SILENCE_MS;
      if (!recent.length && !isQuiet) return;
      const found = isQuiet ? nothingYet() : verdictOf(this.voice, recent);
      if (found.key === this.verdict.key || found.key !== this.next) this.since = now;
      this.next = found.key;
      if (found.key === this.verdict.key || now - this.since >= PATIENCE_MS) this.verdict = found;
    },
    draw() {
      const sheet = fitted(this.$refs.canvas);
      if (!sheet || !this.voice?.midi) return;
      const { context, width, height } = sheet;
      const { midi, db } = this.voice;
      const [low, high] = [Math.min(midi["1"] - 8, 43), Math.max(midi["99"] + 6, 90)];
      const [soft, loud] = [Math.min(db["1"] - 6, -65), Math.max(db["99"] + 6, -8)];
      const part = (value, a, b) => Math.min(Math.max((value - a) / (b - a), 0), 1);
      const x = (note) => LEFT + (width - LEFT - RIGHT) * part(note, low, high);
      const y = (level) => TOP + (height - TOP - BOTTOM) * (1 - part(level, soft, loud));
      this.drawGrid(context, { x, y, low, high, soft, loud });
      this.drawLearned(context, x, y, ["1", "99"], 0.1);
      this.drawLearned(context, x, y, MIDDLE, 0.2);
      this.drawTail(context, x, y);
    },
    drawGrid(context, { x, y, low, high, soft, loud }) {
      context.font = "10px system-ui, sans-serif";
      context.fillStyle = this.colours.quiet;
      context.strokeStyle = this.colours.line;
      context.lineWidth = 1;
      context.textAlign = "center";
      context.textBaseline = "alphabetic";
      for (let note = Math.ceil(low / 12) * 12; note <= high; note += 12) {
        context.fillText(noteName(note), x(note), y(soft) + 13);
        this.line(context, x(note), y(soft), x(note), y(loud));
      }
      context.textAlign = "right";
      context.textBaseline = "middle";
      context.fillText("dB", LEFT - 5, TOP + 5);
      for (let level = Math.ceil(soft / 20) * 20; level <= loud; level += 20) {
        context.fillText(`\u2212${-level}`, LEFT - 5, y(level));
        this.line(context, x(low), y(level), x(high), y(level));
      }
    },
    line(context, x0, y0, x1, y1) {
      context.globalAlpha = 0.5;
      context.beginPath();
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
      context.stroke();
      context.globalAlpha = 1;
    },
    drawLearned(context, x, y, [a, b], alpha) {
      const { midi, db } = this.voice;
      context.beginPath();
      context.roundRect(x(midi[a]), y(db[b]), x(midi[b]) - x(midi[a]), y(db[a]) - y(db[b]), 8);
      context.fillStyle = context.strokeStyle = this.colours.good;
      context.globalAlpha = alpha;
      context.fill();
      context.globalAlpha = alpha * 3;
      context.stroke();
      context.globalAlpha = 1;
    },
    drawTail(context, x, y) {
      const n = this.points.length;
      context.strokeStyle = context.fillStyle = this.colours.played;
      context.lineCap = "round";
      context.lineWidth = 2.5;
      for (let i = 1; i < n; i += 1) {
        const [a, b] = [this.points[i - 1], this.points[i]];
        if (!a || !b || Math.abs(a[0] - b[0]) > 7 || Math.abs(a[1] - b[1]) > 6) continue;
        context.globalAlpha = (0.8 * i) / n;
        context.beginPath();
        context.moveTo(x(a[0]), y(a[1]));
        context.lineTo(x(b[0]), y(b[1]));
        context.stroke();
      }
      context.globalAlpha = 1;
      const now = this.points[n - 1];
      if (!now) return;
      context.beginPath();
      context.arc(x(now[0]), y(now[1]), 6, 0, 2 * Math.PI);
      context.fill();
      context.strokeStyle = this.colours.text;
      context.lineWidth = 1.5;
      context.stroke();
    },
  },
  template: `<div class="desk-range">
    <canvas ref="canvas" role="img" aria-label="Pitch and loudness that the voice has learned, and where it is played now"></canvas>
    <div class="desk-verdict">
      <p :data-verdict="verdict.key"><b>{{ verdict.head }}</b> {{ verdict.advice }}</p>
      <button v-if="verdict.fix" type="button" class="desk-fix" @click="$emit('fix', verdict.fix)">{{ verdict.fix.text }}</button>
    </div>
  </div>`,
};
