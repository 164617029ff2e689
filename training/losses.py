"""Multi-scale spectral loss, with every option of magenta/ddsp's.

Source: Engel et al., "DDSP: Differentiable Digital Signal Processing" (ICLR 2020), section 4.2.1,
and the options of its library, https://github.com/magenta/ddsp, ddsp/losses.py: SpectralLoss.

As there: Hann windows that overlap by 75 %; each term is a mean over batch, bins and frames, summed
over window sizes by its weight; differences between neighbours in time and in frequency; a sum
over the bins up to each, not normalised; loudness once, in dB, at 250 frames a second over 2,048
samples. What departs from it:

- Frames are whole, where magenta pads the end with zeros until every hop has its frame.
- The logarithm is of magnitude + `log_floor`; magenta's has no floor but replaces exact zeros by
  1e-5, so that near silence it asks for bits of rounding noise.
- COSINE is one minus the cosine of the angle between two frames' spectra. magenta calls TensorFlow
  1's `cosine_distance`, which takes for granted that spectra have unit length.
- Loudness knows the sample rate; magenta weights by frequency as if all audio were at 16 kHz.
- There is no mask of weights an element.

`centred` and `normalised` with `log_floor` 1e-7 and sizes 4096...128 give the loss of
https://github.com/acids-ircam/ddsp_pytorch, train.py and ddsp/core.py: multiscale_fft, by whose
figures String Along trained.
"""

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from training.recipe import LossRecipe
from training.spectra import frame_loudness_db, magnitudes
from training.spectral_kernels import L1Terms, computes, l1_distance

WINDOW_SIZES = (2048, 1024, 512, 256, 128, 64)
LOG_FLOOR = 1e-5
"""Magnitudes below this (-100 dB) count as equally silent."""
COSINE_FLOOR = 1e-5
"""Length below which a spectrum has no direction: silence is at no distance from silence."""

Distance = Callable[[Tensor, Tensor], Tensor]
View = Callable[[Tensor], Tensor]


