"""The Neural Programmer on tables of a single column in PyTorch."""

import torch
from torch.nn import functional

from torch_training import run

SUM, COUNT, DIFFERENCE, GREATER, LESSER, AND, OR, ASSIGN, RESET = range(9)
MARGIN = 1e-6  # probabilities under the logarithm stay this far from 0 and 1
NEVER = -1e9


def select(parameters, batch, steps):
    """Distributions over the operations, [R, B, 9] for each step, and over the question's numbers, [R, B, 2, 2]."""
    operations, words = parameters['operations'], parameters['words']
    replicas, examples, positions = batch['isWord'].shape
    inputs = batch['words'] @ (words @ parameters['question/forward/input'])
    states = []
    for word in inputs.view(replicas, positions, examples, -1).unbind(1):
        before = states[-1] @ parameters['question/forward/recurrent'] if states else 0
        states.append(torch.tanh(word + before))
    of_question = states[-1] @ parameters['selector/question']
    of_operation = operations @ parameters['history/operation']
    # There is one column, whose name is the last word, and nothing to select.
    of_column = words[:, -1:] @ parameters['history/column']
    selected, history = [], None
    for step in range(steps):
        hidden = of_question if history is None else of_question + history @ parameters['selector/history']
        selected.append(torch.softmax(torch.tanh(hidden) @ operations.mT, 2))
        if step < steps - 1:
            carried = 0 if history is None else history @ parameters['history/recurrent']
            history = torch.tanh(selected[-1] @ of_operation + of_column + carried)
    with torch.no_grad():  # comparisons are hard
        scores = torch.stack(states, 2) @ operations[:, None, GREATER : LESSER + 1].mT
        logits = (batch['lefts'] @ scores).mT + (1 - batch['isNumber'][:, :, None]) * NEVER
        pivots = torch.softmax(logits, 3)
    return selected, pivots


def run_machine(selected, pivots, batch):
    """The last step's scalar, [R, B], and probability of every row to be looked up, [R, B, rows]."""
    mask, column = batch['values'].unbind(2)
    greater, lesser = (pivots * batch['numbers'][:, :, None]).sum(3)[..., None].unbind(2)
    above = (column > greater) * mask
    below = (column < lesser) * mask
    rows, scalars = [mask], []
    for step, distribution in enumerate(selected):
        p = distribution.unbind(2)
        last, before = rows[-1], rows[max(0, len(rows) - 2)]
        scalar = p[SUM] * (last * column).sum(2) + p[COUNT] * last.sum(2)
        if step > 0:
            minuend = scalars[step - 3] if step >= 3 else 0
            scalar = scalar + p[DIFFERENCE] * (minuend - scalars[step - 1])
        scalars.append(scalar)
        if step == len(selected) - 1:
            return scalar, last * p[ASSIGN][..., None]
        weight = [probability[..., None] for probability in p]
        excess = torch.relu(before - last)
        both = weight[AND] * (before - excess) + weight[OR] * (last + excess)
        rows.append(both + weight[RESET] * mask + weight[GREATER] * above + weight[LESSER] * below)


def loss(parameters, batch, settings):
    model, train = settings['model'], settings['train']
    scalar, cells = run_machine(*select(parameters, batch, model['steps']), batch)
    numbers = functional.huber_loss(scalar, batch['scalars'], reduction='none', delta=train['delta'])
    cells = cells.clamp(MARGIN, 1 - MARGIN)
    signs = batch['signs'][:, :, 0]
    # What is given to the truth: nothing is asked of padding.
    likelihood = torch.where(signs > 0, cells, torch.where(signs < 0, 1 - cells, 1.0))
    lookups = -likelihood.log().sum(2) * batch['perCell']
    return torch.where(batch['isScalar'] > 0, numbers, train['lambda'] * lookups).mean(1)


if __name__ == '__main__':
    run('table-qa', loss, way='compile')
