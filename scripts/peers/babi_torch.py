"""The memory network on bAbI in PyTorch."""

import torch
from torch.nn import functional

from torch_training import run


def position_weights(slots, width):
    """Position encoding of the authors' code, [slots, width]."""
    j = torch.arange(1, slots + 1)[:, None] - (slots + 1) / 2
    k = torch.arange(1, width + 1) - (width + 1) / 2
    return 1 + 4 * j * k / (slots * width)


def embed(tables, ids, weights):
    """Weighted sums over word slots: tables [R, words, d], ids [R, ..., slots], weights [slots, d]; [R, ..., d]."""
    replicas, words, width = tables.shape
    first = words * torch.arange(replicas, device=ids.device).view(-1, *[1] * (ids.dim() - 1))
    return (functional.embedding(ids + first, tables.view(-1, width)) * weights).sum(-2)


def loss(parameters, batch, settings):
    """Summed over the batch, as in the authors' code; the nil word's vectors are zero and get no gradient."""
    stories, questions = batch['stories'], batch['questions']
    width = settings['model']['width']
    weights = position_weights(stories.shape[-1], width).to(stories.device)
    matrices = [functional.pad(matrix[:, 1:], (0, 0, 1, 0)) for matrix in parameters.values()]
    query = embed(matrices[0], questions, weights[:-1])
    # All matrices side by side: every word of the memory is looked up once.
    memories = embed(torch.cat(matrices, 2), stories, weights.repeat(1, len(matrices))).split(width, 3)
    for keys, values in zip(memories, memories[1:]):
        attention = torch.softmax(torch.einsum('rbmd,rbd->rbm', keys, query), 2)
        query = query + torch.einsum('rbm,rbmd->rbd', attention, values)
    logits = query @ matrices[-1].mT
    costs = functional.cross_entropy(logits.flatten(0, 1), batch['answers'].flatten().long(), reduction='none')
    return costs.view(len(logits), -1).sum(1)


if __name__ == '__main__':
    run('babi', loss, way='compile')
