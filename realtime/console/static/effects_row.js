// A preset's effects as cards, in the order of the sound. Cards are drawn to another place by their
// grip, or moved by buttons and keys; only the server knows what came of it.
import { alike, moved, placeAmong } from "effects_drag";

const PATIENCE_MS = 6000; // a plug-in is started anew for another place
const SIDES = ["input", "output"];
const MOVES = [[-1, "earlier", "m4 11 5-5 5 5"], [1, "later", "m4 7 5 5 5-5"]];
const WHERE = { input: "before the voice", output: "behind the voice" };

export default {
  props: { effects: Array, voices: Array, begin: Object },
  data() {
    const { order, out, troubles, away } = this.begin;
    return { order, out, troubles, away, asked: {}, drawn: "", said: "" };
  },
  created() {
    this.MOVES = MOVES;
    this.told = this.begin.order;
    this.timers = {};
  },
  mounted() {
    this.$emit("ready");
  },
  beforeUnmount() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
  },
  computed: {
    kinds() {
      return Object.fromEntries(this.effects.map(({ name, kind }) => [name, kind]));
    },
    steps() {
      const cards = (side) => this.order[side].map((name, place) => ({ name, side, place }));
      return [
        { end: "Microphone" }, ...cards("input"), { end: "Voice", voice: this.voices.join(" and ") },
        ...cards("output"), { end: "Loudspeakers" },
      ];
    },
  },
  methods: {
    // Called by the server.
    show(news) {
      for (const key of ["out", "troubles", "away"]) if (key in news) this[key] = news[key];
      if (!("order" in news)) return;
      this.told = news.order;
      for (const side of SIDES) {
        if (!this.asked[side] || alike(this.asked[side], this.told[side])) this.settle(side);
      }
    },
    settle(side) {
      clearTimeout(this.timers[side]);
      delete this.asked[side];
      if (!this.drawn) this.order = { ...this.order, [side]: this.told[side] };
    },
    ask(side) {
      const names = this.order[side];
      if (alike(names, this.asked[side] ?? this.told[side])) return;
      this.asked[side] = names;
      clearTimeout(this.timers[side]);
      this.timers[side] = setTimeout(() => this.settle(side), PATIENCE_MS);
      this.$emit("order", { side, names });
    },
    tell(side, name) {
      const names = this.order[side];
      this.said = `${name} is ${names.indexOf(name) + 1} of ${names.length} ${WHERE[side]}: ${names.join(", ")}.`;
    },
    // By keys and buttons.
    move(side, name, by) {
      const names = this.order[side];
      const place = names.indexOf(name) + by;
      if (this.away || place < 0 || place >= names.length) return;
      const focused = document.activeElement;
      this.order = { ...this.order, [side]: moved(names, name, place) };
      this.tell(side, name);
      this.ask(side);
      // A node that is moved loses the focus; a button that leads no further has none to take.
      this.$nextTick(() => {
        const card = this.cardOf(name);
        (focused?.disabled ? card.querySelector(".effect-move:not(:disabled)") : focused)?.focus();
        card.scrollIntoView({ block: "nearest" });
      });
    },
    onKey(event, { side, name }) {
      const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (!event.altKey || event.ctrlKey || event.metaKey || !by) return;
      event.preventDefault();
      this.move(side, name, by);
    },
    // By finger or mouse.
    cardOf(name) {
      return this.$el.querySelector(`[data-effect="${name}"]`);
    },
    onDown(event, { side, name }) {
      if (event.button !== 0 || this.away || this.order[side].length < 2) return;
      event.preventDefault();
      // The grip itself is moved about, and would lose the pointer.
      this.drawn = name;
      const onMove = (e) => e.pointerId === event.pointerId && this.draw(e, side, name);
      const onEnd = (e) => {
        if (e.pointerId !== event.pointerId && e.type !== "keydown") return;
        if (e.type === "keydown" && e.key !== "Escape") return;
        for (const type of ["pointermove", "pointerup", "pointercancel", "keydown"]) {
          window.removeEventListener(type, type === "pointermove" ? onMove : onEnd);
        }
        this.drop(side, name, e.type === "pointerup");
      };
      window.addEventListener("pointermove", onMove);
      for (const type of ["pointerup", "pointercancel", "keydown"]) window.addEventListener(type, onEnd);
    },
    draw(event, side, name) {
      const others = this.order[side].filter((other) => other !== name).map(this.cardOf);
      const names = moved(this.order[side], name, placeAmong(others, event.clientY));
      if (!alike(names, this.order[side])) this.order = { ...this.order, [side]: names };
    },
    drop(side, name, isMeant) {
      this.drawn = "";
      if (!isMeant) this.order = { ...this.order, [side]: this.asked[side] ?? this.told[side] };
      else {
        this.tell(side, name);
        this.ask(side);
      }
    },
  },
  template: `
    <div class="effects" :class="{ 'is-away': away, 'is-drawing': drawn }">
      <p class="ch-hidden" role="status">{{ said }}</p>
      <ol class="effects-row" aria-label="Effects in the order of the sound">
        <li v-for="step in steps" :key="step.end ?? step.name" :data-effect="step.name"
          :class="step.end ? 'effects-end' : ['effect', { 'is-out': out.includes(step.name),
            'is-drawn': drawn === step.name, 'is-troubled': step.name in troubles }]"
          @keydown="step.name && onKey($event, step)">
          <template v-if="step.end">
            <span>{{ step.end }}</span><b v-if="step.voice">{{ step.voice }}</b>
          </template>
          <section v-else class="effect-card" :aria-label="step.name">
            <span class="effect-grip" aria-hidden="true" title="Draw it to another place"
              v-show="order[step.side].length > 1" @pointerdown="onDown($event, step)">
              <svg viewBox="0 0 12 20"><path d="M3 4h.01M9 4h.01M3 10h.01M9 10h.01M3 16h.01M9 16h.01" /></svg>
            </span>
            <header class="effect-head">
              <h3>{{ step.name }}</h3>
              <span v-if="kinds[step.name] !== step.name" class="effect-kind">{{ kinds[step.name] }}</span>
              <p v-if="step.name in troubles" class="effect-trouble">{{ troubles[step.name] }}</p>
            </header>
            <div class="effect-knobs"><slot :name="'effect-' + step.name" /></div>
            <div class="effect-buttons">
              <span v-if="order[step.side].length > 1" class="effect-moves">
                <button v-for="[by, word, sign] in MOVES" :key="by" type="button" class="effect-move"
                  :aria-label="step.name + ' ' + word" :title="word + ': Alt and an arrow key'"
                  :disabled="away || step.place + by < 0 || step.place + by >= order[step.side].length"
                  @click="move(step.side, step.name, by)">
                  <svg viewBox="0 0 18 18" aria-hidden="true"><path :d="sign" /></svg>
                </button>
              </span>
              <button type="button" class="effect-switch" role="switch" :disabled="away"
                :aria-checked="!out.includes(step.name)" :aria-label="step.name + ' is heard'"
                :title="out.includes(step.name) ? 'Bypassed' : 'Heard'"
                @click="$emit('bypass', step.name)"><i></i></button>
            </div>
          </section>
        </li>
      </ol>
    </div>`,
};
