"""TOPIQ, alone or with a reference: a residual network, pooling by weights, and attention."""
import torch
from torch import nn
from torch.nn import functional as F

GRID = 32
HIDDEN = 64


class Bottleneck(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = nn.Identity()
        if stride != 1 or channels != 4 * width:
            shortcut = nn.Conv2d(channels, 4 * width, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(4 * width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class Resnet(nn.Module):
    def __init__(self, depths, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.channels = [width]
        for stage, depth in enumerate(depths):
            inside = width * 2**stage
            blocks = [Bottleneck(self.channels[-1], inside, 2 if stage else 1)]
            blocks += [Bottleneck(4 * inside, inside, 1) for _ in range(depth - 1)]
            setattr(self, f'layer{stage + 1}', nn.Sequential(*blocks))
            self.channels.append(4 * inside)

    def forward(self, x):
        features = [F.relu(self.bn1(self.conv1(x)))]
        y = F.max_pool2d(features[0], 3, 2, 1)
        for stage in range(1, len(self.channels)):
            y = getattr(self, f'layer{stage}')(y)
            features.append(y)
        return features


def weigher(channels):
    return nn.Sequential(
        nn.Conv2d(channels, HIDDEN, 1),
        nn.GELU(),
        nn.Conv2d(HIDDEN, HIDDEN, 3, padding=1),
        nn.GELU(),
        nn.Conv2d(HIDDEN, 1, 3, padding=1),
        nn.Sigmoid(),
    )


class Gate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.splitconv = nn.Conv2d(channels, 2 * channels, 1)
        self.weight_blk = weigher(channels)

    def forward(self, x):
        kept, seen = self.splitconv(x).chunk(2, 1)
        return F.gelu(kept) * self.weight_blk(seen)


class Attention(nn.Module):
    """Tokens look at themselves or at a memory; a perceptron follows. Normalised before each."""

    def __init__(self, channels, heads, looks):
        super().__init__()
        make = lambda: nn.MultiheadAttention(channels, heads, batch_first=True)
        self.self_attn = make()
        self.looks = looks
        if looks:
            self.multihead_attn = make()
            self.norm3 = nn.LayerNorm(channels)
        self.linear1 = nn.Linear(channels, min(4 * channels, 2048))
        self.linear2 = nn.Linear(min(4 * channels, 2048), channels)
        self.norm1 = nn.LayerNorm(channels)
        self.norm2 = nn.LayerNorm(channels)

    def forward(self, tokens, memory=None):
        query = self.norm1(tokens)
        known = self.norm2(memory) if self.looks else query
        attend = self.multihead_attn if self.looks else self.self_attn
        tokens = tokens + attend(query, known, known, need_weights=False)[0]
        normal = (self.norm3 if self.looks else self.norm2)(tokens)
        return tokens + self.linear2(F.gelu(self.linear1(normal)))


class Layer(nn.Module):
    """One layer under the name that a stack of them gives it."""

    def __init__(self, *arguments):
        super().__init__()
        self.layers = nn.ModuleList([Attention(*arguments)])

    def forward(self, *tokens):
        return self.layers[0](*tokens)


class Topiq(nn.Module):
    def __init__(self, compares=False, depths=(3, 4, 6, 3), width=64, channels=256, heads=4):
        super().__init__()
        self.compares = compares
        self.semantic_model = Resnet(depths, width)
        levels = self.semantic_model.channels
        self.weight_pool = nn.ModuleList((weigher if compares else Gate)(level) for level in levels)
        parts = 3 if compares else 1
        self.dim_reduce = nn.ModuleList(
            nn.Sequential(nn.Conv2d(parts * level, channels, 1), nn.GELU()) for level in levels
        )
        self.sa_attn_blks = nn.ModuleList(Layer(channels, heads, False) for _ in levels)
        self.attn_blks = nn.ModuleList(Layer(channels, heads, True) for _ in levels[1:])
        self.attn_pool = Attention(channels, heads, False)
        self.score_linear = nn.Sequential(
            nn.LayerNorm(channels),
            nn.Linear(channels, channels),
            nn.GELU(),
            nn.LayerNorm(channels),
            nn.Linear(channels, channels),
            nn.GELU(),
            nn.Linear(channels, 1),
        )
        self.h_emb = nn.Parameter(torch.empty(1, channels // 2, GRID, 1))
        self.w_emb = nn.Parameter(torch.empty(1, channels // 2, 1, GRID))
        self.register_buffer('mean', torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), False)
        self.register_buffer('deviation', torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), False)

    def weighted(self, x, level):
        if not self.compares:
            return self.weight_pool[level](x)
        picture, reference = x.chunk(2)
        distance = torch.sqrt((picture - reference) ** 2 + 1e-12)
        return torch.cat([picture, reference, distance], 1) * self.weight_pool[level](distance)

    def forward(self, *pictures):
        features = self.semantic_model((torch.cat(pictures) - self.mean) / self.deviation)
        size = features[-1].shape[2:]
        grid = (-1, -1, GRID, GRID)
        learned = torch.cat([self.h_emb.expand(grid), self.w_emb.expand(grid)], 1)
        # All levels are larger than the last one, so that they share its grid.
        places = F.interpolate(learned, size=size, mode='bicubic', align_corners=False)
        places = places.flatten(2).transpose(1, 2)
        seen = None
        for step, level in enumerate(reversed(range(len(features)))):
            pooled = self.weighted(features[level], level)
            if level < len(features) - 1:
                pooled = F.adaptive_avg_pool2d(pooled, size)
            tokens = self.dim_reduce[level](pooled).flatten(2).transpose(1, 2) + places
            tokens = self.sa_attn_blks[level](tokens)
            seen = tokens if seen is None else self.attn_blks[step - 1](seen, tokens)
        return self.score_linear(self.attn_pool(seen).mean(1))[:, 0]
