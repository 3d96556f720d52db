import type { Candidate } from './locate.js';

/** What is the matter with native TensorFlow on this machine, as data. */
export type Diagnosis = Ready | Trouble;

export interface Ready {
  readonly state: 'ready';
  readonly candidate: Candidate;
  readonly tensorflowVersion: string;
  /** e.g. `['CPU']`, `['CPU', 'GPU']`. */
  readonly devices: readonly string[];
  /** Whether it runs a training step in one call; else it calls one operation at a time. */
  readonly functions: boolean;
}

export interface Trouble {
  readonly state:
    | 'absent'
    | 'no-binding'
    | 'damaged'
    | 'other-node'
    | 'missing-library'
    | 'crashed'
    | 'wrong-numbers'
    | 'broken';
  /** Files that were looked for. */
  readonly lookedFor: readonly string[];
  readonly cause: string;
  /** A command, or what else to do. */
  readonly repair: string;
  /** What the system said, where it said something. */
  readonly said?: string;
}

const install = 'gnoise backend install';
const installAgain = 'gnoise backend install --force';

export function absent(lookedFor: readonly string[]): Trouble {
  return {
    state: 'absent',
    lookedFor,
    cause:
      'native TensorFlow has not been installed (npm skips the optional package @tensorflow/tfjs-node-gpu where its ' +
      'library cannot be downloaded)',
    repair: `${install}, or ${install} --gpu for an NVIDIA card`,
  };
}

export function noBinding({ source, binding }: Candidate): Trouble {
  return {
    state: 'no-binding',
    lookedFor: [binding],
    cause:
      source === 'npm'
        ? 'the package is there without its native part: its install script was skipped (npm asks for approval of ' +
          'scripts) or could not download'
        : 'files of the installation were deleted',
    repair: source === 'npm' ? `${install}; or npm rebuild @tensorflow/tfjs-node-gpu` : installAgain,
  };
}

/** @param file is no longer the one that was installed. */
export function damaged(file: string): Trouble {
  return {
    state: 'damaged',
    lookedFor: [file],
    cause:
      'a file of the installation is not the one that was installed (its size or SHA-256 is another), so nothing of it was loaded',
    repair: installAgain,
  };
}

/** What a failure to load a binding means, from the words of the system's loader. */
export function loadFailure({ source, binding }: Candidate, said: string, signal?: string): Trouble {
  const trouble = { lookedFor: [binding], said };
  const again = source === 'npm' ? install : installAgain;
  if (signal) {
    const cause =
      signal === 'SIGILL'
        ? 'this processor lacks instructions that the library was built for (AVX)'
        : `the native library crashed (${signal})`;
    return { ...trouble, state: 'crashed', cause, repair: `${again}; --backend wasm works meanwhile` };
  }
  const library = /([\w.+-]+\.so[\w.]*|[\w.+-]+\.(?:dylib|dll)): cannot open shared object/.exec(said)?.[1];
  if (library) {
    const cuda = /^lib(cu|nv|nccl)/.test(library);
    return {
      ...trouble,
      lookedFor: [binding, library],
      state: 'missing-library',
      cause: cuda
        ? `the library ${library} of CUDA is not on this machine (the stock package wants CUDA 11.2 and cuDNN 8)`
        : `the library ${library}, which the binding is linked to, is missing`,
      repair: cuda ? `${install} --gpu, which brings CUDA's libraries along` : again,
    };
  }
  if (/GLIBC(XX)?_[\d.]+' not found|version `/.test(said)) {
    const cause = 'the system library it was linked with is newer than the one of this machine';
    return { ...trouble, state: 'broken', cause, repair: `${again}, on this machine` };
  }
  if (
    /NODE_MODULE_VERSION|Module did not self-register|undefined symbol: napi_|invalid ELF|wrong ELF/i.test(
      said,
    )
  ) {
    const cause = `the binding was built for another Node, Node-API or processor than this (Node ${process.version}, ${process.arch})`;
    return { ...trouble, state: 'other-node', cause, repair: again };
  }
  if (/^(computes|draws)/.test(said)) {
    const cause = 'the library loads but computes wrong numbers';
    return { ...trouble, state: 'wrong-numbers', cause, repair: `${again} --version 2.21.0` };
  }
  return { ...trouble, state: 'broken', cause: 'the native library does not load', repair: again };
}

/** What would make one that works faster: a build that takes functions; undefined where it is one. */
export function improvementOf({ functions, devices }: Ready): { text: string; repair: string } | undefined {
  if (functions) return undefined;
  return {
    text: 'it calls one operation at a time; a build by this version of gnoise runs a training step in one call, several times as fast',
    repair: devices.includes('GPU') ? `${install} --gpu` : install,
  };
}

/** A diagnosis for people. */
export function describeDiagnosis(diagnosis: Diagnosis): string {
  if (diagnosis.state === 'ready') {
    const from = { installed: 'gnoise backend install', npm: 'node_modules' }[diagnosis.candidate.source];
    return `TensorFlow ${diagnosis.tensorflowVersion} on ${diagnosis.devices.join(', ')}, from ${from}`;
  }
  return [
    `Native TensorFlow cannot be used: ${diagnosis.cause}.`,
    ...diagnosis.lookedFor.map((file) => `  looked for: ${file}`),
    ...(diagnosis.said ? [`  system: ${diagnosis.said}`] : []),
    `  repair: ${diagnosis.repair}`,
  ].join('\n');
}
