"""The 20-layer MNIST network in JAX."""

from jax_training import run

import jax
import jax.numpy as jnp
import optax

EXAMPLES, PIXELS, CLASSES, BATCH = 60_000, 784, 10, 100


def loss(parameters, batch, _):
    hidden = batch['images']
    for layer in range(len(parameters) // 2):
        inputs = hidden if layer == 0 else jax.nn.relu(hidden)
        hidden = inputs @ parameters[f'layer{layer}/weights'] + parameters[f'layer{layer}/bias']
    return optax.softmax_cross_entropy_with_integer_labels(hidden, batch['labels']).mean()


def batches():
    """Random images, as many as MNIST has, and how a batch is drawn from them."""
    images_key, labels_key = jax.random.split(jax.random.key(0))
    data = {
        'images': jax.random.uniform(images_key, (EXAMPLES, PIXELS)),
        'labels': jax.random.randint(labels_key, (EXAMPLES,), 0, CLASSES),
    }

    def draw(data, key):
        index = jax.random.randint(key, (BATCH,), 0, EXAMPLES)
        return {name: array[index] for name, array in data.items()}

    return data, draw


if __name__ == '__main__':
    run('mnist20', loss, batches)
