// A rotary knob: a slider for assistive technology, a dial for everybody else. It holds no value of
// its own but while a finger moves it.
import { pressed, shown, spoken, tidy, travelOf, typed, valueOf } from "knob_travel";

const WAY_PX = 180; // of a drag through the whole range
const FINE = 8; // times slower with shift
const HOLD_MS = 550;
const TWICE_MS = 350;
const STILL_PX = 5;
const SWEEP = 270; // degrees
const RADIUS = 26;
const PAGE = 5;
const MOST_TICKS = 12;

const point = (travel, radius) => {
  const angle = ((travel - 0.5) * SWEEP * Math.PI) / 180;
  return [32 + radius * Math.sin(angle), 32 - radius * Math.cos(angle)];
};
const arc = (from, to) => {
  const [low, high] = from < to ? [from, to] : [to, from];
  const [x0, y0] = point(low, RADIUS);
  const [x1, y1] = point(high, RADIUS);
  const isLarge = (high - low) * SWEEP > 180 ? 1 : 0;
  return `M${x0.toFixed(2)} ${y0.toFixed(2)}A${RADIUS} ${RADIUS} 0 ${isLarge} 1 ${x1.toFixed(2)} ${y1.toFixed(2)}`;
};
const spoke = (travel, from, to) => {
  const [x1, y1] = point(travel, from);
  const [x2, y2] = point(travel, to);
  return { x1, y1, x2, y2 };
};

