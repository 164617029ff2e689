// Tabs as the ARIA practices describe them. Panels that are not seen stay where they are, so that
// nothing in them has to be told again.

export default {
  props: { titles: Array, label: String },
  data: () => ({ now: 0 }),
  methods: {
    go(number) {
      this.now = (number + this.titles.length) % this.titles.length;
      this.$nextTick(() => this.$refs.tabs[this.now].focus());
    },
    onKey(event) {
      const to = {
        ArrowRight: this.now + 1, ArrowLeft: this.now - 1, Home: 0, End: this.titles.length - 1,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.go(to);
    },
  },
  template: `
    <div class="desk-tabs">
      <div class="desk-tab-list" role="tablist" :aria-label="label" @keydown="onKey">
        <button v-for="(title, i) in titles" :key="title" ref="tabs" type="button" role="tab"
          class="desk-tab" :id="$.uid + 'tab' + i" :aria-controls="$.uid + 'panel' + i"
          :aria-selected="i === now" :tabindex="i === now ? 0 : -1" @click="now = i">{{ title }}</button>
      </div>
      <div v-for="(title, i) in titles" v-show="i === now" :key="title" role="tabpanel"
        class="desk-tab-panel" :id="$.uid + 'panel' + i" :aria-labelledby="$.uid + 'tab' + i">
        <slot :name="'panel' + i" />
      </div>
    </div>`,
};
