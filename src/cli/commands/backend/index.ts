import { group } from '../../command.js';
import { install } from './install.js';
import { list } from './list.js';
import { remove } from './remove.js';

export const backend = group('backend', 'installs, lists and removes native TensorFlow', [
  install,
  list,
  remove,
]);
