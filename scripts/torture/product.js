import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BIN = `${ROOT}bin/gnoise.js`;

/**
 * Seconds after which a command counts as hanging, of a machine at ease: on a busy one a second counts as what a process gets of it.
 */
export const LIMIT = 180;

/** Exit codes that the README documents, for a command that no signal ended. */
const DOCUMENTED = [0, 1, 2, 3];

/**
 * Starts the real command. `ended` resolves to `{ code, signal, out, err, hung }` when it and all processes that share its
 * streams have ended; what takes longer than LIMIT is killed and `hung`.
 * @param shell a line of bash to start it from, in which `"$@"` stands for the command.
 */
export function start(args, { env = {}, stdio = ['ignore', 'pipe', 'pipe'], shell, cwd = ROOT } = {}) {
  const command = [process.execPath, BIN, ...args];
  const line = shell ? ['bash', '-c', shell, 'bash', ...command] : command;
  // Data sets of this machine would make its rounds differ from those of another.
  const child = spawn(line[0], line.slice(1), {
    cwd,
    stdio,
    env: { ...process.env, GNOISE_DATA: '', ...env },
  });
  return { child, ended: ended(child) };
}

export function gnoise(args, options) {
  return start(args, options).ended;
}

function ended(child) {
  const text = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => (text.out += chunk));
  child.stderr?.on('data', (chunk) => (text.err += chunk));
  return new Promise((resolve, reject) => {
    let hung = false;
    const known = new Set();
    let seconds = 0;
    const watch = setInterval(() => {
      for (const pid of workersOf(child.pid)) known.add(pid);
      seconds += 0.5 * Math.min(1, availableParallelism() / loadavg()[0]);
      if (seconds < LIMIT) return;
      hung = true;
      for (const pid of [child.pid, ...known]) send(pid, 'SIGKILL');
    }, 500);
    const end = () => clearInterval(watch);
    child.once('error', (error) => {
      end();
      reject(error);
    });
    child.once('close', (code, signal) => {
      end();
      resolve({ code, signal, ...text, hung });
    });
  });
}

/** Process ids of a process's children, without a process of one's own (Linux). */
export function workersOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

/** Sends a signal to a process that this harness started, which may have ended. */
export function send(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * What must not be, however a command ends: a hang, a stack trace, an end without a code that the README documents, an
 * error without a message.
 */
export function faultsOf(
  { code, signal, out, err, hung },
  { allowed = DOCUMENTED, signals = [], readable = true } = {},
) {
  const said = `${out}${err}`;
  const faults = [];
  if (hung) faults.push(`hang: not ended after ${LIMIT} s`);
  else if (code === null ? !signals.includes(signal) : !allowed.includes(code))
    faults.push(`exit: ended with ${code ?? signal}: ${last(said)}`);
  if (/^\s+at .*[:(]/m.test(said))
    faults.push(`stack trace: ${said.match(/^.*\n\s+at .*/m)?.[0] ?? last(said)}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point.
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(said))
    faults.push(`control characters: ${JSON.stringify(last(said))}`);
  if (readable && code > 0 && said.trim() === '') faults.push(`silence: ended with ${code} and no message`);
  return faults;
}

export function last(text) {
  return text.trim().split('\n').slice(-3).join(' | ').slice(0, 400);
}
