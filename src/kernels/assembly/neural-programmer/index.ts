// The Neural Programmer's training step in three calls: what it selects, what that comes to, and the way back to the parameters.
export { programLosses, programLossesScratchBytes } from './losses';
export { programSelections, programSelectionsGradient, programSelectionsScratchBytes } from './selections';
