// The tuner: the note that is sung, large, how far beside it, and the note that is played.
import { colour, liveCanvas, onLive, seldom } from "/assets/live_canvas.js";
import { midiOf, nameParts, noteName, spoken } from "/assets/notes.js";

const IN_TUNE_CENTS = 5;
const STAY_CENTS = 58; // a voice between two notes stays with the one that it came from
const KEEP_MS = 1500; // how long the last note can still be read
const LABELS = [[-50, "♭"], [-20, "−20"], [0, "0"], [20, "+20"], [50, "♯"]];
const MASS = 0.3; // how much of the way the needle goes at each frame,
const CALM = 0.1; // and the figure, which vibrato would make unreadable

export default {
  props: { a4: Number },
  template: `
    <div ref="tuner" class="tuner is-silent">
      <div class="tuner-note" aria-hidden="true">
        <span ref="letter" class="tuner-letter">–</span><span class="tuner-side">
        <span ref="sharp" class="tuner-sharp"></span><span ref="octave" class="tuner-octave"></span>
        </span>
      </div>
      <div class="tuner-words" aria-hidden="true">
        <span ref="cents" class="tuner-cents"></span>
        <span class="tuner-played">plays <b ref="played">–</b></span>
      </div>
      <canvas ref="canvas" class="tuner-scale" aria-hidden="true"></canvas>
      <div ref="spoken" class="ch-hidden"></div>
    </div>`,
  mounted() {
    this.number = NaN;
    this.cents = this.mean = 0;
    this.sungMs = -Infinity;
    this.shown = {};
    this.colours = ["line", "edge", "quiet", "good", "warn", "text"].map(colour);
    const family = getComputedStyle(this.$refs.tuner).fontFamily;
    [this.font, this.large] = [`600 15px ${family}`, `600 22px ${family}`];
    this.view = liveCanvas(this.$refs.canvas, this.draw);
    this.tellCents = seldom(10, this.writeCents);
    this.tellSlowly = seldom(1, this.speak);
    this.stopHearing = onLive(this.hear);
  },
  unmounted() {
    this.stopHearing();
    this.view.stop();
  },
  methods: {
    hear(frame) {
      const nowMs = performance.now();
      const sung = frame.is_singing ? midiOf(frame.f0_hz, this.a4) : NaN;
      this.isOpen = frame.is_singing;
      this.isSung = !Number.isNaN(sung);
      if (this.isSung) {
        this.follow(sung);
        this.sungMs = nowMs;
      } else if (nowMs - this.sungMs > KEEP_MS) {
        this.number = NaN;
      }
      this.isInTune = this.isSung && Math.abs(this.cents) <= IN_TUNE_CENTS;
      this.write(frame);
      this.view.ask();
    },
    follow(sung) {
      const beside = 100 * (sung - this.number);
      if (Math.abs(beside) <= STAY_CENTS) {
        this.cents += MASS * (beside - this.cents);
        this.mean += CALM * (beside - this.mean);
      } else {
        this.number = Math.round(sung);
        this.mean = this.cents = 100 * (sung - this.number);
      }
    },
    write(frame) {
      const isKnown = !Number.isNaN(this.number);
      const [letter, sharp, octave] = isKnown ? nameParts(this.number) : ["–", "", ""];
      this.put("letter", letter);
      this.put("sharp", sharp);
      this.put("octave", String(octave));
      const played = midiOf(frame.played_hz, this.a4);
      this.put("played", Number.isNaN(played) ? "–" : noteName(Math.round(played)));
      const state = this.isInTune ? "is-in-tune" : this.isSung ? "is-off" : "is-silent";
      if (this.shown.state !== state) {
        this.$refs.tuner.className = `tuner ${state}`;
        this.shown.state = state;
        this.writeCents();
      }
      this.tellCents();
      this.tellSlowly();
    },
    writeCents() {
      const rounded = Math.round(this.mean);
      const sign = rounded > 0 ? "+" : rounded < 0 ? "−" : "±";
      const isInTune = this.isSung && Math.abs(this.mean) <= IN_TUNE_CENTS;
      const tick = isInTune ? " ✓" : "";
      const words = `${sign}${Math.abs(rounded)} ct${tick}`;
      this.$refs.cents.classList.toggle("is-in-tune", isInTune);
      this.$refs.cents.classList.toggle("is-idle", !this.isSung);
      this.put("cents", this.isSung ? words : this.isOpen ? "no pitch" : "gate closed");
    },
    speak() {
      this.put("spoken", this.isSung ? `sung: ${spoken(this.number, this.cents)}` : "nothing sung");
    },
    put(where, text) {
      if (this.shown[where] === text) return;
      this.$refs[where].textContent = this.shown[where] = text;
    },
    draw(context, width, height) {
      const [line, edge, quiet, good, warn, text] = this.colours;
      const place = (cents) => width / 2 + (cents / 50) * (width / 2 - 16);
      const base = height - 22;
      context.fillStyle = this.isInTune ? good : line;
      const zone = place(IN_TUNE_CENTS) - place(-IN_TUNE_CENTS);
      context.fillRect(place(-IN_TUNE_CENTS), 0, zone, base);
      context.fillStyle = edge;
      context.fillRect(place(-50), base - 2, place(50) - place(-50), 2);
      for (let cents = -50; cents <= 50; cents += 10) {
        const tall = cents % 50 === 0 ? 1 : 0.45;
        context.fillRect(place(cents) - 1, base * (1 - tall), 2, base * tall);
      }
      context.fillStyle = quiet;
      context.textAlign = "center";
      for (const [cents, label] of LABELS) {
        context.font = Math.abs(cents) === 50 ? this.large : this.font;
        context.fillText(label, place(cents), height - 5);
      }
      if (!this.isSung) return;
      const x = place(Math.min(Math.max(this.cents, -50), 50));
      context.fillStyle = this.isInTune ? text : warn;
      context.fillRect(x - 4, 0, 8, base);
    },
  },
};
