"""The text beside a voice for nn~: how to patch it, and whose recordings it is made of."""

from training.voice_yaml import VoiceYaml


def patch_notes(voice: VoiceYaml) -> str:
    """What a patch has to know, as plain text."""
    lines = [
        f"{voice.name}: {voice.instrument}, a Chanterelle voice for nn~ (Max, Pure Data)",
        "",
        f"  [nn~ {voice.name}.ts forward 2048]",
        "",
        f"Run the patch at {voice.sample_rate} Hz: at another rate the pitch is wrong. Buffers are",
        f"powers of two, {voice.hop_size} samples or more; each costs the whole room, so 2048",
        "takes far less of the processor than 256. f0 and loudness are read once every "
        f"{voice.hop_size} samples.",
        "",
        f"inlet 1   signal: f0 in Hz{_heard(voice.range_hz, 'Hz')}",
        "inlet 2   signal: loudness in dB, A-weighted, 0 dB a full-scale square wave"
        f"{_heard(voice.loudness_range_db, 'dB')}",
        "outlet    signal: the instrument in its room",
        "",
        "set room_mix 0.4     how much of the room, 0 to 1; 1 at the start",
        "set noise_gain 1     factor on bow, breath and hiss, 0 to 4; 1 at the start",
        "method with_noise    takes white noise (-1 to 1) at a third inlet in place of its own",
        "",
        f"Licence: {voice.licence or 'not stated'}",
        *(f"Attribution: {line}" for line in voice.attribution),
    ]
    return "\n".join(lines) + "\n"


def _heard(bounds: tuple[float, float] | None, unit: str) -> str:
    if bounds is None:
        return ""
    return f"; {bounds[0]:.0f} to {bounds[1]:.0f} {unit} were heard in training"
