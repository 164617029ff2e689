// What a take is, and what can be done with it: name, compare, download, delete.
export default {
  template: `
  <header class="tk-head">
    <form v-if="isNaming" class="tk-form" @submit.prevent="save" @keydown.esc="isNaming = false">
      <label>Title <input ref="title" v-model="title" maxlength="200"></label>
      <label>Note <input v-model="note" maxlength="1000"></label>
      <button class="tk-button is-main">Save</button>
      <button type="button" class="tk-button" @click="isNaming = false">Leave it</button>
    </form>
    <template v-else>
      <div class="tk-what">
        <h2>{{ take.title || take.day }}</h2>
        <p>{{ take.facts }}</p>
        <p v-if="take.note" class="tk-noted">{{ take.note }}</p>
      </div>
      <div class="tk-do">
        <label class="tk-beside">Beside <select :value="beside"
          @change="$emit('beside', { name: $event.target.value })">
          <option value="">no other take</option>
          <option v-for="other in others" :key="other.name" :value="other.name">{{ other.words }}</option>
        </select></label>
        <button type="button" class="tk-button" @click="begin">Rename</button>
        <details class="tk-down" ref="down"><summary class="tk-button">Download</summary>
          <ul><li v-for="file in files" :key="file.url">
            <a :href="file.url" :download="file.name" @click="$refs.down.open = false">
              {{ file.title }} <small>{{ file.name }}</small></a></li></ul>
        </details>
        <template v-if="isSure">
          <button type="button" ref="sure" class="tk-button is-bad"
            @click="isSure = false; $emit('remove', { name: take.name })">Delete it</button>
          <button type="button" class="tk-button" @click="isSure = false">Keep it</button>
        </template>
        <button v-else type="button" class="tk-button" @click="ask">Delete</button>
      </div>
    </template>
  </header>`,
  props: {
    take: { default: () => ({ name: "" }) }, others: { default: () => [] }, beside: String,
    files: { default: () => [] },
  },
  data: () => ({ isNaming: false, isSure: false, title: "", note: "" }),
  watch: {
    "take.name"() { this.isNaming = this.isSure = false; },
  },
  methods: {
    begin() {
      Object.assign(this, { isNaming: true, title: this.take.title, note: this.take.note });
      this.$nextTick(() => this.$refs.title.focus());
    },
    save() {
      this.isNaming = false;
      this.$emit("rename", { name: this.take.name, title: this.title, note: this.note });
    },
    ask() {
      this.isSure = true;
      this.$nextTick(() => this.$refs.sure.focus());
    },
  },
};
