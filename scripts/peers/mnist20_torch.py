"""The 20-layer MNIST network in PyTorch, eager: what torch.compile makes of it is no faster."""

import torch
from torch.nn import functional

from torch_training import run

EXAMPLES, PIXELS, CLASSES, BATCH = 60_000, 784, 10, 100


def loss(parameters, batch, _):
    """Weights [R, inputs, units], biases [R, units], activations [R, B, units]."""
    hidden = batch['images']
    for layer in range(len(parameters) // 2):
        inputs = hidden if layer == 0 else torch.relu(hidden)
        hidden = torch.baddbmm(parameters[f'layer{layer}/bias'][:, None], inputs, parameters[f'layer{layer}/weights'])
    costs = functional.cross_entropy(hidden.flatten(0, 1), batch['labels'].flatten().long(), reduction='none')
    return costs.view(len(hidden), -1).mean(1)


def batches(replicas, device):
    """Batches of random images, as many as MNIST has."""
    images = torch.rand(EXAMPLES, PIXELS, device=device)
    labels = torch.randint(CLASSES, (EXAMPLES,), device=device)

    def draw():
        index = torch.randint(EXAMPLES, (replicas, BATCH), device=device)
        return {'images': images[index], 'labels': labels[index]}

    return draw


if __name__ == '__main__':
    run('mnist20', loss, batches)