export const Knob = {
  props: ["control", "value", "own", "mapped", "isLearning", "isAway"],
  emits: ["turn", "grip", "type", "menu", "learn"],
  data: () => ({ isHeld: false, isEdited: false, draft: "" }),
  computed: {
    travel() {
      return travelOf(this.control, this.value);
    },
    origin() {
      const { minimum, maximum } = this.control;
      return minimum < 0 && maximum > 0 ? travelOf(this.control, 0) : 0;
    },
    isTurned() {
      return this.own !== undefined && Math.abs(this.value - this.own) > 1e-6;
    },
    badge() {
      const first = this.mapped.split(" and ")[0].split(",")[0].toUpperCase();
      return this.mapped.includes(" and ") ? `${first} +` : first;
    },
    hint() {
      const by = this.mapped ? `\nMoved by ${this.mapped}.` : "";
      const own = this.isTurned ? `\nThe preset has ${shown(this.control, this.own)}.` : "";
      return `${this.control.doc}${own}${by}`;
    },
    track: () => arc(0, 1),
    fill() {
      return Math.abs(this.travel - this.origin) < 0.004 ? "" : arc(this.origin, this.travel);
    },
    ticks() {
      const { minimum, maximum, step } = this.control;
      const n = step ? Math.round((maximum - minimum) / step) : 0;
      return n > 0 && n <= MOST_TICKS ? Array.from({ length: n + 1 }, (_, i) => point(i / n, 31.5)) : [];
    },
    hand() {
      return spoke(this.travel, 9, 18);
    },
    ownMark() {
      return this.own === undefined ? null : spoke(travelOf(this.control, this.own), 24, 30.5);
    },
  },
  methods: {
    shown,
    spoken,
    to(value) {
      const next = tidy(this.control, value);
      if (!this.isAway && next !== this.value) this.$emit("turn", this.control.name, next);
    },
    onDown(event) {
      if (event.button !== 0 || this.isAway) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      event.currentTarget.focus({ preventScroll: true });
      event.preventDefault();
      this.drag = { y: event.clientY, moved: 0, travel: this.travel };
      this.isHeld = true;
      this.$emit("grip", this.control.name, true);
      // A mouse has another button for it, and may hesitate.
      if (event.pointerType !== "mouse") {
        this.drag.timer = setTimeout(() => this.openMenu(event), HOLD_MS);
      }
    },
    onMove(event) {
      if (!this.drag) return;
      const up = this.drag.y - event.clientY;
      this.drag.y = event.clientY;
      this.drag.moved += Math.abs(up);
      if (this.drag.moved < STILL_PX) return;
      clearTimeout(this.drag.timer);
      const travel = this.drag.travel + up / (WAY_PX * (event.shiftKey ? FINE : 1));
      this.drag.travel = Math.min(Math.max(travel, 0), 1);
      this.to(valueOf(this.control, this.drag.travel));
    },
    onUp() {
      if (!this.drag) return;
      const isTap = this.drag.moved < STILL_PX;
      this.letGo();
      if (isTap && performance.now() - (this.tapped ?? -1e9) < TWICE_MS) this.to(this.control.default);
      this.tapped = isTap ? performance.now() : -1e9;
    },
    letGo() {
      if (!this.drag) return;
      clearTimeout(this.drag.timer);
      this.drag = null;
      this.isHeld = false;
      this.$emit("grip", this.control.name, false);
    },
    onWheel(event) {
      const root = document.documentElement;
      const scrolls = root.scrollHeight > root.clientHeight + 1;
      if (this.isAway || (scrolls && document.activeElement !== event.currentTarget)) return;
      event.preventDefault();
      // A notch is 100 or more; a finger on a pad sends many small ones.
      this.rolled = (this.rolled ?? 0) - (event.deltaY || event.deltaX) / 100;
      const n = Math.trunc(this.rolled);
      this.rolled -= n;
      if (n) this.to(pressed(this.control, this.value, n, event.shiftKey));
    },
    onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { control, value } = this;
      const by = (n) => this.to(pressed(control, value, n, event.shiftKey));
      const doers = {
        ArrowUp: () => by(1), ArrowRight: () => by(1), ArrowDown: () => by(-1),
        ArrowLeft: () => by(-1), PageUp: () => by(PAGE), PageDown: () => by(-PAGE),
        Home: () => this.to(control.minimum), End: () => this.to(control.maximum),
        Delete: () => this.to(control.default), Backspace: () => this.to(control.default),
        Enter: () => this.edit(), l: () => this.$emit("learn", control.name),
        L: () => this.$emit("learn", control.name), ContextMenu: () => this.openMenu(event),
      };
      if (!(event.key in doers)) return;
      event.preventDefault();
      doers[event.key]();
    },
    openMenu(event) {
      this.letGo();
      this.$emit("menu", this.control.name, event.clientX, event.clientY, this.$refs.dial);
    },
    edit() {
      if (this.isAway) return;
      this.draft = typed(this.control, this.value);
      this.isEdited = true;
      this.$nextTick(() => this.$refs.field.select());
    },
    finish(isTaken, goesBack) {
      if (!this.isEdited) return;
      this.isEdited = false;
      const text = this.draft.trim();
      if (isTaken && text !== typed(this.control, this.value)) {
        this.$emit("type", this.control.name, text);
      }
      if (goesBack) this.$refs.dial.focus();
    },
  },
  beforeUnmount() {
    this.letGo();
  },
  template: `
    <div class="knob" :class="{ 'is-held': isHeld, 'is-turned': isTurned, 'is-learning': isLearning }"
      :data-control="control.name">
      <span class="knob-label" :title="control.doc">{{ control.label }}</span>
      <div ref="dial" class="knob-dial" role="slider" tabindex="0" :aria-label="control.spoken"
        :aria-valuemin="control.minimum" :aria-valuemax="control.maximum" :aria-valuenow="value"
        :aria-valuetext="spoken(control, value)" :aria-disabled="isAway" :title="hint"
        @pointerdown="onDown" @pointermove="onMove" @pointerup="onUp" @pointercancel="letGo"
        @keydown="onKey" @wheel="onWheel" @contextmenu.prevent="openMenu">
        <svg viewBox="0 0 64 64" aria-hidden="true">
          <path class="knob-track" :d="track" /><path class="knob-fill" :d="fill" />
          <line v-if="ownMark && isTurned" class="knob-own" v-bind="ownMark" />
          <circle v-for="[x, y] in ticks" class="knob-tick" :cx="x" :cy="y" r="1.3" />
          <circle class="knob-body" cx="32" cy="32" r="20" />
          <line class="knob-hand" v-bind="hand" />
        </svg>
      </div>
      <input v-if="isEdited" ref="field" v-model="draft" class="knob-field" inputmode="decimal"
        autocomplete="off" :aria-label="'Value of ' + control.spoken" @blur="finish(true, false)"
        @keydown.enter.prevent="finish(true, true)" @keydown.esc.prevent="finish(false, true)">
      <button v-else type="button" class="knob-value" :disabled="isAway" title="Type a value"
        :aria-label="'Type a value for ' + control.spoken" @click="edit">{{ shown(control, value) }}</button>
      <span v-if="mapped" class="knob-badge" :title="'Moved by ' + mapped">{{ badge }}</span>
    </div>`,
};
