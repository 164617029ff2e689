// Which run's which sounds the player below has.
export default {
  template: `
  <section class="rn-panel" aria-label="Listen">
    <div class="rn-bar"><h2>Listen{{ options.length === 1 ? ': ' + run : '' }}</h2>
      <template v-if="options.length">
        <label v-if="options.length > 1">Run <select :value="run" @change="hear($event.target.value, '')">
          <option v-for="one in options" :key="one.run">{{ one.run }}</option></select></label>
        <label>Sound <select :value="heard" @change="hear(run, $event.target.value)">
          <option v-for="title in titles" :key="title">{{ title }}</option></select></label>
      </template></div>
    <p v-if="!options.length" class="rn-note">This run has logged no sounds. Training without
      --no-board does, as soon as it listens.</p>
  </section>`,
  props: { options: { default: () => [] }, run: String, heard: String },
  computed: {
    titles() { return this.options.find((one) => one.run === this.run)?.titles || []; },
  },
  methods: {
    hear(run, title) {
      const titles = this.options.find((one) => one.run === run)?.titles || [];
      this.$emit("hear", { run, title: titles.includes(title) ? title : titles[0] });
    },
  },
};
