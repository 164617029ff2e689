// The training runs of the folder; those that are ticked are drawn.
import { colourOf } from "/assets/runs_colours.js";

export default {
  template: `
  <section class="rn-list" aria-label="Training runs">
    <p v-if="problem" class="rn-note" role="status">{{ problem }}</p>
    <ul v-if="rows.length">
      <li v-for="row in rows" :key="row.name">
        <label class="rn-row" :class="{ 'is-chosen': chosen.includes(row.name) }">
          <input type="checkbox" :checked="chosen.includes(row.name)" @change="tick(row.name)">
          <i class="rn-dot" :style="{ background: colour(row.name) }" aria-hidden="true"></i>
          <span class="rn-name">{{ row.name }}</span>
          <small :class="{ 'is-training': row.is_training }">{{ row.state }}</small>
          <small>{{ row.best }}</small>
        </label>
      </li>
    </ul>
  </section>`,
  props: { rows: { default: () => [] }, chosen: { default: () => [] }, problem: String },
  methods: {
    colour(name) { return colourOf(this.rows.map((row) => row.name).sort().indexOf(name)); },
    tick(name) {
      const others = this.chosen.filter((one) => one !== name);
      this.$emit("choose", { names: others.length < this.chosen.length ? others : [...others, name] });
    },
  },
};
