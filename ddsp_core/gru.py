"""A GRU that trains fast on CPU: `nn.GRU` with a recurrence of its own, forward and backward.

Autograd through 500 steps of small matrices spends most of its time on bookkeeping, and adds to the
weights' gradient 500 times. Here a step forward is one matrix product and four elementwise
operations into memory made before, a step backward is one product and two, and every weight
gradient is one product after the loop.

**Forward** (Cho et al. 2014, in cuDNN's form, as `nn.GRU`), with x the input's share:

    [r z m] = [x_r + b_r  x_z + b_z  b_m] + h W,    r, z through a sigmoid,
    n = tanh(x_n + r m),    h' = n + z (h - n).

**Backward.** With d = dL/dh', all gate gradients are d times something known before the loop,

    dL/d[r z m] = d [c m r (1 - r)    (h - n) z (1 - z)    c r],    c = (1 - z)(1 - n^2),

where r and z stand for their arguments, and dL/dh = d z + dL/d[r z m] W'.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

WORTH_ROUGH_PRODUCTS = 256
"""Units from which a step's products in bfloat16 gain more than the conversions cost."""


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """total += left @ right, in the type of the right."""
    if right.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total.add_(left.to(right.dtype) @ right)


class _Recurrence(torch.autograd.Function):
    """Products in `rough`, sums and memory in the type of the shares.

    Shape:
        shares (N, B, 3 U), hidden (B, U), weight (3 U, U), bias (3 U,) -> (N, B, U)
    """

    @staticmethod
    def forward(
        ctx: Any,
        shares: Tensor,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor,
        rough: torch.dtype,
    ) -> Tensor:
        n_units = hidden.shape[1]
        gates = bias.expand(shares.shape).clone()
        gates[..., : 2 * n_units] += shares[..., : 2 * n_units]
        resets, keeps, heard = gates.chunk(3, dim=-1)
        news = torch.empty_like(heard, memory_format=torch.contiguous_format)
        states = shares.new_empty(len(shares) + 1, *hidden.shape)
        states[0] = hidden
        across = weight.t().to(rough).contiguous()
        steps = zip(
            gates, gates[..., : 2 * n_units], resets, keeps, heard,
            shares[..., 2 * n_units :], news, states, states[1:],
            strict=False,
        )  # fmt: skip
        for gate, opening, reset, keep, memory, share, new, before, after in steps:
            _add_product(gate, before, across)
            opening.sigmoid_()
            torch.addcmul(share, reset, memory, out=new).tanh_()
            torch.lerp(new, before, keep, out=after)
        ctx.save_for_backward(gates, news, states, weight.to(rough))
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, to_states: Tensor) -> tuple[Tensor | None, ...]:
        gates, news, states, weight = ctx.saved_tensors
        n_frames, n_batch, n_units = news.shape
        resets, keeps, heard = gates.chunk(3, dim=-1)
        through_new = (1.0 - keeps) * (1.0 - news * news)
        slopes = news.new_empty(n_frames, n_batch, 3, n_units)
        slopes[:, :, 0] = through_new * heard * resets * (1.0 - resets)
        slopes[:, :, 1] = (states[:-1] - news) * keeps * (1.0 - keeps)
        slopes[:, :, 2] = through_new * resets
        to_gates = slopes.view_as(gates)  # slopes turn into gradients, in place
        totals = torch.cat((torch.zeros_like(states[:1]), to_states))
        steps = zip(totals[1:], totals, keeps, slopes, to_gates, strict=False)
        for total, before, keep, slope, to_gate in reversed(list(steps)):
            slope.mul_(total[:, None])
            _add_product(before.addcmul_(total, keep), to_gate, weight)
        flat = to_gates.flatten(0, 1)
        rough_states = states[:-1].flatten(0, 1).to(weight.dtype)
        to_weight = (flat.t().to(weight.dtype) @ rough_states).to(flat.dtype)
        to_shares = to_gates.clone()
        to_shares[..., 2 * n_units :] = totals[1:] * through_new
        return to_shares, totals[0], to_weight, flat.sum(0), None


class Gru(nn.GRU):
    """`nn.GRU`, one layer, batch first; where there is a gradient to find on CPU, faster.

    Args:
        n_inputs: width of the input.
        n_units: width of the memory.

    Shape:
        inputs (B, N, n_inputs), hidden (1, B, n_units) or None -> (B, N, n_units), (1, B, n_units)
    """

    weight_ih_l0: Tensor
    weight_hh_l0: Tensor
    bias_ih_l0: Tensor
    bias_hh_l0: Tensor

    def __init__(self, n_inputs: int, n_units: int) -> None:
        super().__init__(n_inputs, n_units, batch_first=True)

    def forward(self, inputs: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """The memory after every frame, and after the last."""
        if inputs.device.type == "cpu" and torch.is_grad_enabled():
            return self.kernel(inputs, hidden)
        return self.reference(inputs, hidden)

    def kernel(self, inputs: Tensor, hidden: Tensor | None) -> tuple[Tensor, Tensor]:
        """Through the recurrence above; under autocast, memory stays in the weights' precision."""
        weight, bias = self.weight_hh_l0, self.bias_hh_l0
        is_rough = torch.is_autocast_enabled("cpu") and self.hidden_size >= WORTH_ROUGH_PRODUCTS
        rough = torch.get_autocast_dtype("cpu") if is_rough else weight.dtype
        shares = nn.functional.linear(inputs, self.weight_ih_l0, self.bias_ih_l0)
        shares = shares.transpose(0, 1).to(weight.dtype)
        if hidden is None:
            hidden = shares.new_zeros(1, len(inputs), self.hidden_size)
        with torch.autocast("cpu", enabled=False):
            states = _Recurrence.apply(shares, hidden[0].to(weight.dtype), weight, bias, rough)  # type: ignore[no-untyped-call]
        return states.transpose(0, 1), states[-1:]

    def reference(self, inputs: Tensor, hidden: Tensor | None) -> tuple[Tensor, Tensor]:
        """Through torch: any device, and the kernel's oracle."""
        outputs, last = super().forward(inputs, hidden)
        return outputs, last
