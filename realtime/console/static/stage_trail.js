// The pitch of the last ten seconds: what was sung, and what was played to it.
import { colour, liveCanvas, onLive } from "/assets/live_canvas.js";
import { midiOf, noteName } from "/assets/notes.js";

const SPAN_S = 10;
const LEAP_S = 0.25; // no line over a longer gap,
const LEAP_NOTES = 8; // nor over a larger one: another preset, another octave
const DASH_S = 0.3; // of the line that was played, with its gap
const GAP_S = 0.1;
const SPARE_NOTES = 2; // above and below
const LEAST_NOTES = 14; // on the scale
const EASE = 0.12; // how much of the way the scale goes at each frame
const MARGIN_PX = 46; // for the notes' names
const LABEL_PX = 17; // the least room for one
const DENSE_PX = 8; // where semitones are nearer, only the white keys have lines
// Which pitches are named, by how many semitones stand between them.
const NAMED = [[1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]], [2, [0, 2, 5, 7, 9]], [5, [0, 7]]];
const WHITE = new Set([0, 2, 4, 5, 7, 9, 11]);

export default {
  props: { a4: Number, past: Array }, // past: [time_s, sung_hz, played_hz], 0: nothing
  template: `
    <div class="trail" role="img" aria-label="pitch of the last ten seconds, sung and played">
      <canvas ref="canvas"></canvas>
      <div class="trail-legend" aria-hidden="true">
        <span class="trail-sung">sung</span><span class="trail-played">played</span>
      </div>
    </div>`,
  mounted() {
    this.moments = this.past.map(([time, sung, played]) => [time, sung, played]);
    this.low = this.high = NaN;
    const names = ["line", "edge", "quiet", "sung", "played", "panel"];
    [this.line, this.edge, this.quiet, this.sung, this.played, this.panel] = names.map(colour);
    this.font = `500 13px ${getComputedStyle(this.$refs.canvas).fontFamily}`;
    this.view = liveCanvas(this.$refs.canvas, this.draw);
    this.stopHearing = onLive(this.hear, true);
  },
  unmounted() {
    this.stopHearing();
    this.view.stop();
  },
  methods: {
    hear(frame) {
      const last = this.moments.at(-1);
      if (last && frame.time_s < last[0]) this.moments.length = 0; // another engine
      this.moments.push([frame.time_s, frame.is_singing ? frame.f0_hz : 0, frame.played_hz]);
      while (this.moments[0][0] < frame.time_s - SPAN_S) this.moments.shift();
      this.view.ask();
    },
    // The scale's ends, in semitones: they follow what there is to see, without haste.
    rescale(lines) {
      let [low, high] = [Infinity, -Infinity];
      for (const line of lines) {
        for (const note of line) {
          if (note < low) low = note;
          if (note > high) high = note;
        }
      }
      if (low > high) [low, high] = [this.low || 57, this.high || 69];
      else [low, high] = [low - SPARE_NOTES, high + SPARE_NOTES];
      const missing = Math.max(LEAST_NOTES - (high - low), 0) / 2;
      [low, high] = [low - missing, high + missing];
      const isFirst = Number.isNaN(this.low);
      this.low = isFirst ? low : this.low + EASE * (low - this.low);
      this.high = isFirst ? high : this.high + EASE * (high - this.high);
    },
    draw(context, width, height) {
      const sung = this.moments.map((moment) => midiOf(moment[1], this.a4));
      const played = this.moments.map((moment) => midiOf(moment[2], this.a4));
      this.rescale([sung, played]);
      this.bottom = height;
      const step = height / (this.high - this.low);
      const place = (note) => height - (note - this.low) * step;
      this.drawGrid(context, width, place, step);
      context.lineJoin = context.lineCap = "round";
      this.drawLine(context, width, place, sung, this.sung, 6, DASH_S);
      context.lineCap = "butt";
      this.drawLine(context, width, place, played, this.played, 3, DASH_S - GAP_S);
    },
    drawGrid(context, width, place, step) {
      context.font = this.font;
      context.textAlign = "right";
      context.textBaseline = "middle";
      const named = NAMED.find(([least]) => step * least >= LABEL_PX)?.[1] ?? [0];
      for (let note = Math.ceil(this.low); note <= this.high; note += 1) {
        const pitch = ((note % 12) + 12) % 12;
        if (step < DENSE_PX && !WHITE.has(pitch)) continue;
        const y = Math.round(place(note));
        context.fillStyle = pitch === 0 ? this.edge : this.line;
        context.globalAlpha = WHITE.has(pitch) ? 1 : 0.5;
        context.fillRect(MARGIN_PX, y, width - MARGIN_PX, 1);
        context.globalAlpha = 1;
        context.fillStyle = this.quiet;
        const isInside = y > LABEL_PX / 2 && y < this.bottom - LABEL_PX / 2;
        if (isInside && named.includes(pitch)) context.fillText(noteName(note), MARGIN_PX - 8, y);
      }
    },
    // Dashes are cut by the clock, so that they stand still on a line that moves.
    drawLine(context, width, place, notes, stroke, thickness, dashS) {
      if (!this.moments.length) return;
      const newest = this.moments.at(-1)[0];
      const perS = (width - MARGIN_PX - 6) / SPAN_S;
      context.beginPath();
      let before = -Infinity;
      notes.forEach((note, at) => {
        if (Number.isNaN(note)) return;
        const time = this.moments[at][0];
        const [x, y] = [width - 6 - (newest - time) * perS, place(note)];
        const isNear = Math.abs(note - notes[at - 1]) < LEAP_NOTES; // false beside NaN
        const isLinked = time - before < LEAP_S && isNear;
        if (isLinked && time % DASH_S < dashS) context.lineTo(x, y);
        else context.moveTo(x, y);
        before = time;
      });
      context.strokeStyle = stroke;
      context.lineWidth = thickness;
      context.stroke();
    },
  },
};
