import { describe, expect, test, vi } from 'vitest';
import { capture } from '../streams.test-helper.js';
import { barLine } from './bar.js';
import { downloadReport } from './download.js';
import { progressView } from './progress.js';
import { screenOf } from './screen.test-helper.js';

const shown = { replicas: 2, step: 0, steps: 1000, loss: null, trialsDone: 0, trials: 32 };

/** A view on a terminal of this size, and what that shows. */
function onTerminal(columns: number, rows: number) {
  const size = { columns, rows };
  const terminal = { isTTY: true, ...size };
  const streams = capture(terminal);
  const view = progressView(streams, false);
  return { view, streams, screen: () => screenOf(streams.text.err, size) };
}

describe('bars on a terminal', () => {
  test('lines stay above the bars, the last one too, and no bar scrolls away', () => {
    const { view, screen } = onTerminal(80, 10);
    for (let slot = 0; slot < 16; slot++) view.start(slot, shown);
    for (let i = 0; i < 5; i++) view.line(`trial ${i}: missed`);
    view.line('trial 5: failed: no kernel');
    view.stop();
    const { history, rows } = screen();
    const lines = [...history, ...rows];
    expect(lines.filter((line) => line.startsWith('trial'))).toHaveLength(6);
    expect(lines.filter((line) => line.includes('steps/s'))).toHaveLength(8);
    expect(rows.at(-2)).toMatch(/^and 8 more populations \| ETA -/);
  });

  test.each([20, 40, 60, 80, 130])('at %i columns they take a line each, with the ETA', (columns) => {
    const { view, screen } = onTerminal(columns, 10);
    view.start(0, { ...shown, step: 123456, steps: 1234567 });
    view.start(1, shown);
    view.stop();
    const { rows } = screen();
    expect(rows).toHaveLength(3);
    for (const row of rows.slice(0, 2)) expect(row).toMatch(/ETA (-|\d+:\d\d:\d\d)$/);
    if (columns >= 60) expect(rows[0]).toContain('steps/s');
    expect(Math.max(...rows.map(({ length }) => length))).toBeLessThan(columns);
  });

  test('they move with every update, at most some times a second', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { view, streams, screen } = onTerminal(80, 10);
      view.start(0, shown);
      const before = streams.text.err.length;
      view.update(0, { ...shown, step: 10 });
      expect(streams.text.err.length).toBe(before);
      vi.advanceTimersByTime(500);
      view.update(0, { ...shown, step: 500 });
      expect(screen().rows[0]).toContain('50% | 0/32 trials | step 500/1000 | 1000 steps/s | ETA 0:00:01');
    } finally {
      vi.useRealTimers();
    }
  });

  test('nothing of a longer line is left, nor of lines that a narrower window broke', () => {
    const { view, streams } = onTerminal(80, 10);
    view.start(0, { ...shown, loss: 123.456 });
    Object.assign(streams.err, { columns: 40 });
    view.line('x');
    view.stop();
    // What a terminal makes of it that breaks lines anew when it is resized.
    const broken = streams.text.err.replace('\u001b[?7l', '');
    const { rows } = screenOf(broken, { columns: 40, rows: 10 });
    expect(rows.map((row) => row.replace(/ETA.*/, 'ETA'))).toEqual(['x', expect.stringMatching(/ETA$/), '']);
  });

  test('a download is one line that fits', () => {
    const size = { columns: 60, rows: 10 };
    const streams = capture({ isTTY: true, ...size });
    const report = downloadReport('toy', streams.err);
    for (const bytes of [1, 2e6, 4e6]) report.progress(bytes, 4e6);
    report.notice('the first mirror is busy');
    report.end();
    const { rows } = screenOf(streams.text.err, size);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toBe('the first mirror is busy');
    expect(rows[1]).toMatch(/^█{10} 100% \| toy \| 4\.0 of 4\.0 MB \| 0:00:00 left$/);
  });
});

test('quiet says nothing but what nobody asked to be spared', () => {
  const streams = capture({ isTTY: true });
  const view = progressView(streams, true);
  view.start(0, shown);
  view.line('trial 0: missed');
  view.say('Stopping');
  view.stop();
  expect(streams.text.err).toBe('Stopping\n');
});

test('a bar leaves out the most dispensable first, then its drawing', () => {
  const parts = [
    { text: 'bbb', dispensable: 2 },
    { text: 'ccc', dispensable: 1 },
    { text: 'ETA', dispensable: 0 },
  ];
  const at = (width: number) => barLine(0.5, parts, width);
  expect(at(80)).toBe(`${'█'.repeat(10)}${'░'.repeat(10)}  50% | bbb | ccc | ETA`);
  expect(at(36)).toBe(`${'█'.repeat(5)}${'░'.repeat(5)}  50% | bbb | ccc | ETA`);
  expect(at(31)).toBe(`${'█'.repeat(5)}${'░'.repeat(5)}  50% | ccc | ETA`);
  expect(at(24)).toBe(`${'█'.repeat(5)}${'░'.repeat(5)}  50% | ETA`);
  expect(at(9)).toBe('50% | ETA');
  expect(at(3)).toBe('ETA');
});
