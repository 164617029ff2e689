// All knobs of a panel. The server tells what has changed, in one message for any number of them;
// what a finger turns goes out at most every SEND_EVERY_MS.
import { Knob } from "knob";
import { KnobChoice } from "knob_choice";
import { KnobMenu } from "knob_menu";
import { shown } from "knob_travel";

const SEND_EVERY_MS = 20;
const ECHO_MS = 250; // after a hand has let go, what it sent may still be on its way round

export default {
  components: { Knob, KnobChoice, KnobMenu },
  props: { groups: Array, begin: Object },
  data() {
    const { values = {}, own = {}, mapped = {}, learned = [], learning = "" } = this.begin;
    const { midi = false, away = false } = this.begin;
    return { values: { ...values }, own, mapped, learned, learning, midi, away, menu: null };
  },
  created() {
    this.held = new Set();
    this.releases = {};
    this.waiting = {}; // what others say of a knob that is held
    this.unsent = {};
    this.sentAt = -1e9;
  },
  mounted() {
    this.$emit("ready");
  },
  beforeUnmount() {
    clearTimeout(this.timer);
  },
  methods: {
    // Called by the server.
    show(news) {
      for (const [name, value] of Object.entries(news.values ?? {})) {
        if (this.held.has(name)) this.waiting[name] = value;
        else this.values[name] = value;
      }
      for (const key of ["own", "mapped", "learned", "learning", "midi", "away"]) {
        if (key in news) this[key] = news[key];
      }
    },
    turn(name, value) {
      this.values[name] = value;
      delete this.waiting[name];
      this.unsent[name] = value;
      const wait = this.sentAt + SEND_EVERY_MS - performance.now();
      if (wait <= 0) this.send();
      else this.timer ??= setTimeout(() => this.send(), wait);
    },
    send() {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.sentAt = performance.now();
      this.$emit("turn", this.unsent);
      this.unsent = {};
    },
    grip(name, isHeld) {
      clearTimeout(this.releases[name]);
      if (isHeld) {
        this.held.add(name);
        return;
      }
      this.releases[name] = setTimeout(() => {
        this.held.delete(name);
        if (name in this.waiting) this.values[name] = this.waiting[name];
        delete this.waiting[name];
      }, ECHO_MS);
    },
    controlOf(name) {
      for (const group of this.groups) {
        const found = group.controls.find((control) => control.name === name);
        if (found) return found;
      }
      return undefined;
    },
    openMenu(name, x, y, from) {
      if (this.away) return;
      const box = from.getBoundingClientRect();
      this.menu = { name, from, at: x || y ? { x, y } : { x: box.left, y: box.bottom } };
    },
    itemsOf(name) {
      const control = this.controlOf(name);
      const own = this.own[name];
      const items = [
        this.learning === name
          ? { what: "learn", text: "Stop learning", key: "L" }
          : { what: "learn", text: "Learn a MIDI knob", key: "L" },
      ];
      if (this.learned.includes(name)) items.push({ what: "forget", text: "Forget the learned knob" });
      if (own !== undefined && Math.abs(own - this.values[name]) > 1e-6) {
        items.push({ what: "own", text: `Back to the preset: ${shown(control, own)}` });
      }
      items.push({ what: "default", text: `Default: ${shown(control, control.default)}`, key: "Del" });
      return items;
    },
    choose(what) {
      const { name } = this.menu;
      this.closeMenu(true);
      if (what === "own") this.turn(name, this.own[name]);
      else if (what === "default") this.turn(name, this.controlOf(name).default);
      else this.$emit(what, name);
    },
    closeMenu(goesBack) {
      if (goesBack) this.menu?.from.focus({ preventScroll: true });
      this.menu = null;
    },
    type(name, text) {
      this.$emit("type", { name, text });
    },
  },
  template: `
    <div class="knob-board" :class="{ 'is-away': away, 'has-midi': midi }">
      <section v-for="group in groups" :key="group.title" class="knob-group" :aria-label="group.title">
        <h2 class="knob-group-title">{{ group.title }}</h2>
        <div class="knob-row">
          <component v-for="control in group.controls" :key="control.name"
            :is="control.choices.length ? 'KnobChoice' : 'Knob'" :control="control"
            :value="values[control.name] ?? control.default" :own="own[control.name]"
            :mapped="mapped[control.name] ?? ''" :is-learning="learning === control.name"
            :is-away="away" @turn="turn" @grip="grip" @type="type" @menu="openMenu"
            @learn="$emit('learn', $event)" />
        </div>
      </section>
      <KnobMenu v-if="menu" :items="itemsOf(menu.name)" :at="menu.at"
        :label="controlOf(menu.name).spoken" @choose="choose" @close="closeMenu" />
    </div>`,
};
