"""The Neural Programmer on tables of a single column in JAX."""

from jax_training import run

import jax
import jax.numpy as jnp
import optax

SUM, COUNT, DIFFERENCE, GREATER, LESSER, AND, OR, ASSIGN, RESET = range(9)
MARGIN = 1e-6  # probabilities under the logarithm stay this far from 0 and 1
NEVER = -1e9


def select(parameters, batch, steps):
    """Distributions over the operations, [B, 9] for each step, and over the question's numbers, [B, 2, 2]."""
    operations, words = parameters['operations'], parameters['words']
    examples, positions = batch['isWord'].shape
    inputs = batch['words'] @ (words @ parameters['question/forward/input'])
    states = []
    for word in inputs.reshape(positions, examples, -1):
        before = states[-1] @ parameters['question/forward/recurrent'] if states else 0
        states.append(jnp.tanh(word + before))
    of_question = states[-1] @ parameters['selector/question']
    of_operation = operations @ parameters['history/operation']
    # There is one column, whose name is the last word, and nothing to select.
    of_column = words[-1:] @ parameters['history/column']
    selected, history = [], None
    for step in range(steps):
        hidden = of_question if history is None else of_question + history @ parameters['selector/history']
        selected.append(jax.nn.softmax(jnp.tanh(hidden) @ operations.T))
        if step < steps - 1:
            carried = 0 if history is None else history @ parameters['history/recurrent']
            history = jnp.tanh(selected[-1] @ of_operation + of_column + carried)
    scores = jnp.stack(states, 1) @ operations[GREATER : LESSER + 1].T
    logits = jnp.swapaxes(batch['lefts'] @ scores, 1, 2) + (1 - batch['isNumber'][:, None]) * NEVER
    return selected, jax.lax.stop_gradient(jax.nn.softmax(logits))  # comparisons are hard


def run_machine(selected, pivots, batch):
    """The last step's scalar, [B], and probability of every row to be looked up, [B, rows]."""
    mask, column = batch['values'][:, 0], batch['values'][:, 1]
    greater, lesser = (pivots * batch['numbers'][:, None]).sum(2)[..., None].swapaxes(0, 1)
    above = (column > greater) * mask
    below = (column < lesser) * mask
    rows, scalars = [mask], []
    for step, distribution in enumerate(selected):
        p = distribution.T
        last, before = rows[-1], rows[max(0, len(rows) - 2)]
        scalar = p[SUM] * (last * column).sum(1) + p[COUNT] * last.sum(1)
        if step > 0:
            minuend = scalars[step - 3] if step >= 3 else 0
            scalar += p[DIFFERENCE] * (minuend - scalars[step - 1])
        scalars.append(scalar)
        if step == len(selected) - 1:
            return scalar, last * p[ASSIGN][:, None]
        weight = p[..., None]
        excess = jax.nn.relu(before - last)
        both = weight[AND] * (before - excess) + weight[OR] * (last + excess)
        rows.append(both + weight[RESET] * mask + weight[GREATER] * above + weight[LESSER] * below)


def loss(parameters, batch, settings):
    model, train = settings['model'], settings['train']
    scalar, cells = run_machine(*select(parameters, batch, model['steps']), batch)
    numbers = optax.huber_loss(scalar, batch['scalars'], delta=train['delta'])
    cells = jnp.clip(cells, MARGIN, 1 - MARGIN)
    signs = batch['signs'][:, 0]
    # What is given to the truth: nothing is asked of padding.
    likelihood = jnp.where(signs > 0, cells, jnp.where(signs < 0, 1 - cells, 1))
    lookups = -jnp.log(likelihood).sum(1) * batch['perCell']
    return jnp.where(batch['isScalar'] > 0, numbers, train['lambda'] * lookups).mean()


if __name__ == '__main__':
    run('table-qa', loss)
