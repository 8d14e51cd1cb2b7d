"""
Runs benchmark cases on request: one JSON object a line on standard input, one reply a line on
standard output. Tensors are left as raw float32 files.
"""
import gc
import json
import re
import sys
import time
import warnings

import torch

from bsrt import Bsrt
from fftformer import Fftformer
from fusion import Fusion
from made_up import fill, picture
from mirnet import Mirnet
from swinir import Swinir
from topiq import Topiq
from usages import INFERENCE, TRAINING, Product, Training

NETWORKS = {
    'bsrt': Bsrt,
    'fftformer': Fftformer,
    'fusion': Fusion,
    'mirnet': Mirnet,
    'swinir': Swinir,
    'topiq-fr': Topiq,
    'topiq-nr': Topiq,
}


class Server:
    def __init__(self):
        self.usages = {}
        self.chosen = None

    def about(self, threads):
        torch.set_num_threads(threads)
        with open('/proc/self/maps') as maps:
            libraries = sorted(set(re.findall(r'/([^/\s]*(?:blas|mkl_rt|dnnl)[^/\s]*)$', maps.read(), re.M)))
        return {
            'version': torch.__version__,
            'python': sys.version.split()[0],
            'threads': torch.get_num_threads(),
            'libraries': libraries,
        }

    def prepare(self, case, allowed):
        """Builds the case in every usage; those that fail are told of and left out."""
        self.usages, failed = {}, {}
        for name in self.names(case):
            if allowed and name not in allowed:
                continue
            try:
                self.usages[name] = self.build(case, name)
                self.usages[name].run()
            except RuntimeError as error:
                failed[name] = str(error).strip().splitlines()[-1]
                self.usages.pop(name, None)
        self.chosen = next(iter(self.usages))
        gc.collect()
        return {'usages': list(self.usages), 'failed': failed}

    def names(self, case):
        return {'product': ['plain'], 'inference': INFERENCE, 'training': TRAINING}[case['kind']]

    def build(self, case, name):
        inputs = [self.input(item) for item in case['inputs']]
        if case['kind'] == 'product':
            return Product(*inputs)
        network = fill(NETWORKS[case['network']](**case['arguments'])).eval()
        if case['kind'] == 'inference':
            return INFERENCE[name](network, inputs)
        foreach, layout = TRAINING[name]
        return Training(network, inputs[:-1], inputs[-1], case['rate'], foreach, layout)

    def input(self, item):
        return picture(item['name'], item['shape']) * item['factor']

    def choose(self, usage):
        """Keeps one usage and frees the others."""
        self.chosen = usage
        self.usages = {usage: self.usages[usage]}
        gc.collect()
        return {}

    def measure(self, usage, repetitions, clock):
        run = self.usages[usage or self.chosen].run
        now = time.process_time if clock == 'cpu' else time.perf_counter
        times = []
        for _ in range(repetitions):
            start = now()
            run()
            times.append((now() - start) * 1000)
        return {'milliseconds': times}

    def outcome(self, case, folder):
        """Of a network its output; of a training the losses of three steps and the first moments."""
        usage = self.build(case, self.chosen)
        if case['kind'] != 'training':
            return {'tensors': self.save({'output': usage.run()}, folder)}
        losses = [usage.run()]
        moments = {name: value.clone() for name, value in usage.first_moments().items()}
        losses += [usage.run() for _ in range(2)]
        return {'tensors': self.save({'losses': torch.stack(losses), **moments}, folder)}

    def save(self, tensors, folder):
        files = {}
        for index, (name, value) in enumerate(tensors.items()):
            files[name] = f'{folder}/{index}.raw'
            value.detach().to_dense().contiguous().numpy().tofile(files[name])
        return files


def main():
    warnings.simplefilter('ignore')
    server = Server()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = getattr(server, request.pop('command'))(**request)
        except Exception as error:
            reply = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(reply), flush=True)


main()
