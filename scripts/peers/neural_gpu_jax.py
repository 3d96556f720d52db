"""The Neural GPU on binary multiplication in JAX, replica by replica: convolutions with vmap over kernels are far slower."""

from jax_training import run

import jax
import jax.numpy as jnp
import optax

WIDTH, LAYERS, PARTS, TAPS = 4, 2, 3, 3


def convolve(image, kernels, biases):
    """image [B, width, n, m], kernels [3 (width), 3 (position), m, outputs]."""
    return jax.lax.conv_general_dilated(image, kernels, (1, 1), 'SAME', dimension_numbers=('NHWC', 'HWIO', 'NHWC')) + biases


def cutoff(x):
    return jnp.clip(1.2 * jax.nn.sigmoid(x) - 0.1, 0, 1)


def cgru(image, kernels, biases):
    """kernels [3, 3, 3, m, m] and biases [3, m] of update gate, reset gate and candidate."""
    both = cutoff(convolve(image, jnp.concatenate([kernels[0], kernels[1]], 3), biases[:2].ravel() + 1))
    u, r = jnp.split(both, 2, 3)
    candidate = jnp.tanh(convolve(r * image, kernels[2], biases[2]))
    return u * image + (1 - u) * candidate


def drop(image, rate, key):
    if rate == 0:
        return image
    return jnp.where(jax.random.bernoulli(key, 1 - rate, image.shape), image / (1 - rate), 0)


def loss(parameters, batch, settings):
    sets, embedding, output = parameters['cgru/sets'], parameters['embedding'], parameters['output']
    maps = embedding.shape[1]
    positions, examples = batch['inputs'].shape
    rate = settings['train']['dropout']
    keys = jax.random.split(batch['key'], positions + 1)
    kernels = sets[:, : -LAYERS * PARTS * maps].reshape(len(sets), LAYERS, PARTS, TAPS, TAPS, maps, maps)
    biases = sets[:, -LAYERS * PARTS * maps :].reshape(len(sets), LAYERS, PARTS, maps)
    column = jnp.swapaxes(embedding[batch['inputs']], 0, 1)
    image = jnp.zeros((examples, WIDTH, positions, maps)).at[:, 0].set(column)
    image = drop(image, rate, keys[0])
    for step in range(positions):
        for layer in range(LAYERS):
            image = cgru(image, kernels[step % len(sets), layer], biases[step % len(sets), layer])
        image = drop(image, rate, keys[step + 1])
    logits = image[:, 0] @ output
    cost = optax.softmax_cross_entropy_with_integer_labels(logits, batch['targets'].T).mean()
    return cost + batch['pull'] * jnp.square(sets - sets.mean(0)).sum()


if __name__ == '__main__':
    run('neural-gpu', loss, way='loop')
