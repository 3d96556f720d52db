"""The random-access machine on linked lists in PyTorch."""

import torch
from torch.nn import functional

from torch_training import run

MODULES = 14
NEVER = -1e9  # logit of what a selection cannot choose


class ClipGradient(torch.autograd.Function):
    """The identity; on the way back every entry is clipped."""

    @staticmethod
    def forward(context, x, limit):
        context.limit = limit
        return x.view_as(x)

    @staticmethod
    def backward(context, gradient):
        return gradient.clamp(-context.limit, context.limit), None


def renormalise(x):
    """Rows divided by their sums; the way back is the identity."""
    return x + (x / x.sum(-1, keepdim=True) - x).detach()


def one_hot(integers, size):
    """float [..., size]; zeros for -1."""
    return (integers[..., None] == torch.arange(size, device=integers.device)).float()


def sources(registers):
    """Where each entry of the table of selections, [selections, values], stands among the logits; -1 where it has none."""
    widths = [registers + module for module in range(MODULES) for _ in range(2)] + [registers + MODULES] * registers
    table = torch.full((len(widths), max(widths)), -1)
    start = 0
    for row, width in enumerate(widths):
        table[row, :width] = torch.arange(start, start + width)
        start += width
    return table % (start + 1)  # one more stands for NEVER


def extreme(a, b, sums_of_a, sums_of_b):
    return a * sums_of_b + b * sums_of_a - a * b


def truth(p, like):
    """1 with probability p [N], else 0."""
    return torch.cat([(1 - p)[:, None], p[:, None], torch.zeros_like(like[:, 2:])], 1)


def modules(shifts):
    """The modules between READ and WRITE, in order, on distributions a and b [N, M]."""

    def constant(value):
        return lambda a, b: one_hot(torch.full_like(a[:, 0], value), a.shape[1])

    def tail(x):
        return x.flip(1).cumsum(1).flip(1)

    return [
        constant(0),
        constant(1),
        constant(2),
        lambda a, b: a.roll(1, 1),
        lambda a, b: torch.einsum('na,nac->nc', a, b[:, shifts]),
        lambda a, b: torch.einsum('na,nca->nc', a, b[:, shifts]),
        lambda a, b: a.roll(-1, 1),
        lambda a, b: truth(1 - (b.cumsum(1) * a).sum(1), a),
        lambda a, b: truth((a.cumsum(1) * b).sum(1), a),
        lambda a, b: truth((a * b).sum(1), a),
        lambda a, b: extreme(a, b, tail(a), tail(b)),
        lambda a, b: extreme(a, b, a.cumsum(1), b.cumsum(1)),
    ]


def machine_step(logits, registers, memory, places, shifts, limit):
    """One time step for N examples: logits [N, outputs], registers [N, registers, M], memory [N, M, M]."""
    clip = lambda x: ClipGradient.apply(x, limit)  # noqa: E731
    table = functional.pad(logits, (0, 1), value=NEVER)[:, places]
    log_probabilities = torch.log_softmax(table, 2)
    choices = log_probabilities.exp()
    values = registers

    def inputs(module):
        pair = choices[:, 2 * module : 2 * module + 2, : values.shape[1]]
        return torch.bmm(pair, values).unbind(1)

    def with_output(output):
        return torch.cat([values, clip(output)[:, None]], 1)

    pointer, _ = inputs(0)
    values = with_output(torch.einsum('np,npc->nc', pointer, memory))
    for index, module in enumerate(modules(shifts), 1):
        values = with_output(module(*inputs(index)))
    pointer, content = inputs(MODULES - 1)
    memory = clip(memory * (1 - pointer)[:, :, None] + pointer[:, :, None] * content[:, None])
    values = with_output(content)
    registers = clip(renormalise(torch.bmm(choices[:, 2 * MODULES :], values)))
    entropy = -(choices * log_probabilities).sum((1, 2))
    return registers, renormalise(memory), entropy


def lstm(gates, cell):
    i, f, candidate, o = gates.chunk(4, -1)
    cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(candidate)
    return torch.sigmoid(o) * torch.tanh(cell), cell


def loss(parameters, batch, settings):
    """Summed over the batch, without the bonus for entropy."""
    model, train = settings['model'], settings['train']
    replicas, examples, size = batch['memory'].shape
    device = batch['memory'].device
    layer = lambda name, x: torch.baddbmm(parameters[f'{name}/bias'][:, None], x, parameters[f'{name}/weights'])  # noqa: E731
    places = sources(model['registers']).to(device)
    integers = torch.arange(size, device=device)
    shifts = (integers - integers[:, None]) % size
    memory = one_hot(batch['memory'].flatten(0, 1), size)
    registers = one_hot(torch.zeros(replicas * examples, model['registers'], device=device), size)
    answers = one_hot(batch['targets'].flatten(0, 1), size)
    is_answer = (batch['targets'].flatten(0, 1) >= 0).float()
    output = cell = torch.zeros(replicas, examples, model['units'], device=device)
    left = torch.ones(replicas, examples, device=device)
    cost = entropies = 0
    for t in range(model['steps']):
        hidden = torch.relu(layer('hidden', registers[..., 0].view(replicas, examples, -1)))
        output, cell = lstm(layer('lstm', hidden) + output @ parameters['lstm/recurrent'], cell)
        logits = layer('output', output).flatten(0, 1)
        registers, memory, entropy = machine_step(logits, registers, memory, places, shifts, train['activationClip'])
        likelihood = ((memory * answers).sum(2).clamp(min=model['epsilon']).log() * is_answer).sum(1)
        # What is left stops at the last step, whatever the controller says then.
        halt = torch.sigmoid(layer('halt', output)[..., 0]) if t < model['steps'] - 1 else 1
        cost = cost - halt * left * likelihood.view(replicas, -1)
        left = left * (1 - halt)
        entropies = entropies + entropy.view(replicas, -1)
    bonus = train['entropy']['coefficient'] * train['entropy']['decay'] ** batch['step']
    return cost.sum(1) - bonus * entropies.sum(1)


if __name__ == '__main__':
    run('kth-element', loss, way='compile')
