"""The random-access machine on linked lists in JAX."""

from functools import partial

from jax_training import run

import jax
import jax.numpy as jnp

MODULES = 14


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def clip_gradient(x, limit):
    """The identity; on the way back every entry is clipped."""
    return x


clip_gradient.defvjp(
    lambda x, limit: (x, None),
    lambda limit, _, gradient: (jnp.clip(gradient, -limit, limit),),
)


def renormalise(x):
    """Rows divided by their sums; the way back is the identity."""
    return x + jax.lax.stop_gradient(x / x.sum(-1, keepdims=True) - x)


def truth(p, size):
    """1 with probability p [B], else 0."""
    return jnp.pad(jnp.stack([1 - p, p], 1), ((0, 0), (0, size - 2)))


def extreme(a, b, sums_of_a, sums_of_b):
    return a * sums_of_b + b * sums_of_a - a * b


def modules(size):
    """The modules between READ and WRITE, in order, on distributions a and b [B, M]."""
    integers = jnp.arange(size)
    shifts = (integers - integers[:, None]) % size
    constant = lambda value: lambda a, b: jnp.broadcast_to(jax.nn.one_hot(value, size), a.shape)  # noqa: E731
    up = lambda x: jnp.cumsum(x, 1)  # noqa: E731
    down = lambda x: jnp.cumsum(x[:, ::-1], 1)[:, ::-1]  # noqa: E731
    return [
        constant(0),
        constant(1),
        constant(2),
        lambda a, b: jnp.roll(a, 1, 1),
        lambda a, b: jnp.einsum('na,nac->nc', a, b[:, shifts]),
        lambda a, b: jnp.einsum('na,nca->nc', a, b[:, shifts]),
        lambda a, b: jnp.roll(a, -1, 1),
        lambda a, b: truth(1 - (up(b) * a).sum(1), size),
        lambda a, b: truth((up(a) * b).sum(1), size),
        lambda a, b: truth((a * b).sum(1), size),
        lambda a, b: extreme(a, b, down(a), down(b)),
        lambda a, b: extreme(a, b, up(a), up(b)),
    ]


def machine_step(logits, registers, memory, limit):
    """One time step for B examples: logits [B, outputs], registers [B, registers, M], memory [B, M, M]."""
    values = registers
    entropy = 0
    used = 0

    def select(count):
        """Mixtures of the values that there are, by the next logits."""
        nonlocal entropy, used
        width = values.shape[1]
        chosen = logits[:, used : used + count * width].reshape(-1, count, width)
        used += count * width
        log_probabilities = jax.nn.log_softmax(chosen)
        probabilities = jnp.exp(log_probabilities)
        entropy -= (probabilities * log_probabilities).sum((1, 2))
        return jnp.einsum('nsv,nvm->nsm', probabilities, values)

    def with_output(output):
        return jnp.concatenate([values, clip_gradient(output, limit)[:, None]], 1)

    pointer = select(2)[:, 0]
    values = with_output(jnp.einsum('np,npc->nc', pointer, memory))
    for module in modules(registers.shape[2]):
        pair = select(2)
        values = with_output(module(pair[:, 0], pair[:, 1]))
    pair = select(2)
    pointer, content = pair[:, 0], pair[:, 1]
    memory = clip_gradient(memory * (1 - pointer)[:, :, None] + pointer[:, :, None] * content[:, None], limit)
    values = with_output(content)
    registers = clip_gradient(renormalise(select(registers.shape[1])), limit)
    return registers, renormalise(memory), entropy


def lstm(gates, cell):
    i, f, candidate, o = jnp.split(gates, 4, -1)
    cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(candidate)
    return jax.nn.sigmoid(o) * jnp.tanh(cell), cell


def loss(parameters, batch, settings):
    """Summed over the batch, less the bonus for entropy."""
    model, train = settings['model'], settings['train']
    examples, size = batch['memory'].shape
    layer = lambda name, x: x @ parameters[f'{name}/weights'] + parameters[f'{name}/bias']  # noqa: E731
    answers = jax.nn.one_hot(batch['targets'], size)
    is_answer = batch['targets'] >= 0
    registers = jnp.zeros((examples, model['registers'], size)).at[:, :, 0].set(1)
    memory = jax.nn.one_hot(batch['memory'], size)
    output = cell = jnp.zeros((examples, model['units']))
    left = jnp.ones(examples)
    cost = entropies = 0
    for t in range(model['steps']):
        hidden = jax.nn.relu(layer('hidden', registers[:, :, 0]))
        output, cell = lstm(layer('lstm', hidden) + output @ parameters['lstm/recurrent'], cell)
        registers, memory, entropy = machine_step(layer('output', output), registers, memory, train['activationClip'])
        right = (memory * answers).sum(2)
        likelihood = (jnp.log(jnp.maximum(right, model['epsilon'])) * is_answer).sum(1)
        # What is left stops at the last step, whatever the controller says then.
        halt = jax.nn.sigmoid(layer('halt', output)[:, 0]) if t < model['steps'] - 1 else 1
        cost -= halt * left * likelihood
        left *= 1 - halt
        entropies += entropy
    bonus = train['entropy']['coefficient'] * train['entropy']['decay'] ** batch['step']
    return (cost - bonus * entropies).sum()


if __name__ == '__main__':
    run('kth-element', loss)
