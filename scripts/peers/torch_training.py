"""Training in PyTorch: populations with a leading replica axis, clipping, annealed noise, SGD or Adam."""

import torch

import peer

ARGS = peer.options(ways=['eager', 'compile'])
torch.set_num_threads(ARGS.threads)
torch.manual_seed(0)


def run(network, loss, batches=None, way='eager'):
    """Makes a peer of a network's loss.

    loss(parameters, batch, settings) returns every replica's own, [R]; parameters and batch are dictionaries of tensors
    [R, ...], and batch['step'] is the number of the update, from 0.
    batches(replicas) returns a function that draws a batch for every replica; left out: a random one of the example's.
    way: `compile` where torch.compile of the loss, and so of its gradient, is the faster one.
    """
    if (ARGS.way or way) == 'compile':
        loss = torch.compile(loss)
    step = peer.example(network)
    parameters, batch = ({name: torch.tensor(array, device=ARGS.device) for name, array in step[kind].items()}
                         for kind in ('parameters', 'batch'))

    def make_advance(replicas, noise):
        draw = batches(replicas, ARGS.device) if batches else drawn_from(batch, replicas)
        update = make_update(loss, tiled(parameters, replicas), step['settings'], noise)

        def advance(steps):
            for _ in range(steps):
                update(draw())
            if ARGS.device == 'cuda':
                torch.cuda.synchronize()

        return advance

    def compute():
        weights = tiled(parameters, len(step['losses']))
        plain = {**step['settings'], 'train': {**step['settings']['train'], 'dropout': 0}}
        losses = loss(weights, {**batch, 'step': torch.tensor(0.0)}, plain)
        losses.sum().backward()
        norms = {name: weight.grad.flatten(1).norm(dim=1).tolist() for name, weight in weights.items()}
        return losses.tolist(), norms

    peer.run('torch', ARGS, step, make_advance, compute)


def tiled(parameters, replicas):
    """Weights of so many replicas, to be trained: the example's, over and over."""
    index = torch.arange(replicas) % len(next(iter(parameters.values())))
    return {name: tensor[index].requires_grad_() for name, tensor in parameters.items()}


def drawn_from(batch, replicas):
    count = len(next(iter(batch.values())))

    def draw():
        index = torch.randint(count, (replicas,), device=ARGS.device)
        return {name: tensor[index] for name, tensor in batch.items()}

    return draw


def make_update(loss, parameters, settings, noise):
    """A function that does one update of all replicas on a batch."""
    train = settings['train']
    weights = list(parameters.values())
    if train['optimiser']['name'] == 'adam':
        optimiser = torch.optim.Adam(weights, lr=train['rate'], eps=train['optimiser']['epsilon'])
    else:
        optimiser = torch.optim.SGD(weights, lr=train['rate'])
    step = 0

    def update(batch):
        nonlocal step
        optimiser.zero_grad()
        # The sum over replicas gives each the gradient that it would get alone.
        loss(parameters, {**batch, 'step': torch.tensor(float(step))}, settings).sum().backward()
        gradients = [weight.grad for weight in weights]
        clip(gradients, train['clip'])
        if noise:
            deviation = (train['noise']['eta'] / (1 + step) ** train['noise']['gamma']) ** 0.5
            for gradient in gradients:
                gradient.add_(torch.randn_like(gradient), alpha=deviation)
        optimiser.step()
        step += 1

    return update


def clip(gradients, settings):
    """Scales every replica's gradient down to the norm `at`: of all tensors together, or of each by itself."""
    norms = torch.stack([gradient.flatten(1).norm(dim=1) for gradient in gradients])
    if settings['by'] == 'global-norm':
        norms = norms.norm(dim=0).expand_as(norms)
    scales = (settings['at'] / norms).clamp(max=1)
    for gradient, scale in zip(gradients, scales):
        gradient.mul_(scale.view(-1, *[1] * (gradient.dim() - 1)))
