"""MIRNet for pictures whose sides are multiples of 4, with parameters named as in its checkpoints."""
import torch
from torch import nn
from torch.nn import functional as F


def convolution(inputs, outputs, kernel=3):
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)


class SpatialAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.spatial = nn.ModuleDict({'conv': convolution(2, 1, 5)})

    def forward(self, x):
        summary = torch.cat([x.amax(1, True), x.mean(1, True)], 1)
        return x * torch.sigmoid(self.spatial['conv'](summary))


class ChannelAttention(nn.Module):
    def __init__(self, features):
        super().__init__()
        few = features // 8
        squeeze, widen = convolution(features, few, 1), convolution(few, features, 1)
        self.conv_du = nn.Sequential(squeeze, nn.ReLU(True), widen, nn.Sigmoid())

    def forward(self, x):
        return x * self.conv_du(F.adaptive_avg_pool2d(x, 1))


class DualAttention(nn.Module):
    def __init__(self, features, rectifier):
        super().__init__()
        first, second = convolution(features, features), convolution(features, features)
        self.body = nn.Sequential(first, rectifier, second)
        self.SA = SpatialAttention()
        self.CA = ChannelAttention(features)
        self.conv1x1 = convolution(2 * features, features, 1)

    def forward(self, x):
        y = self.body(x)
        return self.conv1x1(torch.cat([self.SA(y), self.CA(y)], 1)) + x


class BlurredHalf(nn.Module):
    """Every second pixel after a 3x3 binomial filter with mirrored borders."""

    def __init__(self, features):
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        kernel = (line[:, None] * line).repeat(features, 1, 1, 1)
        self.register_buffer('filt', kernel, persistent=False)

    def forward(self, x):
        padded = F.pad(x, (1, 1, 1, 1), mode='reflect')
        return F.conv2d(padded, self.filt, stride=2, groups=x.shape[1])


class Halve(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.top = nn.Sequential(
            convolution(features, features, 1),
            nn.PReLU(),
            convolution(features, features),
            nn.PReLU(),
            BlurredHalf(features),
            convolution(features, 2 * features, 1),
        )
        self.bot = nn.Sequential(BlurredHalf(features), convolution(features, 2 * features, 1))

    def forward(self, x):
        return self.top(x) + self.bot(x)


class Double(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.top = nn.Sequential(
            convolution(features, features, 1),
            nn.PReLU(),
            nn.ConvTranspose2d(features, features, 3, 2, padding=1, output_padding=1, bias=False),
            nn.PReLU(),
            convolution(features, features // 2, 1),
        )
        enlarge = nn.Upsample(scale_factor=2, mode='bilinear', align_corners=False)
        self.bot = nn.Sequential(enlarge, convolution(features, features // 2, 1))

    def forward(self, x):
        return self.top(x) + self.bot(x)


class Resampling(nn.Module):
    def __init__(self, kind, features, steps):
        super().__init__()
        change = 2.0 if kind is Halve else 0.5
        self.body = nn.Sequential(*[kind(int(features * change**i)) for i in range(steps)])

    def forward(self, x):
        return self.body(x)


class SelectiveFusion(nn.Module):
    def __init__(self, features, branches=3):
        super().__init__()
        few = max(features // 8, 4)
        self.conv_du = nn.Sequential(convolution(features, few, 1), nn.PReLU())
        self.fcs = nn.ModuleList([convolution(few, features, 1) for _ in range(branches)])

    def forward(self, first, second, third):
        squeezed = self.conv_du(F.adaptive_avg_pool2d(first + second + third, 1))
        weights = torch.stack([layer(squeezed) for layer in self.fcs]).softmax(0)
        return weights[0] * first + weights[1] * second + weights[2] * third


class MultiScaleBlock(nn.Module):
    """Three scales, two columns that share one attention unit per scale."""

    def __init__(self, features, rectifier):
        super().__init__()
        widths = [features, 2 * features, 4 * features]
        units = [nn.ModuleList([DualAttention(width, rectifier)]) for width in widths]
        self.blocks = nn.ModuleList(units)
        self.last_up = nn.ModuleDict(
            {'1': Resampling(Double, widths[1], 1), '2': Resampling(Double, widths[2], 2)}
        )
        self.down = nn.ModuleDict(
            {
                f'{widths[0]}_4': Resampling(Halve, widths[0], 2),
                f'{widths[0]}_2': Resampling(Halve, widths[0], 1),
                f'{widths[1]}_2': Resampling(Halve, widths[1], 1),
            }
        )
        self.up = nn.ModuleDict(
            {
                f'{widths[2]}_4': Resampling(Double, widths[2], 2),
                f'{widths[2]}_2': Resampling(Double, widths[2], 1),
                f'{widths[1]}_2': Resampling(Double, widths[1], 1),
            }
        )
        self.conv_out = convolution(features, features)
        self.selective_kernel = nn.ModuleList([SelectiveFusion(width) for width in widths])

    def forward(self, x):
        unit = [self.blocks[scale][0] for scale in range(3)]
        quarter, half, half_again = self.down.values()
        from_quarter, from_quarter_to_half, from_half = self.up.values()
        fine = unit[0](x)
        fine_halved = half(fine)
        middle = unit[1](fine_halved)
        middle_halved = half_again(middle)
        coarse = unit[2](middle_halved)
        fuse = self.selective_kernel
        fused = (
            fuse[0](fine, from_half(middle), from_quarter(coarse)),
            fuse[1](fine_halved, middle, from_quarter_to_half(coarse)),
            fuse[2](quarter(fine), middle_halved, coarse),
        )
        fine, middle, coarse = (unit[scale](fused[scale]) for scale in range(3))
        finest = fuse[0](fine, self.last_up['1'](middle), self.last_up['2'](coarse))
        return self.conv_out(finest) + x


class ResidualGroup(nn.Module):
    def __init__(self, features, rectifier):
        super().__init__()
        self.body = nn.Sequential(
            MultiScaleBlock(features, rectifier), convolution(features, features)
        )

    def forward(self, x):
        return self.body(x) + x


class Mirnet(nn.Module):
    """MIRNet-S: one block per group, the noise level as fourth channel."""

    def __init__(self, inputs=4, outputs=3, features=64, groups=3):
        super().__init__()
        rectifier = nn.PReLU()
        self.outputs = outputs
        self.conv_in = convolution(inputs, features)
        self.body = nn.Sequential(*[ResidualGroup(features, rectifier) for _ in range(groups)])
        self.conv_out = convolution(features, outputs)

    def forward(self, x):
        return self.conv_out(self.body(self.conv_in(x))) + x[:, : self.outputs]
