import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Request } from './serve.js';

/** A program that trains, and how often it runs at once. */
export interface Contestant {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** Processes at once, each with a population of its own. */
  readonly processes: number;
  readonly noise: boolean;
}

/** Longest complaint kept, in characters. */
const COMPLAINT = 4000;

/** The processes of one contestant. */
export class Team {
  readonly #members: Member[];

  constructor({ command, processes }: Contestant) {
    this.#members = Array.from({ length: processes }, () => new Member(command));
  }

  /** @throws Error with what the program said, when it cannot be started or ends. */
  async prepare(replicas: number, noise: boolean): Promise<void> {
    await this.#all({ prepare: { replicas, noise } });
  }

  /** Seconds until all processes, started at once, have done so many steps each. */
  async seconds(steps: number): Promise<number> {
    const start = performance.now();
    await this.#all({ steps });
    return (performance.now() - start) / 1000;
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.close()));
  }

  async #all(request: Request): Promise<void> {
    await Promise.all(this.#members.map((member) => member.ask(request)));
  }
}

class Member {
  readonly #process: ChildProcess;
  readonly #answers: Interface;
  readonly #ended: Promise<Error>;
  #complaint = '';

  constructor([program, ...args]: Contestant['command']) {
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#answers = createInterface(this.#process.stdout!);
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-COMPLAINT);
    });
    // A process that is gone cannot be written to; what it said is told by `ask`.
    this.#process.stdin!.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', resolve);
      this.#process.once('close', (code) =>
        resolve(new Error(this.#complaint.trim() || `It ended with code ${code}.`)),
      );
    });
  }

  async ask(request: Request): Promise<void> {
    const answer = once(this.#answers, 'line');
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    const end = await Promise.race([answer.then(() => null), this.#ended]);
    if (end) throw end;
  }

  async close(): Promise<void> {
    this.#process.stdin!.end();
    await this.#ended;
  }
}
