"""The ways to run a network or a training step that a user of PyTorch has."""
import torch
from torch.nn import functional as F


class Plain:
    """One call under inference_mode."""

    def __init__(self, network, inputs):
        self.network = network
        self.inputs = inputs

    def run(self):
        with torch.inference_mode():
            return self.network(*self.inputs)


class ChannelsLast(Plain):
    """Pictures and kernels stored pixel by pixel."""

    def __init__(self, network, inputs):
        super().__init__(network.to(memory_format=torch.channels_last), [
            x.to(memory_format=torch.channels_last) if x.dim() == 4 else x for x in inputs
        ])


class Frozen(Plain):
    """Traced, frozen and optimised by TorchScript, which also moves convolutions to oneDNN."""

    def __init__(self, network, inputs):
        with torch.no_grad():
            traced = torch.jit.freeze(torch.jit.trace(network, inputs).eval())
            super().__init__(torch.jit.optimize_for_inference(traced), inputs)


class Training:
    """Forward, backward and Adam on the mean squared error."""

    def __init__(self, network, inputs, target, rate, foreach, layout):
        move = lambda x: x.to(memory_format=layout) if x.dim() == 4 else x
        self.network = network.train().to(memory_format=layout)
        self.inputs = [move(x) for x in inputs]
        self.target = move(target)
        self.adam = torch.optim.Adam(self.network.parameters(), lr=rate, foreach=foreach)

    def run(self):
        self.adam.zero_grad(set_to_none=True)
        loss = F.mse_loss(self.network(*self.inputs), self.target)
        loss.backward()
        self.adam.step()
        return loss.detach()

    def first_moments(self):
        return {
            name: self.adam.state[parameter]['exp_avg']
            for name, parameter in self.network.named_parameters()
        }


class Product(Plain):
    """A product of two square matrices."""

    def __init__(self, left, right):
        super().__init__(torch.matmul, [left, right])


INFERENCE = {'plain': Plain, 'channels last': ChannelsLast, 'frozen TorchScript': Frozen}
TRAINING = {
    'plain': (False, torch.contiguous_format),
    'foreach Adam': (True, torch.contiguous_format),
    'channels last': (False, torch.channels_last),
    'channels last, foreach Adam': (True, torch.channels_last),
}
