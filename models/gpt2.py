"""GPT-2 keeps its linear layers as transposed "Conv1D"; as ordinary ones they can carry a style like all others."""

from __future__ import annotations

from torch import nn


def with_linear_layers(module: nn.Module) -> None:
    """Replace every Conv1D of ``module`` by the Linear that computes the same, in place."""
    from transformers.pytorch_utils import Conv1D

    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, Conv1D):
                linear = nn.Linear(child.nx, child.nf, device="meta")
                linear.weight = nn.Parameter(child.weight.data.t().contiguous(), requires_grad=False)
                linear.bias = nn.Parameter(child.bias.data, requires_grad=False)
                setattr(parent, name, linear)
