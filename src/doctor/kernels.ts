import { chosenKernels, nativeProblem } from '../kernels/native/addon.js';
import type { Check } from './check.js';

/** Which kernels the wasm backend computes with, and why not native ones. Their results are the same; the speed is not. */
export function checkKernels(wanted: string | undefined = process.env.GNOISE_KERNELS): Check {
  const name = 'kernels';
  try {
    const kernels = chosenKernels(wanted);
    const asked = wanted ? `, as GNOISE_KERNELS=${wanted} asks` : '';
    if (kernels !== 'wasm') return { name, status: 'ok', text: `native, ${kernels}${asked}` };
    if (wanted) return { name, status: 'ok', text: `WebAssembly${asked}` };
    const text = `WebAssembly, which is slower: ${nativeProblem()}`;
    return { name, status: 'optional', text, repair: 'install a C++ compiler, then npm run build:native' };
  } catch (error) {
    const repair = 'name one of these in GNOISE_KERNELS, or unset it';
    return { name, status: 'not ok', text: (error as Error).message, repair };
  }
}
