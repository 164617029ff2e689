"""The GRU with a recurrence of its own against torch's."""

import pytest
import torch
from torch import Tensor, nn

from ddsp_core.gru import Gru

TOLERANCE = {torch.float64: 1e-12, torch.float32: 2e-6}


def gru(dtype: torch.dtype, n_inputs: int = 6, n_units: int = 5) -> Gru:
    torch.manual_seed(0)
    return Gru(n_inputs, n_units).to(dtype)


def sequence(dtype: torch.dtype, n_frames: int = 30) -> tuple[Tensor, Tensor]:
    """Inputs and a memory from before, both asking for gradients."""
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(3, n_frames, 6, generator=generator, dtype=torch.float64)
    hidden = torch.randn(1, 3, 5, generator=generator, dtype=torch.float64)
    return inputs.to(dtype).requires_grad_(), hidden.to(dtype).requires_grad_()


def slopes(outputs: Tensor, last: Tensor, wanted: list[Tensor]) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(2)
    weights = torch.randn(outputs.shape, generator=generator, dtype=torch.float64)
    total = (outputs * weights).sum() / outputs.shape[1] + last.sum()
    return torch.autograd.grad(total, wanted)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_kernel_and_torch_agree_in_values_and_gradients(dtype: torch.dtype) -> None:
    stage = gru(dtype)
    inputs, hidden = sequence(dtype)
    wanted = [inputs, hidden, *stage.parameters()]
    found, reference = (
        (*results, *slopes(*results, wanted))
        for results in (stage.kernel(inputs, hidden), stage.reference(inputs, hidden))
    )
    for one, other in zip(found, reference, strict=True):
        assert one.dtype == other.dtype
        torch.testing.assert_close(one, other, rtol=0, atol=TOLERANCE[dtype])


def test_gradients_are_those_of_finite_differences() -> None:
    stage = gru(torch.float64)
    names = [name for name, _ in stage.named_parameters()]

    def run(inputs: Tensor, hidden: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        given = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(stage, given, (inputs, hidden))

    inputs, hidden = sequence(torch.float64, 4)
    assert torch.autograd.gradcheck(run, (inputs, hidden, *stage.parameters()))


def test_with_gradients_the_kernel_runs_and_without_them_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran = []
    for name in ("kernel", "reference"):
        method = getattr(Gru, name)

        def noted(*given, name=name, method=method):
            ran.append(name)
            return method(*given)

        monkeypatch.setattr(Gru, name, noted)
    stage = gru(torch.float32)
    inputs, _ = sequence(torch.float32)
    stage(inputs)
    with torch.no_grad():
        stage(inputs)
    assert ran == ["kernel", "reference"]


def test_it_begins_from_silence() -> None:
    stage = gru(torch.float64)
    inputs, _ = sequence(torch.float64)
    zeros = torch.zeros(1, 3, 5, dtype=torch.float64)
    torch.testing.assert_close(stage(inputs)[0], stage(inputs, zeros)[0])


@pytest.mark.parametrize("worth_from", [1, 256])
def test_under_autocast_the_memory_stays_in_single_precision(
    worth_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ddsp_core.gru.WORTH_ROUGH_PRODUCTS", worth_from)
    stage = gru(torch.float32)
    inputs, hidden = sequence(torch.float32)
    exact, _ = stage(inputs, hidden)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded, last = stage(inputs, hidden)
    assert rounded.dtype == last.dtype == torch.float32
    torch.testing.assert_close(rounded, exact, rtol=0, atol=0.02)
    wanted = [inputs, *stage.parameters()]
    for rough, fine in zip(
        slopes(rounded, last, wanted), slopes(*stage(inputs, hidden), wanted), strict=True
    ):
        torch.testing.assert_close(rough, fine, rtol=0, atol=0.02 * float(fine.abs().max()))


def test_its_parameters_are_those_of_torch() -> None:
    ours, torchs = Gru(6, 5).state_dict(), nn.GRU(6, 5, batch_first=True).state_dict()
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in torchs.items()}
