// What the player consists of.
export const look = `
<section class="pl" ref="root" :aria-label="label" :data-state="isPlaying ? 'playing' : 'still'">
  <div class="pl-lanes" role="radiogroup" aria-label="What is heard">
    <div v-for="(lane, i) in lanes" :key="lane.id" class="pl-lane" :data-kind="lane.kind"
         :class="{ 'is-heard': lane.id === active }">
      <div v-if="hasGroups && (i === 0 || lanes[i - 1].group !== lane.group)" class="pl-group">
        {{ lane.group }}</div>
      <label class="pl-name">
        <input type="radio" :name="'pl-' + uid" :checked="lane.id === active"
               :value="lane.id" @change="choose(lane.id)">
        <span class="pl-key" aria-hidden="true">{{ i + 1 }}</span>
        <span class="pl-words"><b>{{ lane.title }}</b>
          <small>{{ waiting === lane.id ? 'is being made ready' : lane.detail }}</small></span>
      </label>
      <div class="pl-wave" @pointerdown="grab">
        <canvas :data-lane="lane.id" aria-hidden="true"></canvas>
        <span v-if="!lane.peaks" class="pl-wait">drawing the waveform</span>
        <i class="pl-head"></i>
        <button v-if="lane.can_go" type="button" class="pl-go" @pointerdown.stop
          :class="{ 'is-sure': going === lane.id }" @blur="going = ''" @click="go(lane.id)"
          :aria-label="'Delete ' + lane.title">{{ going === lane.id ? 'Delete it?' : '×' }}</button>
      </div>
    </div>
  </div>
  <div class="pl-line" v-if="marks.length">
    <span class="pl-side">What was done</span>
    <div class="pl-marks" role="group" aria-label="What was done, in order of time"
         @keydown="walk">
      <button v-for="(mark, i) in marks" :key="i" type="button" class="pl-mark"
              :data-kind="mark.kind" :style="{ left: 100 * mark.at_s / length_s + '%' }"
              :tabindex="i === atMark ? 0 : -1" :aria-label="spoken(mark)"
              @click="seek(mark.at_s)" @focus="atMark = shown = i" @blur="shown = -1"
              @mouseenter="shown = i" @mouseleave="shown = -1"></button>
      <div v-if="shown >= 0 && marks[shown]" class="pl-tip" aria-hidden="true"
           :style="tipPlace()"><b>{{ time(marks[shown].at_s) }}</b> {{ marks[shown].words }}</div>
    </div>
  </div>
  <div class="pl-line">
    <span class="pl-side pl-time" role="timer">{{ time(at) }} <small>of {{ time(length_s) }}</small></span>
    <input class="pl-seek" type="range" min="0" :max="length_s" step="0.1" :value="at"
           aria-label="Position" :aria-valuetext="inWords(at)" @input="seek(+$event.target.value)">
  </div>
  <div class="pl-bar">
    <button type="button" class="pl-button" @click="seek(0)" aria-label="To the beginning">
      <svg viewBox="0 0 24 24"><path d="M6 5h2.5v14H6zM20 5v14L9.5 12z"/></svg></button>
    <button type="button" class="pl-button pl-play" @click="toggle"
            :aria-label="isPlaying ? 'Pause' : 'Play'">
      <svg viewBox="0 0 24 24"><path :d="isPlaying ? 'M6 5h4v14H6zM14 5h4v14h-4z' : 'M7 4v16l13-8z'"/></svg>
    </button>
    <label class="pl-check" v-if="lanes.length > 1"><input type="checkbox" v-model="isEven"
           @change="setVolume()"> Same loudness</label>
    <span class="pl-hint" aria-hidden="true"><kbd>Space</kbd> plays,
      <kbd>1</kbd>–<kbd>{{ Math.min(lanes.length, 9) }}</kbd> choose what is heard</span>
    <span class="pl-problem" role="status">{{ problem }}</span>
  </div>
  <audio v-for="lane in loaded" :key="lane.id + lane.url" :data-lane="lane.id" :src="lane.url"
         preload="auto" @ended="ended(lane.id)" @error="failed(lane.id)"></audio>
</section>
`;
