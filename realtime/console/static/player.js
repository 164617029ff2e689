// Several versions of one performance on one time line: one is heard, at the same moment any other.
// Lanes are {id, title, detail, group, kind, url, behind_s, duration_s, peaks, rms_db}. A version
// without address, or one that the browser cannot play, is asked for with the event `broken`.
import { drawWave, clock, clockWords } from "/assets/player_draw.js";
import { look } from "/assets/player_look.js";
import { fade, meet } from "/assets/player_sound.js";

const MOST_LOADED = 3; // browsers keep six connections, and a page needs some for itself

export default {
  template: look,
  props: {
    lanes: { default: () => [] }, marks: { default: () => [] },
    source: String, label: String, begin: String,
  },
  data: () => ({
    active: "", sounding: "", isPlaying: false, wants: false, at: 0, isEven: false, recent: [], waiting: "",
    problem: "", shown: -1, atMark: 0, going: "", ticket: 0, uid: Math.random().toString(36).slice(2),
  }),
  computed: {
    length_s() {
      return Math.max(0.1, ...this.lanes.map((lane) => lane.duration_s - lane.behind_s));
    },
    hasGroups() { return new Set(this.lanes.map((lane) => lane.group)).size > 1; },
    loaded() { return this.lanes.filter((lane) => lane.url && this.recent.includes(lane.id)); },
  },
  watch: {
    source() { this.reset(); },
    lanes() { this.keep(); },
  },
  mounted() {
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.onSize = new ResizeObserver(() => this.draw());
    this.onSize.observe(this.$refs.root);
    this.reset();
  },
  updated() { this.draw(); },
  unmounted() {
    document.removeEventListener("keydown", this.onKey);
    this.onSize.disconnect();
    this.pause();
  },
  methods: {
    time: clock,
    inWords: clockWords,
    spoken(mark) { return `${clockWords(mark.at_s)}: ${mark.words}`; },
    lane(id) { return this.lanes.find((lane) => lane.id === id); },
    audio(id) {
      return id ? this.$refs.root.querySelector(`audio[data-lane="${CSS.escape(id)}"]`) : null;
    },
    reset() {
      this.pause();
      this.at = 0;
      this.atMark = 0;
      this.waiting = this.problem = this.sounding = "";
      this.recent = [];
      this.active = "";
      this.keep();
      this.place();
    },
    keep() { // the chosen one, as far as it is still there
      if (!this.lane(this.active)) {
        const first = this.lane(this.begin) || this.lanes[0];
        this.active = first ? first.id : "";
        if (this.active) this.load(this.active);
      }
      if (this.waiting && this.lane(this.waiting)?.url) {
        const ready = this.waiting;
        this.waiting = "";
        this.$nextTick(() => (this.wants ? this.play() : this.choose(ready)));
      }
      this.$nextTick(() => this.draw());
    },
    load(id) {
      if (!this.lane(id)?.url) {
        this.waiting = id;
        this.$emit("broken", { id });
        return false;
      }
      this.recent = [id, ...this.recent.filter((other) => other !== id)].slice(0, MOST_LOADED);
      return true;
    },
    volume(id) {
      if (!this.isEven) return 1;
      const levels = this.lanes.map((lane) => lane.rms_db ?? 0).filter((db) => db > -80);
      const own = this.lane(id)?.rms_db ?? -100;
      return own > -80 ? Math.min(1, 10 ** ((Math.min(...levels) - own) / 20)) : 1;
    },
    setVolume() { const audio = this.audio(this.sounding); if (audio) audio.volume = this.volume(this.sounding); },
    now() {
      const audio = this.audio(this.sounding);
      if (!this.isPlaying || !audio) return this.at;
      return Math.max(0, audio.currentTime - this.lane(this.sounding).behind_s);
    },
    async choose(id) {
      this.active = id;
      const ticket = ++this.ticket;
      if (!this.load(id) || !this.isPlaying || id === this.sounding) return;
      await this.$nextTick();
      const next = this.audio(id);
      await meet(next, this.lane(id).behind_s, () => this.now());
      if (ticket !== this.ticket || !this.isPlaying) return;
      const before = this.audio(this.sounding);
      next.volume = 0;
      await next.play();
      this.sounding = id;
      await fade(next, before === next ? null : before, this.volume(id));
    },
    async play() {
      this.wants = !this.load(this.active); // it begins once it can
      if (this.wants) return;
      this.problem = "";
      await this.$nextTick();
      if (this.at >= this.length_s - 0.05) this.at = 0;
      const audio = this.audio(this.active);
      audio.currentTime = this.at + this.lane(this.active).behind_s;
      audio.volume = this.volume(this.active);
      this.sounding = this.active;
      this.isPlaying = true;
      try {
        await audio.play();
      } catch (error) {
        if (error.name === "AbortError") return; // somebody else was chosen meanwhile
        this.isPlaying = false;
      }
      this.tick();
    },
    pause() {
      this.wants = false;
      this.at = this.now();
      this.isPlaying = false;
      this.ticket += 1;
      this.$refs.root?.querySelectorAll("audio").forEach((audio) => audio.pause());
    },
    toggle() { return this.isPlaying ? this.pause() : this.play(); },
    seek(at) {
      this.at = Math.min(Math.max(at, 0), this.length_s);
      const audio = this.isPlaying ? this.audio(this.sounding) : null;
      if (audio) audio.currentTime = this.at + this.lane(this.sounding).behind_s;
      this.place();
    },
    go(id) { // the second time
      if (this.going === id) this.$emit("drop", { id });
      this.going = this.going === id ? "" : id;
    },
    ended(id) { if (id === this.sounding) { this.pause(); this.at = this.length_s; this.place(); } },
    failed(id) {
      if (!this.lane(id) || this.waiting === id) return;
      const wants = this.isPlaying;
      this.pause();
      this.wants = wants;
      this.waiting = id;
      this.$emit("broken", { id });
    },
    tick() {
      if (!this.isPlaying) return;
      this.at = this.now();
      this.place();
      requestAnimationFrame(() => this.tick());
    },
    place() {
      const part = this.at / this.length_s;
      this.$refs.root?.style.setProperty("--pl-at", Math.min(Math.max(part, 0), 1));
      if (this.$refs.root) this.$refs.root.dataset.at = this.at.toFixed(3);
    },
    draw() {
      for (const lane of this.lanes) {
        const canvas = this.$refs.root?.querySelector(`canvas[data-lane="${CSS.escape(lane.id)}"]`);
        if (canvas) drawWave(canvas, lane, this.length_s, lane.id === this.active);
      }
      this.place();
    },
    grab(event) {
      const box = event.currentTarget.getBoundingClientRect();
      const go = (to) => this.seek((this.length_s * (to.clientX - box.left)) / box.width);
      const end = () => { removeEventListener("pointermove", go); removeEventListener("pointerup", end); };
      addEventListener("pointermove", go);
      addEventListener("pointerup", end);
      go(event);
    },
    walk(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.atMark = Math.min(Math.max(this.atMark + step, 0), this.marks.length - 1);
      event.currentTarget.querySelectorAll("button")[this.atMark].focus();
    },
    tipPlace() {
      const part = this.marks[this.shown].at_s / this.length_s;
      return { left: `${100 * part}%`, transform: `translateX(${-100 * part}%)` };
    },
    key(event) {
      const tag = event.target.tagName;
      if (event.ctrlKey || event.altKey || event.metaKey || !this.lanes.length) return;
      if (["TEXTAREA", "SELECT", "BUTTON", "A"].includes(tag)) return;
      if (tag === "INPUT" && !["radio", "range"].includes(event.target.type)) return;
      if (event.key === " ") { event.preventDefault(); this.toggle(); }
      const lane = this.lanes[Number(event.key) - 1];
      if (lane && event.key !== " ") { event.preventDefault(); this.choose(lane.id); }
    },
  },
};
