"""The Neural GPU on binary multiplication in PyTorch. More than one replica: grouped convolutions."""

import torch
from torch.nn import functional

from torch_training import run

WIDTH, LAYERS, PARTS, TAPS, SYMBOLS = 4, 2, 3, 3, 4


def convolve(image, kernels, biases):
    """One convolution for every replica: images [B, R m, width, n], kernels [R, outputs, m, 3, 3]."""
    replicas = kernels.shape[0]
    return functional.conv2d(image, kernels.flatten(0, 1), biases.flatten(), padding=1, groups=replicas)


def cutoff(x):
    return (1.2 * torch.sigmoid(x) - 0.1).clamp(0, 1)


def cgru(image, kernels, biases):
    """kernels [R, 3 m, m, 3, 3] and biases [R, 3 m] of update gate, reset gate and candidate."""
    replicas, _, maps = kernels.shape[:3]
    gates = cutoff(convolve(image, kernels[:, : 2 * maps], biases[:, : 2 * maps] + 1))
    u, r = gates.unflatten(1, (replicas, 2, maps)).unbind(2)
    u, r = u.flatten(1, 2), r.flatten(1, 2)
    candidate = torch.tanh(convolve(r * image, kernels[:, 2 * maps :], biases[:, 2 * maps :]))
    return u * image + (1 - u) * candidate


def weights_of(sets, maps):
    """Kernels and biases of every relaxed set and layer: [set][layer], each with the replica axis first."""
    kernels, biases = sets.split([LAYERS * PARTS * TAPS * TAPS * maps * maps, LAYERS * PARTS * maps], 2)
    # From [width, position, inputs, outputs] to [outputs, inputs, width, position].
    kernels = kernels.unflatten(2, (LAYERS, PARTS, TAPS, TAPS, maps, maps)).permute(0, 1, 2, 3, 7, 6, 4, 5).flatten(3, 4)
    biases = biases.unflatten(2, (LAYERS, PARTS * maps))
    return [list(zip(k.unbind(1), b.unbind(1))) for k, b in zip(kernels.unbind(1), biases.unbind(1))]


def loss(parameters, batch, settings):
    sets, embedding, output = parameters['cgru/sets'], parameters['embedding'], parameters['output']
    replicas, _, maps = embedding.shape
    positions, examples = batch['inputs'].shape[1:]
    dropout = settings['train']['dropout']
    weights = weights_of(sets, maps)
    symbols = functional.one_hot(batch['inputs'].long(), SYMBOLS).float()
    image = torch.zeros(examples, replicas, maps, WIDTH, positions, device=sets.device)
    image[:, :, :, 0] = torch.einsum('rnbc,rcm->brmn', symbols, embedding)
    image = functional.dropout(image.flatten(1, 2), dropout)
    for step in range(positions):
        for kernels, biases in weights[step % len(weights)]:
            image = cgru(image, kernels, biases)
        image = functional.dropout(image, dropout)
    first = image.unflatten(1, (replicas, maps))[:, :, :, 0]
    logits = torch.einsum('brmn,rmc->rnbc', first, output)
    costs = functional.cross_entropy(logits.flatten(0, 2), batch['targets'].flatten().long(), reduction='none')
    spread = (sets - sets.mean(1, keepdim=True)).square().sum((1, 2))
    return costs.view(replicas, -1).mean(1) + batch['pull'] * spread


if __name__ == '__main__':
    run('neural-gpu', loss)
