"""PyTorch on the CPU, float64: error and all its gradients of sigmoid nets, by autograd, at one point or at many at once."""

import torch
from serving import seconds, serve

torch.set_num_threads(1)  # a second thread only slows what is so small


def answer(inputs, targets, layers, count):
    """`layers` are pairs of weights (point, unit, source) and biases (point, unit); a point alone is computed without that axis."""
    single = len(inputs) == 1
    tensor = lambda values: torch.tensor(values[0] if single else values, dtype=torch.float64)  # noqa: E731
    x, t = tensor(inputs), tensor(targets)
    pairs = [(tensor(w).requires_grad_(), tensor(b).requires_grad_()) for w, b in layers]
    parameters = [p for pair in pairs for p in pair]
    found = []

    def evaluate():
        out = x
        for w, b in pairs:
            net = torch.mv(w, out) + b if single else torch.baddbmm(b.unsqueeze(2), w, out.unsqueeze(2)).squeeze(2)
            out = torch.sigmoid(net)
        error = 0.5 * ((t - out) ** 2).sum()
        found[:] = torch.autograd.grad(error, parameters)

    evaluate()
    took = seconds(lambda: [evaluate() for _ in range(count)]) / count
    return {"seconds": took, "gradients": torch.cat([g.reshape(len(inputs), -1) for g in found], 1).tolist()}


serve(answer)
