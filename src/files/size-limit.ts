/**
 * Makes a write beyond the limit on file sizes (`ulimit -f`, batch systems) an error like that of a full disk, which is told
 * and cleaned up after. By default the system ends the process at once (SIGXFSZ).
 */
export function surviveSizeLimit(): void {
  process.on('SIGXFSZ', () => {});
}
