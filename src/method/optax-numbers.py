"""What Optax computes, for optax.test.ts to compare with: python optax-numbers.py > optax-numbers.json (Optax 0.2.8)."""

import json

import jax.numpy as jnp
import optax

STEPS = 5
START = {"kernel": jnp.array([1.0, -2.0, 3.0]), "bias": jnp.array([0.5])}


def gradients(t):
    sign = (-1.0) ** t
    return {"kernel": jnp.array([0.5 * (t + 1), -1.0, 3.0 * sign]), "bias": jnp.array([0.2 * (t + 2) * sign])}


def updates(transformation):
    """The updates of every step; the parameters follow them."""
    parameters, state, rows = START, transformation.init(START), []
    for t in range(STEPS):
        update, state = transformation.update(gradients(t), state, parameters)
        parameters = optax.apply_updates(parameters, update)
        rows.append([float(x) for name in ("kernel", "bias") for x in update[name]])
    return rows


def values(schedule):
    return [float(schedule(t)) for t in (0, 1, 5, 9, 10, 11, 25, 100)]


kernels_only = {"kernel": True, "bias": False}
cosine = optax.cosine_decay_schedule(0.1, 10, alpha=0.05)

print(
    json.dumps(
        {
            "updates": {
                "sgd": updates(optax.sgd(0.1)),
                "momentum": updates(optax.sgd(0.1, momentum=0.9)),
                "nesterov": updates(optax.sgd(0.1, momentum=0.8, nesterov=True)),
                "adam": updates(optax.adam(0.1, b1=0.8, b2=0.95, eps=1e-3)),
                "adamw": updates(optax.adamw(0.1, weight_decay=0.05)),
                "adamw, kernels only": updates(optax.adamw(0.1, weight_decay=0.05, mask=kernels_only)),
                "rmsprop": updates(optax.rmsprop(0.1, decay=0.9, eps=1e-8)),
                "rmsprop with momentum": updates(optax.rmsprop(0.1, decay=0.9, eps=1e-8, momentum=0.5)),
                "clipped by value": updates(optax.chain(optax.clip(0.7), optax.sgd(0.1))),
                "clipped by global norm": updates(optax.chain(optax.clip_by_global_norm(2.0), optax.sgd(0.1))),
                "weight decay": updates(optax.chain(optax.add_decayed_weights(0.05), optax.sgd(0.1))),
                "masked weight decay": updates(
                    optax.chain(optax.add_decayed_weights(0.05, mask=kernels_only), optax.sgd(0.1))
                ),
                "scheduled sgd": updates(optax.sgd(cosine)),
                "scheduled beta1": updates(
                    optax.inject_hyperparams(optax.adam)(0.1, b1=optax.linear_schedule(0.5, 0.9, 3))
                ),
            },
            "schedules": {
                "exponentialDecay": values(optax.exponential_decay(0.1, 10, 0.5)),
                "cosineDecay": values(cosine),
                "linear": values(optax.linear_schedule(0.1, 0.02, 10)),
                "piecewise": values(optax.piecewise_constant_schedule(0.1, {10: 0.1, 25: 0.5})),
                "warmup": values(optax.warmup_cosine_decay_schedule(0.0, 0.1, 5, 15, end_value=0.01)),
            },
        },
        indent=2,
    )
)
