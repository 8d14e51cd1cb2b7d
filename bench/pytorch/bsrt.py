"""BSRT for bursts whose frames' sides are multiples of the window."""
import torch
from torch import nn
from torch.nn import functional as F

from swinir import Layer, PatchEmbedding, SwinBlock, shift_mask, to_picture

FEATURES = 64
OFFSET_GROUPS = 8
TAPS = OFFSET_GROUPS * 9


def conv(inputs, filters, kernel=3, stride=1):
    return nn.Conv2d(inputs, filters, kernel, stride, kernel // 2)


def rectified(x):
    return F.leaky_relu(x, 0.1)


def doubled(x):
    return F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)


def places(height, width):
    """Column and row of every pixel, [H, W] each."""
    rows, columns = torch.arange(height).float(), torch.arange(width).float()
    return columns[None, :].expand(height, width), rows[:, None].expand(height, width)


def sample(x, columns, rows, padding):
    """Pictures [N, C, H, W] at places [N, h, w] in pixels."""
    height, width = x.shape[2:]
    grid = torch.stack([2 * columns / (width - 1) - 1, 2 * rows / (height - 1) - 1], -1)
    return F.grid_sample(x, grid, 'bilinear', padding, align_corners=True)


def warp(x, flow, padding):
    columns, rows = places(*x.shape[2:])
    return sample(x, columns + flow[:, 0], rows + flow[:, 1], padding)


class DeformableConvolution(nn.Module):
    """
    Offsets and factors come from a convolution. The taps are read by one `grid_sample` per call,
    the channels of an offset group being a picture of their own; a product with the kernels follows.
    """

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(FEATURES, FEATURES, 3, 3))
        self.bias = nn.Parameter(torch.zeros(FEATURES))
        self.conv_offset_mask = conv(FEATURES, 3 * TAPS)

    def forward(self, x, guide, flow=None):
        count, _, height, width = x.shape
        found = self.conv_offset_mask(guide)
        offset, mask = found[:, :2 * TAPS], torch.sigmoid(found[:, 2 * TAPS:])
        if flow is not None:
            offset = torch.tanh(offset) * 10 + flow.flip(1).repeat(1, TAPS, 1, 1)
        offset = offset.reshape(count * OFFSET_GROUPS, 9, 2, height, width)
        columns, rows = places(height, width)
        tap = torch.arange(9)
        down = torch.div(tap, 3, rounding_mode='floor').view(9, 1, 1) - 1
        across = (tap % 3).view(9, 1, 1) - 1
        rows = (rows + down + offset[:, :, 0]).view(-1, 9 * height, width)
        columns = (columns + across + offset[:, :, 1]).view(-1, 9 * height, width)
        depth = FEATURES // OFFSET_GROUPS
        groups = x.reshape(count * OFFSET_GROUPS, depth, height, width)
        read = sample(groups, columns, rows, 'zeros').view(-1, depth, 9, height * width)
        read = read * mask.reshape(-1, 1, 9, height * width)
        read = read.view(count, FEATURES * 9, height * width)
        made = torch.matmul(self.weight.reshape(FEATURES, -1), read)
        return made.view(count, FEATURES, height, width) + self.bias.view(1, -1, 1, 1)


