// A control whose values are words: the browser's own list.

export const KnobChoice = {
  props: ["control", "value", "own", "mapped", "isLearning", "isAway"],
  emits: ["turn", "menu"],
  computed: {
    isTurned() {
      return this.own !== undefined && this.own !== this.value;
    },
  },
  methods: {
    choose(event) {
      this.$emit("turn", this.control.name, Number(event.target.value));
    },
    openMenu(event) {
      this.$emit("menu", this.control.name, event.clientX, event.clientY, this.$refs.list);
    },
  },
  template: `
    <div class="knob knob-choice" :class="{ 'is-turned': isTurned, 'is-learning': isLearning }"
      :data-control="control.name" @contextmenu.prevent="openMenu">
      <span class="knob-label">{{ control.label }}</span>
      <select ref="list" class="knob-select" :aria-label="control.spoken" :value="value"
        :disabled="isAway" :title="control.doc" @change="choose">
        <option v-for="(word, i) in control.choices" :key="i" :value="control.minimum + i">{{ word }}</option>
      </select>
      <span v-if="mapped" class="knob-badge" :title="'Moved by ' + mapped">{{ mapped.split(",")[0].toUpperCase() }}</span>
    </div>`,
};
