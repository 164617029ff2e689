// One thing that can be adjusted: a slider with its value, a choice, or a tick; native all of them.
export default {
  template: `
    <div :class="['st-control', kind, { changed: isChanged }]">
      <label v-if="kind === 'tick'" class="st-check">
        <input type="checkbox" :checked="value" @change="$emit('set', $event.target.checked)"> {{ label }}</label>
      <template v-else>
        <label :for="id" :title="hint">{{ label }}</label>
        <select v-if="kind === 'choice'" :id="id" :value="value" @change="$emit('set', $event.target.value)">
          <template v-for="[group, options] in groups" :key="group">
            <optgroup v-if="group" :label="group">
              <option v-for="[key, words] in options" :key="key" :value="key">{{ words }}</option></optgroup>
            <option v-else v-for="[key, words] in options" :key="key" :value="key">{{ words }}</option>
          </template>
        </select>
        <template v-else>
          <input type="range" :id="id" :min="minimum" :max="maximum" :step="step" :value="now" :title="hint"
            :aria-valuetext="words" :disabled="disabled" @input="now = +$event.target.value"
            @change="$emit('set', now)" @dblclick="$emit('reset')">
          <output :for="id">{{ words }}</output>
        </template>
        <button v-if="isChanged && kind !== 'tick'" type="button" class="st-reset" @click="$emit('reset')"
          :aria-label="label + ': as the preset has it'" title="As the preset has it">↺</button>
      </template>
    </div>`,
  props: {
    kind: String, label: String, hint: String, value: null, groups: Array, minimum: Number, maximum: Number,
    step: Number, unit: String, isChanged: Boolean, disabled: Boolean,
  },
  emits: ["set", "reset"],
  data() { return { now: this.value, id: `st-${Math.random().toString(36).slice(2)}` }; },
  watch: { value(value) { this.now = value; } },
  computed: {
    words() {
      const digits = this.step >= 1 ? 0 : this.step >= 0.1 ? 1 : 2;
      return `${Number(this.now).toFixed(digits).replace("-", "−")} ${this.unit}`.trim();
    },
  },
};
