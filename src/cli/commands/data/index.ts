import { group } from '../../command.js';
import { fetch } from './fetch.js';
import { generate } from './generate.js';
import { list } from './list.js';
import { verify } from './verify.js';

export const data = group('data', 'lists, fetches and verifies data sets', [list, fetch, verify, generate]);
