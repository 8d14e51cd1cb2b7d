"""FFTformer for pictures whose sides are multiples of 32, with parameters named as in its checkpoints."""
import torch
from torch import nn
from torch.nn import functional as F

PATCH = 8


def pointwise(inputs, outputs, bias=False):
    return nn.Conv2d(inputs, outputs, 1, bias=bias)


def depthwise(channels):
    return nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)


def spectra(x):
    """[N, C, H, W] to [N, C, H / 8, W / 8, 8, 5], complex."""
    count, channels, height, width = x.shape
    cut = x.view(count, channels, height // PATCH, PATCH, width // PATCH, PATCH)
    return torch.fft.rfft2(cut.permute(0, 1, 2, 4, 3, 5))


def from_spectra(values):
    """[N, C, H / 8, W / 8, 8, 5] to [N, C, H, W]."""
    count, channels, down, across = values.shape[:4]
    patches = torch.fft.irfft2(values, s=(PATCH, PATCH)).permute(0, 1, 2, 4, 3, 5)
    return patches.reshape(count, channels, down * PATCH, across * PATCH)


class ChannelNorm(nn.Module):
    """Normalises every pixel over its channels."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.LayerNorm(channels)

    def forward(self, x):
        return self.body(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class FrequencyAttention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.to_hidden = pointwise(channels, 6 * channels)
        self.to_hidden_dw = depthwise(6 * channels)
        self.norm = ChannelNorm(2 * channels)
        self.project_out = pointwise(2 * channels, channels)

    def forward(self, x):
        query, key, value = self.to_hidden_dw(self.to_hidden(x)).chunk(3, 1)
        similarity = from_spectra(spectra(query) * spectra(key))
        return self.project_out(value * self.norm(similarity))


class FrequencyMlp(nn.Module):
    def __init__(self, channels, ratio):
        super().__init__()
        hidden = int(channels * ratio)
        self.project_in = pointwise(channels, 2 * hidden)
        self.fft = nn.Parameter(torch.ones(2 * hidden, 1, 1, PATCH, PATCH // 2 + 1))
        self.dwconv = depthwise(2 * hidden)
        self.project_out = pointwise(hidden, channels)

    def forward(self, x):
        filtered = from_spectra(spectra(self.project_in(x)) * self.fft)
        gate, passed = self.dwconv(filtered).chunk(2, 1)
        return self.project_out(F.gelu(gate) * passed)


class Block(nn.Module):
    def __init__(self, channels, ratio=3, attends=True):
        super().__init__()
        self.attends = attends
        if attends:
            self.norm1 = ChannelNorm(channels)
            self.attn = FrequencyAttention(channels)
        self.norm2 = ChannelNorm(channels)
        self.ffn = FrequencyMlp(channels, ratio)

    def forward(self, x):
        if self.attends:
            x = x + self.attn(self.norm1(x))
        return x + self.ffn(self.norm2(x))


class Fusion(nn.Module):
    """Joins decoder and encoder features of the same size."""

    def __init__(self, channels):
        super().__init__()
        both = 2 * channels
        self.conv = pointwise(both, both, bias=True)
        self.att_channel = Block(both, ratio=2.66, attends=False)
        self.conv2 = pointwise(both, both, bias=True)

    def forward(self, decoded, encoded):
        joined = self.conv(torch.cat([decoded, encoded], 1))
        first, second = self.conv2(self.att_channel(joined)).chunk(2, 1)
        return first + second


class Resized(nn.Module):
    def __init__(self, factor, inputs, outputs):
        super().__init__()
        resize = nn.Upsample(scale_factor=factor, mode='bilinear', align_corners=False)
        self.body = nn.Sequential(resize, nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))

    def forward(self, x):
        return self.body(x)


class Fftformer(nn.Module):
    def __init__(self, features=48, blocks=(6, 6, 12), refinements=4):
        super().__init__()
        full, half, quarter = (features * 2**level for level in range(3))

        def encoder(channels, count):
            return nn.Sequential(*[Block(channels, attends=False) for _ in range(count)])

        def decoder(channels, count):
            return nn.Sequential(*[Block(channels) for _ in range(count)])

        self.patch_embed = nn.ModuleDict({'proj': nn.Conv2d(3, full, 3, padding=1, bias=False)})
        self.encoder_level1 = encoder(full, blocks[0])
        self.down1_2 = Resized(0.5, full, half)
        self.encoder_level2 = encoder(half, blocks[1])
        self.down2_3 = Resized(0.5, half, quarter)
        self.encoder_level3 = encoder(quarter, blocks[2])
        self.decoder_level3 = decoder(quarter, blocks[2])
        self.up3_2 = Resized(2, quarter, half)
        self.fuse2 = Fusion(half)
        self.decoder_level2 = decoder(half, blocks[1])
        self.up2_1 = Resized(2, half, full)
        self.fuse1 = Fusion(full)
        self.decoder_level1 = decoder(full, blocks[0])
        self.refinement = decoder(full, refinements)
        self.output = nn.Conv2d(full, 3, 3, padding=1, bias=False)

    def forward(self, picture):
        full = self.encoder_level1(self.patch_embed['proj'](picture))
        half = self.encoder_level2(self.down1_2(full))
        x = self.decoder_level3(self.encoder_level3(self.down2_3(half)))
        x = self.decoder_level2(self.fuse2(self.up3_2(x), half))
        x = self.decoder_level1(self.fuse1(self.up2_1(x), full))
        return self.output(self.refinement(x)) + picture
