// From one sound to another at the same moment, without a hole between them.
const LEAD_S = 0.08; // a jump within a file takes about as long; the other plays on meanwhile
const FADE_MS = 25;

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const after = (audio, ...names) =>
  new Promise((done) => {
    const end = () => {
      names.forEach((name) => audio.removeEventListener(name, end));
      done();
    };
    names.forEach((name) => audio.addEventListener(name, end));
  });

// Brings a sound to the moment that `now()` tells, and returns when that moment has come.
export async function meet(audio, behind_s, now) {
  if (audio.readyState < 1) await after(audio, "loadedmetadata", "error");
  audio.currentTime = now() + behind_s + LEAD_S;
  if (audio.seeking || audio.readyState < 3) await after(audio, "canplay", "error");
  const early_s = audio.currentTime - behind_s - now();
  if (early_s > 0) await wait(1000 * early_s);
  else if (early_s < -0.05) audio.currentTime -= early_s;
}

export async function fade(next, before, loud) {
  const from = before ? before.volume : 0;
  for (let step = 1; step <= 5; step += 1) {
    next.volume = (loud * step) / 5;
    if (before) before.volume = from * (1 - step / 5);
    await wait(FADE_MS / 5);
  }
  if (before) before.pause();
}
