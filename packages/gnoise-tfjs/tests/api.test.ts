import { expect, it } from 'vitest';
import { exec } from '../../packed.test-helper.js';

it('every export, and all that it shows, is documented', async () => {
  const { stderr } = await exec('npx', ['typedoc', '--emit', 'none'], { cwd: 'packages/gnoise-tfjs' });
  expect(stderr).toBe('');
});
