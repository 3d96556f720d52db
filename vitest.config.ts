import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Kernels are built when they are missing or older than their source.
    globalSetup: ['scripts/build-kernels.js', 'scripts/build-native.js'],
    include: ['src/**/*.test.ts', 'packages/**/*.test.ts', 'scripts/**/*.test.js'],
    // A fork per file: TensorFlow.js keeps one global engine, and a native backend cannot be loaded in threads.
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