def mean_absolute(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean |a - b|, the L1 distance. Shape: any, any -> ()."""
    return (made - wanted).abs().mean()


def mean_square(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean (a - b)^2, the L2 distance. Shape: any, any -> ()."""
    return (made - wanted).square().mean()


def mean_cosine(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean of 1 - cos(angle) between spectra, or between curves of loudness.

    Both get one more component, `COSINE_FLOOR`, which gives silence a direction and a gradient.

    Shape:
        (B, bins, frames) or (B, frames), twice -> ()
    """
    floor = COSINE_FLOOR**2
    product = (made * wanted).sum(dim=1) + floor
    powers = (made.square().sum(dim=1) + floor) * (wanted.square().sum(dim=1) + floor)
    return (1.0 - product / powers.sqrt()).mean()


DISTANCES: dict[str, Distance] = {
    "L1": mean_absolute,
    "L2": mean_square,
    "COSINE": mean_cosine,
}


class SpectralLoss(nn.Module):
    """Distance between two sounds' spectra, summed over window sizes and weighted terms.

    With window sizes alone: the sum over sizes of mean |S - S'| + mean |log S - log S'|.

    Args:
        window_sizes: samples, multiples of 4.
        distance: L1, L2 or COSINE, for every term.
        magnitude_weight, log_magnitude_weight: of magnitudes and of their natural logarithms.
        delta_time_weight, delta_frequency_weight: of differences to the frame, the bin before.
        cumulative_frequency_weight: of magnitudes summed from 0 Hz up to each bin.
        loudness_weight: of loudness in dB, once for all window sizes.
        log_floor: added to magnitudes before the logarithm.
        centred: frames centred on their time with mirrored edges; else whole frames.
        normalised: magnitudes divided by the square root of the window size.
        sample_rate: Hz; only loudness asks for it.

    Shape:
        audio (B, T), target (B, T) -> scalar. T at least the largest window, or, centred, more
        than half of it.

    Raises:
        ValueError: unknown distance, or loudness without a sample rate.
    """

    def __init__(
        self,
        window_sizes: Sequence[int] = WINDOW_SIZES,
        *,
        distance: str = "L1",
        magnitude_weight: float = 1.0,
        log_magnitude_weight: float = 1.0,
        delta_time_weight: float = 0.0,
        delta_frequency_weight: float = 0.0,
        cumulative_frequency_weight: float = 0.0,
        loudness_weight: float = 0.0,
        log_floor: float = LOG_FLOOR,
        centred: bool = False,
        normalised: bool = False,
        sample_rate: int | None = None,
    ) -> None:
        super().__init__()
        if distance not in DISTANCES:
            raise ValueError(f"distance {distance!r} is none of {', '.join(DISTANCES)}")
        if loudness_weight > 0.0 and sample_rate is None:
            raise ValueError("a loudness_weight asks for the sample_rate")
        self.window_sizes = tuple(window_sizes)
        self.distance = DISTANCES[distance]
        self.log_floor = log_floor
        self.centred, self.normalised = centred, normalised
        self.loudness_weight, self.sample_rate = loudness_weight, sample_rate
        views: list[tuple[float, View]] = [
            (magnitude_weight, as_they_are),
            (delta_time_weight, time_differences),
            (delta_frequency_weight, frequency_differences),
            (cumulative_frequency_weight, frequency_sums),
            (log_magnitude_weight, self.logarithms),
        ]
        self.terms = [(weight, view) for weight, view in views if weight > 0.0]
        compiled = distance == "L1" and {view for _, view in self.terms} <= {
            as_they_are,
            self.logarithms,
        }
        l1_terms = L1Terms(magnitude_weight, log_magnitude_weight, log_floor)
        self.l1_terms = l1_terms if compiled else None
        """What the compiled pass on CPU has to know, where it covers all that is asked for."""

    def forward(self, audio: Tensor, target: Tensor) -> Tensor:
        """0 for equal sounds."""
        total = audio.new_zeros(())
        for window_size in self.window_sizes if self.terms else ():
            total = total + self.scale_distance(audio, target, window_size)
        if self.loudness_weight > 0.0 and self.sample_rate is not None:
            made = frame_loudness_db(audio, self.sample_rate)
            wanted = frame_loudness_db(target, self.sample_rate)
            total = total + self.loudness_weight * self.distance(made, wanted)
        return total

    def scale_distance(self, audio: Tensor, target: Tensor, window_size: int) -> Tensor:
        """All terms of one window size. Shape: (B, T), (B, T) -> ()."""
        if self.l1_terms is not None and computes(audio, target):
            return l1_distance(
                audio, target, window_size, self.l1_terms, self.centred, self.normalised
            )
        made = magnitudes(audio, window_size, self.centred, self.normalised)
        wanted = magnitudes(target, window_size, self.centred, self.normalised)
        total = made.new_zeros(())
        for weight, view in self.terms:
            of_made = view(made)
            if of_made.numel() > 0:  # a single frame has no difference in time
                total = total + weight * self.distance(of_made, view(wanted))
        return total

    def logarithms(self, spectrum: Tensor) -> Tensor:
        """Natural logarithms above the floor."""
        return (spectrum + self.log_floor).log()


def as_they_are(spectrum: Tensor) -> Tensor:
    """Magnitudes themselves. Shape, here and below: (B, bins, frames)."""
    return spectrum


def time_differences(spectrum: Tensor) -> Tensor:
    """Each frame minus the one before: (B, bins, frames - 1)."""
    return spectrum.diff(dim=2)


def frequency_differences(spectrum: Tensor) -> Tensor:
    """Each bin minus the one below: (B, bins - 1, frames)."""
    return spectrum.diff(dim=1)


def frequency_sums(spectrum: Tensor) -> Tensor:
    """Each bin and all below together."""
    return spectrum.cumsum(dim=1)


def spectral_loss_from(recipe: LossRecipe, sample_rate: int) -> SpectralLoss:
    """The loss that a recipe asks for. `sample_rate` in Hz."""
    return SpectralLoss(**recipe.model_dump(), sample_rate=sample_rate)
