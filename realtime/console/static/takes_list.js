// The takes of the folder, newest first.
import { clock } from "/assets/player_draw.js";

const size = (bytes) => bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB`
  : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;

export default {
  template: `
  <section class="tk-list" aria-label="Takes">
    <div class="tk-find">
      <input v-model="wanted" type="search" placeholder="Find a take" aria-label="Find a take">
      <span class="tk-count" role="status">{{ count }}</span>
    </div>
    <p v-if="problem" class="tk-note is-bad" role="alert">{{ problem }}</p>
    <p v-else-if="!rows.length && !isReading" class="tk-note">{{ empty }}</p>
    <ul v-if="found.length" tabindex="-1">
      <li v-for="row in found" :key="row.name">
        <button type="button" class="tk-row" :class="{ 'is-running': row.is_running }"
                :aria-current="row.name === chosen ? 'true' : undefined" @click="choose(row)">
          <span class="tk-title">{{ row.title || row.day }}</span>
          <span class="tk-length">{{ row.problem ? '' : time(row.duration_s) }}</span>
          <span class="tk-sub">{{ row.title ? row.day + ' · ' : '' }}{{ row.presets }}</span>
          <span class="tk-size">{{ bytes(row.n_bytes) }}</span>
          <span v-if="row.how" class="tk-how"><i aria-hidden="true"></i>{{ row.how }}</span>
        </button>
      </li>
    </ul>
    <p v-else-if="rows.length" class="tk-note">No take has “{{ wanted }}” in it.</p>
    <div v-if="trash.n" class="tk-trash">
      <span>{{ trash.n }} deleted, {{ bytes(trash.n_bytes) }}</span>
      <template v-if="isSure"><button type="button" class="tk-small is-bad"
        @click="isSure = false; $emit('empty')">Delete for good</button>
        <button type="button" class="tk-small" @click="isSure = false">Keep</button></template>
      <template v-else><button type="button" class="tk-small" @click="$emit('restore')">
        Bring the last back</button><button type="button" class="tk-small"
        @click="isSure = true">Empty</button></template>
    </div>
  </section>`,
  props: {
    rows: { default: () => [] }, trash: { default: () => ({ n: 0 }) },
    chosen: String, problem: String, empty: String, isReading: Boolean,
  },
  data: () => ({ wanted: "", isSure: false }),
  computed: {
    found() {
      const words = this.wanted.toLowerCase().split(/\s+/);
      return this.rows.filter((row) => {
        const text = `${row.title} ${row.day} ${row.presets} ${row.name}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
    },
    count() {
      const n = this.found.length;
      return `${n} take${n === 1 ? "" : "s"}${this.isReading ? ", reading on" : ""}`;
    },
  },
  methods: {
    time: clock,
    bytes: size,
    choose(row) {
      history.replaceState(null, "", `?take=${encodeURIComponent(row.name)}`);
      this.$emit("choose", { name: row.name });
    },
  },
};
