/** How people, schedulers and terminals ask a process to end. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A signal that is aborted when the system asks this process to end, so that it can store what it has and stop by itself.
 * @param asked told at every such request, the first included, how many there have been.
 */
export function stopSignal(asked: (times: number) => void = () => {}): AbortSignal {
  const controller = new AbortController();
  let times = 0;
  const stop = () => {
    times += 1;
    controller.abort();
    asked(times);
  };
  for (const name of SIGNALS) process.on(name, stop);
  return controller.signal;
}
