import { Option } from '@commander-js/extra-typings';
import { UserError } from '../../../errors.js';
import { command } from '../../command.js';
import { writeJson } from '../../json.js';
import { jsonOption } from '../../options.js';

export const remove = command({
  name: 'remove',
  arguments: '',
  text: 'removes what was installed',
  options: [
    new Option('--gpu', 'only the one for NVIDIA cards'),
    new Option('--version <version>', 'only this version of TensorFlow'),
    jsonOption,
  ],
  async action(_values, { gpu, version, json }, { out }) {
    const { findInstallations, removeInstallation } = await import(
      '../../../backends/tensorflow/installations.js'
    );
    const installations = (await findInstallations()).filter(
      ({ manifest }) =>
        (!gpu || manifest.flavour === 'gpu') &&
        (version === undefined || manifest.tensorflowVersion === version),
    );
    if (installations.length === 0)
      throw new UserError('No such native backend is installed. gnoise backend list shows those that are.');
    for (const installation of installations) {
      await removeInstallation(installation);
      if (!json) out.write(`Removed ${installation.folder}\n`);
    }
    if (json) writeJson(out, { removed: installations.map(({ folder }) => folder) });
  },
});
