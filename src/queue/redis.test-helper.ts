import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** A server of a test's own, that can be taken away and brought back. */
export interface OwnServer {
  readonly address: string;
  start(): Promise<void>;
  /** Ends it as a machine's failure does; what it had is on its disk. */
  kill(): Promise<void>;
  /** Halts it for so many milliseconds: connections stay, and nobody gets an answer. */
  pause(milliseconds: number): void;
  /** Ends it and removes what it had. */
  dispose(): Promise<void>;
}

export const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0;

/**
 * The address of an empty database of a real server: that at GNOISE_TEST_REDIS, or on this machine; else of one that is
 * started. Null where there is none.
 */
export async function testDatabase(): Promise<{ address: string; dispose(): Promise<void> } | null> {
  const given = process.env.GNOISE_TEST_REDIS ?? 'redis://127.0.0.1:6379';
  for (let database = 15; database > 0; database--) {
    const url = new URL(given);
    url.pathname = `/${database}`;
    const redis = await reach(url.href);
    if (!redis) break;
    // Whoever finds it empty marks it, so that tests that run at once take different ones.
    const isFree =
      (await redis.dbsize()) === 0 && (await redis.set('gnoise-test', process.pid, 'EX', 600, 'NX')) === 'OK';
    if (isFree)
      return {
        address: url.href,
        async dispose() {
          await redis.flushdb();
          redis.disconnect();
        },
      };
    redis.disconnect();
  }
  if (!hasRedisServer) return null;
  const server = await ownServer();
  await server.start();
  return server;
}

async function reach(address: string): Promise<Redis | null> {
  const redis = new Redis(address, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2000 });
  redis.on('error', () => {});
  return redis.connect().then(
    () => redis,
    () => null,
  );
}

/** A server of redis-server on PATH that writes everything to its disk at once. */
export async function ownServer(): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gnoise-redis-'));
  const port = await freePort();
  const address = `redis://127.0.0.1:${port}`;
  let child: ReturnType<typeof spawn> | undefined;
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return {
    address,
    kill,
    pause(milliseconds) {
      child?.kill('SIGSTOP');
      setTimeout(() => child?.kill('SIGCONT'), milliseconds);
    },
    async start() {
      const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
      child = spawn('redis-server', [...options, '--appendonly', 'yes', '--appendfsync', 'always'], {
        stdio: 'ignore',
      });
      for (;;) {
        const redis = await reach(address);
        if (redis && (await redis.ping().catch(() => '')) === 'PONG') return redis.disconnect();
        redis?.disconnect();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async dispose() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
