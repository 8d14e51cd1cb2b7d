"""The fusion network of DP-IR."""
import torch
from torch import nn
from torch.nn import functional as F


class DenseBlock(nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        for layer in range(4):
            filters = nn.Conv2d(features + layer * growth, growth, 3, padding=1)
            setattr(self, f'conv{layer + 1}', filters)
        self.conv5 = nn.Conv2d(features + 4 * growth, features, 3, padding=1)

    def forward(self, x):
        known = x
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
            grown = F.leaky_relu(layer(known), 0.2, inplace=True)
            known = torch.cat([known, grown], 1)
        return x + 0.2 * self.conv5(known)


class Fusion(nn.Module):
    def __init__(self, features=64, growth=32):
        super().__init__()
        self.conv_in = nn.Conv2d(3, features, 3, padding=1)
        self.encoder = DenseBlock(features, growth)
        linear = nn.Linear(features, features)
        self.time = nn.Sequential(linear, nn.ReLU(), nn.Linear(features, features), nn.Sigmoid())
        self.decoder = nn.Sequential(*[DenseBlock(features, growth) for _ in range(2)])
        self.conv_out = nn.Conv2d(features, 3, 3, padding=1)
        half = features // 2
        steps = torch.arange(half, dtype=torch.float64) / half
        self.register_buffer('frequencies', (10000.0**-steps).float(), persistent=False)

    def forward(self, restored, denoised, t):
        angles = t[:, None] * self.frequencies
        weight = self.time(torch.cat([angles.cos(), angles.sin()], 1))[:, :, None, None]
        first = self.encoder(self.conv_in(restored))
        second = self.encoder(self.conv_in(denoised))
        mixed = weight * first + (1 - weight) * second
        return self.conv_out(self.decoder(mixed))
