"""SwinIR for x4 super-resolution of pictures whose sides are multiples of the window."""
import torch
from torch import nn
from torch.nn import functional as F

WINDOW = 8


class WindowAttention(nn.Module):
    def __init__(self, channels, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        table = torch.zeros((2 * WINDOW - 1) ** 2, heads)
        self.relative_position_bias_table = nn.Parameter(table)
        place = torch.arange(WINDOW**2)
        row, column = torch.div(place, WINDOW, rounding_mode='floor'), place % WINDOW
        down = row[:, None] - row + WINDOW - 1
        across = column[:, None] - column + WINDOW - 1
        pairs = down * (2 * WINDOW - 1) + across
        self.register_buffer('pairs', pairs.flatten(), persistent=False)

    def forward(self, x, mask):
        windows, tokens, channels = x.shape
        split = self.qkv(x).view(windows, tokens, 3, self.heads, channels // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        scores = (query * (channels // self.heads) ** -0.5) @ key.transpose(-2, -1)
        bias = self.relative_position_bias_table[self.pairs].view(tokens, tokens, self.heads)
        scores = scores + bias.permute(2, 0, 1)
        if mask is not None:
            grid = mask.shape[0]
            scores = scores.view(-1, grid, self.heads, tokens, tokens) + mask[:, None]
            scores = scores.view(windows, self.heads, tokens, tokens)
        mixed = scores.softmax(-1) @ value
        return self.proj(mixed.transpose(1, 2).reshape(windows, tokens, channels))


class Mlp(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


def to_windows(x):
    """[N, H, W, C] to [N windows, tokens, C]."""
    count, height, width, channels = x.shape
    split = x.view(count, height // WINDOW, WINDOW, width // WINDOW, WINDOW, channels)
    return split.permute(0, 1, 3, 2, 4, 5).reshape(-1, WINDOW**2, channels)


def from_windows(windows, height, width):
    """[N windows, tokens, C] to [N, H, W, C]."""
    channels = windows.shape[-1]
    split = windows.view(-1, height // WINDOW, width // WINDOW, WINDOW, WINDOW, channels)
    return split.permute(0, 1, 3, 2, 4, 5).reshape(-1, height, width, channels)


def shift_mask(height, width, shift):
    """
    [windows, tokens, tokens]. Far below the -100 of the published code, which leaves subnormal
    attention, on which processors are slow.
    """
    rows = (torch.arange(height) >= height - WINDOW).long() + (torch.arange(height) >= height - shift)
    columns = (torch.arange(width) >= width - WINDOW).long() + (torch.arange(width) >= width - shift)
    regions = to_windows((3 * rows[:, None] + columns)[None, :, :, None])[..., 0]
    return (regions[:, :, None] != regions[:, None]).float() * -1000


class SwinBlock(nn.Module):
    def __init__(self, channels, heads, ratio, shift):
        super().__init__()
        self.shift = shift
        self.norm1 = nn.LayerNorm(channels)
        self.attn = WindowAttention(channels, heads)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = Mlp(channels, int(channels * ratio))

    def forward(self, x, height, width, mask):
        count, _, channels = x.shape
        y = self.norm1(x).view(count, height, width, channels)
        if self.shift:
            y = torch.roll(y, (-self.shift, -self.shift), (1, 2))
        y = from_windows(self.attn(to_windows(y), mask if self.shift else None), height, width)
        if self.shift:
            y = torch.roll(y, (self.shift, self.shift), (1, 2))
        x = x + y.view(x.shape)
        return x + self.mlp(self.norm2(x))


class Blocks(nn.Module):
    def __init__(self, channels, heads, ratio, depth):
        super().__init__()
        shifts = [0 if index % 2 == 0 else WINDOW // 2 for index in range(depth)]
        self.blocks = nn.ModuleList([SwinBlock(channels, heads, ratio, s) for s in shifts])


class Layer(nn.Module):
    def __init__(self, channels, heads, ratio, depth):
        super().__init__()
        self.residual_group = Blocks(channels, heads, ratio, depth)
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, height, width, mask):
        y = x
        for block in self.residual_group.blocks:
            y = block(y, height, width, mask)
        return x + to_tokens(self.conv(to_picture(y, height, width)))


def to_tokens(x):
    return x.flatten(2).transpose(1, 2)


def to_picture(x, height, width):
    return x.transpose(1, 2).reshape(x.shape[0], -1, height, width)


class PatchEmbedding(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x):
        return self.norm(to_tokens(x))


class Swinir(nn.Module):
    def __init__(self, size, embedding, depths, heads, direct, ratio=2):
        super().__init__()
        self.direct = direct
        self.conv_first = nn.Conv2d(3, embedding, 3, padding=1)
        self.patch_embed = PatchEmbedding(embedding)
        layers = [Layer(embedding, h, ratio, depth) for depth, h in zip(depths, heads)]
        self.layers = nn.ModuleList(layers)
        self.norm = nn.LayerNorm(embedding)
        self.conv_after_body = nn.Conv2d(embedding, embedding, 3, padding=1)
        if direct:
            self.upsample = nn.Sequential(
                nn.Conv2d(embedding, 48, 3, padding=1), nn.PixelShuffle(4)
            )
        else:
            before = nn.Conv2d(embedding, 64, 3, padding=1)
            self.conv_before_upsample = nn.Sequential(before, nn.LeakyReLU(inplace=True))
            parts = [(nn.Conv2d(64, 256, 3, padding=1), nn.PixelShuffle(2)) for _ in range(2)]
            self.upsample = nn.Sequential(*parts[0], *parts[1])
            self.conv_last = nn.Conv2d(64, 3, 3, padding=1)
        mean = torch.tensor([0.4488, 0.4371, 0.4040]).view(1, 3, 1, 1)
        self.register_buffer('mean', mean, persistent=False)
        mask = shift_mask(size, size, WINDOW // 2)
        self.register_buffer('mask', mask, persistent=False)

    def forward(self, picture):
        height, width = picture.shape[2:]
        shallow = self.conv_first(picture - self.mean)
        x = self.patch_embed(shallow)
        for layer in self.layers:
            x = layer(x, height, width, self.mask)
        features = self.conv_after_body(to_picture(self.norm(x), height, width)) + shallow
        if self.direct:
            return self.upsample(features) + self.mean
        return self.conv_last(self.upsample(self.conv_before_upsample(features))) + self.mean
