// Curves of runs over their steps or hours: drawn, smoothed, read off.
import { colourOf } from "/assets/runs_colours.js";
import { frameOf, drawChart, smoothed, short } from "/assets/runs_draw.js";

export default {
  template: `
  <section class="rn-panel" aria-label="Curves">
    <div class="rn-bar">
      <label>Curve <select v-model="what"><option v-for="name in names" :key="name">{{ name }}</option>
      </select></label>
      <label>Over <select v-model="over"><option value="x">steps</option>
        <option value="t" :disabled="!hasTimes">hours</option></select></label>
      <label class="rn-check"><input type="checkbox" v-model="isLog"> logarithmic</label>
      <label class="rn-smooth">Smooth <input type="range" min="0" max="0.98" step="0.02"
        v-model.number="weight" :aria-valuetext="Math.round(100 * weight) + ' percent'"></label>
    </div>
    <canvas ref="canvas" class="rn-canvas" tabindex="0" role="img" :aria-label="spoken"
      @pointermove="point" @pointerleave="at = null" @keydown="walk" @blur="at = null"></canvas>
    <div class="rn-legend" role="group" aria-label="Shown curves">
      <button v-for="line in lines" :key="line.key" type="button" class="rn-key"
        :aria-pressed="!hidden.includes(line.key)" @click="toggle(line.key)">
        <i :style="{ background: line.colour, opacity: line.isFaint ? 0.55 : 1 }"></i>
        {{ line.label }} <b>{{ readOff(line) }}</b></button>
      <span class="rn-at">{{ at === null ? 'last values' : where }}</span>
    </div>
    <span class="ch-hidden" role="status">{{ isWalking ? spokenAt : '' }}</span>
  </section>`,
  props: { plots: { default: () => ({ loss: [] }) }, places: { default: () => [] } },
  data: () => ({
    what: "loss", over: "x", isLog: true, weight: 0, hidden: [], at: null, isWalking: false,
  }),
  computed: {
    names() { return Object.keys(this.plots); },
    chosen() { return this.plots[this.what] || this.plots.loss || []; },
    hasTimes() { return this.chosen.some((line) => line.t.length); },
    runs() { return [...new Set(Object.values(this.plots).flat().map((line) => line.run))]; },
    lines() {
      return this.chosen.map((line) => {
        const isFaint = line.name === "training";
        const begin = line.t.find((at) => at !== null) || 0;
        const xs = this.over === "t" ? line.t.map((at) => (at - begin) / 3600) : line.x;
        const ys = smoothed(line.y, this.weight);
        return {
          key: `${line.run}/${line.name}`, label: this.label(line), isFaint,
          colour: colourOf(this.places[this.runs.indexOf(line.run)] ?? 0), xs, ys,
          raw: this.weight ? line.y : null,
        };
      });
    },
    seen() { return this.lines.filter((line) => !this.hidden.includes(line.key) && line.xs.length); },
    where() {
      return this.over === "t" ? `at ${this.at.toFixed(2)} hours` : `at step ${Math.round(this.at)}`;
    },
    spoken() {
      const last = this.seen.map((line) => `${line.label} ${this.readOff(line)}`).join(", ");
      return `${this.what} over ${this.over === "t" ? "hours" : "steps"}. ${last}. Arrow keys read it off.`;
    },
    spokenAt() {
      if (this.at === null) return "";
      return `${this.where}: ` + this.seen.map((one) => `${one.label} ${this.readOff(one)}`).join(", ");
    },
  },
  watch: {
    $data: { handler() { this.soon(); }, deep: true },
    plots() {
      if (!this.names.includes(this.what)) this.what = "loss";
      if (!this.hasTimes) this.over = "x";
      this.soon();
    },
  },
  mounted() {
    this.onSize = new ResizeObserver(() => this.soon());
    this.onSize.observe(this.$refs.canvas);
  },
  unmounted() { this.onSize.disconnect(); },
  methods: {
    label(line) {
      const isAlone = this.runs.length === 1;
      const name = this.what === "loss" ? line.name : "";
      return isAlone ? name || line.name : [line.run, name].filter(Boolean).join(", ");
    },
    soon() {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => {
        if (this.$refs.canvas) drawChart(this.$refs.canvas, this.seen, this.isLog, this.at, this.over);
      });
    },
    toggle(key) {
      const rest = this.hidden.filter((other) => other !== key);
      this.hidden = rest.length < this.hidden.length ? rest : [...rest, key];
    },
    index(line) {
      if (this.at === null) return line.xs.length - 1;
      let best = 0;
      line.xs.forEach((x, i) => {
        if (Math.abs(x - this.at) < Math.abs(line.xs[best] - this.at)) best = i;
      });
      return best;
    },
    readOff(line) {
      const value = line.xs.length ? line.ys[this.index(line)] : null;
      return value === null || value === undefined ? "–" : short(value);
    },
    point(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      const frame = frameOf(this.$refs.canvas, this.seen, this.isLog);
      if (!frame) return;
      this.isWalking = false;
      this.snap(frame.xAt(event.clientX - box.left));
    },
    snap(x) {
      const all = this.seen.flatMap((line) => line.xs);
      if (all.length) this.at = all.reduce((a, b) => (Math.abs(b - x) < Math.abs(a - x) ? b : a));
    },
    walk(event) {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") this.at = null;
      if (!step) return;
      event.preventDefault();
      const all = [...new Set(this.seen.flatMap((line) => line.xs))].sort((a, b) => a - b);
      const now = this.at === null ? all.length - 1 : all.indexOf(this.at) + step;
      this.isWalking = true;
      this.at = all[Math.min(Math.max(now, 0), all.length - 1)] ?? null;
    },
  },
};
