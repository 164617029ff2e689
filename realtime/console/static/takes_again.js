// To play a take again: with another preset, or with other controls.
export default {
  template: `
  <form class="tk-again" aria-label="Play it again" @submit.prevent="ask">
    <h3>Play it again</h3>
    <p class="tk-quiet">What was sung, with another voice or other settings; the result lies beside
      the take.</p>
    <div class="tk-fields">
      <label>Preset <select v-model="preset"><option value="">as it was played</option>
        <option v-for="name in presets" :key="name">{{ name }}</option></select></label>
      <label>Control <select v-model="adding" @change="add"><option value="">set one…</option>
        <option v-for="one in free" :key="one.name" :value="one.name">{{ plain(one.name) }}</option>
      </select></label>
      <label class="tk-tick"><input type="checkbox" v-model="asPlayed">
        with what was turned meanwhile</label>
    </div>
    <div v-for="one in chosen" :key="one.name" class="tk-turn">
      <label :for="'tk-' + one.name" :title="one.doc">{{ plain(one.name) }}</label>
      <select v-if="one.choices.length" :id="'tk-' + one.name" v-model.number="values[one.name]">
        <option v-for="(word, i) in one.choices" :key="word" :value="one.minimum + i">{{ word }}</option>
      </select>
      <input v-else type="range" :id="'tk-' + one.name" v-model.number="values[one.name]"
        :min="one.minimum" :max="one.maximum" :step="one.step || (one.maximum - one.minimum) / 200"
        :aria-valuetext="words(one)">
      <output>{{ one.choices.length ? '' : words(one) }}</output>
      <button type="button" class="tk-small" @click="drop(one.name)"
        :aria-label="'Leave ' + plain(one.name) + ' as it was'">×</button>
    </div>
    <p v-if="caution === 'show'" class="tk-quiet">It takes computing time from the show, at the
      lowest priority.</p>
    <div class="tk-going">
      <template v-if="job.is_running">
        <progress max="1" :value="job.done || undefined" :aria-label="job.words"></progress>
        <span>{{ job.words }}</span>
        <button type="button" class="tk-button" @click="$emit('cancel')">Stop</button>
      </template>
      <template v-else-if="isSure">
        <span>A take is being recorded. Compute anyway?</span>
        <button ref="sure" class="tk-button is-main">Play it again now</button>
        <button type="button" class="tk-button" @click="isSure = false">Wait</button>
      </template>
      <button v-else class="tk-button is-main">Play it again</button>
      <span class="tk-said" :class="{ 'is-bad': job.problem }" role="status">
        {{ job.is_running ? '' : job.problem || job.words }}</span>
    </div>
  </form>`,
  props: {
    presets: { default: () => [] }, controls: { default: () => [] }, caution: String,
    job: { default: () => ({}) }, source: String,
  },
  data: () => ({ preset: "", adding: "", asPlayed: true, values: {}, isSure: false }),
  computed: {
    chosen() { return this.controls.filter((one) => one.name in this.values); },
    free() { return this.controls.filter((one) => !(one.name in this.values)); },
  },
  watch: {
    source() { Object.assign(this, { preset: "", asPlayed: true, values: {}, isSure: false }); },
  },
  methods: {
    plain(name) { return name.replaceAll("_", " "); },
    words(one) { return `${+this.values[one.name].toFixed(3)} ${one.unit}`.trim(); },
    add() {
      const one = this.controls.find((control) => control.name === this.adding);
      if (one) this.values = { ...this.values, [one.name]: one.default };
      this.adding = "";
    },
    drop(name) {
      const { [name]: _, ...rest } = this.values;
      this.values = rest;
    },
    ask() {
      if (this.caution === "recording" && !this.isSure) {
        this.isSure = true;
        this.$nextTick(() => this.$refs.sure.focus());
        return;
      }
      this.isSure = false;
      this.$emit("again", {
        preset: this.preset, controls: { ...this.values }, as_played: this.asPlayed,
      });
    },
  },
};
