// What else can be done with a knob: opened by right-click, long press, or the menu key.

const WIDTH_PX = 250;

export const KnobMenu = {
  props: ["items", "at", "label"],
  emits: ["choose", "close"],
  computed: {
    place() {
      const left = Math.max(8, Math.min(this.at.x, window.innerWidth - WIDTH_PX - 8));
      const height = 16 + 40 * this.items.length;
      const top = Math.max(8, Math.min(this.at.y, window.innerHeight - height - 8));
      return { left: `${left}px`, top: `${top}px`, width: `${WIDTH_PX}px` };
    },
  },
  mounted() {
    this.$el.querySelector("[role=menuitem]").focus();
    this.outside = (event) => this.$el.contains(event.target) || this.$emit("close", false);
    // The press that has opened it is still down.
    setTimeout(() => window.addEventListener("pointerdown", this.outside), 0);
  },
  beforeUnmount() {
    window.removeEventListener("pointerdown", this.outside);
  },
  methods: {
    onKey(event) {
      const items = [...this.$el.querySelectorAll("[role=menuitem]")];
      const now = items.indexOf(document.activeElement);
      const to = {
        ArrowDown: (now + 1) % items.length, ArrowUp: (now + items.length - 1) % items.length,
        Home: 0, End: items.length - 1,
      }[event.key];
      if (to !== undefined) items[to].focus();
      else if (event.key === "Escape" || event.key === "Tab") this.$emit("close", true);
      else return;
      event.preventDefault();
    },
  },
  template: `
    <div class="knob-menu" role="menu" :aria-label="label" :style="place" @keydown="onKey"
      @contextmenu.prevent>
      <button v-for="item in items" :key="item.what" type="button" role="menuitem" tabindex="-1"
        class="knob-menu-item" @click="$emit('choose', item.what)">
        <span>{{ item.text }}</span><span class="knob-menu-key">{{ item.key }}</span>
      </button>
    </div>`,
};
