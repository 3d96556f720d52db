/**
 * What a maker of kernels provides: the functions of src/kernels/assembly/index.ts, which says what each of them takes.
 * They work in place on the heap of TensorFlow.js's wasm backend: most arguments are addresses there.
 */
export interface KernelFunctions extends Readonly<Record<FunctionName, KernelFunction>> {
  /** Bytes that `fillWorkspace` writes; what needs a workspace is given its address. */
  readonly WORKSPACE_BYTES: number;
  fillWorkspace(workspace: number): void;
  convolutionalGruScratchBytes(n: number, B: number, maps: number): number;
  programSelectionsScratchBytes(B: number, T: number, V: number, d: number, C: number, Q: number): number;
  programLossesScratchBytes(T: number, M: number, numeric: number, text: number): number;
  machineScratchBytes(M: number, registers: number, repetitions: number): number;
}

export type KernelFunction = (...addressesAndNumbers: number[]) => void;

export type FunctionName =
  | 'statelessNormals'
  | 'statelessUniforms'
  | 'addStatelessNormals'
  | 'dropout'
  | 'matrixProducts'
  | 'maskAndSum'
  | 'squaredNorms'
  | 'squaredNormsOfAll'
  | 'noisyDescent'
  | 'noisyAdam'
  | 'denseStack'
  | 'denseStackGradient'
  | 'embedBags'
  | 'embedBagsGradient'
  | 'memoryHop'
  | 'memoryHopGradient'
  | 'machineStep'
  | 'machineStepGradient'
  | 'programSelections'
  | 'programSelectionsGradient'
  | 'programLosses'
  | 'lstmCell'
  | 'lstmCellGradient'
  | 'convolutionalGru'
  | 'convolutionalGruGradient'
  | 'setSpread'
  | 'setSpreadGradient'
  | 'pickAndSum'
  | 'copyRows'
  | 'sum'
  | 'tanh';
