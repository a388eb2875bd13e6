/**
 * Makes a network of four validators for Hyperledger Besu with QBFT: keys, genesis and the list of nodes.
 *
 *     node packages/chain/tools/besu-network.ts FOLDER [CHAIN_ID]
 *
 * FOLDER then holds `genesis.json`, `static-nodes.json` and `validator-1/key` to `validator-4/key`: what `besu/compose.yaml`
 * asks for. In earnest each organisation makes its own key and gives the others only its public key and address.
 */
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { enodeOf, qbftGenesis } from './qbft-genesis.ts';

const [folder, chainId = `${randomInt(2 ** 40, 2 ** 47)}`] = process.argv.slice(2);
if (folder === undefined || !/^[1-9]\d{0,14}$/.test(chainId)) {
  console.error('Give the folder to make, and the chain id if you want a certain one.');
  process.exit(1);
}
const keys = Array.from({ length: 4 }, () => generatePrivateKey());
const validators = keys.map((key) => privateKeyToAccount(key));
for (const [i, key] of keys.entries()) {
  const home = join(folder, `validator-${i + 1}`);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  // never over a key that is there: a validator without its key is lost
  writeFileSync(join(home, 'key'), key, { mode: 0o600, flag: 'wx' });
}
const genesis = qbftGenesis(
  Number(chainId),
  validators.map(({ address }) => address),
);
const nodes = validators.map(({ publicKey }, i) => enodeOf(publicKey, `172.30.66.${11 + i}`));
writeFileSync(join(folder, 'genesis.json'), `${JSON.stringify(genesis, null, 2)}\n`, { flag: 'wx' });
writeFileSync(join(folder, 'static-nodes.json'), `${JSON.stringify(nodes, null, 2)}\n`, { flag: 'wx' });
console.log(`Chain ${chainId} with ${validators.length} validators is in ${folder}.`);
