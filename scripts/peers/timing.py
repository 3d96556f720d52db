"""What both peers share: the network's numbers, the options, the clock and the lines printed."""

import argparse
import json
import os
import statistics
import time

LAYER_SIZES = [784] + [50] * 20 + [10]
BATCH = 100
EXAMPLES = 60_000
LEARNING_RATE = 0.1
CLIP = 10.0  # global L2 norm of one replica's gradient
ETA, GAMMA = 0.01, 0.55  # noise variance at step t, counted from 0: ETA / (1 + t)^GAMMA
REPEATS = 5


def options(description):
    """Command line options, with `replicas` as a list of sizes and `noise` as a list of booleans."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--replicas', default='1,8,40', help='population sizes, comma separated')
    parser.add_argument('--noise', choices=['on', 'off', 'both'], default='both')
    parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
    parser.add_argument('--steps', type=int, default=20, help='training steps in one timed repeat')
    parser.add_argument('--threads', type=int, default=os.cpu_count(), help='CPU threads')
    args = parser.parse_args()
    try:
        args.replicas = [int(size) for size in args.replicas.split(',')]
    except ValueError:
        parser.error(f'--replicas wants whole numbers such as 1,8,40, not {args.replicas!r}')
    if min(args.replicas + [args.steps, args.threads]) < 1:
        parser.error('--replicas, --steps and --threads must be at least 1')
    args.noise = {'on': [True], 'off': [False], 'both': [False, True]}[args.noise]
    return args


def measure(framework, args, make_step, synchronise):
    """Prints one JSON line per population size and noise setting.

    make_step(replicas, noise) returns a function that starts one training step of the whole population;
    synchronise() returns once every started step has finished. The first repeat warms up and is dropped;
    the median of the others is reported.
    """
    for replicas in args.replicas:
        for noise in args.noise:
            step = make_step(replicas, noise)
            durations = []
            for _ in range(1 + REPEATS):
                synchronise()
                start = time.perf_counter()
                for _ in range(args.steps):
                    step()
                synchronise()
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
