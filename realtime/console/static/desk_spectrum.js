// What the voice is made of now: its harmonics as bars, its noise as an area behind them.
import { colours, fitted, listen } from "desk_canvas";

const [LOW_HZ, LOW_DB, HIGH_DB] = [60, -90, -10];
const FALL_DB = 2.5; // a frame: bars rise at once, and sink so that an eye can follow
const [LEFT, RIGHT, TOP, BOTTOM] = [30, 6, 6, 18];
const LABELS = [[100, "100"], [200, ""], [500, "500"], [1000, "1 kHz"], [2000, ""], [5000, "5 kHz"],
  [10000, "10 kHz"]];

const decibels = (step) => step / 2 - 100;

export default {
  props: { nyquist: Number },
  mounted() {
    this.colours = colours(this.$el, ["line", "quiet", "played", "sung"]);
    this.f0Hz = 0;
    this.bars = [];
    this.bands = [];
    this.stop = listen((frame) => this.hear(frame), () => this.draw());
  },
  beforeUnmount() {
    this.stop();
  },
  methods: {
    hear(frame) {
      if (frame.played_hz > 0) this.f0Hz = frame.played_hz;
      const isPlayed = frame.played_hz > 0;
      this.bars = this.sunk(this.bars, isPlayed ? frame.harmonics : [], frame.harmonics.length);
      this.bands = this.sunk(this.bands, frame.bands, frame.bands.length);
    },
    sunk(before, levels, n) {
      return Array.from({ length: n }, (_, i) => {
        const level = i < levels.length ? decibels(levels[i]) : -100;
        return Math.max(level, (before[i] ?? -100) - FALL_DB);
      });
    },
    draw() {
      const sheet = fitted(this.$refs.canvas);
      if (!sheet) return;
      const { context, width, height } = sheet;
      const [w, h] = [width - LEFT - RIGHT, height - TOP - BOTTOM];
      const x = (hz) => LEFT + (w * Math.log(hz / LOW_HZ)) / Math.log(this.nyquist / LOW_HZ);
      const y = (db) => TOP + (h * (HIGH_DB - Math.max(db, LOW_DB))) / (HIGH_DB - LOW_DB);
      this.drawGrid(context, x, y, width);
      this.drawBands(context, x, y);
      this.drawBars(context, x, y);
    },
    drawGrid(context, x, y, width) {
      context.font = "10px system-ui, sans-serif";
      context.fillStyle = this.colours.quiet;
      context.strokeStyle = this.colours.line;
      context.lineWidth = 1;
      context.textAlign = "right";
      context.textBaseline = "middle";
      context.fillText("dB", LEFT - 5, TOP + 5);
      context.globalAlpha = 0.5;
      context.beginPath();
      for (let db = -80; db <= -20; db += 20) {
        context.moveTo(LEFT, y(db));
        context.lineTo(width - RIGHT, y(db));
      }
      for (const [hz] of LABELS) {
        context.moveTo(x(hz), TOP);
        context.lineTo(x(hz), y(LOW_DB));
      }
      context.stroke();
      context.globalAlpha = 1;
      for (let db = -80; db <= -20; db += 20) context.fillText(`\u2212${-db}`, LEFT - 5, y(db));
      context.textAlign = "center";
      context.textBaseline = "alphabetic";
      for (const [hz, word] of LABELS) context.fillText(word, x(hz), y(LOW_DB) + 13);
    },
    drawBands(context, x, y) {
      const n = this.bands.length;
      if (n < 2) return;
      context.beginPath();
      context.moveTo(x(LOW_HZ), y(LOW_DB));
      context.lineTo(x(LOW_HZ), y(this.bands[0]));
      for (let i = 1; i < n; i += 1) context.lineTo(x((i * this.nyquist) / (n - 1)), y(this.bands[i]));
      context.lineTo(x(this.nyquist), y(LOW_DB));
      context.closePath();
      context.fillStyle = context.strokeStyle = this.colours.sung;
      context.globalAlpha = 0.22;
      context.fill();
      context.globalAlpha = 0.7;
      context.stroke();
      context.globalAlpha = 1;
    },
    drawBars(context, x, y) {
      if (!this.f0Hz) return;
      context.fillStyle = this.colours.played;
      for (let i = 0; i < this.bars.length; i += 1) {
        const hz = (i + 1) * this.f0Hz;
        if (hz >= this.nyquist) break;
        if (this.bars[i] <= LOW_DB) continue;
        const gap = x(hz + this.f0Hz) - x(hz);
        const wide = Math.min(Math.max(gap * 0.55, 1), 9);
        context.fillRect(x(hz) - wide / 2, y(this.bars[i]), wide, y(LOW_DB) - y(this.bars[i]));
      }
    },
  },
  template: `<div class="desk-spectrum">
    <canvas ref="canvas" role="img" aria-label="Harmonics and noise of the voice, live, in dB over frequency"></canvas>
  </div>`,
};
