"""Times training steps of the Neural GPU on binary multiplication in PyTorch. More than one replica: grouped convolutions."""

import torch
from torch.nn import functional

from timing import ETA, GAMMA, measure, options

DIGITS = 5
LENGTH = 2 * DIGITS + 1  # positions, and steps of the network
WIDTH, MAPS, SETS, LAYERS, SYMBOLS = 4, 24, 6, 2, 4
BATCH = 32
DROPOUT = 0.09
PULL = 0.0005
LEARNING_RATE, EPSILON, CLIP = 0.001, 1e-4, 1.0


def parameters_of(replicas, device):
    """Kernels [R, sets, layers, parts * m, m, 3 (width), 3 (position)], biases, embedding and output."""
    bound = 1.8 * (3 / (9 * MAPS)) ** 0.5
    kernels = torch.empty(replicas, SETS, LAYERS, 3 * MAPS, MAPS, 3, 3, device=device).uniform_(-bound, bound)
    biases = torch.zeros(replicas, SETS, LAYERS, 3 * MAPS, device=device)
    embedding = torch.empty(replicas, SYMBOLS, MAPS, device=device).uniform_(-1.7, 1.7)
    output = torch.empty(replicas, MAPS, SYMBOLS, device=device).uniform_(-0.6, 0.6)
    return [tensor.requires_grad_() for tensor in (kernels, biases, embedding, output)]


def convolve(image, kernels, biases):
    """One convolution for every replica: images [B, R m, width, n], kernels [R, outputs, m, 3, 3]."""
    replicas = kernels.shape[0]
    return functional.conv2d(image, kernels.flatten(0, 1), biases.flatten(), padding=1, groups=replicas)


def cutoff(x):
    return (1.2 * torch.sigmoid(x) - 0.1).clamp(0, 1)


def cgru(image, kernels, biases):
    replicas = kernels.shape[0]
    gates = cutoff(convolve(image, kernels[:, : 2 * MAPS], biases[:, : 2 * MAPS] + 1))
    u, r = gates.unflatten(1, (replicas, 2, MAPS)).unbind(2)
    u, r = u.flatten(1, 2), r.flatten(1, 2)
    candidate = torch.tanh(convolve(r * image, kernels[:, 2 * MAPS :], biases[:, 2 * MAPS :]))
    return u * image + (1 - u) * candidate


def loss_of(parameters, inputs, targets):
    """Sum over replicas of each one's loss; inputs and targets are [R, B, n]."""
    kernels, biases, embedding, output = parameters
    replicas = kernels.shape[0]
    # One step's kernels are used as a whole: unbound once, not sliced at every step.
    sets = [list(zip(k.unbind(1), b.unbind(1))) for k, b in zip(kernels.unbind(1), biases.unbind(1))]
    column = torch.einsum('rbnc,rcm->brmn', functional.one_hot(inputs, SYMBOLS).float(), embedding)
    image = torch.zeros(BATCH, replicas, MAPS, WIDTH, LENGTH, device=inputs.device)
    image[:, :, :, 0] = column
    image = functional.dropout(image.flatten(1, 2), DROPOUT)
    for step in range(LENGTH):
        for layer_kernels, layer_biases in sets[step % SETS]:
            image = cgru(image, layer_kernels, layer_biases)
        image = functional.dropout(image, DROPOUT)
    first = image.unflatten(1, (replicas, MAPS))[:, :, :, 0]
    logits = torch.einsum('brmn,rmc->rbnc', first, output)
    cost = functional.cross_entropy(logits.flatten(0, 2), targets.flatten(), reduction='sum') / (BATCH * LENGTH)
    spread = sum((t - t.mean(1, keepdim=True)).square().sum() for t in (kernels, biases))
    return cost + PULL * spread


def main():
    args = options(__doc__)
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)

    def make_step(replicas, noise):
        parameters = parameters_of(replicas, args.device)
        inputs = torch.randint(SYMBOLS, (replicas, BATCH, LENGTH), device=args.device)
        targets = torch.randint(SYMBOLS, (replicas, BATCH, LENGTH), device=args.device)
        optimiser = torch.optim.Adam(parameters, lr=LEARNING_RATE, eps=EPSILON)
        t = 0

        def step():
            nonlocal t
            optimiser.zero_grad()
            loss_of(parameters, inputs, targets).backward()
            gradients = [parameter.grad for parameter in parameters]
            norms = torch.stack([gradient.flatten(1).norm(dim=1) for gradient in gradients]).norm(dim=0)
            scale = (CLIP / norms).clamp(max=1)
            deviation = (ETA / (1 + t) ** GAMMA) ** 0.5
            for gradient in gradients:
                gradient.mul_(scale.view(-1, *[1] * (gradient.dim() - 1)))
                if noise:
                    gradient.add_(torch.randn_like(gradient), alpha=deviation)
            optimiser.step()
            t += 1

        return step

    measure('torch', args, make_step, torch.cuda.synchronize if args.device == 'cuda' else lambda: None)


if __name__ == '__main__':
    main()
