"""What all peers share: the options, the example that gnoise gives them, the clock, and answers to the bench."""

import argparse
import base64
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy

REPEATS = 5
TOLERANCE = 1e-4
EXAMPLE = pathlib.Path(__file__).with_name('example.js')


def options(ways):
    """Command line options, with `replicas` as a list of sizes and `noise` as a list of booleans."""
    description = sys.modules['__main__'].__doc__
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--replicas', default='1,8,40', help='population sizes, comma separated')
    parser.add_argument('--noise', choices=['on', 'off', 'both'], default='both')
    parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
    parser.add_argument('--steps', type=int, default=20, help='training steps in one timed repeat')
    parser.add_argument('--threads', type=int, default=os.cpu_count(), help='CPU threads')
    parser.add_argument('--way', choices=ways, help='how it is run; left out: the fastest that was found for the network')
    parser.add_argument('--check', action='store_true', help="compare losses and gradients with gnoise's, and time nothing")
    parser.add_argument('--serve', action='store_true', help='answer requests on standard input, as npm run bench does')
    args = parser.parse_args()
    try:
        args.replicas = [int(size) for size in args.replicas.split(',')]
    except ValueError:
        parser.error(f'--replicas wants whole numbers such as 1,8,40, not {args.replicas!r}')
    if min(args.replicas + [args.steps, args.threads]) < 1:
        parser.error('--replicas, --steps and --threads must be at least 1')
    args.noise = {'on': [True], 'off': [False], 'both': [False, True]}[args.noise]
    return args


def example(network):
    """A step of gnoise's network in numbers (src/bench/example.ts), its tensors as arrays, each [R, ...]."""
    result = subprocess.run(['node', EXAMPLE, network], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{result.stderr.strip()}\n{EXAMPLE} failed: run 'npm ci' and 'npm run build' first.")
    step = json.loads(result.stdout)
    for tensors in (step['parameters'], step['batch']):
        for name, numbers in tensors.items():
            flat = numpy.frombuffer(base64.b64decode(numbers['base64']), numbers['dtype'])
            tensors[name] = flat.reshape(numbers['shape'])
    return step


def run(framework, args, step, make_advance, compute):
    """Does what the command line asks for.

    step: the example.
    make_advance(replicas, noise) returns a function that trains a population for so many steps, to the end of the last.
    compute() returns losses, [R], and norms of gradients, {name: [R]}, of the example.
    """
    if args.check:
        check(framework, step, *compute())
    elif args.serve:
        serve(make_advance)
    else:
        measure(framework, args, make_advance)


def check(framework, step, losses, norms):
    """Ends with code 1 if a loss or a norm differs from gnoise's by more than TOLERANCE of its size."""
    pairs = {'losses': (losses, step['losses'])}
    for name, expected in step['gradientNorms'].items():
        pairs[f'gradient of {name}'] = (norms[name], expected)
    differences = {name: relative(*pair) for name, pair in pairs.items()}
    worst = max(list(differences)[1:], key=differences.get)
    print(
        f'{framework}: losses differ from gnoise\'s by {differences["losses"]:.1e} of their size at most, '
        f'norms of gradients by {differences[worst]:.1e} ({worst})'
    )
    # Written so that NaN fails.
    sys.exit(0 if all(difference <= TOLERANCE for difference in differences.values()) else 1)


def relative(found, expected):
    found, expected = numpy.asarray(found, float), numpy.asarray(expected, float)
    return float(numpy.max(numpy.abs(found - expected) / numpy.maximum(numpy.abs(expected), 1e-12)))


def serve(make_advance):
    """Answers the bench: see src/bench/serve.ts."""
    advance = None
    for line in sys.stdin:
        request = json.loads(line)
        if 'prepare' in request:
            advance = make_advance(request['prepare']['replicas'], request['prepare']['noise'])
            advance(1)
        else:
            advance(request['steps'])
        print('{}', flush=True)


def measure(framework, args, make_advance):
    """Prints one JSON line per population size and noise setting: the median of REPEATS, after one that warms up."""
    for replicas in args.replicas:
        for noise in args.noise:
            advance = make_advance(replicas, noise)
            durations = []
            for _ in range(1 + REPEATS):
                start = time.perf_counter()
                advance(args.steps)
                durations.append(time.perf_counter() - start)
            seconds = statistics.median(durations[1:]) / args.steps / replicas
            print(json.dumps({
                'framework': framework,
                'device': args.device,
                'threads': args.threads,
                'replicas': replicas,
                'noise': noise,
                'msPerReplicaStep': round(1000 * seconds, 4),
                'replicaStepsPerSecond': round(1 / seconds, 1),
            }), flush=True)
