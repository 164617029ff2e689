// Names and values, a column a run.
export default {
  template: `
  <section v-if="columns.length" class="rn-panel">
    <div class="rn-bar"><h2>{{ title }}</h2>
      <label v-if="canShowAll" class="rn-check"><input type="checkbox" v-model="isAll"
        @change="$emit('all', { on: isAll })"> also what is the same</label></div>
    <p v-if="!rows.length" class="rn-note">{{ same }}</p>
    <div v-else class="rn-scroll" tabindex="0" role="region" :aria-label="title">
      <table><thead><tr><th scope="col">{{ columns.length > 1 ? '' : 'Name' }}</th>
        <th v-for="column in columns" :key="column" scope="col">{{ column }}</th></tr></thead>
      <tbody><tr v-for="row in rows" :key="row[0]"><th scope="row">{{ plain(row[0]) }}</th>
        <td v-for="(value, i) in row.slice(1)" :key="i">{{ value }}</td></tr></tbody></table>
    </div>
  </section>
  <div v-else hidden></div>`,
  props: {
    title: String, columns: { default: () => [] }, rows: { default: () => [] }, canShowAll: Boolean,
    same: String,
  },
  data: () => ({ isAll: false }),
  methods: {
    plain(name) { return name.replaceAll("_", " ").replaceAll(".", " · "); },
  },
};
