"""The memory network on bAbI in JAX."""

from jax_training import run

import jax
import jax.numpy as jnp
import optax


def position_weights(slots, width):
    """Position encoding of the authors' code, [slots, width]."""
    j = jnp.arange(1, slots + 1)[:, None] - (slots + 1) / 2
    k = jnp.arange(1, width + 1) - (width + 1) / 2
    return 1 + 4 * j * k / (slots * width)


def loss(parameters, batch, settings):
    """Summed over the batch, as in the authors' code; the nil word's vectors are zero and get no gradient."""
    width = settings['model']['width']
    weights = position_weights(batch['stories'].shape[-1], width)
    matrices = [parameters[name].at[0].set(0) for name in sorted(parameters)]
    query = (matrices[0][batch['questions']] * weights[:-1]).sum(1)
    # All matrices side by side: every word of the memory is looked up once. Slot by slot, which is faster than all at once.
    table, weights = jnp.concatenate(matrices, 1), jnp.tile(weights, len(matrices))
    memory = sum(table[batch['stories'][:, :, slot]] * weight for slot, weight in enumerate(weights))
    memories = jnp.split(memory, len(matrices), 2)
    for keys, values in zip(memories, memories[1:]):
        attention = jax.nn.softmax(jnp.einsum('bmd,bd->bm', keys, query), 1)
        query = query + jnp.einsum('bm,bmd->bd', attention, values)
    return optax.softmax_cross_entropy_with_integer_labels(query @ matrices[-1].T, batch['answers']).sum()


if __name__ == '__main__':
    run('babi', loss, way='map')
