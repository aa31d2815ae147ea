import { describeStoreContract } from '../testing/index.ts';
import { openMemoryStore } from './memory-store.ts';

describeStoreContract('memory', async () => openMemoryStore());
