// `npm publish` runs it first: a release has the native kernels of all platforms, so that nobody who installs it needs a
// compiler. .github/workflows/release.yml brings them together.
import { missingPlatforms } from './native-platforms.js';

const missing = missingPlatforms();
if (missing.length > 0) {
  console.error(
    `Not to be published: no native kernels for ${missing.join(', ')} in dist/kernels/prebuilds. ` +
      'Let .github/workflows/release.yml build and publish it: push a tag v*.',
  );
  process.exit(1);
}
