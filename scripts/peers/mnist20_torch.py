"""Times training steps of the 20-layer MNIST network in PyTorch. One replica: torch.nn, eager. More: a replica axis."""

import torch
from torch.nn import functional

from timing import BATCH, CLIP, EXAMPLES, ETA, GAMMA, LAYER_SIZES, LEARNING_RATE, measure, options


def single_step(images, labels, noise):
    """One network written as a PyTorch user would write it."""
    layers = []
    for inputs, units in zip(LAYER_SIZES, LAYER_SIZES[1:]):
        layers += [torch.nn.Linear(inputs, units), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1]).to(images.device)
    for layer in model[::2]:
        torch.nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')
        torch.nn.init.zeros_(layer.bias)
    parameters = list(model.parameters())
    optimiser = torch.optim.SGD(parameters, lr=LEARNING_RATE)
    t = 0

    def step():
        nonlocal t
        batch = torch.randint(EXAMPLES, (BATCH,), device=images.device)
        optimiser.zero_grad()
        functional.cross_entropy(model(images[batch]), labels[batch]).backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        if noise:
            deviation = (ETA / (1 + t) ** GAMMA) ** 0.5
            for parameter in parameters:
                parameter.grad.add_(torch.randn_like(parameter), alpha=deviation)
        optimiser.step()
        t += 1

    return step


def population_step(images, labels, replicas, noise):
    """Replicas in lockstep: weights [R, inputs, units], biases [R, 1, units], activations [R, B, units]."""
    device = images.device
    parameters = []
    for inputs, units in zip(LAYER_SIZES, LAYER_SIZES[1:]):
        weight = torch.randn(replicas, inputs, units, device=device) * (2 / inputs) ** 0.5
        parameters += [weight.requires_grad_(), torch.zeros(replicas, 1, units, device=device, requires_grad=True)]
    optimiser = torch.optim.SGD(parameters, lr=LEARNING_RATE)
    t = 0

    def loss(batch):
        hidden = images[batch]
        for index in range(0, len(parameters), 2):
            weight, bias = parameters[index : index + 2]
            hidden = torch.baddbmm(bias, hidden if index == 0 else torch.relu(hidden), weight)
        # The mean of each replica, summed over replicas: each gets exactly the gradient it would get alone.
        return functional.cross_entropy(hidden.flatten(0, 1), labels[batch].flatten(), reduction='sum') / BATCH

    def step():
        nonlocal t
        batch = torch.randint(EXAMPLES, (replicas, BATCH), device=device)
        optimiser.zero_grad()
        loss(batch).backward()
        gradients = [parameter.grad for parameter in parameters]
        norms = torch.stack([gradient.flatten(1).norm(dim=1) for gradient in gradients]).norm(dim=0)
        scale = (CLIP / norms).clamp(max=1)[:, None, None]
        for gradient in gradients:
            gradient.mul_(scale)
        if noise:
            deviation = (ETA / (1 + t) ** GAMMA) ** 0.5
            for gradient in gradients:
                gradient.add_(torch.randn_like(gradient), alpha=deviation)
        optimiser.step()
        t += 1

    return step


def main():
    args = options(__doc__)
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    images = torch.rand(EXAMPLES, LAYER_SIZES[0], device=args.device)
    labels = torch.randint(LAYER_SIZES[-1], (EXAMPLES,), device=args.device)

    def make_step(replicas, noise):
        if replicas == 1:
            return single_step(images, labels, noise)
        return population_step(images, labels, replicas, noise)

    measure('torch', args, make_step, torch.cuda.synchronize if args.device == 'cuda' else lambda: None)


if __name__ == '__main__':
    main()
