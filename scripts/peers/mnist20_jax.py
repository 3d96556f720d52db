"""Times training steps of the 20-layer MNIST network in JAX and Optax. One replica: jit. More: jit of vmap."""

import os

from timing import BATCH, CLIP, EXAMPLES, ETA, GAMMA, LAYER_SIZES, LEARNING_RATE, measure, options

ARGS = options(__doc__)
# JAX sizes its thread pool by the cores it may use when it starts, so the limit is set before the import.
if hasattr(os, 'sched_setaffinity'):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: ARGS.threads])
os.environ.setdefault('JAX_PLATFORMS', ARGS.device)

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import optax  # noqa: E402

jax.config.update('jax_default_matmul_precision', 'highest')  # float32 on a GPU too, as in the others


def initial_parameters(key):
    """He initialisation: a list of (weight [inputs, units], bias [units])."""
    initialise = jax.nn.initializers.he_normal()
    shapes = list(zip(LAYER_SIZES, LAYER_SIZES[1:]))
    keys = jax.random.split(key, len(shapes))
    return [(initialise(k, shape), jnp.zeros(shape[1])) for k, shape in zip(keys, shapes)]


def loss(parameters, images, labels):
    hidden = images
    for weight, bias in parameters[:-1]:
        hidden = jax.nn.relu(hidden @ weight + bias)
    weight, bias = parameters[-1]
    return optax.softmax_cross_entropy_with_integer_labels(hidden @ weight + bias, labels).mean()


def optimiser(key, noise):
    return optax.chain(
        optax.clip_by_global_norm(CLIP),
        optax.add_noise(ETA, GAMMA, key) if noise else optax.identity(),
        optax.sgd(LEARNING_RATE),
    )


def start(key, noise):
    """The state of one replica before training: parameters, optimiser state and the key that draws batches."""
    parameter_key, noise_key, batch_key = jax.random.split(key, 3)
    parameters = initial_parameters(parameter_key)
    return parameters, optimiser(noise_key, noise).init(parameters), batch_key


def train_step(state, images, labels, noise):
    """One step of one replica; vmapped over the state it is one step of a population."""
    parameters, optimiser_state, key = state
    key, batch_key = jax.random.split(key)
    batch = jax.random.randint(batch_key, (BATCH,), 0, EXAMPLES)
    gradients = jax.grad(loss)(parameters, images[batch], labels[batch])
    # The noise key lives in the optimiser's state since `start`, so the one given here is not used.
    updates, optimiser_state = optimiser(key, noise).update(gradients, optimiser_state, parameters)
    return optax.apply_updates(parameters, updates), optimiser_state, key


def main():
    images_key, labels_key, root = jax.random.split(jax.random.key(0), 3)
    images = jax.random.uniform(images_key, (EXAMPLES, LAYER_SIZES[0]))
    labels = jax.random.randint(labels_key, (EXAMPLES,), 0, LAYER_SIZES[-1])
    state = None

    def make_step(replicas, noise):
        nonlocal state
        if replicas == 1:
            state = start(root, noise)
            compiled = jax.jit(lambda s, x, y: train_step(s, x, y, noise), donate_argnums=0)
        else:
            state = jax.vmap(lambda key: start(key, noise))(jax.random.split(root, replicas))
            one = lambda s, x, y: train_step(s, x, y, noise)  # noqa: E731
            compiled = jax.jit(jax.vmap(one, in_axes=(0, None, None)), donate_argnums=0)

        def step():
            nonlocal state
            state = compiled(state, images, labels)

        return step

    measure('jax', ARGS, make_step, lambda: jax.block_until_ready(state))


if __name__ == '__main__':
    main()