class FlowLevel(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [8, 32, 64, 32, 16, 2]
        layers = []
        for inputs, filters in zip(widths, widths[1:]):
            layers += [conv(inputs, filters, 7), nn.ReLU(inplace=True)]
        self.basic_module = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.basic_module(x)


class FlowNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.basic_module = nn.ModuleList([FlowLevel() for _ in range(6)])
        statistics = {'mean': [0.485, 0.456, 0.406], 'std': [0.229, 0.224, 0.225]}
        for name, values in statistics.items():
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)

    def pyramid(self, x):
        levels = [(x - self.mean) / self.std]
        for _ in range(5):
            levels.insert(0, F.avg_pool2d(levels[0], 2))
        return levels

    def forward(self, reference, other):
        """Flows at full, half and quarter size."""
        height, width = reference.shape[2:]
        size = [-(-extent // 32) * 32 for extent in (height, width)]
        resize = lambda x, to: F.interpolate(x, to, mode='bilinear', align_corners=False)
        references, others = self.pyramid(resize(reference, size)), self.pyramid(resize(other, size))
        flow = torch.zeros_like(references[0][:, :2])
        flows = []
        for level, module in enumerate(self.basic_module):
            if level > 0:
                flow = 2 * F.interpolate(flow, scale_factor=2, mode='bilinear', align_corners=True)
            seen = others[level] if level == 0 else warp(others[level], flow, 'border')
            flow = flow + module(torch.cat([references[level], seen, flow], 1))
            if level >= 3:
                to = [extent // 2 ** (5 - level) for extent in (height, width)]
                factor = torch.tensor([to[1] / flow.shape[3], to[0] / flow.shape[2]])
                flows.insert(0, resize(flow, to) * factor.view(1, 2, 1, 1))
        return flows


class Alignment(nn.Module):
    def __init__(self):
        super().__init__()
        for level in (3, 2, 1):
            name = f'L{level}_'
            setattr(self, name + 'offset_conv1', conv(2 * FEATURES + 2, FEATURES))
            setattr(self, name + 'offset_conv2', conv(FEATURES if level == 3 else 2 * FEATURES, FEATURES))
            setattr(self, name + 'dcnpack', DeformableConvolution())
            if level < 3:
                setattr(self, name + 'offset_conv3', conv(FEATURES, FEATURES))
                setattr(self, name + 'fea_conv', conv(2 * FEATURES, FEATURES))
        self.cas_offset_conv1 = conv(2 * FEATURES, FEATURES)
        self.cas_offset_conv2 = conv(FEATURES, FEATURES)
        self.cas_dcnpack = DeformableConvolution()

    def forward(self, frame, reference, flows):
        guide = aligned = None
        for level in (2, 1, 0):
            layer = lambda name: getattr(self, f'L{level + 1}_{name}')
            flow = flows[level]
            found = torch.cat([warp(frame[level], flow, 'zeros'), reference[level], flow], 1)
            found = rectified(layer('offset_conv1')(found))
            if guide is not None:
                found = torch.cat([found, 2 * doubled(guide)], 1)
            found = rectified(layer('offset_conv2')(found))
            guide = found if guide is None else rectified(layer('offset_conv3')(found))
            moved = layer('dcnpack')(frame[level], guide, flow)
            if aligned is not None:
                moved = layer('fea_conv')(torch.cat([moved, doubled(aligned)], 1))
            aligned = rectified(moved) if level > 0 else moved
        found = rectified(self.cas_offset_conv1(torch.cat([aligned, reference[0]], 1)))
        return self.cas_dcnpack(aligned, rectified(self.cas_offset_conv2(found)))


class Bsrt(nn.Module):
    def __init__(self, frames, size, embedding, depths, heads, ratio=2):
        super().__init__()
        self.spynet = FlowNetwork()
        self.conv_flow = conv(1, 3)
        self.conv_first = conv(4, embedding)
        self.patch_embed = PatchEmbedding(embedding)
        shifts = [0 if index % 2 == 0 else 4 for index in range(depths[0])]
        blocks = [SwinBlock(embedding, heads[0], ratio, shift) for shift in shifts]
        self.pre_layers = nn.ModuleList(blocks)
        self.pre_norm = nn.LayerNorm(embedding)
        self.conv_after_pre_layer = conv(embedding, 4 * FEATURES)
        self.fea_L2_conv1 = conv(FEATURES, 2 * FEATURES, stride=2)
        self.fea_L3_conv1 = conv(2 * FEATURES, 4 * FEATURES, stride=2)
        self.toplayer = conv(4 * FEATURES, FEATURES, 1)
        self.smooth1 = conv(FEATURES, FEATURES)
        self.smooth2 = conv(FEATURES, FEATURES)
        self.latlayer1 = conv(2 * FEATURES, FEATURES, 1)
        self.latlayer2 = conv(FEATURES, FEATURES, 1)
        self.align = Alignment()
        self.fusion = conv(frames * FEATURES, embedding, 1)
        layers = [Layer(embedding, h, ratio, depth) for depth, h in zip(depths[1:], heads[1:])]
        self.layers = nn.ModuleList(layers)
        self.norm = nn.LayerNorm(embedding)
        self.conv_after_body = conv(embedding, embedding)
        self.upconv1 = conv(embedding, 4 * FEATURES)
        self.upconv2 = conv(FEATURES, 4 * FEATURES)
        self.HRconv = conv(FEATURES, FEATURES)
        self.conv_last = conv(FEATURES, 3)
        self.skipup1 = conv(1, 4 * FEATURES)
        self.skipup2 = conv(FEATURES, 12)
        for name, side in {'mask': size, 'large_mask': 2 * size}.items():
            self.register_buffer(name, shift_mask(side, side, 4), persistent=False)

    def forward(self, burst):
        count, frames, channels, height, width = burst.shape
        shuffle = lambda x: F.pixel_shuffle(x, 2)
        reference = burst[:, 0]
        skip = rectified(shuffle(self.skipup1(shuffle(reference))))
        flat = burst.reshape(count * frames, channels, height, width)
        grey = self.conv_flow(shuffle(flat)).view(count, frames, 3, 2 * height, 2 * width)
        first = grey[:, :1].expand_as(grey)
        flows = self.spynet(first.flatten(0, 1), grey.flatten(0, 1))
        apart = lambda x: x.view(count, frames, *x.shape[1:])
        flows = [apart(flow) for flow in flows]
        pyramid = [apart(level) for level in self.pyramid(flat)]
        at = lambda levels, index: [level[:, index] for level in levels]
        aligned = [
            self.align(at(pyramid, index), at(pyramid, 0), at(flows, index))
            for index in range(frames)
        ]
        x = rectified(self.fusion(torch.cat(aligned, 1)))
        tokens = self.patch_embed(x)
        for layer in self.layers:
            tokens = layer(tokens, 2 * height, 2 * width, self.large_mask)
        deep = to_picture(self.norm(tokens), 2 * height, 2 * width)
        x = rectified(self.conv_after_body(deep)) + x
        x = skip + rectified(shuffle(self.upconv1(x)))
        x = rectified(self.HRconv(rectified(shuffle(self.upconv2(x)))))
        return shuffle(self.skipup2(skip)) + self.conv_last(x)

    def pyramid(self, frames):
        """Features of twice the size, and of its half and quarter."""
        height, width = frames.shape[2:]
        tokens = self.patch_embed(rectified(self.conv_first(frames)))
        for block in self.pre_layers:
            tokens = block(tokens, height, width, self.mask)
        deep = to_picture(self.pre_norm(tokens), height, width)
        full = F.pixel_shuffle(self.conv_after_pre_layer(deep), 2)
        half = rectified(self.fea_L2_conv1(full))
        quarter = rectified(self.toplayer(rectified(self.fea_L3_conv1(half))))
        middle = self.smooth1(doubled(quarter) + self.latlayer1(half))
        bottom = self.smooth2(doubled(middle) + self.latlayer2(full))
        return [bottom, middle, quarter]
