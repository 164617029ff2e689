// The studio's player and its lanes: one position, one time axis, original against result.
import { timeOf, xOf } from "/assets/wave_lanes.js";
import { WavePlayer } from "/assets/wave_player.js";
import { at, clock, picturesAt, wordsAt } from "/assets/wave_read.js";
import { GUTTER, curvesOf, lanesOf, maskOf } from "/assets/studio_lanes.js";

const LEAST_SPAN_S = 0.05;
const RIGHT = 8;
const TYPING = "input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select";
const OWN_KEYS = { " ": "button, summary, a, [type=radio], [type=checkbox]", arrow: "[type=radio], [type=range]" };

export default {
  template: `
    <section class="st-view" aria-label="Listen and compare">
      <div class="st-transport">
        <button type="button" class="st-play" :disabled="!isReady" @click="toggle"
            :aria-label="isPlaying ? 'Pause' : 'Play'" title="Space">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path :d="isPlaying ? 'M6 4h4v16H6zM14 4h4v16h-4z' : 'M7 4l13 8-13 8z'"/></svg>
        </button>
        <fieldset class="st-ab">
          <legend class="st-hidden">What is heard</legend>
          <label v-for="[track, words] in [['a', 'Original'], ['b', 'Result']]" :key="track" :class="{ on: heard === track }">
            <input type="radio" name="st-heard" :value="track" v-model="heard" :disabled="track === 'b' && !shownResult">{{ words }}
          </label>
        </fieldset>
        <label class="st-check" title="The louder one is turned down">
          <input type="checkbox" v-model="isMatched"> Equally loud</label>
        <span class="st-time" :data-duration="duration" :data-time="now">{{ timeWords }}</span>
        <span class="st-zoom" role="group" aria-label="Zoom">
          <button type="button" aria-label="Zoom out" title="−" @click="zoom(2)">−</button>
          <button type="button" aria-label="Zoom in" title="+" @click="zoom(0.5)">+</button>
          <button type="button" aria-label="Show all" title="0" @click="showAll">All</button>
        </span>
      </div>
      <input type="range" class="st-seek" min="0" :max="duration || 1" step="any" :value="now"
          :disabled="!isReady" aria-label="Position" :aria-valuetext="timeWords"
          @input="seek(+$event.target.value)" @keydown.stop="onKey">
      <p class="st-reading" aria-live="off">{{ reading || hint }}</p>
      <div class="st-lanes" ref="lanes" @pointermove="hover" @pointerleave="leave" @click="clicked" @wheel="wheel">
        <figure v-for="lane in lanes" :key="lane.key" class="st-lane" :data-lane="lane.key">
          <figcaption v-if="lane.title"><b>{{ lane.title }}</b>
            <span v-for="[ink, words] in lane.legend" :key="words" :class="['st-key', ink]">{{ words }}</span>
            <span v-if="lane.note" class="st-note">{{ lane.note }}</span></figcaption>
          <canvas role="img" :aria-label="lane.words || 'Time axis'" :style="{ height: lane.height + 'px' }"></canvas>
        </figure>
        <div v-show="isReady && isSeen(now)" class="st-head" :style="{ left: place(now) }"></div>
        <div v-show="cursor !== null" class="st-cursor" :style="{ left: place(cursor) }"></div>
      </div>
      <p v-if="problem" role="alert" class="st-problem">{{ problem }}</p>
    </section>`,
  props: { original: Object, result: Object, threshold: Number },
  data: () => ({
    isPlaying: false, heard: "a", isMatched: true, isReady: false, duration: 0, now: 0, cursor: null,
    lanes: [], reading: "", problem: "", view: { from: 0, to: 1 }, width: 0, shownResult: null,
    hint: "Space plays · arrows seek · X switches · + and − zoom",
  }),
  computed: {
    timeWords() { return `${clock(this.now)} / ${clock(this.duration)}`; },
  },
  watch: {
    heard(track) { this.player.hear(track); },
    isMatched() { this.match(); },
    original() { this.load(); },
    result() { this.load(); },
    threshold() { this.build(); },
  },
  created() {
    this.player = new WavePlayer(); // not watched: it changes by itself
    this.shown = {};
  },
  mounted() {
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.$refs.lanes);
    window.addEventListener("keydown", this.onKey);
    this.load();
  },
  beforeUnmount() {
    this.resizing.disconnect();
    window.removeEventListener("keydown", this.onKey);
    cancelAnimationFrame(this.ticking);
    this.player.close();
  },
  methods: {
    async load() {
      const { original, result } = this;
      if (!original || original.key === this.shown.key && this.shown.result === (result && result.key)) return;
      const isNew = original.key !== this.shown.key;
      const isNewResult = result && result.key !== this.shown.result;
      this.shown = { key: original.key, result: result && result.key };
      const mine = this.shown;
      try {
        const [a, b] = await Promise.all([original, result].map(async (told) => told && {
          ...told, pictures: await picturesAt(told.pictures),
        }));
        if (mine !== this.shown) return;
        Object.assign(this.shown, { a, b });
        if (isNew) { this.player.pause(); this.player.seek(0); this.view = { from: 0, to: a.facts.duration_s }; }
        this.build();
        await Promise.all([this.player.load("a", original.sound), this.player.load("b", result ? result.sound : null)]);
        if (mine !== this.shown) return;
        Object.assign(this, { isReady: true, duration: this.player.duration, problem: "", shownResult: b });
        if (!b) this.heard = "a";
        else if (isNewResult) this.heard = "b";
        this.match();
        this.tick();
      } catch (error) {
        if (mine === this.shown) this.problem = `It could not be fetched (${error.message}). Reload the page.`;
      }
    },
    build() {
      const { a, b } = this.shown;
      if (!a) return;
      this.shown.mask = maskOf(a, b, this.threshold ?? null);
      this.shown.lanes = lanesOf(a, b, this.shown.mask);
      this.lanes = this.shown.lanes.map(({ draw, read, ...rest }) => rest);
      this.$nextTick(this.draw);
    },
    draw() {
      const all = this.shown.lanes || [];
      this.width = this.$refs.lanes ? this.$refs.lanes.clientWidth : 0;
      for (const lane of all) {
        const canvas = this.$refs.lanes.querySelector(`[data-lane="${lane.key}"] canvas`);
        if (!canvas || !this.width) continue;
        const scale = window.devicePixelRatio || 1;
        canvas.width = Math.round(this.width * scale);
        canvas.height = Math.round(lane.height * scale);
        const ctx = canvas.getContext("2d");
        ctx.scale(scale, scale);
        lane.draw(ctx, this.box(lane.height), this.view);
      }
    },
    box(h = 0) { return { x: GUTTER, y: 0, w: Math.max(this.width - GUTTER - RIGHT, 1), h }; },
    place(time) { return `${xOf(time ?? 0, this.view, this.box())}px`; },
    isSeen(time) { return time >= this.view.from && time <= this.view.to; },
    tick() {
      cancelAnimationFrame(this.ticking);
      if (this.player.isOver) { this.player.pause(); this.player.seek(0); }
      this.now = this.player.time;
      this.isPlaying = this.player.isPlaying;
      if (this.isPlaying && this.now > this.view.to) this.show(this.now, this.now + this.view.to - this.view.from);
      if (this.cursor === null) this.read(this.now);
      if (this.isPlaying) this.ticking = requestAnimationFrame(this.tick);
    },
    async toggle() {
      if (this.player.isPlaying) this.player.pause();
      else await this.player.play();
      this.tick();
    },
    seek(time) { this.player.seek(time); this.tick(); },
    match() {
      const { a, b } = this.shown;
      const over = this.isMatched && b ? b.facts.level_db - a.facts.level_db : 0;
      this.player.setLevels(10 ** (Math.min(over, 0) / 20), 10 ** (Math.min(-over, 0) / 20));
    },
    show(from, to) {
      const span = Math.min(Math.max(to - from, LEAST_SPAN_S), this.duration);
      const start = Math.min(Math.max(from, 0), this.duration - span);
      this.view = { from: start, to: start + span };
      this.draw();
    },
    showAll() { this.show(0, this.duration); },
    zoom(factor, around = this.isSeen(this.now) ? this.now : (this.view.from + this.view.to) / 2) {
      const { from, to } = this.view;
      this.show(around - (around - from) * factor, around + (to - around) * factor);
    },
    timeAt(event) {
      const left = this.$refs.lanes.getBoundingClientRect().left;
      return Math.min(Math.max(timeOf(event.clientX - left, this.view, this.box()), 0), this.duration);
    },
    hover(event) {
      if (!this.isReady) return;
      this.cursor = this.timeAt(event);
      const figure = event.target.closest("figure");
      const lane = figure && this.shown.lanes.find((one) => one.key === figure.dataset.lane);
      const y = figure ? event.clientY - figure.querySelector("canvas").getBoundingClientRect().top : 0;
      this.read(this.cursor, lane && lane.read ? lane.read(this.cursor, y, this.box(lane.height)) : "");
    },
    leave() { this.cursor = null; this.read(this.now); },
    read(time, more = "") {
      const { a, b, mask } = this.shown;
      if (!a) return;
      const value = mask ? at(mask.curve, time) : null;
      const words = wordsAt(time, curvesOf(a, b), value === null ? null : mask.isIn(value));
      this.reading = more ? `${words} · ${more}` : words;
    },
    clicked(event) { if (this.isReady) this.seek(this.timeAt(event)); },
    wheel(event) {
      if (!this.isReady || !(event.ctrlKey || event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) return;
      event.preventDefault();
      const span = this.view.to - this.view.from;
      if (event.ctrlKey) this.zoom(2 ** (event.deltaY / 200), this.timeAt(event));
      else {
        const by = ((event.deltaX || event.deltaY) / this.box().w) * span;
        this.show(this.view.from + by, this.view.to + by);
      }
    },
    onKey(event) {
      const here = event.target;
      if (!this.isReady || event.ctrlKey || event.metaKey || event.altKey || here.matches?.(TYPING)) return;
      const isArrow = event.key.startsWith("Arrow");
      const isSeek = here.classList?.contains("st-seek");
      if (!isSeek && here.matches?.(OWN_KEYS[isArrow ? "arrow" : event.key] || "nothing")) return;
      const step = event.shiftKey ? 0.1 : 1;
      const does = {
        " ": this.toggle,
        ArrowLeft: () => this.seek(this.now - step),
        ArrowRight: () => this.seek(this.now + step),
        Home: () => this.seek(0),
        x: () => { if (this.shownResult) this.heard = this.heard === "a" ? "b" : "a"; },
        "+": () => this.zoom(0.5),
        "-": () => this.zoom(2),
        0: this.showAll,
      }[event.key];
      if (!does) return;
      event.preventDefault();
      does();
    },
  },
};
