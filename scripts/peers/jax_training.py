"""Training in JAX and Optax: jit of a population, clipping, annealed noise, SGD or Adam."""

import os

import peer

ARGS = peer.options(ways=['vmap', 'map', 'loop'])
# JAX sizes its thread pool by the cores it may use when it starts, so the limit is set before the import.
if hasattr(os, 'sched_setaffinity'):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: ARGS.threads])
os.environ.setdefault('JAX_PLATFORMS', ARGS.device)

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import optax  # noqa: E402

jax.config.update('jax_default_matmul_precision', 'highest')  # float32 on a GPU too, as in the others


def run(network, loss, batches=None, way='vmap'):
    """Makes a peer of a network's loss.

    loss(parameters, batch, settings) returns one replica's; parameters and batch are dictionaries of arrays,
    batch['step'] is the number of the update, from 0, and batch['key'] is there for dropout.
    batches() returns arrays, and a function that draws one replica's batch from them with a key; left out: a random one of
    the example's.
    way: the fastest of WAYS for populations of this network.
    """
    step = peer.example(network)
    parameters, pool = ({name: jnp.asarray(array) for name, array in step[kind].items()}
                        for kind in ('parameters', 'batch'))

    def make_advance(replicas, noise):
        count = len(step['losses'])
        data, draw = batches() if batches else (pool, lambda pool, key: pick(pool, jax.random.randint(key, (), 0, count)))
        index = jnp.arange(replicas) % count
        weights = {name: array[index] for name, array in parameters.items()}
        keys = jax.random.split(jax.random.key(0), replicas)
        settings = step['settings']
        start = lambda weights, key: (weights, optimiser(settings['train'], key, noise).init(weights), key, 0.0)  # noqa: E731

        def update(state, data):
            """One update of one replica; the optimiser's own key lives in its state since `start`."""
            weights, optimiser_state, key, number = state
            key, batch_key, dropout_key = jax.random.split(key, 3)
            batch = {**draw(data, batch_key), 'step': number, 'key': dropout_key}
            gradients = jax.grad(loss)(weights, batch, settings)
            updates, optimiser_state = optimiser(settings['train'], key, noise).update(gradients, optimiser_state, weights)
            return optax.apply_updates(weights, updates), optimiser_state, key, number + 1

        step_all, state = WAYS[ARGS.way or way](update, jax.jit(jax.vmap(start))(weights, keys))

        def advance(steps):
            nonlocal state
            for _ in range(steps):
                state = step_all(state, data)
            jax.block_until_ready(state)

        return advance

    def compute():
        plain = {**step['settings'], 'train': {**step['settings']['train'], 'dropout': 0}}
        one = lambda weights, batch: loss(weights, {**batch, 'step': 0.0, 'key': jax.random.key(0)}, plain)  # noqa: E731
        losses, gradients = jax.jit(jax.vmap(jax.value_and_grad(one)))(parameters, pool)
        return losses, {name: jax.vmap(jnp.linalg.norm)(g.reshape(len(g), -1)) for name, g in gradients.items()}

    peer.run('jax', ARGS, step, make_advance, compute)


def vmapped(update, states):
    return jax.jit(jax.vmap(update, in_axes=(0, None)), donate_argnums=0), states


def mapped(update, states):
    """Replicas one after the other in one compiled program: where XLA's operations do not like a further axis."""
    return jax.jit(lambda states, data: jax.lax.map(lambda state: update(state, data), states), donate_argnums=0), states


def looped(update, states):
    """A compiled program for one replica, called for each: where they do not like to be in a loop either."""
    one = jax.jit(update, donate_argnums=0)
    count = len(jax.tree.leaves(states)[0])
    apart = [jax.tree.map(lambda array: array[replica], states) for replica in range(count)]
    return lambda states, data: [one(state, data) for state in states], apart


# How one replica's update becomes the population's: from it and the starting states to a function and its own form of those.
WAYS = {'vmap': vmapped, 'map': mapped, 'loop': looped}


def pick(pool, index):
    return {name: array[index] for name, array in pool.items()}


def optimiser(train, key, noise):
    clip, rate = train['clip'], train['rate']
    return optax.chain(
        optax.clip_by_global_norm(clip['at']) if clip['by'] == 'global-norm' else clip_by_tensor_norm(clip['at']),
        optax.add_noise(train['noise']['eta'], train['noise']['gamma'], key) if noise else optax.identity(),
        optax.adam(rate, eps=train['optimiser']['epsilon']) if train['optimiser']['name'] == 'adam' else optax.sgd(rate),
    )


def clip_by_tensor_norm(limit):
    """Scales the gradient of each array by itself down to the norm `limit`."""
    scale = lambda gradient: gradient * jnp.minimum(1, limit / jnp.linalg.norm(gradient.ravel()))  # noqa: E731
    return optax.stateless(lambda gradients, _: jax.tree.map(scale, gradients))
