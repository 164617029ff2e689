// Two recordings at one position, of which one is heard: switching has no gap, as both play on.
const FADE_S = 0.012;
const AHEAD_S = 0.03;
const MOST_KEPT = 4;

const sounds = new Map(); // address -> promise of an AudioBuffer; the newest last

// Decoded without a sound card, which a page may open only when somebody has touched it.
function decoded(address) {
  const known = sounds.get(address) || fetched(address);
  sounds.delete(address);
  sounds.set(address, known);
  if (sounds.size > MOST_KEPT) sounds.delete(sounds.keys().next().value);
  return known;
}

async function fetched(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`answer ${answer.status}`);
    const bytes = await answer.arrayBuffer();
    return await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes);
  } catch (error) {
    sounds.delete(address);
    throw error;
  }
}

export class WavePlayer {
  constructor() {
    this.isPlaying = false;
    this.heard = "a";
    this.duration = 0;
    this._at = 0; // where it stands while nothing plays
    this._zero = 0; // the context's time at the recording's beginning, while it plays
    this._buffers = {};
    this._sounding = {};
    this._levels = { a: 1, b: 1 };
    this._wanted = {};
    this._context = null;
  }

  // Track "a" or "b" from this address on; null: none. Resolves when it can be heard.
  async load(track, address) {
    this._wanted[track] = address;
    const buffer = address ? await decoded(address) : null;
    if (this._wanted[track] !== address) return; // another one has been chosen meanwhile
    this._buffers[track] = buffer;
    this.duration = Math.max(0, ...Object.values(this._buffers).map((b) => (b ? b.duration : 0)));
    if (this.isPlaying) this._replace(track);
    else this._at = Math.min(this._at, this.duration);
  }

  get time() {
    if (!this.isPlaying) return this._at;
    return Math.min(Math.max(this._context.currentTime - this._zero, 0), this.duration);
  }

  get isOver() {
    return this.isPlaying && this._context.currentTime - this._zero >= this.duration;
  }

  async play() {
    if (!this.duration) return;
    this._context = this._context || new AudioContext();
    await this._context.resume();
    if (this._at >= this.duration - 0.01) this._at = 0;
    this.isPlaying = true;
    this._zero = this._context.currentTime + AHEAD_S - this._at;
    ["a", "b"].forEach((track) => this._replace(track));
  }

  pause() {
    this._at = this.time;
    this.isPlaying = false;
    ["a", "b"].forEach((track) => this._end(track));
  }

  seek(time) {
    this._at = Math.min(Math.max(time, 0), this.duration);
    if (!this.isPlaying) return;
    this._zero = this._context.currentTime + AHEAD_S - this._at;
    ["a", "b"].forEach((track) => this._replace(track));
  }

  hear(track) {
    this.heard = track;
    ["a", "b"].forEach((name) => this._fade(name));
  }

  // Gains of both tracks, 0 to 1.
  setLevels(a, b) {
    this._levels = { a, b };
    ["a", "b"].forEach((name) => this._fade(name));
  }

  close() {
    if (this.isPlaying) this.pause();
    if (this._context) this._context.close();
  }

  _gain(track) {
    return track === this.heard ? this._levels[track] : 0;
  }

  _fade(track) {
    const sounding = this._sounding[track];
    if (!sounding) return;
    sounding.gain.gain.setTargetAtTime(this._gain(track), this._context.currentTime, FADE_S / 3);
  }

  _replace(track) {
    this._end(track);
    const buffer = this._buffers[track];
    const start = Math.max(this._context.currentTime, this._zero + this._at);
    const offset = start - this._zero;
    if (!buffer || offset >= buffer.duration) return;
    const source = new AudioBufferSourceNode(this._context, { buffer });
    const gain = new GainNode(this._context, { gain: 0 });
    source.connect(gain).connect(this._context.destination);
    source.start(start, Math.max(offset, 0));
    gain.gain.setTargetAtTime(this._gain(track), start, FADE_S / 3);
    this._sounding[track] = { source, gain };
  }

  _end(track) {
    const sounding = this._sounding[track];
    if (!sounding) return;
    const now = this._context.currentTime;
    sounding.gain.gain.cancelScheduledValues(now);
    sounding.gain.gain.setTargetAtTime(0, now, FADE_S / 3);
    sounding.source.stop(now + 3 * FADE_S);
    delete this._sounding[track];
  }
}
