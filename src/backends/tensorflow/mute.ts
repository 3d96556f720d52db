import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * TensorFlow's library prints a notice about oneDNN from its static initialisers, before any setting of its log is
 * read. This add-on, compiled beside the binding, turns standard error away while the library is loaded. It holds
 * no C++ and nothing of TensorFlow.
 */
const source = `
#include <fcntl.h>
#include <node_api.h>
#include <stdio.h>
#include <unistd.h>

static int saved = -1;

static napi_value mute(napi_env env, napi_callback_info info) {
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0 || saved >= 0) return NULL;
  fflush(stderr);
  saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (saved >= 0) dup2(nowhere, STDERR_FILENO);
  close(nowhere);
  return NULL;
}

static napi_value unmute(napi_env env, napi_callback_info info) {
  if (saved < 0) return NULL;
  fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  saved = -1;
  return NULL;
}

static napi_value initialise(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "mute", NAPI_AUTO_LENGTH, mute, NULL, &function);
  napi_set_named_property(env, exports, "mute", function);
  napi_create_function(env, "unmute", NAPI_AUTO_LENGTH, unmute, NULL, &function);
  napi_set_named_property(env, exports, "unmute", function);
  return exports;
}

NAPI_MODULE(gnoise_mute, initialise)
`;

/** Writes the add-on's source for the compiler. */
export async function writeMuteSource(folder: string): Promise<string> {
  const path = join(folder, 'mute.cc');
  await writeFile(path, source);
  return path;
}

/** The compiled add-on beside a binding; a stock package has none, and its older TensorFlow keeps quiet when told. */
export function mutePath(binding: string): string {
  return join(dirname(binding), 'mute.node');
}

/** Runs `load` with standard error turned away, where the add-on is there. What is thrown passes through. */
export function whileMuted<T>(binding: string, load: () => T): T {
  const path = mutePath(binding);
  if (!existsSync(path)) return load();
  const { mute, unmute } = createRequire(import.meta.url)(path) as { mute(): void; unmute(): void };
  mute();
  try {
    return load();
  } finally {
    unmute();
  }
}
