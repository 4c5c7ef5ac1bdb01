import { memoryStore } from '@proofmark/registry';

import { storeContract } from './store-contract.ts';

storeContract('memory', () => ({ store: memoryStore() }));
