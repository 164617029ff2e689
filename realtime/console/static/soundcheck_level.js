// The microphone's level from -60 dBFS to 0, for whoever sings: too soft, right, too loud.
const FLOOR_DB = -60;
const [SOFT_DB, HOT_DB] = [-40, -3];
const TOLD_EVERY_MS = 500;

export default {
  template: `
    <div class="soundcheck-level" role="meter" aria-label="Microphone level" aria-valuemin="-60"
      aria-valuemax="0" aria-valuenow="-60"><span ref="bar"></span></div>`,
  mounted() {
    this.toldMs = 0;
    window.addEventListener("chanterelle-live", this.hear);
  },
  unmounted() {
    window.removeEventListener("chanterelle-live", this.hear);
  },
  methods: {
    hear({ detail }) {
      const level = Math.min(Math.max(detail.input_peak_db, FLOOR_DB), 0);
      const { bar } = this.$refs;
      bar.style.transform = `scaleX(${1 - level / FLOOR_DB})`;
      bar.className = level > HOT_DB ? "is-hot" : level < SOFT_DB ? "is-soft" : "";
      const nowMs = performance.now();
      if (nowMs - this.toldMs < TOLD_EVERY_MS) return;
      this.toldMs = nowMs;
      this.$el.setAttribute("aria-valuenow", String(Math.round(level)));
      this.$el.setAttribute("aria-valuetext", `${Math.round(level)} dB`);
    },
  },
};
