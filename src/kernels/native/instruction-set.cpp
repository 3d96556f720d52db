// All kernels for one instruction set, like ../assembly/index.ts. Compiled once for each, with the compiler's options for it
// and the set's name in INSTRUCTION_SET.
#include "convolutional-gru.h"
#include "copy-rows.h"
#include "dense-stack.h"
#include "descent.h"
#include "dropout.h"
#include "lstm-cell.h"
#include "matrix-product.h"
#include "memory-network.h"
#include "neural-programmer/losses.h"
#include "neural-programmer/selections.h"
#include "per-replica.h"
#include "pick-and-sum.h"
#include "random-access-machine/step.h"
#include "random.h"
#include "set-spread.h"
#include "sum.h"
#include "tanh.h"

#define KERNEL(function) {#function, Entry<function>::arity, Entry<function>::run}
#define JOIN(first, second) first##second
#define LIST_OF(set) JOIN(kernels_, set)

extern const Kernel LIST_OF(INSTRUCTION_SET)[];
const Kernel LIST_OF(INSTRUCTION_SET)[] = {
    KERNEL(statelessNormals),
    KERNEL(statelessUniforms),
    KERNEL(addStatelessNormals),
    KERNEL(dropout),
    KERNEL(matrixProducts),
    KERNEL(maskAndSum),
    KERNEL(squaredNorms),
    KERNEL(squaredNormsOfAll),
    KERNEL(noisyDescent),
    KERNEL(noisyAdam),
    KERNEL(denseStack),
    KERNEL(denseStackGradient),
    KERNEL(embedBags),
    KERNEL(embedBagsGradient),
    KERNEL(memoryHop),
    KERNEL(memoryHopGradient),
    KERNEL(machineStep),
    KERNEL(machineStepGradient),
    KERNEL(programSelections),
    KERNEL(programSelectionsGradient),
    KERNEL(programLosses),
    KERNEL(lstmCell),
    KERNEL(lstmCellGradient),
    KERNEL(convolutionalGru),
    KERNEL(convolutionalGruGradient),
    KERNEL(setSpread),
    KERNEL(setSpreadGradient),
    KERNEL(pickAndSum),
    KERNEL(copyRows),
    KERNEL(sum),
    KERNEL(tanh),
    {nullptr, 0, nullptr},
};
