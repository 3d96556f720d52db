import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { compileFunction } from 'node:vm';

type Require = (request: string) => unknown;

/**
 * A loader of CommonJS files that loads what they require by relative path, each file once; every other request is
 * answered by `provided`.
 *
 * TensorFlow.js's Node backend requires '@tensorflow/tfjs' and must get the very copy that the rest of the program
 * uses, since kernels and tensors are registered in it. Outside node_modules Node would find none. This does it for that
 * one package only, without NODE_PATH or other changes that the rest of the process would feel.
 * @param provided by request, exactly as the files spell it; also overrides relative requests.
 */
export function commonJsLoader(provided: ReadonlyMap<string, unknown>): (file: string) => unknown {
  const modules = new Map<string, { exports: unknown }>();
  const load = (path: string): unknown => {
    const known = modules.get(path);
    if (known) return known.exports;
    const module = { exports: {} as unknown };
    modules.set(path, module);
    const require: Require = (request) => {
      if (provided.has(request)) return provided.get(request);
      if (!request.startsWith('.')) throw new Error(`${path} requires ${request}, which is not provided`);
      return load(withEnding(resolve(dirname(path), request)));
    };
    const names = ['exports', 'require', 'module', '__filename', '__dirname'];
    const run = compileFunction(readFileSync(path, 'utf8'), names, { filename: path });
    run(module.exports, require, module, path, dirname(path));
    return module.exports;
  };
  return load;
}

function withEnding(path: string): string {
  const found = [path, `${path}.js`, resolve(path, 'index.js')].find(
    (candidate) => candidate.endsWith('.js') && existsSync(candidate),
  );
  if (!found) throw new Error(`${path}.js is missing; the package is incomplete`);
  return found;
}
