import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  CODE_CLASSES,
  FUNCTION_MODULES,
  KERAS_MODULES,
  STOCK_CLASSES,
} from '../../../src/scan/graph/keras-name.ts';

test('no class that runs code is also a stock class, and no module list holds an empty name', () => {
  for (const name of CODE_CLASSES.keys()) assert.ok(!STOCK_CLASSES.has(name), name);
  for (const module of [...KERAS_MODULES, ...FUNCTION_MODULES])
    assert.match(module, /^(?:tf_|tensorflow\.)?keras(?:\.\w+)*$/);
});
