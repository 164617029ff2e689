// Pictures of the sound that was heard last, as the trainer drew them.
export default {
  template: `
  <section v-if="pictures.length" class="rn-panel rn-pictures" aria-label="Pictures">
    <figure v-for="picture in pictures" :key="picture.url">
      <img :src="picture.url" :alt="heard + ': ' + picture.title" loading="lazy">
      <figcaption>{{ picture.title }}</figcaption></figure>
  </section>
  <div v-else hidden></div>`,
  props: { pictures: { default: () => [] }, heard: String },
};
