// A field that takes one sound file, sends it to the console and tells how far it is.
const MEGA = 1e6;

export default {
  template: `
    <label :class="['ch-drop', { over: isOver }]"
        @dragover.prevent="isOver = true" @dragleave="isOver = false" @drop.prevent="dropped">
      <input type="file" :accept="kinds.join(',')" :disabled="isBusy" @change="chosen">
      <span>{{ label }}</span>
      <span class="kinds">{{ kindsRead }}</span>
      <progress v-if="isBusy" :value="share" max="1" aria-label="Upload"></progress>
      <span role="status" :class="['told', { bad: isBad }]">{{ told }}</span>
    </label>`,
  props: { label: String, prefix: String, kinds: Array, most: Number },
  data: () => ({ isOver: false, isBusy: false, isBad: false, share: 0, told: "" }),
  computed: {
    kindsRead() {
      return `WAV, FLAC, OGG, MP3, AIFF; at most ${Math.round(this.most / MEGA)} MB`;
    },
  },
  methods: {
    chosen(event) {
      this.send(event.target.files[0]);
      event.target.value = ""; // so that the same file may be chosen again
    },
    dropped(event) {
      this.isOver = false;
      this.send(event.dataTransfer.files[0]);
    },
    send(file) {
      if (!file || this.isBusy) return;
      const ending = (file.name.match(/\.[^.]*$/) || [""])[0].toLowerCase();
      if (!this.kinds.includes(ending)) {
        this.fail(`${file.name}: not a sound file that this opens`);
      } else if (file.size > this.most) {
        this.fail(`${file.name}: ${Math.round(file.size / MEGA)} MB are too many`);
      } else {
        this.put(file);
      }
    },
    put(file) {
      Object.assign(this, { isBusy: true, isBad: false, share: 0, told: `Sending ${file.name}` });
      const request = new XMLHttpRequest();
      request.open("PUT", this.prefix + encodeURIComponent(file.name));
      request.responseType = "json";
      request.upload.onprogress = (event) => {
        this.share = event.loaded / Math.max(event.total, 1);
      };
      request.onerror = () => this.fail(`${file.name}: the connection broke off`);
      request.onload = () => {
        if (request.status !== 201) {
          const why = (request.response && request.response.error) || `answer ${request.status}`;
          this.fail(`${file.name}: ${why}`);
          return;
        }
        Object.assign(this, { isBusy: false, told: `${file.name} is here` });
        this.$emit("uploaded", request.response.name);
      };
      request.send(file);
    },
    fail(why) {
      Object.assign(this, { isBusy: false, isBad: true, told: why });
      this.$emit("failed", why);
    },
  },
};
