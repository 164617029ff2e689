// What the stage's page does of itself: keys, swipes, help, the whole screen, and staying awake.
const SWIPE_PX = 60;
const TYPING = "input, textarea, select, [contenteditable]";
const PRESSING = "button, a, summary"; // these have Enter and space for themselves

export default {
  // keys: {"ArrowRight": "next_preset", ...}; help: [["→ space", "what it does"], ...]
  props: { keys: Object, help: Array },
  emits: ["act"],
  template: `
    <div class="manners">
      <button type="button" class="manners-button" aria-label="keys" title="keys (?)"
        @click="toggleHelp">?</button>
      <button v-if="canFill" type="button" class="manners-button" aria-label="full screen"
        title="full screen" @click="fill">
        <svg viewBox="0 0 24 24" width="1.1em" height="1.1em" aria-hidden="true">
          <path d="M3 9V3h6M15 3h6v6M21 15v6h-6M9 21H3v-6" /></svg>
      </button>
      <dialog ref="dialog" class="manners-help" aria-labelledby="manners-title"
        @click.self="toggleHelp">
        <h2 id="manners-title">Keys</h2>
        <dl><template v-for="[names, doc] in help" :key="names">
          <dt>{{ names }}</dt><dd>{{ doc }}</dd>
        </template></dl>
        <p>On a touch screen, a swipe brings the next preset, or the one before.</p>
        <button type="button" class="ch-button" @click="toggleHelp" autofocus>Close</button>
      </dialog>
    </div>`,
  data: () => ({ canFill: Boolean(document.fullscreenEnabled) }),
  mounted() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    document.addEventListener("keydown", this.press, { signal });
    document.addEventListener("pointerdown", this.touch, { signal });
    document.addEventListener("pointerup", this.lift, { signal });
    document.addEventListener("pointercancel", () => (this.from = null), { signal });
    document.addEventListener("visibilitychange", this.stayAwake, { signal });
    this.stayAwake();
  },
  unmounted() {
    this.ending.abort();
  },
  methods: {
    press(event) {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const action = this.keys[key];
      if (!action || event.target.closest(TYPING)) return;
      if (key === " " && event.target.closest(PRESSING)) return;
      if (this.$refs.dialog.open && (key === "Escape" || key === " ")) return;
      event.preventDefault();
      if (action === "help") this.toggleHelp();
      else this.$emit("act", action, key);
    },
    toggleHelp() {
      const { dialog } = this.$refs;
      if (dialog.open) dialog.close();
      else dialog.showModal();
    },
    fill() {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen().catch(() => {});
    },
    touch(event) {
      const isOne = event.pointerType === "touch" && event.isPrimary;
      this.from = isOne && !this.$refs.dialog.open ? [event.clientX, event.clientY] : null;
    },
    lift(event) {
      if (!this.from || !event.isPrimary) return;
      const [x, y] = [event.clientX - this.from[0], event.clientY - this.from[1]];
      this.from = null;
      if (Math.abs(x) < SWIPE_PX || Math.abs(x) < 2 * Math.abs(y)) return;
      this.$emit("act", x < 0 ? "next_preset" : "previous_preset", "swipe");
    },
    // The browser lets go of the lock whenever the page is hidden. Only loopback and HTTPS have it.
    async stayAwake() {
      if (document.hidden || !navigator.wakeLock) return;
      await navigator.wakeLock.request("screen").catch(() => {});
    },
  },
};
