// A level from -60 dBFS to 0: a bar, the loudest of late, and a light for what was too much.
import { colour, liveCanvas, onLive, seldom } from "/assets/live_canvas.js";

const FLOOR_DB = -60;
const WARM_DB = -12;
const HOT_DB = -3;
const MARKS_DB = [-48, -36, -24, -12, -6, -3];

export default {
  // hold: hold_s, fall_db_per_s, mark_s, as in live_view_held.py
  props: { field: String, title: String, word: String, limit: Number, hold: Object },
  template: `
    <div class="meter">
      <span class="meter-name" aria-hidden="true">{{ title }}</span>
      <div ref="bar" class="meter-bar" role="meter" :aria-label="title + ' level'"
        aria-valuemin="-60" aria-valuemax="0" aria-valuenow="-60" aria-valuetext="silence">
        <canvas ref="canvas"></canvas>
      </div>
      <span ref="figure" class="meter-figure" aria-hidden="true">–</span>
      <button ref="light" class="meter-light" type="button" disabled @click="clear">
        {{ word }}</button>
    </div>`,
  mounted() {
    this.holdMs = 1000 * this.hold.hold_s;
    this.markMs = 1000 * this.hold.mark_s;
    this.fallDbPerMs = this.hold.fall_db_per_s / 1000;
    this.levelDb = this.peakDb = -Infinity;
    this.peakMs = this.overMs = -Infinity;
    this.colours = ["good", "warn", "bad", "line", "text", "ground"].map(colour);
    this.view = liveCanvas(this.$refs.canvas, this.draw);
    this.tellSlowly = seldom(2, this.tell);
    this.stopHearing = onLive(this.hear);
  },
  unmounted() {
    this.stopHearing();
    this.view.stop();
  },
  methods: {
    hear(frame) {
      const level = frame[this.field];
      const nowMs = performance.now();
      if (level >= this.peakDb) {
        [this.peakDb, this.peakMs] = [level, nowMs];
      } else if (nowMs - this.peakMs > this.holdMs) {
        const fallen = this.peakDb - this.fallDbPerMs * (nowMs - this.heardMs);
        this.peakDb = Math.max(level, fallen);
      }
      [this.levelDb, this.heardMs] = [level, nowMs];
      this.light(level, nowMs);
      this.view.ask();
      this.tellSlowly();
    },
    // Bright for some seconds, and then a frame that stays until it has been seen and pressed.
    light(level, nowMs) {
      if (level >= this.limit) this.overMs = nowMs;
      const isBright = nowMs - this.overMs < this.markMs;
      if (isBright === this.isBright) return;
      this.isBright = isBright;
      const { light } = this.$refs;
      light.classList.toggle("is-lit", isBright);
      if (!isBright) return;
      light.classList.add("was-lit");
      light.disabled = false;
    },
    clear() {
      const { light } = this.$refs;
      this.overMs = -Infinity;
      this.isBright = false;
      light.classList.remove("is-lit", "was-lit");
      light.disabled = true;
    },
    tell() {
      const { bar, figure } = this.$refs;
      const level = Math.round(Math.max(this.levelDb, FLOOR_DB));
      const isSilent = this.levelDb <= FLOOR_DB;
      bar.setAttribute("aria-valuenow", String(Math.min(level, 0)));
      bar.setAttribute("aria-valuetext", isSilent ? "silence" : `${level} dB`);
      figure.textContent = this.peakDb <= FLOOR_DB ? "–" : `${Math.round(this.peakDb)} dB`;
    },
    draw(context, width, height) {
      const [good, warn, bad, line, text, ground] = this.colours;
      const place = (db) => Math.min(Math.max(1 - db / FLOOR_DB, 0), 1) * width;
      context.fillStyle = line;
      context.fillRect(0, 0, width, height);
      const zones = [[FLOOR_DB, WARM_DB, good], [WARM_DB, HOT_DB, warn], [HOT_DB, 6, bad]];
      for (const [from, to, fill] of zones) {
        const end = Math.min(place(to), place(this.levelDb));
        context.fillStyle = fill;
        if (end > place(from)) context.fillRect(place(from), 0, end - place(from), height);
      }
      context.fillStyle = ground;
      for (const mark of MARKS_DB) context.fillRect(place(mark), 0, 1.5, height);
      if (this.peakDb > FLOOR_DB) {
        context.fillStyle = text;
        context.fillRect(Math.min(place(this.peakDb), width - 4), 0, 4, height);
      }
    },
  },
};
